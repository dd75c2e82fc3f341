"""The linear program as arrays straight from numpy: what :mod:`linear` says, built fast.

Columns are x[m, g] unit by unit, then u[g], then what soft families give, then who is asked. Rows
are the need, then each family's bounds in the order of the problem, then the lots. The two builds
are tested equal row by row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.program.problem import Bound, Floats, Ints, Problem
from allocator.program.solver import Indices, Matrix

__all__ = ["Layout", "build", "layout"]


@dataclass(frozen=True, slots=True)
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
    at = layout(problem)
    rows = _Rows(problem, at)
    _need(rows)
    for bound in problem.bounds:
        _limits(rows, bound)
    _lots(rows)
    cost, upper = np.zeros(at.columns), np.full(at.columns, np.inf)
    cost[at.unplaced] = 1.0
    upper[at.unplaced] = problem.need
    upper[at.first_asked :] = 1.0
    integer = np.zeros(at.columns, dtype=bool)
    integer[at.first_asked :] = True
    return rows.matrix(cost, upper, integer), at


class _Rows:
    """Rows being gathered: limits, and (row, column, value) entries."""

    def __init__(self, problem: Problem, at: Layout) -> None:
        self.problem, self.at = problem, at
        self.lower: list[Floats] = []
        self.upper: list[Floats] = []
        self.entries: list[tuple[Ints, Ints, Floats]] = []
        self.count = 0
        self.given = 0

    def add(self, side: str, limit: Floats) -> Ints:
        """New rows of one side; their numbers."""
        infinite = np.full(len(limit), np.inf)
        self.lower.append(-infinite if side == "most" else limit)
        self.upper.append(infinite if side == "least" else limit)
        self.count += len(limit)
        return np.arange(self.count - len(limit), self.count)

    def enter(self, rows: Ints, columns: Ints, value: float | Floats) -> None:
        self.entries.append((rows, columns, np.broadcast_to(value, rows.shape).astype(float)))

    def give(self, rows: Ints, sign: float) -> None:
        """A new column for each row, by which its limit may give way."""
        columns = self.at.first_give + self.given + np.arange(len(rows))
        self.given += len(rows)
        self.enter(rows, columns, sign)

    def groups(self, measure: str) -> range:
        return range(1 if measure == "minors" else 0, self.at.groups)

    def matrix(self, cost: Floats, upper: Floats, integer: np.ndarray) -> Matrix:
        rows, columns, values = (np.concatenate(part) for part in zip(*self.entries, strict=True))
        keep = values != 0
        return Matrix.from_triples(
            cost,
            np.zeros(len(cost)),
            upper,
            np.concatenate(self.lower),
            np.concatenate(self.upper),
            rows[keep],
            columns[keep],
            values[keep],
            integer if integer.any() else None,
        )


def _need(rows: _Rows) -> None:
    units = np.arange(rows.at.units)
    for group, need in enumerate(rows.problem.need.tolist()):
        (row,) = rows.add("equal", np.array([float(need)]))
        rows.enter(np.full(len(units), row), rows.at.x(units, group), 1.0)
        rows.enter(np.array([row]), rows.at.unplaced[[group]], 1.0)


def _limits(rows: _Rows, bound: Bound) -> None:
    """One family's rows on a measure: totals, minors, counties, or the share of minors."""
    for side, places, limit in sides(bound):
        new = rows.add(side, limit)
        unit, row = bound.index[places], new
        if bound.measure == "county":
            order = np.argsort(rows.problem.units.county_of, kind="stable")
            county = rows.problem.units.county_of[order]
            where = np.full(len(rows.problem.counties), -1)
            where[unit] = new
            inside = where[county] >= 0
            unit, row = order[inside], where[county[inside]]
        for group in rows.groups(bound.measure):
            value = 1.0
            if bound.measure == "share":
                value = float(group > 0) - rows.problem.minors_share
            rows.enter(row, rows.at.x(unit, group), value)
        if not bound.hard:
            if side in ("equal", "least"):
                rows.give(new, 1.0)
            if side in ("equal", "most"):
                rows.give(new, -1.0)


def _lots(rows: _Rows) -> None:
    """x[m] = 0 or x[m] ≥ lot, through y[m] ∈ {0, 1}; likewise for minors."""
    lots, need = rows.problem.lots, rows.problem
    for units, first, lot, most, measure in (
        (rows.at.asked, rows.at.first_asked, lots.persons, need.persons, "total"),
        (rows.at.takes_minors, rows.at.first_takes, lots.minors, need.minors, "minors"),
    ):
        if not len(units):
            continue
        zero = np.zeros(len(units))
        for side, factor in (("least", lot), ("most", most)):
            new = rows.add(side, zero)
            for group in rows.groups(measure):
                rows.enter(new, rows.at.x(units, group), 1.0)
            rows.enter(new, first + np.arange(len(units)), -float(factor))


def int32(values: Ints) -> Indices:
    """Column numbers as HiGHS takes them."""
    return values.astype(np.int32)
