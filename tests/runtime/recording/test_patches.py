"""Methods replaced on one object are refused; what offloading puts in their place is not."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.recording.pipes import assert_exact, load, recorded, refusal

PATCHES = [
    ("scheduler", "step", "pipe.scheduler"),
    ("scheduler", "set_timesteps", "pipe.scheduler"),
    ("vae", "decode", "pipe.vae"),
    ("", "encode_prompt", "pipe"),
    ("", "prepare_latents", "pipe"),
    ("image_processor", "postprocess", "pipe.image_processor"),
    ("tokenizer", "decode", "pipe.tokenizer"),
    ("unet.conv_out", "_call_impl", "pipe.unet"),
    ("text_encoder", "get_input_embeddings", "pipe.text_encoder"),
]


@pytest.fixture(name="pipe")
def _pipe(sd: Path) -> Any:
    return load(sd)


@pytest.mark.parametrize(("owner", "method", "what"), PATCHES)
def test_a_replaced_method(pipe: Any, owner: str, method: str, what: str) -> None:
    patch(at(pipe, owner), method)
    reasons = refusal(pipe)
    assert list(reasons) == [what]
    assert method in reasons[what]


def test_a_method_of_another_object_of_the_class(sd: Path, pipe: Any) -> None:
    pipe.vae.decode = load(sd).vae.decode
    assert list(refusal(pipe)) == ["pipe.vae"]


def test_a_method_that_was_put_back(sd: Path, pipe: Any) -> None:
    pipe.vae.decode = pipe.vae.decode  # as accelerate leaves it where its hook was taken off
    assert_exact(recorded(pipe), sd)


def accelerate_hook(part: Any) -> None:
    from accelerate.hooks import AlignDevicesHook, add_hook_to_module

    add_hook_to_module(part, AlignDevicesHook(execution_device="cpu"), append=True)


def accelerate_twice(part: Any) -> None:
    accelerate_hook(part)
    accelerate_hook(part)


def accelerate_dispatch(part: Any) -> None:
    from accelerate import dispatch_model

    dispatch_model(part, {"": "cpu"}, force_hooks=True)  # replaces `to` and `cuda` too


def group_offload(part: Any) -> None:
    import torch

    part.enable_group_offload(
        onload_device=torch.device("cpu"), offload_device=torch.device("cpu"), offload_type="leaf_level"
    )


OFFLOADS = [accelerate_hook, accelerate_twice, accelerate_dispatch, group_offload]


@pytest.mark.parametrize("offload", OFFLOADS)
def test_offloading(sd: Path, pipe: Any, offload: Callable[[Any], None]) -> None:
    offload(pipe.unet)
    assert_exact(recorded(pipe), sd)


@pytest.mark.parametrize("offload", OFFLOADS)
def test_a_patch_below_and_above_offloading(sd: Path, pipe: Any, offload: Callable[[Any], None]) -> None:
    patch(pipe.unet.conv_out, "forward")
    patch(pipe.unet, "forward")
    offload(pipe.unet)
    assert "forward" in refusal(pipe)["pipe.unet"]
    above = load(sd)
    offload(above.unet)
    patch(above.unet, "forward")
    assert "forward" in refusal(above)["pipe.unet"]


def test_a_hook_of_ones_own_for_accelerate(pipe: Any) -> None:
    from accelerate.hooks import ModelHook, add_hook_to_module

    class Own(ModelHook):  # type: ignore[misc]
        """A hook that may do anything."""

    add_hook_to_module(pipe.unet, Own())
    assert "forward" in refusal(pipe)["pipe.unet"]


def test_after_offloading_was_taken_off(sd: Path, pipe: Any) -> None:
    from accelerate.hooks import remove_hook_from_module

    accelerate_hook(pipe.unet)
    remove_hook_from_module(pipe.unet)
    assert "forward" in vars(pipe.unet)
    assert_exact(recorded(pipe), sd)


def at(pipe: Any, place: str) -> Any:
    return functools.reduce(getattr, place.split("."), pipe) if place else pipe


def patch(thing: Any, method: str) -> None:
    """A replacement that looks like what it replaces, as decorators leave it."""
    before = getattr(thing, method)

    @functools.wraps(before)
    def replaced(*args: Any, **kwargs: Any) -> Any:
        return before(*args, **kwargs)

    setattr(thing, method, replaced)
