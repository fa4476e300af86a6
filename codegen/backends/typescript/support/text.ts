// Text: strings to bytes (UTF-8 in which lone surrogates stand like any other code point), joined, and compressed.

import { AigifError, CorruptError, ElementError, LimitError, NotCanonicalError } from "./errors.js";

type Stream = "deflate" | "deflate-raw";

/** The coders by their code in the schema, as the streams of a platform call them; the first stores. */
const CODERS: readonly (Stream | undefined)[] = [undefined, "deflate", "deflate-raw"];

type NodeZlib = Record<"inflateSync" | "inflateRawSync" | "deflateSync" | "deflateRawSync", Function>;

declare const process: { getBuiltinModule?: (name: string) => NodeZlib | undefined } | undefined;

/** What to compress with: without Node's zlib, as in a browser, the streams of the platform. */
export const engine = { node: typeof process === "undefined" ? undefined : process?.getBuiltinModule?.("node:zlib") };

export function known(compressor: number): boolean {
  return compressor < CODERS.length;
}

export function concat(parts: readonly ArrayLike<number>[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Code strings: all strings of a file together, or with `alone` one by one. */
export async function encodeText(strings: readonly string[], compressor: number, most: number, alone: boolean): Promise<Uint8Array[]> {
  const raws = alone ? strings.map(toUtf8) : [join(strings)];
  return Promise.all(raws.map((raw) => (alone && !raw.length ? raw : compress(raw, compressor, most))));
}

/** The strings of a text section. */
export async function decodeText(payload: Uint8Array, compressor: number, most: number): Promise<string[]> {
  const raw = await decompress(payload, compressor, most);
  const strings: string[] = [];
  for (let from = 0; from <= raw.length; ) {
    const end = raw.indexOf(0, from);
    const piece = raw.subarray(from, end < 0 ? raw.length : end);
    strings.push(fromUtf8(unescaped(piece)));
    from += piece.length + 1;
  }
  return strings;
}

/** The one string that a record coded. */
export async function decodeOne(payload: Uint8Array, compressor: number, most: number): Promise<string> {
  return payload.length ? fromUtf8(await decompress(payload, compressor, most)) : "";
}

async function compress(raw: Uint8Array, compressor: number, most: number): Promise<Uint8Array> {
  if (!known(compressor)) throw new ElementError(`the text compressor ${compressor} is unknown`);
  if (raw.length > most) throw tooLong(most);
  const format = CODERS[compressor];
  if (!format) return raw;
  const zlib = engine.node;
  if (!zlib) return through(new CompressionStream(format), raw, Infinity);
  const deflate = format === "deflate" ? zlib.deflateSync : zlib.deflateRawSync;
  return Uint8Array.from(deflate(raw, { level: 9, memLevel: 9 }));
}

async function decompress(payload: Uint8Array, compressor: number, most: number): Promise<Uint8Array> {
  const format = CODERS[compressor];
  const zlib = engine.node;
  let whole = true;
  let raw = payload;
  if (format && zlib) {
    const inflate = format === "deflate" ? zlib.inflateSync : zlib.inflateRawSync;
    try {
      // One chunk takes what is allowed and one byte more, so that no more is ever made.
      const { buffer, engine } = inflate(payload, { chunkSize: Math.max(most + 1, 64), maxOutputLength: most, info: true });
      whole = engine.bytesWritten === payload.length;
      raw = buffer;
    } catch (error) {
      throw (error as { code: string }).code === "ERR_BUFFER_TOO_LARGE" ? tooLong(most) : broken();
    }
  } else if (format) {
    raw = await through(new DecompressionStream(format), payload, most);
    // Some streams overlook bytes after the end: a whole stream is one that is cut without its last byte.
    whole = await through(new DecompressionStream(format), payload.subarray(0, -1), most).then(() => false, () => true);
  }
  if (!whole) throw new CorruptError("bytes follow the compressed text");
  if (raw.length > most) throw tooLong(most);
  return raw;
}

async function through(stream: GenericTransformStream, input: Uint8Array, most: number): Promise<Uint8Array> {
  const writer = stream.writable.getWriter();
  // What goes wrong here goes wrong for the reader too.
  for (const step of [writer.write(input), writer.close()]) step.catch(() => {});
  const reader = stream.readable.getReader();
  const parts: Uint8Array[] = [];
  try {
    for (let left = most; ; ) {
      const { done, value } = await reader.read();
      if (done) return concat(parts);
      left -= value.length;
      if (left < 0) throw tooLong(most);
      parts.push(value);
    }
  } catch (error) {
    reader.cancel().catch(() => {});
    throw error instanceof AigifError ? error : broken();
  }
}

function tooLong(most: number): LimitError {
  return new LimitError(`more than ${most} bytes of text`);
}

function broken(): CorruptError {
  return new CorruptError("the compressed text is broken");
}

/** A zero byte stands between strings; the bytes 0 and 1 inside one are written as 1 1 and 1 2. */
function join(strings: readonly string[]): Uint8Array {
  const escaped = (string: string): number[] => [...toUtf8(string)].flatMap((byte) => (byte < 2 ? [1, byte + 1] : byte));
  return Uint8Array.from(strings.flatMap((string, index) => (index ? [0, ...escaped(string)] : escaped(string))));
}

function unescaped(piece: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (let at = 0; at < piece.length; at++) {
    const byte = piece[at]!;
    const escape = byte === 1 ? piece[++at] : byte + 1;
    if (byte === 1 && escape !== 1 && escape !== 2) throw new NotCanonicalError("an escape in the text stands for nothing");
    out.push(escape! - 1);
  }
  return Uint8Array.from(out);
}

function toUtf8(string: string): Uint8Array {
  const out: number[] = [];
  for (const character of string) {
    const point = character.codePointAt(0)!;
    let more = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    out.push(more ? ((0xf00 >> more) & 0xff) | (point >> (6 * more)) : point);
    while (more--) out.push(0x80 | ((point >> (6 * more)) & 0x3f));
  }
  return Uint8Array.from(out);
}

function fromUtf8(raw: Uint8Array): string {
  let string = "";
  for (let at = 0; at < raw.length; ) {
    const first = raw[at]!;
    let more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    let point = more ? first & (0x3f >> more) : first;
    // The least code point that takes so many bytes; a first byte that begins nothing gives a lesser or greater one.
    const least = [0, 0x80, 0x800, 0x10000][more]!;
    let valid = first < 0x80 || (first > 0xbf && first < 0xf8);
    for (at++; more; more--, at++) {
      const byte = raw[at] ?? 0;
      valid &&= byte >> 6 === 2;
      point = (point << 6) | (byte & 0x3f);
    }
    if (!valid || point < least || point > 0x10ffff) throw new CorruptError("the text is not UTF-8");
    string += String.fromCodePoint(point);
  }
  return string;
}
