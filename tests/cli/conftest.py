"""Files that several tests of the command line read."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

import aigif
from tests.helpers import typical

INFOTEXT = (
    "a lighthouse on a cliff at dusk\nNegative prompt: blurry\n"
    "Steps: 25, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 829557441, Size: 32x24, Model hash: cc6cb27103, "
    "Model: v1-5-pruned-emaonly, Version: v1.9.4"
)


@pytest.fixture(autouse=True)
def _own_store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty store of models, not the person's."""
    monkeypatch.setenv("AIGIF_STORE", str(tmp_path_factory.mktemp("store") / "models.json"))


@pytest.fixture
def lighthouse(tmp_path: Path) -> Path:
    """A typical file."""
    path = tmp_path / "lighthouse.aigif"
    aigif.save(typical(), path)
    return path


@pytest.fixture
def picture() -> Image.Image:
    """32 by 24 pixels, no two rows alike."""
    image = Image.new("RGB", (32, 24))
    image.putdata([(8 * x, 10 * y, (x * y) % 256) for y in range(24) for x in range(32)])
    return image


@pytest.fixture
def a1111_png(tmp_path: Path, picture: Image.Image) -> Path:
    """A PNG as AUTOMATIC1111 saves one."""
    path = tmp_path / "a1111.png"
    texts = PngImagePlugin.PngInfo()
    texts.add_text("parameters", INFOTEXT)
    picture.save(path, pnginfo=texts)
    return path


@pytest.fixture
def plain_png(tmp_path: Path, picture: Image.Image) -> Path:
    """A PNG without metadata."""
    path = tmp_path / "plain.png"
    picture.save(path)
    return path
