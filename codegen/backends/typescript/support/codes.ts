// The codes of single values.

import { Reader, Writer } from "./bits.js";
import { LimitError, NotCanonicalError } from "./errors.js";
import { ESCAPE_BYTE, EXP_DEPTH, SIZE_WIDTHS } from "./numbers.js";

export interface Code {
  read(reader: Reader): any;
  /** Throws an ElementError for a number that does not fit. */
  write(writer: Writer, value: any): void;
  /** Whether it is a coded string of its own. */
  alone?: boolean;
}

/** A form of a pick: a code that also says whether a value fits. */
export interface Form extends Code {
  fits(value: any): boolean;
}

/** `width` bits that `read` makes a value of; `body` makes them of a value, NaN or -1n of one that does not fit. */
function form<T>(width: number, read: (reader: Reader) => T, body: (value: T) => number | bigint): Form {
  return { read, write: (writer, value: T) => writer.put(body(value), width), fits: (value: T) => body(value) >= 0 };
}

/** `width` bits, n, that stand for (n * step + offset) / per. */
export function bits(width: number, step = 1, offset = 0, per = 1): Form {
  const value = (n: number): number => (n * step + offset) / per;
  return form(width, (reader) => value(reader.take(width)), (held) => {
    const n = (Math.round(held * per) - offset) / step;
    return Number.isInteger(n) && n < 2 ** width && value(n) === held ? n : NaN;
  });
}

/** The same for a bigint: `width` bits, n, that stand for n * step + offset. */
export function longBits(width: number, step = 1n, offset = 0n): Form {
  const value = (n: bigint): bigint => n * step + offset;
  return form(width, (reader) => value(reader.long(width)), (held) => {
    const n = (held - offset) / step;
    return value(n) === held && !(n >> BigInt(width)) ? n : -1n;
  });
}

/** One bit: false or true. */
export const bit: Code = {
  read: (reader) => reader.take(1) > 0,
  write: (writer, value: boolean) => writer.put(+value, 1),
};

/** The exp code: 255 for every escape, plus the last byte. */
export const exp: Code = {
  read(reader) {
    for (let value = 0, depth = 0; depth < EXP_DEPTH; depth++) {
      const byte = reader.take(8);
      value += byte;
      if (byte < ESCAPE_BYTE) return value;
    }
    return reader.fail("the exp code is too deep");
  },
  write(writer, value: number) {
    for (; value >= ESCAPE_BYTE; value -= ESCAPE_BYTE) writer.put(ESCAPE_BYTE, 8);
    writer.put(value, 8);
  },
};

/** `width` bits, of which all ones say that an exp code of the rest follows. */
export function escaped(width: number): Code {
  const escape = 2 ** width - 1;
  return {
    read(reader) {
      const short = reader.take(width);
      return short < escape ? short : escape + exp.read(reader);
    },
    write(writer, value: number) {
      writer.put(Math.min(value, escape), width);
      if (value >= escape) exp.write(writer, value - escape);
    },
  };
}

const scratch = new DataView(new ArrayBuffer(8));

/** An IEEE 754 number of 32 or 64 bits. */
export function float(width: 32 | 64): Form {
  const method = `Float${width}` as const;
  const spare = BigInt(64 - width);
  const held = (): number => scratch[`get${method}`](0);
  return form(width, (reader) => {
    scratch.setBigUint64(0, reader.long(width) << spare);
    const value = held();
    if (!Number.isFinite(value) || Object.is(value, -0)) reader.fail(`${value} is no value`);
    return value;
  }, (value) => {
    scratch[`set${method}`](0, value);
    return held() === value ? scratch.getBigUint64(0) >> spare : NaN;
  });
}

/** A selector of `width` bits that names a constant, or a form that follows; the first that fits is used. */
export function pick(width: number, constants: readonly (number | bigint)[], ...forms: readonly Form[]): Code {
  const count = constants.length;
  const select = (value: number | bigint): number => {
    const constant = constants.indexOf(value);
    const form = forms.findIndex((each) => each.fits(value));
    return constant >= 0 ? constant : form < 0 ? NaN : count + form;
  };
  return {
    read(reader) {
      const selector = reader.take(width);
      if (selector < count) return constants[selector];
      const value = (forms[selector - count] ?? reader.fail("an unknown selector")).read(reader);
      if (select(value) !== selector) reader.fail(`${value} has a shorter code`, NotCanonicalError);
      return value;
    },
    write(writer, value: number | bigint) {
      const selector = select(value);
      writer.put(selector, width);
      forms[selector - count]?.write(writer, value);
    },
  };
}

const length = pick(2, [], ...SIZE_WIDTHS.map((width) => bits(width)));

/** A length or a count, in its shortest form. */
export const size: Code = {
  read: length.read,
  write(writer, value: number) {
    if (value >> SIZE_WIDTHS.at(-1)!) throw new LimitError(`a length or count of ${value}`);
    length.write(writer, value);
  },
};

function readBytes(reader: Reader, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => reader.take(8));
}

function writeBytes(writer: Writer, value: Uint8Array): void {
  for (const byte of value) writer.put(byte, 8);
}

/** A size, then so many bytes. */
export function sized(most: number): Code {
  return {
    read(reader) {
      const count = size.read(reader);
      if (count > most) reader.fail(`more than ${most} bytes`);
      return readBytes(reader, count);
    },
    write(writer, value: Uint8Array) {
      size.write(writer, value.length);
      writeBytes(writer, value);
    },
  };
}

/** Nothing here: the string stands in the text section. */
export const text: Code = {
  read: (reader) => reader.texts.take(reader),
  write: (writer, value: string) => void writer.strings.push(value),
};

/** The coded string of a record: a byte length of `width` bits, then so many bytes. */
export function coded(width: number): Code {
  return {
    alone: true,
    read(reader) {
      const count = reader.take(width);
      if (reader.at + 8 * count > reader.bits.length) reader.fail("the record is cut");
      return readBytes(reader, count);
    },
    write(writer, payload: Uint8Array) {
      writer.put(payload.length, width);
      writeBytes(writer, payload);
    },
  };
}
