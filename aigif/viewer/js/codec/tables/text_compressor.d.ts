/** How the text section is coded. */
export declare const textCompressor: import("../json.js").Table;
