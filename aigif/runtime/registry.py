"""Which model a file means, where its weights are on this machine, and whether they are the ones meant.

A file names a model by its number in the schema's table or by its name, and may pin it by a revision or a weight
hash. It never names a class, a path or an address: the pipeline class comes from `families.ALLOWED`, the path from
the person, from the store that the person filled, or from the Hugging Face cache.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from aigif._gen.enums import HashKind
from aigif._gen.tables import model as model_table
from aigif._gen.tables import pipeline as pipeline_table
from aigif._gen.types import GenerativeModel
from aigif.errors import AigifError, ModelError, PolicyError
from aigif.runtime.families import ALLOWED
from aigif.runtime.hubcache import download as download_snapshot
from aigif.runtime.hubcache import find_snapshot, revision_of
from aigif.runtime.modelfolder import ModelFolder, open_folder
from aigif.runtime.store.checkpoint import Checkpoint, open_checkpoint
from aigif.runtime.store.find import Found, base_folders, find_model, find_named_model
from aigif.runtime.store.header import read_header
from aigif.runtime.store.identity import ResolvedModel, check_class, checked
from aigif.runtime.store.recognise import Kind, recognise
from aigif.runtime.store.tokenizers import tokenizer_of

__all__ = [
    "EMBEDDED",
    "few_step_file",
    "KnownModel",
    "ResolvedModel",
    "choose",
    "embedded_folder",
    "models",
    "open_found",
    "open_model",
    "resolve",
]

TABLE = model_table.TABLE
EMBEDDED = TABLE.code_of("aigif-embedded")
UNLISTED = TABLE.code_of("unlisted")
_HASH_BYTES = 8
_REVISION_BYTES = 4


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
    approximate: bool = False,
) -> ResolvedModel:
    """Find the model that `model` names and check that it is the one meant.

    `folder` is what the person gives: a model folder in the hub's layout, or a single safetensors file. Without it
    the first of these is taken: the package (the embedded model), the store by the recorded hash, the Hugging Face
    cache by the table's number and the recorded revision, the store by name (reported). A download is the last
    resort, and only where `download`. `weights_in_file` says that the file brings all weights, so that only the
    architecture is wanted; `approximate` makes warnings of another hash or revision.

    Raises ModelError where it can't be had or is another one, PolicyError where it may not be loaded.
    """
    if folder is not None:
        opened = open_model(Path(folder))
        found = ResolvedModel(opened, "folder" if isinstance(opened, ModelFolder) else "file")
    elif model.model_id == EMBEDDED:
        found = ResolvedModel(_open_embedded(), "embedded")
    else:
        found = _on_this_machine(model) or ResolvedModel(_in_hub_cache(model, download), "hub cache")
    if download and isinstance(found.folder, Checkpoint) and found.folder.kind == Kind.CHECKPOINT:
        tokenizer_of(found.folder, fetch=True)
    return checked(found, model, weights_in_file, approximate)


def choose(name: str | os.PathLike[str] | int | None) -> tuple[GenerativeModel, ResolvedModel]:
    """The model that a person asks for, for a new picture, and the elements that record it.

    `name` is a folder in the hub's layout, a single safetensors file, a name or code of the table, a repository on
    the hub that the table lists, the name of a model in the store, or None for the embedded model. The weights of
    folders and files are recorded by their hash.
    """
    if name is None:
        name = "aigif-embedded"
    code = None if isinstance(name, os.PathLike) else _code(name)
    if isinstance(name, os.PathLike) or (code is None and isinstance(name, str) and Path(name).exists()):
        return _from_path(Path(name))
    if code is None:
        found_by_name = find_named_model(name) if isinstance(name, str) else None
        if found_by_name is not None:
            return _from_path(found_by_name.path)
        raise ModelError(
            f"{str(name)[:100]!r} is neither a folder nor a model of the table",
            element="model.model_id",
            hint="give a model folder in the hub's layout or a safetensors file, or a name that `aigif models` or "
            "`aigif models list` shows",
        )
    model = GenerativeModel(model_id=code)
    found = resolve(model)
    if isinstance(found.folder, Checkpoint):
        digest = found.folder.hash()[:_HASH_BYTES]
        return model.replace(weight_hash=digest, hash_kind=HashKind.SHA256), found
    if found.source == "store":
        digest = found.folder.hash()[:_HASH_BYTES]
        return model.replace(weight_hash=digest, hash_kind=HashKind.FOLDER), found
    revision = revision_of(found.folder.path)[:_REVISION_BYTES]
    return model.replace(revision=revision), found


def open_model(path: Path) -> ModelFolder | Checkpoint:
    """A model folder in the hub's layout, or a single safetensors file; nothing is loaded.

    Raises ModelError and PolicyError as `open_folder` and `open_checkpoint` do.
    """
    if path.is_dir() or not path.exists():
        return open_folder(path)
    found = recognise(read_header(path))
    return open_checkpoint(path, _base(found.pipeline) if found.kind == Kind.DENOISER else None)


def open_found(found: Found) -> ModelFolder | Checkpoint:
    """The model that the store found. Raises as `open_model` does."""
    return open_model(found.path)


def _base(pipeline: str) -> ModelFolder | None:
    """A pipeline folder that lends text models and VAE: of the store, else of the Hugging Face cache."""
    hubs = [
        str(TABLE.attribute(code, "hub")) for code in TABLE if TABLE.attribute(code, "pipeline") == pipeline
    ]
    snapshots = (find_snapshot(hub) for hub in hubs)
    for path in (*base_folders(pipeline), *(path for path in snapshots if path is not None)):
        try:
            folder = open_folder(path)
        except AigifError:
            continue
        if folder.pipeline == pipeline:
            return folder
    return None


def _on_this_machine(model: GenerativeModel) -> ResolvedModel | None:
    """The model from the store or the Hugging Face cache, in the order of how sure its identity is."""
    found = find_model(model, by_name=False) if model.weight_hash else None
    if found is None:
        snapshot = _snapshot(model)
        if snapshot is not None and _complete(snapshot):
            return ResolvedModel(open_folder(snapshot), "hub cache")
        found = find_model(model)
    if found is None:
        return None
    return ResolvedModel(open_found(found), found.source, found.warnings)


def _snapshot(model: GenerativeModel) -> Path | None:
    if model.model_id == UNLISTED or model.model_id not in TABLE:
        return None
    if str(TABLE.attribute(model.model_id, "pipeline")) not in ALLOWED:
        return None
    return find_snapshot(str(TABLE.attribute(model.model_id, "hub")), model.revision)


def _from_path(path: Path) -> tuple[GenerativeModel, ResolvedModel]:
    path = Path(os.path.abspath(path))
    if path == embedded_folder() and EMBEDDED is not None:
        return GenerativeModel(model_id=EMBEDDED), ResolvedModel(_open_embedded(), "embedded")
    opened = open_model(path)
    check_class(opened, None)
    assert UNLISTED is not None
    model = GenerativeModel(model_id=UNLISTED, weight_hash=opened.hash()[:_HASH_BYTES])
    if isinstance(opened, ModelFolder):
        return model.replace(model_name=path.name, hash_kind=HashKind.FOLDER), ResolvedModel(opened, "folder")
    return model.replace(
        model_name=path.stem, hash_kind=HashKind.SHA256, pipeline=_pipeline_code(opened.pipeline)
    ), ResolvedModel(opened, "file", opened.notes)


def _pipeline_code(name: str) -> int:
    table = pipeline_table.TABLE
    return next((code for code in table if table.attribute(code, "diffusers") == name), 0)


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
