"""A small part of `benchmarks.platforms`: other instruction sets and libraries give the same pictures."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import aigif
from benchmarks.platforms import Variant, make_files, run

FAR = Variant("far", {"ATEN_CPU_CAPABILITY": "default", "MKL_CBWR": "COMPATIBLE"}, {"onednn": False})
NEAR = Variant("near", options={"batch": 3, "channels_last": True})


@pytest.mark.slow
def test_exact_pictures_are_the_same_on_other_platforms(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    make_files(files, (5,), steps=3)
    recorded = {path.stem: aigif.load(path).verification.pixel_hash.hex() for path in files.glob("*.aigif")}
    found = [run(variant, files, tmp_path / variant.name) or {} for variant in (FAR, NEAR)]
    for name, recorded_hash in recorded.items():
        same = found[0][name][1] == found[1][name][1]
        assert same == name.startswith("exact")
        if same:
            assert _pixel_hash(tmp_path / "far" / f"{name}.png").startswith(recorded_hash)


@pytest.mark.slow
def test_a_native_sum_in_the_table_is_noticed(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    made = aigif.generate("a red house", seed=5, steps=3, exact=True, device="cpu").aigif
    aigif.save(made, files / "exact.aigif")
    pictures = [
        (run(variant, files, tmp_path / variant.name, {"loose": True}) or {})["exact"] for variant in (FAR, NEAR)
    ]
    assert pictures[0][1] != pictures[1][1]


def _pixel_hash(path: Path) -> str:
    import PIL.Image

    from aigif.pixels import as_samples, pixel_hash

    digest = pixel_hash(as_samples(PIL.Image.open(path)))
    assert len(digest) == hashlib.sha256().digest_size
    return digest.hex()
