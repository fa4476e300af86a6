"""What a program that changes an element keeps, and what it drops."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.conformance.making.deflate import stored, wrapped
from tests.conformance.making.wire import Entry, bundle_of, case, compact, section, text

SEED = {"data": {"seed": 7}}


def files() -> Iterator[tuple[str, list[Entry]]]:
    yield "edits/sections", list(sections())
    yield "edits/tails", list(tails())
    yield "edits/text", list(texts())


def edit(name: str, about: str, rule: str, data: bytes, changes: Entry, result: bytes | str) -> Entry:
    """`result`: the bytes, or the kind of error."""
    entry = case(name, about, rule, data) | {"op": "edit", "set": changes}
    return entry | ({"error": result} if isinstance(result, str) else {"result": result.hex()})


def sections() -> Iterator[Entry]:
    safe, other = section(7, b"safe", flags=0x40), section(9, b"other")
    changed = bundle_of(SEED)
    last = section(9, b"other", last=True)
    about = "A section that is safe to copy stays, another that is unknown goes."
    kept = section(7, b"safe", flags=0x40, last=True)
    yield edit("both", about, "sections", compact(b"", safe + last), SEED, compact(changed, kept))
    yield edit("dropped", "The only section goes.", "sections", compact(b"", last), SEED, compact(changed))
    later = section(300, b"x", flags=0x40, last=True)
    data = compact(b"", safe + other + later)
    about = "The section in the middle goes."
    yield edit("middle", about, "sections", data, SEED, compact(changed, safe + later))
    told: Entry = {"compression": {"saving_pixels": True}}
    pixels = section(2, b"\1\2", flags=0xC0)
    about = "Saved pixels are known, and stay."
    whole = section(2, b"\1\2", flags=0xC0, last=True)
    data = compact(bundle_of(told), pixels + last)
    yield edit("pixels", about, "sections", data, SEED, compact(bundle_of(told | SEED), whole))
    about = "An element that says that pixels are saved can't be changed alone."
    wrong = {"compression": {"saving_pixels": True}}
    yield edit("untold pixels", about, "R5", compact(b""), wrong, "value")


def tails() -> Iterator[Entry]:
    root = {"unknown": {"width": 9, "value": "155", "strings": []}}
    data = compact(bundle_of(root))
    yield edit(
        "root", "The tail of the root stays.", "unknown-tails", data, SEED, compact(bundle_of(root | SEED))
    )
    wide = {"data": {"seed": (1 << 64) - 1}}
    about = "The tail stays, though all bits before it move."
    yield edit("moved", about, "unknown-tails", data, wide, compact(bundle_of(root | wide)))
    held: Any = {"data": {"hires": {"scale": 1.5, "unknown": {"width": 3, "value": "5", "strings": []}}}}
    result = {"data": {**held["data"], **SEED["data"]}}
    about = "The tail of a nested group stays."
    yield edit("nested", about, "unknown-tails", compact(bundle_of(held)), SEED, compact(bundle_of(result)))
    owned: Entry = {"data": {"prompt": "x"}, "unknown": {"width": 1, "value": "1", "strings": ["later"]}}
    about = "The strings of a tail stay behind a changed prompt."
    before, after = (
        compact(bundle_of(owned), text(b"x\0later")),
        compact(bundle_of(owned), text(b"new\0later")),
    )
    yield edit("strings", about, "unknown-tails", before, {"data": {"prompt": "new"}}, after)
    codes: Entry = {"platform": {"device": 254, "torch": 2039}}
    about = "Codes that no list names stay."
    changed = compact(bundle_of(codes | SEED))
    yield edit("codes", about, "versions", compact(bundle_of(codes)), SEED, changed)


def texts() -> Iterator[Entry]:
    for code, payload in ((1, wrapped(stored(b"cat"), b"cat")), (2, stored(b"cat"))):
        told: Entry = {"compression": {"text_compressor": code}}
        prompt: Any = {"data": {"prompt": "cat"}}
        both = told | {"data": {**prompt["data"], **SEED["data"]}}
        about = "A stream that our own compressor would not make stays while its strings do."
        data = compact(bundle_of(told | prompt), text(payload))
        yield edit(f"compressor {code}", about, "R17", data, SEED, compact(bundle_of(both), text(payload)))
        about = "Another compressor codes the strings anew."
        plain = {"compression": {"text_compressor": 0}}
        anew = compact(bundle_of(prompt), text(b"cat"))
        yield edit(f"from compressor {code}", about, "text", data, plain, anew)
    told = {"compression": {"text_compressor": 200}}
    held: Any = {"data": {"prompt": "x"}}
    data = compact(bundle_of(told | held), text(b"opaque"))
    result = compact(bundle_of(told | {"data": {**held["data"], **SEED["data"]}}), text(b"opaque"))
    about = "Text that can't be read stays while no string is changed."
    yield edit("unknown compressor", about, "text: unknown", data, SEED, result)
    about = "A string can't be changed where the others can't be read."
    yield edit("changed string", about, "text: unknown", data, {"data": {"prompt": "new"}}, "value")
    about = "Nor can a string be added."
    yield edit("added string", about, "text: unknown", data, {"data": {"negative_prompt": "new"}}, "value")
