"""Readers that Kaitai makes of the .ksy file, in Python and JavaScript, agree with the generated codec."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import aigif
from aigif._gen import meta
from aigif._gen.container import MAGIC, PROFILE_NAMES
from aigif._gen.types import Aigif
from aigif.errors import AigifError
from tests.helpers import REPOSITORY, compact_layout, corpus, paper_layout, resealed
from tests.kaitai import readers

KSY = (REPOSITORY / "docs" / "aigif.ksy").read_text(encoding="utf-8")
LANGUAGES = {"python": readers.by_python, "javascript": readers.by_javascript}
SCALARS = ("bool", "uint", "int", "float", "enum", "table")


def valid_files() -> Iterator[bytes]:
    found = [data for _, data in corpus()]
    found += [path.read_bytes() for path in sorted((REPOSITORY / "tests" / "released").rglob("*.aigif"))]
    kept = sorted((REPOSITORY / "tests" / "fuzz" / "corpus").iterdir())
    found += [resealed(MAGIC + path.read_bytes() + bytes(4)) for path in kept]
    yield from (data for data in found if accepted(data))


def accepted(data: bytes) -> bool:
    try:
        aigif.loads(data)
    except AigifError:
        return False
    return True


def known_values(answer: dict[str, Any], path: str) -> Any:
    """A scalar of an element as a reader gives it; None where it is left to bits."""
    found, name = answer["found"], path.replace(".", "_")
    if found.get(f"{name}_known"):
        return found[f"{name}_short"]
    return found.get(name)


def lost(answer: dict[str, Any], before: list[str]) -> bool:
    """Whether a list stands before an element, after which the bits can't be told apart."""
    return any(answer["found"].get(f"lost_{path.replace('.', '_')}") for path in before)


@pytest.mark.parametrize("language", LANGUAGES)
def test_valid_files(language: str) -> None:
    files = list(valid_files())
    compared = 0
    for data, answer in zip(files, LANGUAGES[language](KSY, files), strict=True):
        assert "refused" not in answer, (data.hex(), answer)
        value = aigif.loads(data)
        compared += check_elements(value, PROFILE_NAMES[data[len(MAGIC)] & 15], answer)
        sections = [(id, critical, safe) for id, critical, safe, _ in answer["sections"] if id != 1]
        assert sections == [(s.id, s.critical, s.safe_to_copy) for s in value.sections]
        payloads = [payload for id, _, _, payload in answer["sections"] if id != 1]
        assert payloads == [section.payload.hex() for section in value.sections]
    assert compared > 35 * len(files)


def check_elements(value: Aigif, profile: str, answer: dict[str, Any]) -> int:
    """Compare every scalar that the reader has; gives how many."""
    if profile == "compact":
        steps = [(step.path, step.element.type.kind) for step in compact_layout().steps]
    else:
        steps = [(item.field.path, item.field.element.type.kind) for item in paper_layout().fields]
    lists: list[str] = []
    compared = 0
    for path, kind in steps:
        if kind == "list":
            lists.append(path)
        if kind not in SCALARS or lost(answer, lists):
            continue
        found = known_values(answer, path)
        group, _, element = path.partition(".")
        if found is not None:
            assert found == getattr(getattr(value, group), element), (path, answer)
            compared += 1
    return compared


def test_strings_and_groups_are_seen() -> None:
    files = dict(corpus())
    (nested,) = readers.by_python(KSY, [files["nested"]])
    assert nested["found"]["has_data_prompt"] and nested["found"]["has_model_adapters"]
    assert nested["found"]["model_adapters_count"] == 2
    (paper,) = readers.by_python(KSY, [files["paper"]])
    assert bytes.fromhex(paper["found"]["data_prompt_coded"]) == b"A cute cat"


def test_both_readers_say_the_same() -> None:
    files = list(valid_files())
    python, javascript = readers.by_python(KSY, files), readers.by_javascript(KSY, files)
    assert python == javascript


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_cut_or_of_another_format_is_refused(language: str) -> None:
    files = [data for _, data in corpus()]
    broken = [data[: len(MAGIC) + 4] for data in files] + [b"\xa1GIG" + data[4:] for data in files]
    broken += [data[:4] + b"\x21" + data[5:] for data in files] + [
        data[:4] + b"\x17" + data[5:] for data in files
    ]
    for data, answer in zip(broken, LANGUAGES[language](KSY, broken), strict=True):
        with pytest.raises(AigifError):
            aigif.loads(resealed(data))
        assert "refused" in answer, data.hex()


def test_every_top_level_scalar_has_a_place() -> None:
    """No element was forgotten: each scalar has a value of its own or bits."""
    held = set(readers.names(KSY))
    for group in meta.SYNTAX:
        for info in meta.GROUPS[group].elements:
            name = f"{group}_{info.name}"
            wanted = {name, f"{name}_short", f"has_{name}", f"{name}_pattern_low"}
            assert wanted & held, name
