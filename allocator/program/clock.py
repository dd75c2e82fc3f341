"""How long a solve may take in all: a limit that every program and every long loop in it keeps.

The limit is said once, around the whole solve, and not handed from room to room: what is entered
within it asks the clock how much is left.

>>> with within(60.0):
...     0 < left() <= 60
True
>>> left()
inf
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from allocator.errors import Fault, StoppedError

__all__ = ["keep_to", "left", "out_of_time", "within"]

_ENDS: ContextVar[float] = ContextVar("ends", default=math.inf)


@contextmanager
def within(seconds: float | None) -> Iterator[None]:
    """Whatever is solved in the block ends after so many seconds; None sets no limit.

    A limit inside another can only be tighter.
    """
    if seconds is None:
        yield
        return
    before = _ENDS.set(min(_ENDS.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _ENDS.reset(before)


def left() -> float:
    """Seconds that are left; inf without a limit, never below 0."""
    return max(_ENDS.get() - time.monotonic(), 0.0)


def keep_to() -> None:
    """Raise :class:`~allocator.errors.StoppedError` when no time is left. For long loops."""
    if left() <= 0.0:
        raise out_of_time()


def out_of_time() -> StoppedError:
    """What to raise when time has run out and nothing was found that could be told."""
    found = "stopped before any answer was found"
    return StoppedError(Fault("stopped", found, remedy="allow more time"))
