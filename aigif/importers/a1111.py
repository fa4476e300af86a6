"""The `parameters` text of AUTOMATIC1111's web UI and of the programs that write one like it.

Settings that are syntax elements become elements; all others, and those whose text an element would not give back
exactly, are kept as extra entries. So `write` gives back, byte for byte, the text that was read.
"""

from __future__ import annotations

from collections.abc import Iterable

from aigif._gen import compact
from aigif._gen.container import TEXT_BYTES
from aigif._gen.types import Aigif, ExtraEntry
from aigif.errors import ImportMetadataError, LimitError
from aigif.importers import infotext, samplers, xmp
from aigif.importers.a1111_elements import drafted
from aigif.importers.a1111_keys import BY_CODE, BY_KEY, LAST_KEY, PLACED, SETTINGS, WRITTEN
from aigif.importers.base import Evidence, Importer, Reading, Strength
from aigif.importers.infotext import Infotext, Pair
from aigif.importers.texts import XMP, PictureText, TextEntry
from aigif.text import joined

KEY = "parameters"
# Where such a text stands: in PNG, in EXIF, in a JPEG comment, hidden in the pixels.
KEYS = (KEY, "UserComment", "ImageDescription", "XPComment", "comment", "Comment", "Description", "stealth")
# Programs that rewrite a picture move it to XMP.
_PROPERTIES = ("exif:UserComment", "dc:description")
# The last extra entry may be one of these: the order of the settings where it is not the web UI's (one code a
# setting, see a1111_keys; EXTRA takes the next entry), or the whole text where its parts don't give it back.
ORDER_KEY = "infotext order"
TEXT_KEY = "parameters"
# Where such a text stands: in PNG, in EXIF, in a JPEG comment, hidden in the pixels.
KEYS = (KEY, "UserComment", "ImageDescription", "XPComment", "comment", "Comment", "Description", "stealth")
# Programs that rewrite a picture move it to XMP.
_PROPERTIES = ("exif:UserComment", "dc:description")
EXTRA = "*"
_MAX_EXTRA = 256
MAX_CHARACTERS = 1 << 20
_SURELY_FITS = TEXT_BYTES // 8
_STABILITY_MATRIX_KEYS = ("smproj", "parameters-json")


def evidence(picture: PictureText) -> Evidence | None:
    """Whether a picture holds an infotext, and whether that names its program."""
    entry = _entry(picture)
    if entry is None:
        return None
    text = _text_of(entry)
    named = ", App: SD.Next" in text or ", Version: " in text
    strength = Strength.OWN if named else Strength.SHARED
    return Evidence(strength, f"the text {entry.key!r} is an A1111 infotext", entry)


def read(picture: PictureText) -> Reading:
    """The generation syntax in a picture's first infotext.

    Raises ImportMetadataError where there is none, LimitError for a text over the format's limit.
    """
    entry = _entry(picture)
    if entry is None:
        raise ImportMetadataError("there is no A1111 infotext", hint=f"the picture needs a text {KEY!r}")
    program = samplers.UNSPECIFIED
    if any(picture.all(key) for key in _STABILITY_MATRIX_KEYS):
        program = samplers.STABILITY_MATRIX
    aigif, notes = read_text(_text_of(entry), width=picture.width, height=picture.height, program=program)
    if any(other.text != entry.text for other in picture.all(entry.key)):
        notes = (*notes, f"there is more than one text {entry.key!r}; the first was read")
    return Reading(aigif, notes, (entry,))


def read_text(
    text: str, *, width: int = 0, height: int = 0, program: int = samplers.UNSPECIFIED
) -> tuple[Aigif, tuple[str, ...]]:
    """The generation syntax of an infotext, and notes for a person.

    `width` and `height` are the picture's own in pixels, 0 where not known; `program` is the program's code where
    something beside the text tells it. Settings for which a file has no room beside the prompts are left out: then
    `write` gives another text. Raises ImportMetadataError for a text that is no infotext, LimitError for one over
    MAX_CHARACTERS.
    """
    if len(text) > MAX_CHARACTERS:
        raise LimitError(
            f"{len(text)} characters of text; an infotext of more than {MAX_CHARACTERS} is not read",
            hint="shorten the prompt or the settings",
        )
    parts = infotext.split(text, BY_KEY)
    if parts is None:
        raise ImportMetadataError(
            "this is no A1111 infotext", hint="one ends with a line that starts with 'Steps: '"
        )
    draft = drafted(parts, width, height, program)
    aigif = draft.build()
    entries, order = _unwritten(aigif, parts)
    for extra in (entries, (*entries, ExtraEntry(ORDER_KEY, order))):
        if len(extra) <= _MAX_EXTRA and _stored(candidate := _with_extra(aigif, extra)) == text:
            break
    else:
        candidate = _with_extra(aigif, (ExtraEntry(TEXT_KEY, text),))
    if len(text) > _SURELY_FITS and not _fits(candidate):
        draft.notes.append("the settings are too long to be kept one by one beside the prompt")
        candidate = aigif
    return candidate, tuple(draft.notes)


