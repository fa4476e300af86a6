"""Dream Factory: a command line in EXIF's XPComment or UserComment: a quoted prompt, then options.

    "a lighthouse" --ddim_steps 25 --scale 7 --seed 42 --W 512 --H 768 --sampler "DPM++ 2M Karras" --ckpt "model"

It draws through AUTOMATIC1111's web UI. Source: rbbrdckybk/dream-factory, utils/extract_prompts.py and README.
"""

from __future__ import annotations

from aigif._gen.enums import GapKind, NoiseSource, PromptDialect
from aigif.importers import settle
from aigif.importers.adapters import tags_of
from aigif.importers.base import Evidence, Importer, Reading, Strength
from aigif.importers.draft import Draft
from aigif.importers.fields import Fields, file_name, real, seed, whole
from aigif.importers.texts import PictureText, TextEntry
from aigif.importers.tooltext import finished, put_named_sampler, started
from aigif.importers.values import Unreadable

_KEYS = ("UserComment", "XPComment", "ImageDescription", "comment", "parameters", "stealth")
_MARK = " --ddim_steps "
_MAX_CHARACTERS = 32768
_MAX_ADAPTERS = 256
_LATER = "(upscaled"


def evidence(picture: PictureText) -> Evidence | None:
    entry = _entry(picture)
    return None if entry is None else Evidence(Strength.OWN, "a text is Dream Factory's command line", entry)


def _entry(picture: PictureText) -> TextEntry | None:
    return next(
        (
            entry
            for entry in picture.entries
            if entry.key in _KEYS and len(entry.text) <= _MAX_CHARACTERS and _MARK in entry.text
        ),
        None,
    )


def read(picture: PictureText) -> Reading:
    """The generation syntax of Dream Factory's command line."""
    entry = _entry(picture)
    assert entry is not None
    prompt, options = split(entry.text)
    draft = started("dream-factory", PromptDialect.A1111, NoiseSource.CUDA_PHILOX)
    fields = Fields(options, draft)
    draft.put("data.prompt", prompt)
    draft.put("data.negative_prompt", fields.take("neg_prompt") or "")
    fields.put("data.seed", seed, "seed", kind=GapKind.SEED)
    fields.put("data.steps", whole, "ddim_steps")
    fields.put("data.guidance_scale", real, "scale")
    fields.put("data.width", whole, "W")
    fields.put("data.height", whole, "H")
    fields.put("model.clip_skip", whole, "clip_skip")
    put_named_sampler(draft, fields.take("sampler"))
    _model(fields, draft)
    fields.put("model.vae_name", file_name, "vae")
    if fields.put("data.denoising_strength", real, "strength") or "init-img" in fields:
        fields.take("init-img")
        draft.missing("the image that was changed is not in the metadata", GapKind.INIT_IMAGE)
    adapters = [tag for tag in tags_of(prompt) if not isinstance(tag, str)]
    draft.put("model.adapters", tuple(adapters[:_MAX_ADAPTERS]))
    if fields.take("controlnet", "controlnet_model", "input_image", "cn_model") is not None:
        draft.missing("a control image took part", GapKind.CONTROL_IMAGE)
    if fields.take("upscaled", "upscale_amount", "upscale_face", "use_upscale") is not None:
        draft.missing("the finished picture was enlarged", GapKind.POSTPROCESS, "upscale")
    fields.name_rest(("n_iter", "n_samples", "outdir", "skip_grid", "upscale_codeformer_amount"))
    return finished(draft, picture, entry)


def split(text: str) -> tuple[str, dict[str, str]]:
    """The prompt, and the options by their names; a value's own quotes are taken off.

    An option begins at " --". The prompt is what stands before --ddim_steps, or in --prompt at the very start.
    """
    line, later, _ = text.partition(_LATER)
    begin = 0 if line.startswith("--prompt ") else line.find(_MARK)
    head = line[: max(begin, 0)].strip()
    options: dict[str, str] = {"upscaled": "True"} if later else {}
    for piece in (" " + line[max(begin, 0) :].lstrip()).split(" --")[1:]:
        name, _, value = piece.partition(" ")
        options.setdefault(name, _unquoted(value.strip()) or "True")
    prompt = options.pop("prompt", "")
    return (prompt or _unquoted(head)), options


def _unquoted(text: str) -> str:
    """A text without the quotes around it, and its escaped quotes as they were."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    return text.strip('"') if text.count('"') % 2 else text.replace('\\"', '"')


def _model(fields: Fields, draft: Draft) -> None:
    """A checkpoint's file, with the web UI's hash in brackets or not."""
    value = fields.take("ckpt", "ckpt_file", "model")
    name, bracket, digest = (value if isinstance(value, str) else "").rpartition(" [")
    if not bracket:
        name, digest = digest, ""
    try:
        name = file_name(name)
    except Unreadable:
        name = ""
    settle.put_model(draft, name, digest.rstrip("]"))


IMPORTER = Importer("dream-factory", evidence, read)

__all__ = ["IMPORTER", "split"]
