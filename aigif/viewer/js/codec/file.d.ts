import { Writer } from "./bits.js";
import type { AnyFile, Format } from "./format.js";
type Caps = Readonly<Record<string, number>>;
/** Read a file's bytes; `caps` raises or lowers the caps of this reader by their names in the schema. */
export declare function decodeFile(format: Format, data: Uint8Array, caps: Caps): Promise<AnyFile>;
/** The bytes of a file in a profile; the same value always gives the same bytes. */
export declare function encodeFile(format: Format, value: AnyFile, profile: string): Promise<Uint8Array>;
/** A value in which nothing was set. */
export declare function empty(format: Format): AnyFile;
/** A copy with groups replaced, without the unknown sections that an edit may have made wrong. */
export declare function editedFile<T extends AnyFile>(format: Format, value: T, groups: Partial<T>): T;
/** The bits of the root bundle, without trailing zeros, and the strings in their order. */
export declare function writeElements(format: Format, value: AnyFile): Writer;
export {};
