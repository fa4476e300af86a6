/** The GPU that made the picture, by the name that PyTorch reports. */
export declare const gpu: import("../json.js").Table;
