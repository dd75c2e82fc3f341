"""The fewest with which something works, when more always works if fewer does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

__all__ = ["fewest"]

T = TypeVar("T")


def fewest(attempt: Callable[[int], T | None], most: int) -> tuple[int, T] | None:
    """The least n ≤ ``most`` for which ``attempt(n)`` gives something, and what it gave.

    It doubles, then halves: about 2·log₂ n attempts. None when even ``most`` does not work.

    >>> fewest(lambda n: "works" if n >= 11 else None, 100)
    (11, 'works')
    >>> fewest(lambda n: None, 5) is None
    True
    """
    low, high = -1, 0  # low does not work
    while (found := attempt(high)) is None:
        if high == most:
            return None
        low, high = high, min(max(1, 2 * high), most)
    while low + 1 < high:
        middle = (low + high) // 2
        other = attempt(middle)
        if other is None:
            low = middle
        else:
            high, found = middle, other
    return high, found
