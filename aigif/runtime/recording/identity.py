"""Which model a loaded pipeline is: the folder that its parts came from, and the elements that record it."""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigif._gen.enums import DataType
from aigif._gen.tables import model as model_table
from aigif._gen.tables import pipeline as pipeline_table
from aigif._gen.types import GenerativeModel
from aigif.errors import AigifError
from aigif.runtime.families import ALLOWED
from aigif.runtime.hubcache import revision_of
from aigif.runtime.modelfolder import ModelFolder, read_json
from aigif.runtime.options import DTYPES
from aigif.runtime.recording.reasons import Reasons
from aigif.runtime.registry import ResolvedModel, choose, resolve
from aigif.runtime.torchlib import require

__all__ = ["Identity", "data_type_of_pipe", "identify", "networks"]

_MODELS = model_table.TABLE
_PIPELINES = pipeline_table.TABLE
_REVISION_BYTES = 4
_CHANGES_PICTURES = {
    "watermark": "the invisible watermark changes pixels; load the pipeline with add_watermarker=False",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """A pipeline's model: what is recorded of it, and its folder on this machine."""

    model: GenerativeModel
    resolved: ResolvedModel
    folder: ModelFolder


def identify(pipe: Any, kind: Any, given: str | os.PathLike[str] | None, reasons: Reasons) -> Identity | None:
    """The model of `pipe`, an object of the class `kind`; None, with reasons, where it can't be told.

    `given` is a folder, a name of the model table, or a repository that it lists, where the pipeline itself doesn't
    know where it came from. Its class, its parts' classes and settings must be those of that folder.
    """
    if kind.__name__ not in ALLOWED or not kind.__module__.startswith("diffusers."):
        reasons.add("pipe", f"{kind.__module__}.{kind.__name__} is not on this version's list of pipelines")
        return None
    if ALLOWED[kind.__name__].refines:
        reasons.add("pipe", f"{kind.__name__} goes on from an image, and no file holds one")
        return None
    for name, why in _CHANGES_PICTURES.items():
        if getattr(pipe, name, None) is not None:
            reasons.add(f"pipe.{name}", why)
    try:
        found = _given(given) if given is not None else _own(pipe, reasons)
    except AigifError as error:
        reasons.add_error(error, "model")
        return None
    if found is None:
        return None
    model, resolved = found
    folder = resolved.folder
    if not isinstance(folder, ModelFolder):
        reasons.add("model", "it is a single file; load the pipeline from a folder in the hub's layout")
        return None
    if folder.pipeline != kind.__name__:
        reasons.add("pipe", f"its folder's pipeline is {folder.pipeline}, and not {kind.__name__}")
        return None
    _check_settings(pipe, kind, folder.path, reasons)
    for name in folder.components:
        if name == ALLOWED[kind.__name__].scheduler:  # a matter of its own: scheduling.py
            continue
        _check_part(name, getattr(pipe, name, None), folder.path, given is None, reasons)
    return Identity(model, resolved, folder)


def networks(pipe: Any) -> Iterator[tuple[str, Any]]:
    """The parts of a pipeline that have weights and that its pictures depend on, by their names."""
    module = require("torch").nn.Module
    left_out = ALLOWED[type(pipe).__name__].not_loaded
    for name, part in pipe.components.items():
        if isinstance(part, module) and name not in left_out:
            yield name, part


def data_type_of_pipe(pipe: Any, reasons: Reasons) -> DataType:
    """The data type of the weights; UNSPECIFIED, with a reason, where it is none that can be run, or several."""
    torch = require("torch")
    codes = {getattr(torch, name): code for code, name in DTYPES.items()}
    found = {name: getattr(part, "dtype", None) for name, part in networks(pipe)}
    if len(set(found.values())) != 1:
        listed = ", ".join(f"{name} {_short(dtype)}" for name, dtype in found.items())
        reasons.add("model.data_type", f"the parts have several data types ({listed}), and a file holds one")
        return DataType.UNSPECIFIED
    dtype = next(iter(found.values()))
    if dtype not in codes:
        reasons.add("model.data_type", f"a model of {_short(dtype)} can't be loaded that way again")
        return DataType.UNSPECIFIED
    return codes[dtype]


def _short(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.")


def _given(given: str | os.PathLike[str]) -> tuple[GenerativeModel, ResolvedModel]:
    model, resolved = choose(given)
    return _with_pipeline(model, resolved), resolved


def _own(pipe: Any, reasons: Reasons) -> tuple[GenerativeModel, ResolvedModel] | None:
    root = _root(pipe)
    if root is None:
        reasons.add("model", "the pipeline doesn't know where it came from; name its folder (model=...)")
        return None
    repository, revision = _repository(root), revision_of(root)
    listed = [code for code in _MODELS if str(_MODELS.attribute(code, "hub")).lower() == repository.lower()]
    if repository and revision and listed:
        model = GenerativeModel(model_id=listed[0], revision=revision[:_REVISION_BYTES])
        return model, resolve(model, folder=root)
    model, resolved = choose(root)
    if repository:
        model = model.replace(model_name=repository, revision=revision[:_REVISION_BYTES])
    return _with_pipeline(model, resolved), resolved


def _root(pipe: Any) -> Path | None:
    source = getattr(pipe, "name_or_path", None)
    if source and Path(source).is_dir():
        return Path(source)
    roots = {Path(origin).parent for _, part in networks(pipe) if (origin := _origin(part))}
    root = roots.pop() if len(roots) == 1 else None
    return root if root is not None and (root / "model_index.json").is_file() else None


def _origin(part: Any) -> str | None:
    # Models of diffusers keep it in their configuration; models and tokenizers of transformers have an attribute.
    origin = getattr(part, "name_or_path", None) or getattr(
        getattr(part, "config", None), "_name_or_path", None
    )
    return origin if isinstance(origin, str) and origin else None


def _repository(root: Path) -> str:
    folder = root.parent.parent.name
    if root.parent.name != "snapshots" or not folder.startswith("models--"):
        return ""
    return folder.removeprefix("models--").replace("--", "/", 1)


def _with_pipeline(model: GenerativeModel, resolved: ResolvedModel) -> GenerativeModel:
    if _MODELS.attribute(model.model_id, "pipeline") or model.pipeline:
        return model
    codes = [
        code for code in _PIPELINES if _PIPELINES.attribute(code, "diffusers") == resolved.folder.pipeline
    ]
    return model.replace(pipeline=codes[0]) if codes else model


def _check_settings(pipe: Any, kind: Any, folder: Path, reasons: Reasons) -> None:
    index = read_json(folder / "model_index.json")
    left_out = ALLOWED[kind.__name__].left_out
    for name, parameter in inspect.signature(kind.__init__).parameters.items():
        here = pipe.config.get(name)
        if name in left_out or isinstance(here, (list, tuple)) or here is None:
            continue
        there = index.get(name, parameter.default)
        if _plain(here) != _plain(there):
            reasons.add(f"pipe.config.{name}", f"it is {here!r}, and {there!r} in the model's folder")


def _check_part(name: str, part: Any, folder: Path, from_there: bool, reasons: Reasons) -> None:
    if part is None:
        reasons.add(f"pipe.{name}", "it was left out, and the model's folder has it")
        return
    part = getattr(part, "_orig_mod", part)
    if from_there:
        origin = _origin(part)
        known = isinstance(part, require("torch").nn.Module) or origin is not None
        if known and (origin is None or not _same_place(Path(origin), folder, name)):
            reasons.add(f"pipe.{name}", "it doesn't come from the model's folder")
            return
    settings = getattr(part, "config", None)
    if isinstance(settings, Mapping) and (folder / name).is_dir():
        _check_part_settings(name, settings, folder / name, reasons)


def _check_part_settings(name: str, settings: Mapping[str, Any], folder: Path, reasons: Reasons) -> None:
    names = ("config.json", "scheduler_config.json")
    file = next((folder / name for name in names if (folder / name).is_file()), None)
    if file is None:
        return
    for key, there in read_json(file).items():
        if not key.startswith("_") and key in settings and _plain(settings[key]) != _plain(there):
            reasons.add(f"pipe.{name}.config.{key}", f"it is {settings[key]!r}, and {there!r} in its folder")


def _same_place(origin: Path, folder: Path, name: str) -> bool:
    # Some libraries name the part's own folder, some the whole model's.
    places = (folder / name, folder)
    return any(os.path.realpath(origin) == os.path.realpath(place) for place in places)


def _plain(value: Any) -> Any:
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError):
        return value
