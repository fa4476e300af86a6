// What an element is: its type with its range, its code, its default, and where it applies.

import { bit, sized, text, type Code } from "./codes.js";
import { ElementError } from "./errors.js";
import { EXP_MAX } from "./numbers.js";

/** A value before it has its type: elements by name, those of the top-level groups by `group.element`. */
export type Values = Record<string, any>;

/** A type of elements and its code. `zero` is the default that most elements of the type have. */
export interface Type {
  zero: any;
  valid(value: any): boolean;
  code?: Code;
}

/** Numbers in a range; bigints where the range is one of bigints. Which fractions there are, the code says. */
export function range<T extends number | bigint>(least: T, most: T, code: Code): Type {
  const kind = typeof least;
  const valid = (value: T): boolean => typeof value === kind && least <= value && value <= most && !Object.is(value, -0);
  return { zero: kind === "bigint" ? 0n : 0, valid, code };
}

/** An enumeration: codes stay numbers, those that it lists and those that it does not. */
export function choice(code: Code): Type {
  return range(0, EXP_MAX, code);
}

export const bool: Type = { zero: false, valid: (value) => value === !!value, code: bit };

/** Null stands for a string that this version can't read. */
export const string: Type = { zero: "", valid: (value) => value === null || typeof value === "string", code: text };

export function bytes(most: number): Type {
  const valid = (value: unknown): boolean => value instanceof Uint8Array && value.length <= most;
  return { zero: new Uint8Array(), valid, code: sized(most) };
}

/** A condition: it holds where the element at `path` is one of `codes`, or with `negated` none of them. */
export interface Test {
  path: string;
  negated: boolean;
  codes: readonly number[];
}

export function when(path: string, negated: boolean, ...codes: readonly number[]): Test {
  return { path, negated, codes };
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

/** A group, or with `most` a list of groups. */
export function group(path: string, inner: Bundle, most?: number, test?: Test): Step {
  const valid = (value: unknown): boolean => (most ? Array.isArray(value) && value.length <= most : isObject(value));
  return { ...field(path, { zero: most ? [] : null, valid }, undefined, test), inner, most: most! };
}

/** Elements of one top-level group, among those of others. */
export function within<T extends { path: string }>(group: string, ...elements: readonly T[]): T[] {
  return elements.map((element) => ({ ...element, path: `${group}.${element.path}` }));
}

export function isObject(value: unknown): value is Values {
  return Object(value) === value;
}

export function holds(test: Test | undefined, value: Values): boolean {
  return !test || test.codes.includes(Number(value[test.path])) !== test.negated;
}

/** Whether a step's value is its default. */
export function isDefault({ type, fallback }: Step, value: any): boolean {
  return value === fallback || (fallback?.length === 0 && value?.length === 0 && type.valid(value));
}

export function refuse(element: string, message = "not a value of it"): never {
  throw new ElementError(message, { element });
}

/** The value of a bundle in which nothing was set. */
export function defaults(bundle: Bundle): Values {
  return Object.fromEntries(bundle.map((step) => [step.path, step.fallback]));
}
