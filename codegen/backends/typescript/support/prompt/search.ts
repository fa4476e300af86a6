// Ascending numbers: sums of a row, and where a number belongs.

/** The sums of 0, 1, 2 … numbers of a row, the first of them `initial`. */
export function sums(row: Iterable<number>, initial = 0): number[] {
  const found = [initial];
  for (const number of row) found.push((initial += number));
  return found;
}

/** How many of the first `end` numbers are less than `number`; those before `start` are known to be. */
export function countLess(numbers: ArrayLike<number>, number: number, start = 0, end = numbers.length): number {
  while (start < end) {
    const middle = (start + end) >> 1;
    if (numbers[middle]! < number) start = middle + 1;
    else end = middle;
  }
  return start;
}

/** How many of the first `end` numbers are `number` or less. */
export function countUpTo(numbers: ArrayLike<number>, number: number, start = 0, end = numbers.length): number {
  return countLess(numbers, number + 1, start, end);
}
