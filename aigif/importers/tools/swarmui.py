"""SwarmUI: `sui_image_params`, as JSON in the text `parameters` or in EXIF's UserComment.

Sources: SwarmUI's src/Text2Image/T2IParamTypes.cs (names of the parameters), T2IParamInput.cs (what it writes) and
BuiltinExtensions/ComfyUIBackend/WorkflowGeneratorSteps.cs (how a refiner's share becomes steps).
"""

from __future__ import annotations

from aigif._gen.enums import (
    AdapterKind,
    GapKind,
    HashKind,
    NoiseSource,
    PromptDialect,
    Scheduler,
    UpscaleForm,
)
from aigif.importers import settle
from aigif.importers.adapters import made
from aigif.importers.base import Evidence, Importer, Reading, Strength
from aigif.importers.draft import Draft
from aigif.importers.fields import Fields, file_name, real, seed, truth, whole, words
from aigif.importers.texts import PictureText, TextEntry
from aigif.importers.tooltext import (
    COMMON_KEYS,
    finished,
    json_of,
    marked,
    put_comfyui_sampler,
    put_named_sampler,
    started,
)
from aigif.importers.values import Unreadable, hexadecimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MARK = "sui_image_params"
_MAX_ADAPTERS = 256
_HARMLESS = frozenset(
    {
        "aspectratio",
        "automaticvae",
        "batchsize",
        "colordepth",
        "date",
        "donotsave",
        "generation_time",
        "images",
        "imageformat",
        "internalbackendtype",
        "modelspecificenhancements",
        "original_prompt",
        "original_negativeprompt",
        "outpathformat",
        "personalnote",
        "presets",
        "resolution",
        "saveintermediateimages",
        "sidelength",
        "wildcardseed",
    }
)
_IMAGES = {
    "initimage": GapKind.INIT_IMAGE,
    "maskimage": GapKind.MASK,
    "promptimages": GapKind.REFERENCE_IMAGE,
    "controlnetmodel": GapKind.CONTROL_IMAGE,
    "controlnettwomodel": GapKind.CONTROL_IMAGE,
    "controlnetthreemodel": GapKind.CONTROL_IMAGE,
    "controlnetimageinput": GapKind.CONTROL_IMAGE,
    "videomodel": GapKind.ANIMATION,
    "comfyuicustomworkflow": GapKind.OPERATION,
    "segmentmodel": GapKind.EXTENSION,
}


def evidence(picture: PictureText) -> Evidence | None:
    entry = marked(picture, COMMON_KEYS, _MARK)
    if entry is None:
        return None
    # The graph beside it is made from these parameters, and only ComfyUI's own server leaves it in the picture.
    graph = marked(picture, ("prompt",), '"class_type"')
    strength = Strength.OWN if graph is None else Strength.WRAPPED
    return Evidence(strength, "a text holds SwarmUI's sui_image_params", entry)


def read(picture: PictureText) -> Reading:
    """The generation syntax of SwarmUI's parameters. Raises ImportMetadataError where they are no JSON."""
    entry, whole_text = json_of(marked(picture, COMMON_KEYS, _MARK), "SwarmUI")
    return read_object(whole_text, picture, entry)


