// Bundles, root and nested: elements in the order of their birth, open at their end.

import { Reader, Writer, type Text } from "./bits.js";
import { size } from "./codes.js";
import { check, holds, isDefault, isObject, place, type Bundle, type Nested, type Step, type Values } from "./elements.js";
import { ElementError, NotCanonicalError } from "./errors.js";
import { TAIL_BITS } from "./numbers.js";

/** The tail of a bundle that a newer writer made: `width` bits, their value, and its strings. */
export interface Unknown {
  readonly width: number;
  readonly value: bigint;
  readonly strings: readonly Text[];
}

/** Read the steps of a bundle into `value`. */
export function readSteps(bundle: Bundle, reader: Reader, value: Values): void {
  for (const step of bundle) {
    reader.element = step.path;
    const [holder, name] = place(value, step.path);
    holder[name] = holds(step.test, value) ? readStep(step, reader) : step.fallback;
  }
}

function readStep(step: Step, reader: Reader): any {
  if ("inner" in step) return readNested(step, reader);
  if (step.optional && !reader.take(1)) return step.fallback;
  const value = step.code.read(reader);
  if (!step.type.valid(value)) reader.fail(`${value} is out of range`);
  if (step.optional && isDefault(step, value)) reader.fail("the default is coded", NotCanonicalError);
  return value;
}

function readNested(step: Nested, reader: Reader): any {
  if (!reader.take(1)) return step.fallback;
  const { path } = reader;
  if (step.type.kind === "group") return readDelimited(step.inner, reader, path);
  const count = size.read(reader) + 1;
  if (count > step.most) reader.fail(`${count} items, where ${step.most} are the most`);
  return Array.from({ length: count }, (_, index) => readDelimited(step.inner, reader, `${path}[${index}]`));
}

function readDelimited(inner: Bundle, reader: Reader, path: string): Values {
  const until = reader.texts.taken + size.read(reader);
  const width = size.read(reader);
  if (width && reader.at + width > reader.end) reader.fail("the group runs past the end");
  const body = reader.inner(width, `${path}.`);
  if (width && !isSet(body, body.end - 1)) reader.fail("the group ends in a zero bit", NotCanonicalError);
  const value: Values = {};
  readSteps(inner, body, value);
  value["unknown"] = readTail(body, until);
  return value;
}

/** What is left of a bundle after its last known element; null where nothing is. */
export function readTail(reader: Reader, until: number): Unknown | null {
  reader.element = "strings";
  const strings = reader.texts.rest(until, reader);
  let last = reader.end;
  while (last > reader.at && !isSet(reader, last - 1)) last -= 1;
  const width = last - reader.at;
  if (width <= 0) {
    if (strings.length) reader.fail("the text section has strings that no element takes");
    return null;
  }
  let digits = "0x" + reader.take(width % 4).toString(16);
  while (reader.at < last) digits += reader.take(4).toString(16);
  return { width, value: BigInt(digits), strings };
}

function isSet(reader: Reader, index: number): boolean {
  return ((reader.data[index >>> 3]! >> (~index & 7)) & 1) === 1;
}

/** Write the steps of a bundle, and its tail. `prefix` is what the paths of its elements begin with. */
export function writeBundle(bundle: Bundle, writer: Writer, value: Values, prefix = ""): void {
  for (const step of bundle) {
    const [holder, name] = place(value, step.path);
    const held: unknown = holder[name];
    if (holds(step.test, value)) writeStep(step, writer, held, prefix + step.path);
    else if (!isDefault(step, held)) {
      throw new ElementError(`it does not apply where ${step.test!.path} is what it is`, { element: prefix + step.path });
    }
  }
  const unknown: unknown = value["unknown"];
  if (unknown !== null) writeTail(writer, checkedTail(unknown, `${prefix}unknown`));
}

function writeStep(step: Step, writer: Writer, held: any, path: string): void {
  if ("inner" in step || step.optional) {
    const absent = isDefault(step, held);
    writer.put(absent ? 0 : 1, 1);
    if (absent) return;
  }
  check(step, held, path);
  if (!("inner" in step)) step.code.write(writer, held);
  else if (step.type.kind === "group") writeDelimited(step.inner, writer, held, path);
  else {
    size.write(writer, held.length - 1);
    held.forEach((item: unknown, index: number) => writeDelimited(step.inner, writer, item, `${path}[${index}]`));
  }
}

function writeDelimited(inner: Bundle, writer: Writer, held: unknown, path: string): void {
  if (!isObject(held)) throw new ElementError("it is no group", { element: path });
  const before = writer.strings.length;
  const body = new Writer(writer.strings);
  writeBundle(inner, body, held, `${path}.`);
  body.trim();
  size.write(writer, writer.strings.length - before);
  size.write(writer, body.width);
  writer.append(body);
}

function writeTail(writer: Writer, unknown: Unknown): void {
  writer.strings.push(...unknown.strings);
  const first = unknown.width % 4;
  const digits = unknown.value.toString(16).padStart(Math.ceil(unknown.width / 4), "0");
  for (let at = 0; at < digits.length; at++) writer.put(parseInt(digits[at]!, 16), at || !first ? 4 : first);
}

/** A tail: 1 to TAIL_BITS bits, of which the last is one, and strings. */
export function checkedTail(tail: unknown, element: string): Unknown {
  if (isObject(tail)) {
    const { width, value, strings } = tail;
    const bits = typeof value === "bigint" && value > 0n && (value & 1n) === 1n ? bitLength(value) : 0;
    const strung = Array.isArray(strings) && strings.every((text) => typeof text === "string" || text === null);
    if (bits && strung && Number.isInteger(width) && bits <= width && width <= TAIL_BITS) return tail as unknown as Unknown;
  }
  throw new ElementError("it is not the tail of a bundle", { element });
}

function bitLength(value: bigint): number {
  const digits = value.toString(16);
  return 4 * digits.length - Math.clz32(parseInt(digits[0]!, 16)) + 28;
}
