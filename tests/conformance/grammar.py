"""Random files that are nearly right: put together element by element, so that most of what they hold is read.

A mutation of bits alone is refused before it gets far. Here every element has codes that are right and some that are
not, groups and lists nest, tails and strings are there, and then a few bits of some files are flipped.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from codegen import model
from codegen.layout import Bundle, Field, Nested, Step
from codegen.oracle.bits import to_bits, write_size, write_value
from tests.conformance.making.elements import TOLD, values
from tests.conformance.making.wire import COMPACT, MAGIC, PAPER, length, packed, sealed, section
from tests.conformance.testees.plain_file import WINDOWS
from tests.conformance.testees.plain_json import compact_layout, compiled, paper_layout
from tests.helpers import REPOSITORY
from tests.test_codec_refusals import bad_bodies

STRINGS = [
    b"a",
    b"a cute cat, oil painting",
    b"blurry",
    "Grüße, 東京 \U0001f600".encode(),
    b"\x01\x01",
    b"\x01\x02x",
    b"\xed\xa0\x80",
    b"x" * 300,
]
BAD_STRINGS = [b"", b"\x01\x03", b"\x01", b"\xff", b"\xc0\x80", b"\xed\xa0\xbd\xed\xb8\x80", b"\0", b"a\0b"]
PAYLOADS = [b"", b"seven", b"\0\xff" * 9, b"x" * 200]
EXACT = 0.5  # The share of files that have nothing wrong in them on purpose.


@dataclass(frozen=True, slots=True)
class Choices:
    """The codes of a step: its default, others that are right, and some that are wrong."""

    step: Step
    default: str
    good: Sequence[str]
    bad: Sequence[str]


class Grammar:
    """Makes files; the same random numbers give the same ones."""

    def __init__(self) -> None:
        bundles = [compact_layout(), *compiled()[1].nested]
        self.bundles = {bundle.name: [_choices(step) for step in bundle.steps] for bundle in bundles}
        self.fields = [(item, _field_codes(item.field.code, item.field)) for item in paper_layout().fields]
        kept = sorted((REPOSITORY / "tests" / "fuzz" / "corpus").iterdir())
        released = sorted((REPOSITORY / "tests" / "released").rglob("*.aigif"))
        self.kept = [MAGIC + path.read_bytes() + bytes(4) for path in kept]
        self.kept += [data for data in (path.read_bytes() for path in released) if len(data) < 600]

    def files(self, rng: Random, count: int) -> list[bytes]:
        """So many files: of most, three more with some bits or bytes changed."""
        found: list[bytes] = []
        while len(found) < count:
            data = self.file(rng)
            found.append(data)
            found += [resealed(rng, _damaged(rng, data)) for _ in range(rng.choice((0, 1, 3)))]
        return found[:count]

    def file(self, rng: Random) -> bytes:
        """One file."""
        kind = rng.random()
        if kind < 0.80:
            return self.compact(rng)
        if kind < 0.92:
            return self.paper(rng)
        if kind < 0.98:
            return resealed(rng, rng.choice(self.kept))
        return sealed(rng.randbytes(rng.randrange(40)), rng.choice((PAPER, COMPACT)))

    def compact(self, rng: Random) -> bytes:
        strings: list[bytes] = []
        wrong = 0.0 if rng.random() < EXACT else 0.01
        held: dict[str, str] = {}
        bits = self._bundle(rng, compact_layout(), strings, wrong, rng.choice((0.02, 0.1, 0.4)), held)
        bundle = packed(bits)
        known = {1: 0x80, 2: 0xC0, 3: 0xC0}
        sections = [(id, known[id], rng.choice(PAYLOADS)) for id in (2, 3) if held.get(TOLD[id - 2]) == "1"]
        if strings:
            coder = int((bits + "000")[:3], 2)
            sections.insert(0, (1, 0x80, _payload(rng, b"\0".join(strings), coder)))
        return sealed(length(len(bundle)) + bundle + _sections(rng, sections, wrong))

    def _bundle(
        self,
        rng: Random,
        bundle: Bundle,
        strings: list[bytes],
        wrong: float,
        rate: float,
        held: dict[str, str],
    ) -> str:
        bits = []
        for choices in self.bundles[bundle.name]:
            step = choices.step
            if step.test is not None:
                code = held.get(step.test.path, "")
                absent = step.test.negated == (code in _codes_of(step.test.path, step.test.codes, bundle))
                if absent and rng.random() >= wrong:
                    continue
            if rng.random() >= rate:
                bits.append(choices.default)
                continue
            if isinstance(step, Nested):
                bits.append(self._nested(rng, step, strings, wrong, rate / 2))
            elif isinstance(step.code, model.TextCode):
                bits.append("1")
                strings.append(rng.choice(BAD_STRINGS if rng.random() < wrong else STRINGS))
            else:
                chosen = rng.choice(choices.bad if choices.bad and rng.random() < wrong else choices.good)
                held[step.path] = chosen
                bits.append(chosen)
        if rng.random() < 0.1:
            bits.append(to_bits(rng.getrandbits(rng.choice((1, 3, 8, 70))), 70)[-rng.randrange(1, 70) :])
            strings += rng.choices(STRINGS, k=rng.choice((0, 0, 1, 2)))
        return "".join(bits)

    def _nested(self, rng: Random, step: Nested, strings: list[bytes], wrong: float, rate: float) -> str:
        is_list = step.element.type.kind == "list"
        count = rng.choice((1, 1, 2, 3, 6)) if is_list else 1
        parts = ["1", write_size(count - 1, "") if is_list else ""]
        for _ in range(count):
            before = len(strings)
            body = self._bundle(rng, step.inner, strings, wrong, max(rate, 0.1), {}).rstrip("0")
            taken, size = len(strings) - before, len(body)
            if rng.random() < wrong:
                taken += rng.choice((-1, 1, 5))
            if rng.random() < wrong:
                size += rng.choice((-1, 1, 100))
            parts += [write_size(max(taken, 0), ""), write_size(max(size, 0), ""), body]
        return "".join(parts)

    def paper(self, rng: Random) -> bytes:
        wrong = 0.0 if rng.random() < EXACT else 0.02
        coder = rng.choice((0, 0, 0, 1, 2, 3))
        bits = ""
        held: dict[str, str] = {}
        for item, (default, good, bad) in self.fields:
            if item.align:
                bits += "0" * (-len(bits) % 8)
            code = item.field.code
            if isinstance(code, model.StringCode):
                raw = rng.choice([b"", *STRINGS[:4], *(BAD_STRINGS if rng.random() < wrong else [])])
                payload = _payload(rng, raw, coder) if raw or rng.random() < wrong else b""
                bits += to_bits(len(payload) + (rng.random() < wrong), code.width)
                bits += "".join(to_bits(byte, 8) for byte in payload)
            elif item.field.path == "compression.text_compressor":
                bits += to_bits(coder, len(default))
            else:
                absent = item.field.test and not held.get(item.field.test.path)
                chosen = default if absent or rng.random() < 0.6 else rng.choice(good or [default])
                chosen = rng.choice(bad) if bad and rng.random() < wrong else chosen
                if chosen != default:
                    held[item.field.path] = chosen
                bits += chosen
        bits += "0" * (-len(bits) % 8)
        data = int(bits, 2).to_bytes(len(bits) // 8, "big")
        told = [(id, 0xC0, b"x") for id in (2, 3) if held.get(TOLD[id - 2])]
        return sealed(data + _sections(rng, told, wrong), PAPER)


def _choices(step: Step) -> Choices:
    if isinstance(step, Nested):
        return Choices(step, "0", (), ())
    if isinstance(step.code, model.TextCode):
        return Choices(step, "0", ("1",), ())
    presence = "1" if step.presence else ""
    default, good, _ = _field_codes(step.code, step)
    bad = [presence + body for body, _ in bad_bodies(step)]
    return Choices(step, "0" if presence else default, [presence + code for code in good] or [default], bad)


def _field_codes(code: model.Code, field: Field) -> tuple[str, list[str], list[str]]:
    if isinstance(code, model.StringCode | model.TextCode):
        return "", [], []
    kind = field.element.type.kind
    good = [write_value(code, kind, value, "") for value in values(field)]
    if kind == "bool":
        good = ["1"] if not field.default else ["0"]
    rng = Random(field.path)
    low, high = field.element.minimum, field.element.maximum
    for _ in range(12 if kind in ("uint", "int") and low is not None and high is not None else 0):
        value = rng.randrange(int(low or 0), min(int(high or 0), 1 << rng.choice((4, 10, 30, 63))) + 1)
        try:
            good += [write_value(code, kind, value, "")] if value != field.default else []
        except Exception as error:  # A field of a record may be narrower than its element.
            assert type(error).__name__ == "Refused"
    width = code.width if isinstance(code, model.Bits) else 0
    bad = [to_bits(rng.getrandbits(width), width) for _ in range(6)] if width else []
    return write_value(code, kind, field.default, ""), good, bad


def _codes_of(path: str, codes: Sequence[int], bundle: Bundle) -> set[str]:
    """The bits that stand for some codes of an element on which a condition is, and for its default if it is one."""
    field = next(field for field in bundle.fields() if field.path == path)
    kind, presence = field.element.type.kind, "1" if field.presence else ""
    found = {presence + write_value(field.code, kind, code, "") for code in codes}
    return found | {""} if field.default in codes else found


def _payload(rng: Random, raw: bytes, coder: int) -> bytes:
    if coder not in WINDOWS:
        return raw
    stream = zlib.compressobj(rng.choice((0, 1, 9)), zlib.DEFLATED, WINDOWS[coder])
    payload = stream.compress(raw) + stream.flush()
    if rng.random() < 0.02:
        payload = rng.choice((payload[:-1], payload + b"\0", raw))
    return payload


def _sections(rng: Random, known: list[tuple[int, int, bytes]], wrong: float) -> bytes:
    found = list(known)
    if rng.random() < 0.1:
        ids = sorted(rng.sample((4, 7, 30, 31, 285, 286, 1019), rng.choice((1, 1, 2))))
        found += [(id, rng.choice((0, 0x40)), rng.choice(PAYLOADS)) for id in ids]
    if rng.random() < wrong * 5:
        found.append((rng.randrange(1100), rng.choice((0, 0x40, 0x80, 0xC0)), b"z"))
    parts = [
        section(id, payload, flags=flags, last=at == len(found) - 1)
        for at, (id, flags, payload) in enumerate(found)
    ]
    return b"".join(parts)


def resealed(rng: Random, data: bytes) -> bytes:
    """With a right check, but for a few."""
    return data if rng.random() < 0.005 else data[:-4] + zlib.crc32(data[:-4]).to_bytes(4, "little")


def _damaged(rng: Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        at = rng.randrange(min(4, len(changed) - 1), len(changed))
        change = rng.random()
        if change < 0.75:
            changed[at] ^= 1 << rng.randrange(8)
        elif change < 0.85:
            changed.insert(at, rng.randrange(256))
        elif change < 0.95 and len(changed) > 9:
            del changed[at]
        else:
            changed[at] = rng.choice((0, 1, 127, 128, 255))
    return bytes(changed)
