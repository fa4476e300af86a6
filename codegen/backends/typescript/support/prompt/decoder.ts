// A number to tokens: the encoder's steps the other way round.

import { CorruptError, ensure, NotCanonicalError } from "../errors.js";
import { checkSize } from "../text.js";
import { contextOf, LETTERED, stateAfter } from "./cases.js";
import { readLiteral } from "./literals.js";
import {
  CHUNK, FOUND_IN_ALL, FOUND_IN_PAIR, FOUND_IN_TRIPLE, goneBefore, PAIR, PAIR_AFTER, remember, TRIPLE, WHOLE, type Model,
} from "./model.js";
import { countLess, countUpTo } from "./search.js";
import { State } from "./state.js";
import type { List } from "./tables.js";
import { END, LITERAL, SPECIALS, type Cut } from "./tokens.js";

/** The tokens of the numbers of a text. Throws a CorruptError, a NotCanonicalError or a LimitError. */
export function tokensOf(model: Model, numbers: readonly bigint[]): Cut {
  const { tables } = model;
  const cut: Cut = { tokens: [], cases: [], literals: [] };
  const recalled = new Set<number>();
  const number = new State(0n);
  let last = END;
  let entry = -1;
  let state = 0;
  let mood = 0;
  let chunk = 0;
  do {
    if (cut.tokens.length === chunk * CHUNK) {
      checkSpent(number);
      checkSize(cut.tokens.length);
      ensure(chunk < numbers.length, CorruptError, "the coded text is cut");
      number.left = numbers[chunk++]!;
    }
    const pair = tables.pairs.get(last);
    let [place, found] = pair ? listed(model, number, entry, pair, mood) : [-1, FOUND_IN_ALL];
    if (pair && place >= 0) {
      last = pair.ids[place]!;
      entry = pair.first + place;
    } else {
      last = unlisted(model, number, last, pair, recalled);
      entry = -1;
      if (last >= SPECIALS) remember(recalled, last);
    }
    mood += (found - mood) >> 2;
    const kind = tables.kinds[last]!;
    let written = 0;
    if (kind < LETTERED) {
      const [lower, capital] = tables.caseOdds(contextOf(state, kind));
      const starts = [0, lower, lower + capital, 1024];
      written = countUpTo(starts, number.slot(1024), 1, 3) - 1;
      number.take(starts[written]!, starts[written + 1]! - starts[written]!);
    } else if (last === LITERAL) cut.literals.push(readLiteral(number));
    cut.tokens.push(last);
    cut.cases.push(written);
    state = stateAfter(state, kind, written);
  } while (last !== END);
  checkSpent(number);
  ensure(chunk === numbers.length, NotCanonicalError, "bytes follow the coded text");
  return cut;
}

function checkSpent(number: State): void {
  ensure(!number.left, NotCanonicalError, "the coded text holds more than its strings");
}

/** The place of the next token in the list of pairs, or -1, and where it was found. */
function listed(model: Model, number: State, entry: number, pair: List, mood: number): [place: number, found: number] {
  const { tables } = model;
  const triple = entry < 0 ? undefined : tables.triples.get(entry);
  if (triple && number.flag(tables.escape(TRIPLE, triple.odds, mood))) {
    const { ids, slots } = triple;
    if (ids.length === 1) return [ids[0]!, FOUND_IN_TRIPLE];
    const at = countUpTo(slots, number.slot(slots.at(-1)!)) - 1;
    number.take(slots[at]!, slots[at + 1]! - slots[at]!);
    return [ids[at]!, FOUND_IN_TRIPLE];
  }
  const left = triple ? model.leftOfPair(entry, triple, pair) : WHOLE;
  const { ids, slots, odds } = pair;
  if (left.places.length === ids.length || !number.flag(tables.escape(triple ? PAIR_AFTER : PAIR, odds, mood))) {
    return [-1, FOUND_IN_ALL];
  }
  const slot = number.slot(slots.at(-1)! - left.gone.at(-1)!);
  const gone = left.gone[countUpTo(left.starts, slot)]!;
  const place = countUpTo(slots, slot + gone) - 1;
  number.take(slots[place]! - gone, slots[place + 1]! - slots[place]!);
  return [place, FOUND_IN_PAIR];
}

/** The next token, which no list holds. */
function unlisted(model: Model, number: State, last: number, pair: List | undefined, recalled: ReadonlySet<number>): number {
  const { bounds, classes, following, order, recalls, unigram } = model.tables;
  const left = model.leftOfAll(last, pair);
  const near = model.near(recalled, left);
  if (near.length && number.flag(recalls[near.length]!)) return near[number.even(near.length)]!;
  const starts = following[classes[last]!]!;
  const index = countUpTo(starts, number.slot(starts.at(-1)!)) - 1;
  number.take(starts[index]!, starts[index + 1]! - starts[index]!);
  const first = bounds[index]!;
  const end = bounds[index + 1]!;
  const begin = unigram[first]! - goneBefore(left, first);
  const whole = unigram[end]! - goneBefore(left, end) - begin;
  ensure(whole, CorruptError, "a token is of a class of which none is left");
  const slot = number.slot(whole) + begin;
  const gone = left.gone[countUpTo(left.starts, slot, countLess(left.places, first))]!;
  const place = countUpTo(unigram, slot + gone, first, end) - 1;
  const token = order[place]!;
  ensure(!near.includes(token), NotCanonicalError, "a token that was seen lately is coded as if it were not");
  number.take(unigram[place]! - gone - begin, unigram[place + 1]! - unigram[place]!);
  return token;
}
