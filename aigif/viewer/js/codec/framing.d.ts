import type { Format } from "./format.js";
export declare const CHECK_BYTES = 4;
/** A section of a file as it stands there. */
export interface Section {
    readonly id: number;
    readonly critical: boolean;
    readonly safe_to_copy: boolean;
    readonly payload: Uint8Array;
}
export declare function crc32(data: Iterable<number>): number;
/** LEB128: seven bits a byte, lowest first, the top bit set on all but the last. */
export declare function uint(value: number): number[];
/** A LEB128 number at byte `at`, and the offset after it. */
export declare function readUint(data: Uint8Array, at: number): [value: number, after: number];
/** The tag, the id and the length of a section. */
export declare function sectionHead({ id, critical, safe_to_copy, payload }: Section, last: boolean): number[];
/** The sections from byte `at` to the check. */
export declare function readSections(format: Format, data: Uint8Array, at: number, caps: Readonly<Record<string, number>>): Section[];
