/** Kinds of tokens with letters are below this. */
export declare const LETTERED: number;
/** The context in which the case of a token with letters is coded. */
export declare function contextOf(state: number, kind: number): number;
/** The state after a token; the first is 0, and the case of a token without letters is 0. */
export declare function stateAfter(state: number, kind: number, written: number): number;
