"""AIGIF: AI-generated pictures as their generation syntax, about a hundred bytes each.

    >>> import aigif
    >>> picture = aigif.Aigif(data=aigif.Data(prompt="a lighthouse at dusk", seed=7))
    >>> aigif.loads(aigif.dumps(picture)) == picture
    True

Reading and writing need the standard library alone. `generate`, `recreate` and `verify` run models with torch
and diffusers (`pip install "aigif[recreate]"`), which are imported when they are called.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigif._gen.enums import *  # noqa: F403
    from aigif._gen.types import *  # noqa: F403
    from aigif.errors import AigifError as AigifError
    from aigif.file import dumps as dumps
    from aigif.file import edited as edited
    from aigif.file import loads as loads
    from aigif.importers import read as read_metadata
    from aigif.json_form import from_json as from_json
    from aigif.json_form import to_json as to_json
    from aigif.runtime.generate import generate as generate
    from aigif.runtime.recording import record as record
    from aigif.runtime.recreate import recreate as recreate
    from aigif.runtime.series import recreate_all as recreate_all
    from aigif.runtime.verify import verify as verify
    from aigif.storage import load as load
    from aigif.storage import save as save

__version__ = "0.1.0"

# What is imported from where, when it is first asked for.
_HOMES = {
    "AigifError": "aigif.errors",
    "dumps": "aigif.file",
    "edited": "aigif.file",
    "loads": "aigif.file",
    "load": "aigif.storage",
    "save": "aigif.storage",
    "from_json": "aigif.json_form",
    "to_json": "aigif.json_form",
    "generate": "aigif.runtime.generate",
    "record": "aigif.runtime.recording",
    "recreate": "aigif.runtime.recreate",
    "recreate_all": "aigif.runtime.series",
    "verify": "aigif.runtime.verify",
}
_OTHER_NAMES = {"read_metadata": ("aigif.importers", "read")}


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name in _OTHER_NAMES:
        module, inner = _OTHER_NAMES[name]
        return getattr(import_module(module), inner)
    for module in ("aigif._gen.types", "aigif._gen.enums"):
        home = import_module(module)
        if not name.startswith("_") and hasattr(home, name):
            return getattr(home, name)
    raise AttributeError(f"module 'aigif' has no attribute {name!r}")
