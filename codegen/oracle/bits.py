"""Bits as text of 0 and 1, and the codes of single values."""

from __future__ import annotations

import math
import struct

from codegen import model

Value = bool | int | float | str | bytes


class Refused(Exception):
    """The input is not valid. `kind`: "corrupt", "canonical" (other bytes stand for this value) or "value"."""

    def __init__(self, kind: str, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.kind = kind
        self.path = path


class Reader:
    """Takes bits from the front. With `open_end`, bits past the end read as zero; else they are refused."""

    def __init__(self, bits: str, open_end: bool) -> None:
        self.bits = bits
        self.at = 0
        self.open_end = open_end

    def take(self, width: int, path: str) -> int:
        piece = self.bits[self.at : self.at + width]
        self.at += width
        if len(piece) < width:
            if not self.open_end:
                raise Refused("corrupt", path, "the bits end here")
            piece += "0" * (width - len(piece))
        return int(piece, 2) if piece else 0

    def rest(self) -> str:
        return self.bits[self.at :]


def to_bits(value: int, width: int) -> str:
    return format(value, f"0{width}b") if width else ""


def read_exp(reader: Reader, path: str) -> int:
    for escapes in range(model.EXP_DEPTH):
        byte = reader.take(8, path)
        if byte != model.ESCAPE_BYTE:
            return model.ESCAPE_BYTE * escapes + byte
    raise Refused("corrupt", path, "the exp code is too deep")


def write_exp(value: int) -> str:
    escapes, last = divmod(value, model.ESCAPE_BYTE)
    return "1" * 8 * escapes + to_bits(last, 8)


def read_size(reader: Reader, path: str) -> int:
    value = read_value(model.SIZE, "uint", reader, path)
    assert isinstance(value, int)
    return value


def write_size(value: int, path: str) -> str:
    if value >> 16:
        raise Refused("value", path, f"{value} is too long")
    return write_value(model.SIZE, "uint", value, path)


def read_value(code: model.Code, kind: str, reader: Reader, path: str) -> Value:
    """One value in its code. `kind` is the element's type."""
    if isinstance(code, model.Bits):
        body = reader.take(code.width, path)
        if kind == "bool":
            return body == 1
        number = body * code.step + code.offset
        return number / code.per if kind == "float" else number
    if isinstance(code, model.EscapedEnum):
        escape = (1 << code.width) - 1
        short = reader.take(code.width, path)
        return short if short < escape else escape + read_exp(reader, path)
    if isinstance(code, model.Exp):
        return read_exp(reader, path)
    if isinstance(code, model.Float):
        return _read_float(code, reader, path)
    if isinstance(code, model.Pick):
        return _read_pick(code, kind, reader, path)
    if isinstance(code, model.BytesCode):
        length = read_size(reader, path)
        if length > code.max_length:
            raise Refused("corrupt", path, f"{length} bytes")
        return bytes(reader.take(8, path) for _ in range(length))
    raise AssertionError(code)


def _read_float(code: model.Float, reader: Reader, path: str) -> float:
    raw = reader.take(code.width, path).to_bytes(code.width // 8, "big")
    number: float = struct.unpack(">f" if code.width == 32 else ">d", raw)[0]
    if not math.isfinite(number) or (math.copysign(1.0, number) < 0 and number == 0):
        raise Refused("corrupt", path, "infinity, NaN or negative zero")
    return number


def _read_pick(code: model.Pick, kind: str, reader: Reader, path: str) -> Value:
    selector = reader.take(code.width, path)
    if selector < len(code.constants):
        return code.constants[selector]
    if selector >= len(code.constants) + len(code.forms):
        raise Refused("corrupt", path, f"the selector {selector} names nothing")
    value = read_value(code.forms[selector - len(code.constants)], kind, reader, path)
    if alternative(code, kind, value) != selector:
        raise Refused("canonical", path, f"{value!r} has a shorter code")
    return value


def alternative(code: model.Pick, kind: str, value: Value) -> int:
    """The selector of the first alternative that gives `value` back."""
    for selector, constant in enumerate(code.constants):
        if constant == value:
            return selector
    for index, form in enumerate(code.forms):
        if body_of(form, kind, value) is not None:
            return len(code.constants) + index
    raise Refused("value", "", f"{value!r} has no code")


def body_of(form: model.Bits | model.Float, kind: str, value: Value) -> int | None:
    """The bits of a form that stand for `value`; None where it does not fit."""
    assert isinstance(value, int | float)
    if isinstance(form, model.Float):
        letter = "f" if form.width == 32 else "d"
        try:
            raw = struct.pack(f">{letter}", value)
        except OverflowError:
            return None
        return int.from_bytes(raw, "big") if struct.unpack(f">{letter}", raw)[0] == value else None
    if kind == "float" and math.isinf(value * form.per):
        return None
    guess = round(value * form.per) if kind == "float" else int(value)
    body, left = divmod(guess - form.offset, form.step)
    if left or body < 0 or body >> form.width:
        return None
    number = body * form.step + form.offset
    return body if (number / form.per if kind == "float" else number) == value else None


def write_value(code: model.Code, kind: str, value: Value, path: str) -> str:
    """One value in its code; Refused where it does not fit."""
    if isinstance(code, model.Bits | model.Float):
        assert not isinstance(value, str | bytes)
        body = body_of(code, kind, value)
        if body is None:
            raise Refused("value", path, f"{value!r} does not fit {code.width} bits")
        return to_bits(body, code.width)
    if isinstance(code, model.BytesCode):
        assert isinstance(value, bytes)
        return write_size(len(value), path) + "".join(to_bits(byte, 8) for byte in value)
    if isinstance(code, model.Pick):
        selector = alternative(code, kind, value)
        head = to_bits(selector, code.width)
        if selector < len(code.constants):
            return head
        return head + write_value(code.forms[selector - len(code.constants)], kind, value, path)
    assert isinstance(value, int)
    if isinstance(code, model.Exp):
        return write_exp(value)
    assert isinstance(code, model.EscapedEnum)
    escape = (1 << code.width) - 1
    return to_bits(value, code.width) if value < escape else "1" * code.width + write_exp(value - escape)
