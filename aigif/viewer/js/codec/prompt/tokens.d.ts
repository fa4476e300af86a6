import { type Points } from "./points.js";
import type { Tables } from "./tables.js";
export declare const END = 0;
export declare const SEPARATOR = 1;
export declare const LITERAL = 2;
export declare const SPECIALS = 3;
/** Tokens, how each was written, and the literals among them. */
export interface Cut {
    readonly tokens: number[];
    readonly cases: number[];
    readonly literals: Points[];
}
/** A vocabulary at work. */
export declare class Tokenizer {
    private readonly ids;
    private readonly words;
    private readonly cache;
    private readonly tokens;
    constructor({ tokens, letters }: Tables);
    /** Cut all strings of a text. */
    cut(strings: readonly Points[]): Cut;
    private cutOne;
    /** The strings that tokens stand for. */
    joined({ tokens, cases, literals }: Cut): Points[];
    private unitsOf;
    private cutWord;
    /** Byte-pair encoding: of all neighbours that are a token together, always the one of the lowest id, the first of
     * equals, is joined. */
    private merged;
}
