/** The program or service that made the picture. */
export declare const program: import("../json.js").Table;
