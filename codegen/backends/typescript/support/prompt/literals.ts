// Literals: characters that the vocabulary does not know, coded one by one.
//
// A character belongs to the first class that holds it; the class is coded in the light of the last one, then the
// character's place in the class, all places alike. The run ends with class END.

import { CorruptError, ensure, NotCanonicalError } from "../errors.js";
import type { Points } from "./points.js";
import { countUpTo, sums } from "./search.js";
import type { Event, State } from "./state.js";

const END = 0;
const NEAR = 1;
const SPACE = 2;
/** Characters of a run, not counting a space before each but the first. */
export const LONGEST = 64;
/** First code point and number of code points of each class; NEAR is the 128 code points around the last character. */
const RANGES = [[0, 1], [0, 128], [32, 1], [0x3000, 0x7000], [0, 0x800], [0, 0x10000], [0x1f000, 0x1000], [0, 0x110000]] as const;
const REST = RANGES.length - 1;
/** Of 64, the first slot of each class after a class; the first row starts a run. */
const STARTS = [
  [1, 1, 1, 14, 24, 10, 12, 1],
  [8, 44, 6, 1, 2, 1, 1, 1],
  [1, 53, 1, 3, 3, 1, 1, 1],
  [3, 2, 2, 53, 1, 1, 1, 1],
  [20, 33, 5, 1, 2, 1, 1, 1],
  [20, 25, 2, 4, 2, 9, 1, 1],
  [26, 24, 2, 1, 1, 4, 5, 1],
  [20, 30, 2, 1, 1, 1, 1, 8],
].map((row) => sums(row));

/** The class of a code point after the code point `last`, which is negative at the start of a run. */
function classOf(point: number, last: number): number {
  if (last >= 0 && point >> 7 === last >> 7) return NEAR;
  for (let index = SPACE; index < REST; index++) {
    const [first, count] = RANGES[index]!;
    if (first <= point && point < first + count) return index;
  }
  return REST;
}

function rangeOf(index: number, last: number): readonly [first: number, count: number] {
  return index === NEAR ? [last & ~127, 128] : RANGES[index]!;
}

/** The events of a run. */
export function spelled(run: Points): Event[] {
  const found: Event[] = [];
  let before = END;
  let last = -1;
  const step = (index: number): void => {
    const starts = STARTS[before]!;
    found.push([starts[index]!, starts[index + 1]! - starts[index]!, 64]);
    before = index;
  };
  for (const point of run) {
    const index = classOf(point, last);
    step(index);
    const [first, count] = rangeOf(index, last);
    if (count > 1) found.push([point - first, 1, count]);
    if (index !== SPACE) last = point;
  }
  step(END);
  return found;
}

/** The next run. Throws a CorruptError or a NotCanonicalError. */
export function readLiteral(state: State): Points {
  const run: Points = [];
  let last = -1;
  for (let before = END; ; ) {
    const starts = STARTS[before]!;
    const index = countUpTo(starts, state.slot(64)) - 1;
    state.take(starts[index]!, starts[index + 1]! - starts[index]!);
    if (index === END) return run;
    ensure(run.length < 2 * LONGEST - 1, CorruptError, "a literal is too long");
    const [first, count] = rangeOf(index, last);
    const point = first + (count > 1 ? state.even(count) : 0);
    ensure(classOf(point, last) === index, NotCanonicalError, "a character of a literal is in the wrong class");
    run.push(point);
    before = index;
    if (index !== SPACE) last = point;
  }
}
