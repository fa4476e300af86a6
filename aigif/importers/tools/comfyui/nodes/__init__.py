"""The tables of nodes: one line for each class. A newcomer adds a line to the table where it fits.

`classes.py` beside this folder says what the lines mean; `composites.py` has the nodes that do the work of several.
"""

from __future__ import annotations

from collections.abc import Mapping

from aigif.importers.tools.comfyui.classes import NodeClass
from aigif.importers.tools.comfyui.composites import COMPOSITES
from aigif.importers.tools.comfyui.nodes import (
    core_models,
    core_pictures,
    core_sampling,
    custom_models,
    custom_sampling,
)

CLASSES: Mapping[str, NodeClass] = {
    **custom_sampling.NODES,
    **custom_models.NODES,
    **core_sampling.NODES,
    **core_models.NODES,
    **core_pictures.NODES,
    **{name: composite.as_class() for name, composite in COMPOSITES.items()},
}
