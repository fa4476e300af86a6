"""The TypeScript codec agrees with Python's on every input: accept or reject, value, and bytes encoded anew."""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

import aigif
from aigif import json_form
from aigif._gen import enums
from aigif._gen.container import MAGIC, PROFILE_NAMES, TEXT_BYTES
from aigif._gen.support import Section, Unknown
from aigif._gen.types import Aigif
from aigif.errors import AigifError, CorruptError
from tests.conformance.testees.generated import kind_of
from tests.generated import strategies
from tests.helpers import REPOSITORY, corpus, resealed, typical
from tests.typescript.testee import Testee, batch

CODEC = REPOSITORY / "aigif" / "viewer" / "js" / "codec"
DAMAGED = 4000


@pytest.fixture(scope="module")
def node() -> Iterator[Testee]:
    with Testee() as testee:
        yield testee


def valid_files() -> list[bytes]:
    released = (REPOSITORY / "tests" / "released").rglob("*.aigif")
    return [path.read_bytes() for path in sorted(released)] + [data for _, data in corpus()]


def fuzzed() -> list[bytes]:
    kept = (REPOSITORY / "tests" / "fuzz" / "corpus").iterdir()
    return [resealed(MAGIC + path.read_bytes() + bytes(4)) for path in sorted(kept)]


def damaged(count: int) -> Iterator[bytes]:
    """Files with bits flipped and bytes added or taken away, most of them with the checksum put right."""
    rng = random.Random(5)
    pool = [data for data in valid_files() + fuzzed() if 9 < len(data) < 1000]
    for _ in range(count):
        data = bytearray(rng.choice(pool))
        for _ in range(rng.randrange(1, 4)):
            at = rng.randrange(len(data))
            change = rng.random()
            if change < 0.6:
                data[at] ^= 1 << rng.randrange(8)
            elif change < 0.8:
                data.insert(at, rng.randrange(256))
            elif len(data) > 9:
                del data[at]
        sealed = resealed(bytes(data)) if rng.random() < 0.97 else bytes(data)
        pool.append(sealed)
        yield sealed


def profile_name(data: bytes) -> str:
    return PROFILE_NAMES.get(data[len(MAGIC)] & 15 if len(data) > len(MAGIC) else 1, "compact")


def by_python(data: bytes) -> dict[str, Any]:
    """What the testee should answer."""
    try:
        value = aigif.loads(data)
    except AigifError as error:
        return {"error": kind_of(error)}
    again = aigif.dumps(value, profile=profile_name(data))
    return {"ok": json.loads(json.dumps(json_form.to_json(value))), "hex": again.hex()}


def outcome(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: answer[key] for key in ("ok", "hex", "error") if key in answer}


def disagreements(inputs: list[bytes], *options: str) -> list[tuple[str, Any, Any]]:
    requests = [{"op": "decode", "hex": data.hex(), "profile": profile_name(data)} for data in inputs]
    answers = batch(requests, *options)
    assert len(answers) == len(inputs)
    pairs = (
        (data.hex(), by_python(data), outcome(answer)) for data, answer in zip(inputs, answers, strict=True)
    )
    return [(data, ours, theirs) for data, ours, theirs in pairs if ours != theirs]


@pytest.mark.parametrize("options", [(), (str(CODEC), "streams")], ids=["zlib", "streams"])
def test_valid_and_fuzzed_files(options: tuple[str, ...]) -> None:
    found = disagreements([*valid_files(), *fuzzed()], *options)
    # The streams of browsers take no dictionary: there such text stays as it is, and so does the file.
    opaque = [each for each in found if "streams" in options and each[2].get("ok", {}).get("opaque_text")]
    assert found == opaque
    assert all((theirs["hex"], len(opaque)) == (data, 1) for data, _, theirs in opaque)


def test_damaged_files() -> None:
    inputs = list(damaged(DAMAGED))
    kinds = {by_python(data).get("error") for data in inputs}
    assert kinds >= {None, "corrupt", "not canonical", "unsupported", "over a limit"}
    assert disagreements(inputs) == []


