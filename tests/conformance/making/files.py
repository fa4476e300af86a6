"""The file around the elements: prelude, lengths, sections, check and limits."""

from __future__ import annotations

from collections.abc import Iterator

from tests.conformance.making.wire import (
    RECOMMENDED,
    Entry,
    again,
    both,
    bundle_of,
    case,
    compact,
    length,
    sealed,
    section,
)

EMPTY = compact(b"")
SEED: Entry = {"data": {"seed": 829557441}}
BUNDLE = bundle_of(SEED)
SAFE, CRITICAL = 0x40, 0x80
NO = "corrupt"
NOT_CANONICAL = "not canonical"


def files() -> Iterator[tuple[str, list[Entry]]]:
    yield "file/prelude", list(prelude())
    yield "file/check", list(check())
    yield "file/lengths", list(lengths())
    yield "file/sections", list(sections())
    yield "file/section-ids", list(section_ids())
    yield "file/known-sections", list(known_sections())
    yield "file/limits", list(limits())


def prelude() -> Iterator[Entry]:
    yield from both("empty", "A file of defaults.", "bundles", EMPTY, {})
    yield from both("seed", "A file with one element.", "bundles", compact(BUNDLE), SEED)
    for at in range(4):
        magic = bytearray(b"\xa1GIF")
        magic[at] ^= 0x20
        about = f"Byte {at} of the magic is wrong."
        yield case(f"magic {at}", about, "the-file: magic", sealed(b"\0", magic=bytes(magic)), error=NO)
    for major in (0, 2, 15):
        data = sealed(b"\0", major=major)
        yield case(f"major {major}", f"Major version {major}.", "versions: major", data, error="unsupported")
    for profile in (2, 7, 15):
        data = sealed(b"\0", profile)
        yield case(
            f"profile {profile}", f"Profile {profile}.", "versions: profile", data, error="unsupported"
        )
    whole = compact(BUNDLE)
    for size in range(len(whole)):
        about = f"The first {size} of {len(whole)} bytes."
        yield case(f"cut to {size}", about, "errors", whole[:size], error=NO)
    yield case("byte after the check", "One zero byte follows the check.", "R3", whole + b"\0", error=NO)


