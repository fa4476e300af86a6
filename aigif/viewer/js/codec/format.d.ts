import type { Text } from "./bits.js";
import type { Unknown } from "./bundles.js";
import type { Values } from "./elements.js";
import type { RecordLayout } from "./records.js";
/** A section of a file as it stands there. */
export interface Section {
    readonly id: number;
    readonly critical: boolean;
    readonly safe_to_copy: boolean;
    readonly payload: Uint8Array;
}
/** A section that the schema names. `present` is the bool element that says whether it is there. */
export interface KnownSection {
    id: number;
    critical: boolean;
    safe_to_copy: boolean;
    /** The name of the cap on its length in the schema, and what it is unless told otherwise. */
    cap?: readonly [name: string, most: number];
    present?: string;
}
/** A profile: a record, or without one the root bundle. */
export interface Profile {
    number: number;
    name: string;
    record?: RecordLayout;
}
/** Strings and the bytes that a file in the profile of that number had for them. */
export interface CodedText {
    readonly profile: number;
    readonly compressor: number;
    readonly strings: readonly Text[];
    readonly payloads: readonly Uint8Array[];
}
/** A file's value before it has its type; inside the codec its elements stand by `group.element`. */
export type AnyFile = Values & {
    unknown: Unknown | null;
    sections: readonly Section[];
    coded_text: CodedText | null;
};
/** Caps of a reader, where others are wanted than the schema's, by their names there. */
export type AnyCaps = Readonly<Record<string, number | undefined>>;
