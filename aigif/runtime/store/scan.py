"""Filling the store: looking at files and folders, and noticing what changed since."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from aigif._gen.enums import HashKind
from aigif.errors import AigifError, UsageError
from aigif.runtime.hashing import file_hash, folder_hash
from aigif.runtime.modelfolder import ModelFolder, open_folder
from aigif.runtime.progress import NoProgress, Progress
from aigif.runtime.store.header import PICKLED, read_header
from aigif.runtime.store.index import Entry, Index
from aigif.runtime.store.known import folder_state, state
from aigif.runtime.store.recognise import Kind, recognise

__all__ = ["Report", "add", "inspect", "remove", "scan", "verify"]

_QUIET = NoProgress()
_UNREAD = {".gguf": "GGUF files are not read", ".onnx": "ONNX files are not read"}


@dataclass
class Report:
    """What an operation found. Paths are absolute."""

    added: list[Entry] = field(default_factory=list)
    changed: list[Entry] = field(default_factory=list)
    unchanged: list[Entry] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    """What can't be used, and why."""


def inspect(path: Path) -> Entry:
    """What a file or a pipeline folder is; the headers of files are read, no weights.

    Raises PolicyError for pickles, ModelError for what is no model in the hub's layout and no safetensors file.
    """
    path = Path(os.path.abspath(path))
    if path.is_dir():
        folder = open_folder(path)
        size, changed = folder_state(folder)
        return Entry(str(path), Kind.PIPELINE, _family_of(folder), folder.pipeline, "", "", size, changed)
    found = recognise(read_header(path))
    status = path.stat()
    return Entry(
        str(path),
        found.kind,
        found.family,
        found.pipeline,
        found.detail,
        found.refused,
        status.st_size,
        status.st_mtime_ns,
    )


def add(index: Index, paths: Iterable[Path], progress: Progress = _QUIET) -> tuple[Index, Report]:
    """Add single files and pipeline folders by their path, with their hashes.

    Raises as `inspect` does, and ModelError with the reason for a file that this version can't use.
    """
    report = Report()
    entries = []
    for path in paths:
        entry = inspect(path)
        if entry.refused:
            raise UsageError(f"can't be used: {entry.refused}", file=entry.path)
        entry = replace(entry, sha256=_hash(entry, progress, fresh=False))
        old = index.entries.get(entry.path)
        (report.added if old is None else report.unchanged if old == entry else report.changed).append(entry)
        entries.append(entry)
    return index.replaced(entries), report


def scan(
    index: Index, folders: Iterable[Path], progress: Progress = _QUIET, *, hashes: bool = False
) -> tuple[Index, Report]:
    """Find everything below `folders`. Files whose size and time are as in the index are not read again.

    `hashes` computes the SHA-256 of what is new as well. What was in the index below a folder and is gone is taken
    out and reported as missing. Raises UsageError for what is no folder.
    """
    report = Report()
    roots = [Path(os.path.abspath(folder)) for folder in folders]
    for root in roots:
        if not root.is_dir():
            raise UsageError(
                "there is no such folder", file=str(root), hint="`aigif models add` takes single files"
            )
    found = [path for root in roots for path in _candidates(root, report)]
    entries = []
    progress.start(len(found), "looking at files")
    try:
        for at, path in enumerate(dict.fromkeys(found)):
            entry = _looked_at(index, path, report)
            if entry is not None:
                if hashes and not entry.sha256 and not entry.refused:
                    entry = replace(entry, sha256=_hash(entry, _QUIET, fresh=False))
                entries.append(entry)
            progress.step(at + 1)
    finally:
        progress.done()
    seen = {entry.path for entry in entries}
    gone = [
        path
        for path in index.entries
        if path not in seen and any(Path(path).is_relative_to(root) for root in roots)
    ]
    skipped = {path for path, _ in report.skipped}
    report.missing = [path for path in gone if path not in skipped]
    return index.replaced(entries, gone), report


