// The file around the elements: prelude, sections, check, limits.

import { Reader, Texts, Writer, type Text } from "./bits.js";
import { readSteps, readTail, writeBundle } from "./bundles.js";
import { defaults, isInteger, isObject, put, refuse, valueAt } from "./elements.js";
import { AigifError, CorruptError, LimitError, NotCanonicalError, UnsupportedError } from "./errors.js";
import type { AnyFile, Format } from "./format.js";
import { CHECK_BYTES, crc32, readSections, readUint, sectionHead, uint, type Section } from "./framing.js";
import { readRecord, stringsOf, writeRecord, type RecordLayout } from "./records.js";
import { concat, decodeOne, decodeText, encodeText, known } from "./text.js";

type Caps = Readonly<Record<string, number>>;

/** Read a file's bytes; `caps` raises or lowers the caps of this reader by their names in the schema. */
export async function decodeFile(format: Format, data: Uint8Array, caps: Caps): Promise<AnyFile> {
  const { magic, limits, profiles } = format;
  const end = data.length - CHECK_BYTES;
  const start = magic.length + 1;
  const require = (holds: boolean, byte: number, message: string, Kind = CorruptError): void => {
    if (!holds) throw new Kind(message, { byte });
  };
  require(magic.every((byte, at) => at >= data.length || data[at] === byte), 0, "this is no file of this format");
  require(start <= end, data.length, "the file is cut");
  const major = data[start - 1]! >> 4;
  const profile = data[start - 1]! & 15;
  require(major === format.major, start - 1, `major version ${major}`, UnsupportedError);
  require(!!profiles[profile], start - 1, `the profile ${profile} is unknown`, UnsupportedError);
  const stated = new DataView(data.buffer, data.byteOffset).getUint32(end, true);
  require(crc32(data.subarray(0, end)) === stated, end, "the checksum is wrong");
  const { record } = profiles[profile]!;
  const value = empty(format);
  if (record) {
    const reader = new Reader(data, 8 * start, 8 * Math.min(end, start + limits.file_bytes), new Texts([]));
    await loadRecord(format, value, profile, record, reader);
    value.sections = readSections(format, data, reader.at / 8, caps);
    checkSize(format, data.length, value.sections);
  } else await loadBundle(format, value, profile, data, caps);
  try {
    checkSections(format, value);
  } catch (error) {
    throw new CorruptError((error as AigifError).message, error as AigifError);
  }
  return value;
}

async function loadBundle(format: Format, value: AnyFile, profile: number, data: Uint8Array, caps: Caps): Promise<void> {
  const byte = format.magic.length + 1;
  const [length, start] = readUint(data, byte);
  if (length > format.limits.bundle_bytes) throw new LimitError(`${length} bytes of elements`, { byte });
  const end = start + length;
  if (end > data.length - CHECK_BYTES) throw new CorruptError("the elements run past the end", { byte });
  const sections = readSections(format, data, end, caps);
  checkSize(format, data.length, sections);
  const payload = sections[0]?.id === textSection(format)?.id ? sections.shift()!.payload : null;
  value.sections = sections;
  const open = (strings: readonly Text[] | null): Reader => new Reader(data, 8 * start, 8 * end, new Texts(strings));
  if (length && !data[end - 1]) open([]).fail("the bundle ends in a zero byte", NotCanonicalError);
  let strings: Text[] | null = [];
  if (payload) {
    readSteps(format.root.slice(0, format.root.findIndex((step) => step.path === format.coder) + 1), open(null), value);
    const compressor = coderOf(format, value);
    strings = known(compressor) ? await placed({ byte: end }, decodeText(payload, compressor, format.limits.text_bytes)) : null;
    value.coded_text = { profile, compressor, strings: strings ?? [], payloads: [payload] };
  }
  const reader = open(strings);
  readSteps(format.root, reader, value);
  value.unknown = readTail(reader, reader.texts.count);
  if (!strings) {
    // Strings that can't be read are written back while nobody changes them; any tail may own some of them.
    if (value.unknown) value.unknown = { ...value.unknown, strings: [null] };
    strings = writeElements(format, value).strings;
    if (!strings.length) reader.fail("strings that no element takes");
    value.coded_text = { ...value.coded_text!, strings };
  }
}

async function loadRecord(format: Format, value: AnyFile, profile: number, layout: RecordLayout, reader: Reader): Promise<void> {
  const [read, payloads] = readRecord(format.root, layout, reader);
  Object.assign(value, read);
  const compressor = coderOf(format, value);
  if (!known(compressor)) throw new UnsupportedError(`the text compressor ${compressor} is unknown`, { element: format.coder });
  const strings: string[] = [];
  for (const element of stringsOf(layout)) {
    const payload = payloads[strings.length]!;
    const string = await placed({ element }, decodeOne(payload, compressor, format.limits.text_bytes));
    if (payload.length && !string) throw new NotCanonicalError("an empty string is coded as present", { element });
    put(value, element, string);
    strings.push(string);
  }
  value.coded_text = { profile, compressor, strings, payloads };
}

