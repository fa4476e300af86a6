"""Weight payloads that no coder wrote: each is refused by a typed error, whatever the bytes are."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigif import weights
from aigif._gen.enums import ModelCompressor
from aigif.errors import AigifError, CorruptError, LimitError
from aigif.weights import Tensor, safetensors_file

NONE, INT8 = ModelCompressor.NONE, ModelCompressor.INT8
ROOMY = 1 << 30


def file(header: object, data: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def entry(begin: int, end: int, shape: object, dtype: object = "U8") -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "cut"),
    "short": (b"\1\0\0\0", "cut"),
    "header past the end": (file({}, length=3), "cut"),
    "header of 2^64": (b"\xff" * 8 + b"{}", "cut"),
    "no object": (file([]), "not a JSON object"),
    "space first": (file(b" {}"), "not a JSON object"),
    "no JSON": (file(b"{]"), "not JSON"),
    "no UTF-8": (file(b'{"\xff":1}'), "not JSON"),
    "half a surrogate": (file(b'{"\\ud800":1}'), "not JSON"),
    "deep": (file(b'{"a":' + b"[" * 100_000), "not JSON"),
    "long number": (file(b'{"a":' + b"1" * 5000 + b"}"), "not JSON"),
    "NaN": (file(b'{"a":NaN}'), "NaN is no number"),
    "name twice": (file(b'{"a":1,"a":2}'), "twice"),
    "metadata twice": (file(b'{"__metadata__":{"a":"","a":""}}'), "twice"),
    "metadata of numbers": (file({"__metadata__": {"a": 1}}), "object of texts"),
    "metadata list": (file({"__metadata__": []}), "object of texts"),
    "no entry": (file({"a": 1}), "not a dtype"),
    "lacking": (file({"a": {"dtype": "U8", "shape": []}}), "not a dtype"),
    "more": (file({"a": {**entry(0, 1, []), "x": 1}}, b"x"), "not a dtype"),
    "dtype": (file({"a": entry(0, 1, [], "U9")}, b"x"), "unknown dtype"),
    "dtype list": (file({"a": entry(0, 1, [], [])}, b"x"), "unknown dtype"),
    "negative side": (file({"a": entry(0, 1, [-1, -1])}, b"x"), "no possible shape"),
    "float side": (file({"a": entry(0, 1, [1.0])}, b"x"), "no possible shape"),
    "bool side": (file({"a": entry(0, 1, [True])}, b"x"), "no possible shape"),
    "shape text": (file({"a": entry(0, 1, "1")}, b"x"), "no possible shape"),
    "many axes": (file({"a": entry(0, 1, [1] * 33)}, b"x"), "no possible shape"),
    "large side": (file({"a": entry(0, 0, [0, 2**63])}), "no possible shape"),
    "large sides": (file({"a": entry(0, 0, [0, 2**40, 2**40])}), "no memory holds"),
    "three offsets": (
        file({"a": {**entry(0, 1, []), "data_offsets": [0, 1, 1]}}, b"x"),
        "no possible data_offsets",
    ),
    "backward": (file({"a": entry(1, 0, [])}, b"x"), "-1 bytes for shape"),
    "wrong size": (file({"a": entry(0, 2, [3])}, b"xxx"), "2 bytes for shape"),
    "past the end": (file({"a": entry(0, 4, [4])}, b"xxx"), "ends at 0 of 3"),
    "hole": (file({"a": entry(0, 1, []), "b": entry(2, 3, [])}, b"xxx"), "'b' at 2 to 3"),
    "hole first": (file({"a": entry(1, 2, [])}, b"xx"), "'a' at 1 to 2"),
    "overlap": (file({"a": entry(0, 2, [2]), "b": entry(1, 3, [2])}, b"xxx"), "'b' at 1 to 3"),
    "same place": (file({"a": entry(0, 1, []), "b": entry(0, 1, [])}, b"x"), "'b' at 0 to 1"),
    "tail": (file({"a": entry(0, 1, [])}, b"xx"), "1 bytes after"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused(name: str) -> None:
    payload, message = HOSTILE[name]
    with pytest.raises(CorruptError, match=message) as caught:
        weights.decode(payload, NONE, ROOMY)
    assert caught.value.hint
    assert len(str(caught.value)) < 400


def test_a_header_over_the_limit_is_refused() -> None:
    payload = file(b"{}" + b" " * safetensors_file.MOST_HEADER_BYTES)
    with pytest.raises(LimitError):
        weights.decode(payload, NONE, ROOMY)


MARKS = {"aigif.int8": "1", "aigif.int8:w": "F16"}
GOOD = {"w": Tensor("I8", (2, 2), b"\1\2\3\4"), "w.int8_scale": Tensor("F32", (2,), b"\0\0\x80\x3f" * 2)}


@pytest.mark.parametrize(
    ("metadata", "change", "message"),
    [
        ({}, {}, "does not say aigif.int8 = 1"),
        ({**MARKS, "aigif.int8": "2"}, {}, "does not say aigif.int8 = 1"),
        ({**MARKS, "aigif.int8:w": "I8"}, {}, "no data type that was quantised"),
        ({**MARKS, "aigif.int8:v": "F16"}, {}, "missing"),
        (MARKS, {"w.int8_scale": None}, "missing"),
        (MARKS, {"w": Tensor("U8", (2, 2), b"\1\2\3\4")}, "no matrix"),
        (MARKS, {"w": Tensor("I8", (2,), b"\1\2")}, "no matrix"),
        (MARKS, {"w": Tensor("I8", (2, 0), b"")}, "no matrix"),
        (MARKS, {"w": Tensor("I8", (2, 1), b"\x80\1")}, "-128"),
        (MARKS, {"w.int8_scale": Tensor("F32", (1,), b"\0\0\x80\x3f")}, "not the scales"),
        (MARKS, {"w.int8_scale": Tensor("U32", (2,), bytes(8))}, "not the scales"),
        (MARKS, {"w.int8_scale": Tensor("F32", (2,), b"\0\0\x80\x7f" * 2)}, "negative, infinite"),
        (MARKS, {"w.int8_scale": Tensor("F32", (2,), b"\0\0\xc0\x7f" * 2)}, "negative, infinite"),
        (MARKS, {"w.int8_scale": Tensor("F32", (2,), b"\0\0\x80\xbf" * 2)}, "negative, infinite"),
        (MARKS, {"w.int8_scale": Tensor("F32", (2,), b"\0\0\0\x80" * 2)}, "negative, infinite"),
    ],
)
def test_int8_files_that_do_not_fit_together_are_refused(
    metadata: dict[str, str], change: Mapping[str, Tensor | None], message: str
) -> None:
    assert weights.decode(safetensors_file.write(GOOD, MARKS), INT8, ROOMY)["w"].shape == (2, 2)
    items = {name: tensor for name, tensor in {**GOOD, **change}.items() if tensor is not None}
    with pytest.raises(CorruptError, match=message):
        weights.decode(safetensors_file.write(items, metadata), INT8, ROOMY)


@pytest.mark.parametrize("coder", [NONE, INT8])
def test_hostile_bytes_give_tensors_or_an_error(coder: int) -> None:
    good = weights.encode({"w": np.ones((2, 3), "f4"), "b": np.ones(2, "f2")}, coder, {"k": "v"})

    @given(st.data())
    @settings(max_examples=500, deadline=None)
    def run(data: st.DataObject) -> None:
        payload = bytearray(good)
        for _ in range(data.draw(st.integers(1, 3))):
            at = data.draw(st.integers(0, max(0, len(payload) - 1)))
            payload[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
        check(bytes(payload))

    @given(st.binary(max_size=100) | st.binary(max_size=100).map(file))
    @settings(max_examples=200, deadline=None)
    def run_random(data: bytes) -> None:
        check(data)

    def check(payload: bytes) -> None:
        try:
            found = weights.decode(payload, coder, 1000)
        except AigifError as error:
            assert isinstance(error, CorruptError | LimitError)
        else:
            assert sum(len(tensor.data) for tensor in found.values()) <= 1000
            for tensor in found.values():
                tensor.to_torch()

    run()
    run_random()
    for end in range(len(good)):
        with pytest.raises(CorruptError):
            weights.decode(good[:end], coder, 1000)
    with pytest.raises(CorruptError):
        weights.decode(good + b"\0", coder, 1000)
