"""Whether a model that was found may be loaded, and is the one that a file means."""

from __future__ import annotations

from dataclasses import dataclass

from aigif._gen.enums import HashKind
from aigif._gen.tables import model as model_table
from aigif._gen.tables import pipeline as pipeline_table
from aigif._gen.types import GenerativeModel
from aigif.errors import MissingPackageError, ModelError, PolicyError
from aigif.runtime.families import ALLOWED
from aigif.runtime.hubcache import revision_of
from aigif.runtime.modelfolder import ModelFolder
from aigif.runtime.options import label_of
from aigif.runtime.store.checkpoint import Checkpoint

__all__ = ["ResolvedModel", "check_class", "checked"]

TABLE = model_table.TABLE
UNLISTED = TABLE.code_of("unlisted")


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """A model that was found, and what is known of its identity."""

    folder: ModelFolder | Checkpoint
    """The folder, or the single file; both answer the same questions."""
    source: str
    """embedded, folder, file, store or hub cache."""
    warnings: tuple[str, ...] = ()


def check_class(folder: ModelFolder | Checkpoint, expected: str | None) -> None:
    """Raises PolicyError for a pipeline that is not on the list, ModelError for another than the `expected` one."""
    what = "folder" if isinstance(folder, ModelFolder) else "file"
    if folder.pipeline not in ALLOWED:
        raise PolicyError(
            f"the {what} names the pipeline {folder.pipeline[:100]!r}, which is not on this version's list",
            file=str(folder.path),
            hint="runnable pipelines: " + ", ".join(sorted(ALLOWED)),
        )
    if expected and folder.pipeline != expected:
        raise ModelError(
            f"the file's model is a {expected}, the {what}'s a {folder.pipeline}",
            file=str(folder.path),
            element="model.model_id",
            hint=f"give the {what} of the model that the file names",
        )


def checked(
    found: ResolvedModel, model: GenerativeModel, weights_in_file: bool, approximate: bool
) -> ResolvedModel:
    """The model with the warnings of its identity, for a file that names `model`.

    `weights_in_file` says that the file brings all weights; `approximate` makes warnings of another hash or revision.
    Raises PolicyError and ModelError where it may not be loaded or is another one, MissingPackageError where its hash
    needs a package.
    """
    folder = found.folder
    check_class(folder, _expected_pipeline(model))
    warnings = [*found.warnings, *(folder.notes if isinstance(folder, Checkpoint) else ())]
    if not weights_in_file:
        try:
            warnings += _check_hash(found, model) + _check_revision(found, model)
        except ModelError as error:
            if not approximate or isinstance(error, MissingPackageError):
                raise
            warnings.append(error.message)
    return ResolvedModel(folder, found.source, tuple(warnings))


def _expected_pipeline(model: GenerativeModel) -> str | None:
    """The pipeline class that the table knows for the model, or that the file records for an unlisted one."""
    listed = str(TABLE.attribute(model.model_id, "pipeline") or "")
    if listed or (model.model_id in TABLE and model.model_id != UNLISTED):
        return listed or None
    known = model.pipeline in pipeline_table.TABLE
    return str(pipeline_table.TABLE.attribute(model.pipeline, "diffusers")) or None if known else None


def _check_hash(found: ResolvedModel, model: GenerativeModel) -> list[str]:
    folder = found.folder
    what = "folder" if isinstance(folder, ModelFolder) else "file"
    if not model.weight_hash:
        pinned = model.revision and revision_of(folder.path)
        if found.source in ("folder", "file") and not pinned:
            return [
                f"the file records no weight hash, so it can't be checked that the given {what} is its model"
            ]
        return []
    if isinstance(folder, ModelFolder) != (model.hash_kind == HashKind.FOLDER) or model.hash_kind not in list(
        HashKind
    ):
        kind = label_of(HashKind, model.hash_kind)
        return [
            f"the file records a weight hash of kind {kind}, which no model {what} can be checked against"
        ]
    here = folder.hash() if isinstance(folder, ModelFolder) else folder.hash(model.hash_kind)
    if not here.startswith(model.weight_hash):
        raise ModelError(
            f"the weights are not those that the file names: their hash is {here[: len(model.weight_hash)].hex()}, "
            f"recorded is {model.weight_hash.hex()}",
            file=str(folder.path),
            element="model.weight_hash",
            hint=f"give the {what} of the very model that made the picture",
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
