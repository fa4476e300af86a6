import { AigifError, type Place } from "./errors.js";
/** A string of the file; null stands for one whose text compressor this version does not know. */
export type Text = string | null;
/** The strings of a file, taken one by one; `strings` is null where they can't be read. */
export declare class Texts {
    private readonly strings;
    taken: number;
    /** How many there are; -1 where nobody knows. */
    readonly count: number;
    constructor(strings: readonly Text[] | null);
    take(reader: Reader): Text;
    /** The strings up to number `until` that no known element took. */
    rest(until: number, reader: Reader): Text[];
}
/** Reads bits, held as text of 0 and 1; what lies past their end reads as zero. */
export declare class Reader {
    readonly bits: string;
    readonly texts: Texts;
    readonly base: number;
    readonly origin: number;
    readonly prefix: string;
    at: number;
    /** The name of the element that is being read. */
    element: string;
    /** `origin`: where the bits begin in the file, in bits; `prefix`: what the paths of their elements begin with. */
    constructor(bits: string, texts: Texts, base: number, origin?: number, prefix?: string);
    fail(message: string, Kind?: new (message: string, place?: Place) => AigifError): never;
    /** The next `width` bits as digits. */
    digits(width: number): string;
    /** The next `width` bits, at most 53, as a number. */
    take(width: number): number;
    /** The next `width` bits, however many, as a bigint. */
    long(width: number): bigint;
    /** A reader of the next `width` bits, which belong to the element and are stepped over here. */
    inner(width: number): Reader;
}
/** Bytes as text of 0 and 1. */
export declare function toBits(bytes: Uint8Array): string;
/** Collects bits, as text of 0 and 1, and the strings of the text section. */
export declare class Writer {
    readonly strings: Text[];
    bits: string;
    /** The path of the element that is being written. */
    element: string;
    constructor(strings: Text[]);
    /** Append a whole number in `width` bits. Throws an ElementError for any other value; NaN stands for such. */
    put(value: number | bigint, width: number): void;
    /** Zero bits up to the next byte. */
    align(): void;
    /** Drop the zero bits at the end. */
    trim(): void;
    finish(): Uint8Array;
}
