"""The adapters of a picture: recorded when the picture is made, found again when it is recreated.

An adapter's weights are in the file (`compression.saved_weights` is `adapter`), or in a file that the person names,
or in the package where they belong to the embedded model, or in the person's store of models.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aigif._gen.container import WEIGHT_PAYLOAD_BYTES, WEIGHTS_SECTION
from aigif._gen.enums import AdapterKind, HashKind, ModelCompressor, SavedWeights
from aigif._gen.types import Adapter, Aigif
from aigif.errors import ModelError, UsageError
from aigif.file import section
from aigif.runtime.adapterfile import SETTINGS, AdapterWeights, from_payload, read_file
from aigif.runtime.hashing import file_sha256
from aigif.runtime.honour import Unhonoured
from aigif.runtime.lora import Lora
from aigif.runtime.options import label_of
from aigif.runtime.registry import EMBEDDED, few_step_file
from aigif.runtime.store.find import find_adapter
from aigif.runtime.torchlib import require
from aigif.weights import encode

__all__ = ["ChosenAdapters", "check_adapters", "choose_adapters", "locate_adapters", "read_adapters"]

APPLIED = (AdapterKind.LORA, AdapterKind.TEXTUAL_INVERSION)
"""The kinds that this version applies."""

_HASH_BYTES = 8
_ELEMENT = "model.adapters"
_PURPOSE = "applying an adapter"
_IN_FILE = Path()


@dataclass(frozen=True, slots=True)
class ChosenAdapters:
    """Adapters for a new picture: what is recorded, what is applied, and the weights section, if any."""

    records: tuple[Adapter, ...]
    loras: tuple[Lora, ...]
    payload: bytes | None = None
    saved_as: ModelCompressor | None = None


def choose_adapters(
    paths: Sequence[str | os.PathLike[str]], weights: Sequence[float], saved_as: ModelCompressor | None
) -> ChosenAdapters:
    """The LoRAs in the safetensors files `paths`, for a new picture.

    `weights` has one number for each, or none for 1. `saved_as` makes a weights section of the only one: with none
    that is the file as it is, with int8 what is applied is the section's content, so that it is recreated bit for
    bit.

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
            f"{len(weights)} weights for {len(paths)} adapters", element=_ELEMENT, hint="give one for each"
        )
    if paths:
        require("peft", _PURPOSE)
    records, loras, payload = [], [], None
    for path, weight in zip(paths, weights or [1.0] * len(paths), strict=True):
        data, content = read_file(path)
        if saved_as == ModelCompressor.NONE:
            payload = data
        elif saved_as is not None:
            settings = {SETTINGS: content.settings} if content.settings else None
            payload = encode(content.tensors, saved_as, settings)
            content = from_payload(payload, saved_as, WEIGHT_PAYLOAD_BYTES)
        digest = hashlib.sha256(data).digest()[:_HASH_BYTES]
        record = Adapter(
            name=Path(path).stem, weight_hash=digest, weight=float(weight), text_weight=float(weight)
        )
        records.append(record)
        loras.append(_lora(record, content))
    return ChosenAdapters(tuple(records), tuple(loras), payload, saved_as)


def check_adapters(aigif: Aigif, unhonoured: Unhonoured) -> None:
    """Add to `unhonoured` what this version does not do with adapters."""
    adapters, compression = aigif.model.adapters, aigif.compression
    for at, adapter in enumerate(adapters):
        if adapter.kind not in APPLIED:
            kind = label_of(AdapterKind, adapter.kind)
            unhonoured.add(f"{_ELEMENT}[{at}]", f"this version applies no adapters of kind {kind}")
    if not compression.saving_model or compression.saved_weights == SavedWeights.MODEL:
        return
    element = "compression.saved_weights"
    if compression.saved_weights != SavedWeights.ADAPTER:
        unhonoured.add(element, "this version doesn't know what the saved weights are")
    elif len(adapters) != 1:
        unhonoured.add(element, f"the file holds one adapter and names {len(adapters)}")


