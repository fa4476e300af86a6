"""From the passes of a graph to syntax elements."""

from __future__ import annotations

from aigif._gen.enums import Device, GapKind, NoiseSource, PromptDialect, Scheduler, SigmaSchedule, StepNoise
from aigif._gen.types import Component
from aigif.importers import samplers
from aigif.importers.draft import Draft
from aigif.importers.settle import settle_model, settle_sizes
from aigif.importers.tools.comfyui.conditioning import Prompts, prompts_of
from aigif.importers.tools.comfyui.graph import printable
from aigif.importers.tools.comfyui.links import Begin
from aigif.importers.tools.comfyui.models import (
    Model,
    TextModels,
    joined_adapters,
    model_of,
    text_models_of,
    vae_of,
)
from aigif.importers.tools.comfyui.passes import Passes
from aigif.importers.tools.comfyui.resolve import Source
from aigif.importers.tools.comfyui.sampling import Sampling
from aigif.importers.tools.comfyui.second import put_prior, put_refiner, put_second
from aigif.importers.tools.comfyui.walk import Walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass

MAX_ADAPTERS = 256
# Text models that every file of their family has, so that naming them tells nothing.
_USUAL_TEXT_MODELS = (
    "clip_l",
    "clip_g",
    "t5xxl",
    "t5xxl_fp16",
    "umt5_xxl_fp16",
    "qwen_2.5_vl_7b",
    "gemma_2_2b_fp16",
    "llama_3.1_8b_instruct",
)


def put_passes(walk: Walk, passes: Passes, width: int, height: int) -> None:
    """Put everything that a picture's passes tell into the draft. `width` and `height` are the picture's own."""
    draft = walk.draft
    _platform(draft)
    first = passes.first
    if first is None:
        _without_sampler(walk, passes)
        _late(walk, passes, width, height)
        return
    model = model_of(walk, first.model)
    positive, negative, texts = _prompts(walk, first)
    _model(walk, model, texts, positive)
    _vae(walk, passes.vae, model, passes)
    _run(walk, first, model)
    _guidance(draft, positive, first)
    _begin(walk, passes, first)
    if positive.prior is not None:
        put_prior(walk, first, positive.prior)
    if passes.refiner is not None:
        put_refiner(walk, first, passes.refiner, model, (positive, negative))
    elif first.leaves_noise and first.levels.end is not None:
        draft.missing("the picture was decoded with noise left in it", GapKind.SETTING, "leftover noise")
    elif first.levels.end is not None:
        draft.missing(
            "the steps are cut short, and the rest of the noise taken off at once",
            GapKind.SETTING,
            "end_at_step",
        )
    if passes.second is not None:
        finished = (0, 0) if passes.late else (width, height)
        put_second(walk, first, passes.second, model, (positive, negative), finished)
    _late(walk, passes, width, height)
    _sizes(walk, positive)


def _platform(draft: Draft) -> None:
    draft.put("platform.program", samplers.COMFYUI)
    draft.put("platform.noise_source", NoiseSource.TORCH_CPU)
    draft.put("model.prompt_dialect", PromptDialect.COMFYUI)


def _without_sampler(walk: Walk, passes: Passes) -> None:
    """A picture that a service made, or that was only changed here."""
    draft, made = walk.draft, passes.service
    if made is None:
        draft.missing("no sampler of the graph leads to the picture", GapKind.PASSES)
        if passes.begin is not None:
            _input_image(draft, passes.begin)
    else:
        walk.changed(made)
        draft.put("platform.device", Device.SERVICE)
        draft.put("platform.noise_source", NoiseSource.SERVICE)
        draft.put("model.prompt_dialect", PromptDialect.UNSPECIFIED)
        for element, name in (("prompt", "prompt"), ("negative_prompt", "negative_prompt")):
            walk.put(f"data.{element}", walk.resolver.text(made.node, name) or "")
        seed = walk.resolver.integer(made.node, "seed")
        if seed is not None and seed >= 0:
            walk.put("data.seed", seed)
        walk.put("model.model_name", walk.resolver.text(made.node, "model") or printable(made.node.kind))
    settle_model(draft)


