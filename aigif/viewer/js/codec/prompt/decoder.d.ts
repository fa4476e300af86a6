import { type Model } from "./model.js";
import { type Cut } from "./tokens.js";
/** The tokens of the numbers of a text. Throws a CorruptError, a NotCanonicalError or a LimitError. */
export declare function tokensOf(model: Model, numbers: readonly bigint[]): Cut;
