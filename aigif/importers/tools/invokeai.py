"""InvokeAI: `invokeai_metadata` (version 3 and later), `sd-metadata` (2) and `Dream` (1 and 2) in PNG texts.

Sources: InvokeAI's invokeai/app/invocations/metadata.py (CoreMetadataInvocation), backend/stable_diffusion/
schedulers/schedulers.py (SCHEDULER_MAP), and of version 2 ldm/invoke/args.py (metadata_dumps, dream_prompt_str).
"""

from __future__ import annotations

from aigif._gen.enums import AdapterKind, GapKind, HashKind, NoiseSource, PromptDialect, StepNoise
from aigif.importers import invokeai_dream, invokeai_old, settle
from aigif.importers.adapters import made
from aigif.importers.base import Evidence, Importer, Reading, Strength
from aigif.importers.draft import Draft
from aigif.importers.fields import Fields, real, seed, whole, words
from aigif.importers.invokeai_names import named, put_scheduler
from aigif.importers.texts import PictureText
from aigif.importers.tooltext import finished, json_of, marked, started
from aigif.importers.values import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

KEYS = ("invokeai_metadata", "sd-metadata", "Dream")
_IMAGES = {
    "controlnets": GapKind.CONTROL_IMAGE,
    "control_layers": GapKind.CONTROL_IMAGE,
    "controlLayers": GapKind.CONTROL_IMAGE,
    "ipAdapters": GapKind.REFERENCE_IMAGE,
    "ref_images": GapKind.REFERENCE_IMAGE,
    "t2iAdapters": GapKind.CONTROL_IMAGE,
    "regions": GapKind.REGION,
    "init_image": GapKind.INIT_IMAGE,
    "initial_image": GapKind.INIT_IMAGE,
    "mask": GapKind.MASK,
}
_POSTPROCESS = ("esrgan_model", "facetool_strength", "upscale", "hrf_enabled", "upscale_model")
_HARMLESS = frozenset(
    {
        "canvas_v2_metadata",
        "clip_embed_model",
        "generation_mode",
        "positive_prompt_raw",
        "qwen3_encoder",
        "t5_encoder",
        "clip_l_embed_model",
        "clip_g_embed_model",
        "ref_images",
        "workflow",
        "type",
    }
)
_NEUTRAL: dict[str, tuple[object, ...]] = {
    "seamless_x": (False,),
    "seamless_y": (False,),
    "hrf_strength": (0.45,),
    "strength": (1, 1.0),
}


def evidence(picture: PictureText) -> Evidence | None:
    entry = picture.first(*KEYS)
    if entry is None or (entry.key == "Dream" and not invokeai_dream.looks_like(entry.text)):
        return None
    return Evidence(Strength.OWN, f"the text {entry.key!r} is InvokeAI's", entry)


def read(picture: PictureText) -> Reading:
    """The generation syntax of the newest of InvokeAI's formats that a picture holds.

    Raises ImportMetadataError where it can't be read.
    """
    if picture.first("invokeai_metadata") is not None:
        return _read_metadata(picture)
    if picture.first("sd-metadata") is not None:
        return invokeai_old.read_version_2(picture)
    return invokeai_old.read_dream(picture)


def _read_metadata(picture: PictureText) -> Reading:
    entry, record = json_of(marked(picture, ("invokeai_metadata",)), "InvokeAI")
    draft = started("invokeai", PromptDialect.COMPEL, NoiseSource.TORCH_CPU)
    draft.put("sampler_options.step_noise", StepNoise.TORCH_CPU)
    fields = Fields(record, draft)
    fields.put("platform.program_version", words, "app_version")
    draft.put("data.prompt", "")
    fields.put("data.prompt", words, "positive_prompt", kind=GapKind.PROMPT)
    fields.put("data.negative_prompt", words, "negative_prompt")
    fields.put("data.prompt_2", words, "positive_style_prompt")
    fields.put("data.negative_prompt_2", words, "negative_style_prompt")
    if draft.has("data.prompt_2") or draft.has("data.negative_prompt_2"):
        draft.missing("whether the prompt went before the style prompt", GapKind.VALUE, "style prompt")
    fields.put("data.width", whole, "width")
    fields.put("data.height", whole, "height")
    fields.put("data.seed", seed, "seed", kind=GapKind.SEED)
    fields.put("data.steps", whole, "steps")
    fields.put("data.guidance_scale", real, "cfg_scale")
    fields.put("data.guidance_rescale", real, "cfg_rescale_multiplier")
    fields.put("distilled.guidance", real, "guidance")
    fields.put("model.clip_skip", lambda value: whole(value) + 1, "clip_skip", "clipSkip")
    device = fields.take("rand_device")
    if device == "cuda":
        draft.put("platform.noise_source", NoiseSource.CUDA_PHILOX)
    elif device not in (None, "cpu"):
        fields.refuse("rand_device", device, "no such device is known", GapKind.NOISE)
    _model(fields, draft)
    _scheduler(fields, draft, record)
    _adapters(fields, draft)
    _refiner(fields, draft)
    _tiling(fields, draft)
    _images(fields, draft, record)
    fields.name_rest(_HARMLESS, _NEUTRAL)
    return finished(draft, picture, entry)


