/** The text-to-image models that a file can name by number. */
export declare const model: import("../json.js").Table;
