"""Easy Diffusion: one PNG text for each setting, or a JSON object of the same in EXIF's UserComment.

Settings go by the names of its requests ("use_stable_diffusion_model") or, where its text form is chosen, by the
labels of its page ("Stable Diffusion model"). "None" stands for nothing.

Sources: easydiffusion's ui/easydiffusion/utils/save_utils.py (TASK_TEXT_MAPPING), sdkit's
generate/sampler/diffusers_samplers.py (samplers) and generate/image_generator.py (a generator on the device).
"""

from __future__ import annotations

from aigif._gen.enums import AdapterKind, GapKind, NoiseSource, PromptDialect, Scheduler, SigmaSchedule
from aigif._gen.types import Adapter
from aigif.importers import settle
from aigif.importers.adapters import made
from aigif.importers.base import Evidence, Importer, Reading, Strength
from aigif.importers.draft import Draft
from aigif.importers.fields import Fields, file_name, real, seed, truth, whole, words
from aigif.importers.texts import PictureText, TextEntry
from aigif.importers.tooltext import COMMON_KEYS, finished, json_of, marked, started
from aigif.importers.values import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MODEL = "use_stable_diffusion_model"
_MODEL_LABEL = "Stable Diffusion model"
_LABELS = {
    "prompt": "Prompt",
    "negative_prompt": "Negative Prompt",
    "seed": "Seed",
    "use_stable_diffusion_model": _MODEL_LABEL,
    "clip_skip": "Clip Skip",
    "use_controlnet_model": "ControlNet model",
    "control_filter_to_apply": "ControlNet Filter",
    "use_vae_model": "VAE model",
    "sampler_name": "Sampler",
    "width": "Width",
    "height": "Height",
    "num_inference_steps": "Steps",
    "guidance_scale": "Guidance Scale",
    "prompt_strength": "Prompt Strength",
    "use_lora_model": "LoRA model",
    "lora_alpha": "LoRA Strength",
    "use_hypernetwork_model": "Hypernetwork model",
    "hypernetwork_strength": "Hypernetwork Strength",
    "use_embeddings_model": "Embedding models",
    "tiling": "Seamless Tiling",
    "use_face_correction": "Use Face Correction",
    "use_upscale": "Use Upscaling",
    "upscale_amount": "Upscale By",
    "latent_upscaler_steps": "Latent Upscaler Steps",
}
_NAMES = {label: name for name, label in _LABELS.items()}
# The scheduler of a sampler's name, and whether it runs on Karras' noise levels.
_SAMPLERS: dict[str, tuple[Scheduler, bool]] = {
    "ddim": (Scheduler.DDIM, False),
    "ddpm": (Scheduler.DDPM, False),
    "deis": (Scheduler.DEIS, False),
    "dpm2": (Scheduler.DPM2, False),
    "dpm2_a": (Scheduler.DPM2_A, False),
    "dpm_adaptive": (Scheduler.DPM_ADAPTIVE, False),
    "dpm_fast": (Scheduler.DPM_FAST, False),
    "dpm_solver_stability": (Scheduler.DPM_SOLVER_2M, False),
    "dpmpp_2m": (Scheduler.DPMPP_2M, True),
    "dpmpp_2m_sde": (Scheduler.DPMPP_2M_SDE, True),
    "dpmpp_2s_a": (Scheduler.DPMPP_2S, True),
    "dpmpp_sde": (Scheduler.DPMPP_SDE, True),
    "euler": (Scheduler.EULER, False),
    "euler_a": (Scheduler.EULER_A, False),
    "heun": (Scheduler.HEUN, False),
    "lms": (Scheduler.LMS, False),
    "plms": (Scheduler.PLMS, False),
    "unipc_tu": (Scheduler.UNIPC_2_BH2, False),
}
_MAX_ADAPTERS = 256


def evidence(picture: PictureText) -> Evidence | None:
    entry = picture.first(_MODEL, _MODEL_LABEL) or _object(picture)
    return None if entry is None else Evidence(Strength.OWN, "a text names Easy Diffusion's model", entry)


def _object(picture: PictureText) -> TextEntry | None:
    return marked(picture, COMMON_KEYS, f'"{_MODEL}"') or marked(picture, COMMON_KEYS, f'"{_MODEL_LABEL}"')


