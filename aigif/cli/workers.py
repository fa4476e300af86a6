"""The work of a command on many files, in processes of its own where that is asked for; results in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from aigif.cli.unexpected import refusal
from aigif.errors import AigifError

__all__ = ["each"]

R = TypeVar("R")
_AHEAD = 4  # tasks that wait for a process, so that none idles and few results wait to be taken


def each(work: Callable[[str], R], sources: Sequence[str], processes: int) -> Iterator[R | AigifError]:
    """What `work` makes of each source, or why it could not: in this process, or in `processes` others.

    For other processes `work` must be one that pickles. A process that dies takes only its own file with it.
    """
    if processes <= 1 or len(sources) <= 1:
        for source in sources:
            yield attempt(work, source)
        return
    done = 0
    try:
        for result in _in_pool(work, sources, processes):
            done += 1
            yield result
    except _Broken:
        for source in sources[done:]:
            yield _alone(work, source)


def attempt(work: Callable[[str], R], source: str) -> R | AigifError:
    """What `work` makes of a source, or the refusal; nothing but an interruption comes out."""
    try:
        return work(source)
    except Exception as error:
        return refusal(error)


class _Broken(Exception):
    """A process died; which file it was at is not known."""


def _pool(processes: int) -> Any:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    return ProcessPoolExecutor(processes, mp_context=get_context("spawn"))


def _in_pool(work: Callable[[str], R], sources: Sequence[str], processes: int) -> Iterator[R | AigifError]:
    from concurrent.futures.process import BrokenProcessPool

    pool = _pool(processes)
    try:
        waiting: deque[Any] = deque()
        rest = iter(sources)
        for source in rest:
            waiting.append(pool.submit(attempt, work, source))
            if len(waiting) >= _AHEAD * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise _Broken from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _alone(work: Callable[[str], R], source: str) -> R | AigifError:
    from concurrent.futures.process import BrokenProcessPool

    try:
        with _pool(1) as pool:
            result: R | AigifError = pool.submit(attempt, work, source).result()
            return result
    except BrokenProcessPool:
        return AigifError("the process that worked on it ended", hint="try it alone; it may need more memory")
