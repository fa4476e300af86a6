"""The text models of a pipeline: token ids and learned vectors in, hidden states out."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from aigif.errors import ElementError, ModelError
from aigif.runtime.torchlib import require

__all__ = ["Encoded", "TextEncoder", "learned_vectors", "text_encoders"]

_OPEN_CLIP_H = (1024, 23)
"""Width and layers of SD 2's text model in diffusers: OpenCLIP's ViT-H without its last of 24 layers."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """What a text model gives for rows of tokens: its hidden states [rows, tokens, width], that of the embedding
    first; the last one after the final layer norm; the pooled one [rows, width] or None."""

    hidden: tuple[Any, ...]
    last: Any
    pooled: Any


class TextEncoder:
    """A tokenizer and its text model. `key` names it in files of textual inversions: clip_l or clip_g."""

    def __init__(self, tokenizer: Any, model: Any, key: str, device: Any) -> None:
        self.tokenizer = tokenizer
        self.model = model
        self.key = key
        self.device = device
        self.start: int | None = tokenizer.bos_token_id
        self.end: int = tokenizer.eos_token_id
        self.pad: int = self.end if tokenizer.pad_token_id is None else tokenizer.pad_token_id
        self.comma: int | None = tokenizer.get_vocab().get(",</w>")

    @property
    def is_open_clip(self) -> bool:
        """Whether it is OpenCLIP's, which pads with another token than the end's."""
        return self.pad != self.end

    @property
    def missing_layers(self) -> int:
        """Layers that the tool's model has at its end and diffusers' has not: 1 for SD 2's, else 0."""
        config = self.model.config
        shape = (getattr(config, "hidden_size", 0), getattr(config, "num_hidden_layers", 0))
        return int(shape == _OPEN_CLIP_H)

    def ids(self, text: str) -> list[int]:
        """The token ids of a text, however long, without start and end."""
        found: list[int] = self.tokenizer(text, add_special_tokens=False, truncation=False, verbose=False)[
            "input_ids"
        ]
        return found

    def cleaned(self, text: str) -> str:
        """As OpenCLIP's tokenizer cleans a text: character references of HTML resolved, twice."""
        return html.unescape(html.unescape(text)) if self.is_open_clip else text

    def run(
        self, rows: Sequence[Sequence[int]], learned: Sequence[Sequence[tuple[int, Any]]] = ()
    ) -> Encoded:
        """Encode rows of token ids. `learned` gives for each row positions and the vectors [n, width] that stand
        there in place of the tokens' own."""
        torch = require("torch")
        tokens = torch.tensor([list(row) for row in rows], dtype=torch.long, device=self.device)
        with _replaced(self.model, learned):
            output = self.model(tokens, output_hidden_states=True)
        pooled = getattr(output, "text_embeds", None)
        if pooled is None:
            pooled = getattr(output, "pooler_output", None)
        return Encoded(tuple(output.hidden_states), output.last_hidden_state, pooled)

    def layer(self, encoded: Encoded, skip: int, normed: bool) -> Any:
        """The hidden states of layer `skip` from the end, 1 being the last; through the final layer norm if asked.

        Raises ElementError where the model has no such layer.
        """
        if not 1 <= skip <= len(encoded.hidden):
            raise ElementError(
                [f"the text model has {len(encoded.hidden) - 1} layers"], element="model.clip_skip"
            )
        states = encoded.hidden[-skip]
        if not normed:
            return states
        inner = getattr(self.model, "text_model", self.model)  # transformers 5 has no inner model
        return inner.final_layer_norm(states)


def text_encoders(pipe: Any) -> list[TextEncoder]:
    """The CLIP text models of a pipeline with a unet: that of SD, both of SDXL, the second of SDXL's refiner.

    Raises ModelError where it has none.
    """
    names = (("tokenizer", "text_encoder", "clip_l"), ("tokenizer_2", "text_encoder_2", "clip_g"))
    found = [
        TextEncoder(getattr(pipe, tokenizer), getattr(pipe, model), key, pipe._execution_device)
        for tokenizer, model, key in names
        if getattr(pipe, model, None) is not None and getattr(pipe, tokenizer, None) is not None
    ]
    if not found:
        raise ModelError(f"{type(pipe).__name__} has no CLIP text model")
    return found


def learned_vectors(embeddings: Mapping[str, Any] | None, encoder: TextEncoder) -> dict[str, Any]:
    """The textual inversions that fit an encoder: name to a tensor [vectors, width].

    A value is a tensor, [vectors, width] or [width], or a mapping from clip_l and clip_g to one. One of another
    width is left out, as the tools leave it out.
    """
    width = encoder.model.get_input_embeddings().weight.shape[1]
    found: dict[str, Any] = {}
    for name, value in (embeddings or {}).items():
        tensor = value.get(encoder.key) if isinstance(value, Mapping) else value
        if tensor is not None and tensor.shape[-1] == width:
            found[name] = tensor.reshape(-1, width)
    return found


@contextmanager
def _replaced(model: Any, learned: Sequence[Sequence[tuple[int, Any]]]) -> Iterator[None]:
    if not any(learned):
        yield
        return

    def put(_module: Any, _inputs: Any, output: Any) -> Any:
        output = output.clone()
        for row, places in enumerate(learned):
            for position, vectors in places:
                length = min(len(vectors), output.shape[1] - position)
                output[row, position : position + length] = vectors[:length].to(output)
        return output

    handle = model.get_input_embeddings().register_forward_hook(put)
    try:
        yield
    finally:
        handle.remove()
