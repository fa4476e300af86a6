"""Prints which operations the pipeline classes use under exact arithmetic, and how near their pictures stay to plain.

Every class runs tiny, with random weights. Overloads of torch's operations are counted: those that have a meaning in
exact arithmetic, those that are native, those that torch takes apart into others, and the rest, which ran on whole or
complex numbers only. `python -m benchmarks.exact --families` runs it, too.
"""

from __future__ import annotations

import contextlib
import math
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import aigif
from aigif._gen.enums import HashKind
from aigif._gen.types import Refiner
from aigif.errors import AigifError
from aigif.runtime import render
from aigif.runtime.exact import ExactRun, exactly
from aigif.runtime.families import ALLOWED
from aigif.runtime.modelfolder import open_folder
from aigif.runtime.similarity import psnr
from aigif.runtime.store import scan
from aigif.runtime.store.index import read_index, write_index
from tests.runtime.tinymodels import BUILDERS, SETTINGS, VARIANTS, lacking

PROMPT = "a red house"
KINDS = ("meaning", "native", "composite", "rest")
HEADER = ("pipeline", "overloads", *KINDS, "picture")


@contextlib.contextmanager
def watched() -> Iterator[dict[str, int]]:
    """Counts, by overload, the operations of every exact run meanwhile."""
    seen: dict[str, int] = {}

    @contextlib.contextmanager
    def counting(*arguments: Any, **named: Any) -> Iterator[ExactRun | None]:
        with exactly(*arguments, **named) as run:
            try:
                yield run
            finally:
                for name, count in (run.seen if run else {}).items():
                    seen[name] = seen.get(name, 0) + count

    with mock.patch.object(render, "exactly", counting):
        yield seen


def kind_of(overload: str) -> str:
    """How exact arithmetic treats an overload, by its name."""
    import torch

    from aigif.runtime.exact.native import NATIVE, moves
    from aigif.runtime.exact.table import MEANINGS

    namespace, name, variant = overload.split(".")
    function = getattr(getattr(getattr(torch.ops, namespace), name), variant)
    if function in MEANINGS and not moves(function):
        return "meaning"
    if function in NATIVE:
        return "native"
    key = torch._C.DispatchKey.CompositeImplicitAutograd
    return "composite" if torch._C._dispatch_has_kernel_for_dispatch_key(function.name(), key) else "rest"


def tally(seen: dict[str, int]) -> list[str]:
    """The number of overloads, and how many there are of each kind."""
    kinds = [kind_of(name) for name in seen]
    return [str(len(kinds)), *(str(kinds.count(kind)) for kind in KINDS)]


def pictures(name: str, folder: Path) -> tuple[Any, Any]:
    """The exact picture and the plain one of a class or a variant. Raises AigifError."""
    if name in ALLOWED and ALLOWED[name].refines:
        return _refined(name, folder, exact=True), _refined(name, folder, exact=False)
    usual: dict[str, Any] = {"seed": 1, "height": 64, "width": 64, "steps": 2, "device": "cpu"}
    settings = {"model": (BUILDERS.get(name) or VARIANTS[name])(folder)} | usual | SETTINGS.get(name, {})
    exact = aigif.generate(PROMPT, exact=True, **settings).image
    return exact, aigif.generate(PROMPT, **settings).image


def _refined(name: str, folder: Path, *, exact: bool) -> Any:
    """A refiner goes on from the latent of its base, and is found in a store of its own."""
    root = folder.parent
    base = root / "base"
    if not base.exists():
        BUILDERS["StableDiffusionXLPipeline"](base)
        BUILDERS[name](folder)
    with mock.patch.dict("os.environ", {"AIGIF_STORE": str(root / "store.json")}):
        write_index(scan.scan(read_index(), [root])[0])
        made = aigif.generate(
            PROMPT, model=base, seed=1, device="cpu", height=64, width=64, steps=4, exact=exact
        )
        refiner = Refiner(
            weight_hash=open_folder(folder).hash()[:8], hash_kind=HashKind.FOLDER, switch_at=0.5
        )
        file = made.aigif.replace(data=made.aigif.data.replace(refiner=refiner))
        return aigif.recreate(file, model=base).image


def nearness(exact: Any, plain: Any) -> str:
    if exact.tobytes() == plain.tobytes():
        return "the same"
    decibels = psnr(exact, plain)
    return f"{decibels:.1f} dB" if math.isfinite(decibels) else "no numbers"


def families() -> None:
    """Print a row for each class and variant, and what all of them use together."""
    print("| " + " | ".join(HEADER) + " |")
    print("|" + "---|" * len(HEADER))
    everything: dict[str, int] = {}
    ran = tried = 0
    for name in (*ALLOWED, *VARIANTS):
        tried += 1
        with tempfile.TemporaryDirectory() as root, watched() as seen, _no_guardrail():
            found = lacking(name)
            if found is None:
                try:
                    found = nearness(*pictures(name, Path(root) / "model"))
                    ran += 1
                except AigifError as error:
                    found = str(error)
        print("| " + " | ".join((name, *(tally(seen) if seen else [""] * 5), found)) + " |", flush=True)
        everything = {each: everything.get(each, 0) + seen.get(each, 0) for each in everything | seen}
    print("| " + " | ".join(("all", *tally(everything), f"{ran} of {tried} ran")) + " |")


@contextlib.contextmanager
def _no_guardrail() -> Iterator[None]:
    """Cosmos loads a guardrail of several gigabytes otherwise."""
    from tests.runtime.tinymodels.more_flow import stand_in

    module = "diffusers.pipelines.cosmos.pipeline_cosmos2_text2image"
    with mock.patch(f"{module}.CosmosSafetyChecker", stand_in):
        yield


if __name__ == "__main__":
    families()
