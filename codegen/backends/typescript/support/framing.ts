// How lengths, sections and the check stand in a file.

import { CodecError, CorruptError, ensure, LimitError, NotCanonicalError, UnsupportedError } from "./errors.js";
import type { AnyCaps, KnownSection, Section } from "./format.js";
import { SECTIONS } from "./layout.js";
import { SECTION_COUNT, SECTION_ID } from "./numbers.js";

export const CHECK_BYTES = 4;
const CRITICAL = 0x80;
const SAFE_TO_COPY = 0x40;
const LAST = 0x20;
const ID_MASK = 0x1f;

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  for (let turn = 8; turn--; ) byte = (byte >>> 1) ^ (0xedb88320 * (byte & 1));
  return byte;
});

export function crc32(data: Iterable<number>): number {
  let sum = -1;
  for (const byte of data) sum = CRC_TABLE[(sum ^ byte) & 255]! ^ (sum >>> 8);
  return ~sum >>> 0;
}

/** LEB128: seven bits a byte, lowest first, the top bit set on all but the last. */
export function uint(value: number): number[] {
  const out = [];
  for (; value > 127; value = Math.floor(value / 128)) out.push((value % 128) | 128);
  return [...out, value];
}

/** A LEB128 number at byte `at`, and the offset after it. */
export function readUint(data: Uint8Array, at: number): [value: number, after: number] {
  const byte = at;
  let value = 0;
  for (let shift = 0; at < data.length - CHECK_BYTES && shift < 63; shift += 7) {
    const piece = data[at++]!;
    value += (piece & 127) * 2 ** shift;
    if (piece < 128) {
      ensure(piece || !shift, NotCanonicalError, "not the shortest length", { byte });
      return [value, at];
    }
  }
  throw new CorruptError("a length is cut", { byte });
}

/** What the schema says of a section. */
export function knownSection(id: number): KnownSection | undefined {
  return SECTIONS.find((entry) => entry.id === id);
}

/** The tag, the id and the length of a section. */
export function sectionHead({ id, critical, safe_to_copy, payload }: Section, last: boolean): number[] {
  const head = [(critical ? CRITICAL : 0) | (safe_to_copy ? SAFE_TO_COPY : 0) | (last ? LAST : 0) | Math.min(id, ID_MASK)];
  if (id >= ID_MASK) {
    for (id -= ID_MASK; id >= 255; id -= 255) head.push(255);
    head.push(id);
  }
  return last ? head : [...head, ...uint(payload.length)];
}

/** The sections from byte `at` to the check. */
export function readSections(data: Uint8Array, at: number, caps: AnyCaps): Section[] {
  const end = data.length - CHECK_BYTES;
  const sections: Section[] = [];
  while (at < end) {
    const byte = at;
    const require = (holds: unknown, Kind: typeof CodecError, message: string): void => ensure(holds, Kind, message, { byte });
    const tag = data[at++]!;
    let id = tag & ID_MASK;
    const disordered = (): string => `section ${id} is out of order`;
    for (let escaped = id === ID_MASK; escaped; ) {
      require(at < end, CorruptError, "a section is cut");
      escaped = data[at] === 255;
      id += data[at++]!;
      require(id <= SECTION_ID, NotCanonicalError, disordered());
    }
    const critical = !!(tag & CRITICAL);
    const safe_to_copy = !!(tag & SAFE_TO_COPY);
    const last = !!(tag & LAST);
    const known = knownSection(id);
    require(id > (sections.at(-1)?.id ?? 0), NotCanonicalError, disordered());
    require(sections.length < SECTION_COUNT, LimitError, "too many sections");
    require(
      !known || (known.critical === critical && known.safe_to_copy === safe_to_copy),
      NotCanonicalError, `section ${id} has wrong flags`,
    );
    require(known || !critical, UnsupportedError, `critical section ${id}`);
    let length = end - at;
    if (!last) [length, at] = readUint(data, at);
    const [cap, most] = known?.cap ?? ["", Infinity];
    require(length <= (caps[cap] ?? most), LimitError, `${length} bytes, over ${cap}`);
    require(at + length <= end, CorruptError, "a section runs past the end");
    sections.push({ id, critical, safe_to_copy, payload: data.slice(at, (at += length)) });
    require(last === (at === end), NotCanonicalError, "a wrong last mark");
  }
  return sections;
}
