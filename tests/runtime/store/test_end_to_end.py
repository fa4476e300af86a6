"""A picture of a single-file model is made again bit for bit from the store, whatever the file's name."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import aigif
from aigif.errors import ModelError
from aigif.runtime.store import scan
from aigif.runtime.store.index import read_index, write_index

Made = Callable[[str], tuple[Any, Path, Path]]

pytestmark = pytest.mark.usefixtures("tiny_families")


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl"])
def test_made_from_a_file_and_again_from_the_store(made: Made, tmp_path: Path, family: str) -> None:
    _, file, folder = made(family)
    path = Path(shutil.copy(file, tmp_path / "mine.safetensors"))
    write_index(scan.add(read_index(), [folder])[0])  # its tokenizer
    new = aigif.generate("a red house", model=path, steps=2, seed=7, width=32, height=32, device="cpu")
    written = aigif.dumps(new.aigif)
    with pytest.raises(ModelError):
        aigif.recreate(aigif.loads(written))
    renamed = Path(shutil.copy(path, tmp_path / "renamed.safetensors"))
    write_index(scan.add(read_index(), [renamed])[0])
    again = aigif.recreate(aigif.loads(written))
    assert again.image.tobytes() == new.image.tobytes()
    assert again.verdict is not None and again.verdict.grade == "bit-exact"
    given = aigif.recreate(aigif.loads(written), model=path)
    assert given.image.tobytes() == new.image.tobytes()