def read(picture: PictureText) -> Reading:
    """The generation syntax of Easy Diffusion's settings. Raises ImportMetadataError where they are no JSON."""
    sources, settings = _settings(picture)
    draft = started("easy-diffusion", PromptDialect.UNSPECIFIED, NoiseSource.CUDA_PHILOX)
    fields = Fields(settings, draft)
    draft.put("data.prompt", "")
    fields.put("data.prompt", words, "prompt", kind=GapKind.PROMPT)
    fields.put("data.negative_prompt", words, "negative_prompt")
    fields.put("data.seed", seed, "seed", kind=GapKind.SEED)
    fields.put("data.steps", whole, "num_inference_steps")
    fields.put("data.guidance_scale", real, "guidance_scale")
    fields.put("data.width", whole, "width")
    fields.put("data.height", whole, "height")
    if fields.put("data.denoising_strength", real, "prompt_strength"):
        draft.missing("the image that was changed is not in the metadata", GapKind.INIT_IMAGE)
    fields.put("model.clip_skip", _clip_skip, "clip_skip")
    _sampler(fields, draft)
    name = fields.take(_MODEL)
    settle.put_model(draft, file_name(name) if isinstance(name, str) else "")
    fields.put("model.vae_name", file_name, "use_vae_model")
    draft.put("model.adapters", _adapters(fields, draft)[:_MAX_ADAPTERS])
    _others(fields, draft)
    fields.name_rest(("control_alpha", "lora_alpha"))
    return finished(draft, picture, *sources)


def _settings(picture: PictureText) -> tuple[tuple[TextEntry, ...], dict[str, Any]]:
    """The texts, and the settings by the names of requests."""
    if picture.first(_MODEL, _MODEL_LABEL) is not None:
        entries = tuple(entry for entry in picture.entries if entry.key in _LABELS or entry.key in _NAMES)
        return entries, {_NAMES.get(entry.key, entry.key): entry.text for entry in entries}
    entry, record = json_of(_object(picture), "Easy Diffusion")
    return (entry,), {_NAMES.get(key, key): value for key, value in record.items()}


def _clip_skip(value: Any) -> int:
    """Its setting is whether the last layer is left out; later versions count layers."""
    try:
        return 2 if truth(value) else 1
    except Unreadable:
        return whole(value)


def _sampler(fields: Fields, draft: Draft) -> None:
    name = fields.take("sampler_name")
    found = _SAMPLERS.get(name.lower()) if isinstance(name, str) else None
    if found is None:
        if name is not None:
            fields.refuse("sampler_name", name, "diffusers has no such sampler", name="scheduler")
        return
    draft.put("model.scheduler", found[0])
    if found[1]:
        draft.put("model.sigma_schedule", SigmaSchedule.KARRAS)


def _adapters(fields: Fields, draft: Draft) -> tuple[Adapter, ...]:
    found: list[Adapter] = []
    for kind, key, strength in (
        (AdapterKind.LORA, "use_lora_model", "lora_alpha"),
        (AdapterKind.HYPERNETWORK, "use_hypernetwork_model", "hypernetwork_strength"),
        (AdapterKind.TEXTUAL_INVERSION, "use_embeddings_model", ""),
    ):
        names, weights = _listed(fields.take(key)), _listed(fields.take(strength) if strength else None)
        for at, name in enumerate(names):
            if name in ("", "None"):
                continue
            try:
                weight = real(weights[at]) if at < len(weights) else 1.0
                found.append(made(kind, settle.stem(file_name(name)), weight))
            except Unreadable as problem:
                draft.missing(f"an adapter is not recorded: {problem}", GapKind.ADAPTER, key)
    return tuple(found)


def _listed(value: Any) -> list[Any]:
    """A list, also one that was written as text: "a, b" or "['a', 'b']"."""
    if value is None:
        return []
    if isinstance(value, str):
        return [part.strip(" '\"") for part in value.strip().strip("[]").split(",")]
    return value if isinstance(value, list) else [value]


def _others(fields: Fields, draft: Draft) -> None:
    if (model := fields.take("use_controlnet_model")) is not None:
        fields.take("control_filter_to_apply")
        draft.missing("a control image took part", GapKind.CONTROL_IMAGE, str(model))
    if (model := fields.take("use_face_correction")) is not None:
        draft.missing("faces were corrected", GapKind.POSTPROCESS, str(model))
    if (model := fields.take("use_upscale")) is not None:
        fields.take("upscale_amount", "latent_upscaler_steps")
        draft.missing("the finished picture was enlarged", GapKind.POSTPROCESS, str(model))
    axes = fields.take("tiling")
    if axes == "xy":
        draft.put("data.tiling", True)
    elif axes is not None:
        draft.missing(f"the picture tiles along one axis ({str(axes)[:10]!a})", GapKind.SETTING, "tiling")


IMPORTER = Importer("easy-diffusion", evidence, read)

__all__ = ["IMPORTER"]
