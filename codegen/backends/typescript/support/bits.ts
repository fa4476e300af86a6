// Bits, highest first: read from bytes, with zeros past the end, and written to bytes.

import { AigifError, CorruptError, NotCanonicalError, type Place } from "./errors.js";

/** A string of the file; null stands for one whose text compressor this version does not know. */
export type Text = string | null;

/** The strings of a file, taken one by one; `strings` is null where they can't be read. */
export class Texts {
  taken = 0;

  constructor(private readonly strings: readonly Text[] | null) {}

  /** How many there are; -1 where nobody knows. */
  get count(): number {
    return this.strings ? this.strings.length : -1;
  }

  take(reader: Reader): Text {
    const text = this.strings ? this.strings[this.taken] : null;
    if (text === undefined) reader.fail("the text section has too few strings");
    if (text === "") reader.fail("an empty string is coded as present", NotCanonicalError);
    this.taken += 1;
    return text;
  }

  /** The strings up to number `until` that no known element took. */
  rest(until: number, reader: Reader): Text[] {
    if (until < 0) return [];
    const from = this.taken;
    if (from > until || (this.strings && until > this.strings.length)) {
      reader.fail(`${until} strings are announced, ${from} taken`);
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

  /** A reader of the next `width` bits, which are stepped over here. */
  inner(width: number, prefix: string): Reader {
    const reader = new Reader(this.data, this.at, this.at + width, this.texts, this.origin);
    reader.prefix = prefix;
    this.at += width;
    return reader;
  }

  get path(): string {
    return this.prefix + this.element;
  }

  fail(message: string, Kind: new (message: string, place?: Place) => AigifError = CorruptError): never {
    const at = Math.min(this.at, this.end);
    throw new Kind(message, { element: this.path, bit: at - this.origin, byte: Math.floor(at / 8) });
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

/** Collects bits, and the strings of the text section. */
export class Writer {
  width = 0;
  private readonly bytes: number[] = [];

  constructor(readonly strings: Text[]) {}

  /** Append the lowest `width` bits of a value, which has no others. */
  put(value: number | bigint, width: number): void {
    if (typeof value === "bigint") {
      if (width > 48) this.put(value >> 48n, width - 48);
      this.put(Number(BigInt.asUintN(48, value)), Math.min(width, 48));
      return;
    }
    if (width > 24) {
      this.put(Math.floor(value / 0x1000000), width - 24);
      value %= 0x1000000;
      width = 24;
    }
    while (width) {
      const free = 8 - (this.width & 7);
      if (free > 7) this.bytes.push(0);
      const now = Math.min(free, width);
      width -= now;
      this.bytes[this.bytes.length - 1]! |= ((value >>> width) & ((1 << now) - 1)) << (free - now);
      this.width += now;
    }
  }

  putBytes(bytes: ArrayLike<number>): void {
    for (let at = 0; at < bytes.length; at++) this.put(bytes[at]!, 8);
  }

  /** Append what another writer holds. */
  append(other: Writer): void {
    let left = other.width;
    for (const byte of other.bytes) {
      const now = Math.min(8, left);
      this.put(byte >> (8 - now), now);
      left -= now;
    }
  }

  /** Zero bits up to the next byte. */
  align(): void {
    this.width = 8 * this.bytes.length;
  }

  /** Drop the zero bits at the end. */
  trim(): void {
    while (this.width && !((this.bytes[(this.width - 1) >> 3]! >> (-this.width & 7)) & 1)) this.width -= 1;
    this.bytes.length = (this.width + 7) >> 3;
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.bytes);
  }
}
