"""Whose sampling is followed, and which part of a schedule is run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

__all__ = ["Convention", "Part", "Steps", "Strength", "Whole"]


class Convention(Enum):
    """The program whose arithmetic is followed where programs differ."""

    A1111 = "a1111"
    COMFYUI = "comfyui"


@dataclass(frozen=True, slots=True)
class Whole:
    """The whole schedule, from pure noise."""


@dataclass(frozen=True, slots=True)
class Strength:
    """The end of a longer schedule, from a noised latent: hires fix, img2img, a KSampler with denoise below 1.

    Attributes:
        denoising: Denoising strength, 0 to 1.
        steps_are_run: Whether the steps are those that run (A1111's hires fix, and its img2img with "exact steps";
            always so in ComfyUI); else they are those of the whole schedule (A1111's img2img).
    """

    denoising: float
    steps_are_run: bool = True


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps from `start` to before `end` (0: to the schedule's end), as ComfyUI's KSamplerAdvanced counts them.

    Attributes:
        start: The first step that runs; at 0 the run starts from noise, else from a noised latent.
        end: The step before which it stops; 0 runs to the end.
    """

    start: int = 0
    end: int = 0


Part: TypeAlias = Whole | Strength | Steps
