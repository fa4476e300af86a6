"""Whose rules a file's noise follows, and the seeds that those rules give."""

from __future__ import annotations

from enum import Enum

from aigif._gen.enums import BatchGenerators, NoiseSource, PromptDialect, StepNoise
from aigif._gen.tables import program as program_table
from aigif._gen.types import Aigif, SamplerOptions, Variation
from aigif.runtime.noise.sources import unsupported_noise

__all__ = ["Convention", "convention_of", "first_source", "picture_seeds", "step_seed", "step_source"]


class Convention(Enum):
    """The tools whose rules for noise differ."""

    A1111 = "a1111"
    COMFYUI = "comfyui"
    INVOKEAI = "invokeai"
    DIFFUSERS = "diffusers"


_DIALECTS = {
    PromptDialect.A1111: Convention.A1111,
    PromptDialect.COMFYUI: Convention.COMFYUI,
    PromptDialect.SWARMUI: Convention.COMFYUI,
    PromptDialect.FOOOCUS: Convention.COMFYUI,
}
_PROGRAMS = {
    "automatic1111": Convention.A1111,
    "forge": Convention.A1111,
    "forge-classic": Convention.A1111,
    "forge-neo": Convention.A1111,
    "reforge": Convention.A1111,
    "comfyui": Convention.COMFYUI,
    "swarmui": Convention.COMFYUI,
    "fooocus": Convention.COMFYUI,
    "stability-matrix": Convention.COMFYUI,
    "invokeai": Convention.INVOKEAI,
}
_STEP_SOURCES = {
    StepNoise.TORCH_CPU: NoiseSource.TORCH_CPU,
    StepNoise.CUDA_PHILOX: NoiseSource.CUDA_PHILOX,
}


def convention_of(aigif: Aigif) -> Convention:
    """The convention of model.prompt_dialect, else of platform.program, else diffusers' own."""
    dialect = aigif.model.prompt_dialect
    if dialect in _DIALECTS:
        return _DIALECTS[PromptDialect(dialect)]
    name = program_table.TABLE.name_of(aigif.platform.program)
    return _PROGRAMS.get(name or "", Convention.DIFFUSERS)


def first_source(aigif: Aigif) -> NoiseSource:
    """The source of the first noise: the file's, or torch's CPU generator where this version lacks the file's.

    The second case is an approximation, which `unsupported_noise` names before anything runs.
    """
    if unsupported_noise(aigif.platform) is not None:
        return NoiseSource.TORCH_CPU
    return NoiseSource(aigif.platform.noise_source)


def step_source(aigif: Aigif) -> NoiseSource | None:
    """The source of the samplers' fresh noise where it has a generator of its own; None where the first goes on."""
    options = aigif.model.sampler_options or SamplerOptions()
    step_noise = options.step_noise
    return _STEP_SOURCES[StepNoise(step_noise)] if step_noise in _STEP_SOURCES else None


def step_seed(convention: Convention, source: NoiseSource, seed: int) -> int:
    """The seed of a generator that is the sampler's own.

    ComfyUI takes the same seed, and on a CPU the next one, since otherwise the first fresh noise would be the start's
    (comfy/k_diffusion/sampling.py, `default_noise_sampler`; before December 2025, pull request 11528, the same seed
    there too). InvokeAI flips the low 32 bits (invokeai/app/invocations/denoise_latents.py). Others: the same seed.
    """
    if convention is Convention.COMFYUI and source == NoiseSource.TORCH_CPU:
        return seed + 1
    if convention is Convention.INVOKEAI:
        return seed ^ 0xFFFFFFFF
    return seed


def picture_seeds(aigif: Aigif, pictures: int) -> list[tuple[int, int]] | None:
    """(seed, variation seed) of each of `pictures` in a batch; None where one generator serves them all.

    The file records the seeds of its own picture. Its neighbours' are AUTOMATIC1111's: one more for each picture, of
    the variation seed where there is a variation, else of the seed (modules/processing.py, `process_images_inner`).
    Where only one picture is drawn, it is the file's own.
    """
    data = aigif.data
    separate = data.batch_generators == BatchGenerators.SEPARATE
    if not separate and convention_of(aigif) is not Convention.A1111:
        return None
    variation = data.variation or Variation()
    position = data.batch_position if pictures > 1 else 0
    places = [place - position for place in range(pictures)]
    if variation.strength:
        return [(data.seed, variation.seed + place) for place in places]
    return [(data.seed + place, variation.seed) for place in places]
