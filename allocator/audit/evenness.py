r"""How evenly persons are spread over a yardstick: entitlement, inhabitants, children.

With persons x and yardstick b over municipalities, X = Σ x and B = Σ b:

* load x/b, least and most;
* Loosemore–Hanby, ½ Σ \|x/X − b/B\|: the share of persons that would have to move for every load
  to be the same (Loosemore & Hanby 1971, doi 10.1017/S000712340000925X);
* the Lorenz curve of persons over the yardstick, from the least to the most loaded, and the Gini
  coefficient, twice the area between it and the diagonal (Gini 1912; Lorenz 1905,
  doi 10.2307/2276207). 0 is even in all three.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from allocator.audit.compare import gini

__all__ = ["Evenness", "Point", "evenness", "loosemore_hanby", "lorenz"]


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a Lorenz curve: the shares up to and with a municipality; the first is (0, 0)."""

    code: str
    yardstick_share: float
    persons_share: float

    def as_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Evenness:
    """The measures over one yardstick. ``per`` says of how many of it the loads are.

    ``left_out`` counts the municipalities without the yardstick, or with 0 of it. ``least_asked``
    is the least load among those that are asked for anybody at all.
    """

    by: str
    per: int
    municipalities: int
    left_out: int
    mean: float | None
    gini: float | None
    loosemore_hanby: float | None
    least: float | None
    least_code: str
    least_asked: float | None
    least_asked_code: str
    most: float | None
    most_code: str
    lorenz: tuple[Point, ...]

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, without the curve."""
        names = [name for name in self.__dataclass_fields__ if name != "lorenz"]
        return {name: getattr(self, name) for name in names}

    def share_of_least(self, share: float) -> float | None:
        """The share of persons in the least loaded part of the yardstick, along the curve."""
        if not self.lorenz:
            return None
        along = [point.yardstick_share for point in self.lorenz]
        return float(np.interp(share, along, [point.persons_share for point in self.lorenz]))


def evenness(
    by: str,
    codes: Sequence[str],
    persons: Sequence[int],
    yardstick: Sequence[float | None],
    per: int = 1,
) -> Evenness:
    """The measures of ``persons`` over ``yardstick``, both in the order of ``codes``.

    >>> found = evenness("inhabitants", ["A", "B"], [10, 30], [1000, 1000], per=1000)
    >>> found.least, found.most_code, found.gini, found.loosemore_hanby
    (10.0, 'B', 0.25, 0.25)
    >>> found.share_of_least(0.5)
    0.25
    """
    counted = [
        (code, load, size)
        for code, load, size in zip(codes, persons, yardstick, strict=True)
        if size is not None and size > 0
    ]
    x = np.array([load for _, load, _ in counted], dtype=float)
    b = np.array([size for _, _, size in counted], dtype=float)
    some = bool(len(counted)) and x.sum() > 0
    loads = [(per * load / size, code) for code, load, size in counted]
    asked = [pair for pair, load in zip(loads, x, strict=True) if load > 0]
    least, least_asked, most = (min(loads), min(asked), max(loads)) if some else (None, None, None)
    return Evenness(
        by=by,
        per=per,
        municipalities=len(counted),
        left_out=len(codes) - len(counted),
        mean=_round(per * x.sum() / b.sum()) if some else None,
        gini=_round(gini(x, b)),
        loosemore_hanby=_round(loosemore_hanby(x, b)),
        least=_round(least[0]) if least else None,
        least_code=least[1] if least else "",
        least_asked=_round(least_asked[0]) if least_asked else None,
        least_asked_code=least_asked[1] if least_asked else "",
        most=_round(most[0]) if most else None,
        most_code=most[1] if most else "",
        lorenz=lorenz([code for code, *_ in counted], x, b) if some else (),
    )


def loosemore_hanby(persons: npt.ArrayLike, yardstick: npt.ArrayLike) -> float | None:
    """½ Σ |x/X − b/B|; None where nobody is asked.

    >>> loosemore_hanby([10, 30], [1, 1])
    0.25
    """
    x, b = np.asarray(persons, dtype=float), np.asarray(yardstick, dtype=float)
    if x.sum() <= 0 or b.sum() <= 0:
        return None
    return float(np.abs(x / x.sum() - b / b.sum()).sum() / 2)


def lorenz(
    codes: Sequence[str], persons: npt.ArrayLike, yardstick: npt.ArrayLike
) -> tuple[Point, ...]:
    """The Lorenz curve, from the least to the most loaded; equal loads in order of code."""
    x, b = np.asarray(persons, dtype=float), np.asarray(yardstick, dtype=float)
    order = [at for *_, at in sorted(zip((x / b).tolist(), codes, range(len(codes)), strict=True))]
    along, curve = np.cumsum(b[order]) / b.sum(), np.cumsum(x[order]) / x.sum()
    points = [
        Point(codes[at], round(share, 6), round(part, 6))
        for at, share, part in zip(order, along.tolist(), curve.tolist(), strict=True)
    ]
    return (Point("", 0.0, 0.0), *points)


def _round(value: float | None) -> float | None:
    return None if value is None else round(float(value), 6)
