"""A model that is a single safetensors file: the same questions as a model folder answers."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from statistics import pstdev
from typing import Any

from aigif._gen.enums import HashKind
from aigif.errors import ModelError
from aigif.runtime.hashing import file_hash
from aigif.runtime.modelfolder import ModelFolder
from aigif.runtime.store import configs
from aigif.runtime.store.configs import Prediction
from aigif.runtime.store.header import Header, read_header
from aigif.runtime.store.recognise import UNET, Kind, recognise

__all__ = ["Checkpoint", "open_checkpoint"]

_V_TENSOR = f"{UNET}output_blocks.11.1.transformer_blocks.0.norm1.bias"
_V_SPREAD = 0.09
# ComfyUI tells SD 2 with v prediction by the standard deviation of this tensor (SD20.model_type in
# comfy/supported_models.py, which itself doubts that it always works).


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A single-file model that passed the policy."""

    path: Path
    kind: Kind
    """checkpoint, or denoiser: then text models and VAE come from `base`."""
    family: str
    pipeline: str
    """The diffusers class that runs it."""
    prediction: Prediction
    base: ModelFolder | None
    notes: tuple[str, ...]
    """What isn't certain about it, as warnings."""

    def hash(self, kind: int = HashKind.SHA256) -> bytes:
        """The hash of the file, of any kind but `folder`: 32 bytes, 4 for crc32."""
        return file_hash(self.path, kind)

    def denoiser_parameters(self) -> int:
        """How many numbers the denoising network's weights hold, read from the file's header alone."""
        header = read_header(self.path)
        return header.parameters(UNET) or header.parameters()

    def config(self, component: str) -> dict[str, Any]:
        """The diffusers configuration of a component: scheduler, unet, vae, text_encoder …

        Raises ModelError where the model has no such component.
        """
        if self.base is not None:
            return self.base.config(component)
        if component == "scheduler":
            return configs.scheduler_config(self.family, self.prediction)
        known = configs.components(self.family, self.prediction)
        if component not in known:
            raise ModelError(f"the model has no component {component!r}", file=str(self.path))
        return known[component]


def open_checkpoint(path: Path, base: ModelFolder | None = None) -> Checkpoint:
    """Look at the header of a single-file model; no weight is read.

    `base` is the folder that lends text models and VAE to a file which holds the denoising network alone.

    Raises PolicyError for a pickle; ModelError where the file can't be read, is no model for pictures from text, or
    lacks parts that `base` doesn't give.
    """
    if not path.is_file():
        raise ModelError(
            "there is no such file", file=str(path), hint="give a model's safetensors file or its folder"
        )
    header = read_header(path)
    found = recognise(header)
    if found.kind not in (Kind.CHECKPOINT, Kind.DENOISER):
        raise ModelError(
            f"the file is no model but: {found.refused or found.kind}",
            file=str(path),
            hint="give the model's file",
        )
    if found.refused:
        raise ModelError(f"the model can't be used: {found.refused}", file=str(path))
    if found.kind == Kind.DENOISER:
        return _denoiser(path, found.family, found.pipeline, base)
    problem = configs.misfit(header, found.family)
    if problem:
        raise ModelError(
            f"the model's layers are not those of its family: {problem}",
            file=str(path),
            hint="give the model as a folder in the hub's layout, which says what its layers are",
        )
    prediction, notes = _prediction(path, header, found.family, found.detail)
    return Checkpoint(path, found.kind, found.family, found.pipeline, prediction, None, notes)


def _denoiser(path: Path, family: str, pipeline: str, base: ModelFolder | None) -> Checkpoint:
    if base is None or base.pipeline != pipeline:
        raise ModelError(
            f"the file holds the denoising network alone; text models and VAE have to come from a {pipeline}",
            file=str(path),
            hint=f"add a folder of the family {family} to the store: `aigif models add DIR`",
        )
    note = f"the file holds the denoising network alone; text models and VAE are those of {base.path}"
    return Checkpoint(path, Kind.DENOISER, family, pipeline, Prediction(), base, (note,))


def _prediction(path: Path, header: Header, family: str, detail: str) -> tuple[Prediction, tuple[str, ...]]:
    if detail.startswith("prediction v"):
        return Prediction(v=True, zero_terminal_snr="zero terminal" in detail), ()
    if family != "sd2" or detail == "prediction epsilon":
        return Prediction(), ()
    spread = _spread(path, header)
    v = spread > _V_SPREAD
    shown = "the velocity" if v else "the noise"
    return Prediction(v=v), (
        f"the file doesn't say what its network predicts; {shown} is assumed, from the spread of one tensor as "
        "ComfyUI does it",
    )


def _spread(path: Path, header: Header) -> float:
    """The standard deviation of the tensor that tells; 0 where it is missing or of another type."""
    info = header.tensors.get(_V_TENSOR)
    if info is None or info.end - info.begin > 1 << 20 or info.dtype not in ("F16", "F32", "BF16"):
        return 0.0
    with path.open("rb") as file:
        file.seek(info.begin)
        data = file.read(info.end - info.begin)
    if info.dtype == "BF16":  # the upper half of a float32
        data = b"".join(b"\0\0" + data[at : at + 2] for at in range(0, len(data), 2))
    form = "e" if info.dtype == "F16" else "f"
    numbers = struct.unpack(f"<{len(data) // struct.calcsize(form)}{form}", data)
    return pstdev(numbers) if numbers else 0.0
