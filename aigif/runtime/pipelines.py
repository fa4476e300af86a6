"""Loading a pipeline of diffusers and running it on exact arguments. The only place that calls a model."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aigif.errors import AigifError, ModelError, RecreationError
from aigif.runtime.families import ALLOWED
from aigif.runtime.modelfolder import ModelFolder
from aigif.runtime.progress import Progress
from aigif.runtime.torchlib import quiet, require

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["load_pipeline", "pipeline_class", "run_pipeline"]


def pipeline_class(folder: ModelFolder) -> Any:
    """The diffusers class of a folder whose pipeline is on the list; imports diffusers, loads nothing."""
    if folder.pipeline not in ALLOWED:
        raise AssertionError(f"{folder.pipeline} was not checked against the list")
    with quiet():
        return getattr(require("diffusers"), folder.pipeline)


def load_pipeline(folder: ModelFolder, dtype: str, device: str) -> Any:
    """The pipeline of a folder, with weights of torch's data type `dtype` on `device`.

    Safetensors only, nothing from the network, no code from the folder. Raises ModelError where diffusers can't
    load it.
    """
    torch = require("torch")
    kind = pipeline_class(folder)
    variant = {"variant": folder.variant} if folder.variant else {}
    with quiet():
        try:
            pipe = kind.from_pretrained(
                str(folder.path),
                dtype=getattr(torch, dtype),
                use_safetensors=True,
                local_files_only=True,
                **variant,
                **ALLOWED[folder.pipeline].left_out,
            ).to(device)
        except Exception as error:  # of diffusers, transformers, safetensors, torch
            raise ModelError(
                f"the model can't be loaded: {type(error).__name__}: {error}",
                file=str(folder.path),
                hint="see whether the folder is complete, and whether this diffusers knows its components",
            ) from error
    pipe.set_progress_bar_config(disable=True)
    for name in ("text_encoder", "text_encoder_2"):
        _name_inner_text_model(getattr(pipe, name, None))
    return pipe


def _name_inner_text_model(encoder: Any) -> None:
    # transformers 5 took the inner `text_model` out of CLIPTextModel; the clip skip of diffusers 0.42 still asks for
    # it. Set past torch's own registration, so that the module does not become its own child.
    if encoder is not None and not hasattr(encoder, "text_model") and hasattr(encoder, "final_layer_norm"):
        object.__setattr__(encoder, "text_model", encoder)


def run_pipeline(
    pipe: Any, arguments: Mapping[str, Any], generator: Any, steps: int, progress: Progress
) -> list[Image]:
    """The pictures of one call. Raises RecreationError where the model fails, or where its picture holds no numbers:
    what such samples become in 8 bits depends on the processor."""

    told = 0

    def after_step(_pipe: Any, index: int, _timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        nonlocal told
        calls = getattr(_pipe, "num_timesteps", steps) or steps  # some schedulers call more than once a step
        completed = min(steps, (index + 1) * steps // calls)
        if completed > told:
            told = completed
            progress.step(completed)
        return tensors

    progress.start(steps, "diffusion steps")
    try:
        with quiet(), warnings.catch_warnings():
            warnings.filterwarnings("error", "invalid value encountered in cast", RuntimeWarning)
            images = pipe(**arguments, generator=generator, callback_on_step_end=after_step).images
    except RuntimeWarning as error:
        raise RecreationError(
            "the model's picture holds values that are no numbers",
            hint="try another scheduler, or float32 as the data type",
        ) from error
    except AigifError:
        raise
    except Exception as error:  # whatever a model, a scheduler or the device raises
        raise RecreationError(
            f"the model failed: {type(error).__name__}: {error}",
            hint="see whether the size and the other elements suit this model, and whether its memory suffices",
        ) from error
    finally:
        progress.done()
    return list(images)
