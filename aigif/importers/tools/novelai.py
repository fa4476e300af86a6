"""NovelAI: JSON in `Comment` beside Title, Software, Source and Description; the same again in the alpha channel.

In WebP it stands in EXIF. The service's models are closed, so that no picture of it can be made again elsewhere; its
settings are recorded all the same.

Source: NovelAI's novelai-image-metadata (how the texts are hidden and signed) and its documentation of the settings.
"""

from __future__ import annotations

from aigif._gen.enums import Device, GapKind, NoiseSource, PromptDialect, Scheduler, SigmaSchedule
from aigif.errors import ImportMetadataError
from aigif.importers import jsontext
from aigif.importers.base import Evidence, Importer, Reading, Strength
from aigif.importers.draft import Draft
from aigif.importers.fields import Fields, real, seed, whole, words
from aigif.importers.texts import PictureText, TextEntry
from aigif.importers.tooltext import finished, started
from aigif.importers.values import Unreadable, hexadecimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_NAME = "NovelAI"
_KEYS = ("Comment", "UserComment", "comment", "stealth", "parameters", "ImageDescription")
_MARKS = ('"v4_prompt"', '"uncond_scale"', '"signed_hash"', '\\"uncond_scale\\"', '\\"signed_hash\\"')
_SAMPLERS: dict[str, Scheduler] = {
    "k_euler": Scheduler.EULER,
    "k_euler_ancestral": Scheduler.EULER_A,
    "k_dpmpp_2m": Scheduler.DPMPP_2M,
    "k_dpmpp_2m_sde": Scheduler.DPMPP_2M_SDE,
    "k_dpmpp_2s_ancestral": Scheduler.DPMPP_2S_A,
    "k_dpmpp_sde": Scheduler.DPMPP_SDE,
    "k_dpm_2": Scheduler.DPM2,
    "k_dpm_2_ancestral": Scheduler.DPM2_A,
    "k_dpm_adaptive": Scheduler.DPM_ADAPTIVE,
    "k_dpm_fast": Scheduler.DPM_FAST,
    "k_heun": Scheduler.HEUN,
    "k_lms": Scheduler.LMS,
    "ddim": Scheduler.DDIM,
    "ddim_v3": Scheduler.DDIM,
    "plms": Scheduler.PLMS,
}
_SCHEDULES: dict[str, SigmaSchedule] = {
    "native": SigmaSchedule.MODEL,
    "karras": SigmaSchedule.KARRAS,
    "exponential": SigmaSchedule.EXPONENTIAL,
    "polyexponential": SigmaSchedule.POLYEXPONENTIAL,
}
_HARMLESS = frozenset(
    {
        "controlnet_strength",
        "dynamic_thresholding_mimic_scale",
        "dynamic_thresholding_percentile",
        "extra_passthrough_testing",
        "n_samples",
        "noise",
        "request_type",
        "signed_hash",
        "stream",
        "version",
    }
)
_NEUTRAL: dict[str, tuple[object, ...]] = {
    "cfg_sched_eligibility": ("enable_for_post_summer_samplers",),
    "prefer_brownian": (True,),
    "skip_cfg_below_sigma": (0.0, 0),
    "uncond_per_vibe": (True,),
    "uncond_scale": (0.0, 0, 1.0, 1),
    "wonky_vibe_correlation": (True,),
}


def evidence(picture: PictureText) -> Evidence | None:
    named = any(entry.text.startswith(_NAME) for entry in picture.all("Software"))
    for entry in picture.entries:
        if entry.key not in _KEYS or len(entry.text) > jsontext.MAX_CHARACTERS or "{" not in entry.text[:4]:
            continue
        if named or any(mark in entry.text for mark in _MARKS):
            return Evidence(Strength.OWN, "a text is JSON with NovelAI's settings", entry)
    return None


