"""Fooocus: its own scheme, a JSON object in `parameters` (PNG) or UserComment (JPEG, WebP).

The list `full_prompt` is what was encoded, after styles and the expansion by a language model: its texts one by one,
their embeddings joined. Here they are joined as Fooocus joins them in its other scheme, which cuts them into chunks
elsewhere; and no element holds its sharpness and its scaling of SDXL's size conditions. So no picture of it is exact.

Sources: Fooocus' modules/meta_parser.py (FooocusMetadataParser), modules/async_worker.py, modules/flags.py,
modules/default_pipeline.py (clip_encode), modules/patch.py (sharpness, ADM guidance). Its scheme `a1111` is read with
the other infotexts. SimpleSDXL, FooocusPlus and other forks write the same keys.
"""

from __future__ import annotations

from aigif._gen.enums import AdapterKind, GapKind, HashKind, NoiseSource, PromptDialect
from aigif._gen.types import Adapter
from aigif.importers import samplers, settle
from aigif.importers.adapters import made
from aigif.importers.base import Evidence, Importer, Reading, Strength
from aigif.importers.draft import Draft
from aigif.importers.fields import Fields, pair, real, seed, whole, words
from aigif.importers.texts import PictureText
from aigif.importers.tooltext import COMMON_KEYS, finished, json_of, marked, put_comfyui_sampler, started
from aigif.importers.values import Unreadable, hexadecimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# What a text holds, and how much that tells. Versions up to 2.1, and FooocusPlus, write the labels of the page.
_MARKS = (
    (Strength.OWN, ('"base_model"', '"full_prompt"')),
    (Strength.OWN, ('"Base Model"', '"Refiner Switch"')),
    (Strength.OWN, ('"base_model"', '"refiner_switch"')),
    (Strength.SHARED, ('"base_model"', '"prompt"', '"sharpness"')),
    (Strength.SHARED, ('"base_model"', '"prompt"', '"resolution"')),
)
_LABELS = {
    "adm guidance": "adm_guidance",
    "backend engine": "backend_engine",
    "cfg": "guidance_scale",
    "fooocus v2 expansion": "prompt_expansion",
    "loras": "loras",
    "real_prompt": "full_prompt",
    "real_negative_prompt": "full_negative_prompt",
    "software": "version",
    "style": "styles",
    "switch": "refiner_switch",
    "base_clip_skip": "clip_skip",
    "user": "created_by",
}
# What Fooocus patches into ComfyUI's sampling, and which of it every picture has.
_PATCHES = ("sharpness", "adm_guidance", "adaptive_cfg", "freeu")
_HARMLESS = frozenset(
    {
        "backend_engine",
        "image_number",
        "created_by",
        "metadata_scheme",
        "performance",
        "styles",
        "prompt_expansion",
        "lora_hashes",
    }
)
_NEUTRAL: dict[str, tuple[object, ...]] = {
    "overwrite_switch": (-1, -1.0, "-1"),
    "refiner_swap_method": ("joint",),
}
_FORKS = frozenset({"simplesdxl", "fooocusplus", "defooocus", "fooocus-mre"})
_PERFORMANCES = {"quality": 60, "speed": 30, "extreme speed": 8, "lightning": 4, "hyper-sd": 4}
_MAX_ADAPTERS = 256


def evidence(picture: PictureText) -> Evidence | None:
    for strength, marks in _MARKS:
        entry = marked(picture, COMMON_KEYS, *marks)
        if entry is not None:
            return Evidence(strength, f"a text is JSON with Fooocus' {' and '.join(marks)}", entry)
    return None


def read(picture: PictureText) -> Reading:
    """The generation syntax of Fooocus' own scheme. Raises ImportMetadataError where it is no JSON."""
    found = evidence(picture)
    entry, written = json_of(found.entry if found is not None else None, "Fooocus")
    record = {_named(key): value for key, value in written.items()}
    draft = started("fooocus", PromptDialect.FOOOCUS, NoiseSource.TORCH_CPU)
    fields = Fields(record, draft)
    _program(fields, draft)
    _prompts(fields, draft)
    fields.put("data.seed", seed, "seed", kind=GapKind.SEED)
    if not fields.put("data.steps", whole, "steps") and (steps := _steps(record)):
        draft.put("data.steps", steps)
    fields.put("data.guidance_scale", real, "guidance_scale")
    fields.put("model.clip_skip", whole, "clip_skip")
    _size(fields, draft)
    put_comfyui_sampler(draft, fields.take("sampler"), fields.take("scheduler"))
    _models(fields, draft)
    draft.put("model.adapters", _adapters(fields, draft, record))
    for name in _PATCHES:
        if fields.take(name) not in (None, 0, 0.0, "0", "0.0", "(1.0, 1.0, 0.0)"):
            draft.missing(f"Fooocus' {name} took part", GapKind.EXTENSION, name)
    fields.name_rest(_HARMLESS, _NEUTRAL)
    return finished(draft, picture, entry)


