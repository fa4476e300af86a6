"""The texts of a picture, as every carrier gives them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextEntry:
    """One text in a picture: its carrier ("PNG tEXt"), key, text, the byte offset of its chunk, and whether it
    stands after the pixels."""

    carrier: str
    key: str
    text: str
    byte: int
    after_pixels: bool


@dataclass(frozen=True, slots=True)
class PictureText:
    """All texts of a picture in the order of the file, its width and height in pixels, and what was odd."""

    format: str
    width: int
    height: int
    entries: tuple[TextEntry, ...]
    notes: tuple[str, ...] = ()

    def all(self, key: str) -> tuple[TextEntry, ...]:
        """The entries of a key, which is compared exactly."""
        return tuple(entry for entry in self.entries if entry.key == key)
