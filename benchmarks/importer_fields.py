"""Whether a reading agrees with what another suite expects of a picture, field by field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aigif._gen.enums import SigmaSchedule
from aigif._gen.tables import model as model_table
from aigif._gen.tables import program as program_table
from aigif._gen.tables import scheduler as scheduler_table
from aigif.importers import Imported, checkpoints
from benchmarks.importer_samples import Expected

# Names that the other suites have for programs and that our table has not.
PROGRAMS = {"sd-webui": "automatic1111", "hf-space": "hugging-face-space"}
SCHEDULES = {"normal": "model", "automatic": "automatic", "sgm_uniform": "sgm-uniform"}
WEIGHTS = (".safetensors", ".ckpt", ".pt", ".sft")


def agrees(imported: Imported, wanted: Expected) -> bool:
    """Whether the elements say what is expected; a field that this does not know is one that they don't."""
    compare = _COMPARED.get(wanted.field)
    return compare is not None and compare(imported, wanted.value)


def said(imported: Imported, field: str) -> str:
    """What the elements say instead, for a person."""
    data, model, hires = imported.aigif.data, imported.aigif.model, imported.aigif.data.hires
    shown: dict[str, Any] = {
        "prompt": data.prompt,
        "prompts": data.prompt,
        "negative prompt": data.negative_prompt,
        "negative prompts": data.negative_prompt,
        "width": data.width,
        "height": data.height,
        "sampler": getattr(model.scheduler, "name", model.scheduler),
        "scheduler": getattr(model.sigma_schedule, "name", model.sigma_schedule),
        "steps": data.steps,
        "cfg": data.guidance_scale,
        "seed": data.seed,
        "clip skip": model.clip_skip,
        "denoise": data.denoising_strength,
        "model": model.model_name or model_table.TABLE.name_of(model.model_id),
        "model hash": model.weight_hash.hex(),
        "software": imported.tool,
        "other seeds": hires,
    }
    return repr(shown.get(field, hires))


def _same_model(imported: Imported, wanted: str) -> bool:
    model = imported.aigif.model
    names = [
        str(model.model_name),
        str(model_table.TABLE.name_of(model.model_id)),
        checkpoints.stem_of(model.model_id),
    ]
    # A name may be followed by the version that the program tells with it: "Stable Diffusion 1D44365E".
    return any(_stem(name or "") == _stem(wanted) or (name or "").startswith(wanted + " ") for name in names)


def _stem(name: str) -> str:
    ending = next((ending for ending in WEIGHTS if name.endswith(ending)), "")
    return name.removesuffix(ending)


def _same_hash(imported: Imported, wanted: str) -> bool:
    digest = wanted.removeprefix("blake3:").lower()
    held = imported.aigif.model.weight_hash.hex()
    in_name = str(imported.aigif.model.model_name).lower().endswith(" " + digest)
    return in_name or (bool(held) and digest.startswith(held))


def _same_sampler(imported: Imported, wanted: str) -> bool:
    """By any of the names that the table of schedulers gives it."""
    name = wanted.removeprefix("sample_").removeprefix("k_")
    code = imported.aigif.model.scheduler
    table = scheduler_table.TABLE
    known = {str(table.name_of(code)), *map(str, table[code].attributes.values())}
    plain = {entry.lower().replace("-", "_").replace(" ", "_") for entry in known}
    flat = name.lower().replace("-", "_").replace(" ", "_").removesuffix("_gpu")
    schedule = SigmaSchedule(imported.aigif.model.sigma_schedule).name.lower()
    return (
        flat in plain
        or flat.removesuffix(f"_{schedule}") in plain
        or flat == {"euler_a": "euler_ancestral"}.get(flat)
    )


def _same_schedule(imported: Imported, wanted: str) -> bool:
    own = SigmaSchedule(imported.aigif.model.sigma_schedule).name.lower()
    name = wanted.lower()
    return name == "automatic" or own == SCHEDULES.get(name, name).replace("-", "_")


def _same_program(imported: Imported, wanted: str) -> bool:
    name = program_table.TABLE.name_of(imported.aigif.platform.program)
    return PROGRAMS.get(wanted, wanted) in (name, imported.tool)


def _all_in(text: str, wanted: list[str]) -> bool:
    return text == ", ".join(wanted) or all(part.strip() in text for part in wanted)


def _element(path: str) -> Callable[[Imported, Any], bool]:
    group, _, name = path.partition(".")

    def compare(imported: Imported, wanted: Any) -> bool:
        held = getattr(getattr(imported.aigif, group), name)
        return held == (type(held)(wanted) if isinstance(held, int | float) else wanted)

    return compare


def _second(name: str) -> Callable[[Imported, Any], bool]:
    def compare(imported: Imported, wanted: Any) -> bool:
        hires = imported.aigif.data.hires
        if hires is None:
            return any(str(wanted) in gap.name for gap in imported.aigif.data.gaps)
        if name == "scale" and not hires.scale:
            return bool(abs(hires.width / imported.aigif.data.width - wanted) < 0.01)
        return bool(getattr(hires, name) == wanted)

    return compare


_COMPARED: dict[str, Callable[[Imported, Any], bool]] = {
    "software": _same_program,
    "prompt": _element("data.prompt"),
    "negative prompt": _element("data.negative_prompt"),
    "prompts": lambda imported, wanted: _all_in(str(imported.aigif.data.prompt), wanted),
    "negative prompts": lambda imported, wanted: _all_in(str(imported.aigif.data.negative_prompt), wanted),
    "width": _element("data.width"),
    "height": _element("data.height"),
    "steps": _element("data.steps"),
    "cfg": _element("data.guidance_scale"),
    "seed": _element("data.seed"),
    "denoise": _element("data.denoising_strength"),
    "clip skip": _element("model.clip_skip"),
    "sampler": _same_sampler,
    "scheduler": _same_schedule,
    "model": _same_model,
    "model hash": _same_hash,
    "hires scale": _second("scale"),
    "hires upscaler": _second("upscaler"),
    "hires steps": _second("steps"),
    "hires denoise": _second("denoising_strength"),
    "upscale upscaler": _second("upscaler"),
    "upscale scale": lambda imported, wanted: (
        wanted == imported.aigif.verification.picture_width / imported.aigif.data.width
    ),
    "other seeds": lambda imported, wanted: (
        imported.aigif.data.hires is not None
        and [imported.aigif.data.hires.seed] == [int(seed) for seed in wanted]
    ),
}
