"""Elements of the passes after the first: a refiner that takes over, and a second pass at a larger size."""

from __future__ import annotations

from aigif._gen.enums import GapKind, StepNoise, UpscaleForm
from aigif.importers import checkpoints, samplers
from aigif.importers.tools.comfyui.chain import chain_of
from aigif.importers.tools.comfyui.conditioning import Prompts, prompts_of
from aigif.importers.tools.comfyui.graph import printable
from aigif.importers.tools.comfyui.links import Begin
from aigif.importers.tools.comfyui.models import Model, model_of, text_models_of
from aigif.importers.tools.comfyui.passes import Second
from aigif.importers.tools.comfyui.resolve import Source
from aigif.importers.tools.comfyui.sampling import SAMPLERS, Sampling, sampling_of
from aigif.importers.tools.comfyui.walk import Walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass

_LATENT = 8


def put_refiner(
    walk: Walk, first: Sampling, run: Sampling, model: Model, prompts: tuple[Prompts, Prompts]
) -> None:
    """A model that goes on with the first one's latent."""
    draft = walk.draft
    other = model_of(walk, run.model)
    steps, start = run.levels.steps, run.levels.start
    positive, negative = _prompts(walk, run)
    differing = [
        name
        for name, differs in (
            ("prompt", positive.text(0) != prompts[0].text(0) or negative.text(0) != prompts[1].text(0)),
            ("guidance scale", run.cfg != first.cfg),
            ("sampler", run.method != first.method),
            ("schedule", run.levels.schedule != first.levels.schedule),
            ("LoRAs", bool(other.loras)),
        )
        if differs
    ]
    if other.loader == model.loader and other.loras == model.loras:
        # The same model in two runs: one run of it, unless something else changes on the way.
        if differing:
            draft.missing(
                f"the {', '.join(differing)} change at step {start}", GapKind.PASSES, "KSamplerAdvanced"
            )
        return
    walk.put("refiner.name", other.name)
    if steps:
        walk.put("refiner.switch_at", start / steps)
        if steps != first.levels.steps:
            walk.put("refiner.steps", steps)
    if positive.aesthetic_score is not None:
        walk.put("refiner.aesthetic_score", positive.aesthetic_score)
    if negative.aesthetic_score is not None:
        walk.put("refiner.negative_aesthetic_score", negative.aesthetic_score)
    _settle_refiner(walk)
    if differing:
        draft.missing(f"the refiner has its own {', '.join(differing)}", GapKind.SETTING, "refiner")


def _settle_refiner(walk: Walk) -> None:
    code = checkpoints.identified(walk.draft.get("refiner.name"), None)
    walk.draft.put("refiner.model", code)
    if code != checkpoints.UNLISTED:
        walk.draft.put("refiner.name", "")


def put_prior(walk: Walk, first: Sampling, source: Source) -> None:
    """Stable Cascade's first stage, whose latent is a condition of the second, the picture's first pass."""
    if source.kind not in SAMPLERS:
        walk.unknown(source.node)
        return
    run = sampling_of(walk, source)
    if run.levels.steps is not None:
        walk.put("prior.steps", run.levels.steps)
    if run.cfg is not None:
        walk.put("prior.guidance_scale", run.cfg)
    prompts_of(walk, run.positive, "positive")
    for link in chain_of(walk.resolver, run.source):
        if isinstance(link, Begin) and link.image is not None:
            name = printable(link.image)
            walk.draft.missing(f"an image was the first stage's input ({name})", GapKind.INIT_IMAGE, name)
    if (run.seed, run.method, run.levels.schedule) != (first.seed, first.method, first.levels.schedule):
        walk.draft.missing(
            f"the first stage has a seed ({run.seed}) or sampler of its own", GapKind.SEED, "first stage"
        )


def put_second(
    walk: Walk,
    first: Sampling,
    second: Second,
    model: Model,
    prompts: tuple[Prompts, Prompts],
    finished: tuple[int, int],
) -> None:
    """A second pass, with what of it differs from the first. `finished` is the size of the picture, where it is the
    second pass's and known."""
    run = second.run
    _size(walk, second, finished)
    _levels(walk, first, run)
    if run.seed is not None and run.seed != first.seed:
        walk.put("hires.own_seed", True)
        walk.put("hires.seed", run.seed)
    if run.cfg is not None and run.cfg != first.cfg:
        walk.put("hires.guidance_scale", run.cfg)
    if run.method.scheduler is not None and (run.method.scheduler, run.levels.schedule) != (
        first.method.scheduler,
        first.levels.schedule,
    ):
        walk.put("hires_scheduler.scheduler", run.method.scheduler)
        if run.levels.schedule is not None:
            walk.put("hires_scheduler.sigma_schedule", run.levels.schedule)
    if run.method.options != first.method.options or run.levels.options != first.levels.options:
        walk.draft.missing(
            "the second pass has sampler settings of its own", GapKind.SETTING, "second sampler"
        )
    _step_noise(walk, first, run)
    _texts(walk, run, prompts)
    _second_model(walk, run, model)


