"""Caches of the test's own, as in tests/runtime."""

from __future__ import annotations

from tests.runtime.conftest import one_thread, own_caches

__all__ = ["one_thread", "own_caches"]
