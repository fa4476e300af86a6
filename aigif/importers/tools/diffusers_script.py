"""Scripts that call diffusers and save its arguments: a JSON object, or one PNG text for each argument.

There is no convention: what is read are the names of the arguments of diffusers' pipelines ("num_inference_steps",
"guidance_scale") with a seed beside them, and a model and a scheduler by the names that scripts give them.
"""

from __future__ import annotations

from aigif._gen.enums import GapKind, NoiseSource, PromptDialect, Scheduler
from aigif._gen.tables import model as model_table
from aigif._gen.tables import scheduler as scheduler_table
from aigif.importers import samplers, settle
from aigif.importers.base import Evidence, Importer, Reading, Strength
from aigif.importers.draft import Draft
from aigif.importers.fields import Fields, real, seed, whole, words
from aigif.importers.texts import PictureText, TextEntry
from aigif.importers.tooltext import COMMON_KEYS, finished, json_of, marked, started

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_STEPS = "num_inference_steps"
_KEYS = (*COMMON_KEYS, "metadata", "generation", "generation_parameters", "params", "settings", "Description")
_MODEL_KEYS = (
    "model_id",
    "model",
    "model_name",
    "base_model",
    "checkpoint",
    "pretrained_model_name_or_path",
    "repo_id",
)
_SCHEDULER_KEYS = ("scheduler", "sampler", "scheduler_class", "sampler_name", "scheduler_name")
_ARGUMENTS = frozenset(
    {
        "prompt",
        "negative_prompt",
        "prompt_2",
        "negative_prompt_2",
        "height",
        "width",
        _STEPS,
        "guidance_scale",
        "guidance_rescale",
        "strength",
        "seed",
        "clip_skip",
        *_MODEL_KEYS,
        *_SCHEDULER_KEYS,
    }
)
_HARMLESS = frozenset(
    {
        "created",
        "created_at",
        "date",
        "device",
        "diffusers_version",
        "elapsed",
        "generator",
        "num_images_per_prompt",
        "time",
        "timestamp",
        "torch_version",
        "version",
    }
)


def evidence(picture: PictureText) -> Evidence | None:
    entry = marked(picture, _KEYS, f'"{_STEPS}"')
    if entry is not None:
        return Evidence(Strength.GUESS, "a text is JSON with arguments of diffusers' pipelines", entry)
    entry = picture.first(_STEPS)
    if entry is None:
        return None
    return Evidence(Strength.GUESS, "the texts are arguments of diffusers' pipelines", entry)


def read(picture: PictureText) -> Reading:
    """The generation syntax of a script's arguments. Raises ImportMetadataError where a text is no JSON."""
    sources, settings = _settings(picture)
    draft = started("diffusers", PromptDialect.PLAIN, NoiseSource.UNSPECIFIED)
    fields = Fields(settings, draft)
    draft.put("data.prompt", "")
    fields.put("data.prompt", words, "prompt", kind=GapKind.PROMPT)
    fields.put("data.negative_prompt", words, "negative_prompt")
    fields.put("data.prompt_2", words, "prompt_2")
    fields.put("data.negative_prompt_2", words, "negative_prompt_2")
    fields.put("data.seed", seed, "seed", kind=GapKind.SEED)
    fields.put("data.steps", whole, _STEPS)
    fields.put("data.guidance_scale", real, "guidance_scale")
    fields.put("data.guidance_rescale", real, "guidance_rescale")
    fields.put("data.width", whole, "width")
    fields.put("data.height", whole, "height")
    # diffusers counts from 0: its 1 is the layer before the last.
    fields.put("model.clip_skip", lambda value: whole(value) + 1, "clip_skip")
    if fields.put("data.denoising_strength", real, "strength") and draft.get("data.denoising_strength") < 1:
        draft.missing("the image that was changed is not in the metadata", GapKind.INIT_IMAGE)
    _model(fields, draft)
    _scheduler(fields, draft)
    _noise(fields, draft)
    fields.name_rest(_HARMLESS)
    return finished(draft, picture, *sources)


def _settings(picture: PictureText) -> tuple[tuple[TextEntry, ...], dict[str, Any]]:
    entry = marked(picture, _KEYS, f'"{_STEPS}"')
    if entry is None and picture.first(_STEPS) is not None:
        entries = tuple(entry for entry in picture.entries if entry.key in _ARGUMENTS)
        return entries, {entry.key: entry.text for entry in entries}
    entry, record = json_of(entry, "the script")
    return (entry,), record


def _model(fields: Fields, draft: Draft) -> None:
    """A hub's name that the table lists, else the name as it is."""
    name = fields.take(*_MODEL_KEYS)
    text = name if isinstance(name, str) else ""
    known = next(
        (code for code in model_table.TABLE if model_table.TABLE.attribute(code, "hub") == text), None
    )
    if text and known is not None:
        draft.put("model.model_id", known)
    else:
        settle.put_model(draft, text)


def _scheduler(fields: Fields, draft: Draft) -> None:
    """A class of diffusers', or a name that the web UI or ComfyUI gives a sampler; else the model's own."""
    name = fields.take(*_SCHEDULER_KEYS)
    if not isinstance(name, str):
        draft.missing("the scheduler is not recorded: perhaps the model's own", GapKind.VALUE, "scheduler")
        draft.put("model.scheduler", Scheduler.DDIM)
        return
    table = scheduler_table.TABLE
    for code in table:
        if table.attribute(code, "diffusers") == name:
            draft.put("model.scheduler", Scheduler(code))
            return
    found = samplers.sampler_of(name)
    if found is None:
        fields.refuse("scheduler", name, "no such scheduler is known", name="scheduler")
        return
    draft.put("model.scheduler", found[0])
    if found[1] is not None:
        draft.put("model.sigma_schedule", found[1])


def _noise(fields: Fields, draft: Draft) -> None:
    """Scripts seed a generator on the CPU or on the GPU, and seldom say which."""
    device = fields.take("generator_device", "seed_device")
    if isinstance(device, str) and device.startswith("cpu"):
        draft.put("platform.noise_source", NoiseSource.TORCH_CPU)
    elif isinstance(device, str) and device.startswith("cuda"):
        draft.put("platform.noise_source", NoiseSource.CUDA_PHILOX)
    else:
        draft.missing("whether the noise was the CPU's or the GPU's is not recorded", GapKind.NOISE)


IMPORTER = Importer("diffusers", evidence, read)

__all__ = ["IMPORTER"]
