/** Which hash a weight hash is; every kind may be cut to its first bytes. */
export declare const hashKind: import("../json.js").Table;
