"""The unmodified pipeline with more than it knows of: several prompts, prompts that change, a second network.

Sources: AUTOMATIC1111/stable-diffusion-webui 1.10, modules/sd_samplers_cfg_denoiser.py (forward, combine_denoised)
and modules/sd_samplers_common.py (apply_refiner); ComfyUI's comfy/samplers.py computes the same sum for one prompt.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from aigif.errors import RecreationError
from aigif.runtime.prompts.conditioning import Conditioning, Embedding
from aigif.runtime.torchlib import require

__all__ = ["ConditionedUNet", "Switch", "conditioned"]

_TIMESTEPS = 1000


@dataclass(frozen=True, slots=True)
class Switch:
    """Another network takes over: AUTOMATIC1111's refiner.

    `at` is the fraction of the run. By calls: of `total_calls` model calls (AUTOMATIC1111 before 1.8, or its option
    to switch by sampling steps). Else, with `total_calls` None, of the training timesteps, (999 - timestep) / 1000.
    The time ids [1, n] replace the pipeline's own where they are given: SDXL's refiner has an aesthetic score there.
    """

    unet: Any
    conditioning: Conditioning
    at: float
    total_calls: int | None = None
    positive_time_ids: Any = None
    negative_time_ids: Any = None

    def is_due(self, call: int, timestep: float) -> bool:
        """Whether it is the turn of this network at model call `call`, counted from 0."""
        if self.total_calls is not None:
            return call / self.total_calls >= self.at
        return (_TIMESTEPS - 1 - round(timestep)) / _TIMESTEPS >= self.at


class ConditionedUNet:
    """Stands in for a network's forward, and gives every model call the embeddings of its turn.

    `calls` is the number of model calls done. `last_uncond` is the network's output for the negative prompt at the
    last call, [pictures, channels, height, width], or None where that was not run.
    """

    def __init__(
        self,
        pipe: Any,
        conditioning: Conditioning,
        guidance_scale: float = 1.0,
        switch: Switch | None = None,
        needs_uncond: bool = False,
    ) -> None:
        self.pipe = pipe
        self.conditioning = conditioning
        self.guidance_scale = guidance_scale
        self.switch = switch
        self.needs_uncond = needs_uncond
        self.calls = 0
        self.switched = False
        self.last_uncond: Any = None
        self.own_forward = pipe.unet.forward

    def __call__(self, sample: Any, timestep: Any, encoder_hidden_states: Any, **kwargs: Any) -> Any:
        """One model call, as the pipeline makes it: `sample` holds the pictures twice where it guides, the negative
        half first."""
        call, self.calls = self.calls, self.calls + 1
        if self.switch is not None and not self.switched:
            self.switched = self.switch.is_due(
                call, float(timestep.max() if hasattr(timestep, "max") else timestep)
            )
        guided = bool(self.pipe.do_classifier_free_guidance)
        wanted = not self.switched and self.conditioning.is_steady
        if wanted and (guided or (self.guidance_scale == 1.0 and not self.needs_uncond)):
            output = self.own_forward(sample, timestep, encoder_hidden_states, **kwargs)
            self.last_uncond = output[0].chunk(2)[0] if guided else None
            return output
        if getattr(timestep, "ndim", 0) and len(timestep) > 1:
            timestep = timestep[0]  # the pipelines repeat one time for all rows
        as_dict = kwargs.pop("return_dict", True)
        result = self._compose(_Rows(sample, timestep, encoder_hidden_states, kwargs, guided), call)
        return _output(result) if as_dict else (result,)

    def _compose(self, rows: _Rows, call: int) -> Any:
        torch = require("torch")
        network = self._network(rows)
        conditioning = self.switch.conditioning if self.switch and self.switched else self.conditioning
        parts = conditioning.positive_at(call)
        weights = [weight for _embedding, weight in parts]
        alone = weights == [1.0]
        scale = 1.0 if rows.guided else self.guidance_scale
        positive = network.batch([embedding for embedding, _weight in parts], positive=True)
        if alone and scale == 1.0 and not rows.guided and not self.needs_uncond:
            self.last_uncond = None
            return network.run([positive])
        negative = network.batch([conditioning.negative_at(call)], positive=False)
        count = len(rows.negative)
        if positive.tokens.shape[1] == negative.tokens.shape[1]:
            both = network.run([negative, positive])
            uncond, cond = both[:count], both[count:]
        else:  # as AUTOMATIC1111 does it: the positive ones in batches of twice the pictures
            cond = torch.cat([network.run([piece]) for piece in positive.pieces(2 * count)])
            uncond = network.run([negative])
        self.last_uncond = uncond
        mixed = cond if alone and scale == 1.0 else uncond
        if not (alone and scale == 1.0):
            for index, weight in enumerate(weights):
                mixed = mixed + (cond[index :: len(parts)] - uncond) * (weight * scale)
        return torch.cat([uncond, mixed]) if rows.guided else mixed

    def _network(self, rows: _Rows) -> _Network:
        if not self.switched or self.switch is None:
            return _Network(self.own_forward, rows, None, None)
        other = self.switch
        forward = self.own_forward if other.unet is self.pipe.unet else other.unet
        return _Network(forward, rows, other.positive_time_ids, other.negative_time_ids)


@contextmanager
def conditioned(
    pipe: Any,
    conditioning: Conditioning,
    *,
    guidance_scale: float = 1.0,
    switch: Switch | None = None,
    needs_uncond: bool = False,
) -> Iterator[ConditionedUNet]:
    """Run a pipeline with a unet under a conditioning; its forward is put back at the end.

    The pipeline is called with `conditioning.call_arguments()`. At a guidance scale above 1 it guides itself; at 1
    and below, where it runs no negative half, this does, by `guidance_scale`. At exactly 1 the negative prompt is run
    only for composed prompts, or if `needs_uncond` (CFG++ samplers). A steady conditioning at another scale goes
    through untouched, with the same bits as without. One run at a time: the number of calls begins at 0 here.
    """
    own = vars(pipe.unet).get("forward")
    wrapper = ConditionedUNet(pipe, conditioning, guidance_scale, switch, needs_uncond)
    pipe.unet.forward = wrapper
    try:
        yield wrapper
    finally:
        if own is None:
            del pipe.unet.forward
        else:
            pipe.unet.forward = own


class _Rows:
    """A model call's input, taken apart into its negative and positive half (the same where it has one only)."""

    def __init__(self, sample: Any, timestep: Any, states: Any, kwargs: dict[str, Any], guided: bool) -> None:
        self.guided = guided
        self.timestep = timestep
        self.like = states
        self.negative, self.positive = sample.chunk(2) if guided else (sample, sample)
        self.kwargs = dict(kwargs)
        added = self.kwargs.pop("added_cond_kwargs", None) or {}
        self.time_condition = self.kwargs.pop("timestep_cond", None)
        self.time_ids: tuple[Any, Any] | None = None
        if "time_ids" in added:
            ids = added["time_ids"]
            self.time_ids = ids.chunk(2) if guided else (ids, ids)
        extra = set(added) - {"time_ids", "text_embeds"}
        extra |= {name for name, value in self.kwargs.items() if hasattr(value, "shape") or _residual(value)}
        if extra:
            raise RecreationError(f"a composed or edited prompt can't be run with {', '.join(sorted(extra))}")


