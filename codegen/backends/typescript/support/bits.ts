// Bits, highest first: read from bytes, with zeros past the end, and written to bytes.

import { AigifError, CorruptError, ElementError, NotCanonicalError, type Place } from "./errors.js";

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
    const text = this.strings ? this.strings[this.taken] : null;
    if (text === undefined) reader.fail("too few strings");
    if (text === "") reader.fail("an empty string", NotCanonicalError);
    this.taken += 1;
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

/** Reads bits `at` to `end` of `data`; what lies past the end reads as zero. */
export class Reader {
  /** Where the element that is being read stands: what its path begins with, and its name. */
  prefix = "";
  element = "";

  constructor(
    readonly data: Uint8Array,
    public at: number,
    readonly end: number,
    readonly texts: Texts,
    private readonly origin = at,
  ) {}

  /** A reader of the next `width` bits, which belong to the element and are stepped over here. */
  inner(width: number): Reader {
    const reader = new Reader(this.data, this.at, this.at + width, this.texts, this.origin);
    reader.prefix = `${this.prefix}${this.element}.`;
    this.at += width;
    return reader;
  }

  fail(message: string, Kind: new (message: string, place?: Place) => AigifError = CorruptError): never {
    const at = Math.min(this.at, this.end);
    throw new Kind(message, { element: this.prefix + this.element, bit: at - this.origin, byte: at >> 3 });
  }

  /** The next `width` bits, at most 53, as a number. */
  take(width: number): number {
    if (width > 24) return this.take(width - 24) * 0x1000000 + this.take(24);
    const held = Math.min(width, Math.max(this.end - this.at, 0));
    const { data, at } = this;
    this.at += width;
    if (!held) return 0;
    const byte = at >>> 3;
    const word = (data[byte]! << 24) | (data[byte + 1]! << 16) | (data[byte + 2]! << 8) | data[byte + 3]!;
    return ((word << (at & 7)) >>> (32 - held)) << (width - held);
  }

  /** The next `width` bits as a bigint. */
  takeLong(width: number): bigint {
    return width > 48 ? (this.takeLong(width - 48) << 48n) | this.takeLong(48) : BigInt(this.take(width));
  }
}

/** Collects bits, as text of 0 and 1, and the strings of the text section. */
export class Writer {
  bits = "";
  /** The path of the element that is being written. */
  element = "";

  constructor(readonly strings: Text[]) {}

  /** Append a whole number in `width` bits. Throws an ElementError for any other value. */
  put(value: number | bigint, width: number): void {
    const digits = value.toString(2);
    if (digits.length > width || /[^01]/.test(digits)) this.fail(`${value} does not fit ${width} bits`);
    this.bits += digits.padStart(width, "0");
  }

  fail(message: string): never {
    throw new ElementError(message, this);
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
