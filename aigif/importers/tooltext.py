"""How the importers of programs with formats of their own begin and end."""

from __future__ import annotations

from aigif._gen.enums import GapKind, NoiseSource, PromptDialect
from aigif.errors import ImportMetadataError
from aigif.importers import jsontext, samplers
from aigif.importers.base import Reading
from aigif.importers.draft import Draft
from aigif.importers.settle import settle_sizes
from aigif.importers.texts import PictureText, TextEntry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Where a program's one text stands: in PNG under this key, in JPEG, WebP and AVIF as EXIF's comment or description,
# or hidden in the pixels.
COMMON_KEYS = ("parameters", "UserComment", "ImageDescription", "comment", "Comment", "stealth")
_NEEDED = (
    ("data.seed", GapKind.SEED, "the seed"),
    ("data.steps", GapKind.VALUE, "the number of steps"),
    ("data.guidance_scale", GapKind.VALUE, "the guidance scale"),
    ("model.scheduler", GapKind.VALUE, "the sampler"),
    ("data.prompt", GapKind.PROMPT, "the prompt"),
)


def marked(picture: PictureText, keys: tuple[str, ...], *marks: str) -> TextEntry | None:
    """The first text under one of these keys that holds every mark; cheap, so that evidence can ask it."""
    return next(
        (
            entry
            for entry in picture.entries
            if entry.key in keys
            and len(entry.text) <= jsontext.MAX_CHARACTERS
            and all(mark in entry.text for mark in marks)
        ),
        None,
    )


def json_of(entry: TextEntry | None, program: str) -> tuple[TextEntry, dict[str, Any]]:
    """A text and the JSON object that it is. Raises ImportMetadataError."""
    found = None if entry is None else jsontext.object_of(entry.text)
    if entry is None or found is None:
        raise ImportMetadataError(
            f"the metadata of {program} are no JSON object",
            hint="give the file that the program saved; other programs may have cut its text",
        )
    return entry, found


def started(program: str, dialect: PromptDialect, noise: NoiseSource) -> Draft:
    """A draft of a program's picture: `program` is its name in the schema's table."""
    draft = Draft({})
    draft.put("platform.program", samplers.program_code(program))
    draft.put("platform.noise_source", noise)
    draft.put("model.prompt_dialect", dialect)
    return draft


def finished(draft: Draft, picture: PictureText, *sources: TextEntry) -> Reading:
    """What was read, after naming what every picture needs and this one does not tell."""
    for path, kind, what in _NEEDED:
        name = path.partition(".")[2]
        if not draft.has(path) and not any(gap.name == name for gap in draft.gaps):
            draft.missing(f"{what} is not recorded", kind, name)
    if draft.get("data.denoising_strength") < 1:
        draft.missing("an image was the input, and is not in the metadata", GapKind.INIT_IMAGE)
    settle_sizes(draft, picture.width, picture.height)
    return Reading(draft.build(), tuple(draft.notes), sources)


def put_comfyui_sampler(draft: Draft, sampler: object, schedule: object, group: str = "model") -> None:
    """A sampler and a schedule by ComfyUI's names; names that nobody listed are gaps.

    Only the first pass's sampler tells where the fresh noise comes from.
    """
    if sampler is not None:
        found = samplers.comfyui_sampler_of(sampler) if isinstance(sampler, str) else None
        if found is None:
            draft.missing(f"no sampler {jsontext.shown(sampler)[:40]!a} is known", GapKind.VALUE, "scheduler")
        else:
            draft.put(f"{group}.scheduler", found[0])
            if group == "model":
                draft.put("sampler_options.step_noise", samplers.comfyui_step_noise(*found))
    if schedule is not None:
        known = samplers.comfyui_schedule_of(schedule) if isinstance(schedule, str) else None
        if known is None:
            draft.missing(
                f"no schedule {jsontext.shown(schedule)[:40]!a} is known", GapKind.VALUE, "scheduler"
            )
        else:
            draft.put(f"{group}.sigma_schedule", known)


def put_named_sampler(draft: Draft, name: object, *, comfyui: bool = False) -> None:
    """A sampler by the web UI's name, with the schedule that is glued to it ("DPM++ 2M Karras").

    `comfyui` is whether ComfyUI ran it, with a generator of its own for fresh noise.
    """
    found = samplers.sampler_of(name) if isinstance(name, str) else None
    if found is None:
        if name is not None:
            draft.missing(f"no sampler {jsontext.shown(name)[:40]!a} is known", GapKind.VALUE, "scheduler")
        return
    draft.put("model.scheduler", found[0])
    if comfyui:
        draft.put("sampler_options.step_noise", samplers.comfyui_step_noise(found[0], False))
    if found[1] is not None:
        draft.put("model.sigma_schedule", found[1])
