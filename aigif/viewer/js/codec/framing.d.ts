import type { AnyCaps, KnownSection, Section } from "./format.js";
export declare const CHECK_BYTES = 4;
export declare function crc32(data: Iterable<number>): number;
/** LEB128: seven bits a byte, lowest first, the top bit set on all but the last. */
export declare function uint(value: number): number[];
/** A LEB128 number at byte `at`, and the offset after it. */
export declare function readUint(data: Uint8Array, at: number): [value: number, after: number];
/** What the schema says of a section. */
export declare function knownSection(id: number): KnownSection | undefined;
/** The tag, the id and the length of a section. */
export declare function sectionHead({ id, critical, safe_to_copy, payload }: Section, last: boolean): number[];
/** The sections from byte `at` to the check. */
export declare function readSections(data: Uint8Array, at: number, caps: AnyCaps): Section[];
