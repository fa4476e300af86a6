"""The TypeScript backend: both schemas compile at the compiler's strictest, and agree with the oracle."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from codegen import javascript, model, oracle
from codegen.backends import typescript
from codegen.backends.typescript import names
from codegen.layout import Bundle, Nested, Step
from codegen.problems import Problem
from tests.codegen.backend_cases import SCHEMAS, compiled, damaged, generated
from tests.typescript.testee import batch

NAMES = sorted(SCHEMAS)
# Of the minified codec, in bytes: 20 kB.
LIMIT = 20_000
STORED, ZLIB = 0, 1


@cache
def built(name: str) -> Path:
    """A folder with a schema's codec as JavaScript."""
    folder = Path(mkdtemp(prefix="typescript-"))
    sources = folder / "sources"
    for path, text in generated(name, "typescript").items():
        (sources / path).parent.mkdir(parents=True, exist_ok=True)
        (sources / path).write_text(text, encoding="utf-8")
    (folder / "package.json").write_text('{"type": "module"}')
    for path, text in javascript.build(sources).items():
        (folder / "js" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "js" / path).write_text(text, encoding="utf-8")
    return folder / "js"


@pytest.mark.parametrize("name", NAMES)
def test_the_bundle_agrees_with_the_oracle(name: str) -> None:
    schema, layouts = compiled(name)
    profile, root = layouts.bundles[0]
    cases = [case for case in damaged(11, 900) if readable(schema, root, *case)]
    requests = [
        {
            "op": "decode",
            "hex": whole(schema, profile, data, strings).hex(),
            "profile": profile.name,
            "defaults": True,
        }
        for data, strings in cases
    ]
    accepted = 0
    for (data, strings), answer in zip(cases, batch(requests, str(built(name))), strict=True):
        expected = by_oracle(schema, root, data, strings)
        if expected is not None:
            accepted += 1
        assert answer.get("ok") == expected, (data.hex(), strings, answer)
    assert accepted > 100


@pytest.mark.parametrize("name", NAMES)
def test_bytes_of_a_value_come_back(name: str) -> None:
    """What is decoded is encoded to the same bytes, and so is its JSON."""
    schema, layouts = compiled(name)
    profile, root = layouts.bundles[0]
    files = [
        whole(schema, profile, data, strings)
        for data, strings in damaged(12, 1500)
        if coder(root, data) == STORED and by_oracle(schema, root, data, strings) is not None
    ]
    read = batch(
        [{"op": "decode", "hex": data.hex(), "profile": profile.name} for data in files], str(built(name))
    )
    assert [answer["hex"] for answer in read] == [data.hex() for data in files]
    values = [{"op": "encode", "value": answer["ok"], "profile": profile.name} for answer in read]
    assert [answer["hex"] for answer in batch(values, str(built(name)))] == [data.hex() for data in files]
    assert len(files) > 20


def whole(schema: model.Schema, profile: model.Profile, data: bytes, strings: Sequence[str]) -> bytes:
    """A file around a root bundle and its strings."""
    container = schema.container
    _, layouts = compiled(schema.identifier)
    body = container.magic + bytes([container.major << 4 | profile.number]) + length(len(data)) + data
    if strings:
        joined = b"\0".join(
            utf8(string).replace(b"\1", b"\1\2").replace(b"\0", b"\1\1") for string in strings
        )
        packed = coder(layouts.bundles[0][1], data) == ZLIB
        body += b"\xa1" + (zlib.compress(joined) if packed else joined)
    return body + zlib.crc32(body).to_bytes(4, "little")


def length(value: int) -> bytes:
    return bytes([value]) if value < 128 else bytes([value & 127 | 128, value >> 7])


def utf8(string: str) -> bytes:
    return string.encode("utf-8", "surrogatepass")


def coder(root: Bundle, data: bytes) -> int:
    """The text compressor, which is the first element of both schemas."""
    field = root.steps[0]
    assert not isinstance(field, Nested) and isinstance(field.code, model.EscapedEnum)
    return int.from_bytes(data[:1] or b"\0", "big") >> 8 - field.code.width


def readable(schema: model.Schema, root: Bundle, data: bytes, strings: Sequence[str]) -> bool:
    """Whether the text section is one that this test can write, and one that means these strings."""
    fits = len(data) <= next(limit.value for limit in schema.container.limits if limit.name == "bundle_bytes")
    return fits and coder(root, data) <= ZLIB and list(strings) != [""]


def by_oracle(schema: model.Schema, root: Bundle, data: bytes, strings: Sequence[str]) -> Any:
    """The JSON of a file with such a bundle and strings, or None where it is refused."""
    try:
        value = oracle.decode_bundle(root, data, strings)
    except oracle.Refused:
        return None
    for section in schema.container.sections:
        group, _, element = section.present.partition(".")
        if section.present and value[group][element]:
            return None
    found = {
        name: as_json(schema, [s for s in root.steps if s.group.name == name], value[name])
        for name in schema.syntax
    }
    if value["unknown"] is not None:
        found["unknown"] = tail(value["unknown"])
    return json.loads(json.dumps(found))


