import { type Code } from "./codes.js";
/** A value before it has its type: elements by name, those of the top-level groups by `group.element`. */
export type Values = Record<string, any>;
/** A type of elements and its code. `zero` is the default that most elements of the type have. */
export interface Type {
    zero: any;
    valid(value: any): boolean;
    code?: Code;
}
/** Numbers in a range; bigints where the range is one of bigints. Which fractions there are, the code says. */
export declare function range<T extends number | bigint>(least: T, most: T, code: Code): Type;
/** An enumeration: codes stay numbers, those that it lists and those that it does not. */
export declare function choice(code: Code): Type;
export declare const bool: Type;
/** Null stands for a string that this version can't read. */
export declare const string: Type;
export declare function bytes(most: number): Type;
/** A condition: it holds where the element at `path` is one of `codes`, or with `negated` none of them. */
export interface Test {
    path: string;
    negated: boolean;
    codes: readonly number[];
}
export declare function when(path: string, negated: boolean, ...codes: readonly number[]): Test;
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
export declare function field(path: string, type: Type, fallback?: unknown, test?: Test, optional?: boolean): Step;
/** A field that has no presence bit. */
export declare function always(path: string, type: Type, fallback?: unknown, test?: Test): Step;
/** A group, or with `most` a list of groups. */
export declare function group(path: string, inner: Bundle, most?: number, test?: Test): Step;
/** Elements of one top-level group, among those of others. */
export declare function within<T extends {
    path: string;
}>(group: string, ...elements: readonly T[]): T[];
export declare function isObject(value: unknown): value is Values;
export declare function holds(test: Test | undefined, value: Values): boolean;
/** Whether a step's value is its default. */
export declare function isDefault({ type, fallback }: Step, value: any): boolean;
export declare function refuse(element: string, message?: string): never;
/** The value of a bundle in which nothing was set. */
export declare function defaults(bundle: Bundle): Values;
