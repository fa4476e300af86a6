// What an element is: its type with its range, its code, its default, and where it applies.

import { bit, sized, text, type Code } from "./codes.js";
import { ElementError } from "./errors.js";
import { EXP_MAX } from "./numbers.js";

/** A value before it has its type: elements by name, those of the top-level groups by `group.element`. */
export type Values = Record<string, any>;

/** An element, or a type of elements, whose `fallback` is then the default that most of its elements have. */
export interface Element {
  fallback: any;
  valid(value: any): boolean;
  code?: Code;
  /** Whether no bit before the value says if it differs from the default. */
  always?: boolean;
  test?: Test | undefined;
  /** The group that it holds, once or up to `most` times. */
  inner?: Bundle;
  most?: number | undefined;
}

export type Step = Element & { path: string };

export type Bundle = readonly Step[];

/** Numbers in a range; bigints where the range is one of bigints. Which fractions there are, the code says. */
export function range<T extends number | bigint>(least: T, most: T, code: Code): Element {
  const kind = typeof least;
  const valid = (value: T): boolean => typeof value === kind && least <= value && value <= most && !Object.is(value, -0);
  return { fallback: kind === "bigint" ? 0n : 0, valid, code };
}

/** An enumeration: codes stay numbers, those that it lists and those that it does not. */
export function choice(code: Code): Element {
  return range(0, EXP_MAX, code);
}

export const bool: Element = { fallback: false, valid: (value) => value === !!value, code: bit };

/** Null stands for a string that this version can't read. */
export const string: Element = { fallback: "", valid: (value) => value === null || typeof value === "string", code: text };

export function bytes(most: number): Element {
  const valid = (value: unknown): boolean => value instanceof Uint8Array && value.length <= most;
  return { fallback: new Uint8Array(), valid, code: sized(most) };
}

/** Whether an element applies in a value. */
export type Test = (value: Values) => boolean;

/** It does where the element at `path` is one of `codes`, or with `negated` none of them. */
export function when(path: string, negated: boolean, ...codes: readonly number[]): Test {
  return (value) => codes.includes(Number(value[path])) !== negated;
}

/** An element of a type: with a default of its own, or a condition. */
export function field(type: Element, fallback: unknown = type.fallback, test?: Test): Element {
  return { ...type, fallback, test };
}

/** The same without a presence bit. */
export function always(type: Element, fallback?: unknown, test?: Test): Element {
  return { ...field(type, fallback, test), always: true };
}

/** A group, or with `most` a list of groups. */
export function group(inner: Bundle, most?: number, test?: Test): Element {
  const valid = (value: unknown): boolean => (most ? Array.isArray(value) && value.length <= most : isObject(value));
  return { fallback: most ? [] : null, valid, inner, most, test };
}

/** What stands under names, in their order, with its paths. */
export function listed<T>(named: Readonly<Record<string, T>>, prefix = ""): (T & { path: string })[] {
  return Object.entries(named).map(([name, item]) => ({ ...item, path: prefix + name }));
}

/** The same for runs of elements of the top-level groups. */
export function within<T>(...runs: readonly Readonly<Record<string, Readonly<Record<string, T>>>>[]): (T & { path: string })[] {
  return runs.flatMap((run) => Object.entries(run).flatMap(([group, named]) => listed(named, `${group}.`)));
}

export function isObject(value: unknown): value is Values {
  return Object(value) === value;
}

export function applies({ test }: Element, value: Values): boolean {
  return !test || test(value);
}

/** Whether a step's value is its default. */
export function isDefault({ valid, fallback }: Element, value: any): boolean {
  return value === fallback || (fallback?.length === 0 && value?.length === 0 && valid(value));
}

export function refuse(element: string, message = "not a value of it"): never {
  throw new ElementError(message, { element });
}

/** The value of a bundle in which nothing was set. */
export function defaults(bundle: Bundle): Values {
  return Object.fromEntries(bundle.map((step) => [step.path, step.fallback]));
}