def _prompts(walk: Walk, run: Sampling) -> tuple[Prompts, Prompts, TextModels]:
    """The prompts, and the text models that encode the positive one."""
    positive = prompts_of(walk, run.positive, "positive")
    negative = prompts_of(walk, run.negative, "negative") if run.negative is not None else Prompts()
    if not positive.texts and not positive.zero:
        walk.draft.missing("the prompt can't be told from the graph", GapKind.PROMPT)
    for place, suffix in enumerate(("", "_2", "_3")):
        for name, prompts in (("prompt", positive), ("negative_prompt", negative)):
            _put_text(walk, f"data.{name}", suffix, prompts, place)
    guided = run.cfg is None or run.cfg != 1.0
    if positive.zero or (negative.zero and guided):
        walk.draft.missing(
            "zeros stand for a prompt (ConditioningZeroOut)", GapKind.OPERATION, "ConditioningZeroOut"
        )
    clips = positive.clips or negative.clips
    texts = text_models_of(walk, clips[0]) if clips else TextModels()
    if negative.clips and guided and text_models_of(walk, negative.clips[0]) != texts:
        walk.draft.missing(
            "the two prompts have text models of their own", GapKind.SETTING, "negative text model"
        )
    return positive, negative, texts


def _put_text(walk: Walk, path: str, suffix: str, prompts: Prompts, place: int) -> None:
    text = prompts.text(place)
    if not suffix:
        walk.put(path, text)
    elif text and text != prompts.text(0):
        walk.put(path + suffix, text)
    elif not text and prompts.text(0):
        walk.draft.missing(
            "one text model was given no prompt", GapKind.PROMPT, f"{path.partition('.')[2]}{suffix}"
        )


def _model(walk: Walk, model: Model, texts: TextModels, positive: Prompts) -> None:
    draft = walk.draft
    draft.put("model.model_name", model.name)
    if model.data_type is not None:
        draft.put("model.data_type", model.data_type)
    adapters = (*joined_adapters(model, texts), *model.adapters, *positive.controls)
    if len(adapters) > MAX_ADAPTERS:
        draft.missing(f"only {MAX_ADAPTERS} of {len(adapters)} adapters are recorded", GapKind.ADAPTER)
    draft.put("model.adapters", adapters[:MAX_ADAPTERS])
    if texts.layer is not None and texts.layer < -1:
        walk.put("model.clip_skip", -texts.layer)
    elif texts.layer == -1:
        draft.notes.append("the text model's last layer is taken by name, which on SDXL is not its usual one")
    own = tuple(
        Component(name=name) for name in texts.names if name and name.lower() not in _USUAL_TEXT_MODELS
    )
    if own:
        walk.put("model.text_encoders", own)
    for element, value in model.options.items():
        walk.put(f"sampler_options.{element}", value)
    if model.rescale:
        walk.put("data.guidance_rescale", model.rescale)
    settle_model(draft)


def _vae(walk: Walk, source: Source | None, model: Model, passes: Passes) -> None:
    name, loader = vae_of(walk, source)
    if name:
        walk.put("model.vae_name", name)
    elif loader and loader != model.loader:
        _foreign_vae(walk, loader, passes)


def _foreign_vae(walk: Walk, loader: str, passes: Passes) -> None:
    """The VAE of another checkpoint than the model's; a refiner's is its base model's."""
    later = passes.refiner or (passes.second.run if passes.second else None)
    if later is not None and model_of(Walk(walk.resolver, Draft({})), later.model).loader == loader:
        walk.draft.notes.append("the VAE is that of the last pass's checkpoint")
    else:
        walk.draft.missing("the VAE is that of another checkpoint", GapKind.SETTING, "VAE")


