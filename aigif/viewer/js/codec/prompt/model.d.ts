import type { List, Tables } from "./tables.js";
/** Tokens in one number. */
export declare const CHUNK = 1024;
export declare const TRIPLE = 0;
export declare const PAIR = 1;
export declare const PAIR_AFTER = 2;
export declare const FOUND_IN_TRIPLE = 0;
export declare const FOUND_IN_PAIR = 96;
export declare const FOUND_IN_ALL = 255;
/** What a row of slots is without some of its places. */
export interface Left {
    readonly places: readonly number[];
    /** Of each of these places, the slots left before it. */
    readonly starts: readonly number[];
    /** Of each of these places, the slots gone before it, and all that are gone. */
    readonly gone: readonly number[];
}
export declare const WHOLE: Left;
/** How many slots are gone before a place that is not gone itself. */
export declare function goneBefore({ places, gone }: Left, place: number): number;
/** The tables, and what is left of a list without another, which is kept once worked out. */
export declare class Model {
    readonly tables: Tables;
    private readonly pairs;
    private readonly all;
    constructor(tables: Tables);
    /** What a list of pairs is without the places that the list of triples of `entry` held. */
    leftOfPair(entry: number, triple: List, pair: List): Left;
    /** What all tokens are without those that the list of pairs of `last` held. */
    leftOfAll(last: number, pair: List | undefined): Left;
    /** Of the tokens seen lately those that the list of pairs did not hold, the one longest ago first. */
    near(recalled: ReadonlySet<number>, left: Left): number[];
}
/** Put a token last among those seen lately. */
export declare function remember(recalled: Set<number>, token: number): void;