def _named(key: str) -> str:
    """A setting's name: a label in small letters with underscores, and "LoRA 1" as the line it is."""
    lower = key.lower()
    if lower.startswith("lora ") and lower[5:].isdecimal():
        return f"lora_combined_{lower[5:]}"
    return _LABELS.get(lower, lower.replace(" ", "_"))


def _steps(record: dict[str, Any]) -> int:
    """The steps that a performance stands for (modules/flags.py, Steps); 0 where it is not known."""
    performance = record.get("performance")
    return _PERFORMANCES.get(performance.lower(), 0) if isinstance(performance, str) else 0


def _program(fields: Fields, draft: Draft) -> None:
    version = fields.take("version")
    if isinstance(version, str):
        name = version.split(" ")[0].lower()
        draft.put("platform.program", samplers.program_code(name if name in _FORKS else "fooocus"))
        draft.put("platform.program_version", version)


def _prompts(fields: Fields, draft: Draft) -> None:
    """The prompts that were encoded, not those that were typed."""
    for path, full, typed in (
        ("data.prompt", "full_prompt", "prompt"),
        ("data.negative_prompt", "full_negative_prompt", "negative_prompt"),
    ):
        texts, plain = fields.take(full), fields.take(typed)
        parts = [text for text in texts if isinstance(text, str)] if isinstance(texts, list) else []
        if isinstance(texts, str):
            parts = [texts]
        if len(parts) > 1:
            draft.missing(f"the texts of {full} were encoded one by one", GapKind.SETTING, full)
        draft.put(path, ", ".join(parts) if parts else plain if isinstance(plain, str) else "")
        if not parts and path == "data.prompt":
            draft.missing("the prompt after styles and expansion is not recorded", GapKind.PROMPT, full)


def _size(fields: Fields, draft: Draft) -> None:
    value = fields.take("resolution")
    if value is None:
        fields.put("data.width", whole, "width")
        fields.put("data.height", whole, "height")
        return
    try:
        width, height = pair(value)
        draft.put("data.width", width)
        draft.put("data.height", height)
    except Unreadable as problem:
        fields.refuse("resolution", value, str(problem))


def _models(fields: Fields, draft: Draft) -> None:
    name, digest = fields.take("base_model"), fields.take("base_model_hash")
    settle.put_model(draft, name if isinstance(name, str) else "", digest if isinstance(digest, str) else "")
    vae = fields.take("vae")
    if isinstance(vae, str) and not vae.startswith("Default"):
        draft.put("model.vae_name", vae)
    refiner, refiner_digest = fields.take("refiner_model"), fields.take("refiner_model_hash")
    switch = fields.take("refiner_switch")
    if not isinstance(refiner, str):
        return
    draft.put("refiner.name", refiner)
    try:
        if isinstance(refiner_digest, str):
            draft.put("refiner.weight_hash", hexadecimal(refiner_digest))
        if switch is not None:
            draft.put("refiner.switch_at", real(switch))
    except Unreadable as problem:
        fields.refuse("refiner_model", refiner, str(problem))
    settle.settle_model(draft, hashed=digest is not None)


def _adapters(fields: Fields, draft: Draft, record: dict[str, Any]) -> tuple[Adapter, ...]:
    """`loras` with name, weight and hash; the lines `lora_combined_N` say the same without the hash."""
    lines = [key for key in record if key.startswith("lora_combined_")]
    combined = [fields.take(key) for key in lines]
    listed = fields.take("loras")
    found: list[Adapter] = []
    for one in listed if isinstance(listed, list) else [_parts(line) for line in combined]:
        try:
            if not isinstance(one, list) or len(one) < 2:
                raise Unreadable("it is no name and weight")
            weight = real(one[1])
            digest = hexadecimal(one[2]) if len(one) > 2 and isinstance(one[2], str) and one[2] else b""
            kind = HashKind.SHA256 if len(digest) != 6 else HashKind.AUTOV3
            found.append(made(AdapterKind.LORA, settle.stem(words(one[0])), weight, hashed=(digest, kind)))
        except Unreadable as problem:
            draft.missing(f"an adapter is not recorded: {problem}", GapKind.ADAPTER, "loras")
    return tuple(found[:_MAX_ADAPTERS])


def _parts(line: Any) -> list[Any]:
    """Name and weight of "name : weight", or of "True : name : weight"."""
    parts = line.split(" : ") if isinstance(line, str) else []
    return parts[-2:]


IMPORTER = Importer("fooocus", evidence, read)

__all__ = ["IMPORTER"]
