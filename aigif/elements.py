"""One element by its path, as a command line names it: `data.seed=7`, or just `seed=7`."""

from __future__ import annotations

from aigif import file
from aigif._gen import meta
from aigif._gen.container import PIXELS_SECTION, WEIGHTS_SECTION
from aigif._gen.support import ElementInfo, shown
from aigif._gen.types import Aigif
from aigif.errors import ElementError
from aigif.json_form import ENUMERATED, element_from_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_CODERS = (
    ("compression.pixel_compressor", PIXELS_SECTION),
    ("compression.model_compressor", WEIGHTS_SECTION),
    ("compression.saved_weights", WEIGHTS_SECTION),
    ("compression.saving_pixels", PIXELS_SECTION),
    ("compression.saving_model", WEIGHTS_SECTION),
)


def find(path: str) -> tuple[str, ElementInfo]:
    """The group and the element of `group.element`, or of a name that only one group has.

    Raises ElementError where there is none, or more than one.
    """
    group, dot, name = path.rpartition(".")
    found = [
        (group_name, info)
        for group_name in ([group] if dot else meta.SYNTAX)
        if group_name in meta.SYNTAX
        for info in meta.GROUPS[group_name].elements
        if info.name == name
    ]
    if len(found) != 1:
        near = ", ".join(
            f"{g}.{i.name}" for g in meta.SYNTAX for i in meta.GROUPS[g].elements if i.name == name
        )
        hint = f"did you mean {near}?" if near else "`aigif schema` lists them"
        raise ElementError(["there is no such element"], element=path, hint=hint)
    return found[0]


def set_element(aigif: Aigif, path: str, text: str) -> Aigif:
    """A copy with one element set from text.

    Numbers are written as usual, enumerations by name or code, true or false for a bool, hexadecimal for
    bytes, and JSON for groups and lists. Raises ElementError.
    """
    group, info = find(path)
    if any(f"{group}.{info.name}" == coder and file.section(aigif, id) is not None for coder, id in _CODERS):
        raise ElementError(
            ["it says how a section of the file is coded, and can't be changed alone"],
            element=f"{group}.{info.name}",
            hint="make the file anew with another coder",
        )
    value = element_from_json(info, _parsed(info, text, path), f"{group}.{info.name}")
    return file.edited(aigif, **{group: getattr(aigif, group).replace(**{info.name: value})})


def _parsed(info: ElementInfo, text: str, path: str) -> Any:
    if info.kind in ("string", "bytes"):
        return text
    if info.kind == "bool":
        words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if text.lower() not in words:
            raise ElementError([f"{shown(text)} is not true or false"], element=path)
        return words[text.lower()]
    try:
        if info.kind in ENUMERATED:
            return int(text) if text.isdecimal() else text
        if info.kind in ("uint", "int"):
            return int(text)
        if info.kind == "float":
            return float(text)
        import json

        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ElementError([f"{shown(text)} is not of the type {info.kind}"], element=path) from error
