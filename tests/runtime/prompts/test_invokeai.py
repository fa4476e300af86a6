"""InvokeAI's way from prompt to embeddings, by compel, on tiny models."""

from __future__ import annotations

import math
from typing import Any

import pytest

from aigif._gen.enums import PromptDialect
from aigif._gen.types import Aigif
from aigif.errors import AigifError, ElementError
from aigif.runtime.prompts import encode_prompts
from tests.runtime.prompts.files import a_file, only


def test_a_plain_prompt_is_what_diffusers_encodes(sd_pipe: Any) -> None:
    import torch

    found = only(encode_prompts(sd_pipe, _file("a red house"), 10))
    assert torch.allclose(found, sd_pipe.encode_prompt("a red house", "cpu", 1, False)[0][0], atol=1e-5)


def test_sdxl_takes_the_last_layer_but_one_and_zeros_for_nothing(sdxl_pipe: Any) -> None:
    import torch

    found = encode_prompts(sdxl_pipe, _file("a red house"), 10).call_arguments()
    encoded = sdxl_pipe.encode_prompt("a red house", device="cpu")
    assert torch.allclose(found["prompt_embeds"], encoded[0], atol=1e-5)
    assert torch.allclose(found["pooled_prompt_embeds"], encoded[2], atol=1e-5)
    assert not found["negative_prompt_embeds"].any()
    assert not found["negative_pooled_prompt_embeds"].any()


def test_more_is_away_from_the_empty_prompt(sd_pipe: Any) -> None:
    import torch

    plain, empty, found = (only(encode_prompts(sd_pipe, _file(text), 10)) for text in ("a b c", "", "a b+ c"))
    expected = plain.clone()
    expected[2] = empty[2] + 1.1 * (plain[2] - empty[2])
    assert torch.allclose(found, expected, atol=1e-5)


def test_less_is_towards_the_prompt_without_it(sd_pipe: Any) -> None:
    import torch

    model = sd_pipe.text_encoder
    ids = sd_pipe.tokenizer("a b c", padding="max_length", max_length=77, return_tensors="pt").input_ids
    mask = torch.ones_like(ids)
    mask[0, 2] = 0
    plain, without = model(ids)[0][0], model(ids, mask)[0][0]
    share = math.tan((1 - 0.5) * math.pi / 2)
    found = only(encode_prompts(sd_pipe, _file("a (b)0.5 c"), 10))
    weighed = plain.clone()
    empty = only(encode_prompts(sd_pipe, _file(""), 10))
    for states in (weighed, without):
        states[2] = empty[2] + 0.5 * (states[2] - empty[2])
    assert torch.allclose(found, (weighed + share * without) / (1 + share), atol=1e-4)
    assert not torch.allclose(found, plain, atol=1e-3)


def test_blend_and_conjunction(sd_pipe: Any) -> None:
    import torch

    first, second = (only(encode_prompts(sd_pipe, _file(text), 10)) for text in ("a b", "c"))
    blended = only(encode_prompts(sd_pipe, _file('("a b", "c").blend(3, 1)'), 10))
    assert torch.allclose(blended, 0.75 * first + 0.25 * second, atol=1e-5)
    both = encode_prompts(sd_pipe, _file('("a b", "c").and()', "d"), 10)
    assert torch.allclose(only(both), torch.cat([first, second]), atol=1e-5)
    assert len(both.negative_at(0).tokens) == 77


def test_clip_skip_takes_layers_off_for_a_while(sd_pipe: Any) -> None:
    import torch

    model = sd_pipe.text_encoder
    ids = sd_pipe.tokenizer("a b", padding="max_length", max_length=77, return_tensors="pt").input_ids
    states = model(ids, output_hidden_states=True).hidden_states[-2]
    found = only(encode_prompts(sd_pipe, _file("a b", clip_skip=2), 10))
    assert torch.allclose(found, model.final_layer_norm(states)[0], atol=1e-5)
    assert len(model.encoder.layers) == 4
    assert not hasattr(model, "text_model")
    with pytest.raises(ElementError, match="4 layers"):
        encode_prompts(sd_pipe, _file("a b", clip_skip=12), 10)


@pytest.mark.parametrize(
    "text", ['("a b"', ").(", '("a").blend(', "a" * 30_000, "(" * 3000, '"', "a.swap(b)"]
)
def test_prompts_that_make_no_sense_are_read_or_refused(sd_pipe: Any, text: str) -> None:
    try:
        encode_prompts(sd_pipe, _file(text), 10)
    except AigifError as error:
        assert error.element == "data.prompt"


def _file(prompt: str, negative: str = "", **elements: Any) -> Aigif:
    return a_file(prompt, negative, PromptDialect.COMPEL, **elements)