def read_object(record: dict[str, Any], picture: PictureText, entry: TextEntry) -> Reading:
    """The same from the parsed object."""
    wrapped = record.get("parameters")
    if "sui_image_params" not in record and isinstance(wrapped, str):
        _, record = json_of(
            TextEntry(entry.carrier, entry.key, wrapped, entry.byte, entry.after_pixels), "SwarmUI"
        )
    params = record.get("sui_image_params", entry)
    draft = started("swarmui", PromptDialect.SWARMUI, NoiseSource.TORCH_CPU)
    fields = Fields(params if isinstance(params, dict) else {}, draft)
    fields.put("platform.program_version", words, "swarm_version")
    draft.put("data.prompt", "")
    fields.put("data.prompt", words, "prompt", kind=GapKind.PROMPT)
    fields.put("data.negative_prompt", words, "negativeprompt")
    fields.put("data.seed", seed, "seed", kind=GapKind.SEED)
    fields.put("data.steps", whole, "steps")
    fields.put("data.guidance_scale", real, "cfgscale")
    fields.put("data.width", whole, "width")
    fields.put("data.height", whole, "height")
    fields.put("distilled.guidance", real, "fluxguidancescale")
    fields.put("sampler_options.shift", real, "sigmashift")
    fields.put("sampler_options.sigma_min", real, "samplersigmamin")
    fields.put("sampler_options.sigma_max", real, "samplersigmamax")
    fields.put("sampler_options.rho", real, "samplerrho")
    fields.put("data.tiling", truth, "seamlesstileable")
    fields.put("model.clip_skip", lambda value: abs(whole(value)), "clipstopatlayer")
    _sampler(fields, draft)
    _variation(fields, draft)
    hashes = _hashes(record.get("sui_models"))
    _model(fields, draft, hashes)
    _adapters(fields, draft, hashes)
    _second_pass(fields, draft)
    if fields.put("data.denoising_strength", real, "initimagecreativity"):
        fields.take("initimage")
    for key, kind in _IMAGES.items():
        if (value := fields.take(key)) is not None:
            draft.missing(f"{key} was in use: {str(value)[:40]!a}", kind, key)
    fields.name_rest(_HARMLESS, {"clipstopatlayer": (-1, "-1"), "seamlesstileable": ("false",)})
    return finished(draft, picture, entry)


def _sampler(fields: Fields, draft: Draft) -> None:
    sampler, schedule = fields.take("sampler", "comfyuisampler"), fields.take("scheduler", "comfyuischeduler")
    through_web_ui = fields.take("autowebuisampler")
    if sampler is None and through_web_ui is not None:
        put_named_sampler(draft, through_web_ui)
        return
    if sampler is None:
        draft.put("model.scheduler", Scheduler.EULER)
    if sampler is None or schedule is None:
        draft.missing("the sampler is the program's own for the model", GapKind.VALUE, "scheduler")
    put_comfyui_sampler(draft, sampler, schedule)


def _variation(fields: Fields, draft: Draft) -> None:
    strength = fields.take("variationseedstrength")
    if fields.put("variation.seed", seed, "variationseed") or strength is not None:
        try:
            draft.put("variation.strength", real(strength if strength is not None else 0))
        except Unreadable as problem:
            fields.refuse("variationseedstrength", strength, str(problem))


def _hashes(models: Any) -> dict[tuple[str, str], bytes]:
    """Hashes by the parameter that names a model, and by its file's name without ending.

    They are SHA-256 of a safetensors file without its header (T2IModel.GetOrGenerateTensorHashSha256).
    """
    found: dict[tuple[str, str], bytes] = {}
    for model in models if isinstance(models, list) else []:
        if (
            isinstance(model, dict)
            and isinstance(model.get("name"), str)
            and isinstance(model.get("hash"), str)
        ):
            try:
                digest = hexadecimal(model["hash"].removeprefix("0x"))
            except Unreadable:
                continue
            found[str(model.get("param")), settle.stem(file_name(model["name"]))] = digest
    return found


def _model(fields: Fields, draft: Draft, hashes: dict[tuple[str, str], bytes]) -> None:
    fields.put("model.model_name", file_name, "model", kind=GapKind.MODEL)
    digest = hashes.get(("model", settle.stem(draft.get("model.model_name"))), b"")
    if digest:
        draft.put("model.weight_hash", digest)
        draft.put("model.hash_kind", HashKind.AUTOV3)
    settle.settle_model(draft)
    if fields.put("model.vae_name", file_name, "vae"):
        vae = hashes.get(("vae", settle.stem(draft.get("model.vae_name"))), b"")
        draft.put("model.vae_hash", vae)
        draft.put("model.vae_hash_kind", HashKind.AUTOV3 if vae else HashKind.SHA256)


