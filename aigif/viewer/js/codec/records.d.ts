import { Reader } from "./bits.js";
import type { Code } from "./codes.js";
import { type Values } from "./elements.js";
/** One field; `align`: zero bits up to the next byte stand before it. */
export type RecordField = Code & {
    align?: boolean;
};
export type RecordLayout = readonly (RecordField & {
    path: string;
})[];
export declare function aligned(code: Code): RecordField;
/** The paths of a record's strings, in their order. */
export declare function stringsOf(layout: RecordLayout): string[];
/** Read a record. Gives the value, with its strings left empty, and its coded strings. */
export declare function readRecord(layout: RecordLayout, reader: Reader): [value: Values, payloads: Uint8Array[]];
/** The bytes of a record; `payloads` are its coded strings in their order. */
export declare function writeRecord(layout: RecordLayout, value: Values, payloads: readonly Uint8Array[]): Uint8Array;
