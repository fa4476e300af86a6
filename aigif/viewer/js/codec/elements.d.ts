import type { Code } from "./codes.js";
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
export declare function integer(least: number, most: number): Type;
export declare function long(least: bigint, most: bigint): Type;
export declare function real(least: number, most: number): Type;
export declare const bool: Type;
export declare const string: Type;
export declare function bytes(most: number): Type;
/** An enumeration: codes stay numbers, those that it lists and those that it does not. */
export declare function code(of: string): Type;
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
export declare function field(path: string, type: Type, fallback: unknown, code: Code, test?: Test): Field;
/** A field that has no presence bit. */
export declare function always(path: string, type: Type, fallback: unknown, code: Code, test?: Test): Field;
export declare function group(path: string, of: string, inner: Bundle, test?: Test): Nested;
export declare function list(path: string, of: string, inner: Bundle, most: number, test?: Test): Nested;
export declare function where(path: string, ...codes: readonly number[]): Test;
export declare function unless(path: string, ...codes: readonly number[]): Test;
export declare function isObject(value: unknown): value is Values;
/** The object that holds the element at a path of the root, and its name there; `value` itself for a nested one. */
export declare function place(value: Values, path: string): [Values, string];
export declare function holds(test: Test | undefined, root: Values): boolean;
/** Whether a step's value is its default. */
export declare function isDefault(step: Step, value: any): boolean;
export declare function check(step: Step, value: unknown, path: string): void;
/** The value of a bundle in which nothing was set. */
export declare function defaults(bundle: Bundle): Values;
