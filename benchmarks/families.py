"""Prints the table of model families: each pipeline class recorded, and recreated bit for bit from its folder.

Every class runs tiny, with random weights, in a folder in the hub's layout; the file is written and read in between,
and the model is loaded anew for the recreation. What a missing package or a refusal keeps from running says so.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import aigif
from aigif._gen.enums import HashKind
from aigif._gen.tables import model as model_table
from aigif._gen.types import Refiner
from aigif.errors import AigifError
from aigif.runtime.families import ALLOWED
from aigif.runtime.modelfolder import open_folder
from aigif.runtime.store import scan
from aigif.runtime.store.index import read_index, write_index
from tests.runtime.tinymodels import BUILDERS, SETTINGS, lacking

HEADER = ("family", "pipeline", "recorded", "recreated bit-exactly")


def families(pipeline: str) -> str:
    """The families of the table of models that a pipeline class runs."""
    table = model_table.TABLE
    found = {
        str(table.attribute(code, "family"))
        for code in table
        if table.attribute(code, "pipeline") == pipeline
    }
    return ", ".join(sorted(found))


def attempt(pipeline: str, folder: Path) -> tuple[str, str]:
    """What happened on recording and on recreation, a word or a reason each."""
    reason = lacking(pipeline)
    if reason is not None:
        return reason, "not tried"
    if ALLOWED[pipeline].refines:
        return _as_refiner(pipeline, folder)
    settings = {"height": 64, "width": 64, "steps": 2} | SETTINGS.get(pipeline, {})
    try:
        made = aigif.generate(
            "a red house", model=BUILDERS[pipeline](folder), seed=1, device="cpu", **settings
        )
    except AigifError as error:
        return str(error), "not tried"
    recreated = aigif.recreate(aigif.loads(aigif.dumps(made.aigif)), model=folder)
    same = recreated.image.tobytes() == made.image.tobytes()
    return "yes", "yes" if same else "no"


def _as_refiner(pipeline: str, folder: Path) -> tuple[str, str]:
    """A refiner goes on from the latent of its base, and is found in a store of its own."""
    base = BUILDERS["StableDiffusionXLPipeline"](folder.parent / "base")
    BUILDERS[pipeline](folder)
    os.environ["AIGIF_STORE"] = str(folder.parent / "store.json")
    write_index(scan.scan(read_index(), [folder.parent])[0])
    made = aigif.generate("a red house", model=base, seed=1, device="cpu", height=64, width=64, steps=4)
    refiner = Refiner(weight_hash=open_folder(folder).hash()[:8], hash_kind=HashKind.FOLDER, switch_at=0.5)
    file = aigif.dumps(made.aigif.replace(data=made.aigif.data.replace(refiner=refiner)))
    first, second = (aigif.recreate(aigif.loads(file), model=base).image.tobytes() for _ in range(2))
    return "yes, as a refiner", "yes" if first == second != made.image.tobytes() else "no"


def main() -> None:
    """Print one row for each class, and how many of them were recreated."""
    rows = []
    for pipeline in ALLOWED:
        with tempfile.TemporaryDirectory() as root:
            rows.append((families(pipeline), pipeline, *attempt(pipeline, Path(root) / "model")))
    print("| " + " | ".join(HEADER) + " |")
    print("|" + "---|" * len(HEADER))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(f"\n{sum(row[3] == 'yes' for row in rows)} of {len(rows)} classes recreated bit for bit.")


if __name__ == "__main__":
    main()
