import { type Bundle } from "./elements.js";
import type { AnyFile } from "./format.js";
export type Json = null | boolean | number | bigint | string | readonly Json[] | {
    readonly [key: string]: Json;
};
/** The enumerations of the elements of each bundle. */
export type Named = ReadonlyMap<Bundle, Readonly<Record<string, Table>>>;
/** The entries of an enumeration by their code. */
export type Table = ReadonlyMap<number, Entry>;
export interface Entry {
    readonly name: string;
    readonly label: string;
    readonly [attribute: string]: string | number;
}
export declare function table(attributes: readonly string[], rows: readonly (readonly [number, ...(string | number)[]])[]): Table;
/** The name of a code; undefined where the table does not list it. */
export declare function nameOf(held: Table | undefined, code: number): string | undefined;
/** The code of a name or of a label. */
export declare function codeOf(held: Table | undefined, name: string): number | undefined;
export declare function fileToJson(named: Named, given: AnyFile, all?: boolean): {
    [key: string]: Json;
};
export declare function fileFromJson(named: Named, document: unknown): AnyFile;
export declare function toHex(bytes: Uint8Array): string;
export declare function fromHex(held: unknown, element?: string): Uint8Array;
/** JSON text in which every bigint stands as a number of all its digits. */
export declare function stringify(value: Json): string;
/** What JSON text says; whole numbers that a number can't hold become bigints. Throws SyntaxError. */
export declare function parse(text: string): Json;
