// What an element is: its type with its range, its default, its code, and where it applies.

import type { Code } from "./codes.js";
import { ElementError } from "./errors.js";
import { EXP_MAX } from "./numbers.js";

/** The value of a group before it has its type: elements by name. */
export type Values = Record<string, any>;

/** A type of elements: its name in the schema, which values it allows, and of what it is. */
export interface Type {
  kind: "bool" | "uint" | "int" | "float" | "enum" | "string" | "bytes" | "group" | "list";
  valid(value: unknown): boolean;
  of?: string | undefined;
  long?: boolean;
}

/** Whole numbers; as bigint where a number can't hold them all. */
export function integer(least: number, most: number): Type {
  return {
    kind: least < 0 ? "int" : "uint",
    valid: (value) => Number.isInteger(value) && !Object.is(value, -0) && least <= (value as number) && (value as number) <= most,
  };
}

export function long(least: bigint, most: bigint): Type {
  return { kind: least < 0 ? "int" : "uint", long: true, valid: (value) => typeof value === "bigint" && least <= value && value <= most };
}

export function real(least: number, most: number): Type {
  return {
    kind: "float",
    valid: (value) => typeof value === "number" && least <= value && value <= most && !Object.is(value, -0),
  };
}

export const bool: Type = { kind: "bool", valid: (value) => typeof value === "boolean" };

export const string: Type = { kind: "string", valid: (value) => typeof value === "string" || value === null };

export function bytes(most: number): Type {
  return { kind: "bytes", valid: (value) => value instanceof Uint8Array && value.length <= most };
}

/** An enumeration: codes stay numbers, those that it lists and those that it does not. */
export function code(of: string): Type {
  return { ...integer(0, EXP_MAX), kind: "enum", of };
}

/** A condition: it holds where the element at `path` is one of `codes`, or with `negated` none of them. */
export interface Test {
  path: string;
  codes: readonly number[];
  negated: boolean;
}

export interface Field {
  path: string;
  type: Type;
  code: Code;
  fallback: any;
  /** A bit before the value says whether it differs from the default. */
  optional: boolean;
  test: Test | undefined;
}

/** An optional group, or a list of groups with at most `most` items. */
export interface Nested {
  path: string;
  type: Type;
  inner: Bundle;
  fallback: any;
  most: number;
  test: Test | undefined;
}

export type Step = Field | Nested;
export type Bundle = readonly Step[];

const absent: readonly never[] = [];

export function field(path: string, type: Type, fallback: unknown, code: Code, test?: Test): Field {
  return { path, type, code, fallback, optional: true, test };
}

/** A field that has no presence bit. */
export function always(path: string, type: Type, fallback: unknown, code: Code, test?: Test): Field {
  return { path, type, code, fallback, optional: false, test };
}

export function group(path: string, of: string, inner: Bundle, test?: Test): Nested {
  return { path, type: { kind: "group", of, valid: isObject }, inner, fallback: null, most: 0, test };
}

export function list(path: string, of: string, inner: Bundle, most: number, test?: Test): Nested {
  const valid = (value: unknown): boolean => Array.isArray(value) && value.length <= most;
  return { path, type: { kind: "list", of, valid }, inner, fallback: absent, most, test };
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
export function place(value: Values, path: string): [Values, string] {
  const dot = path.indexOf(".");
  return dot < 0 ? [value, path] : [(value[path.slice(0, dot)] ??= {}), path.slice(dot + 1)];
}

export function holds(test: Test | undefined, root: Values): boolean {
  if (!test) return true;
  const [holder, name] = place(root, test.path);
  return test.codes.includes(Number(holder[name])) !== test.negated;
}

/** Whether a step's value is its default. */
export function isDefault(step: Step, value: any): boolean {
  const { kind } = step.type;
  if (kind === "bytes" || kind === "list") return step.type.valid(value) && !value.length;
  return value === step.fallback;
}

export function check(step: Step, value: unknown, path: string): void {
  if (!step.type.valid(value)) {
    const said = typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : String(value).slice(0, 40);
    throw new ElementError(`${said} is no value of this element`, { element: path });
  }
}

/** The value of a bundle in which nothing was set. */
export function defaults(bundle: Bundle): Values {
  const value: Values = {};
  for (const step of bundle) {
    const [holder, name] = place(value, step.path);
    holder[name] = step.fallback;
  }
  return value;
}
