"""Tensor.Art: JSON in `generation_data`, ended by NULs, beside the graph that ComfyUI ran for it.

The seed is often -1 there: the graph has the real one. So the graph is read where there is one, and the names and
hashes of the models, which are numbers in the graph, come from `generation_data`.
"""

from __future__ import annotations

from aigif._gen.enums import AdapterKind, GapKind, HashKind, NoiseSource, PromptDialect
from aigif._gen.types import Adapter
from aigif.importers import samplers, settle
from aigif.importers.adapters import made
from aigif.importers.base import Evidence, Importer, Reading, Strength
from aigif.importers.draft import Draft
from aigif.importers.fields import Fields, real, seed, whole, words
from aigif.importers.graphs import graph_of
from aigif.importers.settle import stem
from aigif.importers.texts import PictureText
from aigif.importers.tooltext import finished, json_of, put_named_sampler, started
from aigif.importers.values import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

KEY = "generation_data"
_MAX_ADAPTERS = 256
_HARMLESS = frozenset(
    {
        "baseModel",
        "clientTaskId",
        "imageCount",
        "modelId",
        "models",
        "schedule",
        "sdxl",
        "workEngine",
        "samplerName",
    }
)


def evidence(picture: PictureText) -> Evidence | None:
    entry = picture.first(KEY)
    if entry is None or "{" not in entry.text[:4]:
        return None
    strength = Strength.OWN if picture.first("prompt") is None else Strength.WRAPPED
    return Evidence(strength, f"the text {KEY!r} is Tensor.Art's", entry)


def read(picture: PictureText) -> Reading:
    """The generation syntax of the graph and of `generation_data`. Raises ImportMetadataError where the latter is
    no JSON."""
    entry, record = json_of(picture.first(KEY), "Tensor.Art")
    draft, sources = graph_of(picture)
    executed = draft is not None
    if draft is None:
        draft = started("tensorart", PromptDialect.COMFYUI, NoiseSource.TORCH_CPU)
    draft.put("platform.program", samplers.program_code("tensorart"))
    fields = Fields(record, draft)
    _model(fields, draft)
    _adapters(fields, draft)
    if executed:
        return Reading(draft.build(), tuple(draft.notes), (entry, *sources))
    _from_settings(fields, draft)
    return finished(draft, picture, entry)


def _model(fields: Fields, draft: Draft) -> None:
    value = fields.take("baseModel")
    base: dict[str, Any] = value if isinstance(value, dict) else {}
    name, digest = base.get("modelFileName"), base.get("hash")
    if isinstance(name, str) and name:
        settle.put_model(draft, name, digest if isinstance(digest, str) else "")


def _adapters(fields: Fields, draft: Draft) -> None:
    """Names and hashes of the adapters, in the graph's order where it has as many."""
    value = fields.take("models")
    listed = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    loras = [one for one in listed if one.get("type") in ("LORA", "LYCORIS", "LOCON")][:_MAX_ADAPTERS]
    held = draft.get("model.adapters")
    if not loras or (held and len(held) != len(loras)):
        return
    found: list[Adapter] = []
    for at, one in enumerate(loras):
        try:
            digest = one.get("hash")
            hashed = (
                settle.read_hash(digest) if isinstance(digest, str) and digest else (b"", HashKind.SHA256)
            )
            weight = held[at].weight if held else real(one.get("weight", 1.0))
            text = held[at].text_weight if held else weight
            name = stem(words(one.get("modelFileName", one.get("label", ""))))
            found.append(made(AdapterKind.LORA, name, weight, text, hashed))
        except Unreadable as problem:
            draft.missing(f"an adapter is not recorded as a whole: {problem}", GapKind.ADAPTER, "models")
            return
    draft.put("model.adapters", tuple(found))


def _from_settings(fields: Fields, draft: Draft) -> None:
    """The settings themselves, where there is no graph."""
    draft.put("data.prompt", "")
    fields.put("data.prompt", words, "prompt", kind=GapKind.PROMPT)
    fields.put("data.negative_prompt", words, "negativePrompt")
    fields.put("data.seed", seed, "seed", kind=GapKind.SEED)
    fields.put("data.steps", whole, "steps")
    fields.put("data.guidance_scale", real, "cfgScale")
    fields.put("data.width", whole, "width")
    fields.put("data.height", whole, "height")
    fields.put("model.clip_skip", whole, "clipSkip")
    fields.put("distilled.guidance", real, "guidance")
    fields.put("model.vae_name", words, "sdVae")
    fields.put("sampler_options.noise_seed_delta", whole, "etaNoiseSeedDelta")
    name = fields.take("ksamplerName")
    put_named_sampler(draft, name if name is not None else fields.take("samplerName"), comfyui=True)
    schedule = fields.take("schedule")
    known = samplers.comfyui_schedule_of(schedule) if isinstance(schedule, str) else None
    if known is not None:
        draft.put("model.sigma_schedule", known)
    fields.name_rest(_HARMLESS)


IMPORTER = Importer("tensorart", evidence, read)

__all__ = ["IMPORTER"]
