"""The program in totals and minors only: what the goals after ``place`` are optimised over.

Columns X[m] (total) and E[m] (minors), bounded by every hard family at once; rows for the nation's
sums, the counties', the link between the two, and the soft families. It has the same feasible
totals as the full program, in a fraction of its size.

A goal that measures the distance from a target needs no rows of its own: X[m] is written as the
place nearest to the target within the limits, and what it is over or under that. The program then
starts where only a few sums are not yet kept. :mod:`compact` says the same to be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from allocator.program.builder import Builder
from allocator.program.grid import Limits
from allocator.program.problem import Bound, Floats, Ints, Problem

__all__ = [
    "Give",
    "Reduced",
    "columns_of",
    "leaning",
    "limit_rows",
    "most_minors",
    "reduce",
    "unplaced_columns",
]

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
    counties must and may hold in all.

    Around a target, X = ``at`` + the columns ``totals`` − the columns ``under``.
    """

    builder: Builder
    totals: Ints
    at: Floats
    under: Ints
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

    def enter(self, rows: Ints, units: Ints, factor: float | Floats) -> None:
        """factor · X of some units into rows."""
        b = self.builder
        b.enter(rows, self.totals[units], factor)
        if len(self.under):
            b.enter(rows, self.under[units], -np.asarray(factor))
            b.constant(rows, factor * self.at[units])

    def values(self, columns: Floats) -> Floats:
        """X of a solution, shape (units,)."""
        if not len(self.under):
            return columns[self.totals]
        values: Floats = self.at + columns[self.totals] - columns[self.under]
        return values

    def deviation(self, target: Floats, keep: Ints) -> Ints:
        """Columns that carry |X − target| for the units ``keep``: over, then under."""
        b = self.builder
        rows = b.rows(len(keep), target[keep], target[keep])
        over, under = b.columns(len(keep)), b.columns(len(keep))
        self.enter(rows, keep, 1.0)
        b.enter(rows, over, -1.0)
        b.enter(rows, under, 1.0)
        return np.concatenate((over, under))

    def largest_load(self, entitlement: Floats) -> Ints:
        """The column that carries max X[m]/e[m] over those with an entitlement."""
        b = self.builder
        entitled = np.flatnonzero(entitlement > 0)
        load = b.columns(1)
        rows = b.rows(len(entitled), -np.inf, 0.0)
        self.enter(rows, entitled, 1.0)
        b.enter(rows, np.full(len(entitled), load[0]), -entitlement[entitled])
        return load


def reduce(problem: Problem, *, unplaced: bool = False, around: Floats | None = None) -> Reduced:
    """The reduced program of a problem whose lots are settled.

    With ``unplaced`` some may be left without a place, by two columns more: of all persons, and of
    minors among them. ``around`` (units,) is a target that totals are written around, nan where
    there is none.
    """
    total, minors = problem.box("total", soft=False), problem.box("minors", soft=False)
    county = problem.box("county", soft=False)
    size = len(problem.units)
    b = Builder()
    every, nobody = np.arange(size), np.zeros(0, dtype=np.int64)
    upper = np.minimum(total.upper, problem.persons)
    if around is None:
        at, under = np.zeros(size), nobody
        x = b.columns(size, lower=total.lower, upper=upper)
    else:
        at = np.clip(np.where(np.isnan(around), total.lower, around), total.lower, upper)
        x, under = b.columns(size, upper=upper - at), b.columns(size, upper=at - total.lower)
    gives: tuple[Give, ...] = ()
    counties = Limits(problem.units.county_of, county.lower, county.upper)
    made = Reduced(b, x, at, under, nobody, total.lower, upper, gives, {}, counties, nobody)
    everyone = b.rows(1, problem.persons, problem.persons)
    made.enter(np.repeat(everyone, size), every, 1.0)
    sums, e = [everyone], nobody
    if problem.minors:
        e = b.columns(size, lower=minors.lower, upper=most_minors(problem, upper))
        sums.append(b.sum_row(e, problem.minors, problem.minors))
        inside = np.flatnonzero(leaning(problem))
        rows = b.rows(len(inside), 0.0, np.inf)
        made.enter(rows, inside, 1.0)
        b.enter(rows, e[inside], -1.0)

    def enter(rows: Ints, measure: str, units: Ints, factor: float | Floats) -> None:
        if measure == "total":
            made.enter(rows, units, factor)
        elif len(e):
            b.enter(rows, e[units], factor)

    gives, county_rows = limit_rows(b, problem, enter)
    left = unplaced_columns(b, problem, sums) if unplaced else nobody
    return replace(made, minors=e, gives=gives, county_rows=county_rows, unplaced=left)


def leaning(problem: Problem) -> npt.NDArray[np.bool_]:
    """Whose minors only their total holds (units,): no hard share keeps them well inside it."""
    leans = np.ones(len(problem.units), dtype=bool)
    for bound in problem.of_measure("share"):
        if bound.hard and problem.minors_share <= 1:
            leans[bound.index[bound.upper <= 0]] = False
    return leans


def most_minors(problem: Problem, most: Floats) -> Floats:
    """The most minors each may have (units,) where totals are at most ``most``."""
    room = np.minimum(problem.box("minors", soft=False).upper, problem.minors)
    for bound in problem.of_measure("share"):
        if bound.hard:
            allowed = problem.minors_share * most[bound.index] + bound.upper
            room[bound.index] = np.minimum(room[bound.index], allowed)
    return room


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
            if measure == "total":
                county_rows.update(zip(bound.index.tolist(), rows.tolist(), strict=True))
            row_of = np.full(len(problem.counties), -1)
            row_of[bound.index] = rows
            row = row_of[problem.units.county_of]
            inside = np.flatnonzero(row >= 0)
            enter(row[inside], measure, inside, 1.0)
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
