"""From the syntax elements to the arguments of a pipeline's call."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from aigif._gen.types import Data, GenerativeModel
from aigif.errors import UnsupportedError
from aigif.runtime.families import PipelineRules, applies, families
from aigif.runtime.honour import Unhonoured

__all__ = ["call_arguments"]

_Give = Callable[[str, str, object], None]


def call_arguments(
    pipeline_class: Any,
    rules: PipelineRules,
    model: GenerativeModel,
    data: Data,
    eta: float,
    unhonoured: Unhonoured,
) -> dict[str, Any]:
    """The keyword arguments of the pipeline's call, all but the generator and the callback.

    An element that differs from its default and that the class has no argument for is added to `unhonoured`, and so
    is a group that the schema has for other families of models. Where the class takes no height and width, the size
    is the model's own. Raises UnsupportedError where the class makes no picture by itself (a refiner).
    """
    if rules.refines:
        raise UnsupportedError(
            f"{pipeline_class.__name__} goes on from another model's latent and makes no picture by itself",
            element="model.model_id",
            hint="use it as the refiner of a base model",
        )
    accepted = inspect.signature(pipeline_class.__call__).parameters
    arguments: dict[str, Any] = {
        "prompt": data.prompt,
        rules.steps: data.steps,
        "output_type": "pil",
        **rules.fixed,
    }
    arguments |= {name: getattr(data, name) for name in ("height", "width") if name in accepted}
    if rules.area:
        arguments[rules.area] = data.height * data.width
    if "intermediate_timesteps" in accepted and data.steps != 2:
        arguments["intermediate_timesteps"] = None  # diffusers takes its default for two steps only

    def give(element: str, argument: str, value: object) -> None:
        if argument in accepted:
            arguments[argument] = value
        else:
            unhonoured.add(element, f"{pipeline_class.__name__} has no argument {argument}")

    if "num_images_per_prompt" in accepted or data.batch_size > 1:
        give("data.batch_size", "num_images_per_prompt", data.batch_size)
    if rules.guidance:
        arguments[rules.guidance] = data.guidance_scale
    elif data.guidance_scale not in (0.0, 1.0):
        unhonoured.add("data.guidance_scale", f"{pipeline_class.__name__} has no classifier-free guidance")
    for name in ("negative_prompt", "prompt_2", "negative_prompt_2", "prompt_3", "negative_prompt_3"):
        if getattr(data, name):
            give(f"data.{name}", name, getattr(data, name))
    if rules.negative and data.guidance_scale > 1.0:
        arguments.setdefault("negative_prompt", "")
    if data.guidance_rescale:
        give("data.guidance_rescale", "guidance_rescale", data.guidance_rescale)
    if eta:
        give("model.sampler_options.eta", "eta", eta)
    skipped = max(0, model.clip_skip - max(1, rules.text_layer))
    if skipped:
        give("model.clip_skip", "clip_skip", skipped)
    if data.max_sequence_length:
        give("data.max_sequence_length", "max_sequence_length", data.max_sequence_length)
    if data.batch_prompts > 1:
        arguments |= {
            name: [text] * data.batch_prompts
            for name, text in arguments.items()
            if "prompt" in name and isinstance(text, str)
        }
        give("data.batch_size", "num_images_per_prompt", data.batch_size // data.batch_prompts)
    belongs_to = families(model, pipeline_class.__name__)
    for group, put in (
        ("distilled", _give_distilled),
        ("prior", _give_prior),
        ("micro_conditioning", _give_sizes),
    ):
        if getattr(data, group) is None or applies(group, belongs_to):
            put(rules, data, give)
        else:
            unhonoured.add(f"data.{group}", f"a model of the family {'/'.join(sorted(belongs_to))} has none")
    return arguments


def _give_distilled(rules: PipelineRules, data: Data, give: _Give) -> None:
    guidance = rules.usual_distilled if data.distilled is None else data.distilled.guidance
    if guidance is not None:
        give("data.distilled.guidance", rules.distilled or "distilled guidance", guidance)


def _give_prior(rules: PipelineRules, data: Data, give: _Give) -> None:
    if data.prior is None:
        return
    give("data.prior.guidance_scale", f"{rules.prior}guidance_scale", data.prior.guidance_scale)
    if data.prior.steps:
        give("data.prior.steps", f"{rules.prior}num_inference_steps", data.prior.steps)


def _give_sizes(rules: PipelineRules, data: Data, give: _Give) -> None:
    sizes = data.micro_conditioning
    if sizes is None:
        return
    own = (data.height, data.width)
    original = (sizes.original_height or own[0], sizes.original_width or own[1])
    target = (sizes.target_height or own[0], sizes.target_width or own[1])
    element = "data.micro_conditioning"
    give(element, "original_size", original)
    give(element, "crops_coords_top_left", (sizes.crop_top, sizes.crop_left))
    if target != own:  # which is what every class takes by itself
        give(element, "target_size", target)
