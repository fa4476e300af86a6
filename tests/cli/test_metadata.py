"""A program's metadata through the command line: kept, shown, and written into the recreated PNG."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

import aigif
from aigif.importers.carriers import read_carriers
from tests.cli.calls import call
from tests.cli.conftest import INFOTEXT

CHANGED = INFOTEXT.replace("Size: 32x24", "Size: 32x24, Denoising strength: 0.5, Mask blur: 4")


@pytest.fixture
def changed_png(tmp_path: Path, picture: Image.Image) -> Path:
    """A picture that was made from another one, with two texts."""
    texts = PngImagePlugin.PngInfo()
    texts.add_text("parameters", CHANGED)
    texts.add_itxt("note", "größer", zip=True)
    picture.save(tmp_path / "changed.png", pnginfo=texts)
    return tmp_path / "changed.png"


def test_the_recreated_png_has_the_metadata(changed_png: Path, picture: Image.Image, tmp_path: Path) -> None:
    assert call("encode", changed_png).code == 0
    again = tmp_path / "again.png"
    found = call("recreate", changed_png.with_suffix(".aigif"), "--saved-pixels", "--metadata", "-o", again)
    assert found.code == 0, found.err
    assert read_carriers(again).blocks == read_carriers(changed_png).blocks
    with Image.open(again) as image:
        image.load()
        assert image.tobytes() == picture.tobytes()
        assert image.info["parameters"] == CHANGED and image.info["note"] == "größer"
    plain = tmp_path / "plain.png"
    call("recreate", changed_png.with_suffix(".aigif"), "--saved-pixels", "-o", plain)
    assert read_carriers(plain).blocks == ()


def test_a_file_without_metadata_is_told(changed_png: Path, tmp_path: Path) -> None:
    assert call("encode", changed_png, "--keep", "elements").code == 0
    found = call(
        "recreate",
        changed_png.with_suffix(".aigif"),
        "--saved-pixels",
        "--metadata",
        "-o",
        tmp_path / "again.png",
    )
    assert found.code == 0 and "keeps no metadata" in found.err


def test_an_edit_is_told_and_written(changed_png: Path, tmp_path: Path) -> None:
    call("encode", changed_png)
    edited, again = tmp_path / "edited.aigif", tmp_path / "again.png"
    assert call("edit", changed_png.with_suffix(".aigif"), "--set", "seed=7", "-o", edited).code == 0
    found = call("recreate", edited, "--saved-pixels", "--metadata", "-o", again)
    assert "were changed since" in found.err
    text = read_carriers(again).first("parameters")
    assert text is not None and "Seed: 7" in text.text


def test_info_says_what_is_missing(changed_png: Path, a1111_png: Path) -> None:
    call("encode", changed_png)
    call("encode", a1111_png)
    shown = call("info", changed_png.with_suffix(".aigif")).text
    assert "not recreatable, for the file does not tell: " in shown
    assert "the image that was changed or continued" in shown
    assert "what the program wrote into its picture" in shown
    both = call("info", "--json", changed_png.with_suffix(".aigif"), a1111_png.with_suffix(".aigif"))
    lines = [json.loads(line) for line in both.text.splitlines()]
    assert [line["grade"] for line in lines] == ["not recreatable", "exact"]
    assert lines[1]["missing"] == [] and any("image" in reason for reason in lines[0]["missing"])


def test_the_metadata_survive_json(a1111_png: Path, tmp_path: Path) -> None:
    call("encode", a1111_png)
    shown = call("info", "--json", a1111_png.with_suffix(".aigif")).text
    (tmp_path / "again.json").write_text(shown)
    assert call("encode", tmp_path / "again.json").code == 0
    assert aigif.load(tmp_path / "again.aigif") == aigif.load(a1111_png.with_suffix(".aigif"))
