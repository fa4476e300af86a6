/** The transformers version that made the picture. */
export declare const transformersVersion: import("../json.js").Table;
