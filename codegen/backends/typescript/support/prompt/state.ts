// The number that a text becomes: rANS on one integer that starts at nothing.

/** An event: its first slot, how many it has, and how many all events have. */
export type Event = readonly [start: number, slots: number, whole: number];

/** The number that events make, the last first. */
export function numberOf(events: readonly Event[]): bigint {
  let state = 0n;
  for (let at = events.length; at--; ) {
    const [start, slots, whole] = events[at]!;
    const turns = state / BigInt(slots);
    state = turns * BigInt(whole) + BigInt(start) + (state - turns * BigInt(slots));
  }
  return state;
}

/** A number from which events are taken. */
export class State {
  constructor(public left: bigint) {}

  private rest = 0;

  /** Of `whole` slots, the one of the next event; `take` must follow. */
  slot(whole: number): number {
    const divisor = BigInt(whole);
    const turns = this.left / divisor;
    this.rest = Number(this.left - turns * divisor);
    this.left = turns;
    return this.rest;
  }

  /** Step over the event that holds that slot. */
  take(start: number, slots: number): void {
    this.left = this.left * BigInt(slots) + BigInt(this.rest - start);
  }

  /** Take one of `count` that are all alike. */
  even(count: number): number {
    const slot = this.slot(count);
    this.take(slot, 1);
    return slot;
  }

  /** Take whether something holds, which has `yes` of `whole` slots. */
  flag(yes: number, whole = 256): boolean {
    const holds = this.slot(whole) < yes;
    if (holds) this.take(0, yes);
    else this.take(yes, whole - yes);
    return holds;
  }
}

/** A number as bytes, the lowest first, without zeros at the end. */
export function toLittleEndian(number: bigint): Uint8Array {
  const digits = number ? number.toString(16) : "";
  const size = (digits.length + 1) >> 1;
  const padded = digits.padStart(2 * size, "0");
  return Uint8Array.from({ length: size }, (_, at) => parseInt(padded.slice(2 * (size - at - 1), 2 * (size - at)), 16));
}

export function fromLittleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x0${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).reverse().join("")}`);
}
