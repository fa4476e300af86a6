/** How saved pixels are coded. */
export declare const pixelCompressor: import("../json.js").Table;
