"""One way from prepared syntax elements to pixels, for new pictures and for recreated ones alike."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from aigif._gen.enums import BatchGenerators
from aigif._gen.types import Platform
from aigif.errors import AigifError, RecreationError
from aigif.runtime.components import put_scheduler
from aigif.runtime.determinism import deterministic
from aigif.runtime.engine import Prepared
from aigif.runtime.exact import exactly, is_exact
from aigif.runtime.families import ALLOWED, PipelineRules
from aigif.runtime.globalrandom import global_generators
from aigif.runtime.inversions import as_tools_take_them, put_inversions
from aigif.runtime.lora import apply_loras, remove_loras, set_active
from aigif.runtime.noise import cpu_generator, injected_noise
from aigif.runtime.options import DTYPES
from aigif.runtime.passes import Passes, pass_steps, run_passes
from aigif.runtime.picturenoise import PictureNoise, is_plain
from aigif.runtime.platform import probe
from aigif.runtime.progress import Meter, Progress
from aigif.runtime.prompts import conditioned, encode_prompts, encodes
from aigif.runtime.schedulers import SchedulerPlan, build_scheduler
from aigif.runtime.store.lycoris import merged
from aigif.runtime.store.parts import load_vae
from aigif.runtime.tiling import tiled
from aigif.runtime.toolpasses import ToolPasses, embedded, run_tool_passes
from aigif.runtime.toolplan import ToolPlan
from aigif.runtime.warm import Models
from aigif.runtime.watch import Watch
from aigif.runtime.weightsoverlay import overlay_weights
from aigif.weights import Tensor

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["render"]


def render(
    prepared: Prepared,
    models: Models,
    *,
    threads: int,
    progress: Progress,
    watch: Watch | None = None,
    weights: Mapping[str, Tensor] | None = None,
) -> tuple[Image, Platform, list[str]]:
    """Run a prepared picture: the picture, the platform that it ran on, and warnings.

    `threads` are those of the CPU (0: as they are), `weights` replace the model's. torch's global state is fixed
    while it runs and restored afterwards; the pipelines of `models` are as before.

    Raises an AigifError whatever goes wrong: RecreationError where a model, a sampler or the device fails.
    """
    try:
        return _rendered(prepared, models, threads, progress, watch, weights)
    except AigifError:
        raise
    except Exception as error:  # of torch, diffusers, numpy, Pillow; MemoryError too
        raise RecreationError(
            f"the picture can't be made: {type(error).__name__}: {error}",
            hint="see whether its elements suit the model, and whether the memory suffices",
        ) from error


def _rendered(
    prepared: Prepared,
    models: Models,
    threads: int,
    progress: Progress,
    watch: Watch | None,
    weights: Mapping[str, Tensor] | None,
) -> tuple[Image, Platform, list[str]]:
    aigif = prepared.syntax
    with deterministic(prepared.device, threads) as warnings, contextlib.ExitStack() as stack:
        pipe = models.pipeline(prepared.model, prepared.data_type, prepared.device)
        rules = ALLOWED[prepared.model.folder.pipeline]
        stack.callback(put_scheduler, pipe, rules, getattr(pipe, rules.scheduler))
        if weights is not None:
            models.forget(pipe)
            overlay_weights(pipe, weights)
        arithmetic = aigif.platform.arithmetic
        with exactly(arithmetic, prepared.device):
            for adapter, weight, text_weight in prepared.adapters.lycoris:
                warnings += stack.enter_context(merged(pipe, adapter, weight, text_weight))
        if prepared.adapters.loras:
            stack.callback(remove_loras, pipe)
            warnings += apply_loras(pipe, prepared.adapters.loras)
        refiner = _refiner(prepared, models)
        if prepared.vae is not None:
            vae = load_vae(prepared.vae, pipe.vae, DTYPES[prepared.data_type], prepared.device)
            if getattr(pipe.vae, "use_slicing", False):
                vae.enable_slicing()
            for part in (pipe, refiner):
                if part is not None:
                    stack.callback(setattr, part, "vae", part.vae)
                    part.vae = vae
        if prepared.adapters.inversions and not encodes(aigif.model.prompt_dialect, type(pipe).__name__):
            models.forget(pipe)
            put_inversions(pipe, prepared.adapters.inversions)
        for part in (pipe, refiner):
            if aigif.data.tiling and part is not None:
                stack.enter_context(tiled(part))
        stack.enter_context(exactly(arithmetic, prepared.device))
        steps = pass_steps(aigif.data, tool=prepared.tool is not None)
        meter = stack.enter_context(Meter(progress, steps))
        after_step, next_pass = _hooks(pipe, prepared, meter, watch)
        if prepared.tool is not None:
            tool = _tool_passes(prepared, prepared.tool, refiner)
            pictures = run_tool_passes(pipe, aigif, tool, after_step, next_pass)
        else:
            put_scheduler(pipe, rules, _scheduler(prepared, prepared.scheduler))
            passes = _passes(prepared, refiner, _arguments(pipe, prepared, stack))
            pictures = run_passes(pipe, aigif, passes, after_step, next_pass)
        platform = probe(prepared.device, pipe).replace(
            noise_source=aigif.platform.noise_source,
            noise_threads=aigif.platform.noise_threads,
            arithmetic=arithmetic,
            schedule_digest=_digest(pipe, rules) if is_exact(arithmetic) else b"",
        )
    return pictures[aigif.data.batch_position], platform, list(warnings)


def _digest(pipe: Any, rules: PipelineRules) -> bytes:
    from aigif.runtime.exact.schedule import DIGEST_BYTES, schedule_digest

    return schedule_digest(getattr(pipe, rules.scheduler))[:DIGEST_BYTES]


def _scheduler(prepared: Prepared, plan: SchedulerPlan) -> Any:
    scheduler = build_scheduler(plan, prepared.own_scheduler)
    if hasattr(scheduler, "noise_sampler_seed"):  # else its Brownian noise is seeded at random
        scheduler.noise_sampler_seed = prepared.syntax.data.seed
    return scheduler


def _arguments(pipe: Any, prepared: Prepared, stack: contextlib.ExitStack) -> Mapping[str, Any]:
    """The call's arguments, with embeddings in place of texts where the prompts' dialect has its own."""
    aigif = prepared.syntax
    if not encodes(aigif.model.prompt_dialect, type(pipe).__name__):
        return prepared.arguments
    conditioning = encode_prompts(
        pipe, aigif, aigif.data.steps, as_tools_take_them(prepared.adapters.inversions)
    )
    if hasattr(pipe, "unet"):
        stack.enter_context(conditioned(pipe, conditioning, guidance_scale=aigif.data.guidance_scale))
    return embedded(prepared.arguments, conditioning)


def _passes(prepared: Prepared, refiner: Any, arguments: Mapping[str, Any]) -> Passes:
    aigif, rules = prepared.syntax, ALLOWED[prepared.model.folder.pipeline]

    @contextlib.contextmanager
    def drawing(*pipes: Any) -> Iterator[Any]:
        data = aigif.data
        separate = data.batch_generators == BatchGenerators.SEPARATE
        generator: Any = cpu_generator(data.seed)
        if separate:
            generator = [cpu_generator(data.seed) for _ in range(data.batch_size)]
        with contextlib.ExitStack() as stack:
            stack.enter_context(global_generators(rules, generator))
            if not is_plain(aigif):
                running = [part for pipe in pipes if pipe is not None for part in (pipe, pipe.scheduler)]
                stack.enter_context(injected_noise(PictureNoise(aigif), *running))
            yield generator

    return Passes(
        arguments=arguments,
        drawing=drawing,
        guidance=rules.guidance,
        negative=rules.negative,
        second_class=rules.second,
        second_scheduler=lambda: _scheduler(prepared, prepared.second_scheduler),
        refiner=refiner,
    )


def _tool_passes(prepared: Prepared, plan: ToolPlan, refiner: Any) -> ToolPasses:
    return ToolPasses(
        plan=plan,
        arguments=prepared.arguments,
        own_scheduler=prepared.own_scheduler,
        guidance=ALLOWED[prepared.model.folder.pipeline].guidance,
        embeddings=as_tools_take_them(prepared.adapters.inversions),
        refiner=refiner,
    )


def _refiner(prepared: Prepared, models: Models) -> Any:
    if prepared.refiner is None or prepared.syntax.data.refiner is None:
        return None
    return models.pipeline(prepared.refiner, prepared.data_type, prepared.device)


def _hooks(
    pipe: Any, prepared: Prepared, meter: Meter, watch: Watch | None
) -> tuple[Callable[[int, Any], None], Callable[[], None]]:
    """What is called after each step, and between two passes."""
    loras = prepared.adapters.loras
    ranged = any((lora.start, lora.end) != (0.0, 1.0) for lora in loras)

    def after_step(completed: int, latents: Any) -> None:
        meter.step(completed)
        if ranged:
            set_active(pipe, loras, completed / meter.pass_steps)
        if watch is not None and latents is not None:
            watch.look(pipe, completed, latents)

    def next_pass() -> None:
        meter.next_pass()
        if ranged:
            set_active(pipe, loras, 0.0)

    return after_step, next_pass
