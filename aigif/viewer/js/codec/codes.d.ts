import { Reader, Writer } from "./bits.js";
export interface Code {
    read(reader: Reader): any;
    /** Throws an ElementError for a number that does not fit. */
    write(writer: Writer, value: any): void;
    /** Whether it is a coded string of its own. */
    alone?: boolean;
}
/** A form of a pick: a code that also says whether a value fits. */
export interface Form extends Code {
    fits(value: any): boolean;
}
/** `width` bits, n, that stand for (n * step + offset) / per. */
export declare function bits(width: number, step?: number, offset?: number, per?: number): Form;
/** The same for a bigint: `width` bits, n, that stand for n * step + offset. */
export declare function longBits(width: number, step?: bigint, offset?: bigint): Form;
/** One bit: false or true. */
export declare const bit: Code;
/** The exp code: 255 for every escape, plus the last byte. */
export declare const exp: Code;
/** `width` bits, of which all ones say that an exp code of the rest follows. */
export declare function escaped(width: number): Code;
/** An IEEE 754 number of 32 or 64 bits. */
export declare function float(width: 32 | 64): Form;
/** A selector of `width` bits that names a constant, or a form that follows; the first that fits is used. */
export declare function pick(width: number, constants: readonly (number | bigint)[], ...forms: readonly Form[]): Code;
/** A length or a count, in its shortest form. */
export declare const size: Code;
/** A size, then so many bytes. */
export declare function sized(most: number): Code;
/** Nothing here: the string stands in the text section. */
export declare const text: Code;
/** The coded string of a record: a byte length of `width` bits, then so many bytes. */
export declare function coded(width: number): Code;
