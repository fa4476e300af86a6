"""The header of a safetensors file on the disk: names, types and shapes of its tensors, without their numbers.

Format: the README of https://github.com/huggingface/safetensors. aigif/weights/safetensors_file.py reads whole files
from memory; a checkpoint of several gigabytes is only looked at here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from aigif.errors import ModelError, PolicyError
from aigif.weights.safetensors_file import METADATA
from aigif.weights.tensor import SIZES

__all__ = ["PICKLED", "Header", "TensorInfo", "is_pickle", "pickled", "read_header"]

PICKLED = frozenset({".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle", ".h5", ".msgpack"})
"""Endings of weight files that can hold code, or that are not read here."""

MOST_HEADER_BYTES = 32 << 20
"""Longest header that is read. Trainers put their settings into it; a few megabytes are seen."""

_MOST_TENSORS = 200_000
_MOST_AXES = 32
_PICKLE_STARTS = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK\x03\x04")
# A bare pickle of protocol 2 to 5, and the zip archive in which torch keeps one.


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """A tensor of a header."""

    dtype: str
    """The type as safetensors calls it: F16, BF16 …"""
    shape: tuple[int, ...]
    begin: int
    """Where its numbers begin, in bytes from the start of the file."""
    end: int


@dataclass(frozen=True, slots=True)
class Header:
    """What a safetensors file says of itself."""

    tensors: Mapping[str, TensorInfo]
    metadata: Mapping[str, str]
    data_at: int
    """Where the tensors' numbers begin, in bytes from the start of the file."""

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor; () where there is none of that name."""
        found = self.tensors.get(name)
        return found.shape if found is not None else ()

    def parameters(self, prefix: str = "") -> int:
        """How many numbers the tensors hold whose names begin with `prefix`."""
        return sum(prod(info.shape) for name, info in self.tensors.items() if name.startswith(prefix))


def read_header(path: Path) -> Header:
    """The header of a safetensors file of any size; at most 32 MiB of it are read.

    Raises PolicyError for a pickle, told by its content as by its ending; ModelError where the file can't be read,
    or is no safetensors file whose every tensor lies inside it.
    """
    if path.suffix.lower() in PICKLED:
        raise pickled(path)
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            start = file.read(9)
            if is_pickle(start):
                raise pickled(path)
            file.seek(8)
            length = int.from_bytes(start[:8], "little")
            if len(start) < 8 or length > size - 8:
                raise _no_safetensors(path, "its header is cut, or it is another kind of file")
            if length > MOST_HEADER_BYTES:
                raise _no_safetensors(
                    path, f"its header has {length} bytes, at most {MOST_HEADER_BYTES} are read"
                )
            text = file.read(length)
    except OSError as error:
        raise ModelError(f"the file can't be read: {error.strerror or error}", file=str(path)) from error
    content = _parsed(path, text)
    metadata = content.pop(METADATA, {})
    if not isinstance(metadata, dict):
        raise _no_safetensors(path, f"its {METADATA} is no object")
    data_at = 8 + length
    tensors = {name: _tensor(path, name, entry, data_at, size) for name, entry in content.items()}
    texts = {key: value for key, value in metadata.items() if isinstance(value, str)}
    return Header(tensors, texts, data_at)


def is_pickle(start: bytes) -> bool:
    """Whether a file that begins with these bytes, nine at least, is a pickle, or torch's archive of one.

    The length of a safetensors header may begin with the same two bytes; its ninth byte is a brace.
    """
    return start.startswith(_PICKLE_STARTS) and start[8:9] != b"{"


def pickled(path: Path) -> PolicyError:
    """The refusal of a pickled file."""
    return PolicyError(
        "the weights are pickled, and pickled files can run code",
        file=str(path),
        hint="use the model's safetensors file, or convert it in a place where you trust it",
    )


def _parsed(path: Path, text: bytes) -> dict[str, Any]:
    try:
        content = json.loads(text) if text[:1] == b"{" else None
    except (ValueError, RecursionError) as error:
        raise _no_safetensors(path, f"its header is not JSON ({error})") from error
    if not isinstance(content, dict):
        raise _no_safetensors(path, "its header is not a JSON object")
    if len(content) > _MOST_TENSORS:
        raise _no_safetensors(path, f"it lists {len(content)} tensors, at most {_MOST_TENSORS} are read")
    return content


def _tensor(path: Path, name: str, entry: object, data_at: int, size: int) -> TensorInfo:
    if not isinstance(entry, dict):
        raise _no_safetensors(path, f"the entry of {name[:100]!r} is no object")
    dtype, shape, offsets = entry.get("dtype"), entry.get("shape"), entry.get("data_offsets")
    if not isinstance(dtype, str) or not _are_sizes(shape, _MOST_AXES) or not _are_sizes(offsets, 2):
        raise _no_safetensors(path, f"the entry of {name[:100]!r} is not a dtype, a shape and data_offsets")
    assert isinstance(shape, list) and isinstance(offsets, list)
    if len(offsets) != 2 or not offsets[0] <= offsets[1] <= size - data_at:
        raise _no_safetensors(
            path, f"the tensor {name[:100]!r} does not lie inside the file: it is cut or damaged"
        )
    if dtype in SIZES and prod(shape) * SIZES[dtype] != offsets[1] - offsets[0]:
        raise _no_safetensors(path, f"the tensor {name[:100]!r} has other bytes than its shape needs")
    return TensorInfo(dtype, tuple(shape), data_at + offsets[0], data_at + offsets[1])


def _are_sizes(value: object, most: int) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= most
        and all(type(number) is int and 0 <= number < 1 << 62 for number in value)
    )


def _no_safetensors(path: Path, problem: str) -> ModelError:
    return ModelError(f"the file is no safetensors file that can be used: {problem}", file=str(path))
