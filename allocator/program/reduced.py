"""The program in totals and minors only: what the goals after ``place`` are optimised over.

Columns X[m] (total) and E[m] (minors), bounded by every hard family at once; rows for the nation's
sums, the counties', the link between the two, and the soft families. It has the same feasible
totals as the full program, in a fraction of its size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from allocator.program.builder import Builder
from allocator.program.grid import Limits
from allocator.program.problem import Bound, Floats, Ints, Problem

__all__ = ["Give", "Reduced", "columns_of", "limit_rows", "reduce", "unplaced_columns"]

EnterX = Callable[[Ints, str, Ints, float | Floats], None]
"""Enters factor · X ("total") or factor · E ("minors") of some units into rows."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Give:
    """How one side of a soft family's limits gives way: a column for each of its units."""

    bound: Bound
    side: str
    columns: Ints


def columns_of(gives: Iterable[Give]) -> Ints:
    """The columns of some gives."""
    return np.concatenate([np.zeros(0, dtype=np.int64), *(give.columns for give in gives)])


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reduced:
    """A builder that holds the feasible totals, the columns of X, those that give way, and what
    counties must and may hold in all."""

    builder: Builder
    totals: Ints
    minors: Ints
    lower: Floats
    upper: Floats
    gives: tuple[Give, ...]
    county_rows: dict[int, int]
    counties: Limits
    unplaced: Ints

    @property
    def given(self) -> Ints:
        """All columns by which soft families give way."""
        return columns_of(self.gives)

    def deviation(self, target: Floats, keep: Ints) -> Ints:
        """Columns that carry |X − target| for the units ``keep``: over, then under."""
        b = self.builder
        rows = b.rows(len(keep), target[keep], target[keep])
        over, under = b.columns(len(keep)), b.columns(len(keep))
        b.enter(rows, self.totals[keep], 1.0)
        b.enter(rows, over, -1.0)
        b.enter(rows, under, 1.0)
        return np.concatenate((over, under))

    def largest_load(self, entitlement: Floats) -> Ints:
        """The column that carries max X[m]/e[m] over those with an entitlement."""
        b = self.builder
        entitled = np.flatnonzero(entitlement > 0)
        load = b.columns(1)
        rows = b.rows(len(entitled), -np.inf, 0.0)
        b.enter(rows, self.totals[entitled], 1.0)
        b.enter(rows, np.full(len(entitled), load[0]), -entitlement[entitled])
        return load


def reduce(problem: Problem, *, unplaced: bool = False) -> Reduced:
    """The reduced program of a problem whose lots are settled.

    With ``unplaced`` some may be left without a place, by two columns more: of all persons, and of
    minors among them.
    """
    total, minors = problem.box("total", soft=False), problem.box("minors", soft=False)
    size = len(problem.units)
    b = Builder()
    upper = np.minimum(total.upper, problem.persons)
    x = b.columns(size, lower=total.lower, upper=upper)
    everyone = b.sum_row(x, problem.persons, problem.persons)
    columns, e = {"total": x}, np.zeros(0, dtype=np.int64)
    sums = [everyone]
    if problem.minors:
        most = np.minimum(minors.upper, problem.minors)
        e = b.columns(size, lower=minors.lower, upper=most)
        sums.append(b.sum_row(e, problem.minors, problem.minors))
        rows = b.rows(size, 0.0, np.inf)
        b.enter(rows, x, 1.0)
        b.enter(rows, e, -1.0)
        columns["minors"] = e

    def enter(rows: Ints, measure: str, units: Ints, factor: float | Floats) -> None:
        if measure in columns:
            b.enter(rows, columns[measure][units], factor)

    gives, county_rows = limit_rows(b, problem, enter)
    left = unplaced_columns(b, problem, sums) if unplaced else np.zeros(0, dtype=np.int64)
    county = problem.box("county", soft=False)
    counties = Limits(problem.units.county_of, county.lower, county.upper)
    return Reduced(b, x, e, total.lower, upper, gives, county_rows, counties, left)


def unplaced_columns(b: Builder, problem: Problem, sums: list[Ints]) -> Ints:
    """Columns of the persons without a place, in the rows of all and of minors.

    Minors without a place are among all without one, and no others than the ordinary make up the
    rest.
    """
    left = b.columns(len(sums), upper=np.array([problem.persons, problem.minors])[: len(sums)])
    for row, column in zip(sums, left, strict=True):
        b.enter(row, np.array([column]), 1.0)
    if len(sums) == 2:
        rest = b.rows(1, 0.0, float(problem.persons - problem.minors))
        b.enter(rest, left, np.array([1.0, -1.0]))
    return left


def limit_rows(
    b: Builder, problem: Problem, enter: EnterX
) -> tuple[tuple[Give, ...], dict[int, int]]:
    """Rows for what no single municipality's box can hold: counties, shares, soft families.

    Returns how soft families give way, and the row of each county that is limited.
    """
    gives: list[Give] = []
    county_rows: dict[int, int] = {}
    for bound in problem.bounds:
        if bound.hard and bound.measure in ("total", "minors"):
            continue
        if bound.measure in ("share", "county_minors") and not problem.minors:
            continue
        lower = np.full(len(bound.index), -np.inf) if bound.measure == "share" else bound.lower
        rows = b.rows(len(bound.index), lower, bound.upper)
        if bound.measure in ("county", "county_minors"):
            measure = "total" if bound.measure == "county" else "minors"
            for row, county in zip(rows.tolist(), bound.index.tolist(), strict=True):
                if measure == "total":
                    county_rows[county] = row
                inside = np.flatnonzero(problem.units.county_of == county)
                enter(np.full(len(inside), row), measure, inside, 1.0)
        elif bound.measure == "share":
            enter(rows, "minors", bound.index, 1.0)
            enter(rows, "total", bound.index, -problem.minors_share)
        else:
            enter(rows, bound.measure, bound.index, 1.0)
        if not bound.hard:
            for side, sign in (("fewer", 1.0), ("more", -1.0)):
                give = Give(bound, side, b.columns(len(rows)))
                b.enter(rows, give.columns, sign)
                gives.append(give)
    for link in problem.links:
        row = np.full(len(link.units), b.rows(1, link.lower, link.upper)[0])
        enter(row, "total", link.units, link.values)
    return tuple(gives), county_rows
