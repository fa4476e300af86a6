"""Exceptions that are no AigifError, as one: a broken stdout, a full memory, a bug."""

from __future__ import annotations

import os

from aigif.atomic import access_error
from aigif.errors import AigifError, LimitError

__all__ = ["refusal"]


def refusal(error: Exception) -> AigifError:
    """The AigifError that tells of `error`. A bug is raised again where AIGIF_TRACEBACK is set."""
    if isinstance(error, AigifError):
        return error
    if isinstance(error, MemoryError):
        return LimitError("there is not enough memory", hint="lower the limits")
    if isinstance(error, OSError):
        if error.filename is not None:
            return access_error(os.fsdecode(error.filename), "failed", error)
        return access_error("<stdout>", "can't be written", error)
    if os.environ.get("AIGIF_TRACEBACK"):
        raise error
    return AigifError(f"{type(error).__name__}: {error}", hint="this is a bug: AIGIF_TRACEBACK=1 shows where")
