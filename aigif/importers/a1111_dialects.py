"""Settings that only some programs write into an infotext. They are read into elements and kept as they were written.

SD.Next: modules/processing_info.py (create_infotext) of vladmandic/sdnext. Forge and its forks:
modules/processing.py and modules_forge. Civitai's generator: "Civitai resources". Fooocus: modules/meta_parser.py
(A1111MetadataParser). Early web UIs: "Hypernet", and the extension Additional Networks ("AddNet …").
"""

from __future__ import annotations

from collections.abc import Callable

from aigif._gen.enums import (
    AdapterKind,
    GapKind,
    HashKind,
    PredictionType,
    SigmaSchedule,
    TimestepSpacing,
    UpscaleForm,
)
from aigif._gen.types import Aigif, Component
from aigif.importers import adapters as adapter_lines
from aigif.importers import fields, jsontext, samplers, values
from aigif.importers.draft import Draft
from aigif.importers.infotext import unquoted
from aigif.importers.settings import Setting
from aigif.importers.values import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SIGMAS = {
    "betas": SigmaSchedule.BETA,
    "beta": SigmaSchedule.BETA,
    "exponential": SigmaSchedule.EXPONENTIAL,
    "flowmatch": SigmaSchedule.FLOW,
    "karras": SigmaSchedule.KARRAS,
    "lambdas": SigmaSchedule.LU_LAMBDAS,
}
_SPACINGS = {
    "leading": TimestepSpacing.LEADING,
    "linspace": TimestepSpacing.LINSPACE,
    "trailing": TimestepSpacing.TRAILING,
}
_PREDICTIONS = {
    "epsilon": PredictionType.EPSILON,
    "flow_prediction": PredictionType.FLOW,
    "sample": PredictionType.SAMPLE,
    "v_prediction": PredictionType.V_PREDICTION,
}
_USUAL_ENCODERS = ("clip_l", "clip_g", "t5xxl", "t5xxl_fp16")
_RESOURCES = {
    "dora": AdapterKind.DORA,
    "embed": AdapterKind.TEXTUAL_INVERSION,
    "hypernetwork": AdapterKind.HYPERNETWORK,
    "locon": AdapterKind.LYCORIS,
    "lora": AdapterKind.LORA,
    "lycoris": AdapterKind.LYCORIS,
    "textualinversion": AdapterKind.TEXTUAL_INVERSION,
}
_MAX_ADDED = 8


def _unwritten(aigif: Aigif) -> str | None:
    """Elements don't give these settings back: the text of each is kept."""
    return None


def _read_only(key: str, read: Callable[[str, Draft], None]) -> Setting:
    return Setting(key, "", read, _unwritten)


def _element(key: str, path: str, parse: Callable[[str], Any]) -> Setting:
    return _read_only(key, lambda raw, draft: draft.put(path, parse(unquoted(raw))))


def _among(key: str, path: str, known: dict[str, Any]) -> Setting:
    def read(raw: str, draft: Draft) -> None:
        if raw not in known:
            raise Unreadable("no such value is known")
        draft.put(path, known[raw])

    return _read_only(key, read)


def _module(raw: str, draft: Draft) -> None:
    """Forge's further files: a VAE, or a text model where it is another than the family's usual one."""
    name = unquoted(raw)
    plain = name.lower()
    if plain == "ae" or "vae" in plain:
        draft.put("model.vae_name", name)
    elif plain not in _USUAL_ENCODERS:
        draft.put("model.text_encoders", (*draft.get("model.text_encoders"), Component(name)))


def _hires_scale(raw: str, draft: Draft) -> None:
    """SD.Next enlarges without a second pass unless one is forced, or it enlarges the latent."""
    upscaler = unquoted(draft.settings.get("Hires upscaler", ""))
    if draft.settings.get("Hires force") == "True" or "Latent" in upscaler:
        draft.put("hires.scale", values.number(raw))
        draft.put("hires.form", UpscaleForm.LATENT if "Latent" in upscaler else UpscaleForm.IMAGE)
    else:
        draft.missing(f"the finished picture was enlarged ({upscaler[:40]!a})", GapKind.POSTPROCESS, upscaler)


def _lora_weights(raw: str, draft: Draft) -> None:
    """Fooocus' adapters: "name: weight, name: weight"."""
    found = []
    for part in unquoted(raw).split(", "):
        name, colon, weight = part.rpartition(": ")
        if not colon:
            raise Unreadable("it is no list of names and weights")
        found.append(adapter_lines.made(AdapterKind.LORA, name, values.number(weight)))
    draft.put("model.adapters", tuple(found))


def _refiner_hash(raw: str, draft: Draft) -> None:
    draft.put("refiner.weight_hash", values.hexadecimal(raw))


