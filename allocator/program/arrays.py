"""The linear program as arrays straight from numpy: what :mod:`linear` says, built fast.

Columns are x[m, g] unit by unit, then u[g], then what soft families give, then who is asked. Rows
are the need, then each family's bounds in the order of the problem, then the lots. The two builds
are tested equal row by row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.program.builder import Builder
from allocator.program.problem import Bound, Floats, Ints, Problem
from allocator.program.solver import Matrix

__all__ = ["Layout", "build", "layout", "sides"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Layout:
    """Where each kind of column stands in the matrix."""

    units: int
    groups: int
    gives: int
    asked: Ints
    takes_minors: Ints

    def x(self, unit: Ints, group: int) -> Ints:
        """Columns of x[m, g]."""
        return unit * self.groups + group

    @property
    def unplaced(self) -> Ints:
        return self.units * self.groups + np.arange(self.groups)

    @property
    def first_give(self) -> int:
        return self.units * self.groups + self.groups

    @property
    def first_asked(self) -> int:
        return self.first_give + self.gives

    @property
    def first_takes(self) -> int:
        return self.first_asked + len(self.asked)

    @property
    def columns(self) -> int:
        return self.first_takes + len(self.takes_minors)

    def totals(self, values: Floats) -> Floats:
        """Σ_g x[m, g] of a solution, shape (units,)."""
        totals: Floats = self.by_group(values).sum(axis=1)
        return totals

    def by_group(self, values: Floats) -> Floats:
        """x[m, g] of a solution, shape (units, groups)."""
        return values[: self.units * self.groups].reshape(self.units, self.groups)


def sides(bound: Bound) -> list[tuple[str, Ints, Floats]]:
    """A family's rows: which side, the places within its index, and the limits."""
    if bound.measure == "share":
        return [("most", np.arange(len(bound.index)), bound.upper)]
    equal = bound.lower == bound.upper
    least = ~equal & (bound.lower > 0)
    most = ~equal & np.isfinite(bound.upper)
    return [
        (side, np.flatnonzero(mask), limit[mask])
        for side, mask, limit in (
            ("equal", equal, bound.lower),
            ("least", least, bound.lower),
            ("most", most, bound.upper),
        )
        if mask.any()
    ]


def layout(problem: Problem) -> Layout:
    """The columns of a problem's program."""
    gives = sum(
        len(places) * (2 if side == "equal" else 1)
        for bound in problem.bounds
        if not bound.hard
        for side, places, _ in sides(bound)
    )
    nobody = np.zeros(0, dtype=np.int64)
    everyone = np.arange(len(problem.units))
    return Layout(
        len(problem.units),
        len(problem.groups),
        gives,
        everyone if problem.lots.choose else nobody,
        everyone if problem.lots.choose_minors else nobody,
    )


def build(problem: Problem) -> tuple[Matrix, Layout]:
    """The program's matrix with the first goal's costs: one for each person left unplaced."""
    at, b = layout(problem), Builder()
    b.columns(at.units * at.groups)
    b.columns(at.groups, cost=1.0, upper=problem.need)
    b.columns(at.gives)
    b.columns(len(at.asked) + len(at.takes_minors), upper=1.0, integer=True)
    _need(b, problem, at)
    given = at.first_give
    for bound in problem.bounds:
        given = _limits(b, problem, at, bound, given)
    for link in problem.links:
        rows = b.rows(1, link.lower, link.upper)
        for group in range(at.groups):
            b.enter(rows, at.x(link.units, group), link.values)
    _lots(b, problem, at)
    return b.matrix(), at


def _need(b: Builder, problem: Problem, at: Layout) -> None:
    """Σ_m x[m, g] + u[g] = N[g]."""
    units = np.arange(at.units)
    for group, need in enumerate(problem.need.tolist()):
        row = b.sum_row(at.x(units, group), need, need)
        b.enter(row, at.unplaced[[group]], 1.0)


def _limits(b: Builder, problem: Problem, at: Layout, bound: Bound, given: int) -> int:
    """One family's rows on a measure; a soft one's columns to give way start at ``given``."""
    for side, places, limit in sides(bound):
        infinite = np.full(len(limit), np.inf)
        lower, upper = (
            (-infinite if side == "most" else limit),
            (infinite if side == "least" else limit),
        )
        rows = b.rows(len(limit), lower, upper)
        unit, row = bound.index[places], rows
        if bound.measure in ("county", "county_minors"):
            order = np.argsort(problem.units.county_of, kind="stable")
            county = problem.units.county_of[order]
            where = np.full(len(problem.counties), -1)
            where[unit] = rows
            inside = where[county] >= 0
            unit, row = order[inside], where[county[inside]]
        for group in _groups(at, bound.measure):
            value = 1.0
            if bound.measure == "share":
                value = float(group > 0) - problem.minors_share
            b.enter(row, at.x(unit, group), value)
        if not bound.hard:
            signs = {"equal": (1.0, -1.0), "least": (1.0,), "most": (-1.0,)}[side]
            for place, sign in enumerate(signs):
                b.enter(rows, given + place + len(signs) * np.arange(len(rows)), sign)
            given += len(signs) * len(rows)
    return given


def _lots(b: Builder, problem: Problem, at: Layout) -> None:
    """x[m] = 0 or x[m] ≥ lot, through y[m] ∈ {0, 1}; likewise for minors."""
    lots = problem.lots
    for units, first, lot, most, measure in (
        (at.asked, at.first_asked, lots.persons, problem.persons, "total"),
        (at.takes_minors, at.first_takes, lots.minors, problem.minors, "minors"),
    ):
        if not len(units):
            continue
        for lower, upper, factor in ((0.0, np.inf, lot), (-np.inf, 0.0, most)):
            rows = b.rows(len(units), lower, upper)
            for group in _groups(at, measure):
                b.enter(rows, at.x(units, group), 1.0)
            b.enter(rows, first + np.arange(len(units)), -float(factor))


def _groups(at: Layout, measure: str) -> range:
    return range(1 if measure in ("minors", "county_minors") else 0, at.groups)
