"""What the tests of the backends share: both schemas, their generated packages, and damaged bundles."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import mkdtemp
from types import ModuleType
from typing import Any

from codegen import emit
from codegen.compile import compile_schema
from codegen.layout import Layouts
from codegen.model import Schema
from tests.codegen.bad_files import OTHER, OWN

SCHEMAS = {"aigif": OWN, "skylog": OTHER}
ALPHABET = ("x", "two words", "\0", "\ud800", "")


@cache
def compiled(name: str) -> tuple[Schema, Layouts]:
    return compile_schema(SCHEMAS[name])


def page(name: str) -> str:
    return generated(name, "markdown")["format.md"]


@cache
def generated(name: str, target: str) -> dict[str, str]:
    """The files of one target by name."""
    files = emit.outputs(*compiled(name), [target], Path("out"))
    return {str(path.relative_to(Path("out") / target)): text for path, text in files.items()}


@cache
def package(name: str) -> ModuleType:
    """Freshly generated code as a package `<name>_fresh._gen`: the codec, the reference and the strategies."""
    folder = Path(mkdtemp(prefix="generated-"))
    for target in ("python", "construct", "strategies"):
        for path, text in generated(name, target).items():
            place = folder / f"{name}_fresh" / "_gen" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text.replace(f"from {name}._gen", f"from {name}_fresh._gen"), encoding="utf-8")
    (folder / f"{name}_fresh" / "__init__.py").touch()
    sys.path.insert(0, str(folder))
    return import_module(f"{name}_fresh._gen")


def module(name: str, part: str) -> Any:
    return import_module(f"{package(name).__name__}.{part}")


def damaged(seed: int, count: int) -> Iterator[tuple[bytes, list[str]]]:
    """Bundles and strings: random bytes, and earlier ones with bits flipped, bytes added or cut away."""
    rng = random.Random(seed)
    pool = [b""]
    for _ in range(count):
        data = bytearray(rng.choice(pool) if rng.random() < 0.6 else rng.randbytes(rng.randrange(20)))
        for _ in range(rng.randrange(4)):
            if data and rng.random() < 0.7:
                data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            else:
                data.append(rng.randrange(256))
        if rng.random() < 0.9:
            data = bytearray(data.rstrip(b"\0"))
        pool.append(bytes(data))
        for strings in range(4):
            yield bytes(data), [rng.choice(ALPHABET) if rng.random() < 0.1 else "s" for _ in range(strings)]


def plain(value: Any) -> Any:
    """A record of a fresh package in the oracle's shape."""
    if hasattr(value, "__match_args__"):
        held = {name: getattr(value, name) for name in value.__match_args__}
        return {name: plain(item) for name, item in held.items() if name not in ("sections", "coded_text")}
    return [plain(item) for item in value] if isinstance(value, tuple) else value
