"""AUTOMATIC1111's web UI and the programs that write a `parameters` text like its own."""

from __future__ import annotations

from aigif.importers.a1111 import IMPORTER

__all__ = ["IMPORTER"]