def as_json(schema: model.Schema, steps: Sequence[Step], value: dict[str, Any]) -> dict[str, Any]:
    """A group of the oracle's as JSON with all its elements."""
    held: dict[str, Any] = {}
    for step in steps:
        name, kind, item = step.element.name, step.element.type, value[step.element.name]
        if isinstance(step, Nested):
            inner = step.inner.steps
            if kind.kind == "list":
                item = [with_tail(as_json(schema, inner, each), each) for each in item]
            elif item is not None:
                item = with_tail(as_json(schema, inner, item), item)
        elif kind.kind in ("enum", "table"):
            entry = schema.enumerations[kind.name].by_code(item)
            item = entry.name if entry else item
        elif kind.kind == "bytes":
            item = item.hex()
        held[name] = item
    return held


def with_tail(document: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    return {**document, "unknown": tail(value["unknown"])} if value["unknown"] else document


def tail(unknown: dict[str, Any]) -> dict[str, Any]:
    return {**unknown, "value": f"{unknown['value']:x}"}


def test_the_minified_codec_is_small(tmp_path: Path) -> None:
    """Decoder and encoder of both profiles, as a browser loads them."""
    entry = tmp_path / "entry.js"
    entry.write_text(
        f'export {{ decode, encode }} from "{(javascript.FOLDER / "codec" / "index.js").resolve()}";\n'
    )
    assert len(javascript.bundle(entry)) <= LIMIT


def test_the_labels_are_no_part_of_it(tmp_path: Path) -> None:
    code = javascript.bundle(javascript.FOLDER / "codec" / "index.js").decode()
    labels = [
        value.label for value in compiled("aigif")[0].enumerations["gpu"].values if len(value.label) > 8
    ]
    assert len(labels) > 50 and not [label for label in labels if label in code]


PROGRAM = """
import {{ decode, encode, create, createHires, Device, type Aigif, type Hires, type Text }} from "./codec/index.js";
import {{ toJson, tables }} from "./codec/names.js";
const read: Aigif = await decode(new Uint8Array());
const prompt: Text = read.data.prompt;
const seed: bigint = read.data.seed;
const device: number = Device.CUDA;
const hires: Hires | null = read.data.hires;
const label: string | undefined = tables["gpu"]?.get(2)?.label;
const made = create({{ data: {{ hires: createHires({{ steps: 3 }}), prompt, seed }} }});
export const bytes: Uint8Array = await encode(made, "paper");
export const all = [toJson(read), device, hires, label, {more}];
"""


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ("read.data.steps", ""),
        ("read.data.nothing", "TS2339"),
        ("read.data.steps + read.data.seed", "TS2365"),
    ],
)
def test_the_types_say_what_there_is(tmp_path: Path, more: str, complaint: str) -> None:
    for path, text in generated("aigif", "typescript").items():
        (tmp_path / "codec" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "codec" / path).write_text(text, encoding="utf-8")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "program.ts").write_text(PROGRAM.format(more=more), encoding="utf-8")
    if not complaint:
        assert "program.js" in javascript.build(tmp_path)
        return
    with pytest.raises(javascript.ToolError, match=complaint):
        javascript.build(tmp_path)


def test_elements_may_have_the_names_of_the_codec_s_own_parts() -> None:
    """Such a name is a property of the layout, no use of that part: an import that is not used does not compile."""
    schema, layouts = compiled("skylog")
    profile, root = layouts.bundles[0]
    parts = ("listed", "aligned", "coded", "group")
    steps = tuple(
        replace(step, element=replace(step.element, name=part))
        for step, part in zip(root.fields(), parts, strict=False)
    )
    changed = replace(layouts, nested=(), records=(), bundles=((profile, replace(root, steps=steps)),))
    layout = typescript.generate(schema, changed)["layout.ts"]
    imported = " ".join(line for line in layout.splitlines() if line.startswith("import"))
    assert [part for part in parts if f"{part}: " not in layout or re.search(rf"\b{part}\b", imported)] == []


def test_a_missing_tool_says_how_to_get_it() -> None:
    with pytest.raises(javascript.ToolError, match="npm ci"):
        javascript.run_tool("nothing")


def test_numbers_that_javascript_can_not_hold_are_refused() -> None:
    schema, layouts = compiled("skylog")
    root = layouts.bundles[0][1]
    pressure = next(step for step in root.fields() if step.path == "weather.pressure")
    wide = replace(pressure, code=model.Bits(60))
    changed = replace(root, steps=(wide,))
    problems = typescript.refuse(schema, replace(layouts, bundles=((layouts.bundles[0][0], changed),)))
    assert [str(problem) for problem in problems] == [
        f"{pressure.element.position}: TYPESCRIPT_WIDTH: weather.pressure has a code of 60 bits, which a number of "
        "JavaScript can't hold; make its range as wide, or its code narrower"
    ]
    without = typescript.refuse(schema, replace(layouts, bundles=()))
    assert [(problem.rule, isinstance(problem, Problem)) for problem in without] == [
        ("TYPESCRIPT_BUNDLE", True)
    ]
    assert typescript.refuse(schema, layouts) == []


def test_names() -> None:
    assert names.type_name("sampler_options") == "SamplerOptions"
    assert [names.member_name(name) for name in ("dpmpp-2m", "4x", "2.1")] == ["DPMPP_2M", "_4X", "_2_1"]
    assert [names.constant_name(name) for name in ("extra_entry", "default", "group")] == [
        "extraEntry",
        "default_",
        "group_",
    ]
    assert names.literal(7.0) == "7" and names.literal((1, 2), long=True) == "[1n, 2n]"
