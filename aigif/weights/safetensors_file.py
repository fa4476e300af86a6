"""The safetensors container, read strictly and written one way.

| bytes | content |
|---|---|
| 0-7 | length N of the header, little-endian |
| 8 to 8+N | the header: a JSON object, filled up with spaces |
| after | the numbers of all tensors, one after the other |

The header maps each name to `{"dtype", "shape", "data_offsets": [begin, end]}`, offsets counted from the
end of the header, and `__metadata__` to an object of texts. Format: the README of
https://github.com/huggingface/safetensors. Written here: tensors by falling size of their numbers (so
that each is aligned), then by name; a header of a multiple of 8 bytes.
"""

from __future__ import annotations

import json
from math import prod

from aigif.errors import CorruptError, LimitError, UsageError
from aigif.weights.tensor import DAMAGED, SIZES, Tensor, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final, NoReturn

METADATA: Final = "__metadata__"
MOST_HEADER_BYTES: Final = 1 << 23  # about 80 000 tensors
_MOST_AXES: Final = 32
_MOST_BYTES: Final = 1 << 62  # of a tensor, axes of length 0 not counted: what numpy and torch can address


def write(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> bytes:
    """A safetensors file. Raises UsageError for a name or text that it can't hold."""
    header: dict[str, object] = {METADATA: dict(sorted(metadata.items()))} if metadata else {}
    order = sorted(tensors.items(), key=lambda item: (-SIZES[item[1].dtype], item[0]))
    end = 0
    for name, tensor in order:
        if name == METADATA:
            raise UsageError(f"a tensor can't be called {METADATA}")
        begin, end = end, end + len(tensor.data)
        if len(tensor.data) != tensor.size * SIZES[tensor.dtype]:
            raise UsageError(f"tensor {shown(name)} is {tensor!r}: the bytes do not fit the shape")
        header[name] = {"dtype": tensor.dtype, "shape": list(tensor.shape), "data_offsets": [begin, end]}
    try:
        text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError as error:
        raise UsageError("a tensor name or metadata text is not Unicode") from error
    text += b" " * (-len(text) % 8)
    if len(text) > MOST_HEADER_BYTES:
        raise UsageError(f"the names take {len(text)} bytes; at most {MOST_HEADER_BYTES} are possible")
    return b"".join([len(text).to_bytes(8, "little"), text, *(tensor.data for _, tensor in order)])


def read(payload: bytes) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors, as views of `payload`, in the order of their bytes, and the metadata.

    Raises CorruptError unless every byte of the file is accounted for exactly once.
    """
    start, header = _header(payload)
    metadata = header.pop(METADATA, {})
    if not isinstance(metadata, dict) or not all(isinstance(text, str) for text in metadata.values()):
        raise _corrupt(f"{METADATA} is not an object of texts")
    places = sorted((_place(name, entry) for name, entry in header.items()), key=lambda place: place[:2])
    view = memoryview(payload)[start:]
    tensors: dict[str, Tensor] = {}
    at = 0
    for begin, end, name, dtype, shape in places:
        if begin != at or end > len(view):
            raise _corrupt(
                f"tensor {shown(name)} at {begin} to {end}; the one before ends at {at} of {len(view)}"
            )
        tensors[name] = Tensor(dtype, shape, view[begin:end])
        at = end
    if at != len(view):
        raise _corrupt(f"{len(view) - at} bytes after the last tensor")
    return tensors, metadata


def check_size(tensors: Mapping[str, Tensor], max_bytes: int) -> None:
    """Raises LimitError where all tensors together are longer than `max_bytes`."""
    check_bytes(sum(len(tensor.data) for tensor in tensors.values()), max_bytes)


def check_bytes(total: int, max_bytes: int) -> None:
    """Raises LimitError where `total` is more than `max_bytes`."""
    if total > max_bytes:
        raise LimitError(
            f"the saved weights are {total} bytes; at most {max_bytes} are decoded",
            hint="raise the limit if you trust the file",
        )


def _header(payload: bytes) -> tuple[int, dict[str, object]]:
    """Where the numbers begin, and the JSON object before them."""
    length = int.from_bytes(payload[:8], "little")
    if len(payload) < 8 or length > len(payload) - 8:
        raise _corrupt("the header is cut")
    if length > MOST_HEADER_BYTES:
        raise LimitError(f"a safetensors header of {length} bytes; at most {MOST_HEADER_BYTES} are read")
    text = payload[8 : 8 + length]
    if text[:1] != b"{":
        raise _corrupt("the header is not a JSON object", 8)
    try:
        header = json.loads(text.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _corrupt(f"the header is not JSON ({error})", 8) from error
    if not isinstance(header, dict):
        raise _corrupt("the header is not a JSON object", 8)
    return 8 + length, header


def _place(name: str, entry: object) -> tuple[int, int, str, str, tuple[int, ...]]:
    """A header entry as (begin, end, name, data type, shape), checked in itself."""
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise _corrupt(f"the entry of {shown(name)} is not a dtype, a shape and data_offsets")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in SIZES:
        raise _corrupt(f"tensor {shown(name)} has an unknown dtype")
    if not _are_sizes(shape) or len(shape) > _MOST_AXES:
        raise _corrupt(f"tensor {shown(name)} has no possible shape")
    if not _are_sizes(offsets) or len(offsets) != 2:
        raise _corrupt(f"tensor {shown(name)} has no possible data_offsets")
    if prod(side for side in shape if side) * SIZES[dtype] > _MOST_BYTES:
        raise _corrupt(f"tensor {shown(name)} has a shape that no memory holds")
    begin, end = offsets
    if end - begin != prod(shape) * SIZES[dtype]:
        raise _corrupt(f"tensor {shown(name)} has {end - begin} bytes for shape {shape} of {dtype}")
    return begin, end, name, dtype, tuple(shape)


def _are_sizes(value: object) -> bool:
    return isinstance(value, list) and all(type(item) is int and 0 <= item <= _MOST_BYTES for item in value)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object of JSON. Raises ValueError for a key that stands twice or a text that is not Unicode."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    for key, value in pairs:
        key.encode()
        if isinstance(value, str):
            value.encode()
    return found


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")


def _corrupt(problem: str, at: int | None = None) -> CorruptError:
    place = "" if at is None else f" at byte {at}"
    return CorruptError(f"saved weights (safetensors){place}: {problem}", hint=DAMAGED)
