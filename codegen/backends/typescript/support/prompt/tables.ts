// The tables of the prompt coder, read from their file; lists are unpacked when they are first asked for.
//
// The file: a magic, a version, a hash of the planes, and one zlib stream of them. The planes begin with their number
// and their lengths, 4 bytes each, little-endian. The format's page says what each holds.

import { engine } from "../text.js";
import { countLess, sums } from "./search.js";

/** `AIGT`, the version, the hash. */
const HEAD = 4 + 1 + 32;
/** More bytes of planes than any tables have. */
const MOST = 1 << 22;
const SURPRISES = 8;
const CLASSES = 16;
const CACHED = 16384;

/** What stands after a context, unpacked. */
export interface List {
  readonly ids: readonly number[];
  /** The first slot of each, and the number of all. */
  readonly slots: readonly number[];
  /** The class of its escape. */
  readonly odds: number;
  /** The number of its first entry among those of all lists. */
  readonly first: number;
}

/** The lists of the contexts of one order. */
export class Level {
  private readonly unpacked = new Map<number, List | undefined>();
  private readonly contexts: Uint32Array;
  private readonly offsets: Uint32Array;
  private readonly classes: Uint8Array;
  private readonly low: Uint8Array;
  private readonly high: Uint8Array;
  private readonly halves: Uint8Array;

  constructor(planes: readonly Uint8Array[], private readonly weights: readonly number[]) {
    const [contextsLow, contextsHigh, countsLow, countsHigh, classes, low, high, halves] = planes as [
      Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array,
    ];
    this.contexts = running(contextsLow, contextsHigh, -1).subarray(1);
    this.offsets = running(countsLow, countsHigh, 0);
    this.classes = classes;
    this.low = low;
    this.high = high;
    this.halves = halves;
  }

  /** The list of a context, if it has one. */
  get(context: number): List | undefined {
    if (!this.unpacked.has(context)) {
      if (this.unpacked.size >= CACHED) this.unpacked.clear();
      this.unpacked.set(context, this.unpack(context));
    }
    return this.unpacked.get(context);
  }

  private unpack(context: number): List | undefined {
    const index = countLess(this.contexts, context);
    if (this.contexts[index] !== context) return undefined;
    const first = this.offsets[index]!;
    const end = this.offsets[index + 1]!;
    const ids: number[] = [];
    for (let at = first, id = -1; at < end; at++) ids.push((id += this.low[at]! + (this.high[at]! << 8) + 1));
    const halves = this.halves.subarray(first, end);
    const rarest = Math.max(...halves);
    return { ids, slots: sums(Array.from(halves, (half) => this.weights[rarest - half]!)), odds: this.classes[index]!, first };
  }
}

/** Everything that the coder knows of prompts. */
export class Tables {
  readonly letters: string;
  readonly tokens: readonly string[];
  readonly kinds: Uint8Array;
  /** Of each token its class. */
  readonly classes: Uint8Array;
  /** After each class, the first slot of each class, and the number of all. */
  readonly following: readonly (readonly number[])[];
  readonly pairs: Level;
  readonly triples: Level;
  /** All tokens in the order of their classes, the place of each there, and where each class begins. */
  readonly order: readonly number[];
  readonly rank: readonly number[];
  readonly bounds: readonly number[];
  /** The first slot of each token in that order, and the number of all. */
  readonly unigram: readonly number[];
  private readonly escapes: Uint8Array;
  private readonly cases: readonly number[];
  /** By the number of recalled tokens: of 256, how often one of them comes. */
  readonly recalls: Uint8Array;

  constructor(planes: readonly Uint8Array[]) {
    const plane = (index: number): Uint8Array => planes[index]!;
    this.letters = fromUtf8(plane(0));
    this.tokens = fromUtf8(plane(1)).split("\0").slice(0, -1);
    this.kinds = plane(2);
    this.classes = plane(3);
    const halves = numbers(plane(22), 4);
    const quarters = numbers(plane(23), 4);
    const classCount = rootOf(plane(4).length);
    const steps = (index: number): Uint8Array => plane(4).subarray(index * classCount, (index + 1) * classCount);
    this.following = Array.from({ length: classCount }, (_, index) => sums(Array.from(steps(index), (step) => halves[step]!)));
    this.pairs = new Level(planes.slice(6, 14), halves);
    this.triples = new Level(planes.slice(14, 22), halves);
    this.order = Array.from(this.classes.keys()).sort((one, other) => this.classes[one]! - this.classes[other]!);
    const rank = Array<number>(this.order.length).fill(0);
    this.order.forEach((token, place) => (rank[token] = place));
    this.rank = rank;
    this.unigram = sums(this.order.map((token) => quarters[plane(5)[token]!]!));
    const inside = this.order.map((token) => this.classes[token]!);
    this.bounds = Array.from({ length: classCount + 1 }, (_, index) => countLess(inside, index));
    this.escapes = plane(24);
    this.cases = numbers(plane(25), 2);
    this.recalls = plane(26);
  }

  /** Of 256, how often an entry of a list is taken. */
  escape(row: number, odds: number, mood: number): number {
    return this.escapes[(row * CLASSES + odds) * SURPRISES + (mood >> 5)]!;
  }

  /** Of 1024, how often lower and capital stand in a context. */
  caseOdds(context: number): [lower: number, capital: number] {
    return [this.cases[2 * context]!, this.cases[2 * context + 1]!];
  }
}

/** The tables of a file. */
export async function readTables(data: Uint8Array): Promise<Tables> {
  const planes = await engine.inflate(data.subarray(HEAD), "deflate", MOST);
  const count = numbers(planes, 4, 1)[0]!;
  const ends = sums(numbers(planes.subarray(4), 4, count), 4 + 4 * count);
  return new Tables(ends.slice(1).map((end, index) => planes.subarray(ends[index], end)));
}

/** The number whose square is a number. */
function rootOf(square: number): number {
  let root = 0;
  while (root * root < square) root += 1;
  return root;
}

function fromUtf8(plane: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(plane);
}

/** The sums of 0, 1, 2 … numbers of two bytes, the first of them `total`. */
function running(low: Uint8Array, high: Uint8Array, total: number): Uint32Array {
  const found = new Uint32Array(low.length + 1);
  found[0] = total;
  for (let at = 0; at < low.length; at++) found[at + 1] = total += low[at]! + (high[at]! << 8);
  return found;
}

/** Little-endian numbers of so many bytes each. */
function numbers(plane: Uint8Array, width: number, count = plane.length / width): number[] {
  return Array.from({ length: count }, (_, index) => {
    let number = 0;
    for (let at = width; at--; ) number = number * 256 + plane[index * width + at]!;
    return number;
  });
}
