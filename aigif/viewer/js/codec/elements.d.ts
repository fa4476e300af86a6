import { type Code } from "./codes.js";
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
export type Step = Element & {
    path: string;
};
export type Bundle = readonly Step[];
/** Numbers in a range; bigints where the range is one of bigints. Which fractions there are, the code says. */
export declare function range<T extends number | bigint>(least: T, most: T, code: Code): Element;
/** An enumeration: codes stay numbers, those that it lists and those that it does not. */
export declare function choice(code: Code): Element;
export declare const bool: Element;
/** Null stands for a string that this version can't read. */
export declare const string: Element;
export declare function bytes(most: number): Element;
/** Whether an element applies in a value. */
export type Test = (value: Values) => boolean;
/** It does where the element at `path` is one of `codes`, or with `negated` none of them. */
export declare function when(path: string, negated: boolean, ...codes: readonly number[]): Test;
/** An element of a type: with a default of its own, or a condition. */
export declare function field(type: Element, fallback?: unknown, test?: Test): Element;
/** The same without a presence bit. */
export declare function always(type: Element, fallback?: unknown, test?: Test): Element;
/** A group, or with `most` a list of groups. */
export declare function group(inner: Bundle, most?: number, test?: Test): Element;
/** What stands under names, in their order, with its paths. */
export declare function listed<T>(named: Readonly<Record<string, T>>, prefix?: string): (T & {
    path: string;
})[];
/** The same for runs of elements of the top-level groups. */
export declare function within<T>(...runs: readonly Readonly<Record<string, Readonly<Record<string, T>>>>[]): (T & {
    path: string;
})[];
export declare function isObject(value: unknown): value is Values;
export declare function applies({ test }: Element, value: Values): boolean;
/** Whether a step's value is its default. */
export declare function isDefault({ valid, fallback }: Element, value: any): boolean;
export declare function refuse(element: string, message?: string): never;
/** The value of a bundle in which nothing was set. */
export declare function defaults(bundle: Bundle): Values;
