"""The adapters of a picture: recorded when the picture is made, found again when it is recreated.

An adapter's weights are in the file (`compression.saved_weights` is `adapter`), or in a file that the person names,
or in the package where they belong to the embedded model, or in the person's store of models.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aigif._gen.container import WEIGHTS_SECTION
from aigif._gen.enums import AdapterKind, HashKind, SavedWeights
from aigif._gen.types import Adapter, Aigif
from aigif.errors import AigifError, ModelError, UsageError
from aigif.file import section
from aigif.runtime.adapterfile import AdapterWeights, from_payload, read_file
from aigif.runtime.hashing import file_hash, file_sha256
from aigif.runtime.honour import Unhonoured
from aigif.runtime.inversions import read_inversion
from aigif.runtime.lora import Lora
from aigif.runtime.options import label_of
from aigif.runtime.registry import EMBEDDED, few_step_file
from aigif.runtime.store.find import find_adapter
from aigif.runtime.store.header import read_header
from aigif.runtime.store.lycoris import Lycoris, read_lycoris
from aigif.runtime.store.recognise import Kind, recognise
from aigif.runtime.torchlib import require

__all__ = [
    "APPLYING",
    "NO_ADAPTERS",
    "Adapters",
    "check_adapters",
    "kind_of",
    "locate_adapters",
    "lora_of",
    "read_adapters",
]

APPLIED = (AdapterKind.LORA, AdapterKind.LYCORIS, AdapterKind.TEXTUAL_INVERSION)
"""The kinds that this version applies."""

APPLYING = "applying an adapter"
_ELEMENT = "model.adapters"
_IN_FILE = Path()


@dataclass(frozen=True, slots=True)
class Adapters:
    """Adapters that were read and are to be applied: LoRAs, LyCORIS with their weights on the denoising network and
    on the text models, and the vectors of textual inversions, for each text model, by their words."""

    loras: tuple[Lora, ...] = ()
    lycoris: tuple[tuple[Lycoris, float, float], ...] = ()
    inversions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


NO_ADAPTERS = Adapters()


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
    elif adapters[0].kind != AdapterKind.LORA:
        unhonoured.add(element, "the adapter in the file is no LoRA, and only those are read from a file")


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
) -> tuple[Adapters, list[str]]:
    """The adapters that a file names, from where `locate_adapters` found them, and warnings.

    `skip` are places in the list that an approximation goes without. Raises ModelError where one is missing, or has
    another hash than the recorded one; MissingPackageError without peft.
    """
    loras: list[Lora] = []
    lycoris: list[tuple[Lycoris, float, float]] = []
    inversions: dict[str, Mapping[str, Any]] = {}
    warnings: list[str] = []
    for at, (record, place) in enumerate(zip(aigif.model.adapters, places, strict=True)):
        if at in skip:
            continue
        if place is None:
            raise ModelError(
                f"the picture was made with an adapter{_described(record)}, which the file doesn't hold",
                element=_ELEMENT,
                hint="give its safetensors file (adapter=..., --adapter FILE), or add it to the store "
                "(aigif models add FILE)",
            )
        if place == _IN_FILE:
            require("peft", APPLYING)
            content = from_payload(_saved(aigif) or b"", aigif.compression.model_compressor, max_bytes)
            loras.append(lora_of(record, content))
            continue
        warnings += _check_hash(record, place, at)
        if record.kind == AdapterKind.TEXTUAL_INVERSION:
            inversions[str(record.name)] = read_inversion(place)
        elif kind_of(place) == Kind.LYCORIS:
            if (record.start, record.end) != (0.0, 1.0):
                warnings.append(f"{_ELEMENT}[{at}]: a LyCORIS acts at every step here")
            lycoris.append((read_lycoris(place), record.weight, record.text_weight))
        else:
            require("peft", APPLYING)
            loras.append(lora_of(record, read_file(place)[1]))
    return Adapters(tuple(loras), tuple(lycoris), inversions), warnings


def kind_of(path: Path) -> Kind:
    """What an adapter's file is by its header; LORA where that can't be read, for its reader to refuse."""
    try:
        return recognise(read_header(path)).kind
    except AigifError:
        return Kind.LORA


def lora_of(record: Adapter, content: AdapterWeights) -> Lora:
    """A LoRA with the weights and the range of its record."""
    return Lora(content, record.weight, record.text_weight, record.start, record.end)


def _wanted_by(path: Path, records: Sequence[Adapter], places: Sequence[Path | None]) -> int | None:
    free = [at for at, place in enumerate(places) if place is None]
    if len(records) == 1 and free:
        return 0
    digest = file_sha256(path) if path.is_file() else b""
    hashed = [at for at in free if records[at].weight_hash and digest.startswith(records[at].weight_hash)]
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


def _check_hash(record: Adapter, path: Path, at: int) -> list[str]:
    if not record.weight_hash:
        return ["the file records no hash of its adapter, so it can't be checked that the given one is meant"]
    kind = label_of(HashKind, record.hash_kind)
    try:
        here = file_hash(path, record.hash_kind)
    except ModelError:
        return [f"the file records a hash of kind {kind} of its adapter, which can't be checked here"]
    except OSError as error:
        raise ModelError(f"the adapter can't be read: {error.strerror}", file=str(path)) from error
    if not here.startswith(record.weight_hash):
        raise ModelError(
            f"the adapter is not the one that the file names: its {kind} hash begins with "
            f"{here[: len(record.weight_hash)].hex()}, recorded is {record.weight_hash.hex()}",
            file=str(path),
            element=f"{_ELEMENT}[{at}].weight_hash",
            hint="give the very file that the picture was made with",
        )
    return []


def _described(record: Adapter) -> str:
    name = f" {record.name[:100]!r}" if isinstance(record.name, str) and record.name else ""
    digest = record.weight_hash.hex()
    return name + (f" (hash {digest})" if digest else "")
