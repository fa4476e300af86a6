/** What the weights section holds. */
export declare const savedWeights: import("../json.js").Table;
