// The file around the elements: prelude, sections, check, limits.

import { Reader, Texts, toBits, Writer, type Text } from "./bits.js";
import { readSteps, readTail, writeBundle } from "./bundles.js";
import { defaults, isObject, refuse } from "./elements.js";
import { CodecError, CorruptError, ensure, LimitError, NotCanonicalError, UnsupportedError } from "./errors.js";
import type { AnyCaps, AnyFile, Section } from "./format.js";
import { CHECK_BYTES, crc32, knownSection, readSections, readUint, sectionHead, uint } from "./framing.js";
import { CODER, MAGIC, PROFILES, root, SECTIONS } from "./layout.js";
import { BUNDLE_BYTES, FILE_BYTES, MAJOR, SECTION_COUNT, SECTION_ID, TEXT_SECTION } from "./numbers.js";
import { readRecord, stringsOf, writeRecord, type RecordLayout } from "./records.js";
import { concat, decodeText, encodeText, known } from "./text.js";

/** Of the bytes of a file with its check. */
const CRC_RESIDUE = 0x2144df1c;

/** Read a file's bytes. */
export async function decodeFile(data: Uint8Array, caps: AnyCaps): Promise<AnyFile> {
  const end = data.length - CHECK_BYTES;
  const start = MAGIC.length + 1;
  ensure(MAGIC.every((byte, at) => at >= data.length || data[at] === byte), CorruptError, "no file of this format", { byte: 0 });
  ensure(start <= end, CorruptError, "the file is cut", { byte: data.length });
  const major = data[start - 1]! >> 4;
  const profile = data[start - 1]! & 15;
  const found = PROFILES.find((entry) => entry.number === profile);
  ensure(major === MAJOR, UnsupportedError, `major version ${major}`, { byte: start - 1 });
  ensure(found, UnsupportedError, `the profile ${profile} is unknown`, { byte: start - 1 });
  ensure(crc32(data) === CRC_RESIDUE, CorruptError, "the checksum is wrong", { byte: end });
  const value = bare();
  if (found.record) {
    const reader = new Reader(toBits(data.subarray(start, Math.min(end, start + FILE_BYTES))), new Texts([]), 8 * start);
    await loadRecord(value, profile, found.record, reader);
    value.sections = readSections(data, start + reader.at / 8, caps);
    checkSize(data.length, value.sections);
  } else await loadBundle(value, profile, data, caps);
  try {
    checkSections(value);
  } catch (error) {
    const { message, element } = error as CodecError;
    throw new CorruptError(message, { element });
  }
  return nested(value);
}

async function loadBundle(value: AnyFile, profile: number, data: Uint8Array, caps: AnyCaps): Promise<void> {
  const byte = MAGIC.length + 1;
  const [length, start] = readUint(data, byte);
  ensure(length <= BUNDLE_BYTES, LimitError, `${length} bytes of elements`, { byte });
  const end = start + length;
  ensure(end <= data.length - CHECK_BYTES, CorruptError, "the elements are cut", { byte });
  const sections = readSections(data, end, caps);
  checkSize(data.length, sections);
  const payload = sections[0]?.id === TEXT_SECTION ? sections.shift()!.payload : null;
  value.sections = sections;
  const bits = toBits(data.subarray(start, end));
  const open = (strings: readonly Text[] | null): Reader => new Reader(bits, new Texts(strings), 8 * start);
  if (length && !data[end - 1]) open([]).fail("the bundle ends in a zero byte", NotCanonicalError);
  let strings: Text[] | null = [];
  if (payload) {
    readSteps(root.slice(0, root.findIndex((step) => step.path === CODER) + 1), open(null), value);
    const compressor = coderOf(value);
    strings = known(compressor) ? await placed({ byte: end }, decodeText(payload, compressor, false)) : null;
    value.coded_text = { profile, compressor, strings: strings ?? [], payloads: [payload] };
  }
  const reader = open(strings);
  readSteps(root, reader, value);
  value.unknown = readTail(reader, reader.texts.count);
  if (!strings) {
    // Strings that can't be read are written back while nobody changes them; any tail may own some of them.
    if (value.unknown) value.unknown = { ...value.unknown, strings: [null] };
    strings = writeElements(value).strings;
    if (!strings.length) reader.fail("strings of no element");
    value.coded_text = { ...value.coded_text!, strings };
  }
}

async function loadRecord(value: AnyFile, profile: number, layout: RecordLayout, reader: Reader): Promise<void> {
  const [read, payloads] = readRecord(layout, reader);
  Object.assign(value, read);
  const compressor = coderOf(value);
  ensure(known(compressor), UnsupportedError, `text compressor ${compressor} is unknown`, { element: CODER });
  const strings: string[] = [];
  for (const element of stringsOf(layout)) {
    const payload = payloads[strings.length]!;
    const [string] = await placed({ element }, decodeText(payload, compressor, true));
    ensure(string || !payload.length, NotCanonicalError, "an empty string", { element });
    value[element] = string;
    strings.push(string!);
  }
  value.coded_text = { profile, compressor, strings, payloads };
}

