// Bits, highest first: read from bytes, with zeros past the end, and written to bytes.

import { CodecError, CorruptError, ElementError, NotCanonicalError, type Place } from "./errors.js";

/** A string of the file; null stands for one whose text compressor this version does not know. */
export type Text = string | null;

/** The strings of a file, taken one by one; `strings` is null where they can't be read. */
export class Texts {
  taken = 0;

  /** How many there are; -1 where nobody knows. */
  readonly count: number;

  constructor(private readonly strings: readonly Text[] | null) {
    this.count = strings ? strings.length : -1;
  }

  take(reader: Reader): Text {
    const at = this.taken++;
    const text = this.strings ? this.strings[at] : null;
    if (text === undefined) reader.fail("too few strings");
    if (text === "") reader.fail("an empty string", NotCanonicalError);
    return text;
  }

  /** The strings up to number `until` that no known element took. */
  rest(until: number, reader: Reader): Text[] {
    if (until < 0) return [];
    const from = this.taken;
    if (from > until || (this.strings && until > this.strings.length)) {
      reader.fail("a wrong number of strings");
    }
    this.taken = until;
    return this.strings ? this.strings.slice(from, until) : Array<Text>(until - from).fill(null);
  }
}

/** Reads bits, held as text of 0 and 1; what lies past their end reads as zero. */
export class Reader {
  at = 0;
  /** The name of the element that is being read. */
  element = "";

  /** `origin`: where the bits begin in the file, in bits; `prefix`: what the paths of their elements begin with. */
  constructor(readonly bits: string, readonly texts: Texts, readonly base: number, readonly origin = base, readonly prefix = "") {}

  fail(message: string, Kind: new (message: string, place?: Place) => CodecError = CorruptError): never {
    const bit = this.base + Math.min(this.at, this.bits.length);
    throw new Kind(message, { element: this.prefix + this.element, bit: bit - this.origin, byte: bit >> 3 });
  }

  /** The next `width` bits as digits. */
  digits(width: number): string {
    return this.bits.slice(this.at, (this.at += width)).padEnd(width, "0");
  }

  /** The next `width` bits, at most 53, as a number. */
  take(width: number): number {
    return parseInt(this.digits(width), 2);
  }

  /** The next `width` bits, however many, as a bigint. */
  long(width: number): bigint {
    return BigInt(`0b${this.digits(width)}`);
  }

  /** A reader of the next `width` bits, which belong to the element and are stepped over here. */
  inner(width: number): Reader {
    const base = this.base + this.at;
    return new Reader(this.digits(width), this.texts, base, this.origin, `${this.prefix}${this.element}.`);
  }
}

/** Bytes as text of 0 and 1. */
export function toBits(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
}

/** Collects bits, as text of 0 and 1, and the strings of the text section. */
export class Writer {
  bits = "";
  /** The path of the element that is being written. */
  element = "";

  constructor(readonly strings: Text[]) {}

  /** Append a whole number in `width` bits. Throws an ElementError for any other value; NaN stands for such. */
  put(value: number | bigint, width: number): void {
    const digits = value.toString(2);
    if (digits.length > width || /[^01]/.test(digits)) {
      throw new ElementError(`it does not fit ${width} bits`, { element: this.element });
    }
    this.bits += digits.padStart(width, "0");
  }

  /** Zero bits up to the next byte. */
  align(): void {
    this.bits += "0".repeat(-this.bits.length & 7);
  }

  /** Drop the zero bits at the end. */
  trim(): void {
    this.bits = this.bits.slice(0, this.bits.lastIndexOf("1") + 1);
  }

  finish(): Uint8Array {
    this.align();
    return Uint8Array.from({ length: this.bits.length / 8 }, (_, at) => parseInt(this.bits.slice(8 * at, 8 * at + 8), 2));
  }
}
