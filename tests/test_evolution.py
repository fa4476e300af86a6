"""The promise of the schema: a new model, GPU, enum value, element or model-dependent element is one edit of it.

Each test edits a copy of the schema, compiles it into a folder of its own, and lets the old codec (the package's)
and the new one read each other's bytes.
"""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import aigif
from aigif._gen import compact as old
from aigif._gen.support import Texts
from codegen import emit
from codegen.compile import compile_schema
from tests.generated import strategies
from tests.helpers import SCHEMA, plain

NEW_MODEL = """\
  tomorrow-xl: {code: 200, since: "1.1", doc: "A model of tomorrow.", family: sdxl,
                pipeline: StableDiffusionXLPipeline, hub: tomorrow/xl, licence: apache-2.0}
"""
NEW_GPU = """\
  tomorrow-9000: {code: 220, since: "1.1", label: "NVIDIA Tomorrow 9000", doc: "A GPU of tomorrow."}
"""
NEW_VALUE = """\
      jxs: {code: 4, since: "1.1", doc: "JPEG XS."}
"""
NEW_ELEMENTS = """\
      tiles: {id: 101, type: uint, default: 0, range: [0, 255], code: {bits: 8}, since: "1.1", doc: "Tiles."}
      mood: {id: 102, type: string, default: "", since: "1.1", doc: "The mood."}
      tomorrow: {id: 103, type: {group: tomorrow}, when: {element: model.model_id, attribute: family, in: [sdxl]},
                 since: "1.1", doc: "Settings of tomorrow's models."}
"""
NEW_NESTED = """\
      sharpness: {id: 7, type: float, default: 0.5, range: [0.0, 1.0], code: {float: 64}, since: "1.1", doc: "S."}
      caption: {id: 8, type: string, default: "", since: "1.1", doc: "A caption of its own."}
"""
NEW_GROUP = """\
  tomorrow:
    title: Tomorrow
    type_name: Tomorrow
    doc: Settings of tomorrow's models.
    elements:
      strength: {id: 1, type: uint, default: 3, range: [0, 7], code: {bits: 3}, since: "1.1", doc: "Strength."}
      note: {id: 2, type: string, default: "", since: "1.1", doc: "A note."}
"""


def insert_after(text: str, line_start: str, addition: str) -> str:
    """`text` with `addition` after the one line that starts with `line_start`."""
    lines = text.splitlines(keepends=True)
    (place,) = [number for number, line in enumerate(lines) if line.startswith(line_start)]
    return "".join([*lines[: place + 1], addition, *lines[place + 1 :]])


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The package that the edited schema compiles to."""
    folder = tmp_path_factory.mktemp("evolution")
    shutil.copytree(SCHEMA.parent, folder / "schema")
    path = folder / "schema" / "aigif.yaml"
    text = path.read_text().replace('version: "1.0"', 'version: "1.1"', 1)
    text = insert_after(text, "      jxl: {code: 3", NEW_VALUE)
    text = insert_after(text, "      tiling: {id:", NEW_ELEMENTS)
    text = insert_after(text, "      target_width: {id: 6", NEW_NESTED)
    text = text.replace("  variation:\n    title", NEW_GROUP + "\n  variation:\n    title", 1)
    path.write_text(text)
    for name, addition in (("models", NEW_MODEL), ("gpus", NEW_GPU)):
        table = folder / "schema" / "exp" / f"{name}.yaml"
        table.write_text(table.read_text().rstrip("\n") + "\n" + addition)
    schema, layouts = compile_schema(path)
    emit.write(emit.outputs(schema, layouts, ["python"], folder / "out"))
    (folder / "out" / "python").rename(folder / "out" / "tomorrow_codec")
    sys.path.insert(0, str(folder / "out"))
    yield importlib.import_module("tomorrow_codec.compact")
    sys.path.remove(str(folder / "out"))


def decode(codec: ModuleType, data: bytes, strings: list[str]) -> Any:
    texts = sys.modules[codec.__name__.rpartition(".")[0] + ".support"].Texts
    return codec.decode_compact(data, lambda _: texts(tuple(strings)))


def tomorrow(new: ModuleType) -> Any:
    """A picture of tomorrow's model that uses everything new."""
    types = sys.modules["tomorrow_codec.types"]
    return types.Syntax(
        compression=types.CompressionOptions(saving_pixels=True, pixel_compressor=4),
        platform=types.Platform(device=1, gpu=220),
        model=types.GenerativeModel(model_id=200),
        data=types.Data(
            prompt="a picture of tomorrow",
            seed=7,
            tiles=5,
            mood="bright",
            tomorrow=types.Tomorrow(strength=1, note="keep me"),
            micro_conditioning=types.MicroConditioning(crop_top=8, sharpness=0.25, caption="and me"),
            extra=(types.ExtraEntry("key", "value"),),
        ),
    )