/** The bytes of a file in a profile; the same value always gives the same bytes. */
export async function encodeFile(given: AnyFile, profile: string): Promise<Uint8Array> {
  const value = flattened(given);
  const { number, record } = PROFILES.find((entry) => entry.name === profile) ?? refuse(profile, "there is no such profile");
  checkSections(value);
  const sections = [...value.sections];
  const parts: ArrayLike<number>[] = [MAGIC, [(MAJOR << 4) | number]];
  if (record) {
    const strings = stringsOf(record).map((path): Text => value[path]);
    parts.push(writeRecord(record, value, await codedText(value, number, strings, true)));
  } else {
    const writer = writeElements(value);
    const bundle = writer.finish();
    ensure(bundle.length <= BUNDLE_BYTES, LimitError, `${bundle.length} bytes of elements`);
    parts.push(uint(bundle.length), bundle);
    if (writer.strings.length) {
      const [payload] = await codedText(value, number, writer.strings, false);
      sections.unshift({ ...knownSection(TEXT_SECTION)!, payload: payload! });
    }
  }
  sections.forEach((section, index) => parts.push(sectionHead(section, index === sections.length - 1), section.payload));
  const body = concat(parts);
  checkSize(body.length + CHECK_BYTES, sections);
  const sum = crc32(body);
  return concat([body, [sum, sum >> 8, sum >> 16, sum >> 24]]);
}

const PATHS = root.map(({ path }) => [path, ...path.split(".")] as [path: string, group: string, name: string]);

/** Groups of elements, from elements by `group.element`. */
export function nested(flat: AnyFile): AnyFile {
  const value = bare(flat);
  for (const [path, group, name] of PATHS) (value[group] ??= {})[name] = flat[path];
  return value;
}

/** Elements by `group.element`, from groups of elements. */
export function flattened(groups: AnyFile): AnyFile {
  const value = bare(groups);
  for (const [path, group, name] of PATHS) value[path] = (isObject(groups[group]) ? groups[group] : refuse(group))[name];
  return value;
}

/** A file's value without elements. */
function bare({ unknown, sections, coded_text }: AnyFile = { unknown: null, sections: [], coded_text: null }): AnyFile {
  return { unknown, sections, coded_text };
}

/** A value in which nothing was set. */
export function empty(): AnyFile {
  return Object.assign(bare(), defaults(root));
}

/** A copy with groups replaced, without the unknown sections that an edit may have made wrong. */
export function editedFile<T extends AnyFile>(value: T, groups: Partial<T>): T {
  const sections = value.sections.filter(({ id, safe_to_copy }) => safe_to_copy || knownSection(id));
  return { ...value, sections, ...groups };
}

/** The bits of the root bundle, without trailing zeros, and the strings in their order. */
export function writeElements(value: AnyFile): Writer {
  const writer = new Writer([]);
  writeBundle(root, writer, value);
  writer.trim();
  return writer;
}

/** The strings as bytes: those that a file had while nothing changed, else coded anew. */
async function codedText(
  value: AnyFile, profile: number, strings: readonly Text[], alone: boolean,
): Promise<readonly Uint8Array[]> {
  const compressor = coderOf(value);
  const held = value.coded_text;
  const same = held && held.profile === profile && held.compressor === compressor && held.strings.length === strings.length;
  if (same && held.strings.every((string, index) => string === strings[index])) return held.payloads;
  if (!strings.every((string) => typeof string === "string")) refuse(CODER, "a string can't be read");
  return encodeText(strings as readonly string[], compressor, alone);
}

function checkSections(value: AnyFile): void {
  const { sections } = value;
  const path = "sections";
  if (!Array.isArray(sections) || sections.length > SECTION_COUNT) refuse(path);
  let before = 0;
  for (const { id, critical, safe_to_copy, payload } of sections) {
    const flags = knownSection(id) ?? { critical: false, safe_to_copy };
    if (!Number.isInteger(id) || id <= before || id > SECTION_ID || id === TEXT_SECTION) refuse(path, "out of order");
    if (!(payload instanceof Uint8Array) || typeof safe_to_copy !== "boolean") refuse(path);
    if (critical !== flags.critical || safe_to_copy !== flags.safe_to_copy) refuse(path, "wrong flags");
    before = id;
  }
  for (const { id, present } of SECTIONS) {
    if (present && value[present] !== sections.some((section) => section.id === id)) {
      refuse(present, "the sections say otherwise");
    }
  }
}

/** Payloads that have a cap of their own are not counted. */
function checkSize(size: number, sections: readonly Section[]): void {
  for (const { id, payload } of sections) {
    if (knownSection(id)?.cap) size -= payload.length;
  }
  ensure(size <= FILE_BYTES, LimitError, `more than ${FILE_BYTES} bytes`);
}

function coderOf(value: AnyFile): number {
  return CODER ? value[CODER] : 0;
}

/** A promise whose refusal says where in the file it happened. */
async function placed<T>(where: { element?: string; byte?: number }, promise: Promise<T>): Promise<T> {
  return promise.catch((error: CodecError) => {
    throw Object.assign(error, where);
  });
}