def _run(walk: Walk, run: Sampling, model: Model) -> None:
    draft, levels = walk.draft, run.levels
    walk.put("data.seed", run.seed or 0)
    if levels.steps is not None:
        walk.put("data.steps", levels.steps)
    if run.cfg is not None:
        walk.put("data.guidance_scale", run.cfg)
    draft.put(
        "model.scheduler", run.method.scheduler if run.method.scheduler is not None else Scheduler.EULER
    )
    draft.put("model.sigma_schedule", levels.schedule if levels.schedule is not None else SigmaSchedule.MODEL)
    for element, value in {**levels.options, **run.method.options}.items():
        walk.put(f"sampler_options.{element}", value)
    if run.method.scheduler is not None:
        noise = samplers.comfyui_step_noise(run.method.scheduler, run.method.on_gpu)
        if noise != StepNoise.FIRST:
            draft.put("sampler_options.step_noise", noise)
            draft.notes.append(
                "the sampler's fresh noise is taken to be a GPU's; ComfyUI does not record its device"
            )
    if levels.denoise < 1.0:
        walk.put("data.denoising_strength", levels.denoise)
    if levels.start:
        walk.put("sampler_options.start_step", levels.start)
    if run.variation is not None:
        walk.put("variation.seed", run.variation[0])
        walk.put("variation.strength", run.variation[1])
        draft.missing("SwarmUI mixes the second seed's noise its own way", GapKind.SETTING, "variation")
    if not run.adds_noise:
        draft.missing("the first pass adds no noise", GapKind.OPERATION, printable(run.node.kind))


def _guidance(draft: Draft, positive: Prompts, run: Sampling) -> None:
    if positive.guidance is not None:
        draft.put("distilled.guidance", positive.guidance)
    if positive.aesthetic_score is not None:
        draft.put("refiner.aesthetic_score", positive.aesthetic_score)


def _begin(walk: Walk, passes: Passes, run: Sampling) -> None:
    draft, begin = walk.draft, passes.begin
    if begin is None:
        draft.missing("what the first pass began with can't be told from the graph", GapKind.OPERATION)
        return
    if begin.image is not None:
        _input_image(draft, begin)
        return
    if passes.start != (0, 0):
        walk.put("data.width", passes.start[0])
        walk.put("data.height", passes.start[1])
    else:
        draft.missing("the size can't be told from the graph", GapKind.VALUE, "size")
    if begin.batch > 1:
        walk.put("data.batch_size", begin.batch)
        draft.missing(
            f"it is one of {begin.batch} pictures of a batch; which is not recorded",
            GapKind.VALUE,
            "batch_position",
        )
    if run.levels.denoise < 1.0 or run.levels.start:
        draft.missing("the first pass denoises an empty latent in part", GapKind.SETTING, "denoise")


def _input_image(draft: Draft, begin: Begin) -> None:
    name = printable(begin.image or "")
    draft.missing(f"an image was the input ({name}), and is not in the metadata", GapKind.INIT_IMAGE, name)


def _sizes(walk: Walk, positive: Prompts) -> None:
    """SDXL's conditions, where they are not the picture's own."""
    own = {
        "original_width": "width",
        "original_height": "height",
        "target_width": "width",
        "target_height": "height",
    }
    for element, size in positive.sizes.items():
        usual = walk.draft.get(f"data.{own[element]}") if element in own else 0
        if size != usual:
            walk.put(f"micro_conditioning.{element}", size)


def _late(walk: Walk, passes: Passes, width: int, height: int) -> None:
    """Enlargements after the last pass, and the size of the finished picture."""
    draft = walk.draft
    names = [scale.method for scale in passes.late if scale.network] or [
        scale.method for scale in passes.late
    ]
    if names:
        draft.missing(
            f"the finished picture was enlarged ({printable(', '.join(names))})",
            GapKind.POSTPROCESS,
            printable(names[0]),
        )
        if width and height and passes.size in ((0, 0), (width, height)):
            _final(draft, width, height)
            return
    settle_sizes(draft, width, height)


def _final(draft: Draft, width: int, height: int) -> None:
    if not (draft.has("data.width") and draft.has("data.height")):
        settle_sizes(draft, width, height)
    elif (draft.get("data.width"), draft.get("data.height")) != (width, height):
        draft.put("verification.picture_width", width)
        draft.put("verification.picture_height", height)
