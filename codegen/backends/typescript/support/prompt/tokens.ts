// Strings to tokens and back.
//
// A string is cut into words by one regular expression; a word in letters is folded to lower case and cut into tokens
// of the vocabulary by byte-pair encoding; how each token was written (lower, Capital, UPPER) is kept beside it.
// Characters that the vocabulary does not know stand in literals.

import { LONGEST as LONGEST_LITERAL } from "./literals.js";
import { fromPoints, toPoints, type Points } from "./points.js";
import type { Tables } from "./tables.js";

export const END = 0;
export const SEPARATOR = 1;
export const LITERAL = 2;
export const SPECIALS = 3;
const LOWER = 0;
const CAPITAL = 1;
const UPPER = 2;
/** Characters of a word, which bounds the time that cutting it takes. */
const LONGEST = 24;
const CACHED = 8192;
// What stands for a character beyond U+FFFF where words are found, so that each is one unit: one that is a token
// counts as any other sign, one that is none as unknown.
const SIGN = "~";
const UNKNOWN = "\uffff";

/** Tokens, how each was written, and the literals among them. */
export interface Cut {
  readonly tokens: number[];
  readonly cases: number[];
  readonly literals: Points[];
}

/** A vocabulary at work. */
export class Tokenizer {
  private readonly ids = new Map<string, number>();
  private readonly words: RegExp;
  private readonly cache = new Map<string, readonly [token: number, written: number][]>();
  private readonly tokens: readonly string[];

  constructor({ tokens, letters }: Tables) {
    this.tokens = tokens;
    tokens.forEach((token, id) => id >= SPECIALS && this.ids.set(token, id));
    this.words = pattern([...this.ids.keys()].filter((token) => token.length === 1), letters);
  }

  /** Cut all strings of a text. */
  cut(strings: readonly Points[]): Cut {
    const cut: Cut = { tokens: [], cases: [], literals: [] };
    strings.forEach((points, index) => {
      if (index) add(cut, SEPARATOR, LOWER);
      this.cutOne(points, cut);
    });
    add(cut, END, LOWER);
    return cut;
  }

  private cutOne(points: Points, cut: Cut): void {
    let at = 0;
    for (const units of this.unitsOf(points).match(this.words) ?? []) {
      const word = points.slice(at, (at += units.length));
      const last = units.at(-1)!;
      if (this.ids.has(last) || (last >= "A" && last <= "Z")) {
        for (const [token, written] of this.cutWord(fromPoints(word))) add(cut, token, written);
      } else {
        add(cut, LITERAL, LOWER);
        cut.literals.push(word);
      }
    }
  }

  /** The strings that tokens stand for. */
  joined({ tokens, cases, literals }: Cut): Points[] {
    const strings: Points[] = [];
    let points: Points = [];
    let literal = 0;
    tokens.forEach((token, at) => {
      if (token > LITERAL) points.push(...toPoints(inCase(this.tokens[token]!, cases[at]!)));
      else if (token === LITERAL) points.push(...literals[literal++]!);
      else {
        strings.push(points);
        points = [];
      }
    });
    return strings;
  }

  private unitsOf(points: Points): string {
    return points
      .map((point) => {
        const character = String.fromCodePoint(point);
        return point < 0x10000 ? character : this.ids.has(character) ? SIGN : UNKNOWN;
      })
      .join("");
  }

  private cutWord(word: string): readonly [token: number, written: number][] {
    let found = this.cache.get(word);
    if (!found) {
      if (this.cache.size >= CACHED) this.cache.clear();
      const folded = word.toLowerCase();
      let at = 0;
      found = this.merged(folded).map((token) => {
        const start = at;
        at += this.tokens[token]!.length;
        return [token, caseOf(word.slice(start, at), folded.slice(start, at))];
      });
      this.cache.set(word, found);
    }
    return found;
  }

  /** Byte-pair encoding: of all neighbours that are a token together, always the one of the lowest id, the first of
   * equals, is joined. */
  private merged(word: string): number[] {
    const whole = this.ids.get(word);
    if (whole !== undefined) return [whole];
    const parts = Array.from(word, (character) => this.ids.get(character)!);
    for (;;) {
      let best = Infinity;
      let at = -1;
      for (let index = 0; index < parts.length - 1; index++) {
        const joined = this.ids.get(this.tokens[parts[index]!]! + this.tokens[parts[index + 1]!]!) ?? Infinity;
        if (joined < best) [best, at] = [joined, index];
      }
      if (at < 0) return parts;
      parts.splice(at, 2, best);
    }
  }
}

function add({ tokens, cases }: Cut, token: number, written: number): void {
  tokens.push(token);
  cases.push(written);
}

/** How a piece of a word is written. */
function caseOf(written: string, folded: string): number {
  if (written === folded) return LOWER;
  return written.replace(/^ +/, "").length > 1 && written === folded.toUpperCase() ? UPPER : CAPITAL;
}

/** A token as it is written in a case. */
function inCase(token: string, written: number): string {
  if (written === LOWER) return token;
  if (written === UPPER) return token.toUpperCase();
  const at = token.startsWith(" ") ? 1 : 0;
  return token.slice(0, at) + token.slice(at, at + 1).toUpperCase() + token.slice(at + 1);
}

/** The regular expression whose matches are the words, of units.
 *
 * `characters` are those that the vocabulary knows; a capital letter of ASCII counts as its small one. */
function pattern(characters: readonly string[], letters: string): RegExp {
  const listed = (held: readonly string[]): string => held.map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
  const small = `a-z${listed(letters.split(""))}`;
  const known = `A-Z${listed(characters)}`;
  const plain = new RegExp(`[${small}0-9 \\n]`);
  const others = listed(characters.filter((unit) => !plain.test(unit)));
  const most = `{1,${LONGEST}}`;
  const ways = [
    ` ?(?:[A-Z]${most}(?![${small}])|[A-Z]?[${small}]${most})`,
    ":[0-9]\\.[0-9]{1,2}(?![0-9])\\)?",
    "'(?:s|t|re|ve|m|ll|d)(?![a-z])",
    ` ?[0-9]${most}`,
    ` ?[${others}]${most}`,
    ` ${most}(?= )| |\\n${most}`,
    `[^${known}](?: ?[^${known}]){0,${LONGEST_LITERAL - 1}}`,
  ];
  return new RegExp(ways.join("|"), "g");
}
