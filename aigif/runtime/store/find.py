"""Finding in the store what a file means: by hash, and by name as the last resort, which is said.

What a hash costs: one that is known already, to the index or to the cache of hashes, is found without reading
weights. Otherwise the entries that can be meant (of the kinds that are asked for, files or folders as the hash is of)
and whose hash of that kind isn't known are read, once each as long as they stay as they are: those of the recorded
name first, then small before large, until one fits. So a hash that nothing has reads all of them the first time. A
hash that another file may share reads all of them in any case, to see whether one does; of a legacy hash that is
64 KiB each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from aigif._gen.enums import AdapterKind, HashKind
from aigif._gen.tables import model as model_table
from aigif._gen.types import Adapter, GenerativeModel, Refiner
from aigif.errors import ModelError
from aigif.runtime.store.header import read_header
from aigif.runtime.store.index import Entry, read_index
from aigif.runtime.store.known import computed_hash, known_hash
from aigif.runtime.store.recognise import Kind

__all__ = [
    "Found",
    "base_folders",
    "find_adapter",
    "find_model",
    "find_named_model",
    "find_refiner",
    "find_vae",
]

_MODELS = frozenset({Kind.PIPELINE, Kind.CHECKPOINT, Kind.DENOISER})
_ADAPTERS = {
    AdapterKind.LORA: frozenset({Kind.LORA, Kind.LYCORIS, Kind.DORA}),
    AdapterKind.LYCORIS: frozenset({Kind.LORA, Kind.LYCORIS, Kind.DORA}),
    AdapterKind.DORA: frozenset({Kind.LORA, Kind.LYCORIS, Kind.DORA}),
    AdapterKind.TEXTUAL_INVERSION: frozenset({Kind.EMBEDDING}),
}
_HOW = {
    HashKind.SHA256: "SHA-256",
    HashKind.LEGACY: "legacy hash",
    HashKind.AUTOV3: "AutoV3",
    HashKind.BLAKE3: "BLAKE3",
    HashKind.FOLDER: "folder hash",
    HashKind.CRC32: "CRC-32",
}
_SURE_BYTES = 5
_ENDING = re.compile(r"\.(safetensors|ckpt|pt|pth|bin)$", re.IGNORECASE)
_HASH_AFTER = re.compile(r"\s*\[[0-9a-fA-F]{8,64}\]$")
_CLAIM = "sshs_model_hash"


@dataclass(frozen=True, slots=True)
class Found:
    """What the store has for something that a file names."""

    path: Path
    kind: Kind
    family: str
    pipeline: str
    how: str
    """What it was found by: SHA-256, legacy hash, AutoV3, BLAKE3, CRC-32, folder hash, or name."""
    warnings: tuple[str, ...] = ()
    source: str = "store"


def find_model(model: GenerativeModel, *, by_name: bool = True) -> Found | None:
    """The model that a file names, by its hash, else by its name or that of the table; None where the store has none.

    Raises ModelError where several different files fit, or where the file of that name has another hash.
    """
    names = [model.model_name]
    if model.model_id in model_table.TABLE:
        names += [model_table.TABLE.name_of(model.model_id) or ""]
        names += [str(model_table.TABLE.attribute(model.model_id, "hub")).rpartition("/")[2]]
    return _find(names, model.weight_hash, model.hash_kind, _MODELS, "model.weight_hash", by_name)


def find_refiner(refiner: Refiner, *, by_name: bool = True) -> Found | None:
    """The refiner that a file names. As `find_model`."""
    names = [refiner.name]
    if refiner.model in model_table.TABLE:
        names += [str(model_table.TABLE.attribute(refiner.model, "hub")).rpartition("/")[2]]
    return _find(names, refiner.weight_hash, refiner.hash_kind, _MODELS, "data.refiner.weight_hash", by_name)


def find_adapter(adapter: Adapter, *, by_name: bool = True) -> Found | None:
    """The LoRA, LyCORIS or textual inversion that a file names. As `find_model`; None for other kinds of adapters."""
    kinds = next((kinds for kind, kinds in _ADAPTERS.items() if kind == adapter.kind), frozenset[Kind]())
    return _find([adapter.name], adapter.weight_hash, adapter.hash_kind, kinds, "model.adapters", by_name)


def find_vae(name: object, digest: bytes = b"", hash_kind: int = HashKind.SHA256) -> Found | None:
    """The VAE of that name and hash. As `find_model`."""
    return _find([name], digest, hash_kind, frozenset({Kind.VAE}), "model.vae_hash", True)


def find_named_model(name: str) -> Found | None:
    """The model that a person calls by its name, for a new picture. ModelError where several have that name."""
    return _by_name([name], b"", HashKind.SHA256, _usable(_MODELS), "model.model_name")


def base_folders(pipeline: str) -> list[Path]:
    """The pipeline folders of the store that a pipeline class runs."""
    return [
        Path(e.path) for e in _usable(frozenset({Kind.PIPELINE})) if e.pipeline == pipeline or not pipeline
    ]


def _find(
    names: Iterable[object], digest: bytes, kind: int, kinds: frozenset[Kind], element: str, by_name: bool
) -> Found | None:
    entries = _usable(kinds)
    plain = [name for name in (_plain(name) for name in names if isinstance(name, str)) if name]
    if digest:
        found = _by_hash(digest, kind, entries, plain, element)
        if found is not None:
            return found
    return _by_name(plain, digest, kind, entries, element) if by_name else None


def _usable(kinds: frozenset[Kind]) -> list[Entry]:
    """The entries of these kinds whose files are there and may be used."""
    return [
        e
        for e in read_index().entries.values()
        if e.kind in kinds and not e.refused and Path(e.path).exists()
    ]


def _by_hash(digest: bytes, kind: int, entries: list[Entry], names: list[str], element: str) -> Found | None:
    if kind not in _HOW:
        return None
    of_folders = kind == HashKind.FOLDER
    candidates = [entry for entry in entries if (entry.kind == Kind.PIPELINE) == of_folders]
    candidates.sort(key=lambda e: (_plain(e.name) not in names, e.size))
    sure = len(digest) >= _SURE_BYTES and kind != HashKind.LEGACY
    fitting = _fitting(digest, kind, candidates, first_only=sure)
    if not fitting:
        return _by_claim(digest, kind, candidates)
    different = (
        {_hash(e, HashKind.FOLDER if of_folders else HashKind.SHA256) for e in fitting} if fitting[1:] else ()
    )
    if len(different) > 1:
        raise _ambiguous(f"fit the recorded {_HOW[HashKind(kind)]} {digest.hex()}", fitting, element)
    warnings: tuple[str, ...] = ()
    if not sure:
        warnings = (
            f"{fitting[0].path} was found by a hash ({_HOW[HashKind(kind)]}, {len(digest)} bytes) that another file "
            "may have as well",
        )
    return _found(fitting[0], _HOW[HashKind(kind)], warnings)


def _fitting(digest: bytes, kind: int, candidates: list[Entry], *, first_only: bool) -> list[Entry]:
    """The candidates with this hash. Those whose hash is known come first, and only then others are read."""
    fitting: list[Entry] = []
    unknown: list[Entry] = []
    for entry in candidates:
        known = known_hash(entry, kind)
        if known.startswith(digest):
            fitting.append(entry)
            if first_only:
                return fitting
        elif not known:
            unknown.append(entry)
    for entry in unknown:
        if computed_hash(entry, kind).startswith(digest):
            fitting.append(entry)
            if first_only:
                break
    return fitting


def _by_claim(digest: bytes, kind: int, candidates: list[Entry]) -> Found | None:
    """An adapter whose metadata states the hash: AUTOMATIC1111 records that text rather than what it computes
    (NetworkOnDisk in extensions-builtin/Lora/network.py)."""
    if kind != HashKind.AUTOV3:
        return None
    for entry in candidates:
        if entry.kind in _ADAPTERS[AdapterKind.LORA]:
            claim = read_header(Path(entry.path)).metadata.get(_CLAIM, "")
            if claim.lower().startswith(digest.hex()):
                warning = f"{entry.path} has the recorded AutoV3 in its metadata, but other weights by now"
                return _found(entry, "AutoV3 of its metadata", (warning,))
    return None


def _by_name(names: list[str], digest: bytes, kind: int, entries: list[Entry], element: str) -> Found | None:
    for name in [_plain(name) for name in names]:
        named = [entry for entry in entries if _plain(entry.name) == name]
        checked = [entry for entry in named if digest and _can_check(entry, kind)]
        if checked:
            shown = ", ".join(f"{e.path} has {_hash(e, kind)[: len(digest)].hex()}" for e in checked[:4])
            raise ModelError(
                f"the store's {name[:100]!r} is another one: {_HOW[HashKind(kind)]} {digest.hex()} is recorded, "
                f"{shown}",
                file=checked[0].path,
                element=element,
                hint="add the very file to the store (`aigif models add FILE`), or give it yourself",
            )
        if len(named) > 1:
            raise _ambiguous(f"are called {name[:100]!r}", named, element)
        if named:
            warning = f"{named[0].path} was found by its name alone, so it may be another one than recorded"
            return _found(named[0], "name", (warning,))
    return None


def _can_check(entry: Entry, kind: int) -> bool:
    if (entry.kind == Kind.PIPELINE) != (kind == HashKind.FOLDER) or kind not in _HOW:
        return False
    return bool(_hash(entry, kind))


def _hash(entry: Entry, kind: int) -> bytes:
    return known_hash(entry, kind) or computed_hash(entry, kind)


def _plain(name: str) -> str:
    """A name without folder, ending and the hash that AUTOMATIC1111 puts behind it, in small letters."""
    bare = _HASH_AFTER.sub("", name.strip()).replace("\\", "/").rpartition("/")[2]
    return _ENDING.sub("", bare).casefold()


def _found(entry: Entry, how: str, warnings: tuple[str, ...]) -> Found:
    return Found(Path(entry.path), entry.kind, entry.family, entry.pipeline, how, warnings)


def _ambiguous(problem: str, entries: list[Entry], element: str) -> ModelError:
    listed = ", ".join(entry.path for entry in entries[:8])
    return ModelError(
        f"{len(entries)} different files of the store {problem}: {listed}",
        element=element,
        hint="give the one that is meant, or take the others out (`aigif models remove FILE`)",
    )
