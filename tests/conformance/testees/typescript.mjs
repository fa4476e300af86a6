// The TypeScript codec under Node as a testee: one JSON object a line on stdin, one on stdout.
//
//   {"op": "decode", "hex": "…"}                       {"ok": the value as JSON, "hex": its bytes, encoded anew}
//   {"op": "encode", "value": …, "profile": "compact"} {"hex": "…"}
//
// or {"error": the kind, "message", "element", "bit", "byte"}. A first argument names another folder of JavaScript
// than the package's own; with "streams" as second argument the text is coded without Node's zlib, as in a browser.

import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [folder = new URL("../../../aigif/viewer/js/codec", import.meta.url).pathname, streams] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(`${folder}/${name}.js`));
const { decode, encode } = await load(streams ? "index" : "node");
const { toJson, fromJson, parse, stringify } = await load("names");

const toHex = (bytes) => Buffer.from(bytes).toString("hex");

async function answer(request) {
  try {
    if (request.op === "encode") return { hex: toHex(await encode(fromJson(request.value), request.profile)) };
    const data = Uint8Array.from(Buffer.from(request.hex, "hex"));
    const value = await decode(data);
    const again = await encode(value, request.profile);
    return { ok: toJson(value, request.defaults), hex: toHex(again) };
  } catch (error) {
    const { name, message, element, bit, byte } = error;
    return { error: name, message, element: element ?? null, bit: bit ?? null, byte: byte ?? null };
  }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  process.stdout.write(`${stringify(await answer(parse(line)))}\n`);
}
