"""Checkpoint files that are a model of the schema's table beyond doubt, by the SHA-256 of the file.

Hashes: as Hugging Face and Civitai publish them for these files. A name alone is believed only where it is the
published file's own; a name beside another hash is not.
"""

from __future__ import annotations

from typing import NamedTuple

from aigif._gen.tables import model as model_table

_LEAST_BYTES = 5


class Checkpoint(NamedTuple):
    """A published file: the model's name in the table, the file's name without ending, its SHA-256."""

    model: str
    stem: str
    sha256: bytes


def _code(model: str) -> int:
    code = model_table.TABLE.code_of(model)
    if code is None:
        raise KeyError(model)
    return code


UNLISTED = _code("unlisted")
CHECKPOINTS = tuple(
    Checkpoint(model, stem, bytes.fromhex(sha256))
    for model, stem, sha256 in (
        (
            "stable-diffusion-v1-5",
            "v1-5-pruned-emaonly",
            "6ce0161689b3853acaa03779ec93eafe75a02f4ced659bee03f50797806fa2fa",
        ),
        (
            "stable-diffusion-v1-5",
            "v1-5-pruned-emaonly",
            "cc6cb27103417325ff94f52b7a5d2dde45a7515b25c255d8e396c90014281516",
        ),
        (
            "stable-diffusion-v1-4",
            "sd-v1-4",
            "fe4efff1e174c627256e44ec2991ba279b3816e364b49f9be2abc0b3ff3f8556",
        ),
        (
            "stable-diffusion-2-1",
            "v2-1_768-ema-pruned",
            "ad2a33c361c1f593c4a1fb32ea81afce2b5bb7d1983c6b94793a26a3b54b08a0",
        ),
        (
            "stable-diffusion-xl-base-1-0",
            "sd_xl_base_1.0",
            "31e35c80fc4829d14f90153f4c74cd59c90b779f6afe05a74cd6120b893f7e5b",
        ),
        (
            "stable-diffusion-xl-refiner-1-0",
            "sd_xl_refiner_1.0",
            "7440042bbdc8a24813002c09b6b69b64dc90fded4472613437b7f55f9b7d9c5f",
        ),
        (
            "dreamshaper-8",
            "dreamshaper_8",
            "879db523c30d3b9017143d56705015e15a2cb5628762c11d086fed9538abd7fd",
        ),
        (
            "pony-diffusion-v6-xl",
            "ponyDiffusionV6XL_v6StartWithThisOne",
            "67ab2fd8ec439a89b3fedb15cc65f54336af163c7eb5e4f2acc98f090a29b0b3",
        ),
    )
)


def identified(name: str, sha256: bytes | None) -> int:
    """The code of the model that a file is, by at least 5 bytes of its SHA-256, or by its name where `sha256` is
    None; `unlisted` where it is none of these. Give b"" for a hash of another kind: it proves nothing."""
    for checkpoint in CHECKPOINTS:
        if sha256 is None:
            certain = name == checkpoint.stem
        else:
            certain = len(sha256) >= _LEAST_BYTES and checkpoint.sha256.startswith(sha256)
        if certain:
            return _code(checkpoint.model)
    return UNLISTED


def stem_of(model: int) -> str | None:
    """The published file's name of a model; None where none is known."""
    name = model_table.TABLE.name_of(model)
    return next((checkpoint.stem for checkpoint in CHECKPOINTS if checkpoint.model == name), None)