@settings(max_examples=150)
@given(value=strategies.syntax())
def test_generated_values(node: Testee, value: Aigif) -> None:
    plain = value.replace(compression=value.compression.replace(text_compressor=enums.TextCompressor.NONE))
    check_value(node, without_flags(plain), "compact")


@settings(max_examples=100)
@given(value=strategies.paper_syntax())
def test_generated_values_of_the_paper_profile(node: Testee, value: Aigif) -> None:
    plain = value.replace(compression=value.compression.replace(text_compressor=enums.TextCompressor.NONE))
    check_value(node, without_flags(plain), "paper")


def without_flags(value: Aigif) -> Aigif:
    """The same without the flags of sections that it does not have, and as JSON text carries its strings."""
    bare = value.replace(compression=value.compression.replace(saving_pixels=False, saving_model=False))
    return json_form.from_json(json.loads(json.dumps(json_form.to_json(bare))))


def check_value(node: Testee, value: Aigif, profile: str) -> None:
    """Python's bytes and TypeScript's are the same, from the same JSON, and mean the same."""
    data = aigif.dumps(value, profile=profile)
    document = json_form.to_json(value)
    assert node.encode(document, profile) == {"hex": data.hex()}
    full = json.loads(json.dumps(json_form.to_json(value, defaults=True)))
    assert node.decode(data, profile, defaults=True) == {"ok": full, "hex": data.hex()}


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize("compressor", [code for code in enums.TextCompressor if code <= 4])
def test_what_typescript_compresses_python_reads(compressor: enums.TextCompressor, streams: bool) -> None:
    if streams and compressor == enums.TextCompressor.DEFLATE_DICTIONARY:
        pytest.skip("the streams of browsers take no dictionary")
    base = typical()
    value = base.replace(compression=base.compression.replace(text_compressor=compressor))
    for profile in PROFILE_NAMES.values():
        kept = value if profile == "compact" else paper_value(compressor)
        with Testee(streams=streams) as testee:
            data = bytes.fromhex(testee.encode(json_form.to_json(kept), profile)["hex"])
        assert aigif.loads(data) == kept


def paper_value(compressor: int) -> Aigif:
    data = aigif.Data(prompt="naïve \ud800 café 🦊 \0\1", seed=829557441)
    return Aigif(compression=aigif.CompressionOptions(text_compressor=compressor), data=data)


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize("window", [15, -15])
def test_hostile_streams(window: int, streams: bool) -> None:
    """A bomb, a cut stream, and bytes after the end are refused as Python refuses them."""
    code = 1 if window > 0 else 2
    bomb = stream(b"a" * (TEXT_BYTES + 1), window)
    whole = stream(b"a prompt", window)
    full = stream(b"a" * TEXT_BYTES, window)
    payloads = [
        bomb,
        stream(bytes(10_000_000), window),
        whole[:-1],
        whole[:1],
        b"",
        whole + b"\0",
        whole + whole,
        full,
        whole,
    ]
    inputs = [text_file(code, payload) for payload in payloads]
    errors = [by_python(data).get("error") for data in inputs]
    assert errors == ["over a limit"] * 2 + ["corrupt"] * 5 + [None] * 2
    assert disagreements(inputs, str(CODEC), *(["streams"] if streams else [])) == []


def stream(raw: bytes, window: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, window)
    return packer.compress(raw) + packer.flush()


def text_file(compressor: int, payload: bytes) -> bytes:
    """A file with one string whose text section is these bytes."""
    options = aigif.CompressionOptions(text_compressor=compressor)
    data = aigif.dumps(Aigif(compression=options, data=aigif.Data(prompt="x")))
    head = data[: data.index(b"\xa1", 5)]
    return resealed(head + b"\xa1" + payload + bytes(4))


