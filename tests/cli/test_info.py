"""`aigif info`: overview, JSON and bits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import aigif
from aigif import file, text
from aigif._gen.container import PIXELS_SECTION
from aigif._gen.support import Section, Unknown
from aigif.annotated import annotate
from aigif.inspection import UNKNOWN_NOTE, Overview, overview, recreation
from tests.cli.calls import call
from tests.helpers import typical
from tests.test_file import with_text


def rows_of(found: Overview) -> dict[str, tuple[str, str]]:
    return {row.name: (row.value, row.note) for block in found.blocks for row in block.rows}


def test_overview_has_labels_units_and_texts() -> None:
    data = aigif.dumps(typical())
    found = overview(data)
    rows = rows_of(found)
    assert (found.size, found.profile) == (len(data), "compact")
    assert rows["gpu"] == ("nvidia-geforce-rtx-3090", "NVIDIA GeForce RTX 3090")
    assert rows["scheduler"][0] == "dpmpp-2m"
    assert rows["width"] == ("768 pixels", "")
    assert rows["guidance_scale"] == ("7", "")
    assert rows["prompt"][0] == typical().data.prompt
    assert "clip_skip" not in rows
    assert rows["text"][1] == "compressor deflate"


def test_essential_elements_are_shown_at_their_defaults_too() -> None:
    rows = rows_of(overview(aigif.dumps(aigif.Aigif())))
    assert rows["height"] == ("512 pixels", "")
    assert rows["seed"] == ("0", "")
    assert rows["prompt"] == ("", "empty")


def test_every_shows_all_elements() -> None:
    rows = rows_of(overview(aigif.dumps(aigif.Aigif()), every=True))
    assert rows["clip_skip"] == ("1 layers", "")
    assert rows["hires"] == ("none", "")
    assert rows["adapters"] == ("none", "")
    assert rows["pixel_hash"] == ("", "none")


def test_unknown_codes_sections_and_tails_are_shown_with_a_note() -> None:
    held = typical()
    held = held.replace(
        model=held.model.replace(model_id=1900, scheduler=1999),
        sections=(Section(40, False, False, b"abc"),),
        unknown=Unknown(5, 17, ("x",)),
    )
    rows = rows_of(overview(aigif.dumps(held)))
    assert rows["model_id"] == ("1900", UNKNOWN_NOTE)
    assert rows["scheduler"] == ("1999", UNKNOWN_NOTE)
    assert rows["section 40"] == ("3 bytes", UNKNOWN_NOTE)
    assert rows["unknown"][0] == "5 bits and 1 strings"
    assert "does not know the model 1900" in recreation(held)


def test_nested_groups_lists_hash_and_preview() -> None:
    held = typical()
    adapters = (aigif.Adapter(name="dusk", weight=0.75), aigif.Adapter(name="cliff"))
    held = held.replace(
        model=held.model.replace(adapters=adapters),
        data=held.data.replace(hires=aigif.Hires(steps=12)),
        verification=aigif.Verification(pixel_hash=bytes(range(8)), preview=b"\1\2\3"),
    )
    text = call("info", "-", stdin=aigif.dumps(held)).text
    assert "  adapters[0]\n    name" in text
    assert "    weight         0.75\n  adapters[1]\n" in text
    assert "  hires\n    steps" in text
    assert "0001020304050607  (SHA-256 of the pixels, first 8 bytes)" in text
    assert "010203  (a ThumbHash of 3 bytes)" in text


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"model": {"model_id": 2}}, "with the model in this package"),
        (
            {"model": {"model_id": 1, "model_name": "mine"}},
            "with the model 'mine' that the table does not list",
        ),
        ({"model": {"model_id": 128}}, "no pipeline for anima"),
        ({"model": {"model_id": 0}}, "with stable-diffusion-v1-5 (stable-diffusion-v1-5/"),
        ({"data": {"completeness": aigif.Completeness.PARTIAL}}, "as a guess"),
        ({"data": {"completeness": aigif.Completeness.MISSING}}, "impossible"),
    ],
)
def test_recreation_says_what_is_needed(change: dict[str, dict[str, object]], expected: str) -> None:
    held = typical()
    for group, elements in change.items():
        held = held.replace(**{group: getattr(held, group).replace(**elements)})
    assert expected in recreation(held)


def test_recreation_from_saved_pixels() -> None:
    held = file.with_section(typical(), PIXELS_SECTION, b"pixels")
    assert recreation(held).endswith("; or from its saved pixels, without a model")
    alone = held.replace(data=aigif.Data(completeness=aigif.Completeness.MISSING))
    assert recreation(alone) == "from its saved pixels; it holds no generation syntax"


def test_text_of_an_unknown_compressor_is_not_shown() -> None:
    data = with_text(200, b"\xff\x00opaque", aigif.Aigif(data=aigif.Data(prompt="x", seed=9)))
    rows = rows_of(overview(data))
    assert rows["prompt"] == ("", "can't be read: the text compressor is unknown to this version")
    assert rows["text_compressor"] == ("200", UNKNOWN_NOTE)
    assert rows["seed"] == ("9", "")
    bits = call("info", "--bits", "-", stdin=data)
    assert bits.code == 0 and "text: payload" in bits.text


def test_plain_and_optioned_overviews_agree(lighthouse: Path) -> None:
    plain = call("info", lighthouse).text
    everything = call("info", "--all", lighthouse).text
    assert plain.splitlines()[0] == everything.splitlines()[0]
    shown = {line.split()[0] for line in plain.splitlines() if line.startswith("  ")}
    assert shown < {line.split()[0] for line in everything.splitlines() if line.startswith("  ")}


def test_json_of_one_file_is_what_encode_takes(lighthouse: Path, tmp_path: Path) -> None:
    document = call("info", "--json", lighthouse)
    again = tmp_path / "again.aigif"
    assert call("encode", "-", "-o", again, stdin=document.out).code == 0
    assert again.read_bytes() == lighthouse.read_bytes()


@pytest.mark.parametrize("coder", list(filter(text.known, aigif.TextCompressor)))
def test_json_brings_back_the_text_compressor(coder: aigif.TextCompressor, tmp_path: Path) -> None:
    data = aigif.dumps(typical().replace(compression=aigif.CompressionOptions(text_compressor=coder)))
    document = call("info", "--json", "-", stdin=data)
    assert call("encode", "-", stdin=document.out).out == data


def test_json_of_several_files_is_a_line_each(lighthouse: Path, tmp_path: Path) -> None:
    found = call("info", "--json", lighthouse, tmp_path / "missing", lighthouse)
    lines = [json.loads(line) for line in found.text.splitlines()]
    assert found.code == 2
    assert found.error["kind"] == "FileAccessError"
    assert [line["file"] for line in lines] == [str(lighthouse)] * 2
    assert lines[0]["bytes"] == lighthouse.stat().st_size
    assert call("encode", "-", stdin=json.dumps(lines[0]).encode()).out == lighthouse.read_bytes()


def test_one_bad_file_does_not_stop_the_others(lighthouse: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.aigif"
    bad.write_bytes(lighthouse.read_bytes()[:-1] + b"!")
    found = call("info", tmp_path / "missing", bad, lighthouse)
    assert found.code == 3
    assert "bad.aigif, byte" in found.err
    assert "lighthouse.aigif: " in found.text


@pytest.mark.parametrize("profile", ["compact", "paper"])
def test_bits_cover_the_whole_file_once(profile: str) -> None:
    held = typical()
    if profile == "paper":
        held = aigif.Aigif(data=held.data, platform=aigif.Platform(device=aigif.Device.CUDA, gpu=2))
    held = file.with_section(held, PIXELS_SECTION, bytes(300))
    held = held.replace(sections=(*held.sections, Section(40, False, True, b"abc")))
    data = aigif.dumps(held, profile=profile)
    at = 0
    for line in annotate(data):
        assert line.offset == at
        assert line.length > 0
        shown = f"{int.from_bytes(data, 'big'):0{8 * len(data)}b}"[at : at + line.length]
        assert shown.startswith(line.bits)
        at += line.length
    assert at == 8 * len(data)


def test_bits_as_text_and_as_json(lighthouse: Path) -> None:
    text = call("info", "--bits", lighthouse).text
    assert "data.seed = 829557441" in text
    assert "check = CRC-32" in text
    rows = call("info", "--bits", "--json", lighthouse).json["bits"]
    assert [row["element"] for row in rows[:4]] == ["magic", "major version", "profile", "elements"]
