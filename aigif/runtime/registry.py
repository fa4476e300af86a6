"""Which model a file means, where its weights are on this machine, and whether they are the ones meant.

A file names a model by its number in the schema's table, and may pin it by a revision or a weight hash. It never
names a class, a path or an address: the pipeline class comes from `families.ALLOWED`, the path from the person.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from aigif._gen.enums import HashKind
from aigif._gen.tables import model as model_table
from aigif._gen.types import GenerativeModel
from aigif.errors import ModelError, PolicyError
from aigif.runtime.families import ALLOWED
from aigif.runtime.hubcache import download as download_snapshot
from aigif.runtime.hubcache import find_snapshot, revision_of
from aigif.runtime.modelfolder import ModelFolder, open_folder
from aigif.runtime.options import label_of

__all__ = [
    "EMBEDDED",
    "few_step_file",
    "KnownModel",
    "ResolvedModel",
    "choose",
    "embedded_folder",
    "models",
    "resolve",
]

TABLE = model_table.TABLE
EMBEDDED = TABLE.code_of("aigif-embedded")
UNLISTED = TABLE.code_of("unlisted")
_HASH_BYTES = 8
_REVISION_BYTES = 4


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """A model that was found, and what is known of its identity."""

    folder: ModelFolder
    source: str
    """embedded, folder, or hub cache."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownModel:
    """One line of the list of models."""

    code: int
    name: str
    label: str
    family: str
    pipeline: str
    hub: str
    licence: str
    runnable: bool
    """Whether this version may run its pipeline class."""
    present: Path | None
    """The folder that holds it on this machine; None where there is none."""


def few_step_file() -> Path:
    """The LoRA with which the embedded model draws in 4 steps without guidance (docs/embedded-model.md)."""
    return embedded_folder() / "few_step_lora.safetensors"


def embedded_folder() -> Path:
    """The folder of the model that comes with the package."""
    return Path(__file__).parent / "embedded"


def models() -> list[KnownModel]:
    """The models of the schema's table, in its order, and which of them are on this machine. Needs no torch."""
    found = []
    for code in TABLE:
        if code == UNLISTED:
            continue
        entry = TABLE[code]
        family, pipeline, hub, licence = (
            str(entry.attributes[name]) for name in ("family", "pipeline", "hub", "licence")
        )
        present = embedded_folder() if code == EMBEDDED else find_snapshot(hub)
        if present is not None and not (present / "model_index.json").is_file():
            present = None
        runnable = pipeline in ALLOWED
        found.append(
            KnownModel(code, entry.name, entry.doc, family, pipeline, hub, licence, runnable, present)
        )
    return found


def resolve(
    model: GenerativeModel,
    *,
    folder: str | os.PathLike[str] | None = None,
    download: bool = False,
    weights_in_file: bool = False,
) -> ResolvedModel:
    """Find the model that `model` names and check that it is the one meant.

    `folder` is a model folder that the person gives, in the hub's layout; without it the model comes from the
    package (the embedded one) or from the Hugging Face cache, and is downloaded only where `download`.
    `weights_in_file` says that the file brings all weights, so that only the architecture is wanted.

    Raises ModelError where it can't be had or is another one, PolicyError where it may not be loaded.
    """
    if folder is not None:
        found = ResolvedModel(open_folder(Path(folder)), "folder")
    elif model.model_id == EMBEDDED:
        found = ResolvedModel(_open_embedded(), "embedded")
    else:
        found = ResolvedModel(_in_hub_cache(model, download), "hub cache")
    return _checked(found, model, weights_in_file)


def choose(name: str | os.PathLike[str] | int | None) -> tuple[GenerativeModel, ResolvedModel]:
    """The model that a person asks for, for a new picture, and the elements that record it.

    `name` is a folder in the hub's layout, a name or code of the table, a repository on the hub that the table
    lists, or None for the embedded model. A folder's weights are recorded by their hash.
    """
    if name is None:
        name = "aigif-embedded"
    code = None if isinstance(name, os.PathLike) else _code(name)
    if isinstance(name, os.PathLike) or (code is None and isinstance(name, str) and Path(name).is_dir()):
        return _from_folder(Path(name))
    if code is None:
        raise ModelError(
            f"{str(name)[:100]!r} is neither a folder nor a model of the table",
            element="model.model_id",
            hint="give a model folder in the hub's layout, or a name that `aigif models` lists",
        )
    model = GenerativeModel(model_id=code)
    found = resolve(model)
    revision = revision_of(found.folder.path)[:_REVISION_BYTES]
    return model.replace(revision=revision), found


def _from_folder(path: Path) -> tuple[GenerativeModel, ResolvedModel]:
    path = Path(os.path.abspath(path))
    if path == embedded_folder() and EMBEDDED is not None:
        return GenerativeModel(model_id=EMBEDDED), ResolvedModel(_open_embedded(), "embedded")
    folder = open_folder(path)
    _check_class(folder, None)
    assert UNLISTED is not None
    model = GenerativeModel(
        model_id=UNLISTED,
        model_name=path.name,
        weight_hash=folder.hash()[:_HASH_BYTES],
        hash_kind=HashKind.FOLDER,
    )
    return model, ResolvedModel(folder, "folder")


