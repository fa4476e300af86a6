"""Loading what stands beside a model: a VAE of its own file, and textual inversions."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigif.errors import AigifError, CorruptError, ModelError
from aigif.runtime.store.header import read_header
from aigif.runtime.store.recognise import Kind, recognise
from aigif.runtime.torchlib import quiet, require
from aigif.weights import decode

__all__ = ["Embedding", "load_vae", "read_embedding"]

_MOST_EMBEDDING_BYTES = 64 << 20
_ENCODERS = {"emb_params": "text_encoder", "clip_l": "text_encoder", "clip_g": "text_encoder_2"}


@dataclass(frozen=True, slots=True)
class Embedding:
    """A textual inversion: vectors that stand for a word of the prompt."""

    name: str
    """The word: the file's name without ending, as AUTOMATIC1111 and ComfyUI have it."""
    vectors: Mapping[str, Any]
    """For each text model (text_encoder, text_encoder_2) a float32 tensor on the CPU: vectors x width."""


def load_vae(path: Path, own: Any, dtype: str, device: str) -> Any:
    """The VAE of a single safetensors file, or of a folder in the hub's layout, in the place of a pipeline's own one.

    `own` is the pipeline's VAE. A single file holds no configuration; it gets that of `own`, as the programs that
    exchange VAEs do: the latent's scale stays the model's. Names may be CompVis' or diffusers'.

    Raises PolicyError for a pickle, ModelError where the file is no VAE or doesn't fit.
    """
    torch, kind = require("torch"), type(own)
    if path.is_dir():
        read = _of_folder
        if not (path / "config.json").is_file() or not list(path.glob("*.safetensors")):
            raise ModelError(
                "the folder is no VAE in the hub's layout with safetensors weights", file=str(path)
            )
    else:
        read = _of_file
        found = recognise(read_header(path))
        if found.kind != Kind.VAE or found.refused:
            raise ModelError(
                f"the file is no VAE that can be used: {found.refused or found.kind}", file=str(path)
            )
    try:
        with quiet():
            vae = read(kind, path, own, getattr(torch, dtype))
    except AigifError:
        raise
    except Exception as error:  # of diffusers, safetensors, torch
        raise ModelError(
            f"the VAE can't be loaded: {type(error).__name__}: {error}",
            file=str(path),
            hint="see whether it is a VAE for this family of models",
        ) from error
    lacking = [name for name, value in vae.named_parameters() if value.is_meta]
    if lacking:
        raise ModelError(
            f"the VAE's file lacks {len(lacking)} tensors, the first of them {lacking[0]}", file=str(path)
        )
    if vae.config.latent_channels != own.config.latent_channels:
        raise ModelError(
            f"the VAE's latent has {vae.config.latent_channels} channels, the model's {own.config.latent_channels}",
            file=str(path),
        )
    return vae.to(device)


def _of_file(kind: Any, path: Path, own: Any, dtype: Any) -> Any:
    with tempfile.TemporaryDirectory(prefix="aigif-") as place:
        own.save_config(place)
        return kind.from_single_file(str(path), config=place, local_files_only=True, dtype=dtype)


def _of_folder(kind: Any, path: Path, own: Any, dtype: Any) -> Any:
    return kind.from_pretrained(str(path), dtype=dtype, use_safetensors=True, local_files_only=True)


def read_embedding(path: Path) -> Embedding:
    """The vectors of a textual inversion in a safetensors file.

    Known are AUTOMATIC1111's `emb_params` and `clip_l` with `clip_g`, and diffusers' one tensor under its token.
    Embeddings are common as .pt and .bin files, and inside pictures: those are pickles or hide them, and are refused.

    Raises PolicyError for a pickle, ModelError for what is no textual inversion.
    """
    header = read_header(path)
    found = recognise(header)
    if found.kind != Kind.EMBEDDING:
        raise ModelError(
            f"the file is no textual inversion but: {found.refused or found.kind}", file=str(path)
        )
    try:
        tensors = decode(path.read_bytes(), 0, _MOST_EMBEDDING_BYTES)
    except (CorruptError, OSError) as error:
        raise ModelError(f"the textual inversion can't be read: {error}", file=str(path)) from error
    vectors = {}
    for name, tensor in tensors.items():
        if len(tensor.shape) not in (1, 2) or tensor.dtype not in ("F16", "BF16", "F32", "F64"):
            raise ModelError(f"the tensor {name[:60]!r} is no list of vectors", file=str(path))
        encoder = _ENCODERS.get(name, "text_encoder" if len(tensors) == 1 else "")
        if encoder:
            vectors[encoder] = tensor.to_torch().float().reshape(-1, tensor.shape[-1])
    return Embedding(path.stem, vectors)
