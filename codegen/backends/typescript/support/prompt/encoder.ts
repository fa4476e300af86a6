// Tokens to events.

import { contextOf, LETTERED, stateAfter } from "./cases.js";
import { spelled } from "./literals.js";
import {
  CHUNK, FOUND_IN_ALL, FOUND_IN_PAIR, FOUND_IN_TRIPLE, goneBefore, PAIR, PAIR_AFTER, remember, TRIPLE, WHOLE, type Model,
} from "./model.js";
import { countLess } from "./search.js";
import type { Event } from "./state.js";
import type { List } from "./tables.js";
import { END, LITERAL, SPECIALS, type Cut } from "./tokens.js";

/** The events of a text, CHUNK tokens in each list but the last. */
export function chunksOf(model: Model, { tokens, cases, literals }: Cut): Event[][] {
  const { tables } = model;
  const made: Event[][] = [];
  const recalled = new Set<number>();
  let last = END;
  let entry = -1;
  let state = 0;
  let mood = 0;
  let literal = 0;
  let events: Event[] = [];
  tokens.forEach((token, index) => {
    if (index % CHUNK === 0) made.push((events = []));
    const written = cases[index]!;
    const pair = tables.pairs.get(last);
    const place = placeOf(pair?.ids ?? [], token);
    const found = pair ? listed(model, events, entry, pair, place, mood) : FOUND_IN_ALL;
    if (found === FOUND_IN_ALL) {
      unlisted(model, events, last, pair, token, recalled);
      if (token >= SPECIALS) remember(recalled, token);
    }
    mood += (found - mood) >> 2;
    const kind = tables.kinds[token]!;
    if (kind < LETTERED) {
      const [lower, capital] = tables.caseOdds(contextOf(state, kind));
      const starts = [0, lower, lower + capital, 1024];
      events.push([starts[written]!, starts[written + 1]! - starts[written]!, 1024]);
    } else if (token === LITERAL) events.push(...spelled(literals[literal++]!));
    state = stateAfter(state, kind, written);
    last = token;
    entry = pair && place >= 0 ? pair.first + place : -1;
  });
  return made;
}

/** The place of a number among ascending ones, or -1. */
function placeOf(ids: readonly number[], id: number): number {
  const place = countLess(ids, id);
  return ids[place] === id ? place : -1;
}

function flag(holds: boolean, yes: number): Event {
  return holds ? [0, yes, 256] : [yes, 256 - yes, 256];
}

/** The events of a token in the lists; tells where it was found. */
function listed(model: Model, events: Event[], entry: number, pair: List, place: number, mood: number): number {
  const { tables } = model;
  const triple = entry < 0 ? undefined : tables.triples.get(entry);
  if (triple) {
    const at = placeOf(triple.ids, place);
    events.push(flag(at >= 0, tables.escape(TRIPLE, triple.odds, mood)));
    if (at >= 0) {
      const { slots } = triple;
      if (triple.ids.length > 1) events.push([slots[at]!, slots[at + 1]! - slots[at]!, slots.at(-1)!]);
      return FOUND_IN_TRIPLE;
    }
  }
  const left = triple ? model.leftOfPair(entry, triple, pair) : WHOLE;
  const others = pair.ids.length - left.places.length;
  if (!others) return FOUND_IN_ALL;
  events.push(flag(place >= 0, tables.escape(triple ? PAIR_AFTER : PAIR, pair.odds, mood)));
  if (place < 0) return FOUND_IN_ALL;
  const { slots } = pair;
  if (others > 1) {
    events.push([slots[place]! - goneBefore(left, place), slots[place + 1]! - slots[place]!, slots.at(-1)! - left.gone.at(-1)!]);
  }
  return FOUND_IN_PAIR;
}

/** The events of a token that no list held. */
function unlisted(
  model: Model, events: Event[], last: number, pair: List | undefined, token: number, recalled: ReadonlySet<number>,
): void {
  const { bounds, classes, following, rank, recalls, unigram } = model.tables;
  const left = model.leftOfAll(last, pair);
  const near = model.near(recalled, left);
  if (near.length) {
    const at = near.indexOf(token);
    events.push(flag(at >= 0, recalls[near.length]!));
    if (at >= 0) {
      if (near.length > 1) events.push([at, 1, near.length]);
      return;
    }
  }
  const index = classes[token]!;
  const starts = following[classes[last]!]!;
  events.push([starts[index]!, starts[index + 1]! - starts[index]!, starts.at(-1)!]);
  const slotsBefore = (place: number): number => unigram[place]! - goneBefore(left, place);
  const place = rank[token]!;
  const begin = slotsBefore(bounds[index]!);
  events.push([slotsBefore(place) - begin, unigram[place + 1]! - unigram[place]!, slotsBefore(bounds[index + 1]!) - begin]);
}
