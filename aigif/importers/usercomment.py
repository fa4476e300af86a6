"""The UserComment of EXIF: eight bytes that name the encoding, then the text (CIPA DC-008, 4.6.5).

Programs agree on nothing here: UTF-16 stands in the byte order of the block, in the other one, or was turned into
UTF-8 after it was read in the wrong order; the eight bytes are missing, zeros, or name what is not true.
"""

from __future__ import annotations

UNICODE = b"UNICODE\0"
_UNDEFINED = bytes(8)
_ASCII = b"ASCII\0\0\0"
_JIS = b"JIS\0\0\0\0\0"
_BYTE_ORDER_MARKS = {b"\xfe\xff": "utf-16-be", b"\xff\xfe": "utf-16-le"}
# How much of a text tells its encoding.
_SAMPLE = 4096


def user_comment(value: bytes, order: str) -> tuple[str, str]:
    """The text and its encoding; `order`, "big" or "little", is the block's own, which decides where nothing else
    does. NULs at its end are left out."""
    head, body = value[:8], value[8:]
    if head == UNICODE:
        encoding = _unicode(body, order)
    elif head in (_ASCII, _UNDEFINED):
        encoding = _unmarked(body)
    elif head == _JIS:
        encoding = "iso2022_jp"
    else:
        body, encoding = value, _unmarked(value)
    text = _decoded(body, encoding).rstrip("\0")
    if encoding == "utf-8" and _is_swapped(text):
        return text.encode("utf-16-be").decode("utf-16-le", "surrogatepass").rstrip("\0"), "swapped"
    return text.removeprefix("\ufeff"), encoding


def _decoded(body: bytes, encoding: str) -> str:
    if encoding.startswith("utf-16"):
        return body[: len(body) & ~1].decode(encoding, "surrogatepass")
    try:
        return body.decode(encoding)
    except UnicodeDecodeError:
        return body.decode("latin-1")


def _unmarked(body: bytes) -> str:
    """UTF-8 or Latin-1, unless every other byte is zero."""
    sample = body[:_SAMPLE]
    if sample[:2] in _BYTE_ORDER_MARKS:
        return _BYTE_ORDER_MARKS[sample[:2]]
    halves = sample[0::2].count(0), sample[1::2].count(0)
    if max(halves) > len(sample) // 4 and min(halves) < max(halves) // 2:
        return "utf-16-be" if halves[0] > halves[1] else "utf-16-le"
    return "utf-8"


def _unicode(body: bytes, order: str) -> str:
    """UTF-16 in the order in which it makes more sense, or UTF-8 where it plainly is that."""
    own, other = ("utf-16-be", "utf-16-le") if order == "big" else ("utf-16-le", "utf-16-be")
    sample = body[:_SAMPLE]
    if sample[:2] in _BYTE_ORDER_MARKS:
        return _BYTE_ORDER_MARKS[sample[:2]]
    if b"\0" not in body and _is_mostly_ascii_utf8(body):
        return "utf-8"
    # In the wrong order every letter of ASCII is a Chinese one, which is a letter too.
    return own if _sense(sample, other) - _sense(sample, own) <= len(sample) // 2 else other


def _is_mostly_ascii_utf8(body: bytes) -> bool:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return 2 * sum(character < "\x7f" for character in text) > len(text)


def _sense(sample: bytes, encoding: str) -> int:
    """How much a text looks like one: letters and signs that people write, less what nobody does."""
    text = sample[: len(sample) & ~1].decode(encoding, "replace")
    plain = sum("\x1f" < character < "\x7f" or character in "\n\r\t" for character in text)
    odd = sum(not character.isprintable() and character not in "\n\r\t\0" for character in text)
    return 4 * plain - 4 * odd + sum(character.isalnum() for character in text)


def _is_swapped(text: str) -> bool:
    """Whether nearly every character is an ASCII one moved up by eight bits."""
    sample = text[:_SAMPLE]
    moved = sum(not ord(character) & 0xFF and 0x09 <= ord(character) >> 8 < 0x7F for character in sample)
    return len(sample) > 3 and 10 * moved > 7 * len(sample)
