/** What the picture depends on and the recorded generation syntax does not tell. */
export declare const gapKind: import("../json.js").Table;
