"""Where the tokenizer of a single-file checkpoint comes from: a pipeline folder that is on this machine.

A checkpoint holds no vocabulary. That of CLIP is the same in SD 1, SD 2 and SDXL, whose tokenizers differ in the word
that fills short prompts only, so any of their folders will do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aigif._gen.tables import model as model_table
from aigif.errors import ModelError
from aigif.runtime.hubcache import download, find_snapshot
from aigif.runtime.store import configs
from aigif.runtime.store.checkpoint import Checkpoint
from aigif.runtime.store.find import base_folders
from aigif.runtime.torchlib import require

__all__ = ["find_tokenizer", "load_tokenizer", "tokenizer_of"]

_SOURCES = ("openai/clip-vit-large-patch14",)
_DOWNLOAD = ("stable-diffusion-v1-5/stable-diffusion-v1-5", ["tokenizer/*.json", "tokenizer/*.txt"])
_MOST_BYTES = 32 << 20


def find_tokenizer(words: int, *, fetch: bool = False) -> Path:
    """A folder with a CLIP tokenizer of `words` words, in the store or the Hugging Face cache.

    `fetch` downloads one where there is none. Raises ModelError that says what to do.
    """
    for folder in _candidates():
        if _words(folder) == words:
            return folder
    if fetch:
        repository, patterns = _DOWNLOAD
        folder = download(repository, patterns=patterns) / "tokenizer"
        if _words(folder) == words:
            return folder
    raise ModelError(
        "a single-file model holds no tokenizer, and no pipeline folder of the store or of the Hugging Face cache "
        f"has one of CLIP's {words} words",
        hint="add any SD 1.x, SD 2.x or SDXL folder in the hub's layout (`aigif models add DIR`), or allow a "
        "download of its vocabulary (download=True, --download)",
    )


def tokenizer_of(checkpoint: Checkpoint, *, fetch: bool = False) -> Path:
    """A folder with a tokenizer that fits a single-file model. As `find_tokenizer`."""
    known = configs.components(checkpoint.family, checkpoint.prediction)
    words = next(config["vocab_size"] for config in known.values() if "vocab_size" in config)
    return find_tokenizer(words, fetch=fetch)


def load_tokenizer(folder: Path, pad: str) -> Any:
    """transformers' CLIPTokenizer of a folder, which fills short prompts with `pad`."""
    kind = require("transformers").CLIPTokenizer
    return kind.from_pretrained(str(folder), pad_token=pad, model_max_length=77, local_files_only=True)


def _candidates() -> Iterator[Path]:
    for folder in base_folders(""):
        yield from (folder / "tokenizer", folder / "tokenizer_2")
    hubs = (str(model_table.TABLE.attribute(code, "hub")) for code in model_table.TABLE)
    for repository in (*_SOURCES, *hubs):
        snapshot = find_snapshot(repository)
        if snapshot is not None:
            yield from (snapshot / "tokenizer", snapshot / "tokenizer_2", snapshot)


def _words(folder: Path) -> int:
    """How many words the CLIP tokenizer of a folder knows; 0 where there is none."""
    if (folder / "vocab.json").is_file() and (folder / "merges.txt").is_file():
        content = _read(folder / "vocab.json")
        return len(content) if isinstance(content, dict) else 0
    content = _read(folder / "tokenizer.json")
    model = content.get("model") if isinstance(content, dict) else None
    if not isinstance(model, dict) or model.get("type") != "BPE" or model.get("end_of_word_suffix") != "</w>":
        return 0
    return len(model["vocab"]) if isinstance(model.get("vocab"), dict) else 0


def _read(path: Path) -> object:
    try:
        if path.stat().st_size > _MOST_BYTES:
            return None
        content: object = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content
