/** How saved weights are coded. */
export declare const modelCompressor: import("../json.js").Table;
