"""Keys of an infotext that are syntax elements: each is read into a draft and written from a value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from aigif._gen.types import Aigif
from aigif.importers import values
from aigif.importers.draft import Draft, default_of, group_of
from aigif.importers.infotext import quoted, unquoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@dataclass(frozen=True, slots=True)
class Setting:
    """One key.

    `code` stands for it in a recorded order: it is in files and never changes. `read` puts elements into a
    draft, or raises Unreadable; `write` gives the value as it stands in an infotext, or None where the web UI
    would leave the key out. A setting that is not `usual` is another's second spelling: it is written only
    where a recorded order names it.
    """

    key: str
    code: str
    read: Callable[[str, Draft], None]
    write: Callable[[Aigif], str | None]
    usual: bool = True

    def replaced(self, **functions: Any) -> Setting:
        """A copy that reads or writes in another way."""
        return replace(self, **functions)


def simple(
    key: str,
    code: str,
    path: str,
    parse: Callable[[str], Any],
    show: Callable[[Any], str],
    *,
    always: bool = False,
    usual: bool = True,
) -> Setting:
    """A key that is one element; at its default it is written only with `always`."""
    group, _, name = path.partition(".")
    default = default_of(path)

    def write(aigif: Aigif) -> str | None:
        held = group_of(aigif, group)
        if held is None or (not always and getattr(held, name) == default):
            return None
        return show(getattr(held, name))

    return Setting(key, code, lambda raw, draft: draft.put(path, parse(raw)), write, usual)


def integer(key: str, code: str, path: str, *, always: bool = False) -> Setting:
    return simple(key, code, path, values.integer, str, always=always)


def number(key: str, code: str, path: str, *, always: bool = False, usual: bool = True) -> Setting:
    return simple(key, code, path, values.number, values.show_number, always=always, usual=usual)


def text(key: str, code: str, path: str) -> Setting:
    return simple(key, code, path, unquoted, quoted)


def truth(key: str, code: str, path: str) -> Setting:
    return simple(key, code, path, values.truth, str)


def sides(key: str, code: str, group: str, width: str, height: str) -> Setting:
    """A size in two elements, left out where both are 0."""

    def read(raw: str, draft: Draft) -> None:
        for name, side in zip((width, height), values.size(raw), strict=True):
            draft.put(f"{group}.{name}", side)

    def write(aigif: Aigif) -> str | None:
        held = group_of(aigif, group)
        sides = (getattr(held, width), getattr(held, height)) if held is not None else (0, 0)
        return f"{sides[0]}x{sides[1]}" if any(sides) else None

    return Setting(key, code, read, write)


def digest(key: str, code: str, path: str) -> Setting:
    """The first bytes of a SHA-256. Whole ones are written in capitals, as the programs do that write them."""
    return simple(key, code, path, values.hexadecimal, show_hash)


def show_hash(digest: bytes) -> str:
    return digest.hex().upper() if len(digest) == 32 else digest.hex()


def checkpoint(key: str, code: str, group: str, name: str, hash_name: str) -> Setting:
    """A checkpoint as "name [hash]", or by its name alone."""

    def read(raw: str, draft: Draft) -> None:
        value = unquoted(raw)
        stem, bracket, rest = value.rpartition(" [")
        if bracket and rest.endswith("]"):
            draft.put(f"{group}.{hash_name}", values.hexadecimal(rest[:-1]))
            value = stem
        draft.put(f"{group}.{name}", value)

    def write(aigif: Aigif) -> str | None:
        held = group_of(aigif, group)
        if held is None or not getattr(held, name):
            return None
        known = getattr(held, hash_name)
        return quoted(f"{getattr(held, name)} [{known.hex()}]" if known else getattr(held, name))

    return Setting(key, code, read, write)
