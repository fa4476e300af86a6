import { Reader, Writer, type Text } from "./bits.js";
import { type Bundle, type Values } from "./elements.js";
/** The tail of a bundle that a newer writer made: `width` bits, their value, and its strings. */
export interface Unknown {
    readonly width: number;
    readonly value: bigint;
    readonly strings: readonly Text[];
}
/** Read the steps of a bundle into `value`. */
export declare function readSteps(bundle: Bundle, reader: Reader, value: Values): void;
/** What is left of a bundle after its last known element; null where nothing is. */
export declare function readTail(reader: Reader, until: number): Unknown | null;
/** Write the steps of a bundle, and its tail. `prefix` is what the paths of its elements begin with. */
export declare function writeBundle(bundle: Bundle, writer: Writer, value: Values, prefix?: string): void;
/** A tail: 1 to TAIL_BITS bits, of which the last is one, and strings; or null. */
export declare function checkedTail(tail: any, element: string): Unknown | null;
