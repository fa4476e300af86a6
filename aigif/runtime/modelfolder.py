"""A model folder in the hub's layout: what is in it, and whether policy lets it be loaded.

The layout is that of diffusers' `save_pretrained`: `model_index.json` names the pipeline class and, for each
component, a library and a class; each component has a folder of its own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigif.errors import ModelError, PolicyError
from aigif.runtime.families import ALLOWED, MODULES
from aigif.runtime.hashing import folder_hash
from aigif.runtime.store.header import PICKLED, read_header

__all__ = ["PICKLED", "ModelFolder", "open_folder", "read_json"]

NOT_LOADED = frozenset({"safety_checker", "feature_extractor", "image_encoder"})
"""Components that no text-to-picture call uses, or (the safety checker) that replace pictures after the fact."""

LIBRARIES = frozenset({"diffusers", "transformers"})
_LONGEST_JSON = 16 * 2**20


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A folder that passed the policy: safetensors weights only, known libraries only."""

    path: Path
    pipeline: str
    """The diffusers class that `model_index.json` names."""
    components: tuple[str, ...]
    """The components that are loaded."""
    weights: tuple[str, ...]
    """The safetensors files that are loaded: names relative to `path`, with slashes."""
    variant: str | None
    """The weights' variant (`fp16`), where the folder holds no others."""

    def hash(self) -> bytes:
        """The weight hash of kind `folder`, 32 bytes."""
        return folder_hash(self.path, self.weights)

    def denoiser_parameters(self) -> int:
        """How many numbers the denoising network's weights hold, read from the files' headers alone."""
        rules = ALLOWED.get(self.pipeline)
        names = [name for name in self.weights if rules and name.partition("/")[0] == rules.denoiser]
        return sum(read_header(self.path / name).parameters() for name in names)

    def class_of(self, component: str) -> str:
        """The class of diffusers or transformers that `model_index.json` names for a component."""
        return str(read_json(self.path / "model_index.json")[component][1])

    def config(self, component: str) -> dict[str, Any]:
        """The diffusers configuration of a component: scheduler, unet, vae, text_encoder …

        Raises ModelError where the folder has no such component.
        """
        name = "scheduler_config.json" if component == "scheduler" else "config.json"
        return read_json(self.path / component / name)


def open_folder(path: Path) -> ModelFolder:
    """Read the folder's index and look at its files; nothing is loaded.

    Raises ModelError where it is no model in the hub's layout or lacks weights, and PolicyError where weights are
    pickled, or a component is to come from any other library than diffusers and transformers.
    """
    if not path.is_dir():
        raise ModelError(
            "there is no such folder", file=str(path), hint="give a model folder in the hub's layout"
        )
    index = read_json(path / "model_index.json")
    pipeline = index.get("_class_name")
    if not isinstance(pipeline, str):
        raise PolicyError(
            "model_index.json names no pipeline class of diffusers; code from a model folder is never run",
            file=str(path),
        )
    components = _components(path, index, pipeline)
    variants: set[str | None] = set()
    weights: list[str] = []
    for component in components:
        files, variant = _weights(path / component)
        weights += [f"{component}/{file}" for file in files]
        if files:
            variants.add(variant)
    if not weights:
        raise ModelError("the folder holds no weights", file=str(path), hint="download the model completely")
    if len(variants) > 1:
        raise ModelError(
            f"some components have only weights of a variant, others only plain ones: {sorted(map(str, variants))}",
            file=str(path),
            hint="download the model completely",
        )
    return ModelFolder(path, pipeline, components, tuple(sorted(weights)), variants.pop())


def _components(path: Path, index: dict[str, Any], pipeline: str) -> tuple[str, ...]:
    found = []
    left_out = ALLOWED[pipeline].not_loaded if pipeline in ALLOWED else NOT_LOADED
    for name, entry in index.items():
        if name.startswith("_") or name in left_out or not isinstance(entry, list):
            continue
        if not any(isinstance(part, str) for part in entry):  # no component, or a list of settings
            continue
        if len(entry) != 2 or not _may_load(entry[0], str(entry[1])):
            raise PolicyError(
                f"the component {name!r} is to come from {entry!r}; only classes of diffusers and transformers are "
                "loaded, and none that picks its code by itself",
                file=str(path / "model_index.json"),
            )
        if not name.isidentifier():
            raise ModelError(f"{name!r} is no name of a component", file=str(path / "model_index.json"))
        found.append(name)
    return tuple(sorted(found))


def _may_load(library: object, name: str) -> bool:
    # Classes such as AutoModel look into the folder for code of its own.
    automatic = name.startswith("Auto") and (library == "transformers" or not name.startswith("Autoencoder"))
    known = library in LIBRARIES or (library, name) in MODULES
    return known and name.isidentifier() and not automatic


def _weights(folder: Path) -> tuple[list[str], str | None]:
    # The safetensors files of one component, and their variant.
    if not folder.is_dir():
        raise ModelError(
            "a component's folder is missing", file=str(folder), hint="download the model completely"
        )
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_file())
    safe = [name for name in names if name.endswith(".safetensors")]
    if not safe:
        pickled = [name for name in names if Path(name).suffix in PICKLED]
        if pickled:
            raise PolicyError(
                f"the weights are pickled only ({pickled[0]}), and pickled files can run code",
                file=str(folder),
                hint="use a model with safetensors weights, or convert it in a place where you trust it",
            )
        if (folder / "config.json").is_file():
            raise ModelError(
                "the component has no weights", file=str(folder), hint="download the model completely"
            )
        return [], None
    by_variant: dict[str | None, list[str]] = {}
    for name in safe:
        by_variant.setdefault(_variant(name), []).append(name)
    variant = None if None in by_variant else sorted(map(str, by_variant))[0]
    return _of_the_index(folder, by_variant[variant]), variant


def _of_the_index(folder: Path, names: list[str]) -> list[str]:
    # Where sharded and whole weights lie side by side, diffusers and transformers take the whole ones.
    whole = [name for name in names if "-of-" not in name]
    return whole[:1] if len(names) > len(whole) > 0 else names


def _variant(name: str) -> str | None:
    # model.safetensors: None; model.fp16.safetensors and model.fp16-00001-of-00002.safetensors: fp16.
    parts = name.removesuffix(".safetensors").split(".")
    if len(parts) == 1 or parts[-1].startswith(("safetensors", "index")):
        return None
    return parts[-1].partition("-")[0]


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file of at most 16 MiB; ModelError where there is none."""
    try:
        if path.stat().st_size > _LONGEST_JSON:
            raise ModelError("the file is too large for a description of a model", file=str(path))
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(
            f"{path.name} is missing: this is no model in the hub's layout",
            file=str(path.parent),
            hint="give a folder as diffusers' save_pretrained writes it",
        ) from error
    except (OSError, ValueError) as error:
        raise ModelError(f"the file can't be read: {error}", file=str(path)) from error
    if not isinstance(content, dict):
        raise ModelError("a JSON object is expected", file=str(path))
    return content
