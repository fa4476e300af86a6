"""From the parts of an infotext to elements, and to what a person should know about them."""

from __future__ import annotations

from aigif._gen.enums import BatchGenerators, GapKind, NoiseSource
from aigif._gen.meta import GROUPS
from aigif.importers import samplers, settle
from aigif.importers.a1111_dialects import READ_ONLY
from aigif.importers.a1111_gaps import name_unknown
from aigif.importers.a1111_keys import BY_KEY, HARMLESS, HARMLESS_PAIRS, NEEDED, SETTINGS
from aigif.importers.adapters import tags_of
from aigif.importers.draft import Draft
from aigif.importers.infotext import Infotext, unquoted
from aigif.importers.values import Unreadable

_MAX_ADAPTERS = next(info.max_length for info in GROUPS["model"].elements if info.name == "adapters")
_SHOWN = 40
_UNREADABLE_KINDS = {
    "Seed": GapKind.SEED,
    "RNG": GapKind.NOISE,
    "Lora hashes": GapKind.ADAPTER,
    "TI hashes": GapKind.ADAPTER,
    "Hashes": GapKind.ADAPTER,
    "Lora weights": GapKind.ADAPTER,
    "Civitai resources": GapKind.ADAPTER,
}
# Models that Civitai's generator hands on to other services: no sampler of ours made the picture.
_NOT_SAMPLED = "Undefined"


def drafted(parts: Infotext, width: int, height: int, program: int) -> Draft:
    """The elements of an infotext.

    `width` and `height` are the picture's own in pixels, 0 where not known; `program` is what something beside the
    text tells. Nothing is refused: what can't be read is a note, and makes the syntax partial.
    """
    settings: dict[str, str] = {}
    for key, raw in parts.settings:
        settings.setdefault(key, _first_line(raw))
    draft = Draft(settings)
    draft.put("data.prompt", parts.prompt)
    draft.put("data.negative_prompt", parts.negative)
    _program(draft, program)
    _adapters(draft, parts.prompt)
    for setting in (*SETTINGS, *READ_ONLY):
        if setting.key in settings and not _only_enlarged(setting.key, draft):
            try:
                setting.read(settings[setting.key], draft)
            except Unreadable as problem:
                _refuse(draft, setting.key, str(problem))
    _by_version(draft)
    _step_noise(draft)
    settle.settle_model(draft, hashed="Model hash" in settings)
    _gaps(draft)
    settle.settle_sizes(draft, width, height)
    return draft


def _first_line(raw: str) -> str:
    """A bare value without the lines after it: extensions added some ("Template: ..."), editors end the last one."""
    return raw if raw[:1] in ('"', "{", "[") else raw.partition("\n")[0].rstrip("\r")


def _refuse(draft: Draft, key: str, reason: str) -> None:
    raw = draft.settings[key]
    note = f"{key}: {_short(raw)} is kept as it is: {reason}"
    if key == "Sampler" and raw == _NOT_SAMPLED:
        draft.missing("the picture was made by another service", GapKind.CLOSED_MODEL)
        return
    kind = _UNREADABLE_KINDS.get(key, GapKind.VALUE)
    draft.missing(note, kind, "" if kind == GapKind.SEED else key)


def _short(text: str) -> str:
    return ascii(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")


def _program(draft: Draft, program: int) -> None:
    version = unquoted(draft.settings.get("Version", ""))
    if unquoted(draft.settings.get("App", "")) == "SD.Next":
        program = samplers.SD_NEXT
    elif version and (told := samplers.program_of(version)) != samplers.UNSPECIFIED:
        program = told
    elif program == samplers.UNSPECIFIED and (
        "Civitai resources" in draft.settings or "Civitai metadata" in draft.settings
    ):
        program = samplers.CIVITAI
    draft.put("platform.program", program)
    draft.put("platform.program_version", version)
    draft.put("platform.noise_source", samplers.usual_noise(program))
    draft.put("model.prompt_dialect", samplers.dialect_of(program))
    if program == samplers.COMFYUI:
        note = "ComfyUI's own graph is the record of this picture; this text beside it may be wrong"
        draft.missing(note, GapKind.RECORD)
    if program == samplers.STABILITY_MATRIX and "#" in draft.get("data.prompt") + draft.get(
        "data.negative_prompt"
    ):
        draft.missing("comments (# ...) were cut from the prompt before it was drawn", GapKind.SETTING, "#")
    if program == samplers.SD_NEXT:
        draft.put("data.batch_generators", BatchGenerators.SEPARATE)
    if program == samplers.FOOOCUS:
        draft.missing("Fooocus' sharpness and its size conditions took part", GapKind.EXTENSION, "sharpness")


def _adapters(draft: Draft, prompt: str) -> None:
    found = list(tags_of(prompt))
    for tag in found:
        if isinstance(tag, str):
            note = f"the tag {_short(tag)} is not understood; it stays in the prompt"
            draft.missing(note, GapKind.ADAPTER, tag)
    adapters = tuple(tag for tag in found if not isinstance(tag, str))
    if len(adapters) > _MAX_ADAPTERS:
        note = f"only {_MAX_ADAPTERS} of {len(adapters)} adapters were taken; all stay in the prompt"
        draft.missing(note, GapKind.ADAPTER)
    draft.put("model.adapters", adapters[:_MAX_ADAPTERS])


def _only_enlarged(key: str, draft: Draft) -> bool:
    """Whether a setting of SD.Next's second pass belongs to a mere enlargement of the finished picture."""
    if (
        draft.get("platform.program") != samplers.SD_NEXT
        or not key.startswith("Hires")
        or key == "Hires scale"
    ):
        return False
    forced = draft.settings.get("Hires force") == "True"
    return not forced and "Latent" not in draft.settings.get("Hires upscaler", "")


def _by_version(draft: Draft) -> None:
    """What a version did otherwise, and no setting says (modules/infotext_versions.py)."""
    program, version = draft.get("platform.program"), draft.get("platform.program_version")
    if samplers.edits_as_of_old(program, version) and "[" in draft.get("data.prompt"):
        draft.put("data.old_prompt_edits", True)
    if samplers.halves_alphas(program, version):
        draft.put("sampler_options.half_alphas", True)


def _step_noise(draft: Draft) -> None:
    """Programs that draw through ComfyUI have a generator of their own for fresh noise."""
    program = draft.get("platform.program")
    if program in samplers.THROUGH_COMFYUI and draft.get("platform.noise_source") == NoiseSource.TORCH_CPU:
        draft.put(
            "sampler_options.step_noise", samplers.comfyui_step_noise(draft.get("model.scheduler"), False)
        )


def _gaps(draft: Draft) -> None:
    for keys, kind in NEEDED:
        if not any(key in draft.settings for key in keys):
            draft.missing(f"not recorded: {keys[0]}", kind, "" if kind == GapKind.SEED else keys[0])
    unknown = [
        key
        for key, raw in draft.settings.items()
        if key not in BY_KEY
        and key not in HARMLESS
        and (key, raw) not in HARMLESS_PAIRS
        and not key.startswith("AddNet ")
        and not _only_enlarged(key, draft)
    ]
    name_unknown(draft, unknown)
    if draft.get("data.denoising_strength") < 1:
        draft.missing("an image was the input, and is not in the metadata", GapKind.INIT_IMAGE)
    if draft.has("hires") and not (draft.has("hires.scale") and draft.has("hires.denoising_strength")):
        draft.missing("the second pass is not recorded as a whole", GapKind.PASSES)
