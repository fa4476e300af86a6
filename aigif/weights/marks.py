"""The metadata keys that say which tensors of a file are quantised, and how.

`aigif.int8` holds the version of the scheme; `aigif.int8:NAME` holds the data type that tensor NAME had.
"""

from __future__ import annotations

from aigif.errors import CorruptError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

SCHEME: Final = "aigif.int8"
VERSION: Final = "1"
_PREFIX: Final = SCHEME + ":"


def of(data_types: Mapping[str, str]) -> dict[str, str]:
    """The metadata for quantised tensors, given as name and original data type."""
    return {SCHEME: VERSION} | {_PREFIX + name: dtype for name, dtype in data_types.items()}


def read(metadata: Mapping[str, str]) -> dict[str, str]:
    """The quantised tensors of a file: name and original data type. Raises CorruptError without a scheme."""
    if metadata.get(SCHEME) != VERSION:
        raise CorruptError(f"saved weights: the metadata does not say {SCHEME} = {VERSION}")
    return {key.removeprefix(_PREFIX): value for key, value in metadata.items() if key.startswith(_PREFIX)}


def without(metadata: Mapping[str, str]) -> dict[str, str]:
    """The metadata that is not about the scheme."""
    return {key: value for key, value in metadata.items() if not is_mark(key)}


def is_mark(key: str) -> bool:
    return key == SCHEME or key.startswith(_PREFIX)
