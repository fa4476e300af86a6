import { Writer } from "./bits.js";
import type { AnyCaps, AnyFile } from "./format.js";
/** Read a file's bytes. */
export declare function decodeFile(data: Uint8Array, caps: AnyCaps): Promise<AnyFile>;
/** The bytes of a file in a profile; the same value always gives the same bytes. */
export declare function encodeFile(given: AnyFile, profile: string): Promise<Uint8Array>;
/** Groups of elements, from elements by `group.element`. */
export declare function nested(flat: AnyFile): AnyFile;
/** Elements by `group.element`, from groups of elements. */
export declare function flattened(groups: AnyFile): AnyFile;
/** A value in which nothing was set. */
export declare function empty(): AnyFile;
/** A copy with groups replaced, without the unknown sections that an edit may have made wrong. */
export declare function editedFile<T extends AnyFile>(value: T, groups: Partial<T>): T;
/** The bits of the root bundle, without trailing zeros, and the strings in their order. */
export declare function writeElements(value: AnyFile): Writer;
