// How a token is likely to be written, by how the text before it was.
//
// A token with letters has a habit from 0 to 7, how often it was seen as capital; its kind is the habit if it starts
// with a space, 8 more if it does not. After a token of kind ENDER a sentence starts; CLEAR changes nothing.

const HABITS = 8;
const ENDER = 16;
const CLEAR = 17;
/** Kinds of tokens with letters are below this. */
export const LETTERED = 2 * HABITS;
// Where we are; in a state it counts 6, the last case 2, and whether any case was not lower 1.
const START = 0;
const LETTER = 1;
const MIDDLE = 2;

/** The context in which the case of a token with letters is coded. */
export function contextOf(state: number, kind: number): number {
  const rest = state % 6;
  const place = (state - rest) / 6;
  const within = place === LETTER && kind >= HABITS;
  const coded = place === START ? 0 : within ? 2 : 1;
  return (coded * 6 + rest) * HABITS + (kind % HABITS);
}

/** The state after a token; the first is 0, and the case of a token without letters is 0. */
export function stateAfter(state: number, kind: number, written: number): number {
  const rest = state % 6;
  if (kind < LETTERED) return LETTER * 6 + written * 2 + (written || rest % 2 ? 1 : 0);
  if (kind === ENDER) return rest;
  return kind === CLEAR ? state : MIDDLE * 6 + rest;
}
