// Text: strings to bytes (UTF-8 in which lone surrogates stand like any other code point), joined, and compressed.

import { CodecError, CorruptError, ElementError, ensure, LimitError, NotCanonicalError } from "./errors.js";
import { TEXT_BYTES } from "./numbers.js";

/** How bytes are packed: as a zlib stream, as a raw one, or as a raw one after a dictionary. */
export type Stream = "deflate" | "deflate-raw" | Uint8Array;

/** What codes strings: those of a file together, or with `alone` the one of a record's element. */
export interface TextCoder {
  /** Throws a LimitError where the joined strings have more bytes than the format allows. */
  encode(strings: readonly string[], alone: boolean): Promise<Uint8Array>;
  /** Throws a CorruptError, a NotCanonicalError or a LimitError. */
  decode(payload: Uint8Array, alone: boolean): Promise<string[]>;
}

/** What compresses. `inflate` never makes more than `most` bytes, and refuses a stream that is not whole. */
export interface Engine {
  deflate(raw: Uint8Array, stream: Stream): Promise<Uint8Array>;
  inflate(payload: Uint8Array, stream: Stream, most: number): Promise<Uint8Array>;
}

/** The streams of the platform; `node.ts` puts Node's zlib in their place. */
export const engine: Engine = {
  deflate: (raw, stream) => through(new CompressionStream(stream as CompressionFormat), raw, Infinity),
  async inflate(payload, stream, most) {
    const inflated = (bytes: Uint8Array): Promise<Uint8Array> =>
      through(new DecompressionStream(stream as CompressionFormat), bytes, most);
    const raw = await inflated(payload);
    // Some streams overlook bytes after the end: a whole stream is one that is cut without its last byte.
    if (await inflated(payload.subarray(0, -1)).then(() => true, () => false)) throw broken();
    return raw;
  },
};

/** The coders by their code in the schema. */
const coders: Record<number, TextCoder> = [undefined, "deflate" as const, "deflate-raw" as const].map(bytesCoder);

export function known(compressor: number): boolean {
  return compressor in coders;
}

/** Code and read text with another coder than those that need nothing, by its code in the schema. */
export function registerTextCoder(compressor: number, coder: TextCoder): void {
  coders[compressor] = coder;
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
export async function encodeText(strings: readonly string[], compressor: number, alone: boolean): Promise<Uint8Array[]> {
  const coder = coders[compressor];
  ensure(coder, ElementError, `text compressor ${compressor} is unknown`);
  const runs = alone ? strings.map((string) => [string]) : [strings];
  return Promise.all(runs.map((run) => (alone && !run[0] ? new Uint8Array() : coder.encode(run, alone))));
}

/** The strings of a text section, or with `alone` the one string that a record coded. */
export async function decodeText(payload: Uint8Array, compressor: number, alone: boolean): Promise<string[]> {
  return alone && !payload.length ? [""] : coders[compressor]!.decode(payload, alone);
}

/** A coder of the joined strings, which stores them where there is no stream. */
export function bytesCoder(stream?: Stream): TextCoder {
  return {
    async encode(strings, alone) {
      const text = alone ? toUtf8(strings[0]!) : join(strings.map(toUtf8));
      checkSize(text.length);
      const raw = toBytes(text);
      return stream ? engine.deflate(raw, stream) : raw;
    },
    async decode(payload, alone) {
      if (stream) payload = await engine.inflate(payload, stream, TEXT_BYTES);
      checkSize(payload.length);
      const raw = fromBytes(payload);
      return alone ? [fromUtf8(raw)] : split(raw, fromUtf8);
    },
  };
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

export function checkSize(size: number): void {
  ensure(size <= TEXT_BYTES, LimitError, tooLong(TEXT_BYTES));
}

export function tooLong(most: number): string {
  return `more than ${most} bytes of text`;
}

export function broken(): CorruptError {
  return new CorruptError("broken compressed text");
}

// Below, bytes are the characters of a string, so that what replaces them is said in one line.

const character = String.fromCharCode;

export function toBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (byte) => byte.charCodeAt(0));
}

export function fromBytes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += character(byte);
  return text;
}

/** A zero byte stands between strings; the bytes 0 and 1 inside one are written as 1 1 and 1 2. */
export function join(pieces: readonly string[]): string {
  return pieces.map((piece) => piece.replace(/[\0\x01]/g, (byte) => (byte < "\x01" ? "\x01\x01" : "\x01\x02"))).join("\0");
}

/** The pieces of what was joined, each read before the next is looked at. */
export function split<T>(raw: string, read: (piece: string) => T): T[] {
  return raw.split("\0").map((piece) => read(piece.replace(/\x01([^]?)/g, (_, code: string) => {
    ensure(code === "\x01" || code === "\x02", NotCanonicalError, "a wrong escape in the text");
    return code < "\x02" ? "\0" : "\x01";
  })));
}

export function toUtf8(string: string): string {
  return string.replace(/[^\0-\x7f]/gu, (letter) => {
    let point = letter.codePointAt(0)!;
    let bytes = "";
    // The first byte has room for 5 bits before one other, and for a bit less before each more.
    let room = 64;
    do {
      bytes = character(0x80 | (point & 0x3f)) + bytes;
      point >>= 6;
      room /= 2;
    } while (point >= room);
    return character((256 - 2 * room) | point) + bytes;
  });
}

export const SEQUENCE = /[\xc0-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf7][\x80-\xbf]{3}|[\x80-\xff]/g;
/** The least code point that takes so many bytes; a byte alone that is not ASCII begins nothing. */
const LEAST = [0, Infinity, 0x80, 0x800, 0x10000];

export function fromUtf8(raw: string): string {
  return raw.replace(SEQUENCE, (run) => {
    let point = run.charCodeAt(0) & (0x7f >> run.length);
    for (let at = 1; at < run.length; at++) point = (point << 6) | (run.charCodeAt(at) & 0x3f);
    ensure(point >= LEAST[run.length]! && point < 0x110000, CorruptError, "the text is not UTF-8");
    return String.fromCodePoint(point);
  });
}
