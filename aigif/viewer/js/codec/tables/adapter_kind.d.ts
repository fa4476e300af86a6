/** What an adapter is. */
export declare const adapterKind: import("../json.js").Table;
