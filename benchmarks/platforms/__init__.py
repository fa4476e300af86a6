"""Table V of the AIGIF paper, for the platforms that one machine can stand for, with plain and exact arithmetic.

`python -m benchmarks.platforms` is the command; `variants` lists the platforms, `worker` recreates files on one of
them in a process of its own, `table` measures and prints.
"""

from __future__ import annotations

from benchmarks.platforms.running import DoesNotRun, Found, make_files, run
from benchmarks.platforms.variants import Variant

__all__ = ["DoesNotRun", "Found", "Variant", "make_files", "run"]
