"""Composed and changing prompts inside unmodified pipelines, against guidance worked out by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from aigif.runtime.prompts import Conditioning, Switch, conditioned, encode_prompts
from aigif.runtime.prompts.conditioning import Embedding, Part, Stretch
from tests.runtime.prompts.files import a_file


@pytest.mark.parametrize("scale", [1.0, 5.0])
def test_a_steady_prompt_changes_no_bit(sd_pipe: Any, scale: float) -> None:
    import torch

    steady = encode_prompts(sd_pipe, a_file("a (red:1.3) house", "no"), 4)
    plain = _latents(sd_pipe, scale, **steady.call_arguments())
    with conditioned(sd_pipe, steady, guidance_scale=scale) as run:
        wrapped = _latents(sd_pipe, scale, **steady.call_arguments())
    assert torch.equal(wrapped, plain)
    assert run.calls == 4
    assert (run.last_uncond is None) == (scale == 1.0)
    assert "forward" not in vars(sd_pipe.unet)


def test_forward_is_put_back_after_an_error(sd_pipe: Any) -> None:
    steady = encode_prompts(sd_pipe, a_file("a"), 4)
    with pytest.raises(RuntimeError, match="stop"), conditioned(sd_pipe, steady):
        raise RuntimeError("stop")
    assert "forward" not in vars(sd_pipe.unet)


@pytest.mark.parametrize("kind", ["sd", "sdxl"])
def test_composition_is_the_weighted_sum(kind: str, request: pytest.FixtureRequest) -> None:
    import torch

    pipe = request.getfixturevalue(f"{kind}_pipe")
    composed = encode_prompts(pipe, a_file("a red:0.7 AND house:-0.4", "no"), 1)
    singles = [encode_prompts(pipe, a_file(text, "no"), 1) for text in ("a red", "house")]
    noise = {0.0: _noise(pipe, composed, 0.0)}
    for index, single in enumerate(singles):
        uncond, cond = _noise(pipe, single, 3.0).double().chunk(2)
        noise[index + 1.0] = cond - uncond
    uncond, mixed = _noise(pipe, composed, 3.0).double().chunk(2)
    expected = uncond + 0.7 * noise[1.0] - 0.4 * noise[2.0]
    assert torch.allclose(mixed, expected, atol=1e-5)
    guided = uncond + 3.0 * (0.7 * noise[1.0] - 0.4 * noise[2.0])
    assert torch.allclose(uncond + 3.0 * (mixed - uncond), guided, atol=1e-4)


def test_one_prompt_twice_with_half_weights_is_that_prompt(sd_pipe: Any) -> None:
    import torch

    once = encode_prompts(sd_pipe, a_file("a red house", "no"), 3)
    halves = encode_prompts(sd_pipe, a_file("a red house:0.5 AND a red house:0.5", "no"), 3)
    with conditioned(sd_pipe, once):
        expected = _latents(sd_pipe, 6.0, **once.call_arguments())
    with conditioned(sd_pipe, halves):
        found = _latents(sd_pipe, 6.0, **halves.call_arguments())
    assert torch.allclose(found, expected, atol=1e-4)


def test_each_call_gets_the_embedding_of_its_turn() -> None:
    pipe = _StubPipe()
    prompt = _conditioning([(1.0, [(3, 1.0), (5, 2.0)])], [(4, 10.0), (9, 20.0)])
    with conditioned(pipe, prompt):
        seen = [tuple(pipe.call()) for _call in range(8)]
    assert seen == [(10.0, 1.0)] * 4 + [(10.0, 2.0), (20.0, 2.0)] + [(20.0, 1.0)] * 2


def test_unequal_lengths_run_apart_and_count_as_one_call() -> None:
    import torch

    pipe = _StubPipe()
    long = Embedding(torch.full((154, 4), 2.0))
    prompt = Conditioning(
        (Part(1.0, (Stretch(9, long),)),), (Stretch(9, Embedding(torch.full((77, 4), 5.0))),)
    )
    assert not prompt.is_steady
    with conditioned(pipe, prompt) as run:
        assert pipe.call(pictures=2) == [5.0, 5.0, 2.0, 2.0]
    assert pipe.lengths == [(2, 154), (2, 77)]
    assert run.calls == 1
    assert run.last_uncond.flatten().tolist() == [5.0, 5.0]
    filled = prompt.call_arguments()
    assert filled["prompt_embeds"].shape == filled["negative_prompt_embeds"].shape == (1, 154, 4)


def test_long_compositions_run_in_batches_of_twice_the_pictures() -> None:
    import torch

    pipe = _StubPipe()
    parts = tuple(Part(1.0, (Stretch(9, Embedding(torch.full((154, 4), v))),)) for v in (1.0, 2.0, 4.0))
    prompt = Conditioning(parts, (Stretch(9, Embedding(torch.zeros((77, 4)))),))
    with conditioned(pipe, prompt):
        assert pipe.call(pictures=2) == [0.0, 0.0, 7.0, 7.0]
    assert pipe.lengths == [(4, 154), (2, 154), (2, 77)]


@pytest.mark.parametrize("scale", [0.0, 0.5, 1.0, -2.0])
def test_guidance_where_the_pipeline_has_none(scale: float) -> None:
    pipe = _StubPipe(guided=False)
    prompt = _conditioning([(1.0, [(9, 3.0)]), (0.5, [(9, 7.0)])], [(9, 1.0)])
    with conditioned(pipe, prompt, guidance_scale=scale):
        [found] = pipe.call()
    assert found == pytest.approx(1.0 + scale * (1.0 * (3.0 - 1.0) + 0.5 * (7.0 - 1.0)))


def test_the_negative_output_is_there_when_asked_for() -> None:
    prompt = _conditioning([(1.0, [(9, 3.0)])], [(9, 1.0)])
    pipe = _StubPipe(guided=False)
    with conditioned(pipe, prompt) as run:
        assert pipe.call() == [3.0]
        assert run.last_uncond is None
    with conditioned(pipe, prompt, needs_uncond=True) as run:
        assert pipe.call() == [3.0]
        assert run.last_uncond.flatten().tolist() == [1.0]


def test_another_network_takes_over_by_calls() -> None:
    pipe, refiner = _StubPipe(), _StubUNet(factor=100.0)
    first, second = (
        _conditioning([(1.0, [(9, 3.0)])], [(9, 1.0)]),
        _conditioning([(1.0, [(9, 5.0)])], [(9, 2.0)]),
    )
    with conditioned(pipe, first, switch=Switch(refiner, second, 0.8, total_calls=5)):
        seen = [pipe.call() for _call in range(5)]
    assert seen == [[1.0, 3.0]] * 4 + [[200.0, 500.0]]


def test_another_network_takes_over_by_timestep_and_stays() -> None:
    import torch

    pipe, refiner = _StubPipe(), _StubUNet(factor=100.0)
    same = _conditioning([(1.0, [(9, 3.0)])], [(9, 1.0)])
    with conditioned(pipe, same, switch=Switch(refiner, same, 0.5)):
        seen = [pipe.call(timestep=torch.tensor(t))[1] for t in (999.0, 500.0, 499.0, 700.0)]
    assert seen == [3.0, 3.0, 300.0, 300.0]


def test_the_refiner_gets_its_own_time_ids() -> None:
    import torch

    pipe, refiner = _StubPipe(), _StubUNet()
    pooled = Conditioning(
        (Part(1.0, (Stretch(9, Embedding(torch.ones((77, 4)), torch.ones(6))),)),),
        (Stretch(9, Embedding(torch.zeros((77, 4)), torch.zeros(6))),),
    )
    switch = Switch(refiner, pooled, 0.0, 5, torch.tensor([[6.0]]), torch.tensor([[2.5]]))
    with conditioned(pipe, pooled, switch=switch):
        pipe.call(
            pictures=2, added_cond_kwargs={"time_ids": torch.zeros((4, 6)), "text_embeds": torch.zeros(4, 5)}
        )
    assert refiner.added["time_ids"].flatten().tolist() == [2.5, 2.5, 6.0, 6.0]
    assert refiner.added["text_embeds"].shape == (4, 6)


def test_pictures_of_a_batch_keep_their_places(sd_pipe: Any) -> None:
    import torch

    composed = encode_prompts(sd_pipe, a_file("[red|house] AND dusk:0.5", "no"), 2)
    starts = torch.randn((2, 4, 16, 16), generator=torch.Generator().manual_seed(5))
    arguments = composed.call_arguments()
    with conditioned(sd_pipe, composed):
        both = _latents(sd_pipe, 4.0, start=starts, steps=2, num_images_per_prompt=2, **arguments)
    with conditioned(sd_pipe, composed):
        second = _latents(sd_pipe, 4.0, start=starts[1:], steps=2, **arguments)
    assert torch.allclose(both[1], second[0], atol=1e-4)


def _latents(pipe: Any, scale: float, start: Any = None, steps: int = 4, **arguments: Any) -> Any:
    import torch
    from diffusers import DDIMScheduler

    pipe.scheduler = DDIMScheduler(beta_schedule="scaled_linear", clip_sample=False)
    if start is None:
        start = torch.randn((1, 4, 16, 16), generator=torch.Generator().manual_seed(3))
    return pipe(
        **arguments,
        guidance_scale=scale,
        num_inference_steps=steps,
        latents=start.clone(),
        output_type="latent",
    ).images


def _noise(pipe: Any, conditioning: Conditioning, scale: float) -> Any:
    """The network's output, as the pipeline sees it, at the first call of a run."""
    import torch

    seen: list[Any] = []
    start = torch.randn((1, 4, 16, 16), generator=torch.Generator().manual_seed(3))
    with conditioned(pipe, conditioning):
        inner = pipe.unet.forward
        pipe.unet.forward = lambda *args, **kwargs: seen.append(inner(*args, **kwargs)) or seen[-1]
        pipe(
            **conditioning.call_arguments(),
            guidance_scale=scale,
            num_inference_steps=1,
            latents=start,
            output_type="latent",
        )
    return seen[0][0]


