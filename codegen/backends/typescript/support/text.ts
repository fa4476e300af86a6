// Text: strings to bytes (UTF-8 in which lone surrogates stand like any other code point), joined, and compressed.

import { CodecError, CorruptError, ElementError, ensure, LimitError, NotCanonicalError } from "./errors.js";

/** The coders by their code in the schema: a zlib stream, or a raw one; the first stores. */
const CODERS = [undefined, "deflate", "deflate-raw"] as const;

export type Stream = "deflate" | "deflate-raw";

/** What compresses. `inflate` never makes more than `most` bytes, and refuses a stream that is not whole. */
export interface Engine {
  deflate(raw: Uint8Array, stream: Stream): Promise<Uint8Array>;
  inflate(payload: Uint8Array, stream: Stream, most: number): Promise<Uint8Array>;
}

/** The streams of the platform; `node.ts` puts Node's zlib in their place. */
export const engine: Engine = {
  deflate: (raw, stream) => through(new CompressionStream(stream), raw, Infinity),
  async inflate(payload, stream, most) {
    const raw = await through(new DecompressionStream(stream), payload, most);
    // Some streams overlook bytes after the end: a whole stream is one that is cut without its last byte.
    const cut = through(new DecompressionStream(stream), payload.subarray(0, -1), most);
    if (await cut.then(() => true, () => false)) throw broken();
    return raw;
  },
};

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
  return Promise.all(raws.map((raw) => (alone && !raw ? new Uint8Array() : compress(raw, compressor, most))));
}

/** The strings of a text section, or with `alone` the one string that a record coded. */
export async function decodeText(payload: Uint8Array, compressor: number, most: number, alone: boolean): Promise<string[]> {
  if (alone && !payload.length) return [""];
  let raw = "";
  for (const byte of await decompress(payload, compressor, most)) raw += String.fromCharCode(byte);
  return alone ? [fromUtf8(raw)] : raw.split("\0").map((piece) => fromUtf8(unescaped(piece)));
}

async function compress(text: string, compressor: number, most: number): Promise<Uint8Array> {
  ensure(known(compressor), ElementError, `text compressor ${compressor} is unknown`);
  ensure(text.length <= most, LimitError, tooLong(most));
  const raw = Uint8Array.from(text, (byte) => byte.charCodeAt(0));
  const stream = CODERS[compressor];
  return stream ? engine.deflate(raw, stream) : raw;
}

async function decompress(payload: Uint8Array, compressor: number, most: number): Promise<Uint8Array> {
  const stream = CODERS[compressor];
  if (stream) return engine.inflate(payload, stream, most);
  ensure(payload.length <= most, LimitError, tooLong(most));
  return payload;
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
      ensure(left >= 0, LimitError, tooLong(most));
      parts.push(value);
    }
  } catch (error) {
    reader.cancel().catch(() => {});
    throw error instanceof CodecError ? error : broken();
  }
}

export function tooLong(most: number): string {
  return `more than ${most} bytes of text`;
}

export function broken(): CorruptError {
  return new CorruptError("broken compressed text");
}

// Below, bytes are the characters of a string, so that what replaces them is said in one line.

/** A zero byte stands between strings; the bytes 0 and 1 inside one are written as 1 1 and 1 2. */
function join(strings: readonly string[]): string {
  return strings.map((string) => toUtf8(string).replace(/[\0\x01]/g, (byte) => (byte < "\x01" ? "\x01\x01" : "\x01\x02"))).join("\0");
}

function unescaped(piece: string): string {
  return piece.replace(/\x01([^]?)/g, (_, code: string) => {
    ensure(code === "\x01" || code === "\x02", NotCanonicalError, "a wrong escape in the text");
    return code < "\x02" ? "\0" : "\x01";
  });
}

function toUtf8(string: string): string {
  return string.replace(/[^\0-\x7f]/gu, (character) => {
    const point = character.codePointAt(0)!;
    const more = LEAST.findLastIndex((least) => point >= least) - 1;
    let bytes = String.fromCharCode(((0xff00 >> (more + 1)) & 0xff) | (point >> (6 * more)));
    for (let left = more; left--; ) bytes += String.fromCharCode(0x80 | ((point >> (6 * left)) & 0x3f));
    return bytes;
  });
}

const SEQUENCE = /[\xc0-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf7][\x80-\xbf]{3}|[\x80-\xff]/g;
/** The least code point that takes so many bytes; a byte alone that is not ASCII begins nothing. */
const LEAST = [0, Infinity, 0x80, 0x800, 0x10000];

function fromUtf8(raw: string): string {
  return raw.replace(SEQUENCE, (run) => {
    let point = run.charCodeAt(0) & (0x7f >> run.length);
    for (let at = 1; at < run.length; at++) point = (point << 6) | (run.charCodeAt(at) & 0x3f);
    ensure(point >= LEAST[run.length]! && point < 0x110000, CorruptError, "the text is not UTF-8");
    return String.fromCodePoint(point);
  });
}