def _size(walk: Walk, second: Second, finished: tuple[int, int]) -> None:
    form = UpscaleForm.IMAGE if second.decoded else UpscaleForm.LATENT
    walk.put("hires.form", form)
    names = [scale.method for scale in second.scales if scale.network]
    methods = [scale.method for scale in second.scales if not scale.network]
    upscaler = names[0] if names else methods[0] if methods else ""
    walk.put("hires.upscaler", printable(upscaler, 200))
    if len(names) > 1 or (names and methods) or (not names and len(methods) > 1):
        others = names[1:] + methods
        walk.draft.missing(
            f"the enlargement has further steps ({printable(', '.join(others))})",
            GapKind.SETTING,
            printable(others[0]),
        )
    if not second.scales:
        walk.put("hires.scale", 1.0)
        return
    (width, height), before = second.after, second.before
    if not (width and height):
        width, height = finished
    if not (width and height):
        walk.draft.missing(
            "the size of the second pass can't be told from the graph", GapKind.VALUE, "second size"
        )
    width, height = width // _LATENT * _LATENT, height // _LATENT * _LATENT
    scale = width / before[0] if before[0] else 0.0
    plain = scale == round(scale, 2) and _scaled(before, scale) == (width, height)
    walk.put("hires.scale", scale if plain and 0 < scale <= 64 else 0.0)
    if not plain and width and height:
        walk.put("hires.width", width)
        walk.put("hires.height", height)


def _scaled(before: tuple[int, int], scale: float) -> tuple[int, int]:
    """What the format makes of a scale: whole latents, rounded down."""
    return int(before[0] * scale) // _LATENT * _LATENT, int(before[1] * scale) // _LATENT * _LATENT


def _levels(walk: Walk, first: Sampling, run: Sampling) -> None:
    """Its steps and share. A run of the last n of N steps is one of n steps at the share n / N, as ComfyUI counts."""
    levels = run.levels
    steps, denoise = levels.steps, levels.denoise
    if levels.start and steps:
        left = steps - levels.start
        if left <= 0:
            walk.draft.missing("the second pass has no steps", GapKind.PASSES)
            return
        denoise, total, steps = left / steps, steps, left
        if int(steps / denoise) != total:
            walk.draft.missing(
                f"the second pass runs the last {left} of {total} steps", GapKind.SETTING, "start_at_step"
            )
    if levels.end is not None:
        walk.draft.missing("the second pass ends before its last step", GapKind.SETTING, "end_at_step")
    walk.put("hires.denoising_strength", denoise)
    if steps is not None and steps != first.levels.steps:
        walk.put("hires.steps", steps)


def _step_noise(walk: Walk, first: Sampling, run: Sampling) -> None:
    """Where the second pass's fresh noise comes from: one element holds it for both."""
    mine, firsts = run.method, first.method
    if mine.scheduler is None or samplers.comfyui_step_noise(mine.scheduler, True) == StepNoise.FIRST:
        return
    noise = samplers.comfyui_step_noise(mine.scheduler, mine.on_gpu)
    held = walk.draft.get("sampler_options.step_noise")
    if noise == held:
        return
    if firsts.scheduler is None or samplers.comfyui_step_noise(firsts.scheduler, True) == StepNoise.FIRST:
        walk.put("sampler_options.step_noise", noise)
    else:
        walk.draft.missing(
            "the passes draw their noise from different devices", GapKind.SETTING, "second noise"
        )


def _texts(walk: Walk, run: Sampling, prompts: tuple[Prompts, Prompts]) -> None:
    positive, negative = _prompts(walk, run)
    for name, own, firsts in (
        ("prompt", positive, prompts[0]),
        ("negative_prompt", negative, prompts[1]),
    ):
        text = own.text(0)
        if text != firsts.text(0):
            walk.put(f"hires.{name}", text)
            if not text and firsts.text(0):
                walk.draft.missing(f"the second pass has no {name}", GapKind.PROMPT, f"second {name}")
    layer = text_models_of(walk, positive.clips[0]).layer if positive.clips else None
    if -(layer or -1) != walk.draft.get("model.clip_skip"):
        walk.draft.missing(
            "the second pass takes another text model layer", GapKind.SETTING, "second clip skip"
        )
    if positive.controls != prompts[0].controls:
        walk.draft.missing("the second pass has ControlNets of its own", GapKind.PASSES, "second ControlNet")
    if positive.guidance != prompts[0].guidance:
        walk.draft.missing(
            "the second pass has a distilled guidance of its own", GapKind.SETTING, "second guidance"
        )


def _second_model(walk: Walk, run: Sampling, model: Model) -> None:
    other = model_of(walk, run.model)
    if other.name != model.name:
        walk.put("hires.model_name", other.name)
    if other.loras != model.loras or other.options != model.options or other.adapters != model.adapters:
        walk.draft.missing(
            "the second pass has LoRAs or model settings of its own", GapKind.SETTING, "second model"
        )


def _prompts(walk: Walk, run: Sampling) -> tuple[Prompts, Prompts]:
    positive = prompts_of(walk, run.positive, "positive")
    negative = prompts_of(walk, run.negative, "negative") if run.negative is not None else Prompts()
    layers = {text_models_of(walk, clip).layer for clip in positive.clips}
    if len(layers) > 1:
        walk.draft.missing("prompts are encoded from different layers", GapKind.SETTING, "clip layer")
    return positive, negative
