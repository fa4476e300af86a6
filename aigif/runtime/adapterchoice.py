"""Adapters for a new picture: what is recorded of them, what is applied, and what goes into the file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigif._gen.container import WEIGHT_PAYLOAD_BYTES
from aigif._gen.enums import AdapterKind, ModelCompressor
from aigif._gen.types import Adapter
from aigif.errors import UsageError
from aigif.runtime.adapterfile import SETTINGS, from_payload, read_file
from aigif.runtime.adapters import APPLYING, NO_ADAPTERS, Adapters, kind_of, lora_of
from aigif.runtime.hashing import file_sha256
from aigif.runtime.inversions import read_inversion
from aigif.runtime.lora import Lora
from aigif.runtime.store.lycoris import Lycoris, read_lycoris
from aigif.runtime.store.recognise import Kind
from aigif.runtime.torchlib import require
from aigif.weights import encode

__all__ = ["ChosenAdapters", "choose_adapters"]

_HASH_BYTES = 8
_KINDS = {Kind.LYCORIS: AdapterKind.LYCORIS, Kind.EMBEDDING: AdapterKind.TEXTUAL_INVERSION}


@dataclass(frozen=True, slots=True)
class ChosenAdapters:
    """Adapters for a new picture: what is recorded, what is applied, and the weights section, if any."""

    records: tuple[Adapter, ...] = ()
    applied: Adapters = NO_ADAPTERS
    payload: bytes | None = None
    saved_as: ModelCompressor | None = None


def choose_adapters(
    paths: Sequence[str | os.PathLike[str]], weights: Sequence[float], saved_as: ModelCompressor | None
) -> ChosenAdapters:
    """The adapters in the safetensors files `paths`, for a new picture: LoRAs, LyCORIS, textual inversions.

    `weights` has one number for each, or none for 1. `saved_as` makes a weights section of the only one, which is a
    LoRA: with none that is the file as it is, with int8 what is applied is the section's content, so that it is
    recreated bit for bit.

    Raises as `adapterfile.read_file` does; UsageError where several are to be saved or the numbers of files and
    weights differ; MissingPackageError without peft.
    """
    if saved_as is not None and len(paths) != 1:
        raise UsageError(
            "a file holds the weights of one adapter",
            element="compression.saved_weights",
            hint="save one adapter, or none",
        )
    if weights and len(weights) != len(paths):
        raise UsageError(
            f"{len(weights)} weights for {len(paths)} adapters",
            element="model.adapters",
            hint="give one for each",
        )
    records: list[Adapter] = []
    loras: list[Lora] = []
    lycoris: list[tuple[Lycoris, float, float]] = []
    inversions: dict[str, Mapping[str, Any]] = {}
    payload = None
    for path, weight in zip(map(Path, paths), weights or [1.0] * len(paths), strict=True):
        kind = _KINDS.get(kind_of(path), AdapterKind.LORA)
        record = Adapter(kind=kind, name=path.stem, weight=float(weight), text_weight=float(weight))
        if kind != AdapterKind.LORA and saved_as is not None:
            raise UsageError("only a LoRA can be saved in the file", file=str(path), hint="leave that out")
        if kind == AdapterKind.TEXTUAL_INVERSION:
            inversions[path.stem] = read_inversion(path)
        elif kind == AdapterKind.LYCORIS:
            lycoris.append((read_lycoris(path), record.weight, record.text_weight))
        else:
            require("peft", APPLYING)
            data, content = read_file(path)
            if saved_as == ModelCompressor.NONE:
                payload = data
            elif saved_as is not None:
                settings = {SETTINGS: content.settings} if content.settings else None
                payload = encode(content.tensors, saved_as, settings)
                content = from_payload(payload, saved_as, WEIGHT_PAYLOAD_BYTES)
            loras.append(lora_of(record, content))
        records.append(record.replace(weight_hash=file_sha256(path)[:_HASH_BYTES]))
    return ChosenAdapters(
        tuple(records), Adapters(tuple(loras), tuple(lycoris), inversions), payload, saved_as
    )
