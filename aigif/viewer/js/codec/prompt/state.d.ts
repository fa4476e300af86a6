/** An event: its first slot, how many it has, and how many all events have. */
export type Event = readonly [start: number, slots: number, whole: number];
/** The number that events make, the last first. */
export declare function numberOf(events: readonly Event[]): bigint;
/** A number from which events are taken. */
export declare class State {
    left: bigint;
    constructor(left: bigint);
    private rest;
    /** Of `whole` slots, the one of the next event; `take` must follow. */
    slot(whole: number): number;
    /** Step over the event that holds that slot. */
    take(start: number, slots: number): void;
    /** Take one of `count` that are all alike. */
    even(count: number): number;
    /** Take whether something holds, which has `yes` of `whole` slots. */
    flag(yes: number, whole?: number): boolean;
}
/** A number as bytes, the lowest first, without zeros at the end. */
export declare function toLittleEndian(number: bigint): Uint8Array;
export declare function fromLittleEndian(bytes: Uint8Array): bigint;