def _conditioning(parts: Any, negative: Any) -> Conditioning:
    """Embeddings that are filled with one number each: weights, and (last call, number)."""
    import torch

    def stretches(pairs: Any) -> tuple[Stretch, ...]:
        return tuple(Stretch(last, Embedding(torch.full((77, 4), value))) for last, value in pairs)

    return Conditioning(tuple(Part(weight, stretches(pairs)) for weight, pairs in parts), stretches(negative))


class _StubUNet:
    """A network whose output is the mean of the row's embedding, times a factor."""

    def __init__(self, factor: float = 1.0) -> None:
        self.factor = factor
        self.lengths: list[tuple[int, int]] = []
        self.added: Any = None

    def forward(self, sample: Any, timestep: Any, encoder_hidden_states: Any, **kwargs: Any) -> Any:
        states = encoder_hidden_states
        self.lengths.append(tuple(states.shape[:2]))
        self.added = kwargs.get("added_cond_kwargs")
        return (sample * 0 + self.factor * states.mean(dim=(1, 2)).reshape(-1, 1, 1, 1),)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.forward(*args, **kwargs)


class _StubPipe(SimpleNamespace):
    """Calls its network as the pipelines do."""

    def __init__(self, guided: bool = True) -> None:
        super().__init__(unet=_StubUNet(), do_classifier_free_guidance=guided)

    @property
    def lengths(self) -> list[tuple[int, int]]:
        return self.unet.lengths

    def call(self, pictures: int = 1, timestep: Any = 500, **kwargs: Any) -> list[float]:
        import torch

        rows = pictures * (2 if self.do_classifier_free_guidance else 1)
        states = torch.zeros((rows, 77, 4))
        if self.do_classifier_free_guidance:
            states[:pictures], states[pictures:] = 1.0, 3.0
        else:
            states += 3.0
        output = self.unet(
            torch.zeros((rows, 1, 1, 1)), timestep, encoder_hidden_states=states, return_dict=False, **kwargs
        )
        return output[0].flatten().tolist()
