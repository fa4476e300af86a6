"""The settings of a program that writes them by name: each is taken once, and what nobody took is named."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from aigif._gen.enums import GapKind
from aigif.importers import jsontext, values
from aigif.importers.draft import Draft
from aigif.importers.values import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Values that say that nothing was set.
_ABSENT: tuple[object, ...] = (None, "", "None", "none", "(None)")
_NEUTRAL: tuple[object, ...] = (*_ABSENT, [], {}, False, "False", "false")
_SHOWN = 40


def shown(value: object) -> str:
    """A value in a sentence, cut short."""
    text = jsontext.shown(value)
    return ascii(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")


class Fields:
    """Settings by name, and which of them were taken."""

    def __init__(self, settings: Mapping[str, Any], draft: Draft) -> None:
        self._settings = settings
        self._draft = draft
        self._taken: set[str] = set()

    def __contains__(self, key: str) -> bool:
        """Whether a setting is there and says something."""
        return key in self._settings and self._settings[key] not in _ABSENT

    def take(self, *keys: str) -> Any:
        """The first setting of these names that says something, else None; all of them count as taken."""
        self._taken.update(keys)
        return next((self._settings[key] for key in keys if key in self), None)

    def put(
        self, path: str, convert: Callable[[Any], Any], *keys: str, kind: GapKind = GapKind.VALUE
    ) -> bool:
        """Put the first setting of these names into an element; whether that was done.

        A value that can't be read, or does not fit, is a gap of `kind`.
        """
        value = self.take(*keys)
        if value is None:
            return False
        try:
            self._draft.put(path, convert(value))
        except Unreadable as problem:
            self.refuse(keys[0], value, str(problem), kind, path.partition(".")[2])
            return False
        return True

    def refuse(
        self, key: str, value: object, reason: str, kind: GapKind = GapKind.VALUE, name: str = ""
    ) -> None:
        """Name a value that can't be read; `name` is the gap's, where it is not the setting's."""
        self._draft.missing(f"{key}: {shown(value)} is not recorded: {reason}", kind, name or key)

    def name_rest(
        self, harmless: Collection[str] = (), neutral: Mapping[str, Collection[object]] | None = None
    ) -> None:
        """Name what nobody took as gaps, but for `harmless` names, and values that say nothing.

        `neutral` gives, by name, values under which the setting does nothing.
        """
        usual = neutral or {}
        for key, value in self._settings.items():
            if key in self._taken or key in harmless or _among(value, _NEUTRAL):
                continue
            if not _among(value, usual.get(key, ())):
                self._draft.missing(f"not understood: {_name(key)} {shown(value)}", GapKind.SETTING, key)


def _among(value: object, listed: Collection[object]) -> bool:
    """Whether a value is one of these, where 0 is not False and 1 not True."""
    return any(type(value) is type(one) and value == one for one in listed)


def _name(key: str) -> str:
    return shown(key)[1:-1]


def whole(value: object) -> int:
    """A whole number, given as one, as a float without a fraction, or as decimal text."""
    if isinstance(value, str):
        return values.integer(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable("it is not a whole number")
    if isinstance(value, float) and not value.is_integer():
        raise Unreadable("it is not a whole number")
    return int(value)


def seed(value: object) -> int:
    """A seed, which is never negative: programs write -1 for one that they drew and did not record."""
    found = whole(value)
    if found < 0:
        raise Unreadable("the seed was not recorded")
    return found


def real(value: object) -> float:
    """A finite number, given as one or as decimal text."""
    if isinstance(value, str):
        return values.number(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable("it is not a number")
    try:
        found = float(value)
    except OverflowError as error:
        raise Unreadable("it is too large") from error
    if found != found or found in (float("inf"), float("-inf")):
        raise Unreadable("it is not a finite number")
    return found + 0.0


def words(value: object) -> str:
    """A string."""
    if not isinstance(value, str):
        raise Unreadable("it is not a text")
    return value


def truth(value: object) -> bool:
    """True or False, given as such or by their names in any case."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise Unreadable("it is neither true nor false")


def pair(value: object) -> tuple[int, int]:
    """Width and height: a list of two, or "512x768", "832 x 1216", "768*1280", "(768, 1280)"."""
    if isinstance(value, str):
        text = value.strip().strip("()[]")
        for mark in ("x", "×", "*", ","):
            if mark in text:
                first, _, second = text.partition(mark)
                return whole(first.strip(" '\"")), whole(second.strip(" '\""))
        raise Unreadable("it is not a size")
    if isinstance(value, list | tuple) and len(value) == 2:
        return whole(value[0]), whole(value[1])
    raise Unreadable("it is not a size")


def file_name(value: object) -> str:
    """The name of a file without its folders, whichever slash they are written with."""
    text = words(value)
    return text.replace("\\", "/").rstrip("/").rpartition("/")[2]
