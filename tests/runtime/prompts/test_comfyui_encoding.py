"""ComfyUI's way from prompt to embeddings, on tiny models, against its formula written anew."""

from __future__ import annotations

from typing import Any

import numpy
import pytest

from aigif._gen.enums import PromptDialect
from aigif._gen.types import Aigif
from aigif.errors import ElementError, ModelError
from aigif.runtime.prompts import encode_prompts
from aigif.runtime.prompts.comfyui import reweigh
from tests.runtime.prompts.files import a_file, only


def test_a_plain_prompt_is_what_diffusers_encodes(sd_pipe: Any) -> None:
    import torch

    found = encode_prompts(sd_pipe, _file("a red house", "no"), 10).call_arguments()
    positive, negative = sd_pipe.encode_prompt("a red house", "cpu", 1, True, negative_prompt="no")
    assert torch.equal(found["prompt_embeds"], positive)
    assert torch.equal(found["negative_prompt_embeds"], negative)


def test_the_empty_negative_prompt_of_sdxl_is_encoded(sdxl_pipe: Any) -> None:
    import torch

    found = encode_prompts(sdxl_pipe, _file("a red house"), 10).call_arguments()
    encoded = sdxl_pipe.encode_prompt("a red house", device="cpu", negative_prompt="")
    names = (
        "prompt_embeds",
        "negative_prompt_embeds",
        "pooled_prompt_embeds",
        "negative_pooled_prompt_embeds",
    )
    assert all(torch.equal(found[name], tensor) for name, tensor in zip(names, encoded, strict=True))


def test_weights_are_relative_to_the_empty_prompt(sd_pipe: Any) -> None:
    plain, empty = _states(sd_pipe, "a b c"), _states(sd_pipe, "")
    found = only(encode_prompts(sd_pipe, _file("a (b:1.5) (c)"), 10)).double().numpy()
    expected = plain.copy()
    expected[2] = (plain[2] - empty[2]) * 1.5 + empty[2]
    expected[3] = (plain[3] - empty[3]) * 1.1 + empty[3]
    assert found == pytest.approx(expected, abs=1e-5)


def test_fooocus_restores_the_mean() -> None:
    import torch

    generator = torch.Generator().manual_seed(0)
    states = torch.randn((2, 77, 8), generator=generator, dtype=torch.float64) + 0.3
    empty = torch.randn((77, 8), generator=generator, dtype=torch.float64)
    weights = torch.ones((2, 77), dtype=torch.float64)
    weights[:, 3] = 2.0
    found = reweigh(states, empty, weights, restore_mean=True).numpy()
    moved = states.numpy().copy()
    moved[:, 3] = 2 * moved[:, 3] - empty.numpy()[3]
    for index in range(2):
        factor = states.numpy()[index].mean() / moved[index].mean()
        assert found[index] == pytest.approx(moved[index] * factor, rel=1e-12)


@pytest.mark.parametrize("skip", [2, 3])
def test_clip_skip(sd_pipe: Any, sdxl_pipe: Any, skip: int) -> None:
    import torch

    model, ids = sd_pipe.text_encoder, _ids(sd_pipe, "a b")
    layers = model(ids, output_hidden_states=True).hidden_states
    found = only(encode_prompts(sd_pipe, _file("a b", clip_skip=skip), 10))
    assert torch.equal(found, model.final_layer_norm(layers[-skip])[0])
    large = only(encode_prompts(sdxl_pipe, _file("a b", clip_skip=skip), 10))
    models = (sdxl_pipe.text_encoder, sdxl_pipe.text_encoder_2)
    expected = [encoder(ids, output_hidden_states=True).hidden_states[-skip][0] for encoder in models]
    assert torch.equal(large, torch.cat(expected, dim=-1))


def test_a_long_prompt_is_several_batches(sd_pipe: Any) -> None:
    import torch

    found = only(encode_prompts(sd_pipe, _file("a " * 80), 10))
    parts = [sd_pipe.text_encoder(_ids(sd_pipe, "a " * count))[0][0] for count in (75, 5)]
    assert torch.allclose(found, torch.cat(parts), atol=1e-5)


def test_another_prompt_for_the_second_model(sdxl_pipe: Any) -> None:
    import torch

    first, second = (only(encode_prompts(sdxl_pipe, _file(text), 10)) for text in ("a b", "c"))
    found = only(encode_prompts(sdxl_pipe, _file("a b", prompt_2="c"), 10))
    assert torch.equal(found[:, :32], first[:, :32])
    assert torch.equal(found[:, 32:], second[:, 32:])


