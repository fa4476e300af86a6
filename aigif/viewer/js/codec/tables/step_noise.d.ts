/** The random generator of the fresh noise of stochastic samplers. */
export declare const stepNoise: import("../json.js").Table;
