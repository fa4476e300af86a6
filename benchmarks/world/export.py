"""The packaged folder: a pipeline in hub layout, fp16 safetensors, put in place as a whole."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

import torch
from diffusers import StableDiffusionPipeline
from transformers import CLIPTextModel

from benchmarks.world.architecture import (
    Autoencoder,
    Pipeline,
    UNet,
    count_parameters,
    new_scheduler,
    new_text_encoder,
    new_unet,
    new_vae,
)
from benchmarks.world.few_step import FEW_STEP_FILE, write_few_step
from benchmarks.world.tokenizer import load_tokenizer, write_tokenizer

PACKAGED: Final = Path(__file__).resolve().parents[2] / "aigif" / "runtime" / "embedded"
BYTES_ALLOWED: Final = 12_000_000


def folder_bytes(folder: Path) -> int:
    """Bytes of all files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def fresh_text_encoder(tokenizer_folder: Path) -> CLIPTextModel:
    """An untrained text encoder that fits a tokenizer."""
    tokenizer = load_tokenizer(tokenizer_folder)
    return new_text_encoder(len(tokenizer), int(tokenizer.bos_token_id), int(tokenizer.eos_token_id))


def export(
    text_encoder: CLIPTextModel,
    unet: UNet,
    vae: Autoencoder,
    folder: Path = PACKAGED,
    few_step: dict[str, torch.Tensor] | None = None,
) -> int:
    """Write the pipeline, with the few-step tensors if any, to ``folder``, replacing it; return its bytes.

    The folder is prepared beside its place and renamed into it.

    Raises:
        ValueError: the folder would be larger than ``BYTES_ALLOWED``.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        write_tokenizer(work / "tokenizer")
        pipeline: Pipeline = StableDiffusionPipeline(  # type: ignore[no-untyped-call]
            vae=vae,
            text_encoder=text_encoder,
            tokenizer=load_tokenizer(work / "tokenizer"),
            unet=unet,
            scheduler=new_scheduler(),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )
        pipeline.to(torch.float16).save_pretrained(str(work), safe_serialization=True)
        shutil.rmtree(work / "tokenizer")
        write_tokenizer(work / "tokenizer")
        _compute_in_float32(work / "text_encoder" / "config.json")
        if few_step:
            write_few_step(few_step, work / FEW_STEP_FILE)
        size = folder_bytes(work)
        if size > BYTES_ALLOWED:
            raise ValueError(
                f"the pipeline takes {size} bytes, allowed are {BYTES_ALLOWED}; use fewer channels"
            )
        _let_all_read(work)
        _replace(work, folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return size


def _compute_in_float32(config: Path) -> None:
    """Have the text encoder load as float32, as diffusers' own models do, whatever the file holds."""
    values = json.loads(config.read_text())
    values["dtype"] = "float32"
    config.write_text(json.dumps(values, indent=2, sort_keys=True) + "\n")


def _let_all_read(folder: Path) -> None:
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _replace(new: Path, folder: Path) -> None:
    old = new.with_name(new.name + ".old")
    if folder.exists():
        os.rename(folder, old)
    os.rename(new, folder)
    shutil.rmtree(old, ignore_errors=True)


def export_untrained(folder: Path = PACKAGED) -> int:
    """Write a pipeline with random weights from seed 0: for tests of everything around the weights."""
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as scratch:
        write_tokenizer(Path(scratch))
        text_encoder = fresh_text_encoder(Path(scratch))
    unet, vae = new_unet(), new_vae()
    for name, module in (("text encoder", text_encoder), ("unet", unet), ("vae", vae)):
        print(f"{name}: {count_parameters(module):,} weights")
    return export(text_encoder, unet, vae, folder)
