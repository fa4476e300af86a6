/** The random generator that the noise comes from. */
export declare const noiseSource: import("../json.js").Table;
