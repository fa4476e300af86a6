"""The settings of the A1111 web UI that are more than one number in one element."""

from __future__ import annotations

from collections.abc import Callable

from aigif._gen.enums import (
    AdapterKind,
    HashKind,
    NoiseSource,
    Scheduler,
    SigmaSchedule,
    UpscaleForm,
)
from aigif._gen.types import Adapter, Aigif
from aigif.importers import adapters as adapter_lines
from aigif.importers import checkpoints, samplers
from aigif.importers.draft import Draft
from aigif.importers.infotext import quoted, unquoted
from aigif.importers.settings import show_hash
from aigif.importers.values import Unreadable, hexadecimal, integer, number, show_number, size


def read_seed(raw: str, draft: Draft) -> None:
    seed = integer(raw)
    if seed < 0:
        raise Unreadable("the seed was not recorded")
    draft.put("data.seed", seed)


def write_seed(aigif: Aigif) -> str | None:
    return str(aigif.data.seed)


_MODEL_HASH_KINDS = {4: HashKind.LEGACY, 6: HashKind.AUTOV3}


def read_model_hash(raw: str, draft: Draft) -> None:
    digest = hexadecimal(raw)
    draft.put("model.weight_hash", digest)
    draft.put("model.hash_kind", _MODEL_HASH_KINDS.get(len(digest), HashKind.SHA256))


def write_model_hash(aigif: Aigif) -> str | None:
    return show_hash(aigif.model.weight_hash) or None


def read_model(raw: str, draft: Draft) -> None:
    draft.put("model.model_name", unquoted(raw))


def write_model(aigif: Aigif) -> str | None:
    model = aigif.model
    if model.model_id == checkpoints.UNLISTED or model.model_name:
        return quoted(model.model_name) or None
    return checkpoints.stem_of(model.model_id)


def read_sampler(raw: str, draft: Draft) -> None:
    _put_sampler(raw, draft, "Schedule type", "model")


def read_hires_sampler(raw: str, draft: Draft) -> None:
    _put_sampler(raw, draft, "Hires schedule type", "hires_scheduler")


def _put_sampler(raw: str, draft: Draft, schedule_key: str, group: str) -> None:
    """A sampler's name decides the schedule too, unless that has a key of its own."""
    found = samplers.sampler_of(unquoted(raw))
    if found is None:
        raise Unreadable("no such sampler is known")
    scheduler, schedule = found
    draft.put(f"{group}.scheduler", scheduler)
    if schedule is None:
        glued = samplers.glues_schedule(draft.get("platform.program"), draft.get("platform.program_version"))
        schedule = SigmaSchedule.MODEL if glued else samplers.automatic_schedule(scheduler)
    if schedule_key not in draft.settings:
        draft.put(f"{group}.sigma_schedule", schedule)


def read_schedule(raw: str, draft: Draft) -> None:
    _put_schedule(raw, draft, "model", draft.get("model.scheduler"))


def read_hires_schedule(raw: str, draft: Draft) -> None:
    if not draft.has("hires_scheduler.scheduler"):
        draft.put("hires_scheduler.scheduler", draft.get("model.scheduler"))
    _put_schedule(raw, draft, "hires_scheduler", draft.get("hires_scheduler.scheduler"))


def _put_schedule(raw: str, draft: Draft, group: str, scheduler: int) -> None:
    schedule = samplers.schedule_of(unquoted(raw), scheduler)
    if schedule is None:
        raise Unreadable("no such schedule is known")
    draft.put(f"{group}.sigma_schedule", schedule)


def write_sampler(aigif: Aigif) -> str | None:
    return _sampler(aigif, aigif.model.scheduler, aigif.model.sigma_schedule)


def write_hires_sampler(aigif: Aigif) -> str | None:
    own = aigif.data.hires.scheduler if aigif.data.hires else None
    return _sampler(aigif, own.scheduler, own.sigma_schedule) if own else None


def _sampler(aigif: Aigif, scheduler: int, schedule: int) -> str | None:
    name = samplers.sampler_name(Scheduler.UNIPC if scheduler == Scheduler.UNIPC_BH2 else scheduler)
    own_key = aigif.platform.program == samplers.SD_NEXT
    label = samplers.schedule_label(schedule) if _glues(aigif) and not own_key else None
    return f"{name} {label}" if name and label else name


def write_schedule(aigif: Aigif) -> str | None:
    return None if _glues(aigif) else _schedule(aigif.model.sigma_schedule)


def write_hires_schedule(aigif: Aigif) -> str | None:
    own = aigif.data.hires.scheduler if aigif.data.hires else None
    return None if own is None or _glues(aigif) else _schedule(own.sigma_schedule)


