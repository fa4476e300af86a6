"""The codec in other languages: its size, and its speed beside Python's: `python -m benchmarks.languages`."""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import aigif
from aigif._gen import enums
from benchmarks.speed import best, pictures
from codegen import javascript

CODEC = javascript.FOLDER.resolve() / "codec"
ROUNDS, CALLS = 7, 3000

PROGRAM = """
import {{ readFileSync }} from "node:fs";
import {{ decode, encode }} from "{codec}/node.js";
const files = JSON.parse(readFileSync(0, "utf8"));
const least = async (work) => {{
  let found = Infinity;
  for (let round = 0; round < {rounds}; round++) {{
    const start = process.cpuUsage();
    for (let call = 0; call < {calls}; call++) await work();
    const spent = process.cpuUsage(start);
    found = Math.min(found, (spent.user + spent.system) / {calls});
  }}
  return found;
}};
const rows = [];
for (const hex of files) {{
  const data = Uint8Array.from(Buffer.from(hex, "hex"));
  const value = await decode(data);
  rows.push([await least(() => decode(data)), await least(() => encode(value))]);
}}
console.log(JSON.stringify(rows));
"""


def sizes() -> tuple[int, int]:
    """Bytes of the minified TypeScript codec, decoder and encoder, and of the same with gzip."""
    with TemporaryDirectory() as folder:
        entry = Path(folder) / "entry.js"
        entry.write_text(f'export {{ decode, encode }} from "{CODEC}/index.js";\n', encoding="utf-8")
        code = javascript.bundle(entry)
    return len(code), len(gzip.compress(code, 9))


def files() -> dict[str, bytes]:
    """The measured files by their names: text stored, and text compressed."""
    found = {}
    for name, value in pictures().items():
        for coder in (enums.TextCompressor.NONE, enums.TextCompressor.DEFLATE):
            held = value.replace(compression=value.compression.replace(text_compressor=coder))
            found[f"{name}, text {coder.name.lower()}"] = aigif.dumps(held)
    return found


def under_node(data: list[bytes]) -> list[tuple[float, float]]:
    """Microseconds of processor time, decode and encode, of each file."""
    text = json.dumps([item.hex() for item in data])
    program = PROGRAM.format(codec=CODEC, rounds=ROUNDS, calls=CALLS)
    command = ["node", "--input-type=module", "--eval", program]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return [(decode, encode) for decode, encode in json.loads(done.stdout)]


def main() -> None:
    """Print the sizes and the table."""
    whole, packed = sizes()
    print(f"TypeScript codec, minified: {whole} bytes ({packed} with gzip)\n")
    print("| file | decode: Python | TypeScript | ratio | encode: Python | TypeScript | ratio |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    held = files()
    for (name, data), (decode, encode) in zip(held.items(), under_node(list(held.values())), strict=True):
        value = aigif.loads(data)
        read, write = (
            best(lambda data=data: aigif.loads(data), 300),
            best(lambda value=value: aigif.dumps(value), 300),
        )
        print(
            f"| {name}, {len(data)} bytes | {read:.1f} µs | {decode:.1f} µs | {read / decode:.1f} "
            f"| {write:.1f} µs | {encode:.1f} µs | {write / encode:.1f} |"
        )


if __name__ == "__main__":
    main()
