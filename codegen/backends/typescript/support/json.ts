// A file's value as JSON, and back: the form that the JSON Schema describes, the same in every language.
//
// Groups hold elements by name; an element at its default is left out. Enumerations stand as names, or as numbers
// where no name is known; bytes as hexadecimal; strings that can't be read as null; 64-bit numbers as bigint, which
// `stringify` and `parse` keep exact.

import { checkedTail, type Unknown } from "./bundles.js";
import { defaults, isDefault, isObject, refuse, type Bundle, type Step, type Values } from "./elements.js";
import { empty, flattened, nested, writeElements } from "./file.js";
import type { AnyFile, Section } from "./format.js";
import { knownSection } from "./framing.js";
import { CODER, PROFILES, root, SYNTAX } from "./layout.js";
import { known } from "./text.js";

export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [key: string]: Json };

/** The enumerations of the elements of each bundle. */
export type Named = ReadonlyMap<Bundle, Readonly<Record<string, Table>>>;

/** The entries of an enumeration by their code. */
export type Table = ReadonlyMap<number, Entry>;

export interface Entry {
  readonly name: string;
  readonly label: string;
  readonly [attribute: string]: string | number;
}

export function table(attributes: readonly string[], rows: readonly (readonly [number, ...(string | number)[]])[]): Table {
  const names = ["name", "label", ...attributes];
  return new Map(rows.map(([code, ...cells]) => [code, Object.fromEntries(cells.map((cell, at) => [names[at]!, cell])) as unknown as Entry]));
}

/** The name of a code; undefined where the table does not list it. */
export function nameOf(held: Table | undefined, code: number): string | undefined {
  return held?.get(code)?.name;
}

/** The code of a name or of a label. */
export function codeOf(held: Table | undefined, name: string): number | undefined {
  const entries = [...(held ?? [])];
  return (entries.find(([, entry]) => entry.name === name) ?? entries.find(([, entry]) => name && entry.label === name))?.[0];
}

export function fileToJson(named: Named, given: AnyFile, all = false): { [key: string]: Json } {
  const value = flattened(given);
  const document: { [key: string]: Json } = {};
  for (const name of SYNTAX) {
    const held = groupToJson(named, root, value, all, `${name}.`);
    if (Object.keys(held).length) document[name] = held;
  }
  if (value.unknown) document["unknown"] = tailToJson(value.unknown);
  if (value.sections.length) {
    document["sections"] = value.sections.map((section) => ({ ...section, payload: toHex(section.payload) }));
  }
  if (value.coded_text && writeElements(value).strings.includes(null)) {
    document["opaque_text"] = toHex(value.coded_text.payloads[0]!);
  }
  return document;
}

function groupToJson(named: Named, bundle: Bundle, value: Values, all: boolean, prefix = ""): { [key: string]: Json } {
  const document: { [key: string]: Json } = {};
  for (const step of bundle) {
    const held: unknown = value[step.path];
    if (step.path.startsWith(prefix) && (all || !isDefault(step, held))) {
      document[step.path.slice(prefix.length)] = elementToJson(named, bundle, step, held, all);
    }
  }
  if (!prefix && value["unknown"]) document["unknown"] = tailToJson(value["unknown"]);
  return document;
}

function elementToJson(named: Named, bundle: Bundle, step: Step, value: any, all: boolean): Json {
  const { inner } = step;
  if (typeof value === "number") return nameOf(named.get(bundle)?.[step.path], value) ?? value;
  if (value instanceof Uint8Array) return toHex(value);
  if (!inner || value === null) return value;
  return step.most ? value.map((item: Values) => groupToJson(named, inner, item, all)) : groupToJson(named, inner, value, all);
}

function tailToJson({ width, value, strings }: Unknown): Json {
  return { width, value: value.toString(16), strings };
}

export function fileFromJson(named: Named, document: unknown): AnyFile {
  if (!isMapping(document)) refuse("", "it is no JSON object");
  const value = empty();
  let opaque: Uint8Array | undefined;
  for (const [key, held] of Object.entries(document)) {
    if (SYNTAX.includes(key)) Object.assign(value, groupFromJson(named, root, held, key, `${key}.`));
    else if (key === "unknown") value.unknown = tailFromJson(held, key);
    else if (key === "sections") value.sections = sectionsFromJson(held);
    else if (key === "opaque_text") opaque = fromHex(held, key);
    else refuse(key, "there is no such group");
  }
  if (opaque) {
    const { strings } = writeElements(value);
    const compressor: number = value[CODER];
    if (known(compressor) || !strings.includes(null)) {
      refuse("opaque_text", "it stands only for strings that can't be read");
    }
    const profile = PROFILES.find((entry) => !entry.record)!.number;
    value.coded_text = { profile, compressor, strings, payloads: [opaque] };
  }
  return nested(value);
}

