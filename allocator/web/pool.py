"""Work off the event loop: a few threads, a queue with an end, and an end to patience."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

__all__ = ["BusyError", "Pool"]

T = TypeVar("T")


class BusyError(Exception):
    """The queue is full, or the answer took too long; try again after so many ``seconds``."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"busy: try again in {seconds} s")


class Pool:
    """``threads`` work; at most ``waiting`` more pieces of work wait for them.

    >>> import asyncio
    >>> asyncio.run(Pool(1, 1, 5.0).run(lambda: 6 * 7))
    42
    """

    def __init__(self, threads: int, waiting: int, patience: float) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="bosett")
        self._room = threads + waiting
        self._patience = patience
        self._inside = 0

    async def run(self, work: Callable[[], T]) -> T:
        """What ``work`` gives. Raises :class:`BusyError` rather than let a queue grow."""
        if self._inside >= self._room:
            raise BusyError(2)
        self._inside += 1
        context = copy_context()
        future = asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: context.run(work)
        )
        future.add_done_callback(self._left)
        try:
            # The work itself cannot be stopped: it keeps its place until it is done.
            return await asyncio.wait_for(asyncio.shield(future), self._patience)
        except TimeoutError:
            raise BusyError(10) from None

    def _left(self, future: asyncio.Future[T]) -> None:
        self._inside -= 1
        if not future.cancelled():
            future.exception()  # seen, also where nobody waits any longer

    def close(self) -> None:
        """Take no more work."""
        self._threads.shutdown(wait=False, cancel_futures=True)
