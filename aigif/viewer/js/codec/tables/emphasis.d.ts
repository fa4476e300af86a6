/** How an AUTOMATIC1111 prompt's weights act on its embeddings. */
export declare const emphasis: import("../json.js").Table;
