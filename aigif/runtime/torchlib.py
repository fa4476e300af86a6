"""The door to torch, diffusers and their kin: nothing of them is imported before it is asked for here.

They are untyped or very large; values that come from them are `Any` in this package, and only the modules
`pipelines`, `lora`, `schedulers`, `noise`, `determinism`, `platform` and `similarity` touch them.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from types import ModuleType

from aigif.errors import MissingPackageError

INSTALL = 'pip install "aigif[recreate]"'

EXTRA = frozenset({"torch", "diffusers", "transformers", "peft", "huggingface-hub"})
"""What that command brings, itself or through its dependencies."""


def require(name: str, why: str = "running a model") -> ModuleType:
    """Import the module called `name`; MissingPackageError, with what installs it, where it is missing."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0].replace("_", "-")
        hint = INSTALL if package in EXTRA else f"pip install {package}"
        raise MissingPackageError(f"{why} needs the package {package}: {error}", hint=hint) from error


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep diffusers and transformers from writing to the terminal; their verbosity is put back afterwards."""
    with contextlib.ExitStack() as stack:
        for package in ("diffusers", "transformers"):
            logging = require(f"{package}.utils.logging")
            stack.callback(logging.set_verbosity, logging.get_verbosity())
            logging.set_verbosity_error()
            if logging.is_progress_bar_enabled():
                logging.disable_progress_bar()
                stack.callback(logging.enable_progress_bar)
        yield
