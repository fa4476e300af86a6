/** The arithmetic of every operation from the noise to the pixels. */
export declare const arithmetic: import("../json.js").Table;
