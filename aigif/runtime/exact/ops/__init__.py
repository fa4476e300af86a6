"""The meanings of operations, by kind. Every module of this folder is imported, and enters its own into the table."""

import importlib
import pkgutil

for _found in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_found.name}")