@dataclass(frozen=True, slots=True)
class _Batch:
    """Rows of one length for the network; `tokens` [rows, tokens, width]."""

    sample: Any
    tokens: Any
    pooled: Any
    time_ids: Any
    time_condition: Any

    def pieces(self, size: int) -> Iterator[_Batch]:
        """The batch, `size` rows at a time."""
        for start in range(0, len(self.sample), size):
            cut = slice(start, start + size)
            yield _Batch(*(None if value is None else value[cut] for value in self._values()))

    def joined(self, other: _Batch) -> _Batch:
        """The rows of both."""
        torch = require("torch")
        pairs = zip(self._values(), other._values(), strict=True)
        return _Batch(*(None if a is None else torch.cat([a, b]) for a, b in pairs))

    def _values(self) -> tuple[Any, ...]:
        return (self.sample, self.tokens, self.pooled, self.time_ids, self.time_condition)


@dataclass(frozen=True, slots=True)
class _Network:
    """A network, and the model call that it is to answer."""

    forward: Any
    rows: _Rows
    positive_time_ids: Any
    negative_time_ids: Any

    def batch(self, embeddings: list[Embedding], positive: bool) -> _Batch:
        """Rows for every picture and embedding, picture by picture."""
        torch = require("torch")
        rows, count = self.rows, len(embeddings)
        sample = rows.positive if positive else rows.negative
        pictures = len(sample)
        like = rows.like
        tokens = torch.stack([embedding.tokens.to(like) for embedding in embeddings]).repeat(pictures, 1, 1)
        pooled = None
        if rows.time_ids is not None:
            pooled = torch.stack([embedding.pooled.to(like) for embedding in embeddings]).repeat(pictures, 1)
        time_ids = self.positive_time_ids if positive else self.negative_time_ids
        if time_ids is not None:
            time_ids = time_ids.to(like).repeat(pictures * count, 1)
        elif rows.time_ids is not None:
            time_ids = rows.time_ids[int(positive)].repeat_interleave(count, 0)
        condition = rows.time_condition
        if condition is not None:
            condition = condition[:pictures].repeat_interleave(count, 0)
        return _Batch(sample.repeat_interleave(count, 0), tokens, pooled, time_ids, condition)

    def run(self, batches: list[_Batch]) -> Any:
        """The network's output for the rows of all batches together."""
        batch = batches[0]
        for other in batches[1:]:
            batch = batch.joined(other)
        kwargs = dict(self.rows.kwargs)
        if batch.time_ids is not None:
            kwargs["added_cond_kwargs"] = {"text_embeds": batch.pooled, "time_ids": batch.time_ids}
        if batch.time_condition is not None:
            kwargs["timestep_cond"] = batch.time_condition
        return self.forward(batch.sample, self.rows.timestep, batch.tokens, return_dict=False, **kwargs)[0]


def _residual(value: Any) -> bool:
    return isinstance(value, tuple | list) and any(hasattr(item, "shape") for item in value)


def _output(sample: Any) -> Any:
    return require("diffusers.models.unets.unet_2d_condition").UNet2DConditionOutput(sample=sample)
