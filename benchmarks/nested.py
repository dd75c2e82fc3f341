"""A case in its simplest form: totals of municipalities and counties, nested.

This is what the closed forms and the plain programs (:mod:`benchmarks.naive.plain`) are both given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from allocator.program.fill import fill_nested
from allocator.program.problem import Bound, Floats, Ints, Problem
from allocator.program.room import limits_with_minors, weights
from allocator.program.whole import Limits
from benchmarks.cases import Case

__all__ = ["Nested", "nested"]


@dataclass(frozen=True, slots=True)
class Nested:
    """Limits of municipalities (units,) and counties (counties,), the total, and the weights, which
    are what each is entitled to."""

    weight: Floats
    lower: Floats
    upper: Floats
    total: int
    county_of: Ints
    county_lower: Floats
    county_upper: Floats

    def filled(self) -> Floats:
        """The closed form: leximin, and as near in every norm as can be."""
        return fill_nested(
            self.weight,
            self.lower,
            self.upper,
            float(self.total),
            self.county_of,
            self.county_lower,
            self.county_upper,
        )

    def limits(self) -> Limits:
        """The counties' limits as the rounding takes them."""
        return Limits(self.county_of, self.county_lower, self.county_upper)

    def away(self, totals: Floats | Ints) -> float:
        """Σ|x − e|."""
        return float(np.abs(totals - self.weight).sum())

    def largest_load(self, totals: Floats) -> float:
        """max x/e."""
        return float((totals / self.weight).max())

    def squares(self, totals: Floats) -> float:
        """Σ(x − e)²/e, which the leximin totals minimise."""
        return float(((totals - self.weight) ** 2 / self.weight).sum())

    def error(self, totals: Floats, oracle: Floats) -> float:
        """The largest distance from the closed form, relative to what stands there."""
        return float((np.abs(totals - oracle) / np.maximum(oracle, 1.0)).max())


def nested(case: Case) -> tuple[Nested, Problem]:
    """A case in this form, and the same as a problem that has nothing else in it."""
    problem = case.settled()
    box, county = limits_with_minors(problem), problem.box("county")
    given = Nested(
        weights(problem.entitlement, problem.units.population),
        box.lower,
        np.minimum(box.upper, problem.persons),
        problem.persons,
        problem.units.county_of,
        county.lower,
        np.minimum(county.upper, problem.persons),
    )
    plain = replace(
        problem,
        groups=("ordinary",),
        need=np.array([problem.persons]),
        entitlement=given.weight,
        entitlement_minors=np.zeros(len(given.weight)),
        bounds=(
            Bound.make("capacity", "total", given.lower, given.upper),
            Bound.make("county", "county", given.county_lower, given.county_upper),
        ),
    )
    return given, plain
