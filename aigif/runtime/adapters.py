"""The adapter of a picture: recorded when the picture is made, found again when it is recreated.

One LoRA is applied. Its weights are in the file (`compression.saved_weights` is `adapter`), or in a file that the
person names, or in the package where they belong to the embedded model; they are never looked for elsewhere.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from aigif._gen.container import WEIGHT_PAYLOAD_BYTES, WEIGHTS_SECTION
from aigif._gen.enums import AdapterKind, HashKind, ModelCompressor, SavedWeights
from aigif._gen.types import Adapter, Aigif
from aigif.errors import ModelError, UsageError
from aigif.file import section
from aigif.runtime.adapterfile import SETTINGS, from_payload, read_file
from aigif.runtime.honour import Unhonoured
from aigif.runtime.lora import Lora
from aigif.runtime.options import label_of
from aigif.runtime.registry import EMBEDDED, few_step_file
from aigif.runtime.torchlib import require
from aigif.weights import encode

__all__ = ["ChosenAdapter", "check_adapters", "choose_adapter", "lacks_adapter", "recorded_adapter"]

_HASH_BYTES = 8
_ELEMENT = "model.adapters"
_PURPOSE = "applying an adapter"


@dataclass(frozen=True, slots=True)
class ChosenAdapter:
    """An adapter for a new picture: what is recorded, what is applied, and the weights section, if any."""

    record: Adapter
    lora: Lora
    payload: bytes | None
    saved_as: ModelCompressor | None


def choose_adapter(
    path: str | os.PathLike[str], weight: float, saved_as: ModelCompressor | None
) -> ChosenAdapter:
    """The LoRA in the safetensors file `path`, for a new picture.

    `saved_as` makes a weights section of it: with none that is the file as it is, with int8 what is applied is the
    section's content, so that it is recreated bit for bit. Raises as `adapterfile.read_file` does, and
    MissingPackageError without peft.
    """
    require("peft", _PURPOSE)
    data, content = read_file(path)
    payload = None
    if saved_as == ModelCompressor.NONE:
        payload = data
    elif saved_as is not None:
        payload = encode(
            content.tensors, saved_as, {SETTINGS: content.settings} if content.settings else None
        )
        content = from_payload(payload, saved_as, WEIGHT_PAYLOAD_BYTES)
    record = Adapter(
        name=Path(path).stem,
        weight_hash=hashlib.sha256(data).digest()[:_HASH_BYTES],
        weight=float(weight),
        text_weight=float(weight),
    )
    return ChosenAdapter(record, Lora(content, record.weight, record.text_weight), payload, saved_as)


def check_adapters(aigif: Aigif, unhonoured: Unhonoured) -> None:
    """Add to `unhonoured` what this version does not do with adapters."""
    adapters, compression = aigif.model.adapters, aigif.compression
    reason = None
    if len(adapters) > 1:
        reason = "this version applies one adapter only"
    elif adapters and adapters[0].kind != AdapterKind.LORA:
        reason = f"this version applies adapters of kind lora, not {label_of(AdapterKind, adapters[0].kind)}"
    elif adapters and (adapters[0].start, adapters[0].end) != (0.0, 1.0):
        reason = "this version applies an adapter at every step"
    if reason:
        unhonoured.add(_ELEMENT, reason)
    if not compression.saving_model or compression.saved_weights == SavedWeights.MODEL:
        return
    if compression.saved_weights != SavedWeights.ADAPTER:
        unhonoured.add("compression.saved_weights", "this version doesn't know what the saved weights are")
    elif not adapters:
        unhonoured.add(
            "compression.saved_weights", "the file holds an adapter and doesn't say how to apply it"
        )


def lacks_adapter(aigif: Aigif, given: str | os.PathLike[str] | None) -> bool:
    """Whether the file names an adapter that is neither in it, nor given, nor in the package."""
    return bool(aigif.model.adapters) and _packaged(aigif, given) is None and _saved(aigif) is None


def recorded_adapter(
    aigif: Aigif, given: str | os.PathLike[str] | None, max_bytes: int
) -> tuple[Lora | None, list[str]]:
    """The adapter that a file names, and warnings; (None, []) where it names none.

    `given` is the safetensors file that the person names where the file doesn't hold the adapter. Raises ModelError
    where it is missing, or its SHA-256 is not the recorded one; UsageError where one is given that isn't wanted;
    MissingPackageError without peft.
    """
    payload = _saved(aigif)
    if given is not None and (payload is not None or not aigif.model.adapters):
        raise UsageError(
            "the file holds its adapter itself" if payload is not None else "the file names no adapter",
            element=_ELEMENT,
            hint="leave out the adapter that was given (adapter=..., --adapter)",
        )
    if not aigif.model.adapters:
        return None, []
    require("peft", _PURPOSE)
    record = aigif.model.adapters[0]
    given = _packaged(aigif, given)
    warnings: list[str] = []
    if payload is not None:
        content = from_payload(payload, aigif.compression.model_compressor, max_bytes)
    elif given is not None:
        data, content = read_file(given)
        warnings = _check_hash(record, data, str(given))
    else:
        raise ModelError(
            f"the picture was made with an adapter{_described(record)}, which the file doesn't hold",
            element=_ELEMENT,
            hint="give its safetensors file (adapter=..., --adapter FILE)",
        )
    return Lora(content, record.weight, record.text_weight), warnings


def _packaged(aigif: Aigif, given: str | os.PathLike[str] | None) -> str | os.PathLike[str] | None:
    """What was given, or the embedded model's own adapter where the file names it and doesn't hold it."""
    wanted = aigif.model.adapters[0].name == few_step_file().stem and _saved(aigif) is None
    return few_step_file() if given is None and wanted and aigif.model.model_id == EMBEDDED else given


def _saved(aigif: Aigif) -> bytes | None:
    if aigif.compression.saved_weights != SavedWeights.ADAPTER:
        return None
    return section(aigif, WEIGHTS_SECTION)


def _check_hash(record: Adapter, data: bytes, file: str) -> list[str]:
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
            element=f"{_ELEMENT}[0].weight_hash",
            hint="give the very file that the picture was made with",
        )
    return []


def _described(record: Adapter) -> str:
    name = f" {record.name[:100]!r}" if isinstance(record.name, str) and record.name else ""
    digest = record.weight_hash.hex()
    return name + (f" (hash {digest})" if digest else "")
