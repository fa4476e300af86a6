"""Draw Things: a JSON object as the comment, in XMP (exif:UserComment) or in PNG's text `Comment`.

Source: drawthingsai/draw-things-community, Libraries/ImageConverter (the keys, and which of them are left out at
their defaults), its lists of samplers and of seed modes. Its samplers, its noise but for two of the seed modes, and
its models, which it converts to a form of its own, are not those of the other programs.
"""

from __future__ import annotations

from aigif._gen.enums import (
    AdapterKind,
    GapKind,
    NoiseSource,
    PromptDialect,
    Scheduler,
    SigmaSchedule,
    TimestepSpacing,
)
from aigif.errors import ImportMetadataError
from aigif.importers import jsontext, settle, xmp
from aigif.importers.adapters import made
from aigif.importers.base import Evidence, Importer, Reading, Strength
from aigif.importers.draft import Draft
from aigif.importers.fields import Fields, pair, real, seed, whole, words
from aigif.importers.texts import PictureText, TextEntry
from aigif.importers.tooltext import finished, started
from aigif.importers.values import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_NAME = "Draw Things"
_KEYS = ("Comment", "UserComment", "comment")
_MARKS = ('"seed_mode"', '"c"')
_SAMPLERS: dict[str, Scheduler] = {
    "ddim": Scheduler.DDIM,
    "dpm++ 2m": Scheduler.DPMPP_2M,
    "dpm++ sde": Scheduler.DPMPP_SDE,
    "euler a": Scheduler.EULER_A,
    "euler ancestral": Scheduler.EULER_A,
    "lcm": Scheduler.LCM,
    "plms": Scheduler.PLMS,
    "tcd": Scheduler.TCD,
    "unipc": Scheduler.UNIPC,
}
_SEED_MODES = {
    "torch cpu compatible": NoiseSource.TORCH_CPU,
    "nvidia gpu compatible": NoiseSource.CUDA_PHILOX,
}
_HARMLESS = frozenset(
    {
        "decoding_tile_height",
        "decoding_tile_overlap",
        "decoding_tile_width",
        "diffusion_tile_height",
        "diffusion_tile_overlap",
        "diffusion_tile_width",
        "negative_original_size",
        "profile",
        "tiled_decoding",
        "v2",
    }
)
_NEUTRAL: dict[str, tuple[object, ...]] = {
    "mask_blur": (1.5, 0),
    "guidance_embed": (3.5,),
    "num_frames": (1,),
}
_MAX_ADAPTERS = 256


def evidence(picture: PictureText) -> Evidence | None:
    entry = _entry(picture)
    return None if entry is None else Evidence(Strength.OWN, "a comment holds Draw Things' settings", entry)


def _entry(picture: PictureText) -> TextEntry | None:
    named = any(_NAME in entry.text[:80] for entry in picture.all("Software"))
    for entry in picture.entries:
        if len(entry.text) > jsontext.MAX_CHARACTERS:
            continue
        if entry.key == "XMP" and _NAME in entry.text and "UserComment" in entry.text:
            return entry
        marks = _MARKS[1:] if named else _MARKS
        if entry.key in _KEYS and all(mark in entry.text for mark in marks):
            return entry
    return None


def read(picture: PictureText) -> Reading:
    """The generation syntax of Draw Things' comment. Raises ImportMetadataError where it is no JSON."""
    entry = _entry(picture)
    text = "" if entry is None else entry.text
    if entry is not None and entry.key == "XMP":
        text = xmp.property_of(text, "exif:UserComment") or ""
    record = jsontext.object_of(text)
    if entry is None or record is None:
        raise ImportMetadataError(
            "the comment of Draw Things is no JSON object", hint="give the file that the app exported"
        )
    draft = started("draw-things", PromptDialect.DRAW_THINGS, NoiseSource.TORCH_CPU)
    fields = Fields(record, draft)
    draft.put("data.prompt", "")
    fields.put("data.prompt", words, "c", kind=GapKind.PROMPT)
    fields.put("data.negative_prompt", words, "uc")
    fields.put("data.seed", seed, "seed", kind=GapKind.SEED)
    fields.put("data.steps", whole, "steps")
    fields.put("data.guidance_scale", real, "scale")
    fields.put("sampler_options.shift", real, "shift")
    fields.put("distilled.guidance", real, "guidance_embed")
    fields.put("model.clip_skip", whole, "clip_skip")
    fields.put("data.denoising_strength", real, "strength")
    if (upscaler := fields.take("upscaler")) is not None:
        draft.missing("the finished picture was enlarged", GapKind.POSTPROCESS, str(upscaler))
    _noise(fields, draft)
    _sampler(fields, draft)
    _models(fields, draft)
    _sizes(fields, draft)
    _others(fields, draft)
    fields.name_rest(_HARMLESS, _NEUTRAL)
    return finished(draft, picture, entry)


