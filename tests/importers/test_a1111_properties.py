"""Any infotext comes back byte for byte; any bytes give a value or an AigifError."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import aigif
from aigif import file, importers
from aigif.errors import AigifError
from aigif.importers import a1111, infotext, samplers
from aigif.importers.a1111_keys import BY_KEY
from tests.importers.pictures import compressed, international, plain, png, with_infotext

SAMPLES = Path(__file__).parent.parent.parent.parent / "shared" / "samples"
PROMPTS = st.text(alphabet=st.characters(exclude_categories=()), max_size=40) | st.text(
    "a <lora:>,\n()\r", max_size=60
)
NUMBERS = st.integers(-2, 2**65).map(str) | st.floats().map(repr) | st.floats(0, 20).map(lambda x: f"{x:.2f}")
WORDS = (
    st.sampled_from(
        ["Karras", "Automatic", "Euler a", "DPM++ 2M Karras", "CPU", "NV", "True", "v1.8.0", "v1.10.1", "neo"]
    )
    | st.sampled_from(
        ["8x8", "512x768", "0x0", '"a: 0123456789"', "6ce0161689", "v1-5-pruned-emaonly", "a [0123456789]"]
    )
    | st.text('ab:, "\\[]{}\n', max_size=12)
    | st.text(max_size=8).map(infotext.quoted)
)
PAIRS = st.lists(
    st.tuples(st.sampled_from(sorted(BY_KEY)) | st.text("Kk e", max_size=4), NUMBERS | WORDS), max_size=14
)


@st.composite
def infotexts(draw: st.DrawFn) -> str:
    text = draw(PROMPTS)
    if draw(st.booleans()):
        text += "\nNegative prompt:" + draw(st.sampled_from([" ", ""])) + draw(PROMPTS)
    pairs = [("Steps", "20"), *draw(PAIRS)] if draw(st.booleans()) else draw(PAIRS)
    return (
        text
        + "\n"
        + ", ".join(f"{key}: {value}" for key, value in pairs)
        + draw(st.sampled_from(["", "\n", "\0"]))
    )


def check(text: str, width: int, height: int, program: int = samplers.UNSPECIFIED) -> None:
    try:
        value, _ = a1111.read_text(text, width=width, height=height, program=program)
    except AigifError:
        return
    assert a1111.write(value) == text
    data = file.dumps(file.with_best_text(value))
    again = file.loads(data)
    assert again.replace(compression=value.compression) == value
    assert a1111.write(again) == text
    assert str(value.data.guidance_scale) != "-0.0"


@given(infotexts(), st.integers(0, 2**33), st.integers(0, 1024), st.sampled_from([0, 14, 7]))
def test_any_infotext_comes_back(text: str, width: int, height: int, program: int) -> None:
    check(text, width, height, program)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    check(text, 512, 512)


@given(infotexts(), st.sampled_from([plain, compressed]))
def test_any_picture_comes_back(text: str, put: object) -> None:
    encoded = text.encode("utf-8", "replace")
    try:
        imported = importers.read(png(put("parameters", encoded), width=8, height=8))  # type: ignore[operator]
    except AigifError:
        return
    assert a1111.write(imported.aigif).encode("utf-8") == encoded
    assert imported.metadata_bytes == len(encoded)
    assert aigif.loads(aigif.dumps(imported.aigif)) == imported.aigif


SEED = png(
    plain("parameters", b"a <lora:x:1>\nNegative prompt: b\nSteps: 20, Sampler: Euler a, Seed: 1, Size: 8x8"),
    compressed("other", b"text"),
    international("more", "text", packed=True),
    width=8,
    height=8,
)  # fmt: skip


@given(
    st.lists(st.tuples(st.integers(0, len(SEED) - 1), st.integers(0, 255)), max_size=6),
    st.integers(0, len(SEED)),
)
def test_damaged_pictures_are_read_or_refused(changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(SEED)
    for place, byte in changes:
        data[place] = byte
    for damaged in (bytes(data), bytes(data[:cut])):
        try:
            imported = importers.read(damaged)
        except AigifError:
            continue
        assert aigif.loads(aigif.dumps(imported.aigif)) == imported.aigif


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for candidate in (data, SEED[:8] + data, SEED[:33] + data):
        with pytest.raises(AigifError):
            importers.read(candidate)


@pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the public samples are not beside this repository (../shared/samples)"
)
def test_every_sample_with_an_infotext_comes_back() -> None:
    found = 0
    for record in json.loads((SAMPLES / "carriers.json").read_text("utf-8")):
        texts = [
            entry["text"]
            for entry in record["entries"]
            if entry["key"] == "parameters" and infotext.split(entry["text"], BY_KEY) is not None
        ]
        for text in texts:
            value, _ = a1111.read_text(text)
            assert a1111.write(file.loads(file.dumps(value))) == text
        if texts and record["format"] == "png" and not record["entries"][0]["carrier"].startswith("stealth"):
            imported = importers.read(SAMPLES / record["path"])
            if any(entry["key"] == "prompt" for entry in record["entries"]):
                assert any("'parameters' differ, and the first was taken" in note for note in imported.notes)
            else:
                assert a1111.write(imported.aigif) == texts[0]
            assert [imported.width, imported.height] == record["dim"]
            found += 1
    assert found == 15


@pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the public samples are not beside this repository (../shared/samples)"
)
def test_the_samples_say_what_others_read_in_them() -> None:
    """Prompt, seed and sampling as another project's tests expect them (A1111-style samples only)."""
    compared = 0
    for record in json.loads((SAMPLES / "expected.json").read_text("utf-8"))["sd-metadata"]:
        name = record["file"]
        if name.endswith(("sd-webui.png", "forge.png", "forge-classic.png", "forge-neo.png", "/reforge.png")):
            expected = record["args"][0]
            data = importers.read(SAMPLES / name).aigif.data
            assert data.prompt.strip() == expected["prompt"].strip()
            assert data.negative_prompt.strip() == expected["negativePrompt"].strip()
            assert data.seed == expected["sampling"]["seed"]
            assert data.steps == expected["sampling"]["steps"]
            assert data.guidance_scale == expected["sampling"]["cfg"]
            compared += 1
    assert compared >= 4


def test_fixtures_are_infotexts() -> None:
    """The seed of the damage tests is one that is read."""
    assert importers.read(SEED).aigif.data.steps == 20
    assert importers.read(with_infotext("é\nSteps: 3")).aigif.data.prompt == "é"
