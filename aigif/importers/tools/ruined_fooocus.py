"""RuinedFooocus: a JSON object in `parameters` whose `software` is RuinedFooocus.

Source: RuinedFooocus' modules/async_worker.py and modules/sdxl_pipeline.py (what it writes; it samples with ComfyUI).
Its prompt is the text after styles and wildcards.
"""

from __future__ import annotations

from aigif._gen.enums import AdapterKind, GapKind, HashKind, NoiseSource, PromptDialect
from aigif._gen.types import Adapter
from aigif.importers import settle
from aigif.importers.adapters import made
from aigif.importers.base import Evidence, Importer, Reading, Strength
from aigif.importers.draft import Draft
from aigif.importers.fields import Fields, file_name, real, seed, whole, words
from aigif.importers.settle import stem
from aigif.importers.texts import PictureText
from aigif.importers.tooltext import COMMON_KEYS, finished, json_of, marked, put_comfyui_sampler, started
from aigif.importers.values import Unreadable, hexadecimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MARK = '"RuinedFooocus"'
_HASH_KINDS = {4: HashKind.LEGACY, 6: HashKind.AUTOV3}
_MAX_ADAPTERS = 256


def evidence(picture: PictureText) -> Evidence | None:
    entry = marked(picture, COMMON_KEYS, '"software"', _MARK)
    if entry is None:
        return None
    return Evidence(Strength.OWN, "a text is JSON whose software is RuinedFooocus", entry)


def read(picture: PictureText) -> Reading:
    """The generation syntax of RuinedFooocus' object. Raises ImportMetadataError where it is no JSON."""
    entry, record = json_of(marked(picture, COMMON_KEYS, '"software"', _MARK), "RuinedFooocus")
    draft = started("ruined-fooocus", PromptDialect.COMFYUI, NoiseSource.TORCH_CPU)
    fields = Fields(record, draft)
    fields.take("software")
    draft.put("data.prompt", "")
    fields.put("data.prompt", words, "Prompt", "prompt", kind=GapKind.PROMPT)
    fields.put("data.negative_prompt", words, "Negative")
    fields.put("data.seed", seed, "seed", kind=GapKind.SEED)
    fields.put("data.steps", whole, "steps")
    fields.put("data.guidance_scale", real, "cfg")
    fields.put("data.width", whole, "width")
    fields.put("data.height", whole, "height")
    fields.put("model.clip_skip", whole, "clip_skip")
    put_comfyui_sampler(draft, fields.take("sampler_name"), fields.take("scheduler"))
    name, digest = fields.take("base_model_name"), fields.take("base_model_hash")
    settle.put_model(draft, name if isinstance(name, str) else "", digest if isinstance(digest, str) else "")
    _adapters(fields, draft)
    _refiner(fields, draft)
    fields.put("data.denoising_strength", real, "denoise")
    fields.name_rest((), {"start_step": (0,)})
    return finished(draft, picture, entry)


def _adapters(fields: Fields, draft: Draft) -> None:
    """Pairs of a hash and "weight - name"; older versions wrote "Loras:<name:weight>,<name:weight>"."""
    value = fields.take("loras")
    found: list[Adapter] = []
    for one in value if isinstance(value, list) else _older(value):
        try:
            found.append(_adapter(one))
        except Unreadable as problem:
            draft.missing(f"an adapter is not recorded: {problem}", GapKind.ADAPTER, "loras")
    draft.put("model.adapters", tuple(found[:_MAX_ADAPTERS]))


def _adapter(value: Any) -> Adapter:
    if isinstance(value, dict):
        weight = real(value.get("weight", 1.0))
        return made(AdapterKind.LORA, stem(words(value.get("name"))), weight)
    if not isinstance(value, list) or len(value) != 2:
        raise Unreadable("it is no pair")
    number, _, name = words(value[1]).partition(" - ")
    weight = real(number)
    digest = hexadecimal(words(value[0])) if value[0] else b""
    kind = _HASH_KINDS.get(len(digest), HashKind.SHA256)
    return made(AdapterKind.LORA, stem(file_name(name)), weight, hashed=(digest, kind))


def _older(value: Any) -> list[Any]:
    text = value.removeprefix("Loras:") if isinstance(value, str) else ""
    parts = [part.strip("<>").rpartition(":") for part in text.split(",") if part.startswith("<")]
    return [["", f"{weight} - {name}"] for name, _, weight in parts if not name.startswith("None")]


def _refiner(fields: Fields, draft: Draft) -> None:
    name, switch = fields.take("refiner_model_name"), fields.take("switch")
    if not isinstance(name, str):
        return
    draft.put("refiner.name", name)
    steps = draft.get("data.steps")
    try:
        draft.put(
            "refiner.switch_at", min(whole(switch) / steps, 1.0) if switch is not None and steps else 1.0
        )
    except Unreadable as problem:
        fields.refuse("switch", switch, str(problem))
    settle.settle_model(draft)


IMPORTER = Importer("ruined-fooocus", evidence, read)

__all__ = ["IMPORTER"]
