"""Where two texts of one picture tell different things: which ones, for a person to know."""

from __future__ import annotations

from aigif.importers.base import Importer, Reading
from aigif.importers.texts import TextEntry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigif._gen.types import Aigif

_COMPARED = (
    "data.seed",
    "data.steps",
    "data.guidance_scale",
    "model.scheduler",
    "data.prompt",
    "data.negative_prompt",
)
_SHOWN = 40


def between(first: Importer, kept: Reading, second: Importer, other: Reading) -> list[str]:
    """A note for each element in which the reading that was kept and another one differ."""
    if other.sources == kept.sources:
        return []
    differing = [
        f"{path.partition('.')[2]} {_shown(kept.aigif, path)} and {_shown(other.aigif, path)}"
        for path in _COMPARED
        if _value(kept.aigif, path) != _value(other.aigif, path)
    ]
    if not differing:
        return []
    names = f"{_carrier(kept.sources, first)} and {_carrier(other.sources, second)}"
    return [f"{names} differ, and the first was taken: {'; '.join(differing)}"]


def _carrier(sources: tuple[TextEntry, ...], importer: Importer) -> str:
    return f"the {importer.name} text {sources[0].key!a}" if sources else f"the {importer.name} text"


def _value(aigif: Aigif, path: str) -> object:
    group, _, name = path.partition(".")
    return getattr(getattr(aigif, group), name)


def _shown(aigif: Aigif, path: str) -> str:
    value = _value(aigif, path)
    if isinstance(value, str):
        return ascii(value if len(value) <= _SHOWN else value[:_SHOWN] + "...")
    return str(getattr(value, "name", value)).lower()