def check() -> Iterator[Entry]:
    whole = compact(BUNDLE)
    for bit in range(0, 8 * len(whole) - 40, 7):
        changed = bytearray(whole)
        changed[5 + bit // 8] ^= 128 >> bit % 8
        about = f"Bit {bit} behind the version is flipped, and the check is not."
        yield case(f"bit {bit}", about, "errors", bytes(changed), error=NO)
    turned = whole[:-4] + whole[:-5:-1]
    yield case(
        "big-endian check", "The check stands in big-endian order.", "the-file: check", turned, error=NO
    )
    yield case("no check", "The check is zero.", "the-file: check", whole[:-4] + bytes(4), error=NO)


def lengths() -> Iterator[Entry]:
    rule = "R1"
    for zeros in (1, 2, 7):
        body = b"\x80" + b"\x80" * (zeros - 1) + b"\0"
        about = f"Length 0 in {zeros + 1} bytes."
        yield case(f"zero in {zeros + 1}", about, rule, sealed(body), error=NOT_CANONICAL)
    padded = bytes([len(BUNDLE) | 128, 0]) + BUNDLE
    yield case(
        "two bytes", "A length in one byte more than it needs.", rule, sealed(padded), error=NOT_CANONICAL
    )
    for count in (10, 11, 40):
        body = b"\x80" * (count - 1) + b"\1"
        about = f"A length of {count} bytes."
        yield case(f"{count} bytes", about, "lengths: long", sealed(body), error=[NO, NOT_CANONICAL])
    for count in (0, 1, 8, 9):
        about = f"A length that is cut after {count} bytes."
        yield case(f"cut after {count}", about, "lengths: cut", sealed(b"\xff" * count), error=NO)
    for number in (1, 127, 128, 16384):
        about = f"{number} bytes of elements are announced, and none follow."
        yield case(f"{number} announced", about, "lengths: cut", sealed(length(number)), error=NO)
    for number in (1 << 31, 1 << 32, (1 << 53) + 1, (1 << 63) - 1):
        about = f"{number} bytes of elements are announced, which overflows a counter."
        yield case(f"{number} announced", about, "limits", sealed(length(number)), error="over a limit")
    data = compact(BUNDLE + b"\0")
    yield case(
        "zero byte at the end", "The root bundle ends in a zero byte.", "R6", data, error=NOT_CANONICAL
    )
    yield case(
        "only a zero byte", "A root bundle of one zero byte.", "R6", compact(b"\0"), error=NOT_CANONICAL
    )


def held(id: int, payload: bytes, safe: bool = False) -> Entry:
    return {"id": id, "critical": False, "safe_to_copy": safe, "payload": payload.hex()}


def sections() -> Iterator[Entry]:
    last = section(9, b"abc", last=True)
    seven, nine = held(7, b"7", safe=True), held(9, b"abc")
    about = "A section that no reader knows is kept."
    yield from both("unknown", about, "sections", compact(BUNDLE, last), SEED | {"sections": [nine]})
    two = section(7, b"7", flags=SAFE) + last
    about = "Two sections that no reader knows."
    yield from both("two", about, "sections", compact(BUNDLE, two), SEED | {"sections": [seven, nine]})
    empty = section(7, b"", flags=SAFE) + section(9, b"", last=True)
    value = {"sections": [held(7, b"", safe=True), held(9, b"")]}
    yield from both("without payload", "Sections of no bytes.", "sections", compact(b"", empty), value)
    long = section(7, bytes(200), flags=SAFE) + last
    value = {"sections": [held(7, bytes(200), safe=True), nine]}
    about = "A section whose length has two bytes."
    yield from both("of 200 bytes", about, "lengths", compact(b"", long), value)
    wrong: dict[str, tuple[bytes, str, str]] = {
        "descending": (section(9, b"") + section(7, b"", last=True), "R2", "Ids descend."),
        "twice": (section(9, b"") + section(9, b"", last=True), "R2", "An id stands twice."),
        "no last": (section(9, b"abc"), "R3", "No section is marked as the last."),
        "padded length": (b"\x09\x83\0abc", "R1", "The length of a section is not in its shortest form."),
    }
    for name, (data, rule, about) in wrong.items():
        yield case(name, about, rule, compact(BUNDLE, data), error=NOT_CANONICAL)
    about = "What follows the last section belongs to it."
    value = {"sections": [held(9, b"abc" + last)]}
    yield case("after the last", about, "R3", compact(b"", last + last), value=value)
    for number in (4, 127, 128, 1 << 31, 1 << 32, (1 << 53) + 1, (1 << 63) - 1):
        data = compact(BUNDLE, b"\x09" + length(number) + b"abc")
        yield case(f"{number} bytes", f"A section of 3 bytes says {number}.", "lengths: cut", data, error=NO)
    cut = {"tag": b"\x09", "id": b"\x1f", "escape": b"\x1f\xff", "length": b"\x09\x80"}
    for name, data in cut.items():
        about = f"The last section is cut behind its {name}."
        yield case(f"cut {name}", about, "lengths: cut", compact(BUNDLE, data), error=NO)
    for id in (5, 30, 31, 300, 1019):
        data = compact(BUNDLE, section(id, b"x", flags=CRITICAL, last=True))
        about = f"The critical section {id} is unknown."
        yield case(f"critical {id}", about, "sections: critical", data, error="unsupported")


def section_ids() -> Iterator[Entry]:
    for id in (5, 30, 31, 32, 285, 286, 540, 541, 1018, 1019):
        value = {"sections": [held(id, b"x")]}
        yield from both(str(id), f"Section {id}.", "exp", compact(b"", section(id, b"x", last=True)), value)
    data = compact(b"", section(0, b"x", last=True))
    yield case("0", "Section 0.", "sections: ids", data, error=NOT_CANONICAL)
    for id in (1020, 1051, 1275):
        about = f"Section {id}, above the largest id."
        data = compact(b"", section(id, b"x", last=True))
        yield case(str(id), about, "limits", data, error=[NOT_CANONICAL, "over a limit"])
    deep = compact(b"", b"\x3f" + b"\xff" * 8 + b"\0")
    yield case(
        "deep", "The id of a section has 9 bytes.", "exp", deep, error=[NOT_CANONICAL, NO, "over a limit"]
    )


def known_sections() -> Iterator[Entry]:
    names = {1: "text", 2: "pixels", 3: "weights"}
    told = {2: {"compression": {"saving_pixels": True}}, 3: {"compression": {"saving_model": True}}}
    right = {1: CRITICAL, 2: CRITICAL | SAFE, 3: CRITICAL | SAFE}
    for id, name in names.items():
        for flags in (0, SAFE, CRITICAL, CRITICAL | SAFE):
            if flags != right[id]:
                bundle = bundle_of(told[id] if id > 1 else {"data": {"prompt": "x"}})
                data = compact(bundle, section(id, b"x", flags=flags, last=True))
                about = f"The {name} section has the flags {flags:02X}."
                yield case(f"{name} {flags:02x}", about, "R4", data, error=NOT_CANONICAL)
    for id, value in told.items():
        name = names[id]
        entry = {"id": id, "critical": True, "safe_to_copy": True, "payload": "00ff"}
        body = section(id, b"\0\xff", flags=right[id], last=True)
        about = f"A {name} section, and the element that says so."
        yield from both(
            name, about, "sections", compact(bundle_of(value), body), value | {"sections": [entry]}
        )
        wrong = [NO, NOT_CANONICAL]
        about = f"The {name} section is missing."
        yield case(f"no {name}", about, "R5", compact(bundle_of(value)), error=wrong)
        about = f"A {name} section that no element tells of."
        yield case(f"untold {name}", about, "R5", compact(b"", body), error=wrong)
    for flags in (0, CRITICAL, CRITICAL | SAFE):
        data = compact(b"", section(4, b"x", flags=flags, last=True))
        about = f"The metadata section has the flags {flags:02X}."
        yield case(f"metadata {flags:02x}", about, "R4", data, error=NOT_CANONICAL)
    about = "A metadata section, of which no element tells."
    data = compact(b"", section(4, b"x", flags=SAFE, last=True))
    yield from both("metadata", about, "sections", data, {"sections": [held(4, b"x", safe=True)]})
    about = "A text section in a file without a string."
    text = section(1, b"x", flags=CRITICAL, last=True)
    yield case("untold text", about, "R5", compact(b"", text), error=[NO, NOT_CANONICAL])


def limits() -> Iterator[Entry]:
    ids = range(5, 69)
    body = b"".join(section(id, b"", last=id == ids[-1]) for id in ids)
    value = {"sections": [held(id, b"") for id in ids]}
    yield from both("64 sections", "As many sections as there may be.", "limits", compact(b"", body), value)
    body = b"".join(section(id, b"", last=id == 69) for id in range(5, 70))
    yield case("65 sections", "A section too many.", "limits", compact(b"", body), error="over a limit")
    room = 65536 - len(EMPTY) - 1
    full = compact(b"", section(9, bytes(room), last=True))
    data = compact(b"", section(9, bytes(room + 1), last=True))
    yield case("65537 bytes", "A file of one byte too many.", "limits", data, error="over a limit")
    yield again("65536 bytes", "As large as a file may be.", "limits", full)
    about = "Saved pixels are not counted: a file of 70 kB."
    told = bundle_of({"compression": {"saving_pixels": True}})
    pixels = section(2, bytes(70_000), flags=0xC0, last=True)
    yield again("large pixels", about, "limits", compact(told, pixels))
    about = "As long as a root bundle may be; most of it is a tail."
    yield again("16384 bytes of elements", about, "limits", compact(bytes(16383) + b"\1"))
    about, data = "A root bundle of one byte too many.", compact(bytes(16384) + b"\1")
    yield case("16385 bytes of elements", about, "limits", data, error="over a limit")
    over = compact(told, b"\xc2" + length(268435457) + b"x")
    about = (
        "Pixels beyond what a reader takes unless told otherwise; it refuses them before it looks for them."
    )
    yield case("pixels over the cap", about, "limits", over, RECOMMENDED, error=["over a limit", NO])
    about = "Weights beyond what a reader takes unless told otherwise."
    told = bundle_of({"compression": {"saving_model": True}})
    over = compact(told, b"\xc3" + length(8589934593) + b"x")
    yield case("weights over the cap", about, "limits", over, RECOMMENDED, error=["over a limit", NO])
