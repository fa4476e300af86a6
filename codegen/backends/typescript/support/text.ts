// Text: strings to bytes (UTF-8 in which lone surrogates stand like any other code point), joined, and compressed.

import { AigifError, CorruptError, ElementError, LimitError, NotCanonicalError } from "./errors.js";

/** The coders by their code in the schema: how Node and the streams of browsers call them; "" stores. */
const CODERS = ["", "deflate", "deflate-raw"] as const;

type Stream = "deflate" | "deflate-raw";

interface NodeZlib {
  inflateSync: Function;
  inflateRawSync: Function;
  deflateSync: Function;
  deflateRawSync: Function;
}

declare const process: { getBuiltinModule?: (name: string) => NodeZlib | undefined } | undefined;

/** Node's zlib; a browser has none. */
const node = typeof process === "undefined" ? undefined : process?.getBuiltinModule?.("node:zlib");

/** What to compress with: without `node`, as in a browser, the streams of the platform. */
export const engine = { node };

export function known(compressor: number): boolean {
  return CODERS[compressor] !== undefined;
}

/** Code strings: all strings of a file together, or with `alone` one by one. */
export async function encodeText(strings: readonly string[], compressor: number, most: number, alone: boolean): Promise<Uint8Array[]> {
  if (!known(compressor)) {
    throw new ElementError(`this version has no text compressor ${compressor}`);
  }
  const raws = alone ? strings.map((string) => toUtf8(string)) : [join(strings)];
  const payloads = [];
  for (const raw of raws) {
    if (raw.length > most) throw new LimitError(`${raw.length} bytes of text; at most ${most} are allowed`);
    payloads.push(alone && !raw.length ? raw : await compress(raw, compressor));
  }
  return payloads;
}

/** The strings of a text section. */
export async function decodeText(payload: Uint8Array, compressor: number, most: number): Promise<string[]> {
  const raw = await decompress(payload, compressor, most);
  const strings: string[] = [];
  for (let from = 0; from <= raw.length; ) {
    const end = raw.indexOf(0, from);
    const until = end < 0 ? raw.length : end;
    strings.push(fromUtf8(unescaped(raw.subarray(from, until))));
    from = until + 1;
  }
  return strings;
}

/** The one string that a record coded. */
export async function decodeOne(payload: Uint8Array, compressor: number, most: number): Promise<string> {
  return payload.length ? fromUtf8(await decompress(payload, compressor, most)) : "";
}

async function compress(raw: Uint8Array, compressor: number): Promise<Uint8Array> {
  const format = CODERS[compressor];
  if (!format) return raw;
  const zlib = engine.node;
  if (zlib) {
    const deflate = format === "deflate" ? zlib.deflateSync : zlib.deflateRawSync;
    return Uint8Array.from(deflate(raw, { level: 9, memLevel: 9 }));
  }
  return through(new CompressionStream(format), raw, Infinity);
}

async function decompress(payload: Uint8Array, compressor: number, most: number): Promise<Uint8Array> {
  const format = CODERS[compressor];
  if (!format) {
    if (payload.length > most) throw tooLong(most);
    return payload;
  }
  return engine.node ? inflated(engine.node, payload, format, most) : streamed(payload, format, most);
}

/** One chunk takes what is allowed and one byte more, so that no more is ever made. */
function inflated(zlib: NodeZlib, payload: Uint8Array, format: Stream, most: number): Uint8Array {
  const inflate = format === "deflate" ? zlib.inflateSync : zlib.inflateRawSync;
  let found;
  try {
    found = inflate(payload, { chunkSize: Math.max(most + 1, 64), maxOutputLength: most, info: true });
  } catch (error) {
    if ((error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE") throw tooLong(most);
    throw broken();
  }
  if (found.engine.bytesWritten !== payload.length) throw new CorruptError("bytes follow the compressed text");
  return found.buffer;
}

/** Some streams overlook bytes after the end: a whole stream is one that is cut without its last byte. */
async function streamed(payload: Uint8Array, format: Stream, most: number): Promise<Uint8Array> {
  const raw = await through(new DecompressionStream(format), payload, most);
  const cut = through(new DecompressionStream(format), payload.subarray(0, -1), most);
  if (await cut.then(() => true, () => false)) throw new CorruptError("bytes follow the compressed text");
  return raw;
}

async function through(stream: GenericTransformStream, input: Uint8Array, most: number): Promise<Uint8Array> {
  const writer = stream.writable.getWriter();
  const written = [writer.write(input), writer.close()].map((step: Promise<void>) => step.catch(() => {}));
  const reader = stream.readable.getReader();
  const out: number[] = [];
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      if (out.length + chunk.value.length > most) throw tooLong(most);
      for (const byte of chunk.value) out.push(byte);
    }
  } catch (error) {
    await reader.cancel().catch(() => {});
    throw error instanceof AigifError ? error : broken();
  }
  await Promise.all(written);
  return Uint8Array.from(out);
}

function tooLong(most: number): LimitError {
  return new LimitError(`more than ${most} bytes of text`);
}

function broken(): CorruptError {
  return new CorruptError("the compressed text is broken");
}

/** A zero byte stands between strings; the bytes 0 and 1 inside one are written as 1 1 and 1 2. */
function join(strings: readonly string[]): Uint8Array {
  const out: number[] = [];
  strings.forEach((string, index) => {
    if (index) out.push(0);
    for (const byte of toUtf8(string)) byte < 2 ? out.push(1, byte + 1) : out.push(byte);
  });
  return Uint8Array.from(out);
}

function unescaped(piece: Uint8Array): Uint8Array {
  if (!piece.includes(1)) return piece;
  const out: number[] = [];
  for (let at = 0; at < piece.length; at++) {
    const byte = piece[at]!;
    if (byte !== 1) out.push(byte);
    else {
      const escape = piece[++at];
      if (escape !== 1 && escape !== 2) throw new NotCanonicalError("the text has an escape that stands for nothing");
      out.push(escape - 1);
    }
  }
  return Uint8Array.from(out);
}

export function toUtf8(string: string): Uint8Array {
  const out: number[] = [];
  for (const character of string) {
    const point = character.codePointAt(0)!;
    if (point < 0x80) out.push(point);
    else {
      const more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
      out.push(((0xf00 >> more) & 0xff) | (point >> (6 * more)));
      for (let left = more - 1; left >= 0; left--) out.push(0x80 | ((point >> (6 * left)) & 0x3f));
    }
  }
  return Uint8Array.from(out);
}

export function fromUtf8(raw: Uint8Array): string {
  let string = "";
  for (let at = 0; at < raw.length; ) {
    const first = raw[at]!;
    const more = first < 0x80 ? 0 : first < 0xc2 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : -1;
    let point = more > 0 ? first & (0x3f >> more) : first;
    let valid = more >= 0;
    for (let left = 1; left <= more; left++) {
      const byte = raw[at + left] ?? 0;
      valid &&= byte >> 6 === 2;
      point = (point << 6) | (byte & 0x3f);
    }
    const least = more === 2 ? 0x800 : more === 3 ? 0x10000 : 0;
    if (!valid || point < least || point > 0x10ffff) throw new CorruptError(`the text is not UTF-8 at its byte ${at}`);
    string += String.fromCodePoint(point);
    at += more + 1;
  }
  return string;
}
