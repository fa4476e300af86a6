"""Files of earlier releases mean what they meant, byte for byte; tests/released/write.py wrote them."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest

import aigif
from aigif import file, pixels, weights
from aigif._gen import container, enums, meta
from aigif._gen.support import Record
from aigif.errors import AigifError
from tests.helpers import REPOSITORY
from tests.released import cases, write

FILES = sorted(Path(write.__file__).parent.glob("*/*.aigif"))
LOCKS = REPOSITORY / "schema" / "released"
KEPT = [path for path in FILES if not path.name.startswith("later-")]
LATER = [path for path in FILES if path.name.startswith("later-")]


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def check(path: Path) -> None:
    """The JSON form of a file is the one that was released, and writing gives the file again."""
    data = path.read_bytes()
    read = aigif.loads(data)
    document = json.loads(path.with_suffix(".json").read_text(encoding="ascii"))
    profile = container.PROFILE_NAMES[file.profile_of(data)]
    assert aigif.to_json(read) == document
    assert aigif.dumps(read, profile=profile) == data
    assert aigif.from_json(document) == read


@pytest.mark.parametrize("path", KEPT, ids=name_of)
def test_released(path: Path) -> None:
    check(path)


@pytest.mark.parametrize("path", LATER, ids=name_of)
def test_files_of_later_releases(path: Path) -> None:
    """A tail is kept as it is; to a later release its bits are elements, or no valid ones."""
    if path.parent.name == meta.SCHEMA_VERSION:
        check(path)
    data = path.read_bytes()
    try:
        assert aigif.dumps(aigif.loads(data)) == data
    except AigifError:
        assert path.parent.name != meta.SCHEMA_VERSION


def test_saved_pixels_and_weights_are_decoded() -> None:
    seen = set()
    for path in KEPT:
        read = aigif.loads(path.read_bytes())
        payload = file.section(read, container.PIXELS_SECTION)
        if payload is not None:
            coder = read.compression.pixel_compressor
            picture = pixels.decode(payload, coder, max_pixels=4)
            assert (picture.mode, picture.size, picture.tobytes()) == ("RGB", (2, 2), cases.PICTURE)
            seen.add(f"pixels {coder.name}")
        payload = file.section(read, container.WEIGHTS_SECTION)
        if payload is not None:
            coder = read.compression.model_compressor
            tensors = weights.decode(payload, coder, max_bytes=16)
            assert set(tensors) == set(cases.TENSORS)
            if coder == enums.ModelCompressor.NONE:
                assert bytes(tensors["a.weight"].data) == cases.NUMBERS
            seen.add(f"weights {coder.name}")
    assert seen == {"pixels NONE", "pixels PNG", "pixels WEBP", "pixels JXL", "weights NONE", "weights INT8"}


def groups_of(record: Record) -> set[str]:
    """The names of the classes of a value and of all groups that it holds."""
    found = {type(record).__name__}
    for key in record.__match_args__:
        held = getattr(record, key)
        for inner in held if isinstance(held, tuple) else (held,):
            found |= groups_of(inner) if isinstance(inner, Record) else set()
    return found


def test_the_set_covers_the_format() -> None:
    """All releases together: both profiles with every text coder, every section and every group."""
    files = [path.read_bytes() for path in KEPT]
    values = [aigif.loads(data) for data in files]
    coders = {
        (file.profile_of(data), int(value.compression.text_compressor))
        for data, value in zip(files, values, strict=True)
        if value.coded_text
    }
    lock = json.loads((LOCKS / f"{write.FOLDER.name}.lock.json").read_text())  # what came since is in no file here
    released = [value["code"] for value in lock["enumerations"]["text_compressor"]["values"].values()]
    assert coders >= set(product(container.PROFILE_NAMES, released))
    assert (container.COMPACT_PROFILE, cases.OPAQUE_TEXT) in coders
    sections = {section.id for value in values for section in value.sections}
    assert any(value.coded_text and value.coded_text.profile == container.COMPACT_PROFILE for value in values)
    kept = {section["id"] for section in lock["sections"].values()}
    assert kept <= set(container.SECTION_FLAGS)
    assert sections | {container.TEXT_SECTION} >= kept | {900, container.SECTION_ID}
    groups = set().union(*(groups_of(value) for value in values))
    assert groups >= {
        group.type_name
        for group in meta.GROUPS.values()
        if any(element.since <= lock["version"] for element in group.elements)
    }
    assert any(value.data.seed == (1 << 64) - 1 for value in values)


def test_there_are_tails_at_the_root_and_in_groups() -> None:
    documents = {path.stem: json.loads(path.with_suffix(".json").read_text()) for path in LATER}
    assert documents["later-root"]["unknown"]["strings"] == ["later", "and later"]
    nested = documents["later-nested"]
    holders = [nested["data"]["hires"], nested["model"]["adapters"][0], nested["data"]["extra"][0]]
    assert [holder["unknown"]["width"] for holder in holders] == [70, 3, 1]


def test_every_file_has_its_pair() -> None:
    folder = write.FOLDER
    assert {path.name for path in folder.iterdir()} == {
        f"{name}.{kind}" for name in cases.cases() for kind in ("aigif", "json")
    }


def test_a_released_file_is_not_written_over(tmp_path: Path) -> None:
    changed = write.write(tmp_path, force=False)
    assert len(changed) == 2 * len(cases.cases()) == len(set(changed))
    assert write.write(tmp_path, force=False) == []
    (tmp_path / "typical.aigif").write_bytes(b"other")
    (tmp_path / "empty.json").unlink()
    with pytest.raises(FileExistsError, match=r"never change: typical\.aigif$"):
        write.write(tmp_path, force=False)
    assert not (tmp_path / "empty.json").exists()
    assert set(write.write(tmp_path, force=True)) == {"typical.aigif", "empty.json"}
