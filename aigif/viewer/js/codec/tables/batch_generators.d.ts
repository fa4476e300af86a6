/** How many random generators the pictures of a batch have. */
export declare const batchGenerators: import("../json.js").Table;
