"""Classes of a map's colours: quantiles with round bounds, from few to many or around even."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from allocator.present.language import say

__all__ = ["Scale", "apart", "fixed", "rising"]

_CLASSES = 5


@dataclass(frozen=True, slots=True)
class Scale:
    """Ascending bounds between classes: at or above a bound is the next class.

    A scale ``around`` even has the bounds −b₂, −b₁, b₁, b₂ of Δ, and both ±b₁ are even still.
    """

    bounds: tuple[float, ...]
    around: bool = False

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, which are those of their colours: k1 to k5, or d1 to d5."""
        return _classes("d" if self.around else "k", len(self.bounds))

    def class_of(self, value: float) -> str:
        """The class of a value.

        >>> fixed([1, 2, 3, 4]).class_of(2.5), Scale((-5, -1, 1, 5), around=True).class_of(1)
        ('k3', 'd3')
        """
        if self.around:  # the one side mirrors the other
            below = self.bounds[: len(self.bounds) // 2]
            place = bisect_right(below, -abs(value))
            place = len(self.bounds) - place if value > 0 else place
        else:
            place = bisect_right(self.bounds, value)
        return self.classes[place]

    def words(self, show: Callable[[float], str]) -> list[str]:
        """What each class holds, in words, with numbers as ``show`` writes them."""
        bounds = [show(bound) for bound in self.bounds]
        if not bounds:
            return [say("map.class.all")]
        between = [
            say("map.class.between", low=low, high=high) for low, high in itertools.pairwise(bounds)
        ]
        over = "map.class.above" if self.around else "map.class.over"
        return [say("map.class.under", high=bounds[0]), *between, say(over, low=bounds[-1])]


@cache
def _classes(letter: str, last: int) -> tuple[str, ...]:
    steps = [round(at * (_CLASSES - 1) / last) if last else 2 for at in range(last + 1)]
    return tuple(f"{letter}{step + 1}" for step in steps)


def fixed(bounds: Sequence[float]) -> Scale:
    """A scale with given bounds."""
    return Scale(tuple(sorted(set(bounds))))


def rising(values: Iterable[float]) -> Scale:
    """Five classes with about as many values in each, bounds of two figures.

    >>> rising(range(1, 101)).bounds
    (21.0, 41.0, 61.0, 81.0)
    """
    found = sorted(values)
    bounds = [_round(found[len(found) * part // _CLASSES]) for part in range(1, _CLASSES) if found]
    return fixed([bound for bound in bounds if found and found[0] < bound <= found[-1]])


def apart(values: Iterable[float], least: float = 0.0) -> Scale:
    """Two classes on each side of even: a third of the values are even, a fifth far off.

    ``least`` is the smallest difference worth a colour.

    >>> apart([-40, -9, -3, -1, 0, 0, 1, 2, 12, 30], least=1).bounds
    (-12.0, -1.0, 1.0, 12.0)
    """
    found = sorted(abs(value) for value in values)
    if not found or found[-1] <= least:
        return Scale((-least, least) if least else (), around=True)
    near = max(least, _round(found[(len(found) - 1) // 3]))
    far = _round(found[(4 * len(found) - 1) // 5])
    bounds = (-far, -near, near, far) if far > near else (-near, near)
    return Scale(tuple(float(bound) for bound in bounds), around=True)


def _round(value: float) -> float:
    """A number of two figures."""
    if value == 0:
        return 0.0
    digits = 1 - math.floor(math.log10(abs(value)))
    return round(float(value), digits)
