/** The PyTorch version that made the picture. */
export declare const torchVersion: import("../json.js").Table;
