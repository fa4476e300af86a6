// What a schema says of its files: the generated layout is one Format.

import type { Text } from "./bits.js";
import type { Unknown } from "./bundles.js";
import type { Bundle, Values } from "./elements.js";
import type { Section } from "./framing.js";
import type { RecordLayout } from "./records.js";

/** A section that the schema names. `present` is the bool element that says whether it is there. */
export interface KnownSection {
  name: string;
  id: number;
  critical: boolean;
  safe_to_copy: boolean;
  cap?: string;
  present?: string;
}

export interface Format {
  magic: readonly number[];
  major: number;
  limits: Readonly<Record<"file_bytes" | "text_bytes" | "bundle_bytes" | "sections" | "section_id", number>>;
  caps: Readonly<Record<string, number>>;
  sections: readonly KnownSection[];
  /** The element that names the text compressor. */
  coder: string;
  /** The names of the top-level groups. */
  syntax: readonly string[];
  root: Bundle;
  /** The profiles by their number; those without a record are bundles. */
  profiles: Readonly<Record<number, { name: string; record?: RecordLayout }>>;
}

/** Strings and the bytes that a file in the profile of that number had for them. */
export interface CodedText {
  readonly profile: number;
  readonly compressor: number;
  readonly strings: readonly Text[];
  readonly payloads: readonly Uint8Array[];
}

/** A file's value before it has its type. */
export type AnyFile = Values & {
  unknown: Unknown | null;
  sections: readonly Section[];
  coded_text: CodedText | null;
};
