/** How timesteps are picked from the training steps. */
export declare const timestepSpacing: import("../json.js").Table;