def _fits(aigif: Aigif) -> bool:
    """Whether a file has room for all strings of a value."""
    return len(joined.join(compact.encode_compact(aigif)[1])) <= TEXT_BYTES


def write(aigif: Aigif) -> str:
    """The infotext of a value: the text that was read while nothing that stands in it was changed since, else one
    as the web UI would write it, with the extra entries of its own."""
    text = _stored(aigif)
    if _still_says(text, aigif):
        return text
    foreign = tuple(
        entry
        for entry in aigif.data.extra
        if entry.key not in WRITTEN and entry.key not in (ORDER_KEY, TEXT_KEY)
    )
    return _assembled(aigif, "", _usual_pairs(aigif, foreign))


def _entry(picture: PictureText) -> TextEntry | None:
    places = [entry for entry in picture.entries if entry.key in KEYS or entry.key == XMP]
    return next((entry for entry in places if _is_infotext(_text_of(entry))), None)


def _text_of(entry: TextEntry) -> str:
    """A text, or the first infotext among the properties of an XMP packet."""
    if entry.key != XMP:
        return entry.text
    if infotext.FIRST_KEY not in entry.text or len(entry.text) > MAX_CHARACTERS:
        return ""
    found = (xmp.property_of(entry.text, name) or "" for name in _PROPERTIES)
    return next((text for text in found if _is_infotext(text)), "")


def _is_infotext(text: str) -> bool:
    """A long text is judged by its first settings key alone."""
    if len(text) > TEXT_BYTES:
        return text.startswith(infotext.FIRST_KEY) or "\n" + infotext.FIRST_KEY in text
    return infotext.split(text, BY_KEY) is not None


def _with_extra(aigif: Aigif, extra: tuple[ExtraEntry, ...]) -> Aigif:
    return aigif.replace(data=aigif.data.replace(extra=extra))


def _unwritten(aigif: Aigif, parts: Infotext) -> tuple[tuple[ExtraEntry, ...], str]:
    """The settings that the elements don't give back, and the order of all."""
    entries: list[ExtraEntry] = []
    order = parts.empty_line
    written: set[str] = set()
    for key, raw in parts.settings:
        setting = BY_KEY.get(key)
        if setting is not None and key not in written and setting.write(aigif) == raw:
            written.add(key)
            order += setting.code
        else:
            entries.append(ExtraEntry(key, raw))
            order += EXTRA
    return tuple(entries), order


def _stored(aigif: Aigif) -> str:
    """The text that was read, if this value still is what was read."""
    entries = aigif.data.extra
    last = entries[-1] if entries else ExtraEntry()
    if last.key == TEXT_KEY and len(entries) == 1:
        return last.value
    if last.key != ORDER_KEY:
        return _assembled(aigif, "", _usual_pairs(aigif, entries))
    empty_line = last.value[:1] if last.value[:1] in infotext.EMPTY_NEGATIVE_LINES else ""
    codes = last.value.removeprefix(empty_line)
    return _assembled(aigif, empty_line, _ordered_pairs(aigif, entries[:-1], codes))


def _assembled(aigif: Aigif, empty_line: str, pairs: Iterable[Pair]) -> str:
    return infotext.join(Infotext(aigif.data.prompt, aigif.data.negative_prompt, empty_line, tuple(pairs)))


def _ordered_pairs(aigif: Aigif, entries: tuple[ExtraEntry, ...], codes: str) -> list[Pair]:
    pairs: list[Pair] = []
    rest = iter(entries)
    for code in codes:
        if code == EXTRA:
            pairs += [(entry.key, entry.value) for entry in [next(rest, None)] if entry is not None]
        elif code in BY_CODE:
            value = BY_CODE[code].write(aigif)
            pairs += [] if value is None else [(BY_CODE[code].key, value)]
    return pairs


def _usual_pairs(aigif: Aigif, entries: tuple[ExtraEntry, ...]) -> list[Pair]:
    """The web UI's order: its own keys, an entry in the place of its key, other entries before the version."""
    own = {entry.key: entry.value for entry in reversed(entries) if entry.key in PLACED}
    pairs: list[Pair] = []
    for setting in SETTINGS:
        if setting.key == LAST_KEY:
            pairs += [(entry.key, entry.value) for entry in entries if entry.key not in PLACED]
        value = own.get(setting.key) if setting.key in own or not setting.usual else setting.write(aigif)
        pairs += [] if value is None else [(setting.key, value)]
    return pairs


def _still_says(text: str, aigif: Aigif) -> bool:
    """Whether a text, read again, gives every element that an infotext shows as this value has it."""
    parts = infotext.split(text, BY_KEY) if len(text) <= TEXT_BYTES else None
    if parts is None:
        return False
    width = aigif.verification.picture_width or aigif.data.width
    height = aigif.verification.picture_height or aigif.data.height
    said = drafted(parts, width, height, aigif.platform.program).build()
    return (
        said.data.prompt == aigif.data.prompt
        and said.data.negative_prompt == aigif.data.negative_prompt
        and all(setting.write(said) == setting.write(aigif) for setting in SETTINGS)
    )


IMPORTER: Importer = Importer("a1111", evidence, read)
