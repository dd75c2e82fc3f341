"""Processes that share a study's work."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager

__all__ = ["processes"]


@contextmanager
def processes(jobs: int | None = None) -> Iterator[Executor | None]:
    """An executor of ``jobs`` processes, one for each core by default; None where one is enough.

    They are started anew (spawn), so that nothing half-done is copied into them, and the work not
    begun is dropped when it is left early.

    >>> with processes(1) as executor:
    ...     executor is None
    True
    """
    jobs = jobs or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else jobs
    jobs = jobs or os.cpu_count() or 1
    if jobs == 1:
        yield None
        return
    spawn = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(jobs, mp_context=spawn, initializer=_leave_stopping)
    try:
        yield executor
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _leave_stopping() -> None:
    """Ctrl-C is for the one who gave out the work; it ends its processes in good order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
