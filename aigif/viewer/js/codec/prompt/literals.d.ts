import type { Points } from "./points.js";
import type { Event, State } from "./state.js";
/** Characters of a run, not counting a space before each but the first. */
export declare const LONGEST = 64;
/** The events of a run. */
export declare function spelled(run: Points): Event[];
/** The next run. Throws a CorruptError or a NotCanonicalError. */
export declare function readLiteral(state: State): Points;
