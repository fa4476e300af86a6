"""Civitai's generator: the graph that its workers ran, with `extraMetadata` (JSON in a JSON string) beside the nodes.

The graph goes first, where it draws a picture at all: for an upscaling it only loads the picture that was drawn
before, whose settings are in `extraMetadata`. Models are named by the numbers of their versions on the site. Pictures
of the site that carry an A1111 text (with "Civitai resources") are read with the other infotexts.
"""

from __future__ import annotations

from aigif._gen.enums import AdapterKind, GapKind, NoiseSource, PromptDialect
from aigif._gen.types import Adapter
from aigif.importers import jsontext, samplers, settle
from aigif.importers.adapters import made
from aigif.importers.base import Evidence, Importer, Reading, Strength
from aigif.importers.draft import Draft
from aigif.importers.fields import Fields, real, seed, whole, words
from aigif.importers.graphs import drawn_by
from aigif.importers.texts import PictureText
from aigif.importers.tooltext import COMMON_KEYS, finished, json_of, marked, put_named_sampler, started
from aigif.importers.values import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_KEYS = (*COMMON_KEYS, "prompt", "Make", "Model")
_EXTRA = "extraMetadata"
_BESIDE = ("extra", _EXTRA, "resource-stack")
_MAX_ADAPTERS = 256
_CLOSED = ("gpt", "imagen", "gemini", "flux-kontext-pro", "flux-ultra", "nano-banana", "dall-e", "seedream")
_HARMLESS = frozenset(
    {
        "aspectRatio",
        "creationDate",
        "disablePoi",
        "draft",
        "engine",
        "fluxMode",
        "fluxUltraRaw",
        "isPrivateGeneration",
        "nsfw",
        "outputFormat",
        "priority",
        "process",
        "quantity",
        "remixOfId",
        "remixSimilarity",
        "sourceImage",
        "workflow",
    }
)


def evidence(picture: PictureText) -> Evidence | None:
    entry = marked(picture, _KEYS, f'"{_EXTRA}"')
    if entry is None or "{" not in entry.text[:4]:
        return None
    return Evidence(Strength.WRAPPED, "a text is a graph with Civitai's extraMetadata", entry)


def read(picture: PictureText) -> Reading:
    """The generation syntax of the graph, or of `extraMetadata`. Raises ImportMetadataError where it is no JSON."""
    entry, record = json_of(marked(picture, _KEYS, f'"{_EXTRA}"'), "Civitai")
    extra = record.get(_EXTRA)
    told = jsontext.object_of(extra) if isinstance(extra, str) else extra
    settings: dict[str, Any] = told if isinstance(told, dict) else {}
    graph = {key: node for key, node in record.items() if key not in _BESIDE}
    draft = drawn_by(graph, picture)
    executed = draft is not None
    if draft is None:
        draft = started("civitai", PromptDialect.COMFYUI, NoiseSource.TORCH_CPU)
    draft.put("platform.program", samplers.program_code("civitai"))
    fields = Fields(settings, draft)
    if executed:
        _resources(fields, draft)
        return Reading(draft.build(), tuple(draft.notes), (entry,))
    _from_settings(fields, draft, _upscaler(graph))
    _resources(fields, draft)
    fields.name_rest(_HARMLESS)
    return finished(draft, picture, entry)


def _upscaler(graph: dict[str, Any]) -> str:
    """The name of the network that a graph enlarges with; empty where there is none."""
    for node in graph.values():
        if isinstance(node, dict) and node.get("class_type") == "UpscaleModelLoader":
            inputs = node.get("inputs")
            name = inputs.get("model_name") if isinstance(inputs, dict) else None
            if isinstance(name, str):
                return name
    return ""


def _from_settings(fields: Fields, draft: Draft, upscaler: str) -> None:
    draft.put("data.prompt", "")
    fields.put("data.prompt", words, "prompt", kind=GapKind.PROMPT)
    fields.put("data.negative_prompt", words, "negativePrompt")
    fields.put("data.seed", seed, "seed", kind=GapKind.SEED)
    fields.put("data.steps", whole, "steps")
    fields.put("data.guidance_scale", real, "cfgScale")
    fields.put("data.width", whole, "width")
    fields.put("data.height", whole, "height")
    fields.put("model.clip_skip", whole, "clipSkip")
    fields.put("data.denoising_strength", real, "denoise")
    put_named_sampler(draft, fields.take("sampler"), comfyui=True)
    steps = fields.take("transformations")
    for step in steps if isinstance(steps, list) else []:
        kind = step.get("type") if isinstance(step, dict) else None
        name = upscaler if kind == "upscale" and upscaler else str(kind)
        draft.missing(f"the finished picture was changed ({name[:60]!a})", GapKind.POSTPROCESS, name)


def _resources(fields: Fields, draft: Draft) -> None:
    """The model's and the adapters' numbers: nothing tells which of them is the model but the order."""
    base, listed = fields.take("baseModel"), fields.take("resources")
    kind = base if isinstance(base, str) else ""
    resources = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    names = [
        f"civitai@{one.get('modelVersionId')}" for one in resources if one.get("modelVersionId") is not None
    ]
    if any(word in kind.lower() for word in _CLOSED):
        draft.missing("the model belongs to a service", GapKind.CLOSED_MODEL, kind)
    if not draft.get("model.model_name"):
        settle.put_model(draft, " ".join([part for part in (kind, *names[:1]) if part]))
    if draft.has("model.adapters") or len(resources) < 2:
        return
    found: list[Adapter] = []
    for one in resources[1 : _MAX_ADAPTERS + 1]:
        try:
            name = f"civitai@{one.get('modelVersionId')}"
            found.append(made(AdapterKind.LORA, name, real(one.get("strength", 1.0))))
        except Unreadable as problem:
            draft.missing(f"an adapter is not recorded: {problem}", GapKind.ADAPTER, "resources")
    draft.put("model.adapters", tuple(found))


IMPORTER = Importer("civitai", evidence, read)

__all__ = ["IMPORTER"]
