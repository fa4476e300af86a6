"""`aigif edit` and `aigif convert`: what changes, what stays, and that a failure leaves the file as it was."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from PIL import Image

import aigif
from aigif import file, pictures
from aigif._gen.container import PIXELS_SECTION
from aigif._gen.support import Section, Unknown
from tests.cli.calls import call, spawn
from tests.helpers import typical


def test_one_element(lighthouse: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.aigif"
    assert call("edit", lighthouse, "--set", "seed=7", "-o", other).code == 0
    before, after = aigif.load(lighthouse), aigif.load(other)
    assert after == before.replace(data=before.data.replace(seed=7))


@pytest.mark.parametrize(
    ("change", "group", "element", "value"),
    [
        ("model.scheduler=euler-a", "model", "scheduler", aigif.Scheduler.EULER_A),
        ("model.scheduler=1", "model", "scheduler", aigif.Scheduler.EULER_A),
        ("gpu=NVIDIA GeForce RTX 3090", "platform", "gpu", 2),
        ("data.prompt=a=b, c", "data", "prompt", "a=b, c"),
        ("negative_prompt=", "data", "negative_prompt", ""),
        ("guidance_scale=6.5", "data", "guidance_scale", 6.5),
        ("tiling=yes", "data", "tiling", True),
        ("revision=0a0b", "model", "revision", b"\x0a\x0b"),
        ('data.hires={"scale": 1.5}', "data", "hires", aigif.Hires(scale=1.5)),
    ],
)
def test_kinds_of_values(lighthouse: Path, change: str, group: str, element: str, value: object) -> None:
    assert call("edit", lighthouse, "--set", change, "--in-place").code == 0
    assert getattr(getattr(aigif.load(lighthouse), group), element) == value


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("seed=x", "'x' is not of the type uint"),
        ("seed=18446744073709551616", "data.seed"),
        ("scheduler=bogus", "not a listed name"),
        ("sed=1", "there is no such element"),
        ("tiling=perhaps", "not true or false"),
        ("seed", "is not ELEMENT=VALUE"),
    ],
)
def test_a_refused_change_leaves_the_file(lighthouse: Path, change: str, message: str) -> None:
    before = lighthouse.read_bytes()
    found = call("edit", lighthouse, "--set", "steps=30", "--set", change, "--in-place")
    assert found.code == 2
    assert message in found.err
    assert lighthouse.read_bytes() == before


def test_where_the_result_goes_must_be_said_once(lighthouse: Path) -> None:
    before = lighthouse.read_bytes()
    assert call("edit", lighthouse, "--set", "seed=7").code == 2
    assert call("edit", lighthouse, "--set", "seed=7", "-i", "-o", "x").code == 2
    assert call("edit", lighthouse, "--set", "seed=7", "-o", lighthouse).code == 2
    assert lighthouse.read_bytes() == before


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failed_write_leaves_the_file(lighthouse: Path, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = lighthouse.read_bytes()
    monkeypatch.setattr(os, step, full)
    found = call("edit", lighthouse, "--set", "seed=7", "--in-place")
    monkeypatch.undo()
    assert found.code == 2
    assert "lighthouse.aigif: can't be written: No space left" in found.err
    assert lighthouse.read_bytes() == before
    assert [path.name for path in lighthouse.parent.iterdir()] == ["lighthouse.aigif"]


def test_what_is_unknown_stays(tmp_path: Path) -> None:
    path = tmp_path / "newer.aigif"
    tail = Unknown(5, 17)
    sections = (Section(40, False, False, b"goes"), Section(41, False, True, b"stays"))
    aigif.save(typical().replace(unknown=tail, sections=sections), path)
    assert call("edit", path, "--set", "seed=7", "--in-place").code == 0
    after = aigif.load(path)
    assert after.unknown == tail
    assert [section.id for section in after.sections] == [41]


def test_the_old_picture_is_pointed_at_or_forgotten(tmp_path: Path, picture: Image.Image) -> None:
    path = tmp_path / "a.aigif"
    held = pictures.with_picture(typical(), picture, pixels=aigif.PixelCompressor.PNG, preview=True)
    aigif.save(held, path)
    found = call("edit", path, "--set", "seed=7", "-o", "-")
    assert "--forget-picture drops them" in found.err
    assert aigif.loads(found.out).verification == held.verification
    found = call("edit", path, "--set", "seed=7", "-o", "-", "--forget-picture")
    assert "forget" not in found.err
    after = aigif.loads(found.out)
    assert after.verification == aigif.Verification()
    assert file.section(after, PIXELS_SECTION) is None and not after.compression.saving_pixels
    assert "forget" not in call("edit", path, "--set", "text_compressor=zlib", "-o", "-").err


def test_edit_keeps_the_profile(tmp_path: Path) -> None:
    path = tmp_path / "paper.aigif"
    aigif.save(aigif.Aigif(data=aigif.Data(prompt="x")), path, profile="paper")
    assert call("edit", path, "--set", "seed=7", "--in-place").code == 0
    data = path.read_bytes()
    assert data[4] == 0x10 and aigif.loads(data).data.seed == 7
    found = call("edit", path, "--set", "clip_skip=2", "--in-place")
    assert found.code == 2 and "model.clip_skip has no place in this profile" in found.err
    assert path.read_bytes() == data


def test_pipes(lighthouse: Path) -> None:
    found = spawn("edit", "-", "--set", "seed=7", stdin=lighthouse.read_bytes())
    assert found.code == 0 and aigif.loads(found.out).data.seed == 7
    again = spawn("convert", "-", "--text", "none", "-o", "-", stdin=found.out)
    assert aigif.loads(again.out).compression.text_compressor == aigif.TextCompressor.NONE


def test_convert_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.aigif"
    held = aigif.Aigif(data=aigif.Data(prompt="a red house", seed=5))
    aigif.save(held, path)
    paper = tmp_path / "paper.aigif"
    assert call("convert", path, "--profile", "paper", "-o", paper).code == 0
    assert paper.read_bytes()[4] == 0x10
    assert call("convert", paper, "--profile", "compact", "-o", path, "--force").code == 0
    assert aigif.load(path).data == held.data


def test_convert_refuses_what_the_paper_has_no_place_for(lighthouse: Path, tmp_path: Path) -> None:
    found = call("convert", lighthouse, "--profile", "paper", "-o", tmp_path / "paper.aigif")
    assert found.code == 2
    for element in ("model.sigma_schedule", "platform.torch", "platform.diffusers"):
        assert element in found.err
    assert not (tmp_path / "paper.aigif").exists()
