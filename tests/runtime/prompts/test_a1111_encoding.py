"""AUTOMATIC1111's way from prompt to embeddings, on tiny models, against its formulas written anew."""

from __future__ import annotations

from typing import Any

import numpy
import pytest

from aigif._gen.enums import Emphasis
from aigif.errors import ElementError, UsageError
from aigif.runtime.prompts import encode_prompts
from aigif.runtime.prompts.a1111 import reweigh
from tests.runtime.prompts.files import a_file, only


@pytest.mark.parametrize("prompt", ["a red house", "", "a " * 75, "Red, house: dusk!"])
def test_a_plain_prompt_is_what_diffusers_encodes(sd_pipe: Any, prompt: str) -> None:
    import torch

    found = encode_prompts(sd_pipe, a_file(prompt, "no"), 10)
    positive, negative = sd_pipe.encode_prompt(prompt, "cpu", 1, True, negative_prompt="no")
    arguments = found.call_arguments()
    assert torch.equal(arguments["prompt_embeds"], positive)
    assert torch.equal(arguments["negative_prompt_embeds"], negative)
    assert found.is_steady


def test_a_plain_prompt_of_sdxl_is_what_diffusers_encodes(sdxl_pipe: Any) -> None:
    import torch

    found = encode_prompts(sdxl_pipe, a_file("a red house", "no"), 10).call_arguments()
    encoded = sdxl_pipe.encode_prompt("a red house", device="cpu", negative_prompt="no")
    names = (
        "prompt_embeds",
        "negative_prompt_embeds",
        "pooled_prompt_embeds",
        "negative_pooled_prompt_embeds",
    )
    assert all(torch.equal(found[name], tensor) for name, tensor in zip(names, encoded, strict=True))


def test_the_empty_negative_prompt_of_sdxl_is_zeros(sdxl_pipe: Any) -> None:
    found = encode_prompts(sdxl_pipe, a_file("a", ""), 10).call_arguments()
    assert not found["negative_prompt_embeds"].any()
    assert not found["negative_pooled_prompt_embeds"].any()
    assert encode_prompts(sdxl_pipe, a_file("a", " "), 10).call_arguments()["negative_prompt_embeds"].any()


@pytest.mark.parametrize("skip", [2, 3])
def test_clip_skip_takes_an_earlier_layer_and_the_last_norm(sd_pipe: Any, skip: int) -> None:
    import torch

    found = only(encode_prompts(sd_pipe, a_file("a red house", clip_skip=skip), 10))
    model, ids = sd_pipe.text_encoder, _ids(sd_pipe, "a red house")
    layers = model(ids, output_hidden_states=True).hidden_states
    expected = model.final_layer_norm(layers[len(layers) - skip])[0]
    assert torch.equal(found, expected)
    negative = encode_prompts(sd_pipe, a_file("a", "a red house", clip_skip=skip), 10).negative_at(0)
    assert torch.equal(negative.tokens, expected)


def test_clip_skip_has_no_effect_on_sdxl(sdxl_pipe: Any) -> None:
    import torch

    one, three = (only(encode_prompts(sdxl_pipe, a_file("a", clip_skip=skip), 10)) for skip in (1, 3))
    assert torch.equal(one, three)


def test_clip_skip_past_the_first_layer_is_refused(sd_pipe: Any) -> None:
    with pytest.raises(ElementError, match="4 layers"):
        encode_prompts(sd_pipe, a_file("a", clip_skip=12), 10)


def test_emphasis_multiplies_and_restores_the_mean(sd_pipe: Any) -> None:
    plain = only(encode_prompts(sd_pipe, a_file("a b c"), 10)).double().numpy()
    found = only(encode_prompts(sd_pipe, a_file("a (b:1.5) c"), 10)).double().numpy()
    weights = numpy.ones((77, 1))
    weights[2] = 1.5  # start, a, b
    expected = plain * weights
    expected *= plain.mean() / expected.mean()
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-5)
    bare = only(encode_prompts(sd_pipe, a_file("a (b:1.5) c", emphasis=Emphasis.NO_NORM), 10))
    assert bare.double().numpy() == pytest.approx(plain * weights, abs=1e-6)


def test_the_mean_is_one_over_rows_tokens_and_width() -> None:
    import torch

    generator = torch.Generator().manual_seed(0)
    states = torch.randn((3, 77, 16), generator=generator, dtype=torch.float64) + 0.5
    weights = torch.rand((3, 77), generator=generator, dtype=torch.float64) + 0.5
    found = reweigh(states, weights, Emphasis.DIALECT).numpy()
    weighed = states.numpy() * weights.numpy()[:, :, None]
    assert found == pytest.approx(weighed * (states.numpy().sum() / weighed.sum()), rel=1e-12)
    assert found.mean() == pytest.approx(states.numpy().mean(), rel=1e-12)