def test_learned_vectors_replace_their_name(sd_pipe: Any) -> None:
    import torch

    table = sd_pipe.text_encoder.get_input_embeddings().weight.detach()
    ids = sd_pipe.tokenizer("b c", add_special_tokens=False)["input_ids"]
    given = {"style": table[ids].clone()}
    expected = only(encode_prompts(sd_pipe, _file("a b c d"), 10))
    for text in ("a embedding:style d", "a embedding:style.safetensors d"):
        assert torch.equal(only(encode_prompts(sd_pipe, _file(text), 10, given)), expected)
    comma = only(encode_prompts(sd_pipe, _file("a embedding:style, d"), 10, given))
    assert torch.equal(comma, only(encode_prompts(sd_pipe, _file("a b c , d"), 10)))
    weighed = only(encode_prompts(sd_pipe, _file("a (embedding:style:1.3) d"), 10, given))
    same = only(encode_prompts(sd_pipe, _file("a (b c:1.3) d"), 10))
    assert torch.equal(weighed, same)


def test_a_learned_word_that_is_missing_is_named(sd_pipe: Any) -> None:
    import torch

    with pytest.raises(ModelError, match="style"):
        encode_prompts(sd_pipe, _file("a embedding:style"), 10)
    ignored = encode_prompts(sd_pipe, _file("a embedding:style"), 10, {"style": None})
    assert torch.equal(only(ignored), only(encode_prompts(sd_pipe, _file("a"), 10)))


def test_flux_takes_t5_with_256_tokens(flux_pipe: Any) -> None:
    import torch

    found = encode_prompts(flux_pipe, _file("a b", prompt_2="c (d:2)"), 4)
    tokens, pooled = only(found), found.positive_at(0)[0][0].pooled
    ids = _ids(flux_pipe, "a b")
    assert torch.allclose(pooled, flux_pipe.text_encoder(ids).pooler_output[0], atol=1e-6)
    plain, empty = (_t5(flux_pipe.tokenizer_2, flux_pipe.text_encoder_2, text, 256) for text in ("c d", ""))
    place = len(flux_pipe.tokenizer_2("c ", add_special_tokens=False)["input_ids"])
    expected = plain.copy()
    count = len(flux_pipe.tokenizer_2("d", add_special_tokens=False)["input_ids"])
    expected[place : place + count] += plain[place : place + count] - empty[place : place + count]
    assert tokens.numpy() == pytest.approx(expected, abs=1e-5)
    picture = flux_pipe(
        **_without_negative(found), num_inference_steps=1, height=32, width=32, output_type="latent"
    )
    assert torch.isfinite(picture.images).all()


def test_sd3_joins_three_text_models(sd3_pipe: Any) -> None:
    import torch

    found = encode_prompts(sd3_pipe, _file("a b", "c"), 4)
    tokens, pooled = only(found), found.positive_at(0)[0][0].pooled
    assert tokens.shape == (154, 64)
    reference, _n, pooled_reference, _m = sd3_pipe.encode_prompt("a b", "a b", "a b", device="cpu")
    assert torch.allclose(tokens[:77], reference[0, :77], atol=1e-5)
    assert torch.allclose(pooled, pooled_reference[0], atol=1e-5)
    t5 = _t5(sd3_pipe.tokenizer_3, sd3_pipe.text_encoder_3, "a b", 77)
    assert tokens[77:].numpy() == pytest.approx(t5, abs=1e-5)
    picture = sd3_pipe(
        **found.call_arguments(), num_inference_steps=1, height=64, width=64, output_type="latent"
    )
    assert torch.isfinite(picture.images).all()


def test_models_without_a_unet_are_guided_by_prompts_of_one_length(sd3_pipe: Any) -> None:
    with pytest.raises(ElementError, match="one length"):
        encode_prompts(sd3_pipe, _file("a " * 80, "c", guidance_scale=5.0), 4)
    alone = encode_prompts(sd3_pipe, _file("a " * 80, "c", guidance_scale=1.0), 4)
    assert len(only(alone)) > 154


def _file(prompt: str, negative: str = "", **elements: Any) -> Aigif:
    return a_file(prompt, negative, PromptDialect.COMFYUI, **elements)


def _without_negative(conditioning: Any) -> dict[str, Any]:
    return {name: value for name, value in conditioning.call_arguments().items() if "negative" not in name}


def _ids(pipe: Any, text: str) -> Any:
    return pipe.tokenizer(text, padding="max_length", max_length=77, return_tensors="pt").input_ids


def _states(pipe: Any, text: str) -> Any:
    return pipe.text_encoder(_ids(pipe, text))[0][0].detach().double().numpy()


def _t5(tokenizer: Any, model: Any, text: str, length: int) -> Any:
    ids = tokenizer(text, padding="max_length", max_length=length, return_tensors="pt").input_ids
    return numpy.asarray(model(ids)[0][0].detach())
