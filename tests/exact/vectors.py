"""The frozen vectors: reads them, works them out, and writes them (`python -m tests.exact.vectors`).

They define the profile: they are written once for each profile, and then only for operations that are new in it.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from aigif._gen.enums import Arithmetic
from aigif.runtime.exact import exactly
from tests.exact.operations import as_hex, operations, shaped
from tests.exact.tinypipe import picture, pipeline

FOLDER = Path(__file__).parent / "vectors"
PROFILES = {"24": Arithmetic.EXACT_1, "20": Arithmetic.EXACT_1_20}
SCHEDULERS = ("DDIMScheduler", "DPMSolverMultistepScheduler")


def frozen(name: str) -> dict[str, Any]:
    found = json.loads((FOLDER / f"{name}.json").read_text())
    assert isinstance(found, dict)
    return found


def worked_out(bits: str) -> dict[str, str]:
    """The numbers of every operation, in hexadecimal."""
    with exactly(PROFILES[bits]):
        return {name: as_hex(run(None)) for name, run in operations().items()}


def pipeline_print(scheduler: str, bits: str) -> dict[str, str]:
    """The SHA-256 of the float32 samples of the small pipeline, and the first of them."""
    with exactly(PROFILES[bits]):
        samples = picture(pipeline(scheduler))
    return {
        "sha256": hashlib.sha256(samples.astype("<f4").tobytes()).hexdigest(),
        "first": samples.reshape(-1)[:12].astype(">f4").tobytes().hex(),
    }


def write() -> None:
    inputs = {
        "48 numbers": as_hex(shaped(48)),
        "their rule": "number i is ((48271 i + 7919 seed) mod 65521 - 32760) / 8192, as float32; here seed 1",
    }
    content = {"inputs": inputs} | {bits: worked_out(bits) for bits in PROFILES}
    whole = {f"{name} {bits}": pipeline_print(name, bits) for name in SCHEDULERS for bits in PROFILES}
    for name, value in (("operations", content), ("pipeline", whole)):
        path = FOLDER / f"{name}.json"
        if path.exists() and "--again" not in sys.argv:
            raise SystemExit(f"{path} is frozen")
        path.write_text(json.dumps(value, indent=1) + "\n")


if __name__ == "__main__":
    write()
