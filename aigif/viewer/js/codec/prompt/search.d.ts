/** The sums of 0, 1, 2 … numbers of a row, the first of them `initial`. */
export declare function sums(row: Iterable<number>, initial?: number): number[];
/** How many of the first `end` numbers are less than `number`; those before `start` are known to be. */
export declare function countLess(numbers: ArrayLike<number>, number: number, start?: number, end?: number): number;
/** How many of the first `end` numbers are `number` or less. */
export declare function countUpTo(numbers: ArrayLike<number>, number: number, start?: number, end?: number): number;