REFUSED = [
    {"data": {"steps": 1 << 16}},
    {"data": {"steps": 2.5}},
    {"data": {"steps": -1}},
    {"data": {"seed": 1 << 64}},
    {"data": {"seed": "7"}},
    {"data": {"prompt": 7}},
    {"data": {"guidance_scale": 1e6}},
    {"data": {"tiling": 1}},
    {"data": {"hires": []}},
    {"data": {"extra": {}}},
    {"data": {"extra": [{}] * 257}},
    {"data": {"nothing": 1}},
    {"nothing": {}},
    {"model": {"scheduler": "nothing"}},
    {"model": {"scheduler": 2040}},
    {"model": {"weight_hash": "0"}},
    {"model": {"weight_hash": "00" * 33}},
    {"platform": {"gpu": 5}},
    {"compression": {"saving_pixels": True}},
    {"unknown": {"width": 1, "value": "2", "strings": []}},
    {"unknown": {"width": 3, "value": "1", "strings": [1]}},
    {"sections": [{"id": 1, "payload": ""}]},
    {"sections": [{"id": 9, "critical": True, "payload": ""}]},
    {"sections": [{"id": 9, "payload": ""}, {"id": 8, "payload": ""}]},
    {"opaque_text": "00"},
]


@pytest.mark.parametrize("document", REFUSED, ids=json.dumps)
def test_values_that_no_element_holds(node: Testee, document: Any) -> None:
    with pytest.raises(AigifError) as caught:
        aigif.dumps(json_form.from_json(document))
    assert node.encode(document, "compact")["error"] == kind_of(caught.value)


@pytest.mark.parametrize(
    "document",
    [
        {"platform": {"torch": 5}},
        {"data": {"seed": 1 << 32}},
        {"data": {"guidance_scale": 0.1}},
        {"model": {"scheduler": 16}},
    ],
    ids=json.dumps,
)
def test_values_that_the_paper_can_not_carry(node: Testee, document: Any) -> None:
    with pytest.raises(AigifError) as caught:
        aigif.dumps(json_form.from_json(document), profile="paper")
    assert node.encode(document, "paper")["error"] == kind_of(caught.value)


def test_errors_say_where(node: Testee) -> None:
    """The element and, where Python has found the bit, the byte; past the end of a group they count differently."""
    value = Aigif(data=aigif.Data(hires=aigif.Hires(scale=1.5, steps=7)), unknown=Unknown(3, 5))
    data = bytearray(aigif.dumps(value))
    found = 0
    for at in range(6, len(data) - 4):
        for bit in range(8):
            broken = bytearray(data)
            broken[at] ^= 1 << bit
            sealed = resealed(bytes(broken))
            try:
                aigif.loads(sealed)
            except CorruptError as error:
                answer = node.decode(sealed, "compact")
                assert (answer["element"] or None) == (error.element or None), (at, bit, answer, error)
                if error.bit is not None and "ends in a zero byte" not in str(error):  # TypeScript: where it begins
                    assert error.byte is not None and abs(answer["byte"] - error.byte) <= 1, (
                        at,
                        bit,
                        answer,
                        error,
                    )
                    found += 1
    assert found > 5


def test_an_edit_keeps_what_it_may(tmp_path: Path) -> None:
    """After an edit, unknown sections that are not safe to copy are gone."""
    sections = (Section(7, False, True, b"safe"), Section(9, False, False, b"not"))
    data = aigif.dumps(typical().replace(sections=sections))
    program = tmp_path / "edit.mjs"
    program.write_text(
        f"""
        import {{ decode, edited, encode, create, createHires, Scheduler }} from "{CODEC.as_posix()}/node.js";
        const value = await decode(Uint8Array.from(Buffer.from("{data.hex()}", "hex")));
        const changed = edited(value, {{ model: {{ ...value.model, scheduler: Scheduler.EULER }} }});
        const made = create({{ data: {{ seed: 2n ** 64n - 1n, hires: createHires({{ scale: 1.5 }}) }} }});
        for (const each of [changed, made]) console.log(Buffer.from(await encode(each)).toString("hex"));
        """,
        encoding="utf-8",
    )
    import subprocess

    done = subprocess.run(["node", str(program)], capture_output=True, text=True, check=True)
    changed, made = (aigif.loads(bytes.fromhex(line)) for line in done.stdout.split())
    assert changed.sections == sections[:1]
    assert changed.model.scheduler == enums.Scheduler.EULER and changed.data == typical().data
    assert made == Aigif(data=aigif.Data(seed=(1 << 64) - 1, hires=aigif.Hires(scale=1.5)))