def _code(name: str | int) -> int | None:
    if isinstance(name, int):
        return name if name in TABLE and name != UNLISTED else None
    code = TABLE.code_of(name)
    if code is None and "/" in name:
        listed = [code for code in TABLE if str(TABLE.attribute(code, "hub")).lower() == name.lower()]
        code = listed[0] if listed else None
    return None if code == UNLISTED else code


def _open_embedded() -> ModelFolder:
    if not (embedded_folder() / "model_index.json").is_file():
        raise ModelError(
            "the embedded model is not in this installation",
            file=str(embedded_folder()),
            hint="install aigif again",
        )
    return open_folder(embedded_folder())


def _in_hub_cache(model: GenerativeModel, download: bool) -> ModelFolder:
    name = TABLE.name_of(model.model_id)
    if model.model_id == UNLISTED or name is None:
        shown = model.model_name or f"code {model.model_id}"
        raise ModelError(
            f"the table of this version does not list the model ({shown[:100]})",
            element="model.model_id",
            hint="give the model's folder (model=..., --model DIR)",
        )
    pipeline = str(TABLE.attribute(model.model_id, "pipeline"))
    if pipeline not in ALLOWED:
        raise PolicyError(
            f"{name} needs the pipeline {pipeline or '(none known)'}, which is not on this version's list",
            element="model.model_id",
            hint="runnable pipelines: " + ", ".join(sorted(ALLOWED)),
        )
    hub = str(TABLE.attribute(model.model_id, "hub"))
    snapshot = find_snapshot(hub, model.revision)
    if download and (snapshot is None or not _complete(snapshot)):
        snapshot = download_snapshot(hub, model.revision)
    if snapshot is None:
        pinned = f" at revision {model.revision.hex()}" if model.revision else ""
        raise ModelError(
            f"{name} ({hub}{pinned}) is not on this machine",
            element="model.model_id",
            hint="give its folder (model=..., --model DIR), or ask for a download (download=True, --download)",
        )
    return open_folder(snapshot)


def _complete(snapshot: Path) -> bool:
    try:
        open_folder(snapshot)
    except ModelError:
        return False
    return True


def _check_class(folder: ModelFolder, expected: str | None) -> None:
    if folder.pipeline not in ALLOWED:
        raise PolicyError(
            f"the folder names the pipeline {folder.pipeline[:100]!r}, which is not on this version's list",
            file=str(folder.path),
            hint="runnable pipelines: " + ", ".join(sorted(ALLOWED)),
        )
    if expected and folder.pipeline != expected:
        raise ModelError(
            f"the file's model is a {expected}, the folder's a {folder.pipeline}",
            file=str(folder.path),
            element="model.model_id",
            hint="give the folder of the model that the file names",
        )


def _checked(found: ResolvedModel, model: GenerativeModel, weights_in_file: bool) -> ResolvedModel:
    folder = found.folder
    _check_class(folder, str(TABLE.attribute(model.model_id, "pipeline") or "") or None)
    warnings = []
    if not weights_in_file:
        warnings = _check_hash(found, model) + _check_revision(found, model)
    return ResolvedModel(folder, found.source, tuple(warnings))


def _check_hash(found: ResolvedModel, model: GenerativeModel) -> list[str]:
    if not model.weight_hash:
        pinned = model.revision and revision_of(found.folder.path)
        if found.source == "folder" and not pinned:
            return [
                "the file records no weight hash, so it can't be checked that the given folder is its model"
            ]
        return []
    if model.hash_kind != HashKind.FOLDER:
        kind = label_of(HashKind, model.hash_kind)
        return [
            f"the file records a weight hash of kind {kind}, which no model folder can be checked against"
        ]
    here = found.folder.hash()
    if not here.startswith(model.weight_hash):
        raise ModelError(
            f"the weights are not those that the file names: their hash is {here[: len(model.weight_hash)].hex()}, "
            f"recorded is {model.weight_hash.hex()}",
            file=str(found.folder.path),
            element="model.weight_hash",
            hint="give the folder of the very model that made the picture",
        )
    return []


def _check_revision(found: ResolvedModel, model: GenerativeModel) -> list[str]:
    here = revision_of(found.folder.path)
    if not model.revision or found.source == "embedded" or model.weight_hash:
        return []
    if not here:
        return ["the file pins a revision of its model, and the given folder doesn't say which it is"]
    if not here.startswith(model.revision):
        raise ModelError(
            f"the model is at revision {here[: len(model.revision)].hex()}, recorded is {model.revision.hex()}",
            file=str(found.folder.path),
            element="model.revision",
            hint="download the recorded revision (download=True, --download)",
        )
    return []
