// Bundles, root and nested: elements in the order of their birth, open at their end.

import { Reader, Writer, type Text } from "./bits.js";
import { size } from "./codes.js";
import { applies, isDefault, isObject, refuse, string, type Bundle, type Step, type Values } from "./elements.js";
import { NotCanonicalError } from "./errors.js";
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
    value[step.path] = applies(step, value) ? readStep(step, reader) : step.fallback;
  }
}

function readStep(step: Step, reader: Reader): any {
  const { fallback, inner, most, always } = step;
  if (!always && !reader.take(1)) return fallback;
  if (inner) {
    if (!most) return readDelimited(inner, reader, step.path);
    const count = size.read(reader) + 1;
    if (count > most) reader.fail(`more than ${most} items`);
    return Array.from({ length: count }, (_, index) => readDelimited(inner, reader, `${step.path}[${index}]`));
  }
  const value = step.code!.read(reader);
  if (!step.valid(value)) reader.fail(`${value} is out of range`);
  if (!always && isDefault(step, value)) reader.fail("the default is coded", NotCanonicalError);
  return value;
}

function readDelimited(inner: Bundle, reader: Reader, path: string): Values {
  reader.element = path;
  const until = reader.texts.taken + size.read(reader);
  const width = size.read(reader);
  if (width && reader.at + width > reader.bits.length) reader.fail("the group runs past the end");
  const body = reader.inner(width);
  if (body.bits.endsWith("0")) reader.fail("the group ends in a zero bit", NotCanonicalError);
  const value: Values = {};
  readSteps(inner, body, value);
  value["unknown"] = readTail(body, until);
  return value;
}

/** What is left of a bundle after its last known element; null where nothing is. */
export function readTail(reader: Reader, until: number): Unknown | null {
  reader.element = "strings";
  const strings = reader.texts.rest(until, reader);
  const tail = reader.bits.slice(reader.at, reader.bits.lastIndexOf("1") + 1);
  if (tail) return { width: tail.length, value: BigInt(`0b${tail}`), strings };
  if (strings.length) reader.fail("strings of no element");
  return null;
}

/** Write the steps of a bundle, and its tail. `prefix` is what the paths of its elements begin with. */
export function writeBundle(bundle: Bundle, writer: Writer, value: Values, prefix = ""): void {
  for (const step of bundle) {
    const path = prefix + step.path;
    const held: unknown = value[step.path];
    if (applies(step, value)) writeStep(step, writer, held, path);
    else if (!isDefault(step, held)) refuse(path, "it does not apply here");
  }
  const unknown = checkedTail(value["unknown"], `${prefix}unknown`);
  if (unknown) {
    writer.put(unknown.value, unknown.width);
    writer.strings.push(...unknown.strings);
  }
}

function writeStep(step: Step, writer: Writer, held: any, path: string): void {
  const { inner } = step;
  writer.element = path;
  if (!step.always) {
    const absent = isDefault(step, held);
    writer.put(absent ? 0 : 1, 1);
    if (absent) return;
  }
  if (!step.valid(held)) refuse(path);
  if (!inner) step.code!.write(writer, held);
  else if (!step.most) writeDelimited(inner, writer, held, path);
  else {
    size.write(writer, held.length - 1);
    held.forEach((item: unknown, index: number) => writeDelimited(inner, writer, item, `${path}[${index}]`));
  }
}

function writeDelimited(inner: Bundle, writer: Writer, held: unknown, path: string): void {
  if (!isObject(held)) refuse(path);
  const before = writer.strings.length;
  const body = new Writer(writer.strings);
  writeBundle(inner, body, held, `${path}.`);
  body.trim();
  size.write(writer, writer.strings.length - before);
  size.write(writer, body.bits.length);
  writer.bits += body.bits;
}

/** A tail: 1 to TAIL_BITS bits, of which the last is one, and strings; or null. */
export function checkedTail(tail: any, element: string): Unknown | null {
  if (tail === null) return tail;
  const { width, value, strings } = isObject(tail) ? tail : refuse(element);
  const odd = typeof value === "bigint" && value > 0n && value % 2n === 1n && Number.isInteger(width);
  if (!odd || width > TAIL_BITS || value.toString(2).length > width) refuse(element);
  if (!Array.isArray(strings) || !strings.every(string.valid)) refuse(element);
  return { width, value, strings };
}
