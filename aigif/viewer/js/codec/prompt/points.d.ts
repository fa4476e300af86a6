export type Points = number[];
export declare function toPoints(string: string): Points;
export declare function fromPoints(points: readonly number[]): string;
/** All strings as bytes, as coders of bytes take them. */
export declare function joined(strings: readonly Points[]): Uint8Array;
/** The strings of joined bytes. Throws a CorruptError or a NotCanonicalError. */
export declare function parted(raw: Uint8Array): Points[];
export declare function same(one: readonly number[], other: readonly number[]): boolean;
