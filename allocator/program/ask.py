"""Who is asked at all, where nobody may be asked for fewer than a lot.

x[m] = 0 or x[m] ≥ lot makes the choice a mixed-integer program. It minimises the sum of relative
deviations from the key, Σ |x[m] − e[m]| / e[m] (each municipality counts alike), for the total and
for the minors, and is solved to gap 0. Roughly: who is entitled to half a lot or more is asked.

It is written with the number split at its best allowed place b = clip(e, lot, most):

    x = b·y + over − under,   0 ≤ over ≤ (most − b)·y,   0 ≤ under ≤ (b − lot)·y

so that the linear relaxation of one municipality is the convex hull of {0} ∪ [lot, most], and only
the few sums that tie municipalities together can leave a fraction to branch on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from allocator.program.problem import Bound, Floats, Ints, Lots, Measure, Problem
from allocator.program.solver import Answer, Engine, Matrix

__all__ = ["choose", "with_asked"]

Mask = npt.NDArray[np.bool_]

# Below a hundredth of a person an entitlement is as good as none.
_LEAST = 0.01


def choose(problem: Problem, *, time_limit: float | None = None) -> tuple[Problem, Answer | None]:
    """The problem with its lots settled into bounds, and the answer that settled them.

    The answer is None where nothing was to be chosen; it is not optimal where no choice works or
    time ran out.
    """
    if not (problem.lots.choose or problem.lots.choose_minors):
        return problem, None
    size = len(problem.units)
    answer = Engine(_matrix(problem), presolve=True).solve(time_limit=time_limit)
    if not answer.optimal:
        return problem, answer
    asked, takes = answer.columns[:size] > 0.5, answer.columns[3 * size : 4 * size] > 0.5
    return with_asked(problem, asked, takes), answer


def with_asked(problem: Problem, asked: Mask, takes_minors: Mask) -> Problem:
    """The problem in which exactly these are asked, as bounds of the family ``lot``."""
    lots, bounds = problem.lots, list(problem.bounds)
    for measure, chooses, lot, chosen in (
        ("total", lots.choose, lots.persons, asked),
        ("minors", lots.choose_minors, lots.minors, takes_minors),
    ):
        if chooses:
            lower, upper = np.where(chosen, lot, 0.0), np.where(chosen, np.inf, 0.0)
            keep = ~_locked(problem, measure)  # type: ignore[arg-type]
            bounds.append(Bound.make("lot", measure, lower, upper, keep=keep))  # type: ignore[arg-type]
    return replace(problem, bounds=tuple(bounds), lots=Lots(lots.persons, lots.minors))


def _locked(problem: Problem, measure: Measure) -> Mask:
    """Locked and exempt numbers stand as they are, whatever the lot."""
    locked = np.zeros(len(problem.units), dtype=bool)
    for bound in problem.of_measure(measure):
        if bound.family in ("lock", "exempt"):
            locked[bound.index] = True
    return locked


@dataclass(frozen=True, slots=True)
class _Part:
    """One measure's columns – y, over, under for each unit – and what x is made of."""

    base: Floats
    cost: Floats
    least_y: Floats
    most_y: Floats
    over: Floats
    under: Floats

    def x(self, first: int, unit: Ints, factor: float) -> tuple[Ints, Floats]:
        """Columns and values of factor · x for some units."""
        size = len(self.base)
        ones = np.full(len(unit), factor)
        columns = np.concatenate((unit, unit + size, unit + 2 * size)) + first
        return columns, np.concatenate((factor * self.base[unit], ones, -ones))


def _part(problem: Problem, measure: Measure, need: int, entitlement: Floats) -> _Part:
    """The columns of totals or of minors."""
    minors = measure == "minors"
    chooses = problem.lots.choose_minors if minors else problem.lots.choose
    lot = problem.lots.minors if minors else problem.lots.persons
    box = problem.box(measure)
    most = np.minimum(box.upper, need)
    free = chooses & ~_locked(problem, measure) & (box.lower <= 0)
    least = np.where(chooses & ~_locked(problem, measure), np.maximum(lot, box.lower), box.lower)
    can = most >= np.maximum(least, 1)
    base = np.clip(entitlement, least, np.maximum(least, most))
    weight = 1 / np.maximum(entitlement, _LEAST)
    return _Part(
        base=np.where(can, base, 0.0),
        cost=np.concatenate((weight * (np.abs(base - entitlement) - entitlement), weight, weight)),
        least_y=np.where(free | ~can, 0.0, 1.0),
        most_y=np.where(can, 1.0, 0.0),
        over=np.where(can, most - base, 0.0),
        under=np.where(can, base - least, 0.0),
    )


def _matrix(problem: Problem) -> Matrix:
    size = len(problem.units)
    unit = np.arange(size)
    parts = [
        (_part(problem, "total", problem.persons, problem.entitlement), 0),
        (_part(problem, "minors", problem.minors, problem.entitlement_minors), 3 * size),
    ]
    entries: list[tuple[Ints, Ints, Floats]] = []
    lower: list[Floats] = []
    upper: list[Floats] = []

    def rows(count: int, low: float | Floats, high: float | Floats) -> Ints:
        start = sum(map(len, lower))
        lower.append(np.broadcast_to(low, count).astype(float))
        upper.append(np.broadcast_to(high, count).astype(float))
        return np.arange(start, start + count)

    def each(part: _Part, first: int, row: Ints, units: Ints, factor: float) -> None:
        columns, values = part.x(first, units, factor)
        entries.append((np.tile(row, 3), columns, values))

    def together(part: _Part, first: int, units: Ints, low: float, high: float) -> None:
        columns, values = part.x(first, units, 1.0)
        entries.append((np.repeat(rows(1, low, high), len(columns)), columns, values))

    for part, first in parts:
        for offset, room in ((1, part.over), (2, part.under)):
            row = rows(size, -np.inf, 0.0)
            entries.append((row, unit + first + offset * size, np.ones(size)))
            entries.append((row, unit + first, -room))
    (total, at_total), (minors, at_minors) = parts
    together(total, at_total, unit, problem.persons, problem.persons)
    together(minors, at_minors, unit, problem.minors, problem.minors)
    county = problem.box("county")
    for place in np.flatnonzero((county.lower > 0) | np.isfinite(county.upper)):
        inside = np.flatnonzero(problem.units.county_of == place)
        together(total, at_total, inside, county.lower[place], county.upper[place])
    within = [(unit, 1.0)] + [(b.index, problem.minors_share) for b in problem.of_measure("share")]
    for units, share in within if problem.minors else []:
        row = rows(len(units), 0.0, np.inf)
        each(total, at_total, row, units, share)
        each(minors, at_minors, row, units, -1.0)
    row, column, value = (np.concatenate(part) for part in zip(*entries, strict=True))
    kept = value != 0
    return Matrix.from_triples(
        np.concatenate([part.cost for part, _ in parts]),
        np.concatenate([np.concatenate((p.least_y, np.zeros(2 * size))) for p, _ in parts]),
        np.concatenate([np.concatenate((p.most_y, p.over, p.under)) for p, _ in parts]),
        np.concatenate(lower),
        np.concatenate(upper),
        row[kept],
        column[kept],
        value[kept],
        np.tile(np.repeat([True, False], (size, 2 * size)), 2),
    )