def _noise(fields: Fields, draft: Draft) -> None:
    mode = fields.take("seed_mode")
    source = _SEED_MODES.get(mode.lower()) if isinstance(mode, str) else None
    draft.put("platform.noise_source", NoiseSource.UNSPECIFIED if source is None else source)
    if source is None:
        draft.missing(
            f"the noise of the seed mode {str(mode)[:40]!a} is the app's own", GapKind.NOISE, str(mode)
        )


def _sampler(fields: Fields, draft: Draft) -> None:
    """A name, and after it how the noise levels are laid out."""
    value = fields.take("sampler")
    name = value.lower() if isinstance(value, str) else ""
    for ending, path, chosen in (
        (" karras", "model.sigma_schedule", SigmaSchedule.KARRAS),
        (" ays", "model.sigma_schedule", SigmaSchedule.ALIGN_YOUR_STEPS),
        (" trailing", "sampler_options.timestep_spacing", TimestepSpacing.TRAILING),
    ):
        if name.endswith(ending):
            name = name.removesuffix(ending)
            draft.put(path, chosen)
    if name.endswith(" substep"):
        name = name.removesuffix(" substep")
        draft.missing("the app's Substep samplers are its own", GapKind.SETTING, "sampler")
    if name in _SAMPLERS:
        draft.put("model.scheduler", _SAMPLERS[name])
    elif value is not None:
        fields.refuse("sampler", value, "no such sampler is known", name="scheduler")


def _models(fields: Fields, draft: Draft) -> None:
    name = fields.take("model")
    settle.put_model(draft, name if isinstance(name, str) else "")
    adapters = []
    listed = fields.take("lora")
    for one in listed[:_MAX_ADAPTERS] if isinstance(listed, list) else []:
        record: dict[str, Any] = one if isinstance(one, dict) else {}
        try:
            weight = real(record.get("weight", 1.0))
            adapters.append(made(AdapterKind.LORA, words(record.get("model")), weight))
        except Unreadable as problem:
            draft.missing(f"an adapter is not recorded: {problem}", GapKind.ADAPTER, "lora")
    draft.put("model.adapters", tuple(adapters))
    refiner = fields.take("refiner")
    if isinstance(refiner, str):
        draft.put("refiner.name", refiner)
        fields.put("refiner.switch_at", real, "refiner_start")
        fields.put("refiner.aesthetic_score", real, "aesthetic_score")
        fields.put("refiner.negative_aesthetic_score", real, "negative_aesthetic_score")
        settle.settle_model(draft)
    fields.take("aesthetic_score", "negative_aesthetic_score", "refiner_start")


def _sizes(fields: Fields, draft: Draft) -> None:
    """With a second pass `size` is the final size, and the first pass has one of its own."""
    final, first, second = fields.take("size"), fields.take("first_stage_size"), fields.take("hires_fix")
    strength = fields.take("second_stage_strength")
    try:
        if final is not None:
            _put_pair(draft, "data.width", "data.height", final)
        if second is True and first is not None:
            _put_pair(draft, "data.width", "data.height", first)
            draft.put("hires.scale", 0.0)
            _put_pair(draft, "hires.width", "hires.height", final)
            draft.put("hires.denoising_strength", real(strength if strength is not None else 0.7))
        elif second is True:
            draft.missing("the size of the first pass is not recorded", GapKind.PASSES, "hires_fix")
    except Unreadable as problem:
        fields.refuse("size", final, str(problem))
    for key, width, height in (
        ("original_size", "original_width", "original_height"),
        ("target_size", "target_width", "target_height"),
    ):
        value = fields.take(key)
        if value is None:
            continue
        try:
            _put_pair(draft, f"micro_conditioning.{width}", f"micro_conditioning.{height}", value)
        except Unreadable as problem:
            fields.refuse(key, value, str(problem))
    fields.put("micro_conditioning.crop_top", whole, "crop_top")
    fields.put("micro_conditioning.crop_left", whole, "crop_left")


def _put_pair(draft: Draft, width: str, height: str, value: Any) -> None:
    across, down = pair(value)
    draft.put(width, across)
    draft.put(height, down)


def _others(fields: Fields, draft: Draft) -> None:
    if fields.take("control"):
        draft.missing("a control image took part", GapKind.CONTROL_IMAGE, "control")
    if fields.take("tiled_diffusion") is True:
        draft.missing("the picture was made in tiles", GapKind.SETTING, "tiled_diffusion")
    if (frames := fields.take("num_frames")) not in (None, 1):
        draft.missing(f"it is one of {str(frames)[:10]} frames", GapKind.ANIMATION, "num_frames")


IMPORTER = Importer("draw-things", evidence, read)

__all__ = ["IMPORTER"]
