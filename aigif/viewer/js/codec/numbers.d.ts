export declare const ESCAPE_BYTE = 255;
export declare const EXP_DEPTH = 8;
export declare const EXP_MAX = 2039;
/** Longest tail of a bundle that is kept, in bits. */
export declare const TAIL_BITS = 131072;
/** The widths of lengths and counts, by their selector. */
export declare const SIZE_WIDTHS: number[];