def remove(index: Index, names: Iterable[str]) -> tuple[Index, list[Entry]]:
    """Forget entries, given by path, by a folder above them, or by name. Files stay where they are.

    Raises UsageError for a name that no entry has.
    """
    gone: dict[str, Entry] = {}
    for name in names:
        path = Path(os.path.abspath(name))
        fitting = [e for e in index.entries.values() if Path(e.path).is_relative_to(path) or e.name == name]
        if not fitting:
            raise UsageError(f"the store has no {name[:200]!r}", hint="`aigif models list` shows what it has")
        gone |= {entry.path: entry for entry in fitting}
    return index.replaced((), gone), list(gone.values())


def verify(index: Index, names: Iterable[str] = (), progress: Progress = _QUIET) -> tuple[Index, Report]:
    """Read every file again and compare its hash with the recorded one.

    Without `names` all entries are verified; where no hash was recorded, it is now. `changed` are entries whose
    content is another one, with the new hash; the index keeps the old one, so that a second run says it again.
    """
    wanted = list(remove(index, names)[1]) if list(names) else list(index.entries.values())
    report = Report()
    entries = []
    for entry in wanted:
        if entry.refused:
            continue
        if not Path(entry.path).exists():
            report.missing.append(entry.path)
            continue
        try:
            now = replace(inspect(Path(entry.path)), sha256=_hash(entry, progress, fresh=True))
        except AigifError as error:
            report.skipped.append((entry.path, error.message))
            continue
        if entry.sha256 and now.sha256 != entry.sha256:
            report.changed.append(now)
        else:
            (report.unchanged if entry.sha256 else report.added).append(now)
            entries.append(now)
    return index.replaced(entries), report


def _looked_at(index: Index, path: Path, report: Report) -> Entry | None:
    old = index.entries.get(str(path))
    try:
        if old is not None and state(old) == (old.size, old.mtime_ns):
            report.unchanged.append(old)
            return old
        entry = inspect(path)
    except (AigifError, OSError) as error:
        reason = error.message if isinstance(error, AigifError) else str(error.strerror or error)
        report.skipped.append((str(path), reason))
        return None
    if entry.refused:
        report.skipped.append((entry.path, entry.refused))
    else:
        (report.added if old is None else report.changed).append(entry)
    return entry


def _candidates(root: Path, report: Report) -> Iterator[Path]:
    """Pipeline folders and weight files below `root`, in order. Links to folders are followed, each folder once."""
    visited: set[str] = set()
    for place, folders, files in os.walk(root, followlinks=True):
        real = os.path.realpath(place)
        if real in visited:
            folders.clear()
            continue
        visited.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        here = Path(place)
        if "model_index.json" in files:
            folders.clear()  # its components are no models of their own
            yield here
        for name in sorted(files):
            ending = os.path.splitext(name)[1].lower()
            if ending == ".safetensors":
                yield here / name
            elif ending in PICKLED - {".h5", ".msgpack"}:
                report.skipped.append((str(here / name), "pickled files can run code"))
            elif ending in _UNREAD:
                report.skipped.append((str(here / name), _UNREAD[ending]))


def _family_of(folder: ModelFolder) -> str:
    """The family of a pipeline folder, where its pipeline class belongs to one of the table's families only."""
    from aigif._gen.tables import model as model_table

    table = model_table.TABLE
    named = {
        str(table.attribute(c, "family")) for c in table if table.attribute(c, "pipeline") == folder.pipeline
    }
    if folder.pipeline == "StableDiffusionPipeline":
        width = folder.config("unet").get("cross_attention_dim")
        return {768: "sd1", 1024: "sd2"}.get(width, "") if isinstance(width, int) else ""
    return named.pop() if len(named) == 1 else ""


def _hash(entry: Entry, progress: Progress, *, fresh: bool) -> str:
    path = Path(entry.path)
    if entry.kind == Kind.PIPELINE:
        folder = open_folder(path)
        if fresh:
            for name in folder.weights:
                file_hash(path / name, HashKind.SHA256, fresh=True)
        return folder_hash(path, folder.weights).hex()
    done = 0

    def step(count: int) -> None:
        nonlocal done
        done += count
        progress.step(done)

    progress.start(entry.size, f"reading {path.name}")
    try:
        return file_hash(path, HashKind.SHA256, fresh=fresh, read=step).hex()
    finally:
        progress.done()
