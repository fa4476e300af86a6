// Strings as code points. Two lone surrogates in a row stay two here, where a string of JavaScript has one character.

import { fromBytes, fromUtf8, join, SEQUENCE, split, toBytes, toUtf8 } from "../text.js";

export type Points = number[];

const CHARACTER = new RegExp(`${SEQUENCE.source}|[^]`, "g");

export function toPoints(string: string): Points {
  return Array.from(string, (character) => character.codePointAt(0)!);
}

export function fromPoints(points: readonly number[]): string {
  let string = "";
  for (const point of points) string += String.fromCodePoint(point);
  return string;
}

/** All strings as bytes, as coders of bytes take them. */
export function joined(strings: readonly Points[]): Uint8Array {
  return toBytes(join(strings.map((points) => points.map((point) => toUtf8(String.fromCodePoint(point))).join(""))));
}

/** The strings of joined bytes. Throws a CorruptError or a NotCanonicalError. */
export function parted(raw: Uint8Array): Points[] {
  return split(fromBytes(raw), (piece) => (piece.match(CHARACTER) ?? []).map((run) => fromUtf8(run).codePointAt(0)!));
}

export function same(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((item, at) => item === other[at]);
}
