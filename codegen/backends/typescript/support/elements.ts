// What an element is: its type with its range, its code, its default, and where it applies.

import { bit, sized, text, type Code } from "./codes.js";
import { ElementError } from "./errors.js";
import { EXP_MAX } from "./numbers.js";

/** The value of a group before it has its type: elements by name. */
export type Values = Record<string, any>;

/** A type of elements and its code. `zero` is the default that most elements of the type have. */
export interface Type {
  kind: "boolean" | "number" | "bigint" | "string" | "bytes" | "enum" | "group" | "list";
  code?: Code;
  zero: any;
  valid(value: any): boolean;
}

/** Numbers in a range; bigints where the range is one of bigints. Which fractions there are, the code says. */
export function range<T extends number | bigint>(least: T, most: T, code: Code): Type {
  const kind = typeof least as "number" | "bigint";
  const valid = (value: unknown): boolean => typeof value === kind && least <= (value as T) && (value as T) <= most && !Object.is(value, -0);
  return { kind, code, zero: kind === "bigint" ? 0n : 0, valid };
}

/** An enumeration: codes stay numbers, those that it lists and those that it does not. */
export function choice(code: Code): Type {
  return { ...range(0, EXP_MAX, code), kind: "enum" };
}

export const bool: Type = { kind: "boolean", code: bit, zero: false, valid: (value) => typeof value === "boolean" };

/** Null stands for a string that this version can't read. */
export const string: Type = { kind: "string", code: text, zero: "", valid: (value) => value === null || typeof value === "string" };

export function bytes(most: number): Type {
  const valid = (value: unknown): boolean => value instanceof Uint8Array && value.length <= most;
  return { kind: "bytes", code: sized(most), zero: new Uint8Array(), valid };
}

/** A condition: it holds where the element at `path` is one of `codes`, or with `negated` none of them. */
export interface Test {
  path: string;
  codes: readonly number[];
  negated: boolean;
}

/** One element. `optional`: a bit before the value says whether it differs from the default; groups always have it. */
export interface Step {
  path: string;
  type: Type;
  fallback: any;
  optional: boolean;
  test: Test | undefined;
  /** The group that it holds, once or up to `most` times. */
  inner?: Bundle;
  most?: number;
}

export type Bundle = readonly Step[];

export function field(path: string, type: Type, fallback: unknown = type.zero, test?: Test, optional = true): Step {
  return { path, type, fallback, optional, test };
}

/** A field that has no presence bit. */
export function always(path: string, type: Type, fallback?: unknown, test?: Test): Step {
  return field(path, type, fallback, test, false);
}

export function group(path: string, inner: Bundle, test?: Test): Step {
  return { ...field(path, { kind: "group", zero: null, valid: isObject }, null, test), inner };
}

export function list(path: string, inner: Bundle, most: number, test?: Test): Step {
  const valid = (value: unknown): boolean => Array.isArray(value) && value.length <= most;
  return { ...field(path, { kind: "list", zero: [], valid }, [], test), inner, most };
}

export function where(path: string, ...codes: readonly number[]): Test {
  return { path, codes, negated: false };
}

export function unless(path: string, ...codes: readonly number[]): Test {
  return { path, codes, negated: true };
}

export function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object that holds the element at a path of the root, and its name there; `value` itself for a nested one. */
export function place(value: Values, path: string): [holder: Values, name: string] {
  const [group, name] = path.split(".");
  return name ? [(value[group!] ??= {}), name] : [value, path];
}

export function valueAt(value: Values, path: string): any {
  const [holder, name] = place(value, path);
  return holder[name];
}

export function put(value: Values, path: string, held: unknown): void {
  const [holder, name] = place(value, path);
  holder[name] = held;
}

export function holds(test: Test | undefined, root: Values): boolean {
  return !test || test.codes.includes(Number(valueAt(root, test.path))) !== test.negated;
}

/** Whether a step's value is its default. */
export function isDefault({ type, fallback }: Step, value: any): boolean {
  return value === fallback || (value?.length === 0 && type.valid(value));
}

export function refuse(element: string, message = "not a value of this element"): never {
  throw new ElementError(message, { element });
}

/** The value of a bundle in which nothing was set. */
export function defaults(bundle: Bundle): Values {
  const value: Values = {};
  for (const step of bundle) put(value, step.path, step.fallback);
  return value;
}
