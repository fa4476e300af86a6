// Records: a sealed run of fields, with strings that are coded one by one.

import { Reader, Texts, Writer } from "./bits.js";
import { StringCode, type Code } from "./codes.js";
import { check, defaults, holds, isDefault, place, type Bundle, type Step, type Values } from "./elements.js";
import { ElementError, NotCanonicalError } from "./errors.js";

/** One field; `align`: zero bits up to the next byte stand before it. */
export interface RecordField {
  path: string;
  code: Code;
  align: boolean;
}

export type RecordLayout = readonly RecordField[];

export function at(path: string, code: Code, align = false): RecordField {
  return { path, code, align };
}

function stepOf(root: Bundle, path: string): Step {
  return root.find((step) => step.path === path)!;
}

/** The paths of a record's strings, in their order. */
export function stringsOf(layout: RecordLayout): string[] {
  return layout.filter((field) => field.code instanceof StringCode).map((field) => field.path);
}

/** The value of the record at byte `start`, with its strings left empty, its coded strings, and the byte after it. */
export function readRecord(
  root: Bundle, layout: RecordLayout, data: Uint8Array, start: number, end: number,
): [value: Values, payloads: Uint8Array[], after: number] {
  const reader = new Reader(data, 8 * start, 8 * end, new Texts([]));
  const value = defaults(root);
  const payloads: Uint8Array[] = [];
  for (const { path, code, align } of layout) {
    if (align) readFill(reader);
    const step = stepOf(root, path);
    reader.element = path;
    let held = code.read(reader);
    if (code instanceof StringCode) {
      payloads.push(held);
      held = "";
    }
    if (!step.type.valid(held)) reader.fail(`${held} is out of range`);
    const [holder, name] = place(value, path);
    holder[name] = held;
    if (!holds(step.test, value) && !isDefault(step, held)) reader.fail("it does not apply here");
  }
  readFill(reader);
  if (reader.at > reader.end) reader.fail("the record is cut");
  return [value, payloads, reader.at / 8];
}

function readFill(reader: Reader): void {
  if (reader.take(-reader.at & 7)) reader.fail("bits between two fields are not zero", NotCanonicalError);
}

/** The bytes of a record; `payloads` are its coded strings in their order. */
export function writeRecord(root: Bundle, layout: RecordLayout, value: Values, payloads: readonly Uint8Array[]): Uint8Array {
  const writer = new Writer([]);
  const problems: string[] = [];
  const coded = [...payloads];
  for (const step of root) {
    const [holder, name] = place(value, step.path);
    if (!layout.some((field) => field.path === step.path) && !isDefault(step, holder[name])) {
      problems.push(`${step.path} has no place in this profile`);
    }
  }
  if (value["unknown"] !== null) problems.push("unknown has no place in this profile");
  for (const { path, code, align } of layout) {
    const step = stepOf(root, path);
    const [holder, name] = place(value, path);
    check(step, holder[name], path);
    if (!holds(step.test, value) && !isDefault(step, holder[name])) problems.push(`${path} does not apply here`);
    const held = code instanceof StringCode ? coded.shift() : holder[name];
    if (align) writer.align();
    if (!code.fits(held)) problems.push(`${path} ${held} does not fit`);
    else code.write(writer, held);
  }
  if (problems.length) throw new ElementError(problems.join("; "));
  return writer.finish();
}
