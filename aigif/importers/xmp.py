"""Properties of an XMP packet, found without an XML parser: a packet needs none of what makes one costly or unsafe.

A property is an element (<exif:UserComment>…</exif:UserComment>, its text in rdf:Alt and rdf:li or not) or an
attribute of rdf:Description (xmp:CreatorTool="…"). Source: ISO 16684-1 (XMP), clause 7.
"""

from __future__ import annotations

from html import unescape

_ITEM = "<rdf:li"


def property_of(packet: str, name: str) -> str | None:
    """The text of a property such as "exif:UserComment": its first, where it has several; None where it is absent."""
    start = packet.find("<" + name)
    while start >= 0 and packet[start + len(name) + 1 : start + len(name) + 2] not in (
        ">",
        " ",
        "\n",
        "\t",
        "\r",
    ):
        start = packet.find("<" + name, start + 1)
    if start >= 0:
        return _element(packet, name, start)
    at = packet.find(f"{name}=")
    quote = packet[at + len(name) + 1 : at + len(name) + 2]
    if at < 0 or quote not in ("'", '"'):
        return None
    begin = at + len(name) + 2
    end = packet.find(quote, begin)
    return unescape(packet[begin:end]) if end >= 0 else None


def _element(packet: str, name: str, start: int) -> str | None:
    begin, end = packet.find(">", start) + 1, packet.find(f"</{name}>", start)
    if begin <= 0 or end < begin:
        return None
    inner = packet[begin:end]
    item = inner.find(_ITEM)
    if item >= 0:
        inner = inner[inner.find(">", item) + 1 :]
        inner = inner[: inner.find("</rdf:li>")] if "</rdf:li>" in inner else inner
    elif inner.lstrip().startswith("<![CDATA["):
        return inner.strip().removeprefix("<![CDATA[").removesuffix("]]>")
    return unescape(inner)
