"""torch's global generators, for the few pipelines whose language model samples from them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from aigif.runtime.families import PipelineRules
from aigif.runtime.torchlib import require

__all__ = ["global_generators"]


@contextlib.contextmanager
def global_generators(rules: PipelineRules | None, generator: Any) -> Iterator[None]:
    """Give the global generators the seed of `generator` (or of the first of a list), and put them back afterwards.

    Only where the pipeline draws from them; elsewhere they are not touched. What is sampled on another device than
    the CPU comes from that device's generator, so that it differs between devices.
    """
    if rules is None or not rules.draws:
        yield
        return
    torch = require("torch")
    first = generator[0] if isinstance(generator, list) else generator
    with torch.random.fork_rng():
        torch.manual_seed(first.initial_seed())
        yield