function isMapping(held: unknown): held is Values {
  return isObject(held) && !Array.isArray(held);
}

/** The elements of a group: of the root those whose path begins with `prefix`, else all of a nested bundle. */
function groupFromJson(named: Named, bundle: Bundle, held: unknown, path: string, prefix = ""): Values {
  if (!isMapping(held)) refuse(path, "it is no JSON object");
  const value: Values = prefix ? {} : { ...defaults(bundle), unknown: null };
  for (const [key, item] of Object.entries(held)) {
    const element = `${path}.${key}`;
    const step = bundle.find((entry) => entry.path === prefix + key);
    if (key === "unknown" && !prefix) value[key] = tailFromJson(item, element);
    else value[prefix + key] = elementFromJson(named, bundle, step ?? refuse(element, "there is no such element"), item, element);
  }
  return value;
}

function elementFromJson(named: Named, bundle: Bundle, step: Step, held: unknown, element: string): unknown {
  const { fallback, inner } = step;
  const wanted = typeof fallback;
  const listed = named.get(bundle)?.[step.path];
  if (listed && typeof held === "string") {
    return codeOf(listed, held) ?? refuse(element, `${JSON.stringify(held)} is not a listed name`);
  }
  if (fallback instanceof Uint8Array) return fromHex(held, element);
  if (inner && step.most) {
    if (!Array.isArray(held)) refuse(element, "it is no list");
    return held.map((item, index) => groupFromJson(named, inner, item, `${element}[${index}]`));
  }
  if (inner) return held === null ? null : groupFromJson(named, inner, held, element);
  if (wanted === "bigint" && Number.isSafeInteger(held)) return BigInt(held as number);
  if (typeof held !== wanted && !(wanted === "string" && held === null)) refuse(element, `it is no ${wanted}`);
  return held;
}

function tailFromJson(held: unknown, element: string): Unknown | null {
  if (held === null) return null;
  if (!isObject(held) || !/^[0-9a-f]+$/i.test(String(held["value"]))) {
    refuse(element, "it is not the tail of a bundle");
  }
  const { width, value, strings } = held;
  return checkedTail({ width, value: BigInt(`0x${value}`), strings }, element);
}

function sectionsFromJson(held: unknown): Section[] {
  const element = "sections";
  if (!Array.isArray(held)) refuse(element, "it is no list of sections");
  return held.map((item: unknown) => {
    if (!isObject(item)) refuse(element, "it is no section");
    const flags = knownSection(item["id"]);
    const { id, critical = flags?.critical ?? false, safe_to_copy = flags?.safe_to_copy ?? false } = item;
    if (typeof critical !== "boolean" || typeof safe_to_copy !== "boolean") refuse(element, "it is no section");
    return { id, critical, safe_to_copy, payload: fromHex(item["payload"], element) };
  });
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function fromHex(held: unknown, element = ""): Uint8Array {
  if (typeof held !== "string" || held.length % 2 || !/^[0-9a-f]*$/i.test(held)) {
    refuse(element, "it is not hexadecimal");
  }
  return Uint8Array.from({ length: held.length / 2 }, (_, at) => parseInt(held.slice(2 * at, 2 * at + 2), 16));
}

/** JSON text in which every bigint stands as a number of all its digits. */
export function stringify(value: Json): string {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER) return value.toExponential();
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(stringify).join(",")}]`;
  return `{${Object.entries(value).map(([key, held]) => `${JSON.stringify(key)}:${stringify(held as Json)}`).join(",")}}`;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** What JSON text says; whole numbers that a number can't hold become bigints. Throws SyntaxError. */
export function parse(text: string): Json {
  // A long number becomes an object of one key, which no JSON text that was written for this format has.
  const marked = text.replace(TOKEN, (token) => (/^-?\d{16,}$/.test(token) ? `{"$long":"${token}"}` : token));
  return JSON.parse(marked, (_, held) => {
    const digits: unknown = isObject(held) && held["$long"];
    if (typeof digits !== "string") return held;
    return Number.isSafeInteger(Number(digits)) ? Number(digits) : BigInt(digits);
  });
}
