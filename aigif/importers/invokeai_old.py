"""InvokeAI 1 and 2: the texts `sd-metadata` and `Dream`.

Source: InvokeAI 2's ldm/invoke/args.py (metadata_dumps, dream_prompt_str) and ldm/invoke/generator/base.py: the
noise, the first and the samplers', was drawn on the device of the model, from one generator. Before version 2.3 the
k-diffusion samplers had Karras' noise levels below a number of steps that nothing records (`karras_max`).
"""

from __future__ import annotations

from aigif._gen.enums import GapKind, NoiseSource, PromptDialect
from aigif.errors import ImportMetadataError
from aigif.importers import invokeai_dream, settle
from aigif.importers.base import Reading
from aigif.importers.draft import Draft
from aigif.importers.fields import Fields, real, seed, truth, whole
from aigif.importers.invokeai_names import put_scheduler
from aigif.importers.texts import PictureText
from aigif.importers.tooltext import finished, json_of, marked, started

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_DIFFUSERS_SINCE = (2, 3)


def _started() -> Draft:
    return started("invokeai", PromptDialect.COMPEL, NoiseSource.CUDA_PHILOX)


def read_version_2(picture: PictureText) -> Reading:
    """`sd-metadata`: the model and, in `image`, the settings. Prompts hold the negative one in brackets."""
    entry, record = json_of(marked(picture, ("sd-metadata",)), "InvokeAI")
    version = record.get("app_version")
    draft = _started()
    draft.put("platform.program_version", version if isinstance(version, str) else "")
    image = record.get("image")
    fields = Fields(image if isinstance(image, dict) else {}, draft)
    weights, digest = record.get("model_weights", record.get("model")), record.get("model_hash")
    settle.put_model(
        draft, weights if isinstance(weights, str) else "", digest if isinstance(digest, str) else ""
    )
    _prompts(draft, fields.take("prompt"))
    fields.put("data.seed", seed, "seed", kind=GapKind.SEED)
    fields.put("data.steps", whole, "steps")
    fields.put("data.guidance_scale", real, "cfg_scale")
    fields.put("data.width", whole, "width")
    fields.put("data.height", whole, "height")
    fields.put("data.tiling", truth, "seamless")
    _sampler(draft, fields.take("sampler"), draft.get("platform.program_version"))
    invokeai_dream.note_noise(
        draft, fields.take("threshold"), fields.take("perlin"), fields.take("variations")
    )
    for step in _listed(fields.take("postprocessing")):
        kind = step.get("type") if isinstance(step, dict) else None
        draft.missing(
            f"the finished picture was changed ({str(kind)[:40]!a})", GapKind.POSTPROCESS, str(kind)
        )
    if fields.take("hires_fix") is True:
        draft.missing("a second pass took part, whose settings are not recorded", GapKind.PASSES, "hires_fix")
    if fields.put("data.denoising_strength", real, "strength_steps", "strength"):
        draft.missing("the image that was changed is not in the metadata", GapKind.INIT_IMAGE)
    kind = fields.take("type")
    if kind not in (None, "txt2img"):
        draft.missing(f"an image was the input ({str(kind)[:40]!a})", GapKind.INIT_IMAGE, str(kind))
    harmless = {"orig_hash", "init_image_path", "mask_image_path", "height", "width", "extra", "facetool"}
    fields.name_rest(harmless)
    return finished(draft, picture, entry)


def _sampler(draft: Draft, name: Any, version: str) -> None:
    put_scheduler(draft, name)
    if isinstance(name, str) and name.startswith("k_") and not _is_diffusers(version):
        draft.missing("whether the noise levels were Karras' is not recorded", GapKind.VALUE, "karras_max")


def _is_diffusers(version: str) -> bool:
    """Whether that version ran diffusers' schedulers."""
    head = version.split(".")[:2]
    return (
        len(head) == 2
        and all(part.isascii() and part.isdecimal() for part in head)
        and ((int(head[0][:4]), int(head[1][:4])) >= _DIFFUSERS_SINCE)
    )


def _prompts(draft: Draft, value: Any) -> None:
    """A text, or weighted parts, of which the first is taken where it is the only one."""
    parts = _listed(value) if not isinstance(value, str) else [{"prompt": value}]
    found = [part.get("prompt") for part in parts if isinstance(part, dict)]
    texts = [text for text in found if isinstance(text, str)]
    if len(texts) > 1:
        draft.missing("the prompt has several weighted parts", GapKind.PROMPT, "prompt")
    if texts:
        invokeai_dream.put_prompt(draft, texts[0])


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def read_dream(picture: PictureText) -> Reading:
    """The command line in `Dream`. Raises ImportMetadataError where there is none."""
    entry = picture.first("Dream")
    if entry is None:
        raise ImportMetadataError(
            "there are no metadata of InvokeAI", hint="the picture needs one of its texts"
        )
    draft = _started()
    sampler = invokeai_dream.read(entry.text, draft)
    _sampler(draft, sampler, "")
    draft.missing("the model is not recorded", GapKind.MODEL)
    return finished(draft, picture, entry)
