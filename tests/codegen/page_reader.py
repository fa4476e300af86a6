"""A reader made of the format's page alone: its Python blocks are run, its tables drive the rest.

Nothing of the compiler or of a generated codec is used, so what it reads, the page says.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

FORM = re.compile(r"\(?n(?: × (\d+))?(?: ([+−]) (\d+))?\)?(?: / (\d+))?, n of (\d+) bits")
FLOAT = re.compile(r"IEEE 754 number of (\d+) bits")
LINK = re.compile(r"\[(\w[\w.-]*)\]\(#([\w-]+)\)")
CONDITION = re.compile(r"\*\*Only where (\S+) is (one|none) of .*?\*\* \(codes? ([\d, ]+)\)")
EXAMPLE = re.compile(r"^### Example \d+: (.+)$", re.MULTILINE)


@dataclass
class Row:
    """One element or field, as its table row says."""

    path: str
    code: str
    default: Any
    kind: str
    span: tuple[float, float] | None
    presence: bool = False
    condition: tuple[str, bool, frozenset[int]] | None = None


@dataclass
class Strings:
    """The strings of a file, and how many were taken."""

    all: Sequence[str]
    taken: int = 0


@dataclass
class Example:
    """A worked example: what its JSON and hex blocks hold, and the rows of its bit table."""

    title: str
    json: str
    data: bytes
    profile: str
    bits: str
    offsets: list[int] = field(default_factory=list)


class Page:
    """The page's code, tables and examples."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.code: dict[str, Any] = {}
        for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
            exec(block, self.code)
        self.picks = {
            name: self.table(f"#### {name}") for name in re.findall(r"^#### (P\d+)$", text, re.MULTILINE)
        }
        self.magic = bytes.fromhex(self._found(r"magic: `([0-9A-F ]+)`"))
        self.profiles = {
            int(row[1]): (LINK.findall(row[0])[0][0], row[3]) for row in self.table("| profile |")
        }
        self.bundles = {
            name: [_row(cells, 2) for cells in self.table(f"#### Bundle {name}")]
            for name in re.findall(r"^#### Bundle ([\w-]+)$", text, re.MULTILINE)
        }
        self.roots: dict[str, list[Row]] = {}
        self.records: dict[str, list[Row]] = {}
        for name, form in self.profiles.values():
            cells = self.table(f"### Profile {name}")
            if "record" in form:
                self.records[name] = [_row(row, 1) for row in cells]
            else:
                self.roots[name] = [_row(row, 2) for row in cells]

    def _found(self, pattern: str) -> str:
        found = re.search(pattern, self.text)
        assert found, pattern
        return found[1]

    def table(self, heading: str) -> list[list[str]]:
        """The rows, without their head, of the first table at or after a line that starts with `heading`."""
        lines = self.text.splitlines()
        start = next(at for at, line in enumerate(lines) if line == heading or line.startswith(heading + " "))
        first = next(at for at in range(start, len(lines)) if lines[at].startswith("|"))
        rows = []
        for line in lines[first + 2 :]:
            if not line.startswith("|"):
                break
            rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
        return rows

    def enumeration(self, name: str) -> dict[str, int]:
        return {row[1]: int(row[0]) for row in self.table(f"### Enumeration {name}")}

    def anchors(self) -> set[str]:
        """The anchors of all headings, as Markdown pages make them."""
        titles = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", self.text, flags=re.DOTALL), re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}

    def examples(self) -> list[Example]:
        found = []
        pieces = EXAMPLE.split(self.text)[1:]
        for title, body in zip(pieces[::2], pieces[1::2], strict=True):
            text = re.findall(r"```json\n(.*?)```", body, re.DOTALL)[0]
            data = bytes.fromhex(re.findall(r"```hex\n(.*?)```", body, re.DOTALL)[0])
            profile = re.findall(r"^Profile (\S+), (\d+) bytes", body, re.MULTILINE)[0]
            assert int(profile[1]) == len(data)
            rows = re.findall(r"^\| (\d+) \| `([01]+)` \|", body.partition("| bit |")[2], re.MULTILINE)
            bits, offsets = "".join(row[1] for row in rows), [int(row[0]) for row in rows]
            found.append(Example(title, text, data, profile[0], bits, offsets))
        return found

    def read_file(self, data: bytes) -> tuple[str, dict[str, Any], list[Any], str]:
        """Profile, elements by path, sections, and the bits of the elements. Text is not compressed."""
        assert data.startswith(self.magic)
        assert zlib.crc32(data[:-4]) == int.from_bytes(data[-4:], "little")
        at = len(self.magic) + 1
        profile = self.profiles[data[at - 1] & 15][0]
        if profile in self.records:
            elements, used = self.read_record(profile, data[at:-4])
            return (
                profile,
                elements,
                self.code["read_sections"](data, at + used),
                self.bits(data[at : at + used]),
            )
        length, at = self.code["read_length"](data, at)
        root, sections = data[at : at + length], self.code["read_sections"](data, at + length)
        raw = next((section[3] for section in sections if section[0] == 1), None)
        strings = [] if raw is None else self.code["split_text"](raw)
        return profile, self.read_root(profile, root, strings), sections, self.bits(root)

    def bits(self, data: bytes) -> str:
        return str(self.code["bits_of"](data))

    def read_root(self, profile: str, data: bytes, strings: Sequence[str]) -> dict[str, Any]:
        if data.endswith(b"\0"):
            raise ValueError("R6")
        texts = Strings(strings)
        return self._bundle(self.roots[profile], self.code["Bits"](self.bits(data)), texts, len(strings))

    def _bundle(self, rows: Sequence[Row], bits: Any, texts: Strings, until: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for row in rows:
            values[row.path] = self._element(row, bits, texts) if applies(row, values) else row.default
        if texts.taken > until or until > len(texts.all):
            raise ValueError("R14")
        values["unknown"] = self.code["read_tail"](bits, texts.all[texts.taken : until])
        texts.taken = until
        return values

    def _element(self, row: Row, bits: Any, texts: Strings) -> Any:
        if row.presence and not bits.take(1):
            return row.default
        inner = LINK.search(row.code)
        if row.kind == "group":
            assert inner
            return self._delimited(inner[1], bits, texts)
        if row.kind == "list":
            assert inner and row.span
            count = self.code["read_size"](bits) + 1
            if count > row.span[1]:
                raise ValueError("too many items")
            return [self._delimited(inner[1], bits, texts) for _ in range(count)]
        value = self._value(row, bits, texts)
        if row.presence and value == row.default:
            raise ValueError("R9")
        return value

    def _delimited(self, name: str, bits: Any, texts: Strings) -> dict[str, Any]:
        strings, inner = self.code["read_delimited"](bits)
        return self._bundle(self.bundles[name.replace("_", "-")], inner, texts, texts.taken + strings)

    def _value(self, row: Row, bits: Any, texts: Strings) -> Any:
        if row.code == "`text`":
            texts.taken += 1
            if texts.taken > len(texts.all) or not texts.all[texts.taken - 1]:
                raise ValueError("R14 or R15")
            return texts.all[texts.taken - 1]
        if row.code.startswith("`bytes`"):
            assert row.span
            length = self.code["read_size"](bits)
            if length > row.span[1]:
                raise ValueError("too many bytes")
            return bytes(bits.take(8) for _ in range(length))
        value = self._number(row, bits)
        if row.span and not row.span[0] <= value <= row.span[1]:
            raise ValueError("out of range")
        return value == 1 if row.kind == "bool" else value

    def _number(self, row: Row, bits: Any) -> Any:
        name = row.code.strip("`")
        pick = LINK.match(row.code)
        if pick:
            return self._pick(self.picks[pick[1]], row.kind, bits)
        if name == "exp":
            return self.code["read_exp"](bits)
        if name.startswith("enum "):
            return self.code["read_enum"](bits, int(name[5:]))
        if name.startswith("bits "):
            return bits.take(int(name[5:]))
        return self._form(name, row.kind, bits)

    def _pick(self, alternatives: list[list[str]], kind: str, bits: Any) -> Any:
        selector = bits.take(len(alternatives[0][0]) - 2)
        text = alternatives[selector][1]
        if text.startswith("not in use"):
            raise ValueError("R11")
        if text.startswith("the constant "):
            return _number(text.removeprefix("the constant "), kind)
        value = self._form(text, kind, bits)
        if any(self._fits(earlier, kind, value) for _, earlier in alternatives[:selector]):
            raise ValueError("R11")
        return value

    def _form(self, text: str, kind: str, bits: Any) -> Any:
        floating = FLOAT.fullmatch(text)
        if floating:
            return self.code["read_float"](bits, int(floating[1]))
        width, step, offset, per = _form(text)
        number = bits.take(width) * step + offset
        return number / per if kind == "float" else number

    def _fits(self, text: str, kind: str, value: Any) -> bool:
        if text.startswith("the constant "):
            return bool(_number(text.removeprefix("the constant "), kind) == value)
        if FLOAT.fullmatch(text):
            return "64" in text or bool(self.code["fits_float32"](value))
        width, step, offset, per = _form(text)
        return self.code["fits_bits"](value, width, step, offset, per) is not None

    def read_record(self, profile: str, data: bytes) -> tuple[dict[str, Any], int]:
        """The fields of a record, strings not compressed, and its length in bytes."""
        bits = self.code["Bits"](self.bits(data), endless=False)
        values: dict[str, Any] = {}
        aligned = False
        for row in self.records[profile]:
            width = re.fullmatch(r"`string (\d+)`", row.code)
            if width:
                if not aligned and bits.take(-bits.at % 8):
                    raise ValueError("R8")
                aligned = True
                length = bits.take(int(width[1]))
                values[row.path] = bytes(bits.take(8) for _ in range(length)).decode("utf-8", "surrogatepass")
            else:
                values[row.path] = self._value(row, bits, Strings(()))
            if not applies(row, values) and values[row.path] != row.default:
                raise ValueError("R10")
        if bits.take(-bits.at % 8):
            raise ValueError("R8")
        return values, bits.at // 8


def applies(row: Row, values: dict[str, Any]) -> bool:
    if row.condition is None:
        return True
    path, among, codes = row.condition
    return (values[path] in codes) == among


def _row(cells: list[str], at: int) -> Row:
    """A row whose path stands in column `at`; records have no presence column."""
    bundle = at == 2
    code, default, values = cells[at + 1 + bundle], cells[at + 2 + bundle], cells[at + 3 + bundle]
    kind, _, span = values.partition(", ")
    ends = tuple(_number(end, kind) for end in span.split(" … ")) if span else None
    if LINK.match(values):
        kind = "enum"
    condition = CONDITION.match(cells[-1])
    return Row(
        cells[at].strip("`"),
        code,
        _default(default, kind),
        kind,
        (ends[0], ends[1]) if ends else None,
        presence=bundle and cells[at + 1] == "1 bit",
        condition=(condition[1], condition[2] == "one", frozenset(map(int, condition[3].split(", "))))
        if condition
        else None,
    )


def _default(text: str, kind: str) -> Any:
    if kind == "enum":
        return int(text.rpartition("(")[2].rstrip(")"))
    if kind in ("group", "list"):
        return None if kind == "group" else []
    if kind == "bool":
        return text == "true"
    if kind in ("string", "bytes"):
        held = "" if text == "empty" else text
        return held if kind == "string" else bytes.fromhex(held)
    return _number(text, kind)


def _number(text: str, kind: str) -> int | float:
    return float(text) if kind == "float" else int(text)


def _form(text: str) -> tuple[int, int, int, int]:
    found = FORM.fullmatch(text)
    assert found, text
    step, sign, offset, per, width = found.groups()
    moved = int(offset or 0) * (-1 if sign == "−" else 1)
    return int(width), int(step or 1), moved, int(per or 1)
