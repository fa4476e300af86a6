/** Whether the recorded generation syntax determines the picture. */
export declare const completeness: import("../json.js").Table;
