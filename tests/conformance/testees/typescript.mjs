// The TypeScript codec under Node as a testee of docs/conformance.md: one JSON object a line on stdin, one on stdout.
//
// A first argument names another folder of JavaScript than the package's own; with "streams" as second argument the
// text is coded without Node's zlib, as in a browser.

import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [folder = new URL("../../../aigif/viewer/js/codec", import.meta.url).pathname, streams] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(`${folder}/${name}.js`));
const { decode, dictionaryCoder, edited, encode, registerTextCoder, TextCompressor } = await load(streams ? "index" : "node");
const { toJson, fromJson, parse, stringify } = await load("names");
const { promptCoder } = await load("prompt");

/** The coders that need a file, by their code. */
const coders = new Map();
if (TextCompressor?.PROMPT !== undefined) {
  const held = (name) => readFile(new URL(`../../../aigif/text/${name}`, import.meta.url));
  coders.set(TextCompressor.PROMPT, promptCoder(await held("prompt/tables-1.bin")));
  if (dictionaryCoder) coders.set(TextCompressor.DEFLATE_DICTIONARY, dictionaryCoder(await held("dictionary-1.bin")));
}
for (const [code, coder] of coders) registerTextCoder(code, coder);

const HELLO = {
  name: "TypeScript",
  operations: ["decode", "encode", "reencode", "edit"],
  profiles: ["compact", "paper"],
  places: true,
  text_compressors: [0, 1, 2, ...coders.keys()],
};
const KINDS = {
  CorruptError: "corrupt",
  NotCanonicalError: "not canonical",
  UnsupportedError: "unsupported",
  LimitError: "over a limit",
  ElementError: "value",
};

const toHex = (bytes) => Buffer.from(bytes).toString("hex");
const fromHex = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const profileOf = (data) => (data[4] & 15 ? "compact" : "paper");

/** The elements of some groups set, from the JSON form: the other elements of each group stay. */
function changed(value, groups) {
  const held = fromJson(groups);
  const entries = Object.entries(groups).map(([group, elements]) => {
    const set = Object.keys(elements).map((name) => [name, held[group][name]]);
    return [group, { ...value[group], ...Object.fromEntries(set) }];
  });
  return edited(value, Object.fromEntries(entries));
}

async function answer(request) {
  if (request.op === "hello") return HELLO;
  if (request.op === "encode") return { hex: toHex(await encode(fromJson(request.value), request.profile)) };
  if (request.op === "text") return text(request);
  const data = fromHex(request.hex);
  let value = await decode(data);
  if (request.op === "decode") {
    // Where a profile is named, which the protocol doesn't ask for, the bytes of that profile come with the value.
    const again = request.profile && { hex: toHex(await encode(value, request.profile)) };
    return { ok: toJson(value, request.defaults), ...again };
  }
  if (request.op === "edit") value = changed(value, request.set);
  return { hex: toHex(await encode(value, profileOf(data))) };
}

/** Beyond the protocol, a coder alone: the bytes of strings, or the strings of bytes and their bytes again. */
async function text({ compressor, strings, hex }) {
  const coder = coders.get(compressor);
  const found = strings ?? (await coder.decode(fromHex(hex), false));
  return { strings: found, hex: toHex(await coder.encode(found, false)) };
}

function refusal(error) {
  const { name, message, element, bit, byte } = error;
  const kind = KINDS[name];
  if (!kind) throw error;
  return { error: kind, message, element: element ?? null, bit: bit ?? null, byte: byte ?? null };
}

// Plain values as JSON, for batches: bytes as hexadecimal, and a letter before the digits of a bigint.
Uint8Array.prototype.toJSON = function () {
  return toHex(this);
};
BigInt.prototype.toJSON = function () {
  return `n${this}`;
};

/** Of each of many files: the kind of its error, {again} where it gives other bytes, or its value: of one in 16 as JSON. */
async function batch(files) {
  const answers = [];
  for (const [index, hex] of files.entries()) {
    try {
      const data = fromHex(hex);
      const value = await decode(data);
      const again = toHex(await encode(value, profileOf(data)));
      if (again !== hex) answers.push(JSON.stringify({ again }));
      else if (index % 16) answers.push(JSON.stringify({ ...value, coded_text: undefined }));
      else answers.push(stringify(toJson(value)));
    } catch (error) {
      answers.push(JSON.stringify(KINDS[error.name] ?? `crash: ${error.stack}`));
    }
  }
  return `[${answers.join(",")}]`;
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  if (line.startsWith("[")) {
    process.stdout.write(`${await batch(JSON.parse(line))}\n`);
    continue;
  }
  const request = parse(line);
  const found = await answer(request).catch(refusal);
  process.stdout.write(`${stringify("id" in request ? { id: request.id, ...found } : found)}\n`);
}
