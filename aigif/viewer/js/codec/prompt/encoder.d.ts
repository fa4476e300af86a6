import { type Model } from "./model.js";
import type { Event } from "./state.js";
import { type Cut } from "./tokens.js";
/** The events of a text, CHUNK tokens in each list but the last. */
export declare function chunksOf(model: Model, { tokens, cases, literals }: Cut): Event[][];