def read(picture: PictureText) -> Reading:
    """The generation syntax of NovelAI's settings. Raises ImportMetadataError where there are none."""
    entry, record, around = _record(picture)
    draft = started("novelai", PromptDialect.NOVELAI, NoiseSource.SERVICE)
    draft.put("platform.device", Device.SERVICE)
    fields = Fields(record, draft)
    _source(draft, _beside(picture, around, "Source"))
    _prompts(fields, draft, _beside(picture, around, "Description"))
    fields.put("data.seed", seed, "seed", kind=GapKind.SEED)
    fields.put("data.steps", whole, "steps")
    fields.put("data.guidance_scale", real, "scale")
    fields.put("data.guidance_rescale", real, "cfg_rescale")
    fields.put("data.width", whole, "width")
    fields.put("data.height", whole, "height")
    fields.put("data.denoising_strength", real, "strength")
    _sampler(fields, draft)
    _images(fields, draft)
    fields.name_rest(_HARMLESS, _NEUTRAL)
    return finished(draft, picture, entry)


def _record(picture: PictureText) -> tuple[TextEntry, dict[str, Any], dict[str, Any]]:
    """The settings, the text that holds them, and what stands around them there."""
    for entry in picture.entries:
        if entry.key not in _KEYS:
            continue
        found = jsontext.object_of(entry.text)
        if found is None:
            continue
        inner = found.get("Comment")
        settings = jsontext.object_of(inner) if isinstance(inner, str) else inner
        if isinstance(settings, dict):
            return entry, settings, found
        if "Comment" not in found and ("steps" in found or "sampler" in found or "v4_prompt" in found):
            return entry, found, {}
    raise ImportMetadataError(
        "the metadata of NovelAI hold no settings", hint="give the file that the service saved"
    )


def _beside(picture: PictureText, around: dict[str, Any], key: str) -> str:
    value = around.get(key)
    entry = picture.first(key)
    return value if isinstance(value, str) else entry.text if entry is not None else ""


def _source(draft: Draft, source: str) -> None:
    """The model: its name and, as the last word, 8 digits of a hash of the service's own."""
    name, _, digest = source.rpartition(" ")
    try:
        hexadecimal(digest)
    except Unreadable:
        name, digest = source, ""
    draft.put("model.model_id", 1)
    draft.put("model.model_name", source if digest else name)
    draft.missing("the model belongs to the service", GapKind.CLOSED_MODEL, source)


def _prompts(fields: Fields, draft: Draft, description: str) -> None:
    """The prompt, which since version 4 may have characters with prompts and places of their own."""
    draft.put("data.prompt", description)
    fields.put("data.prompt", words, "prompt", kind=GapKind.PROMPT)
    fields.put("data.negative_prompt", words, "uc")
    for key, path in (("v4_prompt", "data.prompt"), ("v4_negative_prompt", "data.negative_prompt")):
        value = fields.take(key)
        caption = value.get("caption") if isinstance(value, dict) else None
        if not isinstance(caption, dict):
            continue
        base = caption.get("base_caption")
        if isinstance(base, str):
            draft.put(path, base)
        characters = caption.get("char_captions")
        if isinstance(characters, list) and characters:
            draft.missing("characters have prompts of their own", GapKind.REGION, key)


def _sampler(fields: Fields, draft: Draft) -> None:
    name, schedule = fields.take("sampler"), fields.take("noise_schedule")
    found = _SAMPLERS.get(name) if isinstance(name, str) else None
    if found is not None:
        draft.put("model.scheduler", found)
    elif name is not None:
        fields.refuse("sampler", name, "no such sampler is known", name="scheduler")
    known = _SCHEDULES.get(schedule) if isinstance(schedule, str) else None
    if known is not None:
        draft.put("model.sigma_schedule", known)
    elif schedule is not None:
        fields.refuse("noise_schedule", schedule, "no such schedule is known")


def _images(fields: Fields, draft: Draft) -> None:
    references = fields.take(
        "reference_strength_multiple",
        "reference_information_extracted_multiple",
        "director_reference_strengths",
        "director_reference_descriptions",
        "director_reference_information_extracted",
        "director_reference_secondary_strengths",
    )
    if references:
        draft.missing("reference images took part", GapKind.REFERENCE_IMAGE, "references")
    if (model := fields.take("controlnet_model")) is not None:
        draft.missing("a control image took part", GapKind.CONTROL_IMAGE, str(model))


IMPORTER = Importer("novelai", evidence, read)

__all__ = ["IMPORTER"]
