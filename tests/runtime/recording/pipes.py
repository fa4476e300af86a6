"""Pipelines as their users load them, calls of them, and what is asked of every recording."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import aigif
from aigif.runtime.recording import NotRecordableError, Recorded, record

PROMPT = "a red house at dusk"


def load(folder: Path, **options: Any) -> Any:
    """The pipeline that the folder names, by diffusers' own loading."""
    import diffusers

    index = diffusers.DiffusionPipeline.load_config(str(folder))
    pipe = getattr(diffusers, index["_class_name"]).from_pretrained(str(folder), **options)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def seeded(seed: int = 7) -> Any:
    import torch

    return torch.Generator("cpu").manual_seed(seed)


def settings(**changes: Any) -> dict[str, Any]:
    """The arguments of a small call."""
    usual = {"num_inference_steps": 2, "height": 64, "width": 64, "generator": seeded()}
    return {**usual, **changes}


def recorded(pipe: Any, *args: Any, **changes: Any) -> list[Recorded]:
    """What one call leaves."""
    with record(pipe) as rec:
        pipe(*(args or (PROMPT,)), **settings(**changes))
    return rec.pictures


def refusal(pipe: Any, *args: Any, options: dict[str, Any] | None = None, **changes: Any) -> dict[str, str]:
    """The reasons for which a call is refused, before the model runs; {} where it isn't."""
    ran: list[str] = []
    watched = [part for name in ("unet", "transformer") if (part := getattr(pipe, name, None)) is not None]
    kinds = {type(getattr(part, "_orig_mod", part)) for part in watched}
    kept = {kind: kind.forward for kind in kinds}
    for kind in kinds:
        kind.forward = _counting(kind, ran)
    try:
        with record(pipe, **(options or {})) as rec:
            pipe(*(args or (PROMPT,)), **settings(**changes))
    except NotRecordableError as error:
        assert not ran, "the model ran before the refusal"
        assert not rec.pictures
        return error.reasons
    finally:
        for kind, forward in kept.items():
            kind.forward = forward
    assert ran
    return {}


def _counting(kind: Any, ran: list[str]) -> Any:
    forward = kind.forward

    @functools.wraps(forward)
    def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        ran.append(kind.__name__)
        return forward(self, *args, **kwargs)

    return counted


def assert_exact(pictures: list[Recorded], folder: Path, **options: Any) -> None:
    """Every recorded picture, written and read, is recreated from the folder bit for bit."""
    assert pictures
    for one in pictures:
        file = aigif.loads(aigif.dumps(one.aigif))
        assert file == one.aigif
        again = aigif.recreate(file, model=folder, **options)
        assert again.verdict is not None
        assert again.verdict.grade == "bit-exact", file.data
        assert again.image.tobytes() == one.image.convert("RGB").tobytes()
        assert again.differences == ()
