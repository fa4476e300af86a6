"""What a file says, for a person to read: the overview that `aigif info` prints.

Imports nothing beside the codec, so that a file is shown about as fast as the interpreter starts.
"""

from __future__ import annotations

from importlib import import_module

from aigif import file
from aigif._gen import container, meta, types
from aigif._gen.enums import Completeness, NoiseSource, PromptDialect, SavedWeights
from aigif._gen.support import UNREADABLE, ElementInfo, Record, Unknown, freeze
from aigif._gen.types import Aigif
from aigif.grading import grade, reasons

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from aigif._gen.support import Table

__all__ = ["Block", "Overview", "Row", "document", "overview", "recreation"]

UNKNOWN_NOTE = "unknown to this version, kept as it is"

# Shown even where they are at their defaults: a picture without them makes no sense.
ESSENTIAL = frozenset(
    (
        "model.model_id",
        "model.scheduler",
        "data.prompt",
        "data.height",
        "data.width",
        "data.steps",
        "data.guidance_scale",
        "data.seed",
    )
)


class Row(Record):
    """One line: an element's name, its value as text, a note, and how deep it stands in groups (0 for the top)."""

    __slots__ = __match_args__ = ("name", "value", "note", "depth")
    name: str
    value: str
    note: str
    depth: int

    def __init__(self, name: str = "", value: str = "", note: str = "", depth: int = 0) -> None:
        freeze(self, "name", name)
        freeze(self, "value", value)
        freeze(self, "note", note)
        freeze(self, "depth", depth)


class Block(Record):
    """The lines of one group."""

    __slots__ = __match_args__ = ("title", "rows")
    title: str
    rows: tuple[Row, ...]

    def __init__(self, title: str = "", rows: tuple[Row, ...] = ()) -> None:
        freeze(self, "title", title)
        freeze(self, "rows", rows)


class Overview(Record):
    """A file: its size in bytes, its profile's name, its groups and sections, and what it can be recreated from.

    The texts are those of the file, control characters and all; who prints them has to make them harmless.
    """

    __slots__ = __match_args__ = ("size", "profile", "blocks", "recreation")
    size: int
    profile: str
    blocks: tuple[Block, ...]
    recreation: str

    def __init__(
        self, size: int = 0, profile: str = "", blocks: tuple[Block, ...] = (), recreation: str = ""
    ) -> None:
        freeze(self, "size", size)
        freeze(self, "profile", profile)
        freeze(self, "blocks", blocks)
        freeze(self, "recreation", recreation)


def overview(data: bytes, *, every: bool = False) -> Overview:
    """What the bytes of a file say. `every` shows the elements at their defaults too.

    Raises CorruptError or LimitError.
    """
    aigif = file.loads(data)
    blocks = [_group_block(aigif, name, every) for name in meta.SYNTAX]
    blocks.append(Block("Sections", tuple(_section_rows(aigif))))
    return Overview(
        len(data),
        container.PROFILE_NAMES[file.profile_of(data)],
        tuple([block for block in blocks if block.rows]),
        recreation(aigif),
    )


def document(aigif: Aigif, *, every: bool = False) -> dict[str, Any]:
    """The JSON object of a file, as `aigif encode` takes it; its text compressor is always there, so that the same
    file comes out. `every` puts in the elements at their defaults too."""
    from aigif.json_form import element_to_json, to_json

    held = to_json(aigif, defaults=every)
    name = "text_compressor"
    coder = next(info for info in meta.GROUPS["compression"].elements if info.name == name)
    named = {name: element_to_json(coder, aigif.compression.text_compressor)}
    return {"compression": {**named, **held.pop("compression", {})}, **held}


def recreation(aigif: Aigif) -> str:
    """What the picture can be recreated from, in a sentence; whether this machine can is for the runtime to say."""
    pixels = file.section(aigif, container.PIXELS_SECTION) is not None
    completeness = aigif.data.completeness
    if completeness == Completeness.MISSING:
        if pixels:
            return "from its saved pixels; it holds no generation syntax"
        return "impossible: it holds neither generation syntax nor pixels"
    by_model = _by_model(aigif)
    if file.section(aigif, container.WEIGHTS_SECTION) is not None:
        whole = aigif.compression.saved_weights == SavedWeights.MODEL
        by_model += "; its weights are in the file" if whole else "; an adapter's weights are in the file"
    if aigif.data.gaps:
        missing = ", ".join(_first_small(reason) for reason in reasons(aigif))
        by_model = f"{grade(aigif).value}, for the file does not tell: {missing}; otherwise {by_model}"
    elif completeness != Completeness.COMPLETE:
        by_model = f"as a guess, for not every element is recorded: {by_model}"
    asked = _ask_of_the_runtime(aigif)
    if asked:
        by_model += f"; aigif recreate refuses or approximates {asked}"
    return f"{by_model}; or from its saved pixels, without a model" if pixels else by_model


def _first_small(sentence: str) -> str:
    """A sentence in the middle of another one."""
    return sentence if sentence[1:2].isupper() else sentence[:1].lower() + sentence[1:]


_PARSED = frozenset(
    {PromptDialect.PLAIN, PromptDialect.A1111, PromptDialect.COMFYUI, PromptDialect.COMPEL}
    | {PromptDialect.SWARMUI, PromptDialect.FOOOCUS}
)
_DRAWN = frozenset(
    {NoiseSource.TORCH_CPU, NoiseSource.CUDA_PHILOX, NoiseSource.NV, NoiseSource.NUMPY}
)


