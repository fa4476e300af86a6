// How lengths, sections and the check stand in a file.

import type { Format } from "./format.js";
import { CorruptError, LimitError, NotCanonicalError, UnsupportedError } from "./errors.js";

export const CHECK_BYTES = 4;
const CRITICAL = 0x80;
const SAFE_TO_COPY = 0x40;
const LAST = 0x20;
const ID_MASK = 0x1f;

/** A section of a file as it stands there. */
export interface Section {
  readonly id: number;
  readonly critical: boolean;
  readonly safe_to_copy: boolean;
  readonly payload: Uint8Array;
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  for (let turn = 0; turn < 8; turn++) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
  return byte;
});

export function crc32(data: Uint8Array): number {
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
      if (!piece && shift) throw new NotCanonicalError("a length is not in its shortest form", { byte });
      return [value, at];
    }
  }
  throw new CorruptError("a length is cut or too long", { byte });
}

export function sectionBytes(section: Section, last: boolean): (number[] | Uint8Array)[] {
  const head = [(section.critical ? CRITICAL : 0) | (section.safe_to_copy ? SAFE_TO_COPY : 0) | (last ? LAST : 0)];
  head[0]! |= Math.min(section.id, ID_MASK);
  if (section.id >= ID_MASK) {
    let rest = section.id - ID_MASK;
    for (; rest >= 255; rest -= 255) head.push(255);
    head.push(rest);
  }
  return [head, last ? [] : uint(section.payload.length), section.payload];
}

/** The sections from byte `at` to the check. */
export function readSections(format: Format, data: Uint8Array, at: number, caps: Readonly<Record<string, number>>): Section[] {
  const end = data.length - CHECK_BYTES;
  const sections: Section[] = [];
  while (at < end) {
    const byte = at;
    const tag = data[at]!;
    let id: number, length: number;
    [id, at] = readId(format, data, at, end);
    const critical = !!(tag & CRITICAL);
    const safe_to_copy = !!(tag & SAFE_TO_COPY);
    const known = format.sections.find((entry) => entry.id === id);
    if (id < 1 || id <= (sections.at(-1)?.id ?? 0)) {
      throw new NotCanonicalError(`the section ${id} stands out of order`, { byte });
    }
    if (sections.length >= format.limits.sections) throw new LimitError(`more than ${format.limits.sections} sections`, { byte });
    if (known && (known.critical !== critical || known.safe_to_copy !== safe_to_copy)) {
      throw new NotCanonicalError(`the section ${id} has the wrong flags`, { byte });
    }
    if (!known && critical) throw new UnsupportedError(`the critical section ${id} is unknown`, { byte });
    [length, at] = tag & LAST ? [end - at, at] : readUint(data, at);
    const cap = known?.cap ? (caps[known.cap] ?? format.caps[known.cap]!) : Infinity;
    if (length > cap) throw new LimitError(`${length} bytes of ${known!.name}; the cap is ${cap}`, { byte });
    if (at + length > end) throw new CorruptError("a section runs past the end", { byte });
    sections.push({ id, critical, safe_to_copy, payload: data.slice(at, at + length) });
    at += length;
    if (!!(tag & LAST) !== (at === end)) {
      throw new NotCanonicalError("the last section, and no other, is marked as the last", { byte });
    }
  }
  return sections;
}

function readId(format: Format, data: Uint8Array, at: number, end: number): [id: number, after: number] {
  const byte = at;
  let id = data[at++]! & ID_MASK;
  for (let escaped = id === ID_MASK; escaped; ) {
    if (at === end) throw new CorruptError("a section is cut", { byte });
    escaped = data[at] === 255;
    id += data[at++]!;
    if (id > format.limits.section_id) throw new NotCanonicalError(`the section ${id} stands out of order`, { byte });
  }
  return [id, at];
}