def test_emphasis_ignored_or_not_read(sd_pipe: Any) -> None:
    import torch

    ignored = encode_prompts(sd_pipe, a_file("a (red:1.5) house", emphasis=Emphasis.IGNORE), 10)
    assert torch.equal(only(ignored), only(encode_prompts(sd_pipe, a_file("a red house"), 10)))
    text = "a (red:1.5) house"
    found = encode_prompts(sd_pipe, a_file(text, emphasis=Emphasis.NONE), 10)
    assert torch.equal(only(found), sd_pipe.text_encoder(_ids(sd_pipe, text))[0][0])


def test_the_mean_is_over_all_texts_of_a_schedule_by_their_number(sd_pipe: Any) -> None:
    found = encode_prompts(sd_pipe, a_file("[(a:2)||] b"), 4)
    strong, weak = _states(sd_pipe, "a b"), _states(sd_pipe, "b")
    before = numpy.stack([strong, weak, weak, strong])
    after = before.copy()
    after[[0, 3], 1] *= 2
    after *= before.mean() / after.mean()
    for index, stretch in enumerate(found.positive[0].stretches):
        assert stretch.embedding.tokens.numpy() == pytest.approx(after[index], rel=1e-4, abs=1e-5)


def test_chunks_are_encoded_one_by_one(sd_pipe: Any) -> None:
    import torch

    found = only(encode_prompts(sd_pipe, a_file("a red BREAK house"), 10))
    parts = [sd_pipe.text_encoder(_ids(sd_pipe, text))[0][0] for text in ("a red", "house")]
    assert torch.equal(found, torch.cat(parts))
    assert only(encode_prompts(sd_pipe, a_file("a " * 76), 10)).shape == (154, 32)


def test_tags_are_no_text_in_the_prompt_alone(sd_pipe: Any) -> None:
    import torch

    found = encode_prompts(sd_pipe, a_file("a red<lora:x:1>", "a red<lora:x:1>"), 10)
    assert torch.equal(only(found), only(encode_prompts(sd_pipe, a_file("a red"), 10)))
    assert not torch.equal(found.negative_at(0).tokens, only(found))


def test_parts_of_a_composition_are_filled_up_with_their_last_vector(sd_pipe: Any) -> None:
    import torch

    found = encode_prompts(sd_pipe, a_file("a AND " + "b " * 80 + ":0.5", "a"), 10)
    (short, one), (long, half) = found.positive_at(0)
    assert (one, half) == (1.0, 0.5)
    assert short.tokens.shape == long.tokens.shape == (154, 32)
    assert torch.equal(short.tokens[77:], short.tokens[76:77].repeat(77, 1))
    assert len(found.negative_at(0).tokens) == 77


def test_a_schedule_is_as_long_as_its_longest_text(sd_pipe: Any) -> None:
    found = encode_prompts(sd_pipe, a_file("a[:" + " b" * 80 + ":2]"), 10)
    assert [len(found.positive_at(call)[0][0].tokens) for call in (0, 2, 3)] == [154] * 3


def test_learned_vectors_replace_their_name(sd_pipe: Any) -> None:
    import torch

    table = sd_pipe.text_encoder.get_input_embeddings().weight.detach()
    ids = sd_pipe.tokenizer("red house", add_special_tokens=False)["input_ids"]
    found = encode_prompts(sd_pipe, a_file("a zz dusk"), 10, {"zz": table[ids].clone()})
    assert torch.equal(only(found), only(encode_prompts(sd_pipe, a_file("a red house dusk"), 10)))
    assert not torch.equal(only(encode_prompts(sd_pipe, a_file("a zz dusk"), 10)), only(found))


def test_learned_vectors_of_sdxl_are_one_set_for_each_model(sdxl_pipe: Any) -> None:
    import torch

    ids = sdxl_pipe.tokenizer("red", add_special_tokens=False)["input_ids"]
    models = {"clip_l": sdxl_pipe.text_encoder, "clip_g": sdxl_pipe.text_encoder_2}
    vectors = {key: model.get_input_embeddings().weight.detach()[ids] for key, model in models.items()}
    found = only(encode_prompts(sdxl_pipe, a_file("a zz"), 10, {"zz": vectors}))
    assert torch.equal(found, only(encode_prompts(sdxl_pipe, a_file("a red"), 10)))


def test_reweighing_by_ones_changes_no_bit() -> None:
    import torch

    states = torch.randn((2, 77, 16), generator=torch.Generator().manual_seed(0))
    assert torch.equal(reweigh(states, torch.ones(2, 77), Emphasis.DIALECT), states)


def test_other_dialects_and_prompts_are_refused(sd_pipe: Any) -> None:
    from aigif._gen.enums import PromptDialect

    with pytest.raises(UsageError, match="plain text"):
        encode_prompts(sd_pipe, a_file("a", dialect=PromptDialect.NOVELAI), 10)
    with pytest.raises(ElementError, match="one prompt"):
        encode_prompts(sd_pipe, a_file("a", prompt_2="b"), 10)


def _ids(pipe: Any, text: str) -> Any:
    return pipe.tokenizer(text, padding="max_length", max_length=77, return_tensors="pt").input_ids


def _states(pipe: Any, text: str) -> Any:
    return pipe.text_encoder(_ids(pipe, text))[0][0].detach().double().numpy()