def _ask_of_the_runtime(aigif: Aigif) -> str:
    """What other programs often record and the runtime of this version does not honour, in words."""
    asked = []
    if aigif.model.prompt_dialect not in _PARSED:
        asked.append("the syntax of its prompt's dialect")
    if aigif.platform.noise_source not in _DRAWN:
        asked.append("its source of noise")
    if aigif.data.denoising_strength < 1 and not aigif.data.gaps:
        asked.append("its image input")
    return " and ".join(asked)


def _by_model(aigif: Aigif) -> str:
    from aigif._gen.tables import model as table

    model = aigif.model
    name = table.TABLE.name_of(model.model_id)
    if name is None:
        return f"not by this version, which does not know the model {int(model.model_id)}"
    if name == "unlisted":
        named = f" {str(model.model_name)!r}" if model.model_name else ""
        return f"with the model{named} that the table does not list; give its folder with --model"
    if name == "aigif-embedded":
        return "with the model in this package"
    pipeline = table.TABLE.attribute(model.model_id, "pipeline")
    if not pipeline:
        return f"not by this version, which has no pipeline for {name}"
    hub = table.TABLE.attribute(model.model_id, "hub")
    return f"with {name} ({hub} on the hub)" if hub else f"with {name}"


def _group_block(aigif: Aigif, name: str, every: bool) -> Block:
    group = meta.GROUPS[name]
    shown = frozenset() if aigif.data.completeness == Completeness.MISSING else ESSENTIAL
    rows = list(_rows(name, name, getattr(aigif, name), every, 0, shown))
    if name == meta.SYNTAX[-1] and aigif.unknown is not None:
        rows.append(_tail_row(aigif.unknown, 0))
    return Block(group.title, tuple(rows))


def _rows(
    path: str, name: str, record: Any, every: bool, depth: int, essential: frozenset[str]
) -> Iterator[Row]:
    group = meta.GROUPS[name]
    absent = getattr(types, group.type_name)()
    for info in group.elements:
        value = getattr(record, info.name)
        if every or value != getattr(absent, info.name) or f"{path}.{info.name}" in essential:
            yield from _element_rows(f"{path}.{info.name}", info, value, every, depth)
    unknown = getattr(record, "unknown", None)
    if unknown is not None:
        yield _tail_row(unknown, depth)


def _element_rows(path: str, info: ElementInfo, value: Any, every: bool, depth: int) -> Iterator[Row]:
    if info.kind == "group":
        yield Row(info.name, "" if value is not None else "none", "", depth)
        if value is not None:
            yield from _rows(path, info.of, value, every, depth + 1, frozenset())
    elif info.kind == "list":
        if not value:
            yield Row(info.name, "none", "", depth)
        for at, item in enumerate(value):
            yield Row(f"{info.name}[{at}]", "", "", depth)
            yield from _rows(path, info.of, item, every, depth + 1, frozenset())
    else:
        yield Row(info.name, *_shown(info, value), depth)


def _shown(info: ElementInfo, value: Any) -> tuple[str, str]:
    """An element's value as text, and a note on it."""
    if info.kind in ("enum", "table"):
        table: Table = import_module(f"aigif._gen.tables.{info.of}").TABLE
        if value not in table:
            return str(int(value)), UNKNOWN_NOTE
        entry = table[value]
        first_words = entry.doc.rstrip(".").partition(": ")[0].partition("; ")[0]
        return entry.name, first_words if entry.label == entry.name else entry.label
    if info.kind == "bool":
        return ("yes" if value else "no"), ""
    if info.kind == "bytes":
        note = f"{len(value)} byte{'' if len(value) == 1 else 's'}" if value else "none"
        if value and info.name == "pixel_hash":
            note = "SHA-256 of the pixels" + ("" if len(value) == 32 else f", first {note}")
        if value and info.name == "preview":
            note = f"a ThumbHash of {note}"
        return value.hex(), note
    if info.kind == "string":
        if value is UNREADABLE:
            return "", "can't be read: the text compressor is unknown to this version"
        return value, "" if value else "empty"
    text = repr(value)
    text = text[:-2] if text.endswith(".0") else text
    return (f"{text} {info.unit}" if info.unit else text), ""


def _tail_row(unknown: Unknown, depth: int) -> Row:
    strings = f" and {len(unknown.strings)} strings" if unknown.strings else ""
    return Row(
        "unknown", f"{unknown.width} bits{strings}", f"elements of a newer version, {UNKNOWN_NOTE}", depth
    )


def _section_rows(aigif: Aigif) -> Iterator[Row]:
    coders = {
        container.TEXT_SECTION: ("text_compressor", aigif.compression.text_compressor),
        container.PIXELS_SECTION: ("pixel_compressor", aigif.compression.pixel_compressor),
        container.WEIGHTS_SECTION: ("model_compressor", aigif.compression.model_compressor),
    }
    sizes = [(section.id, len(section.payload)) for section in aigif.sections]
    if aigif.coded_text is not None and any(aigif.coded_text.payloads):
        sizes.insert(0, (container.TEXT_SECTION, sum(map(len, aigif.coded_text.payloads))))
    for id, size in sizes:
        if id in coders:
            table_name, code = coders[id]
            table: Table = import_module(f"aigif._gen.tables.{table_name}").TABLE
            coder = table.name_of(code) or f"{int(code)}, {UNKNOWN_NOTE}"
            yield Row(container.SECTION_NAMES[id], f"{size} bytes", f"compressor {coder}", 0)
        elif id == container.METADATA_SECTION:
            yield Row(container.SECTION_NAMES[id], f"{size} bytes", "what the program wrote into its picture", 0)
        else:
            yield Row(f"section {id}", f"{size} bytes", UNKNOWN_NOTE, 0)
