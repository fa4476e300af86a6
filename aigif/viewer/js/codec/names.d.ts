import { type Json, type Table } from "./json.js";
import type { Aigif } from "./types.js";
export { codeOf, nameOf, parse, stringify, type Entry, type Json, type Table } from "./json.js";
/** The enumerations by their names in the schema. */
export declare const tables: Readonly<Record<string, Table>>;
/** A JSON object of a value; with `all`, elements at their defaults are there too. */
export declare function toJson(value: Aigif, all?: boolean): {
    [key: string]: Json;
};
/** The value of a JSON object as `toJson` makes it. Throws an ElementError that names the element. */
export declare function fromJson(document: unknown): Aigif;
