"""A small part of `benchmarks.platforms`: other instruction sets and libraries give the same pictures."""

from __future__ import annotations

from pathlib import Path

import PIL.Image
import pytest

import aigif
from aigif.pixels import as_samples, pixel_hash
from benchmarks.platforms import DoesNotRun, Found, Variant, make_files, run
from benchmarks.platforms.pins import pins
from benchmarks.platforms.table import row, title
from benchmarks.platforms.variants import environment

FAR = Variant(
    "far", {"ATEN_CPU_CAPABILITY": "default", "MKL_CBWR": "COMPATIBLE"}, {"onednn": False, "loose": True}
)
NEAR = Variant("near", options={"batch": 3, "channels_last": True, "loose": True})
VERSIONS = {"torch": "2.13.0", "machine": "x86_64", "instructions": "AVX2"}


@pytest.mark.slow
def test_exact_pictures_and_no_others_are_the_same_on_other_platforms(tmp_path: Path) -> None:
    """Not those of the platform's own arithmetic, nor exact ones (loose) with a native sum slipped in."""
    files = tmp_path / "files"
    files.mkdir()
    make_files(files, (5,), steps=2)
    far, near = (run(variant, files, tmp_path / variant.name) for variant in (FAR, NEAR))
    assert {name.split(".")[0] for name in far.hashes} == {"plain", "exact", "loose"}
    for name in far.hashes:
        assert (far.samples(name) == near.samples(name)) == name.startswith("exact"), name
    for path in files.glob("exact.*"):
        recorded = aigif.load(path).verification.pixel_hash
        made = pixel_hash(as_samples(PIL.Image.open(tmp_path / "far" / f"{path.stem}.png")))
        assert recorded and made.startswith(recorded)


def test_an_environment_is_named_by_what_its_worker_reports(tmp_path: Path) -> None:
    variant = environment("qemu-aarch64 -L 'a root' 'a root/usr/bin/python3.11'")
    assert variant.emulated and variant.command[2] == "a root"
    reference = Found(tmp_path, {}, VERSIONS)
    for versions, name in (
        ({"torch": "2.14.1"}, "torch 2.14.1"),
        ({"machine": "aarch64", "instructions": "SVE256"}, "torch 2.13.0 on aarch64, SVE256"),
    ):
        assert title(variant, Found(tmp_path, {}, VERSIONS | versions), reference) == name


def test_a_row_has_near_pictures_and_counts_the_same_ones(tmp_path: Path) -> None:
    kinds = ("plain.0.1", "plain.0.2", "exact.0.1", "plain.1.1", "exact.1.1")
    found = []
    for folder, value in (("reference", 100), ("found", 101)):
        (tmp_path / folder).mkdir()
        PIL.Image.new("RGB", (96, 96), (value, value, value)).save(tmp_path / folder / "plain.0.1.png")
        PIL.Image.new("RGB", (96, 96)).save(tmp_path / folder / "plain.0.2.png")
        hashes = {name: (name, name) for name in kinds} | {
            "plain.0.1": (folder, folder),
            "plain.1.1": ("", folder),
        }
        found.append(Found(tmp_path / folder, hashes, VERSIONS))
    cells = [cell.strip() for cell in row("other", found[1], found[0]).split("|")[1:-1]]
    assert cells[0] == "other" and cells[1].startswith("51.14 ")  # 10 log10(255^2 / (1 / 2))
    assert cells[2:] == ["lossless 1.0000"] * 3 + ["2, 1 of 3", "2, 2 of 2"]


@pytest.mark.parametrize("command", ["no-such-python", "python3 -c 'raise SystemExit(3)'"])
def test_a_python_that_does_not_run_is_said(tmp_path: Path, command: str) -> None:
    with pytest.raises(DoesNotRun):
        run(environment(command), tmp_path, tmp_path / "made")


def test_another_environment_gets_everything_but_torch_in_the_same_versions() -> None:
    import diffusers

    found = dict(pin.split("==") for pin in pins())
    assert found["diffusers"] == diffusers.__version__ and "numpy" in found
    assert not {"torch", "aigif", "pytest"} & set(found)
