"""From the syntax elements of a file to its prompts' conditioning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aigif._gen.enums import PromptDialect
from aigif._gen.types import Aigif, Data
from aigif.errors import ElementError, UsageError
from aigif.runtime.prompts import a1111, comfyui, invokeai
from aigif.runtime.prompts.conditioning import Conditioning, Embedding, Part, Stretch
from aigif.runtime.prompts.encoders import text_encoders
from aigif.runtime.prompts.schedule import Clock
from aigif.runtime.prompts.support import encodes
from aigif.runtime.torchlib import require

__all__ = ["encode_prompts"]


def encode_prompts(
    pipe: Any,
    aigif: Aigif,
    total_calls: int,
    embeddings: Mapping[str, Any] | None = None,
    *,
    first_pass_calls: int | None = None,
    prompt: str | None = None,
    negative_prompt: str | None = None,
) -> Conditioning:
    """The conditioning of a file's prompts, in the file's dialect, by the text models of a loaded pipeline.

    `total_calls` is the number of model calls of this pass; `first_pass_calls` that of the first pass, where this is
    the second. `embeddings` maps names of textual inversions to tensors [vectors, width] (for SDXL, to a mapping from
    clip_l and clip_g to one). `prompt` and `negative_prompt` stand in for the file's (the second pass has its own).

    Raises UsageError for a dialect that the pipeline takes as plain text, ElementError for a prompt or a layer that
    makes no sense, LimitError for one that goes too far, ModelError for a textual inversion that is missing. Models
    without a unet can be guided by prompts of one length only: ElementError otherwise.
    """
    model, data = aigif.model, aigif.data
    dialect, pipeline = model.prompt_dialect, type(pipe).__name__
    if not encodes(dialect, pipeline):
        raise UsageError(f"{pipeline} takes prompts of dialect {dialect} as plain text")
    wanted = data.prompt if prompt is None else prompt
    unwanted = data.negative_prompt if negative_prompt is None else negative_prompt
    with require("torch").no_grad():
        if dialect == PromptDialect.A1111:
            _refuse_more(data)
            clock = Clock(total_calls, first_pass_calls, data.old_prompt_edits)
            settings = a1111.Settings(clock, model.clip_skip, model.emphasis)
            return a1111.encode(text_encoders(pipe), wanted, unwanted, settings, embeddings)
        own = prompt is not None or negative_prompt is not None
        more = (
            ("", "", "", "")
            if own
            else (data.prompt_2, data.prompt_3, data.negative_prompt_2, data.negative_prompt_3)
        )
        texts = (wanted, more[0] or wanted, more[1] or wanted)
        others = (unwanted, more[2] or unwanted, more[3] or unwanted)
        positive, negative = _embed(pipe, aigif, texts, embeddings), _embed(pipe, aigif, others, embeddings)
    if (
        not hasattr(pipe, "unet")
        and data.guidance_scale > 1.0
        and len(positive.tokens) != len(negative.tokens)
    ):
        raise ElementError(
            [
                f"prompt and negative prompt have {len(positive.tokens)} and {len(negative.tokens)} tokens; "
                f"{pipeline} guides by prompts of one length"
            ],
            element="data.prompt",
        )
    return _constant(positive, negative, total_calls)


def _embed(
    pipe: Any, aigif: Aigif, texts: tuple[str, str, str], embeddings: Mapping[str, Any] | None
) -> Embedding:
    model = aigif.model
    settings = comfyui.Settings(model.clip_skip, model.prompt_dialect == PromptDialect.FOOOCUS)
    if type(pipe).__name__ == "StableDiffusion3Pipeline":
        return comfyui.sd3_embedding(pipe, texts, settings, embeddings)
    if type(pipe).__name__ == "FluxPipeline":
        return comfyui.flux_embedding(pipe, texts, settings, embeddings)
    encoders = text_encoders(pipe)
    its_own = texts[: len(encoders)]
    if model.prompt_dialect == PromptDialect.COMPEL:
        return invokeai.embedding(encoders, its_own, model.clip_skip)
    return comfyui.clip_embedding(encoders, its_own, settings, embeddings)


def _constant(positive: Embedding, negative: Embedding, calls: int) -> Conditioning:
    return Conditioning((Part(1.0, (Stretch(calls, positive),)),), (Stretch(calls, negative),))


def _refuse_more(data: Data) -> None:
    for name in ("prompt_2", "negative_prompt_2", "prompt_3", "negative_prompt_3"):
        if getattr(data, name):
            raise ElementError(["AUTOMATIC1111 has one prompt for all text models"], element=f"data.{name}")
