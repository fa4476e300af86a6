// Records: a sealed run of fields, with strings that are coded one by one.

import { Reader, Writer } from "./bits.js";
import type { Code } from "./codes.js";
import { applies, defaults, isDefault, refuse, type Step, type Values } from "./elements.js";
import { ElementError, NotCanonicalError } from "./errors.js";
import { root } from "./layout.js";

/** One field; `align`: zero bits up to the next byte stand before it. */
export type RecordField = Code & { align?: boolean };

export type RecordLayout = readonly (RecordField & { path: string })[];

export function aligned(code: Code): RecordField {
  return { ...code, align: true };
}

function stepOf(path: string): Step {
  return root.find((step) => step.path === path)!;
}

/** The paths of a record's strings, in their order. */
export function stringsOf(layout: RecordLayout): string[] {
  return layout.filter((field) => field.alone).map((field) => field.path);
}

/** Read a record. Gives the value, with its strings left empty, and its coded strings. */
export function readRecord(layout: RecordLayout, reader: Reader): [value: Values, payloads: Uint8Array[]] {
  const value = defaults(root);
  const payloads: Uint8Array[] = [];
  for (const { path, align, alone, read } of layout) {
    if (align) readFill(reader);
    const step = stepOf(path);
    reader.element = path;
    let held = read(reader);
    if (alone) {
      payloads.push(held);
      held = "";
    }
    if (!step.valid(held)) reader.fail(`${held} is out of range`);
    if (!applies(step, value) && !isDefault(step, held)) reader.fail("it does not apply here");
    value[path] = held;
  }
  readFill(reader);
  if (reader.at > reader.bits.length) reader.fail("the record is cut");
  return [value, payloads];
}

function readFill(reader: Reader): void {
  if (reader.digits(-reader.at & 7).includes("1")) reader.fail("the fill is not zero", NotCanonicalError);
}

/** The bytes of a record; `payloads` are its coded strings in their order. */
export function writeRecord(layout: RecordLayout, value: Values, payloads: readonly Uint8Array[]): Uint8Array {
  const writer = new Writer([]);
  const problems: string[] = [];
  const coded = [...payloads];
  for (const step of [...root, { path: "unknown", fallback: null } as Step]) {
    if (!layout.some((field) => field.path === step.path) && !isDefault(step, value[step.path])) {
      problems.push(`${step.path} has no place in this profile`);
    }
  }
  for (const { path, align, alone, write } of layout) {
    const step = stepOf(path);
    let held: any = value[path];
    if (!step.valid(held)) refuse(path);
    if (!applies(step, value) && !isDefault(step, held)) problems.push(`${path} does not apply here`);
    if (alone) held = coded.shift();
    if (align) writer.align();
    try {
      write(writer, held);
    } catch (error) {
      problems.push(`${path} ${(error as Error).message}`);
    }
  }
  if (problems.length) throw new ElementError(problems.join("; "));
  return writer.finish();
}
