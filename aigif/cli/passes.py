"""Options of `aigif generate` that say how a picture is drawn: the tool's rules, and passes beyond the first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from aigif._gen.enums import UpscaleForm
from aigif._gen.types import Hires, Refiner, Variation

__all__ = ["drawing_options", "drawing_settings"]

F = TypeVar("F", bound=Callable[..., Any])

OPTIONS = (
    click.option(
        "--dialect",
        "prompt_dialect",
        default="plain",
        show_default=True,
        type=click.Choice(["plain", "a1111", "comfyui", "compel"]),
        help="How the prompt is read; a1111 and comfyui sample by their rules too.",
    ),
    click.option(
        "--noise",
        "noise_source",
        default="torch-cpu",
        show_default=True,
        type=click.Choice(["torch-cpu", "cuda-philox", "nv", "numpy"]),
        help="Where the noise comes from, computed on the CPU.",
    ),
    click.option(
        "--variation-seed", type=click.IntRange(0, 2**64 - 1), metavar="N", help="A second seed, mixed in."
    ),
    click.option("--variation-strength", type=click.FloatRange(0, 1), default=0.5, metavar="X"),
    click.option(
        "--hires", type=click.FloatRange(1, 64), metavar="SCALE", help="A second pass, so many times larger."
    ),
    click.option(
        "--hires-strength",
        type=click.FloatRange(0, 1, min_open=True),
        default=0.7,
        metavar="X",
        help="How much of the noise schedule it runs.",
    ),
    click.option(
        "--hires-steps", type=click.IntRange(0, 65535), default=0, metavar="N", help="0: as the first pass."
    ),
    click.option(
        "--hires-upscaler",
        default="",
        metavar="NAME",
        help="Latent, nearest-exact …; Lanczos and Nearest enlarge the picture.",
    ),
    click.option("--refiner", metavar="NAME", help="A model of the store that takes over near the end."),
    click.option(
        "--refiner-at",
        type=click.FloatRange(0, 1),
        default=0.8,
        metavar="X",
        help="The fraction of the steps.",
    ),
    click.option("--tiling", is_flag=True, help="Make a picture whose edges fit each other."),
)
_OF_PICTURES = frozenset({"Lanczos", "Nearest", "None"})


def drawing_options(command: F) -> F:
    """Adds the options."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def drawing_settings(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings of `aigif.generate`, from those of the command line."""
    seed, strength = settings.pop("variation_seed"), settings.pop("variation_strength")
    scale, upscaler = settings.pop("hires"), settings.pop("hires_upscaler")
    steps, denoising = settings.pop("hires_steps"), settings.pop("hires_strength")
    refiner, switch_at = settings.pop("refiner"), settings.pop("refiner_at")
    form = UpscaleForm.IMAGE if upscaler in _OF_PICTURES else UpscaleForm.LATENT
    hires = (
        Hires(scale=scale, steps=steps, denoising_strength=denoising, form=form, upscaler=upscaler)
        if scale
        else None
    )
    return settings | {
        "variation": None if seed is None else Variation(seed=seed, strength=strength),
        "hires": hires,
        "refiner": None if refiner is None else Refiner(name=refiner, switch_at=switch_at),
    }
