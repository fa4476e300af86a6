"""Lets CFG++ see what the network says without the prompt, inside an unmodified pipeline."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aigif.runtime.samplers.toolscheduler import ToolScheduler

__all__ = ["telling_unguided"]


@contextlib.contextmanager
def telling_unguided(network: Any, scheduler: ToolScheduler) -> Iterator[None]:
    """While it lasts, the first half of every batch that `network` (a UNet, called under guidance by a pipeline that
    puts the unconditional half first) gives is noted by `scheduler`. The network is left as it was."""
    forward = network.forward

    def watched(*arguments: Any, **options: Any) -> Any:
        output = forward(*arguments, **options)
        if scheduler.needs_unguided:
            scheduler.note_unguided(output[0].chunk(2)[0])
        return output

    network.forward = watched
    try:
        yield
    finally:
        del network.forward
