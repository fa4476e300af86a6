"""Which elements this version can't honour on any model."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from aigif import grading
from aigif._gen.enums import Completeness, DataType, PromptDialect, UpscaleForm
from aigif._gen.types import Aigif, Hires
from aigif.errors import ElementError
from aigif.runtime.adapters import check_adapters
from aigif.runtime.exact import unsupported_arithmetic
from aigif.runtime.families import ALLOWED, PipelineRules
from aigif.runtime.honour import Unhonoured
from aigif.runtime.noise import check_batch, unsupported_noise
from aigif.runtime.options import DTYPES
from aigif.runtime.prompts import encodes, unsupported_prompt
from aigif.runtime.toolplan import ToolPlan
from aigif.runtime.torchlib import require
from aigif.runtime.upscale import unknown_upscaler

__all__ = ["check_elements", "check_passes", "check_prompts"]


def check_passes(
    syntax: Aigif,
    rules: PipelineRules,
    refiner: bool,
    tool: ToolPlan | None,
    arguments: Mapping[str, Any],
    unhonoured: Unhonoured,
) -> None:
    """Add to `unhonoured` the passes that a pipeline class can't make.

    `refiner` says whether its model was found, `tool` how a tool samples, `arguments` are those of the first pass.
    """
    data = syntax.data
    if data.refiner is not None:
        if rules is not ALLOWED["StableDiffusionXLPipeline"]:
            unhonoured.add("data.refiner", "only Stable Diffusion XL hands its latent to a refiner")
        elif not refiner:
            unhonoured.add("data.refiner", "the refiner's model is not on this machine")
        elif tool is not None and data.refiner.steps:
            unhonoured.add("data.refiner.steps", "the refiner continues the steps of the first model")
        elif syntax.model.prompt_dialect == PromptDialect.COMPEL:
            unhonoured.add("data.refiner", "this version doesn't encode compel's prompts for a refiner")
    if data.hires is not None:
        _check_second(syntax, data.hires, rules, tool, arguments, unhonoured)


def _check_second(
    syntax: Aigif,
    hires: Hires,
    rules: PipelineRules,
    tool: ToolPlan | None,
    arguments: Mapping[str, Any],
    unhonoured: Unhonoured,
) -> None:
    unknown = unknown_upscaler(hires)
    if not rules.second:
        unhonoured.add("data.hires", "diffusers has no second pass for this model")
    elif unknown is not None:
        unhonoured.add("data.hires.upscaler", unknown)
    elif hires.form == UpscaleForm.LATENT and rules.denoiser != "unet":
        unhonoured.add(
            "data.hires.form", "this model's latent is packed, so only the picture can be enlarged"
        )
    elif hires.model_name or hires.model_hash:
        unhonoured.add("data.hires.model_name", "this version makes the second pass with the first's model")
    elif tool is None:
        accepted = inspect.signature(getattr(require("diffusers"), rules.second).__call__).parameters
        lost = [name for name in arguments if name not in accepted and name not in ("height", "width")]
        if lost:
            unhonoured.add("data.hires", f"{rules.second} has no argument {lost[0]}")
        elif encodes(syntax.model.prompt_dialect, "StableDiffusionPipeline") and (
            hires.prompt or hires.negative_prompt
        ):
            unhonoured.add("data.hires.prompt", "this version encodes one prompt in this dialect")


def check_prompts(syntax: Aigif, pipeline: str, unhonoured: Unhonoured) -> None:
    """Add to `unhonoured` a prompt that says something which this version can't do on the class `pipeline`."""
    model, data = syntax.model, syntax.data
    texts = [data.prompt, data.negative_prompt]
    if data.hires is not None:
        texts += [data.hires.prompt, data.hires.negative_prompt]
    if model.prompt_dialect == PromptDialect.A1111:
        for name in ("prompt_2", "negative_prompt_2", "prompt_3", "negative_prompt_3"):
            if getattr(data, name):
                unhonoured.add(f"data.{name}", "AUTOMATIC1111 has one prompt for all text models")
    for text in texts:
        reason = unsupported_prompt(model.prompt_dialect, str(text), pipeline, emphasis=model.emphasis)
        if reason is not None:
            unhonoured.add("model.prompt_dialect", reason)


def check_elements(syntax: Aigif, unhonoured: Unhonoured) -> None:
    """Add to `unhonoured` every element that this version can't honour on any model.

    Raises ElementError for values that make no sense for any model: no steps, a place outside the batch.
    """
    model, data = syntax.model, syntax.data
    if data.steps < 1:
        raise ElementError(["a picture takes at least one diffusion step"], element="data.steps")
    check_batch(data)
    if data.gaps:
        missing = "; ".join(grading.reasons(syntax))
        unhonoured.add("data.gaps", f"{grading.grade(syntax).value}, for the file does not tell: {missing}")
    elif data.completeness != Completeness.COMPLETE:
        unhonoured.add("data.completeness", "the file says that not all elements of the picture are recorded")
    if model.text_encoders:
        unhonoured.add("model.text_encoders", "this version takes the model's own text models")
    noise = unsupported_noise(syntax.platform)
    if noise is not None:
        unhonoured.add("platform.noise_source", noise)
    arithmetic = unsupported_arithmetic(syntax)
    if arithmetic is not None:
        unhonoured.add("platform.arithmetic", arithmetic)
    if model.data_type not in (*DTYPES, DataType.UNSPECIFIED):
        unhonoured.add(
            "model.data_type", "this version loads weights as float32, float16, bfloat16 or float64"
        )
    check_adapters(syntax, unhonoured)
    if data.denoising_strength != 1.0:
        unhonoured.add("data.denoising_strength", "it needs an image input, which no file holds")
    if syntax.unknown is not None:
        unhonoured.add("unknown elements", "a newer version wrote elements that this one can't read")
