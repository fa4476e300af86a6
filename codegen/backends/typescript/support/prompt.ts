// The prompt coder: all strings of a file in one number, by tables trained on prompts.
//
//   registerTextCoder(TextCompressor.PROMPT, promptCoder(tables));
//
// The format's page defines the stream.

import { CorruptError, ensure, NotCanonicalError } from "./errors.js";
import { tokensOf } from "./prompt/decoder.js";
import { chunksOf } from "./prompt/encoder.js";
import { CHUNK, Model } from "./prompt/model.js";
import { fromPoints, joined, parted, same, toPoints, type Points } from "./prompt/points.js";
import { fromLittleEndian, numberOf, toLittleEndian } from "./prompt/state.js";
import { readTables } from "./prompt/tables.js";
import { Tokenizer, type Cut } from "./prompt/tokens.js";
import { checkSize, concat, type TextCoder } from "./text.js";

// The first byte: from SHORT below LONG it belongs to a number, LONG starts chunks, RAW the strings as they are.
const SHORT = 1;
const LONG = 254;
const RAW = 255;
const SHORTS = BigInt(LONG - SHORT);

/** The text coder of a file of tables, which are read when it is first needed. */
export function promptCoder(tables: Uint8Array): TextCoder {
  let reading: Promise<Prompts> | undefined;
  const prompts = (): Promise<Prompts> => (reading ??= readTables(tables).then((read) => new Prompts(new Model(read), new Tokenizer(read))));
  return {
    async encode(strings) {
      const points = strings.map(toPoints);
      const raw = joined(points);
      checkSize(raw.length);
      return (await prompts()).encode(points, raw);
    },
    async decode(payload, alone) {
      const strings = (await prompts()).decode(payload);
      ensure(!alone || strings.length === 1, CorruptError, "several strings stand where one is wanted");
      return strings.map(fromPoints);
    },
  };
}

/** A set of tables at work. */
class Prompts {
  constructor(private readonly model: Model, private readonly tokenizer: Tokenizer) {}

  encode(strings: readonly Points[], raw: Uint8Array): Uint8Array {
    const coded = this.modelled(this.tokenizer.cut(strings));
    return coded.length <= raw.length + 1 ? coded : concat([[RAW], raw]);
  }

  decode(stream: Uint8Array): Points[] {
    checkSize(stream.length - 1);
    if (stream[0] === RAW) {
      const raw = stream.subarray(1);
      const strings = parted(raw);
      const again = this.encode(strings, joined(strings));
      ensure(same(Array.from(again), Array.from(stream)), NotCanonicalError, "the text is stored although its coded form is not larger");
      return strings;
    }
    const cut = tokensOf(this.model, numbersOf(stream));
    const long = cut.tokens.length > CHUNK;
    ensure(long === (stream[0] === LONG), NotCanonicalError, "a short text is coded as a long one");
    const strings = this.tokenizer.joined(cut);
    const size = joined(strings).length;
    checkSize(size);
    ensure(stream.length <= size + 1, NotCanonicalError, "the text is coded although it is smaller as it is");
    ensure(alike(this.tokenizer.cut(strings), cut), NotCanonicalError, "the text is cut into other tokens than an encoder cuts it into");
    return strings;
  }

  private modelled(cut: Cut): Uint8Array {
    const chunks = chunksOf(this.model, cut);
    if (chunks.length === 1) return toLittleEndian(numberOf([[SHORT, LONG - SHORT, 256], ...chunks[0]!]));
    return concat([
      [LONG],
      ...chunks.flatMap((events) => {
        const payload = toLittleEndian(numberOf(events));
        const { length } = payload;
        return [[length, length >> 8, length >> 16], payload];
      }),
    ]);
  }
}

/** The number of each chunk of a stream. */
function numbersOf(stream: Uint8Array): bigint[] {
  if (stream[0] !== LONG) {
    ensure(stream[0] && stream.at(-1), NotCanonicalError, "the coded text begins or ends in a zero byte");
    return [fromLittleEndian(stream.subarray(1)) * SHORTS + BigInt(stream[0] - SHORT)];
  }
  const numbers: bigint[] = [];
  for (let at = 1; at < stream.length; ) {
    const start = at + 3;
    at = start + (stream[at]! | ((stream[at + 1] ?? 0) << 8) | ((stream[at + 2] ?? 0) << 16));
    ensure(at <= stream.length, CorruptError, "the coded text is cut");
    ensure(at === start || stream[at - 1], NotCanonicalError, "a chunk of the coded text ends in a zero byte");
    numbers.push(fromLittleEndian(stream.subarray(start, at)));
  }
  return numbers;
}

function alike(one: Cut, other: Cut): boolean {
  const literals = one.literals.length === other.literals.length && one.literals.every((run, at) => same(run, other.literals[at]!));
  return literals && same(one.tokens, other.tokens) && same(one.cases, other.cases);
}