def _model(fields: Fields, draft: Draft) -> None:
    name, digest, _base = named(fields.take("model"))
    settle.put_model(draft, name, digest)
    vae, vae_digest, _ = named(fields.take("vae"))
    draft.put("model.vae_name", vae)
    if vae_digest:
        try:
            held, kind = settle.read_hash(vae_digest)
        except Unreadable as problem:
            fields.refuse("vae", vae_digest, str(problem))
        else:
            draft.put("model.vae_hash", held)
            draft.put("model.vae_hash_kind", kind)


def _scheduler(fields: Fields, draft: Draft, record: dict[str, Any]) -> None:
    put_scheduler(draft, fields.take("scheduler"), named(record.get("model"))[2])


def _adapters(fields: Fields, draft: Draft) -> None:
    adapters = []
    listed = fields.take("loras")
    for one in listed if isinstance(listed, list) else []:
        record = one if isinstance(one, dict) else {}
        name, digest, _ = named(record.get("lora", record.get("model")))
        try:
            weight = real(record.get("weight", 1.0))
            hashed = settle.read_hash(digest) if digest else (b"", HashKind.SHA256)
            adapters.append(made(AdapterKind.LORA, name, weight, hashed=hashed))
        except Unreadable as problem:
            draft.missing(f"an adapter is not recorded as a whole: {problem}", GapKind.ADAPTER, name)
    try:
        draft.put("model.adapters", tuple(adapters))
    except Unreadable as problem:
        draft.missing(f"adapters are not recorded: {problem}", GapKind.ADAPTER)


def _refiner(fields: Fields, draft: Draft) -> None:
    name, digest, _ = named(fields.take("refiner_model"))
    if not name:
        for key in ("refiner_steps", "refiner_start", "refiner_cfg_scale", "refiner_scheduler"):
            fields.take(key)
        fields.take("refiner_positive_aesthetic_score", "refiner_negative_aesthetic_score")
        return
    draft.put("refiner.name", name)
    if digest:
        try:
            held, kind = settle.read_hash(digest)
        except Unreadable as problem:
            fields.refuse("refiner_model", digest, str(problem))
        else:
            draft.put("refiner.weight_hash", held)
            draft.put("refiner.hash_kind", kind)
    fields.put("refiner.switch_at", real, "refiner_start")
    fields.put("refiner.steps", whole, "refiner_steps")
    fields.put("refiner.aesthetic_score", real, "refiner_positive_aesthetic_score")
    fields.put("refiner.negative_aesthetic_score", real, "refiner_negative_aesthetic_score")
    settle.settle_model(draft)


def _tiling(fields: Fields, draft: Draft) -> None:
    """Both axes are an element; one alone is not."""
    across, down = fields.take("seamless_x"), fields.take("seamless_y")
    if across is True and down is True:
        draft.put("data.tiling", True)
    elif across is True or down is True:
        draft.missing("the picture tiles along one axis", GapKind.SETTING, "seamless")


def _images(fields: Fields, draft: Draft, record: dict[str, Any]) -> None:
    if fields.put("data.denoising_strength", real, "strength", "denoising_strength"):
        draft.missing("the image that was changed is not in the metadata", GapKind.INIT_IMAGE)
    for key, kind in _IMAGES.items():
        if fields.take(key):
            draft.missing(f"{key} took part, with an image that is not in the metadata", kind, key)
    mode = record.get("generation_mode")
    if isinstance(mode, str) and any(part in mode for part in ("img2img", "inpaint", "outpaint")):
        draft.missing(f"an image was the input ({mode[:40]!a})", GapKind.INIT_IMAGE, mode)
    for key in _POSTPROCESS:
        if fields.take(key):
            draft.missing(f"the finished picture was changed ({key})", GapKind.POSTPROCESS, key)


IMPORTER = Importer("invokeai", evidence, read)

__all__ = ["IMPORTER"]
