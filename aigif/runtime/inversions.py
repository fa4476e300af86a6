"""Textual inversions of a picture: vectors that stand for a word of the prompt."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aigif.errors import ModelError
from aigif.runtime.store.parts import read_embedding
from aigif.runtime.torchlib import quiet, require

__all__ = ["as_tools_take_them", "put_inversions", "read_inversion"]

_ENCODERS = {"text_encoder": ("tokenizer", "clip_l"), "text_encoder_2": ("tokenizer_2", "clip_g")}


def read_inversion(path: Path) -> Mapping[str, Any]:
    """The vectors for each text model (text_encoder, text_encoder_2), tensors of vectors x width.

    Raises PolicyError for a pickle, ModelError where the file holds no textual inversion.
    """
    return read_embedding(path).vectors


def as_tools_take_them(inversions: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The vectors by word, as `prompts.encode_prompts` wants them: a tensor, or one each for clip_l and clip_g."""
    found: dict[str, Any] = {}
    for word, vectors in inversions.items():
        if list(vectors) == ["text_encoder"]:
            found[word] = vectors["text_encoder"]
        else:
            found[word] = {_ENCODERS[part][1]: tensor for part, tensor in vectors.items()}
    return found


def put_inversions(pipe: Any, inversions: Mapping[str, Mapping[str, Any]]) -> None:
    """Teach the tokenizers and text models of `pipe` the words, by diffusers' own loader; they keep them.

    Raises ModelError where vectors don't fit a text model.
    """
    require("torch")
    for word, vectors in inversions.items():
        for part, tensor in vectors.items():
            model = getattr(pipe, part, None)
            if model is None:
                continue
            try:
                with quiet():
                    pipe.load_textual_inversion(
                        {word: tensor},
                        token=word,
                        text_encoder=model,
                        tokenizer=getattr(pipe, _ENCODERS[part][0]),
                    )
            except Exception as error:  # of diffusers, transformers
                raise ModelError(
                    f"the textual inversion {word[:60]!r} does not fit the model: {error}",
                    element="model.adapters",
                    hint="use it with the model that it was made for",
                ) from error
