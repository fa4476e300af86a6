"""The few-step weights: a low-rank addition to the UNet (LoRA, Hu et al., 2021), small enough to be packaged.

The file has the names that diffusers' ``load_lora_weights`` expects (``unet.<module>.lora_A.weight`` and
``lora_B``), so that a machine with peft can load it that way; ``add_low_rank`` does without peft.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from benchmarks.world.architecture import UNet

FEW_STEPS: Final = 4
FEW_STEP_FILE: Final = "few_step_lora.safetensors"
RANK: Final = 8
PREFIX: Final = "unet."


def adaptable(unet: UNet) -> dict[str, nn.Conv2d | nn.Linear]:
    """The convolutions and linear layers that a low-rank addition changes, by module name."""
    return {
        name: module for name, module in unet.named_modules() if isinstance(module, nn.Conv2d | nn.Linear)
    }


def product(narrow: Tensor, wide: Tensor) -> Tensor:
    """The change, (out, in, ...), of ``lora_A``, (rank, in, ...), and ``lora_B``, (out, rank, ...)."""
    change = wide.flatten(1) @ narrow.flatten(1)
    return change.reshape(wide.shape[0], *narrow.shape[1:])


@torch.no_grad()
def add_low_rank(unet: UNet, path: Path) -> None:
    """Add the low-rank weights of a safetensors file to a UNet, in place.

    Raises:
        FileNotFoundError: there is no such file.
        KeyError: the file does not fit the UNet.
    """
    tensors = load_file(path)
    modules = adaptable(unet)
    for key, narrow in tensors.items():
        if not key.endswith(".lora_A.weight"):
            continue
        stem = key.removesuffix(".lora_A.weight")
        weight = modules[stem.removeprefix(PREFIX)].weight
        weight += product(narrow.float(), tensors[f"{stem}.lora_B.weight"].float()).to(weight.dtype)


def write_few_step(tensors: dict[str, Tensor], path: Path) -> None:
    """Write low-rank tensors as a safetensors file; one entry of metadata, for several have no fixed order."""
    save_file(tensors, path, metadata={"format": "pt"})
