"""Demos on Hugging Face Spaces: JSON in `parameters`, with a "resolution" and the model's name as "Model".

They run diffusers with a pipeline for long prompts (lpw_stable_diffusion_xl, whose weights in brackets are none of
diffusers' own) and a generator on the CPU. Source: the code of the Animagine XL spaces (app.py, utils.py), from which
the others were copied.
"""

from __future__ import annotations

from aigif._gen.enums import GapKind, NoiseSource, PromptDialect
from aigif.importers import settle
from aigif.importers.base import Evidence, Importer, Reading, Strength
from aigif.importers.draft import Draft
from aigif.importers.fields import Fields, pair, real, seed, whole, words
from aigif.importers.texts import PictureText
from aigif.importers.tooltext import COMMON_KEYS, finished, json_of, marked, put_named_sampler, started
from aigif.importers.values import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MARKS = ('"Model"', '"resolution"', '"num_inference_steps"')
_WEIGHTS = "()[]"
# How an upscaled picture's settings are called: a second pass on the enlarged latent.
_HARMLESS = frozenset(
    {"add_quality_tags", "quality_tags", "style_preset", "sdxl_style", "aspect_ratio", "output_file"}
)


def evidence(picture: PictureText) -> Evidence | None:
    entry = marked(picture, COMMON_KEYS, *_MARKS)
    return (
        None if entry is None else Evidence(Strength.OWN, "a text is JSON as demos on Spaces write it", entry)
    )


def read(picture: PictureText) -> Reading:
    """The generation syntax of a Space's object. Raises ImportMetadataError where it is no JSON."""
    entry, record = json_of(marked(picture, COMMON_KEYS, *_MARKS), "the Space")
    draft = started("hugging-face-space", PromptDialect.PLAIN, NoiseSource.TORCH_CPU)
    fields = Fields(record, draft)
    draft.put("data.prompt", "")
    fields.put("data.prompt", words, "prompt", kind=GapKind.PROMPT)
    fields.put("data.negative_prompt", words, "negative_prompt")
    if any(mark in draft.get("data.prompt") + draft.get("data.negative_prompt") for mark in _WEIGHTS):
        draft.missing("brackets weigh words in this demo's own way", GapKind.SETTING, "prompt weights")
    fields.put("data.seed", seed, "seed", kind=GapKind.SEED)
    fields.put("data.steps", whole, "num_inference_steps")
    fields.put("data.guidance_scale", real, "guidance_scale")
    put_named_sampler(draft, fields.take("sampler", "scheduler"))
    _size(fields, draft)
    _model(fields, draft)
    _second_pass(fields, draft)
    fields.name_rest(_HARMLESS)
    return finished(draft, picture, entry)


def _size(fields: Fields, draft: Draft) -> None:
    value = fields.take("resolution")
    try:
        if value is not None:
            for side, length in zip(("width", "height"), pair(value), strict=True):
                draft.put(f"data.{side}", length)
    except Unreadable as problem:
        fields.refuse("resolution", value, str(problem))


def _model(fields: Fields, draft: Draft) -> None:
    """The name and the hash, as settings of their own or in an object."""
    value, digest = fields.take("Model"), fields.take("Model hash")
    if isinstance(value, dict):
        digest, value = value.get("Model hash"), value.get("Model")
    settle.put_model(
        draft, value if isinstance(value, str) else "", digest if isinstance(digest, str) else ""
    )
    if isinstance(adapter := fields.take("lora", "loras"), str | list | dict):
        draft.missing(f"an adapter took part: {str(adapter)[:40]!a}", GapKind.ADAPTER, "lora")


def _second_pass(fields: Fields, draft: Draft) -> None:
    value = fields.take("use_upscaler")
    if value is None:
        return
    record: dict[str, Any] = value if isinstance(value, dict) else {}
    try:
        draft.put("hires.scale", real(record.get("upscale_by")))
        draft.put(
            "hires.denoising_strength", real(record.get("upscaler_strength", record.get("upscale_strength")))
        )
        draft.put("hires.upscaler", words(record.get("upscale_method", "nearest-exact")))
        steps = record.get("upscale_steps")
        if steps is not None:
            draft.put("hires.steps", whole(steps))
    except Unreadable as problem:
        draft.missing(
            f"the second pass is not recorded as a whole: {problem}", GapKind.PASSES, "use_upscaler"
        )


IMPORTER = Importer("hugging-face-space", evidence, read)

__all__ = ["IMPORTER"]