def _adapters(fields: Fields, draft: Draft, hashes: dict[tuple[str, str], bytes]) -> None:
    names, weights = _listed(fields.take("loras")), _listed(fields.take("loraweights"))
    text_weights = _listed(fields.take("loratencweights"))
    confined = [
        part for part in _listed(fields.take("lorasectionconfinement")) if str(part) not in ("0", "-1")
    ]
    adapters = []
    for at, name in enumerate(names[:_MAX_ADAPTERS]):
        try:
            stem = settle.stem(file_name(name))
            weight = real(weights[at]) if at < len(weights) else 1.0
            text = real(text_weights[at]) if at < len(text_weights) else weight
            digest = hashes.get(("loras", stem), b"")
            hashed = digest, HashKind.AUTOV3 if digest else HashKind.SHA256
            adapters.append(made(AdapterKind.LORA, stem, weight, text, hashed))
        except Unreadable as problem:
            draft.missing(f"an adapter is not recorded: {problem}", GapKind.ADAPTER, str(name))
    draft.put("model.adapters", tuple(adapters))
    if confined:
        draft.missing("an adapter works on a part of the picture", GapKind.REGION, "lorasectionconfinement")


def _listed(value: Any) -> list[Any]:
    """A list, or the parts of a text with commas; nothing for None."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    return value if isinstance(value, list) else []


def _second_pass(fields: Fields, draft: Draft) -> None:
    """The refiner: a second pass on the enlarged picture (PostApply), or another model for the last steps.

    SwarmUI runs the last steps of the same schedule: the share that the refiner has, rounded. Its noise has the next
    seed.
    """
    share = fields.take("refinercontrolpercentage")
    method = fields.take("refinermethod")
    upscale = fields.take("refinerupscale")
    model = fields.take("refinermodel")
    upscaler = fields.take("refinerupscalemethod")
    own_steps, own_scale = fields.take("refinersteps"), fields.take("refinercfgscale")
    sampler, schedule = fields.take("refinersampler"), fields.take("refinerscheduler")
    if share is None:
        return
    try:
        _put_second_pass(draft, real(share), method, upscale, model, upscaler, own_steps, own_scale)
    except Unreadable as problem:
        draft.missing(f"the refiner's settings are not recorded: {problem}", GapKind.PASSES, "refiner")
    if (sampler or schedule) and draft.has("hires"):
        draft.put("hires_scheduler.scheduler", draft.get("model.scheduler"))
        draft.put("hires_scheduler.sigma_schedule", draft.get("model.sigma_schedule"))
        put_comfyui_sampler(draft, sampler, schedule, "hires_scheduler")


def _put_second_pass(
    draft: Draft,
    share: float,
    method: Any,
    upscale: Any,
    model: Any,
    upscaler: Any,
    own_steps: Any,
    own_scale: Any,
) -> None:
    if not 0 <= share <= 1:
        raise Unreadable("the refiner's share goes from 0 to 1")
    name = settle.stem(file_name(model)) if model is not None else ""
    if name == "(Use Base)":
        name = ""
    if method not in (None, "PostApply"):
        draft.put("refiner.name", name)
        draft.put("refiner.switch_at", 1 - share)
        settle.settle_model(draft)
        if upscale is not None and real(upscale) != 1:
            draft.missing("the refiner works on an enlarged picture", GapKind.PASSES, "refinerupscale")
        return
    steps = whole(own_steps) if own_steps is not None else draft.get("data.steps")
    run = steps - round(steps * (1 - share))
    draft.put("hires.scale", real(upscale) if upscale is not None else 1.0)
    draft.put("hires.denoising_strength", run / steps if steps else 0.0)
    draft.put("hires.steps", run)
    draft.put("hires.own_seed", True)
    draft.put("hires.seed", (draft.get("data.seed") + 1) % 2**64)
    if own_scale is not None:
        draft.put("hires.guidance_scale", real(own_scale))
    way = upscaler if isinstance(upscaler, str) else "pixel-lanczos"
    latent = way.startswith("latent-")
    draft.put("hires.form", UpscaleForm.LATENT if latent else UpscaleForm.IMAGE)
    draft.put("hires.upscaler", way.removeprefix("latent-") if latent else _upscaler(way))
    if name:
        draft.put("hires.model_name", name)
    if draft.get("hires.scale") == 1 and not name and share == 0:
        draft.missing("the refiner did nothing", GapKind.SETTING, "refiner")


def _upscaler(way: str) -> str:
    """Pillow's Lanczos by the name that the web UI has for it; other ways by their own names."""
    return "Lanczos" if way == "pixel-lanczos" else way


IMPORTER = Importer("swarmui", evidence, read)

__all__ = ["IMPORTER", "read_object"]
