/** How the noise levels (sigmas) are laid out between the first and the last. */
export declare const sigmaSchedule: import("../json.js").Table;
