"""Loading a single-file model by diffusers' `from_single_file`, without the network.

diffusers 0.42 needs beside the file a folder of configurations in the hub's layout (`config=`), which is written here
from the facts in `configs`, and the tokenizers, which are handed over as objects. Everything else is in the file.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from aigif.errors import AigifError, ModelError
from aigif.runtime.families import ALLOWED
from aigif.runtime.store import configs
from aigif.runtime.store.checkpoint import Checkpoint
from aigif.runtime.store.header import read_header
from aigif.runtime.store.recognise import UNET, Kind
from aigif.runtime.store.tokenizers import load_tokenizer, tokenizer_of
from aigif.runtime.torchlib import quiet, require

__all__ = ["load_checkpoint"]

_DROPPED: dict[str, dict[str, object]] = {
    "StableDiffusionPipeline": {"safety_checker": None, "requires_safety_checker": False},
    "StableDiffusionXLPipeline": {"add_watermarker": False},
    "StableDiffusionXLImg2ImgPipeline": {"add_watermarker": False},
}
# Parts that change pictures after the fact; families.ALLOWED leaves the same ones out of folders.


def load_checkpoint(checkpoint: Checkpoint, dtype: str, device: str, *, download: bool = False) -> Any:
    """The pipeline of a single-file model, with weights of torch's data type `dtype` on `device`.

    `download` allows fetching CLIP's vocabulary where no folder on this machine has it; nothing else is ever fetched.
    Raises ModelError where there is no tokenizer, or the file's weights are not all of the model.
    """
    torch = require("torch")
    try:
        with quiet():
            if checkpoint.kind == Kind.DENOISER:
                pipe = _around_denoiser(checkpoint, getattr(torch, dtype))
            else:
                pipe = _whole(checkpoint, getattr(torch, dtype), download)
            _check_complete(checkpoint, pipe)
            return pipe.to(device)
    except AigifError:
        raise
    except NotImplementedError as error:  # how torch says that a tensor was never given
        raise ModelError(
            "the file lacks tensors that a model of its family has",
            file=str(checkpoint.path),
            hint="get the file again, or give the model as a folder in the hub's layout",
        ) from error
    except Exception as error:  # of diffusers, transformers, safetensors, torch
        raise ModelError(
            f"the model can't be loaded: {type(error).__name__}: {error}",
            file=str(checkpoint.path),
            hint="see whether the file is complete, and whether it is a model of the family "
            f"{checkpoint.family} with its usual layers",
        ) from error


def _whole(checkpoint: Checkpoint, dtype: Any, download: bool) -> Any:
    family = checkpoint.family
    folder = tokenizer_of(checkpoint, fetch=download)
    parts = {name: load_tokenizer(folder, pad) for name, pad in configs.TOKENIZER_PADS[family].items()}
    if family == "sdxl-refiner":
        parts |= {"text_encoder": None, "tokenizer": None}
    kind = getattr(require("diffusers"), checkpoint.pipeline)
    with tempfile.TemporaryDirectory(prefix="aigif-") as place:
        configs.write_folder(Path(place), family, checkpoint.prediction)
        return kind.from_single_file(
            str(checkpoint.path),
            config=place,
            local_files_only=True,
            dtype=dtype,
            **parts,
            **_DROPPED[checkpoint.pipeline],
        )


def _around_denoiser(checkpoint: Checkpoint, dtype: Any) -> Any:
    """The base folder's pipeline with the file's denoising network in the place of its own."""
    diffusers, base = require("diffusers"), checkpoint.base
    assert base is not None
    part = "unet" if "unet" in base.components else "transformer"
    network = getattr(diffusers, base.class_of(part)).from_single_file(
        _tensors(checkpoint),
        config=str(base.path),
        subfolder=part,
        local_files_only=True,
        dtype=dtype,
    )
    rules = ALLOWED.get(base.pipeline)
    return getattr(diffusers, base.pipeline).from_pretrained(
        str(base.path),
        dtype=dtype,
        use_safetensors=True,
        local_files_only=True,
        **{part: network},
        **({"variant": base.variant} if base.variant else {}),
        **(rules.left_out if rules is not None else {}),
    )


def _tensors(checkpoint: Checkpoint) -> Any:
    """The file, or its tensors with the prefix that diffusers expects where the file has them without one."""
    header = read_header(checkpoint.path)
    if "input_blocks.0.0.weight" not in header.tensors:
        return str(checkpoint.path)
    tensors = require("safetensors.torch").load_file(str(checkpoint.path))
    return {UNET + name: tensor for name, tensor in tensors.items()}


def _check_complete(checkpoint: Checkpoint, pipe: Any) -> None:
    torch = require("torch")
    parts = {name: part for name, part in pipe.components.items() if isinstance(part, torch.nn.Module)}
    for name, part in parts.items():
        lacking = [key for key, value in part.named_parameters() if value.is_meta]
        if lacking:
            raise ModelError(
                f"the file lacks {len(lacking)} tensors of the model's {name}, the first of them {lacking[0]}",
                file=str(checkpoint.path),
                hint="get the file again, or give the model as a folder in the hub's layout",
            )
    unet = parts.get("unet")
    if unet is not None:
        given = checkpoint.denoiser_parameters()
        here = sum(value.numel() for value in unet.parameters())
        if here != given:
            raise ModelError(
                f"the file's network has {given} numbers, that of the family {checkpoint.family} has {here}: it has "
                "other layers",
                file=str(checkpoint.path),
                hint="give the model as a folder in the hub's layout, which says what its layers are",
            )
