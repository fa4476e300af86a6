"""The .ksy file compiled to Python and to JavaScript, and what those readers say of files."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from types import ModuleType
from typing import Any

import yaml

HERE = Path(__file__).parent
RUNTIME = HERE.parent.parent / "codegen" / "node" / "node_modules" / "kaitai-struct"

# The custom process that the readers need: so many zero bytes behind the bytes.
PROCESS = """
class ZeroPadded:
    def __init__(self, count):
        self.count = count

    def decode(self, data):
        return data + bytes(self.count)
"""
PROCESS_JS = """
exports.ZeroPadded = class {
  constructor(count) { this.count = count; }
  decode(data) { return Uint8Array.from([...data, ...new Uint8Array(this.count)]); }
};
"""
READER_JS = """
const { readFileSync } = require("node:fs");
const { KaitaiStream } = require("kaitai-struct");
const { NAME } = require("./NAME.js");
const camel = (name) => name.replace(/_+(.)/g, (_, letter) => letter.toUpperCase());
const { files, names } = JSON.parse(readFileSync(0, "utf8"));
const plain = (value) => (value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value);
const read = (hex) => {
  try {
    const file = new NAME(new KaitaiStream(Uint8Array.from(Buffer.from(hex, "hex")).buffer));
    const held = file.body.elements ?? file.body;
    const found = {};
    for (const name of names) {
      const value = plain(held[camel(name)]);
      if (value !== undefined && value !== null) found[name] = Array.isArray(value) ? value.map(plain) : value;
    }
    const section = (each) => [each.id, each.isCritical, each.isSafeToCopy, plain(each.payload)];
    return { found, sections: (file.sections ?? []).map(section) };
  } catch (error) {
    return { refused: `${error}` };
  }
};
console.log(JSON.stringify(files.map(read)));
"""


def compiled(ksy: str, language: str) -> dict[str, str]:
    """The files that Kaitai makes of a .ksy document."""
    document = json.dumps(yaml.safe_load(ksy))
    command = ["node", str(HERE / "compile.cjs"), language]
    done = subprocess.run(command, input=document, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    files: dict[str, str] = json.loads(done.stdout)
    return files


@cache
def python_reader(ksy: str) -> ModuleType:
    folder = Path(mkdtemp(prefix="kaitai-"))
    ((name, text),) = compiled(ksy, "python").items()
    fresh = f"{Path(name).stem}_kaitai"
    (folder / f"{fresh}.py").write_text(text, encoding="utf-8")
    (folder / "zero_padded.py").write_text(PROCESS, encoding="utf-8")
    sys.path.insert(0, str(folder))
    return importlib.import_module(fresh)


@cache
def names(ksy: str) -> list[str]:
    """Every field and value of every type of elements."""
    types = yaml.safe_load(ksy)["types"]
    return sorted({name for kind in types.values() for name in [*kind.get("instances", {}), *ids(kind)]})


def ids(kind: dict[str, Any]) -> list[str]:
    return [item["id"] for item in kind["seq"]]


def by_python(ksy: str, files: Iterable[bytes]) -> list[dict[str, Any]]:
    module = python_reader(ksy)
    (kind,) = [
        held for name, held in vars(module).items() if name.lower() == module.__name__.removesuffix("_kaitai")
    ]
    return [_by_python(kind, names(ksy), data) for data in files]


def _by_python(kind: Any, wanted: list[str], data: bytes) -> dict[str, Any]:
    try:
        file = kind.from_bytes(data)
        held = getattr(file.body, "elements", file.body)
        found = {name: plain(getattr(held, name)) for name in wanted if getattr(held, name, None) is not None}
        sections = [
            [each.id, each.is_critical, each.is_safe_to_copy, each.payload.hex()]
            for each in getattr(file, "sections", None) or []
        ]
    except Exception as error:  # Kaitai has no one class for what it refuses.
        return {"refused": repr(error)}
    return {"found": found, "sections": sections}


def plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [plain(item) for item in value]
    return getattr(value, "value", value)


def by_javascript(ksy: str, files: Iterable[bytes]) -> list[dict[str, Any]]:
    folder = Path(mkdtemp(prefix="kaitai-"))
    ((name, text),) = compiled(ksy, "javascript").items()
    (folder / name).write_text(text, encoding="utf-8")
    (folder / "node_modules").mkdir()
    (folder / "node_modules" / "kaitai-struct").symlink_to(RUNTIME)
    (folder / "node_modules" / "ZeroPadded.js").write_text(PROCESS_JS, encoding="utf-8")
    (folder / "read.cjs").write_text(READER_JS.replace("NAME", Path(name).stem), encoding="utf-8")
    request = json.dumps({"files": [data.hex() for data in files], "names": names(ksy)})
    command = ["node", str(folder / "read.cjs")]
    done = subprocess.run(command, input=request, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers
