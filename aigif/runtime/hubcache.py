"""The Hugging Face cache: finding a snapshot without the network, and downloading one when the person asked.

The layout is huggingface_hub's: `models--<owner>--<name>/snapshots/<commit>/` with `refs/<branch>` naming commits.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from aigif.errors import ModelError
from aigif.runtime.torchlib import require

__all__ = ["download", "find_snapshot", "hub_cache"]

WANTED = ["*.json", "*/*.json", "*/*.txt", "*/*.model", "*/*.safetensors"]
"""What a download brings: no pickled weights, no code, no single-file checkpoints."""

_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}")


def hub_cache() -> Path:
    """The cache's folder, from the environment as huggingface_hub reads it."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if os.environ.get(name):
            return Path(os.environ[name]).expanduser()
    if os.environ.get("HF_HOME"):
        return Path(os.environ["HF_HOME"]).expanduser() / "hub"
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "huggingface" / "hub"


def find_snapshot(repository: str, revision: bytes = b"") -> Path | None:
    """The snapshot of `repository` whose commit begins with `revision`, or None where the cache lacks it.

    Without a revision it is the one that `refs/main` names, or else the only one there is.
    """
    if not _REPOSITORY.fullmatch(repository):
        return None
    folder = hub_cache() / f"models--{repository.replace('/', '--')}"
    snapshots = folder / "snapshots"
    if not snapshots.is_dir():
        return None
    commits = sorted(entry.name for entry in snapshots.iterdir() if entry.is_dir())
    if revision:
        fitting = [commit for commit in commits if commit.startswith(revision.hex())]
        return snapshots / fitting[0] if len(fitting) == 1 else None
    main = folder / "refs" / "main"
    if main.is_file():
        commit = main.read_text(encoding="ascii", errors="replace").strip()
        return snapshots / commit if commit in commits else None
    return snapshots / commits[0] if len(commits) == 1 else None


def revision_of(snapshot: Path) -> bytes:
    """The commit of a snapshot's folder (20 bytes), or b"" where the folder is not named by one."""
    name = snapshot.name
    if snapshot.parent.name == "snapshots" and _COMMIT.fullmatch(name):
        return bytes.fromhex(name)
    return b""


def download(repository: str, revision: bytes = b"", *, patterns: list[str] = WANTED) -> Path:
    """Download the files of a snapshot that fit `patterns`, pinned to the commit that begins with `revision` where
    one is recorded.

    Raises ModelError where the hub can't be reached, lacks the commit, or wants a licence accepted first.
    """
    hub = require("huggingface_hub", "downloading a model")
    try:
        commit = _full_commit(hub, repository, revision) if revision else None
        return Path(hub.snapshot_download(repository, revision=commit, allow_patterns=patterns))
    except ModelError:
        raise
    except Exception as error:  # of many libraries: HTTP, TLS, the file system
        raise ModelError(
            f"downloading {repository} failed: {type(error).__name__}: {error}",
            hint="look at the network, at the space on the disk, and at the model's licence on the hub",
        ) from error


def _full_commit(hub: object, repository: str, revision: bytes) -> str:
    if len(revision) == 20:
        return revision.hex()
    commits = hub.HfApi().list_repo_commits(repository)  # type: ignore[attr-defined]
    fitting = [str(c.commit_id) for c in commits if str(c.commit_id).startswith(revision.hex())]
    if len(fitting) != 1:
        raise ModelError(
            f"{repository} has {len(fitting)} commits that begin with {revision.hex()}",
            element="model.revision",
            hint="give the model's folder",
        )
    return fitting[0]
