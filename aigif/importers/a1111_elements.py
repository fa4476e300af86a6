"""From the parts of an infotext to elements, and to what a person should know about them."""

from __future__ import annotations

from aigif._gen.enums import HashKind
from aigif._gen.meta import GROUPS
from aigif.importers import checkpoints, samplers
from aigif.importers.a1111_keys import BY_KEY, HARMLESS, HARMLESS_PAIRS, NEEDED, SETTINGS
from aigif.importers.adapters import tags_of
from aigif.importers.draft import Draft
from aigif.importers.infotext import Infotext, unquoted
from aigif.importers.values import Unreadable

_MAX_ADAPTERS = next(info.max_length for info in GROUPS["model"].elements if info.name == "adapters")
_MAX_SIDE = 0xFFFFFFFF
_SHOWN = 40
# A second pass rounds its size to whole latents of 8 pixels.
_LATENT = 8


def drafted(parts: Infotext, width: int, height: int, program: int) -> Draft:
    """The elements of an infotext.

    `width` and `height` are the picture's own in pixels, 0 where not known; `program` is what something beside the
    text tells. Nothing is refused: what can't be read is a note, and makes the syntax partial.
    """
    settings: dict[str, str] = {}
    for key, raw in parts.settings:
        settings.setdefault(key, raw)
    draft = Draft(settings)
    draft.put("data.prompt", parts.prompt)
    draft.put("data.negative_prompt", parts.negative)
    _program(draft, program)
    _adapters(draft, parts.prompt)
    for setting in SETTINGS:
        if setting.key in settings:
            try:
                setting.read(settings[setting.key], draft)
            except Unreadable as problem:
                draft.missing(f"{setting.key}: {_short(settings[setting.key])} is kept as it is: {problem}")
    _model(draft)
    _gaps(draft)
    _sizes(draft, width, height)
    return draft


def _short(text: str) -> str:
    return ascii(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")


def _program(draft: Draft, program: int) -> None:
    version = unquoted(draft.settings.get("Version", ""))
    if unquoted(draft.settings.get("App", "")) == "SD.Next":
        program = samplers.SD_NEXT
    elif version and (told := samplers.program_of(version)) != samplers.UNSPECIFIED:
        program = told
    draft.put("platform.program", program)
    draft.put("platform.program_version", version)
    draft.put("platform.noise_source", samplers.usual_noise(program))
    draft.put("model.prompt_dialect", samplers.dialect_of(program))
    if program in (samplers.COMFYUI, samplers.STABILITY_MATRIX):
        draft.missing("ComfyUI's own graph is the record of this picture; this text beside it may be wrong")


def _adapters(draft: Draft, prompt: str) -> None:
    found = list(tags_of(prompt))
    for tag in found:
        if isinstance(tag, str):
            draft.missing(f"the tag {_short(tag)} is not understood; it stays in the prompt")
    adapters = tuple(tag for tag in found if not isinstance(tag, str))
    if len(adapters) > _MAX_ADAPTERS:
        draft.missing(f"only {_MAX_ADAPTERS} of {len(adapters)} adapters were taken; all stay in the prompt")
    draft.put("model.adapters", adapters[:_MAX_ADAPTERS])


def _model(draft: Draft) -> None:
    """The table's entry where the file is one beyond doubt; else its name and hash."""
    name, digest = draft.get("model.model_name"), draft.get("model.weight_hash")
    if digest or "Model hash" not in draft.settings:
        draft.put("model.model_id", _identified(name, digest, draft.get("model.hash_kind")))
    else:
        draft.put("model.model_id", checkpoints.UNLISTED)
    if draft.get("model.model_id") != checkpoints.UNLISTED:
        draft.put("model.model_name", "")
    elif not name and not digest:
        draft.missing("the model is not recorded")
    if draft.has("refiner"):
        refiner = draft.get("refiner.name"), draft.get("refiner.weight_hash")
        draft.put("refiner.model", _identified(*refiner, HashKind.SHA256))


def _identified(name: str, digest: bytes, kind: int) -> int:
    if not digest:
        return checkpoints.identified(name, None)
    return checkpoints.identified(name, digest if kind == HashKind.SHA256 else b"")


def _gaps(draft: Draft) -> None:
    absent = [keys[0] for keys in NEEDED if not any(key in draft.settings for key in keys)]
    if absent:
        draft.missing(f"not recorded: {', '.join(absent)}")
    unknown = [
        key
        for key, raw in draft.settings.items()
        if key not in BY_KEY and key not in HARMLESS and (key, raw) not in HARMLESS_PAIRS
    ]
    if unknown:
        names = ", ".join(_short(key)[1:-1] for key in unknown[:_SHOWN])
        draft.missing(f"kept, but not understood: {names}")
    if draft.get("data.denoising_strength") < 1:
        draft.missing("an image was the input, and is not in the metadata")
    if draft.has("hires") and not (draft.has("hires.scale") and draft.has("hires.denoising_strength")):
        draft.missing("the second pass is not recorded as a whole")


def _sizes(draft: Draft, width: int, height: int) -> None:
    if not (0 < width <= _MAX_SIDE and 0 < height <= _MAX_SIDE):
        return
    if not (draft.has("data.width") and draft.has("data.height")):
        draft.put("data.width", width)
        draft.put("data.height", height)
        draft.missing("the size was taken from the picture")
    first = draft.get("data.width"), draft.get("data.height")
    if (width, height) == first and not draft.has("hires"):
        return
    if (width, height) != first:
        draft.put("verification.picture_width", width)
        draft.put("verification.picture_height", height)
    scale = draft.get("hires.scale") if draft.has("hires") else 1.0
    target = draft.get("hires.width"), draft.get("hires.height")
    expected = target if not scale else (first[0] * scale, first[1] * scale)
    if any(
        side and abs(side - own) >= _LATENT for side, own in zip(expected, (width, height), strict=True)
    ) or ((width, height) != first and not draft.has("hires")):
        draft.missing(f"the picture is {width}x{height}: cropped, resized, or not what the text tells of")
