"""Freedom bands: how far a number could be moved while all stay even, and who was asked outside.

The bands are those of :mod:`allocator.program.freedom`, rounded outwards to the steps of the rule,
so that the proposal itself is always inside. An actual request outside its band cannot be had from
this rule by giving each municipality ε of its relative load: it is an outlier, and something else
than this rule decided it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from allocator.audit.answers import Count, count_of
from allocator.panel import Figure
from allocator.program.freedom import freedom
from allocator.program.goals import Solution
from allocator.proposal import Proposal, Request

__all__ = ["Band", "Freedom", "bands"]


@dataclass(frozen=True, slots=True)
class Band:
    """One municipality's band, in whole persons, and the actual request with its status."""

    request: Request
    least: int
    most: int
    actual: Count

    @property
    def beyond(self) -> int | None:
        """Persons above the most (or, negative, below the least); None without a final figure."""
        persons = self.actual.final
        if persons is None:
            return None
        return max(0, persons - self.most) + min(0, persons - self.least)

    @property
    def place(self) -> str:
        """Where the actual request lies: above, below, within; or unknown."""
        beyond = self.beyond
        if beyond is None:
            return "unknown"
        return "above" if beyond > 0 else "below" if beyond < 0 else "within"

    def as_dict(self) -> dict[str, Any]:
        """The fields by name."""
        one = self.request
        return {
            "code": one.code,
            "name": one.name,
            "county": one.county,
            "county_name": one.county_name,
            "entitlement": one.entitlement,
            "total": one.total,
            "least": self.least,
            "most": self.most,
            "actual": self.actual.persons,
            "actual_status": self.actual.status,
            "place": self.place,
            "beyond": self.beyond,
        }


@dataclass(frozen=True, slots=True)
class Freedom:
    """The bands within ``eps`` of relative load; ``vintage`` is that of the actual requests."""

    eps: float
    vintage: str
    bands: tuple[Band, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many lie above, below, within, or are unknown."""
        found = Counter(band.place for band in self.bands)
        return {name: found[name] for name in ("above", "below", "within", "unknown")}

    def outside(self) -> list[Band]:
        """Those outside their band, the furthest first."""
        found = [band for band in self.bands if band.beyond]
        return sorted(found, key=lambda band: (-abs(band.beyond or 0), band.request.code))

    def part(self, county: str) -> Freedom:
        """The bands of one county only; all where it is empty."""
        found = tuple(band for band in self.bands if county in ("", band.request.county))
        return replace(self, bands=found)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "eps": self.eps,
            "measure": "relative load, x / e",
            "vintage": self.vintage,
            **self.counts,
            "municipalities": [band.as_dict() for band in self.bands],
        }


def bands(
    proposal: Proposal,
    solution: Solution,
    actual: Mapping[str, Figure],
    eps: float,
    vintage: str = "final",
) -> Freedom:
    """The band of each municipality of a proposal, and where the actual requests lie.

    Of a plan of several years it is about the first.
    """
    problem = solution.problem
    least, most = freedom(problem, solution.target, eps)
    asked, step = proposal.of_year(proposal.year), max(problem.step, 1)
    lower = np.floor(least / step + 1e-9) * step
    upper = np.ceil(most / step - 1e-9) * step
    found = []
    # The units of a plan of several years begin with those of the first.
    for one, low, high in zip(asked, lower.tolist(), upper.tolist(), strict=False):
        ends = (min(int(low), one.total), max(int(high), one.total))
        found.append(Band(one, *ends, count_of(actual.get(one.code))))
    return Freedom(eps, vintage, tuple(found))