def locate_adapters(
    aigif: Aigif, given: Sequence[str | os.PathLike[str]]
) -> tuple[list[Path | None], list[str]]:
    """Where the weights of each adapter that a file names are, and warnings.

    It is an empty path where the file holds them, None where they can't be had. `given` are safetensors files of the
    person's: each goes to the adapter whose hash it has, or else whose name, or to the only one. What isn't given is
    looked for in the package and in the store.

    Raises UsageError where a file is given that no adapter wants.
    """
    records, saved = aigif.model.adapters, _saved(aigif)
    if given and (saved is not None or not records):
        raise UsageError(
            "the file holds its adapter itself" if saved is not None else "the file names no adapter",
            element=_ELEMENT,
            hint="leave out the adapter that was given (adapter=..., --adapter)",
        )
    if saved is not None:
        return [_IN_FILE if at == 0 else None for at in range(len(records))], []
    places: list[Path | None] = [None] * len(records)
    for path in map(Path, given):
        at = _wanted_by(path, records, places)
        if at is None:
            raise UsageError(
                "no adapter of the file has this file's hash or name", file=str(path), element=_ELEMENT
            )
        places[at] = path
    warnings: list[str] = []
    for at, record in enumerate(records):
        if places[at] is None:
            places[at] = _known(aigif, record, warnings)
    return places, warnings


def read_adapters(
    aigif: Aigif, places: Sequence[Path | None], max_bytes: int, skip: Sequence[int] = ()
) -> tuple[tuple[Lora, ...], list[str]]:
    """The adapters that a file names, from where `locate_adapters` found them, and warnings.

    `skip` are places in the list that an approximation goes without. Raises ModelError where one is missing, or its
    SHA-256 is not the recorded one; MissingPackageError without peft.
    """
    loras, warnings = [], []
    for at, (record, place) in enumerate(zip(aigif.model.adapters, places, strict=True)):
        if at in skip or record.kind == AdapterKind.TEXTUAL_INVERSION:
            continue
        require("peft", _PURPOSE)
        if place is None:
            raise ModelError(
                f"the picture was made with an adapter{_described(record)}, which the file doesn't hold",
                element=_ELEMENT,
                hint="give its safetensors file (adapter=..., --adapter FILE), or add it to the store "
                "(aigif models add FILE)",
            )
        if place == _IN_FILE:
            content = from_payload(_saved(aigif) or b"", aigif.compression.model_compressor, max_bytes)
        else:
            data, content = read_file(place)
            warnings += _check_hash(record, data, str(place), at)
        loras.append(_lora(record, content))
    return tuple(loras), warnings


def _lora(record: Adapter, content: AdapterWeights) -> Lora:
    return Lora(content, record.weight, record.text_weight, record.start, record.end)


def _wanted_by(path: Path, records: Sequence[Adapter], places: Sequence[Path | None]) -> int | None:
    free = [at for at, place in enumerate(places) if place is None]
    if len(records) == 1 and free:
        return 0
    digest = file_sha256(path) if path.is_file() else b""
    hashed = [
        at for at in free if records[at].weight_hash and digest.startswith(records[at].weight_hash)
    ]
    named = [at for at in free if records[at].name == path.stem]
    return next(iter(hashed + named), None)


def _known(aigif: Aigif, record: Adapter, warnings: list[str]) -> Path | None:
    """The embedded model's own adapter, or one of the store."""
    if record.name == few_step_file().stem and aigif.model.model_id == EMBEDDED:
        return few_step_file()
    found = find_adapter(record)
    if found is None:
        return None
    warnings += found.warnings
    return found.path


def _saved(aigif: Aigif) -> bytes | None:
    if aigif.compression.saved_weights != SavedWeights.ADAPTER:
        return None
    return section(aigif, WEIGHTS_SECTION)


def _check_hash(record: Adapter, data: bytes, file: str, at: int) -> list[str]:
    if not record.weight_hash:
        return ["the file records no hash of its adapter, so it can't be checked that the given one is meant"]
    if record.hash_kind != HashKind.SHA256:
        kind = label_of(HashKind, record.hash_kind)
        return [f"the file records a hash of kind {kind} of its adapter, which this version can't check"]
    here = hashlib.sha256(data).digest()
    if not here.startswith(record.weight_hash):
        raise ModelError(
            f"the adapter is not the one that the file names: its SHA-256 begins with "
            f"{here[: len(record.weight_hash)].hex()}, recorded is {record.weight_hash.hex()}",
            file=file,
            element=f"{_ELEMENT}[{at}].weight_hash",
            hint="give the very file that the picture was made with",
        )
    return []


def _described(record: Adapter) -> str:
    name = f" {record.name[:100]!r}" if isinstance(record.name, str) and record.name else ""
    digest = record.weight_hash.hex()
    return name + (f" (hash {digest})" if digest else "")
