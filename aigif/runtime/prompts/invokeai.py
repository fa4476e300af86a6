"""Prompts as InvokeAI encodes them, by the package compel: SD 1.x, SD 2.x and SDXL.

Source of the options: invoke-ai/InvokeAI, invokeai/app/invocations/compel.py (CompelInvocation,
SDXLCompelPromptInvocation) and invokeai/backend/model_patcher.py (apply_clip_skip).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from aigif.errors import ElementError
from aigif.runtime.prompts.conditioning import Embedding
from aigif.runtime.prompts.encoders import TextEncoder
from aigif.runtime.prompts.limits import check_nesting
from aigif.runtime.torchlib import require

__all__ = ["MAX_LENGTH", "embedding"]

MAX_LENGTH = 20_000
"""Characters of a prompt. compel's parser takes time that grows faster than the length."""


def embedding(encoders: Sequence[TextEncoder], texts: Sequence[str], clip_skip: int) -> Embedding:
    """The embedding of a prompt; `texts` has one for each text model.

    `clip_skip` - 1 layers are taken off the model before it runs. SDXL's models give their last layer but one,
    without the final layer norm, and zeros for an empty text. Raises ElementError where compel can't read the text.
    """
    torch = require("torch")
    large = encoders[-1].key == "clip_g"
    found = [
        _encode(encoder, text, clip_skip, large, pooled=large and encoder is encoders[-1])
        for encoder, text in zip(encoders, texts, strict=True)
    ]
    length = max(len(tokens) for tokens, _pooled in found)
    filled = [torch.nn.functional.pad(tokens, (0, 0, 0, length - len(tokens))) for tokens, _pooled in found]
    return Embedding(torch.cat(filled, dim=-1), found[-1][1])


def _encode(encoder: TextEncoder, text: str, clip_skip: int, large: bool, pooled: bool) -> tuple[Any, Any]:
    torch = require("torch")
    compel = require("compel", "a prompt in InvokeAI's syntax")
    model = encoder.model
    if large and text == "":
        zeros = torch.zeros(
            (model.config.max_position_embeddings, model.config.hidden_size),
            dtype=model.dtype,
            device=encoder.device,
        )
        return zeros, torch.zeros_like(zeros[0]) if pooled else None
    _check(text)
    kinds = compel.ReturnedEmbeddingsType
    with _without_layers(model, clip_skip - 1), _named_inner_model(model):
        tool = compel.Compel(
            tokenizer=encoder.tokenizer,
            text_encoder=model,
            dtype_for_device_getter=lambda _device: model.dtype,
            truncate_long_prompts=False,
            returned_embeddings_type=(
                kinds.PENULTIMATE_HIDDEN_STATES_NON_NORMALIZED
                if large
                else kinds.LAST_HIDDEN_STATES_NORMALIZED
            ),
            requires_pooled=pooled,
            device=str(encoder.device),
        )
        try:
            tokens, _options = tool.build_conditioning_tensor_for_conjunction(tool.parse_prompt_string(text))
            together = tool.conditioning_provider.get_pooled_embeddings([text]) if pooled else None
        except Exception as error:  # of pyparsing, compel, the tokenizer
            raise ElementError(
                [f"compel can't read the prompt: {type(error).__name__}: {error}"], element="data.prompt"
            ) from error
    return tokens[0].to(model.dtype), None if together is None else together[0]


def _check(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise ElementError(
            [f"a prompt of {len(text)} characters, of {MAX_LENGTH} for compel"], element="data.prompt"
        )
    depth = 0
    for character in text:
        depth = max(0, depth + (character == "(") - (character == ")"))
        check_nesting(depth)


@contextmanager
def _without_layers(model: Any, count: int) -> Iterator[None]:
    encoder = getattr(model, "text_model", model).encoder
    layers = encoder.layers
    if not 0 <= count < len(layers):
        raise ElementError([f"the text model has {len(layers)} layers"], element="model.clip_skip")
    kept = layers[: len(layers) - count] if count else layers
    encoder.layers = kept
    try:
        yield
    finally:
        encoder.layers = layers


@contextmanager
def _named_inner_model(model: Any) -> Iterator[None]:
    """compel asks for the inner `text_model`, which transformers 5 no longer has."""
    if hasattr(model, "text_model"):
        yield
        return
    object.__setattr__(model, "text_model", model)  # past torch's registration: it is not its own child
    try:
        yield
    finally:
        object.__delattr__(model, "text_model")
