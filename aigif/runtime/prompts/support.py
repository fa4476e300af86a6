"""Which prompts of which dialect can be honoured on which pipeline, told from the text alone."""

from __future__ import annotations

import re
from typing import Any

from aigif._gen.enums import Emphasis, PromptDialect
from aigif.errors import AigifError
from aigif.runtime.prompts.attention import parse_attention
from aigif.runtime.prompts.comfy_syntax import weigh
from aigif.runtime.prompts.composition import split_and, strip_tags
from aigif.runtime.prompts.schedule import Clock, schedule

__all__ = ["encodes", "unsupported_prompt"]

_UNET = frozenset(
    {
        "StableDiffusionPipeline",
        "StableDiffusionImg2ImgPipeline",
        "StableDiffusionXLPipeline",
        "StableDiffusionXLImg2ImgPipeline",
    }
)
_ENCODED: dict[int, frozenset[str]] = {
    PromptDialect.A1111: _UNET,
    PromptDialect.COMFYUI: _UNET | {"StableDiffusion3Pipeline", "FluxPipeline"},
    PromptDialect.SWARMUI: _UNET | {"StableDiffusion3Pipeline", "FluxPipeline"},
    PromptDialect.FOOOCUS: _UNET,
    PromptDialect.COMPEL: _UNET,
}
_NAMES: dict[int, str] = {
    PromptDialect.A1111: "AUTOMATIC1111",
    PromptDialect.COMFYUI: "ComfyUI",
    PromptDialect.COMPEL: "InvokeAI",
    PromptDialect.NOVELAI: "NovelAI",
    PromptDialect.FOOOCUS: "Fooocus",
    PromptDialect.SDNEXT: "SD.Next",
    PromptDialect.DRAW_THINGS: "Draw Things",
    PromptDialect.SWARMUI: "SwarmUI",
}
_ANY_SYNTAX = re.compile(r"[()\[\]{}<>|\\]|\bBREAK\b|\bAND\b|::")
_A1111_SYNTAX = re.compile(r"[()\[\]\\]|\bBREAK\b|\bAND\b")
_COMFY_SYNTAX = re.compile(r"[()]|embedding:")
_SWARM_SYNTAX = re.compile(r"[<>]|\bBREAK\b|\[[^\[\]]*[:|]")
_TOKENS = 75


def encodes(dialect: int, pipeline: str) -> bool:
    """Whether prompts of `dialect` go to the pipeline class `pipeline` as embeddings, by `encode_prompts`; if not,
    and if `unsupported_prompt` has no objection, as plain text."""
    return pipeline in _ENCODED.get(dialect, frozenset())


def unsupported_prompt(
    dialect: int,
    prompt: str,
    pipeline: str,
    *,
    emphasis: int = Emphasis.DIALECT,
    tokenizer: Any = None,
) -> str | None:
    """Why a prompt (or negative prompt) can't be honoured, or None.

    Where the tool's way to encode is not known here, a prompt is honoured as plain text if nothing in it means
    something to the tool, and if it has no more than 75 tokens (checked where `tokenizer` is given).
    """
    if dialect in (PromptDialect.PLAIN, PromptDialect.UNSPECIFIED):
        return None
    tool = _NAMES.get(dialect, "this dialect")
    if encodes(dialect, pipeline):
        return _refused(dialect, prompt, emphasis)
    if dialect == PromptDialect.COMPEL:
        return None  # InvokeAI gives the text to the tokenizer as it is, for all models that have no unet
    if dialect == PromptDialect.A1111:
        found = _A1111_SYNTAX.search(prompt) if emphasis != Emphasis.NONE else re.search(r"\[|AND", prompt)
        found = found or (re.search(":", prompt) if split_and(strip_tags(prompt))[0].weight != 1.0 else None)
        prompt = strip_tags(prompt)
    elif dialect in (PromptDialect.COMFYUI, PromptDialect.FOOOCUS):
        found = _COMFY_SYNTAX.search(prompt)
    elif dialect == PromptDialect.SWARMUI:
        found = _COMFY_SYNTAX.search(prompt) or _SWARM_SYNTAX.search(prompt)
    else:
        found = _ANY_SYNTAX.search(prompt)
    if found is not None:
        return f"{tool}'s prompt syntax, here {found.group()!r}, is not honoured on {pipeline}"
    if tokenizer is not None and _has_clip(pipeline) and _length(tokenizer, prompt) > _TOKENS:
        return f"it has more than {_TOKENS} tokens, which {tool} encodes in its own way"
    return None


def _refused(dialect: int, prompt: str, emphasis: int) -> str | None:
    try:
        if dialect == PromptDialect.A1111:
            for part in split_and(strip_tags(prompt)):
                for text in schedule(part.text, Clock(1)):
                    if emphasis != Emphasis.NONE:
                        parse_attention(text.text)
        elif dialect != PromptDialect.COMPEL:
            weigh(prompt)
    except AigifError as error:
        return str(error)
    if dialect == PromptDialect.COMPEL and ".swap(" in prompt:
        return "compel's swap was cross-attention control in some versions of InvokeAI and nothing in others"
    if dialect == PromptDialect.SWARMUI:
        found = _SWARM_SYNTAX.search(prompt)
        if found is not None:
            return f"SwarmUI's own syntax, here {found.group()!r}, is not honoured"
    return None


def _has_clip(pipeline: str) -> bool:
    return pipeline in _UNET


def _length(tokenizer: Any, prompt: str) -> int:
    return len(tokenizer(prompt, add_special_tokens=False, truncation=False, verbose=False)["input_ids"])
