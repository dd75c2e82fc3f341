r"""Figures as shares of the whole, and the limits on shares: arithmetic with no document in it."""

from __future__ import annotations

from math import fsum

import numpy as np
import numpy.typing as npt

__all__ = ["capped", "floored", "modulation", "shares"]

Floats = npt.NDArray[np.float64]


def shares(values: Floats, how: str, exponent: float = 1.0, size: Floats | None = None) -> Floats:
    """Figures as shares of the whole, summing to 1 (or all 0 when every figure is).

    >>> shares(np.array([1.0, 3.0]), "share").tolist()
    [0.25, 0.75]
    >>> shares(np.array([2.0, 6.0]), "inverse").tolist()
    [0.75, 0.25]
    """
    if how == "inverse":
        with np.errstate(divide="ignore"):
            base = np.where(values > 0, 1.0 / values, 0.0)
    elif how == "modulator":
        base = values / (fsum(values) / len(values) or 1.0)
    else:
        base = values
    base = np.where(base > 0, np.power(np.maximum(base, 0.0), exponent), 0.0)
    if size is not None:
        base = base * size
    total = fsum(base)
    return base / total if total > 0 else base


def modulation(values: Floats, strength: float) -> Floats:
    """λ = max(0, 1 + k·(1 − y/ȳ)): above 1 where there is less than the plain mean.

    Grech 2017 (doi 10.1177/1465116516649244) takes k = 0.1 for asylum applications a head and for
    unemployment.

    >>> modulation(np.array([2.0, 6.0]), 0.1).tolist()
    [1.05, 0.95]
    """
    mean = fsum(values) / len(values)
    return np.maximum(0.0, 1 + strength * (1 - values / (mean or 1.0)))


def capped(share: Floats, factor: float, basis: Floats, excess: str) -> Floats:
    """Shares of at most ``factor × basis``; the excess spread as the document says.

    ``pro-rata`` spreads it once over the uncapped by their share, ``iterate`` does so until nobody
    is above the cap, ``basis`` spreads it over all by the basis share.

    >>> capped(np.array([0.5, 0.3, 0.2]), 1.2, np.full(3, 1 / 3), "iterate").round(12).tolist()
    [0.4, 0.36, 0.24]
    """
    cap = factor * basis
    over = share > cap
    result = np.minimum(share, cap)
    spare = fsum(share) - fsum(result)
    if excess == "basis":
        return result + spare * basis
    while spare > 1e-15 and not over.all():
        room = np.where(over, 0.0, result)
        result = result + spare * room / fsum(room) if fsum(room) > 0 else result
        if excess == "pro-rata":
            break
        newly = (result > cap * (1 + 1e-15)) & ~over
        if not newly.any():
            break
        over = over | newly
        spare = fsum(np.where(newly, result - cap, 0.0))
        result = np.where(newly, cap, result)
    return result


def floored(share: Floats, floor: float) -> Floats:
    """Shares of at least ``floor``; those above give in proportion, and the sum is kept.

    >>> floored(np.array([0.9, 0.099, 0.001]), 0.01).round(4).tolist()
    [0.8919, 0.0981, 0.01]
    """
    low = share < floor
    while True:
        left = fsum(share) - floor * int(low.sum())
        rest = fsum(np.where(low, 0.0, share))
        result = np.where(low, floor, share * (left / rest if rest > 0 else 0.0))
        newly = (result < floor) & ~low
        if not newly.any():
            return result
        low = low | newly
