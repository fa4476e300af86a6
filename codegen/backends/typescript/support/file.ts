// The file around the elements: prelude, sections, check, limits.

import { Reader, Texts, Writer, type Text } from "./bits.js";
import { readSteps, readTail, writeBundle } from "./bundles.js";
import { defaults, isObject, place, type Values } from "./elements.js";
import { AigifError, CorruptError, ElementError, LimitError, NotCanonicalError, UnsupportedError } from "./errors.js";
import type { AnyFile, CodedText, Format } from "./format.js";
import { CHECK_BYTES, crc32, readSections, readUint, sectionBytes, uint, type Section } from "./framing.js";
import { readRecord, stringsOf, writeRecord, type RecordLayout } from "./records.js";
import { decodeOne, decodeText, encodeText, known } from "./text.js";

type Caps = Readonly<Record<string, number>>;

/** Read a file's bytes; `caps` raises or lowers the caps of this reader by their names in the schema. */
export async function decodeFile(format: Format, data: Uint8Array, caps: Caps = {}): Promise<AnyFile> {
  const profile = profileOf(format, data);
  const end = data.length - CHECK_BYTES;
  if (crc32(data.subarray(0, end)) !== new DataView(data.buffer, data.byteOffset).getUint32(end, true)) {
    throw new CorruptError("the checksum is wrong", { byte: end });
  }
  const { record } = format.profiles[profile]!;
  return record ? loadRecord(format, profile, record, data, caps) : loadBundle(format, profile, data, caps);
}

/** The number of the profile of a file's bytes. */
function profileOf(format: Format, data: Uint8Array): number {
  const { magic } = format;
  if (!magic.every((byte, at) => at >= data.length || data[at] === byte)) {
    throw new CorruptError("this is no file of this format", { byte: 0 });
  }
  if (data.length <= magic.length + CHECK_BYTES) throw new CorruptError("the file is cut", { byte: data.length });
  const place = { byte: magic.length };
  const head = data[magic.length]!;
  if (head >> 4 !== format.major) throw new UnsupportedError(`major version ${head >> 4}`, place);
  if (!format.profiles[head & 15]) throw new UnsupportedError(`the profile ${head & 15} is unknown`, place);
  return head & 15;
}

async function loadBundle(format: Format, profile: number, data: Uint8Array, caps: Caps): Promise<AnyFile> {
  const byte = format.magic.length + 1;
  const [length, start] = readUint(data, byte);
  if (length > format.limits.bundle_bytes) throw new LimitError(`${length} bytes of elements`, { byte });
  const end = start + length;
  if (end > data.length - CHECK_BYTES) throw new CorruptError("the elements run past the end", { byte });
  const sections = readSections(format, data, end, caps);
  checkSize(format, data.length, sections);
  const payload = sections[0]?.id === textId(format) ? sections.shift()!.payload : undefined;
  const reader = (strings: readonly Text[] | null): Reader => new Reader(data, 8 * start, 8 * end, new Texts(strings));
  if (length && !data[end - 1]) {
    throw new NotCanonicalError("the bundle ends in a zero byte", { bit: 8 * length - 8, byte: end - 1 });
  }
  const value = empty(format);
  let strings: string[] | null = [];
  let coded: CodedText | null = null;
  if (payload) {
    const until = format.root.findIndex((step) => step.path === format.coder) + 1;
    readSteps(format.root.slice(0, until), reader(null), value);
    const compressor = coderOf(format, value);
    strings = known(compressor) ? await placed({ byte: end }, decodeText(payload, compressor, format.limits.text_bytes)) : null;
    coded = { profile, compressor, strings: strings ?? [], payloads: [payload] };
  }
  const bits = reader(strings);
  readSteps(format.root, bits, value);
  value.unknown = readTail(bits, bits.texts.count);
  if (coded && !strings) {
    // Strings that can't be read are written back while nobody changes them; any tail may own some of them.
    if (value.unknown) value.unknown = { ...value.unknown, strings: [null] };
    coded = { ...coded, strings: writeElements(format, value).strings };
    if (!coded.strings.length) throw new CorruptError("the text section has strings that no element takes");
  }
  return loaded(format, value, sections, coded);
}

async function loadRecord(format: Format, profile: number, layout: RecordLayout, data: Uint8Array, caps: Caps): Promise<AnyFile> {
  const start = format.magic.length + 1;
  const end = Math.min(data.length - CHECK_BYTES, start + format.limits.file_bytes);
  const [read, payloads, after] = readRecord(format.root, layout, data, start, end);
  const value = Object.assign(empty(format), read);
  const compressor = coderOf(format, value);
  if (!known(compressor)) {
    throw new UnsupportedError(`the text compressor ${compressor} is unknown`, { element: format.coder });
  }
  const strings: string[] = [];
  for (const [index, element] of stringsOf(layout).entries()) {
    const payload = payloads[index]!;
    const string = await placed({ element }, decodeOne(payload, compressor, format.limits.text_bytes));
    if (payload.length && !string) throw new NotCanonicalError("an empty string is coded as present", { element });
    const [holder, name] = place(value, element);
    holder[name] = string;
    strings.push(string);
  }
  const sections = readSections(format, data, after, caps);
  checkSize(format, data.length, sections);
  return loaded(format, value, sections, { profile, compressor, strings, payloads });
}