def _schedule(schedule: int) -> str | None:
    return samplers.AUTOMATIC if schedule == SigmaSchedule.MODEL else samplers.schedule_label(schedule)


def _glues(aigif: Aigif) -> bool:
    return samplers.glues_schedule(aigif.platform.program, aigif.platform.program_version)


_SECOND_PASS_KEYS = ("Hires upscale", "Hires resize", "Hires steps", "Hires upscaler")


def read_strength(raw: str, draft: Draft) -> None:
    """The second pass's where there is one, else that of an input image."""
    second = any(key in draft.settings for key in _SECOND_PASS_KEYS)
    draft.put("hires.denoising_strength" if second else "data.denoising_strength", number(raw))


def write_strength(aigif: Aigif) -> str | None:
    if aigif.data.hires is not None:
        return show_number(aigif.data.hires.denoising_strength)
    return show_number(aigif.data.denoising_strength) if aigif.data.denoising_strength < 1 else None


_NOISE_SOURCES = {"GPU": NoiseSource.CUDA_PHILOX, "CPU": NoiseSource.TORCH_CPU, "NV": NoiseSource.NV}
# stable-diffusion.cpp draws CUDA's numbers itself.
_OTHER_NAMES = {"cpu": NoiseSource.TORCH_CPU, "cuda": NoiseSource.NV}


def read_noise(raw: str, draft: Draft) -> None:
    source = _NOISE_SOURCES.get(raw, _OTHER_NAMES.get(raw))
    if source is None:
        raise Unreadable("no such random generator is known")
    draft.put("platform.noise_source", source)


def write_noise(aigif: Aigif) -> str | None:
    source = aigif.platform.noise_source
    if source == samplers.usual_noise(aigif.platform.program):
        return None
    return next((label for label, known in _NOISE_SOURCES.items() if known == source), None)


_UPSCALER = "Latent"


def read_upscaler(raw: str, draft: Draft) -> None:
    name = unquoted(raw)
    draft.put("hires.form", UpscaleForm.LATENT if name.startswith(_UPSCALER) else UpscaleForm.IMAGE)
    draft.put("hires.upscaler", "" if name == _UPSCALER else name)


def write_upscaler(aigif: Aigif) -> str | None:
    hires = aigif.data.hires
    if hires is None:
        return None
    return quoted(hires.upscaler) or (_UPSCALER if hires.form == UpscaleForm.LATENT else None)


def write_scale(aigif: Aigif) -> str | None:
    hires = aigif.data.hires
    return show_number(hires.scale) if hires is not None and hires.scale else None


def read_resize(raw: str, draft: Draft) -> None:
    for side, value in zip(("width", "height"), size(raw), strict=True):
        draft.put(f"hires.{side}", value)
    if "Hires upscale" not in draft.settings:
        draft.put("hires.scale", 0.0)


def write_version(aigif: Aigif) -> str | None:
    known = (
        *samplers.WEB_UIS,
        samplers.SD_NEXT,
        samplers.STABLE_DIFFUSION_CPP,
        *samplers.THROUGH_COMFYUI,
        samplers.UNSPECIFIED,
    )
    return quoted(aigif.platform.program_version) or None if aigif.platform.program in known else None


def write_app(aigif: Aigif) -> str | None:
    return "SD.Next" if aigif.platform.program == samplers.SD_NEXT else None


def read_lora_hashes(raw: str, draft: Draft) -> None:
    held, problems = adapter_lines.with_hashes(
        draft.get("model.adapters"), adapter_lines.hashes_of(unquoted(raw))
    )
    draft.put("model.adapters", held)
    if problems:
        raise Unreadable("; ".join(problems))


def read_embedding_hashes(raw: str, draft: Draft) -> None:
    hashes = adapter_lines.hashes_of(unquoted(raw))
    named = [Adapter(kind=AdapterKind.TEXTUAL_INVERSION, name=name) for name, _ in hashes]
    held, problems = adapter_lines.with_hashes(named, hashes)
    draft.put("model.adapters", (*draft.get("model.adapters"), *held))
    if problems:
        raise Unreadable("; ".join(problems))


def write_hashes(*kinds: AdapterKind) -> Callable[[Aigif], str | None]:
    def write(aigif: Aigif) -> str | None:
        line = adapter_lines.show_hashes(aigif.model.adapters, kinds)
        return None if line is None else quoted(line)

    return write


def nothing(raw: str, draft: Draft) -> None:
    """Read beforehand: other settings depend on it."""
