// What the coder expects next: lists, what is left of them, what was seen lately.
//
// The list of the last two tokens is asked first, then that of the last one, then what stood in the text lately, then
// all tokens. What a list held is left out of those asked after it.

import { countLess, sums } from "./search.js";
import type { List, Tables } from "./tables.js";

/** Tokens in one number. */
export const CHUNK = 1024;
/** Different tokens of the text that are remembered. */
const RECALLED = 48;
// Which list is asked, and after which.
export const TRIPLE = 0;
export const PAIR = 1;
export const PAIR_AFTER = 2;
// Where a token was found: how surprising that was.
export const FOUND_IN_TRIPLE = 0;
export const FOUND_IN_PAIR = 96;
export const FOUND_IN_ALL = 255;
const CACHED = 16384;

/** What a row of slots is without some of its places. */
export interface Left {
  readonly places: readonly number[];
  /** Of each of these places, the slots left before it. */
  readonly starts: readonly number[];
  /** Of each of these places, the slots gone before it, and all that are gone. */
  readonly gone: readonly number[];
}

export const WHOLE: Left = { places: [], starts: [], gone: [0] };

function without(places: readonly number[], slots: readonly number[]): Left {
  const gone = sums(places.map((place) => slots[place + 1]! - slots[place]!));
  return { places, starts: places.map((place, at) => slots[place]! - gone[at]!), gone };
}

/** How many slots are gone before a place that is not gone itself. */
export function goneBefore({ places, gone }: Left, place: number): number {
  return gone[countLess(places, place)]!;
}

/** The tables, and what is left of a list without another, which is kept once worked out. */
export class Model {
  private readonly pairs = new Map<number, Left>();
  private readonly all = new Map<number, Left>();

  constructor(readonly tables: Tables) {}

  /** What a list of pairs is without the places that the list of triples of `entry` held. */
  leftOfPair(entry: number, triple: List, pair: List): Left {
    return kept(this.pairs, entry, () => without(triple.ids, pair.slots));
  }

  /** What all tokens are without those that the list of pairs of `last` held. */
  leftOfAll(last: number, pair: List | undefined): Left {
    if (!pair) return WHOLE;
    const { rank, unigram } = this.tables;
    return kept(this.all, last, () => without(pair.ids.map((id) => rank[id]!).sort((one, other) => one - other), unigram));
  }

  /** Of the tokens seen lately those that the list of pairs did not hold, the one longest ago first. */
  near(recalled: ReadonlySet<number>, left: Left): number[] {
    const { rank } = this.tables;
    return [...recalled].filter((token) => left.places[countLess(left.places, rank[token]!)] !== rank[token]);
  }
}

function kept(cache: Map<number, Left>, key: number, make: () => Left): Left {
  let found = cache.get(key);
  if (!found) {
    if (cache.size >= CACHED) cache.clear();
    cache.set(key, (found = make()));
  }
  return found;
}

/** Put a token last among those seen lately. */
export function remember(recalled: Set<number>, token: number): void {
  recalled.delete(token);
  recalled.add(token);
  if (recalled.size > RECALLED) recalled.delete(recalled.values().next().value!);
}
