"""How far an overlap could have fallen otherwise: the bootstrap over municipalities.

Municipalities are drawn with replacement, as many as there are; the overlap of each draw is

    overlap* = 1 − ½·Σ |x − a| / Σ a

and the interval runs from the 5th to the 95th percentile of the draws (Efron & Tibshirani 1993,
*An Introduction to the Bootstrap*, ch. 13). It says how much the figure hangs on single
municipalities, not how another year would go. The draws depend on the seed and on the number of
municipalities alone, so that two rules of one year are measured on the same draws.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

__all__ = ["overlap_interval"]

LEVEL = 0.90


def overlap_interval(
    x: npt.ArrayLike, a: npt.ArrayLike, draws: int, seed: int
) -> tuple[float, float] | None:
    """The 90 % percentile interval of the overlap of ``x`` with ``a``, (units,) in whole persons.

    None where there is nothing to draw from. Same seed, same interval, to the last bit.

    >>> overlap_interval([10, 20, 30], [10, 20, 30], 100, seed=1)
    (1.0, 1.0)
    >>> overlap_interval([10, 20, 30], [12, 18, 30], 100, seed=1)
    (0.928571, 1.0)
    """
    proposed, actual = np.asarray(x, dtype=np.int64), np.asarray(a, dtype=np.int64)
    if not draws or not actual.sum():
        return None
    drawn = _draws(len(actual), draws, seed)
    gap, total = np.abs(proposed - actual)[drawn].sum(axis=1), actual[drawn].sum(axis=1)
    overlaps = 1 - gap[total > 0] / (2 * total[total > 0])
    if not len(overlaps):
        return None
    low, high = np.quantile(overlaps, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return round(float(low), 6), round(float(high), 6)


@lru_cache(maxsize=4)
def _draws(units: int, draws: int, seed: int) -> npt.NDArray[np.int32]:
    """Which units each draw holds, shape (draws, units)."""
    return np.random.default_rng(seed).integers(0, units, (draws, units), dtype=np.int32)
