/** How a prompt's text becomes embeddings. */
export declare const promptDialect: import("../json.js").Table;
