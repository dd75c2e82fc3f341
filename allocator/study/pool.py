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
        _end(executor)


def _end(executor: ProcessPoolExecutor) -> None:
    """Wait for the processes to end; where one was killed, end the others.

    One that is killed as it hands over its last result may keep the lock that the others need to
    say that they are done: they would wait for ever, and so would the executor.
    """
    started = list((executor._processes or {}).values())
    executor.shutdown(wait=False, cancel_futures=True)
    while alive := [process for process in started if process.is_alive()]:
        if any(process.exitcode for process in started):
            for process in alive:
                process.kill()
        alive[0].join(0.05)


def _leave_stopping() -> None:
    """Ctrl-C is for the one who gave out the work; it ends its processes in good order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