def test_the_new_names_are_there(new: ModuleType) -> None:
    tables = importlib.import_module("tomorrow_codec.tables.model")
    assert tables.TABLE.code_of("tomorrow-xl") == 200
    assert tables.TABLE.attribute(200, "family") == "sdxl"
    assert importlib.import_module("tomorrow_codec.enums").PixelCompressor.JXS == 4
    meta = importlib.import_module("tomorrow_codec.meta")
    assert {info.name for info in meta.GROUPS["data"].elements} >= {"tiles", "mood", "tomorrow"}


def test_an_old_reader_keeps_what_is_new_and_writes_it_back(new: ModuleType) -> None:
    value = tomorrow(new)
    data, strings = new.encode_compact(value)
    assert decode(new, data, strings) == value
    read = decode(old, data, strings)
    assert (read.model.model_id, read.platform.gpu, read.compression.pixel_compressor) == (200, 220, 4)
    assert read.data.micro_conditioning.crop_top == 8
    assert read.data.micro_conditioning.unknown.strings == ("and me",)
    assert set(read.unknown.strings) == {"bright", "keep me"}
    assert old.encode_compact(read) == (data, strings)


def test_an_old_writer_changes_what_it_knows_and_the_rest_survives(new: ModuleType) -> None:
    value = tomorrow(new)
    read = decode(old, *new.encode_compact(value))
    hires = aigif.Hires(prompt="larger")
    data = read.data.replace(seed=99, prompt="another prompt", negative_prompt="new", hires=hires)
    edited = read.replace(data=data)
    again = decode(new, *old.encode_compact(edited))
    assert (again.data.seed, again.data.prompt, again.data.negative_prompt) == (99, "another prompt", "new")
    assert again.data.hires.prompt == "larger"
    assert (again.data.tiles, again.data.mood) == (5, "bright")
    assert again.data.tomorrow == value.data.tomorrow
    assert again.data.micro_conditioning == value.data.micro_conditioning
    assert again.data.extra == value.data.extra


@settings(max_examples=80)
@given(strategies.syntax())
def test_a_new_reader_reads_every_old_file(new: ModuleType, value: aigif.Aigif) -> None:
    value = without_tails(value)
    data, strings = old.encode_compact(value)
    read = decode(new, data, strings)
    assert {name: held for name, held in plain_new(read).items() if name != "data"} == {
        name: held for name, held in plain(value).items() if name != "data"
    }
    assert (read.data.tiles, read.data.mood, read.data.tomorrow) == (0, "", None)
    assert new.encode_compact(read) == (data, strings)


@settings(max_examples=80)
@given(strategies.syntax(), st.integers(0, 255), st.text(max_size=5), st.integers(0, 2**32))
def test_any_picture_with_new_elements_passes_through_an_old_program(
    new: ModuleType, value: aigif.Aigif, tiles: int, mood: str, seed: int
) -> None:
    grown = decode(new, *old.encode_compact(without_tails(value)))
    grown = grown.replace(data=grown.data.replace(tiles=tiles, mood=mood))
    data, strings = new.encode_compact(grown)
    read = decode(old, data, strings)
    assert old.encode_compact(read) == (data, strings)
    edited = read.replace(data=read.data.replace(seed=seed))
    again = decode(new, *old.encode_compact(edited))
    assert again == grown.replace(data=grown.data.replace(seed=seed))


def without_tails(value: aigif.Aigif) -> aigif.Aigif:
    """A value that an old writer makes: without tails that would mean something to the new reader."""

    def bare(held: Any) -> Any:
        if isinstance(held, tuple):
            return tuple(bare(item) for item in held)
        if not hasattr(held, "__match_args__"):
            return held
        changes = {name: bare(getattr(held, name)) for name in held.__match_args__ if name != "coded_text"}
        return held.replace(**{**changes, **({"unknown": None} if "unknown" in changes else {})})

    return bare(value)  # type: ignore[no-any-return]


def plain_new(value: Any) -> Any:
    """Like `plain`, for the records of the compiled copy."""
    if hasattr(value, "strings"):
        return {"width": value.width, "value": value.value, "strings": list(value.strings)}
    if hasattr(value, "__match_args__"):
        names = [name for name in value.__match_args__ if name not in ("sections", "coded_text")]
        return {name: plain_new(getattr(value, name)) for name in names}
    return [plain_new(item) for item in value] if isinstance(value, tuple) else value


def test_the_package_itself_is_what_the_schema_gives() -> None:
    schema, layouts = compile_schema(SCHEMA)
    root = SCHEMA.parent.parent
    files = {root / path: text for path, text in emit.outputs(schema, layouts, ["python"], None).items()}
    assert emit.stale(files) == []
    assert isinstance(Texts(()), Texts) and Path(root / "aigif").is_dir()
