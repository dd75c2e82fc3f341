"""Equal treatment of equals: near-identical municipalities in different counties.

Two municipalities are alike where inhabitants and entitlement differ by at most 5 % of the larger
and the centrality class is the same (as far as it is known). A split into counties first treats
such pairs unlike: that is the fourth finding of the evaluation of the model of 2019 (ideas2evidence
for IMDi, 2020). The gap is |x_a − x_b| in persons; ``key_gap`` is the part of it that the key
itself gives, |e_a − e_b|.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from allocator.audit.classes import UNKNOWN
from allocator.proposal import Request

__all__ = ["TOLERANCE", "Alike", "Pair", "alike"]

TOLERANCE = 0.05
_KEPT = 50


@dataclass(frozen=True, slots=True)
class Pair:
    """Two municipalities that are alike; ``more`` is asked for more persons than ``fewer``."""

    more: str
    more_name: str
    more_county: str
    more_asked: int
    fewer: str
    fewer_name: str
    fewer_county: str
    fewer_asked: int
    gap: int
    key_gap: float

    def as_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Alike:
    """All pairs that are alike: how many, how unlike they are treated, and the worst of them.

    ``mean_gap`` is in persons, ``beyond_key`` the number of pairs whose gap is more than one person
    larger than the key's own.
    """

    pairs: int
    largest_gap: int | None
    mean_gap: float | None
    beyond_key: int
    worst: tuple[Pair, ...]

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, pairs as rows."""
        names = ("pairs", "largest_gap", "mean_gap", "beyond_key")
        fields = {name: getattr(self, name) for name in names}
        return {**fields, "tolerance": TOLERANCE, "worst": [p.as_dict() for p in self.worst]}


def alike(
    requests: Sequence[Request],
    classes: Mapping[str, str],
    tolerance: float = TOLERANCE,
    *,
    of: str = "",
) -> Alike:
    """The pairs in different counties, the largest gap first; of these the first 50 are kept.

    With the code of a county, ``of``, the pairs in which one or both are in it, and all are kept.
    ``classes`` gives the centrality of a code, or "unknown". Municipalities without inhabitants or
    without an entitlement are alike to nobody.
    """
    units = [one for one in requests if one.population and one.entitlement > 0]
    people = np.array([one.population for one in units], dtype=float)
    key = np.array([one.entitlement for one in units])
    asked = np.array([one.total for one in units], dtype=float)
    county = np.array([one.county for one in units])
    known = np.array([classes.get(one.code, UNKNOWN) for one in units])
    found: list[tuple[int, int]] = []
    for at in range(len(units)):
        later = slice(at + 1, None)
        same = (known[later] == known[at]) | (known[later] == UNKNOWN) | (known[at] == UNKNOWN)
        if of:
            same &= (county[later] == of) | (county[at] == of)
        else:
            same &= county[later] != county[at]
        same &= _near(people[later], people[at], tolerance) & _near(key[later], key[at], tolerance)
        found += [(at, at + 1 + int(other)) for other in np.flatnonzero(same)]
    gaps = [abs(int(asked[a] - asked[b])) for a, b in found]
    by_key = [abs(float(key[a] - key[b])) for a, b in found]
    order = sorted(
        range(len(found)), key=lambda at: (-gaps[at], by_key[at], units[found[at][0]].code, at)
    )
    return Alike(
        pairs=len(found),
        largest_gap=max(gaps, default=None),
        mean_gap=round(sum(gaps) / len(gaps), 3) if gaps else None,
        beyond_key=sum(gap > own + 1 for gap, own in zip(gaps, by_key, strict=True)),
        worst=tuple(
            _pair(units[found[at][0]], units[found[at][1]], gaps[at], by_key[at])
            for at in (order if of else order[:_KEPT])
        ),
    )


def _near(values: Any, value: float, tolerance: float) -> Any:
    return np.abs(values - value) <= tolerance * np.maximum(values, value)


def _pair(first: Request, second: Request, gap: int, by_key: float) -> Pair:
    more, fewer = (first, second) if first.total >= second.total else (second, first)
    return Pair(
        more.code,
        more.name,
        more.county_name,
        more.total,
        fewer.code,
        fewer.name,
        fewer.county_name,
        fewer.total,
        gap,
        round(by_key, 3),
    )
