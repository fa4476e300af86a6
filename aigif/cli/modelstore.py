"""`aigif models`: the models that files can name, and the store that says where models are on this machine."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aigif.cli.common import Bar, as_json, examples
from aigif.cli.jsontext import dumps
from aigif.cli.listing import print_models, print_table
from aigif.cli.terminal import emit, note, visible

if TYPE_CHECKING:
    from aigif.runtime.store.index import Entry, Index
    from aigif.runtime.store.scan import Report

__all__ = ["models"]


@click.group(
    invoke_without_command=True,
    short_help="List models, and say where yours are.",
    epilog=examples(
        "aigif models",
        "aigif models --here",
        "aigif models scan ~/models",
        "aigif models add ~/Downloads/v1-5-pruned-emaonly.safetensors",
        "aigif models list --json",
        "aigif models verify",
    ),
)
@click.option("--here", is_flag=True, help="Only those that are on this machine.")
@as_json
@click.pass_context
def models(context: click.Context, here: bool, as_json: bool) -> int:
    """List the models that a file can name by number, and which of them are on this machine.

    The commands keep a list of your own models, LoRAs, VAEs and embeddings, in which files find theirs by hash or by
    name. Nothing is copied or moved, and no file is deleted. AIGIF_STORE names another list.
    """
    return 0 if context.invoked_subcommand else print_models(here, as_json)


@models.command(
    short_help="Add files and folders.",
    epilog=examples(
        "aigif models add v1-5-pruned-emaonly.safetensors", "aigif models add ~/models/sdxl-base --json"
    ),
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@as_json
def add(paths: tuple[str, ...], as_json: bool) -> int:
    """Add single safetensors files and folders in the hub's layout, and note their SHA-256.

    Exit code 5 for what is no model, 6 for pickled files.
    """
    from aigif.runtime.store import scan
    from aigif.runtime.store.index import read_index, write_index

    index, report = scan.add(read_index(), [Path(path) for path in paths], Bar())
    write_index(index)
    _tell(report, as_json)
    return 0


@models.command(
    name="scan",
    short_help="Add all that is below folders.",
    epilog=examples(
        "aigif models scan ~/stable-diffusion-webui/models",
        "aigif models scan ~/.cache/huggingface/hub /mnt/models --hash",
    ),
)
@click.argument("folders", nargs=-1, required=True, metavar="DIR...")
@click.option(
    "--hash", "hashes", is_flag=True, help="Compute the SHA-256 of what is new; it reads the files whole."
)
@as_json
def scan_folders(folders: tuple[str, ...], hashes: bool, as_json: bool) -> int:
    """Find the models below folders. Files that have not changed since the last time are not read again.

    What can't be used is listed with the reason, and does not change the exit code.
    """
    from aigif.runtime.store import scan
    from aigif.runtime.store.index import read_index, write_index

    index, report = scan.scan(read_index(), [Path(folder) for folder in folders], Bar(), hashes=hashes)
    write_index(index)
    _tell(report, as_json)
    return 0


@models.command(
    name="list",
    short_help="List what the store has.",
    epilog=examples("aigif models list", "aigif models list --kind lora --json"),
)
@click.option("--kind", metavar="KIND", help="Only this kind: pipeline, checkpoint, lora, vae, embedding …")
@as_json
def list_entries(kind: str | None, as_json: bool) -> int:
    """List the models, LoRAs, VAEs and embeddings that were added or found."""
    entries = [entry for entry in _sorted(_index()) if kind in (None, entry.kind)]
    if as_json:
        emit(dumps([_row(entry) for entry in entries], indent=2))
        return 0
    head = ("kind", "family", "name", "size", "sha256", "path")
    print_table(
        [head]
        + [
            (
                entry.kind,
                entry.family or "-",
                entry.name,
                _size(entry.size),
                entry.sha256[:10] or "-",
                _state(entry),
            )
            for entry in entries
        ]
    )
    return 0


@models.command(
    short_help="Forget entries; files stay.",
    epilog=examples("aigif models remove ~/models/old.safetensors", "aigif models remove /mnt/gone"),
)
@click.argument("names", nargs=-1, required=True, metavar="NAME|PATH...")
@as_json
def remove(names: tuple[str, ...], as_json: bool) -> int:
    """Forget entries by path, by a folder above them, or by name. No file is touched."""
    from aigif.runtime.store import scan
    from aigif.runtime.store.index import write_index

    index, gone = scan.remove(_index(), names)
    write_index(index)
    if as_json:
        emit(dumps({"removed": [entry.path for entry in gone]}, indent=2))
        return 0
    for entry in gone:
        emit(f"forgotten: {visible(entry.path)}")
    return 0


@models.command(
    short_help="Read files again and compare.",
    epilog=examples("aigif models verify", "aigif models verify v1-5-pruned-emaonly --json"),
)
@click.argument("names", nargs=-1, metavar="[NAME|PATH...]")
@as_json
def verify(names: tuple[str, ...], as_json: bool) -> int:
    """Compute the hash of entries anew and compare it with the recorded one; where there was none, record it.

    Exit code 1 where a file changed, is missing, or can't be read any more.
    """
    from aigif.runtime.store import scan
    from aigif.runtime.store.index import write_index

    index, report = scan.verify(_index(), names, Bar())
    write_index(index)
    _tell(report, as_json, "recorded")
    return 1 if report.changed or report.missing or report.skipped else 0


def _index() -> Index:
    from aigif.runtime.store.index import read_index

    return read_index()


def _sorted(index: Index) -> list[Entry]:
    return sorted(
        index.entries.values(), key=lambda entry: (entry.kind, entry.family, entry.name, entry.path)
    )


def _row(entry: Entry) -> dict[str, Any]:
    return {
        **asdict(entry),
        "kind": str(entry.kind),
        "name": entry.name,
        "present": Path(entry.path).exists(),
    }


def _tell(report: Report, as_json: bool, new: str = "added") -> None:
    if as_json:
        emit(
            dumps(
                {
                    new: [_row(entry) for entry in report.added],
                    "changed": [_row(entry) for entry in report.changed],
                    "unchanged": len(report.unchanged),
                    "missing": report.missing,
                    "skipped": [{"path": path, "reason": reason} for path, reason in report.skipped],
                },
                indent=2,
            )
        )
        return
    for word, entries in ((new, report.added), ("changed", report.changed)):
        for entry in entries:
            what = " ".join(part for part in (entry.family, entry.kind, entry.sha256[:10]) if part)
            emit(f"{word}: {visible(entry.path)} ({visible(what)})")
    for path in report.missing:
        emit(f"missing: {visible(path)}")
    for path, reason in report.skipped:
        note(f"skipped: {path}: {reason}")
    counts = [(new, report.added), ("changed", report.changed), ("unchanged", report.unchanged)]
    told = [f"{len(entries)} {word}" for word, entries in counts]
    emit(", ".join([*told, f"{len(report.missing)} missing", f"{len(report.skipped)} skipped"]))


def _state(entry: Entry) -> str:
    if not Path(entry.path).exists():
        return f"{entry.path} (gone)"
    return f"{entry.path} (not used: {entry.refused})" if entry.refused else entry.path


def _size(count: int) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} B"