/** The bytes of a file in a profile; the same value always gives the same bytes. */
export async function encodeFile(format: Format, value: AnyFile, profile: string): Promise<Uint8Array> {
  const number = Number(Object.keys(format.profiles).find((key) => format.profiles[+key]!.name === profile) ?? refuse(profile));
  const { record } = format.profiles[number]!;
  for (const name of format.syntax) if (!isObject(value[name])) refuse(name);
  checkSections(format, value);
  const sections = [...value.sections];
  const parts: ArrayLike<number>[] = [format.magic, [(format.major << 4) | number]];
  if (record) {
    const strings = stringsOf(record).map((path): Text => valueAt(value, path));
    parts.push(writeRecord(format.root, record, value, await codedText(format, value, number, strings, true)));
  } else {
    const writer = writeElements(format, value);
    const bundle = writer.finish();
    if (bundle.length > format.limits.bundle_bytes) throw new LimitError(`${bundle.length} bytes of elements`);
    parts.push(uint(bundle.length), bundle);
    if (writer.strings.length) {
      const [payload] = await codedText(format, value, number, writer.strings, false);
      sections.unshift({ ...textSection(format)!, payload: payload! });
    }
  }
  sections.forEach((section, index) => parts.push(sectionHead(section, index === sections.length - 1), section.payload));
  const body = concat(parts);
  checkSize(format, body.length + CHECK_BYTES, sections);
  const sum = crc32(body);
  return concat([body, [sum, sum >> 8, sum >> 16, sum >> 24]]);
}

/** A value in which nothing was set. */
export function empty(format: Format): AnyFile {
  const groups = Object.fromEntries(format.syntax.map((name) => [name, {}]));
  return { ...groups, ...defaults(format.root), unknown: null, sections: [], coded_text: null };
}

/** A copy with groups replaced, without the unknown sections that an edit may have made wrong. */
export function editedFile<T extends AnyFile>(format: Format, value: T, groups: Partial<T>): T {
  const sections = value.sections.filter(({ id, safe_to_copy }) => safe_to_copy || format.sections.some((entry) => entry.id === id));
  return { ...value, sections, ...groups };
}

/** The bits of the root bundle, without trailing zeros, and the strings in their order. */
export function writeElements(format: Format, value: AnyFile): Writer {
  const writer = new Writer([]);
  writeBundle(format.root, writer, value);
  writer.trim();
  return writer;
}

/** The strings as bytes: those that a file had while nothing changed, else coded anew. */
async function codedText(
  format: Format, value: AnyFile, profile: number, strings: readonly Text[], alone: boolean,
): Promise<readonly Uint8Array[]> {
  const compressor = coderOf(format, value);
  const held = value.coded_text;
  const same = held && held.profile === profile && held.compressor === compressor && held.strings.length === strings.length;
  if (same && held.strings.every((string, index) => string === strings[index])) return held.payloads;
  if (!strings.every((string) => typeof string === "string")) refuse(format.coder, "a string that can't be read can't be coded");
  return encodeText(strings as readonly string[], compressor, format.limits.text_bytes, alone);
}

function checkSections(format: Format, { sections, ...value }: AnyFile): void {
  const path = "sections";
  if (!Array.isArray(sections) || sections.length > format.limits.sections) refuse(path);
  let before = 0;
  for (const { id, critical, safe_to_copy, payload } of sections) {
    const flags = format.sections.find((entry) => entry.id === id) ?? { critical: false, safe_to_copy };
    if (!isInteger(id, before + 1, format.limits.section_id) || id === textSection(format)?.id) refuse(path, "out of order");
    if (!(payload instanceof Uint8Array) || typeof safe_to_copy !== "boolean") refuse(path);
    if (critical !== flags.critical || safe_to_copy !== flags.safe_to_copy) refuse(path, "wrong flags");
    before = id;
  }
  for (const { id, name, present } of format.sections) {
    if (present && valueAt(value, present) !== sections.some((section) => section.id === id)) {
      refuse(present, `it does not match the ${name} section`);
    }
  }
}

/** Payloads that have a cap of their own are not counted. */
function checkSize(format: Format, size: number, sections: readonly Section[]): void {
  for (const { id, payload } of sections) {
    if (format.sections.some((entry) => entry.id === id && entry.cap)) size -= payload.length;
  }
  if (size > format.limits.file_bytes) throw new LimitError(`${size} bytes, where ${format.limits.file_bytes} are the most`);
}

function textSection(format: Format): Omit<Section, "payload"> | undefined {
  return format.sections.find((entry) => entry.name === "text");
}

function coderOf(format: Format, value: AnyFile): number {
  return format.coder ? valueAt(value, format.coder) : 0;
}

/** A promise whose refusal says where in the file it happened. */
async function placed<T>(where: { element?: string; byte?: number }, promise: Promise<T>): Promise<T> {
  return promise.catch((error: AigifError) => {
    throw Object.assign(error, where);
  });
}
