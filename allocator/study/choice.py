"""Who changes: the fewest municipalities whose numbers must move, by mixed-integer programming.

    min Σ w[m]   with   x[m] = h[m] + u[m] − d[m],   u[m] ≤ U[m]·w[m],   d[m] ≤ D[m]·w[m],
    Σ x[m] = N, the same for the minors among them, and no more minors than their share of x[m].

h is what stands, and every x is within the limits of the problem. Whoever was not asked (h = 0), or
not for minors, can weigh more than all others, so that as few as can be are asked anew. Solved on
HiGHS to gap 0. Of all sets of that weight the one is taken whose ranks sum to the least: first who
carries most of its entitlement when the need falls, least when it rises, who was not asked after
all who were; equals by code.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allocator.program.builder import Builder
from allocator.program.problem import Floats, Ints, Problem
from allocator.program.solver import Engine

__all__ = ["Chosen", "fewest"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Chosen:
    """Whose total and whose minors change, (units,)."""

    total: npt.NDArray[np.bool_]
    minors: npt.NDArray[np.bool_]

    @property
    def count(self) -> int:
        """How many municipalities change."""
        return int((self.total | self.minors).sum())


def fewest(
    problem: Problem, stands: Ints, minors: Ints, *, anew_last: bool = False
) -> Chosen | None:
    """The fewest that must change so that ``stands`` (units,) meets the problem; None where nothing
    does. ``minors`` (units,) are those among them; with ``anew_last`` as few as can be are asked
    anew, and then the fewest change.

    >>> from allocator.program.examples import three
    >>> found = fewest(three(need=(90, 20)), np.array([60, 20, 20]), np.array([10, 5, 5]))
    >>> found.count, found.total.tolist()  # 10 more: those who carry least of their entitlement
    (1, [True, False, False])
    """
    box, inner = problem.box("total"), problem.box("minors")
    lot = problem.lots.persons if problem.lots.choose else 0
    least = np.maximum(box.lower, np.where((stands >= lot) & (box.upper >= lot), lot, 0))
    build, size = Builder(), len(stands)
    heavy = float(size + 1) if anew_last else 0.0
    weight = 1.0 + heavy * (stands == 0)
    moved = build.columns(size, cost=weight, upper=1.0, integer=True)
    total = _moves(build, moved, stands, least, box.upper, problem.persons)
    rows = build.rows(size, 0.0, np.inf)  # who is asked anew is asked for a lot
    build.enter(rows, total[0], 1.0)
    build.enter(rows, moved, np.where(stands == 0, -float(max(problem.lots.persons, 1)), 0.0))
    weight_em = heavy * ((minors == 0) & (stands > 0))
    of_minors = build.columns(size, cost=weight_em, upper=1.0, integer=True)
    rows = build.rows(size, 0.0, np.inf)  # minors that change are a change
    build.enter(rows, moved, 1.0)
    build.enter(rows, of_minors, -1.0)
    em = _moves(build, of_minors, minors, inner.lower, inner.upper, problem.minors)
    _lots(build, em, minors, problem)
    share = problem.minors_share
    rows = build.rows(size, minors - share * stands, np.inf)
    for (up, down), value in ((total, share), (em, -1.0)):
        build.enter(rows, up, value)
        build.enter(rows, down, -value)
    first = Engine(build.matrix(), presolve=True).solve()
    if not first.optimal:
        return None
    both, weights = np.concatenate((moved, of_minors)), np.concatenate((weight, weight_em))
    best = float(round(float(weights @ first.columns[both])))
    build.sum_row(both, best, best, weights)
    matrix = build.matrix()
    cost = np.zeros(len(matrix.cost))
    cost[moved] = _ranks(problem, stands)
    cost[of_minors] = 1e-3
    engine = Engine(matrix, presolve=True)
    engine.set_costs(cost)
    found = engine.solve().columns
    (up, down), (em_up, em_down) = total, em
    return Chosen(
        np.rint(found[up] - found[down]) != 0, np.rint(found[em_up] - found[em_down]) != 0
    )


def _moves(
    build: Builder, moved: Ints, stands: Ints, lower: Floats, upper: Floats, need: int
) -> tuple[Ints, Ints]:
    """Columns of what goes up and down from what stands, only where it is moved; to the need."""
    size = len(stands)
    top = np.minimum(upper, max(need, int(stands.max(initial=0))))
    rise, fall = np.maximum(top - stands, 0.0), np.maximum(stands - lower, 0.0)
    up = build.columns(size, lower=np.clip(lower - stands, 0, rise), upper=rise, integer=True)
    down = build.columns(size, lower=np.clip(stands - top, 0, fall), upper=fall, integer=True)
    for columns, most in ((up, rise), (down, fall)):
        rows = build.rows(size, -np.inf, 0.0)
        build.enter(rows, columns, 1.0)
        build.enter(rows, moved, -most)
    both = np.concatenate((up, down))
    signs = np.concatenate((np.ones(size), -np.ones(size)))
    change = float(need - int(stands.sum()))
    build.sum_row(both, change, change, signs)
    return up, down


def _lots(build: Builder, moves: tuple[Ints, Ints], minors: Ints, problem: Problem) -> None:
    """No minors, or at least their lot; whoever stands below it already may stay there."""
    lot = problem.lots.minors if problem.lots.choose_minors else 0
    here = np.flatnonzero((minors == 0) | (minors >= lot))
    if lot < 2 or not len(here):
        return
    some = build.columns(len(here), upper=1.0, integer=True)
    least = build.rows(len(here), -minors[here].astype(float), np.inf)
    most = build.rows(len(here), -np.inf, -minors[here].astype(float))
    top = float(max(problem.minors, int(minors.max(initial=0))))
    for rows, much in ((least, lot), (most, top)):
        for columns, sign in zip(moves, (1.0, -1.0), strict=True):
            build.enter(rows, columns[here], sign)
        build.enter(rows, some, -float(much))


def _ranks(problem: Problem, stands: Ints) -> Floats:
    """0, 1, 2 … in the order in which municipalities are chosen among sets of one size."""
    entitled = np.maximum(problem.entitlement, 1e-9)
    load = np.round(stands / entitled, 9)
    falls = problem.persons < int(stands.sum())
    order = np.lexsort((np.arange(len(stands)), -load if falls else load, stands == 0))
    ranks = np.empty(len(stands))
    ranks[order] = np.arange(len(stands))
    return ranks