function loaded(format: Format, value: AnyFile, sections: Section[], coded: CodedText | null): AnyFile {
  value.sections = sections;
  value.coded_text = coded;
  try {
    checkSections(format, value);
  } catch (error) {
    const { message, element } = error as AigifError;
    throw new CorruptError(message, { element });
  }
  return value;
}

/** The bytes of a file in a profile; the same value always gives the same bytes. */
export async function encodeFile(format: Format, value: AnyFile, profile: string): Promise<Uint8Array> {
  const found = Object.entries(format.profiles).find(([, entry]) => entry.name === profile);
  if (!found) throw new ElementError(`there is no profile ${profile}`);
  const number = Number(found[0]);
  const { record } = found[1];
  for (const name of format.syntax) {
    if (!isObject(value[name])) throw new ElementError("it is no group", { element: name });
  }
  checkSections(format, value);
  const sections = [...value.sections];
  const parts: (number[] | Uint8Array)[] = [format.magic.concat((format.major << 4) | number)];
  if (record) {
    const strings = stringsOf(record).map((path) => {
      const [holder, name] = place(value, path);
      if (typeof holder[name] !== "string" && holder[name] !== null) {
        throw new ElementError("it is no string", { element: path });
      }
      return holder[name] as Text;
    });
    parts.push(writeRecord(format.root, record, value, await codedText(format, value, number, strings, true)));
  } else {
    const writer = writeElements(format, value);
    const bundle = writer.finish();
    if (bundle.length > format.limits.bundle_bytes) throw new LimitError(`the elements take ${bundle.length} bytes`);
    parts.push(uint(bundle.length), bundle);
    if (writer.strings.length) {
      const { id, critical, safe_to_copy } = format.sections.find((entry) => entry.id === textId(format))!;
      const [payload] = await codedText(format, value, number, writer.strings, false);
      sections.unshift({ id, critical, safe_to_copy, payload: payload! });
    }
  }
  sections.forEach((section, index) => parts.push(...sectionBytes(section, index === sections.length - 1)));
  const size = parts.reduce((sum, part) => sum + part.length, CHECK_BYTES);
  checkSize(format, size, sections);
  const out = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  new DataView(out.buffer).setUint32(at, crc32(out.subarray(0, at)), true);
  return out;
}

/** A value in which nothing was set. */
export function empty(format: Format): AnyFile {
  const value: Values = {};
  for (const name of format.syntax) value[name] = {};
  return { ...Object.assign(value, defaults(format.root)), unknown: null, sections: [], coded_text: null };
}

/** A copy with groups replaced, without the unknown sections that an edit may have made wrong. */
export function editedFile<T extends AnyFile>(format: Format, value: T, groups: Partial<T>): T {
  const kept = value.sections.filter(
    (section) => section.safe_to_copy || format.sections.some((entry) => entry.id === section.id),
  );
  return { ...value, sections: kept, ...groups };
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
  if (strings.includes(null)) {
    throw new ElementError("a string that this version can't read can't be changed or written anew", { element: format.coder });
  }
  return encodeText(strings as readonly string[], compressor, format.limits.text_bytes, alone);
}

function checkSections(format: Format, value: AnyFile): void {
  const fail = (message: string, element = "sections"): never => {
    throw new ElementError(message, { element });
  };
  if (!Array.isArray(value.sections)) fail("it is no list of sections");
  let before = 0;
  for (const { id, critical, safe_to_copy, payload } of value.sections) {
    const flags = format.sections.find((entry) => entry.id === id);
    if (!Number.isInteger(id) || id <= before || id > format.limits.section_id) fail(`the section ${id} stands out of order`);
    if (!(payload instanceof Uint8Array) || typeof safe_to_copy !== "boolean") fail("it is no section");
    if (critical !== (flags?.critical ?? false) || safe_to_copy !== (flags?.safe_to_copy ?? safe_to_copy)) {
      fail(`the section ${id} has the wrong flags`);
    }
    if (id === textId(format)) fail("a text section of its own");
    before = id;
  }
  if (value.sections.length > format.limits.sections) fail("too many sections");
  for (const { id, name, present } of format.sections) {
    if (!present) continue;
    const [holder, element] = place(value, present);
    if (holder[element] !== value.sections.some((section) => section.id === id)) {
      fail(`it does not match the ${name} section`, present);
    }
  }
}

/** The payloads that have a cap of their own are not counted. */
function checkSize(format: Format, size: number, sections: readonly Section[]): void {
  for (const { id, payload } of sections) {
    if (format.sections.some((entry) => entry.id === id && entry.cap)) size -= payload.length;
  }
  if (size > format.limits.file_bytes) throw new LimitError(`${size} bytes; at most ${format.limits.file_bytes} are allowed`);
}

function textId(format: Format): number | undefined {
  return format.sections.find((entry) => entry.name === "text")?.id;
}

function coderOf(format: Format, value: Values): number {
  if (!format.coder) return 0;
  const [holder, name] = place(value, format.coder);
  return holder[name] as number;
}

/** A promise whose refusal says where in the file it happened. */
async function placed<T>(where: { element?: string; byte?: number }, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    throw Object.assign(error as AigifError, where);
  }
}