def _hashes(raw: str, draft: Draft) -> None:
    """Hashes by "model", "vae", "lora:name" and "embed:name", for what has none yet."""
    record = jsontext.object_of(raw)
    if record is None:
        raise Unreadable("it is no JSON object")
    held = list(draft.get("model.adapters"))
    places = {adapter.name: at for at, adapter in reversed(list(enumerate(held)))}
    for key, digest in record.items():
        kind, _, name = key.partition(":")
        if not isinstance(digest, str) or kind not in ("lora", "lyco", "hypernet"):
            continue
        at = places.get(name)
        if at is not None and not held[at].weight_hash and digest:
            read = values.hexadecimal(digest)
            if not adapter_lines.EMPTY_FILE.startswith(read):
                hash_kind = HashKind.AUTOV3 if len(read) == 6 else HashKind.SHA256
                held[at] = held[at].replace(weight_hash=read, hash_kind=hash_kind)
    draft.put("model.adapters", tuple(held))
    vae = record.get("vae")
    if isinstance(vae, str) and vae and not draft.has("model.vae_hash"):
        draft.put("model.vae_hash", values.hexadecimal(vae))


def _hypernet(raw: str, draft: Draft) -> None:
    name = unquoted(raw)
    if name != "None":
        weight = values.number(draft.settings.get("Hypernet strength", "1"))
        adapter = adapter_lines.made(AdapterKind.HYPERNETWORK, name, weight)
        draft.put("model.adapters", (*draft.get("model.adapters"), adapter))


def _added_networks(raw: str, draft: Draft) -> None:
    """The adapters of the extension Additional Networks: "AddNet Model 1: name(hash)", and two weights."""
    if raw != "True":
        return
    found = []
    for at in range(1, _MAX_ADDED + 1):
        name, bracket, digest = unquoted(draft.settings.get(f"AddNet Model {at}", "None")).rpartition("(")
        if not bracket:
            continue
        both = draft.settings.get(f"AddNet Weight {at}", "1")
        weight = values.number(draft.settings.get(f"AddNet Weight A {at}", both))
        text = values.number(draft.settings.get(f"AddNet Weight B {at}", str(weight)))
        held = values.hexadecimal(digest.rstrip(")"))
        kind = HashKind.AUTOV3 if len(held) == 6 else HashKind.SHA256
        found.append(adapter_lines.made(AdapterKind.LORA, name, weight, text, (held, kind)))
    draft.put("model.adapters", (*draft.get("model.adapters"), *found))


def _resources(raw: str, draft: Draft) -> None:
    """What Civitai's generator loaded: the model and adapters, by their names or the numbers of their versions."""
    listed = jsontext.value_of(raw)
    if not isinstance(listed, list):
        raise Unreadable("it is no JSON list")
    found = []
    for one in listed:
        if not isinstance(one, dict):
            continue
        kind, name = str(one.get("type", "")).lower(), _resource_name(one)
        if kind in ("checkpoint", "model") and "Model" not in draft.settings:
            draft.put("model.model_name", name)
        elif kind in _RESOURCES:
            weight = fields.real(one.get("weight", 1.0))
            found.append(adapter_lines.made(_RESOURCES[kind], name, weight))
    if found and not draft.get("model.adapters"):
        draft.put("model.adapters", tuple(found))


def _resource_name(resource: dict[str, Any]) -> str:
    named = resource.get("modelName", resource.get("air"))
    number = resource.get("modelVersionId")
    return named if isinstance(named, str) else "" if number is None else f"civitai@{number}"


READ_ONLY: tuple[Setting, ...] = (
    # SD.Next
    _among("Sampler sigma", "model.sigma_schedule", _SIGMAS),
    _among("Sampler spacing", "sampler_options.timestep_spacing", _SPACINGS),
    _among("Sampler type", "sampler_options.prediction_type", _PREDICTIONS),
    _element("Sampler order", "sampler_options.solver_order", values.integer),
    _element("Sampler shift", "sampler_options.shift", values.number),
    _element("Sampler rescale", "sampler_options.zero_terminal_snr", values.truth),
    _element("Sampler eta delta", "sampler_options.noise_seed_delta", values.integer),
    _element("CFG rescale", "data.guidance_rescale", values.number),
    _element("Variation strength", "variation.strength", values.number),
    _read_only("Hires scale", _hires_scale),
    _element("Hires strength", "hires.denoising_strength", values.number),
    _element("Hires CFG scale", "hires.guidance_scale", values.number),
    _element("Refiner start", "refiner.switch_at", values.number),
    _element("Refiner steps", "refiner.steps", values.integer),
    # Forge
    *(_read_only(f"Module {at}", _module) for at in range(1, 9)),
    # Fooocus
    _among(
        "Scheduler",
        "model.sigma_schedule",
        {name: samplers.comfyui_schedule_of(name) for name in samplers.COMFYUI_SCHEDULES},
    ),
    _read_only("Lora weights", _lora_weights),
    _read_only("Refiner hash", _refiner_hash),
    # Others
    _read_only("Hashes", _hashes),
    _read_only("Hypernet", _hypernet),
    _read_only("AddNet Enabled", _added_networks),
    _read_only("Civitai resources", _resources),
)
