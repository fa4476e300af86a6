/** The form in which attention was computed. */
export declare const attention: import("../json.js").Table;
