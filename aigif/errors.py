"""Every refusal is an AigifError; its class gives the exit code of the command line.

| exit code | meaning |
|---|---|
| 0 | ok |
| 1 | differs, or failed |
| 2 | usage: a wrong option, or a value that an element can't hold |
| 3 | corrupt file |
| 4 | over a limit |
| 5 | model, or a package that is needed, not available |
| 6 | refused by policy |
| 130 | interrupted |
"""

from __future__ import annotations

from aigif._gen.support import AigifError, CorruptError, ElementError, LimitError, NotCanonicalError

__all__ = [
    "AigifError",
    "CorruptError",
    "ElementError",
    "FileAccessError",
    "ImportMetadataError",
    "LimitError",
    "MissingPackageError",
    "ModelError",
    "NotCanonicalError",
    "PolicyError",
    "RecreationError",
    "UnsupportedError",
    "UsageError",
]


class UsageError(AigifError):
    """What was asked for makes no sense: options that exclude each other, a missing argument."""

    exit_code = 2


class FileAccessError(AigifError):
    """A file can't be read or written."""

    exit_code = 2


class ImportMetadataError(AigifError):
    """A picture holds no generation metadata that an importer reads."""


class UnsupportedError(CorruptError):
    """The file may be valid, but this version can't read it: a newer major version, an unknown profile,
    an unknown critical section, an unknown coder."""


class ModelError(AigifError):
    """The model that the file names can't be had, or is not the one that it names."""

    exit_code = 5


class MissingPackageError(ModelError):
    """An optional package is needed."""


class PolicyError(AigifError):
    """Refused by policy: pickled weights, code from a file, a download that nobody asked for."""

    exit_code = 6


class RecreationError(AigifError):
    """The model ran and failed, or the picture differs."""
