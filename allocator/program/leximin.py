"""Leximin where totals are not nested: raise the lowest relative load, fix it, raise the next.

At a level t every unit still free is owed d[m](t) = clip(t·w[m], lower[m], upper[m]). One linear
program minimises the shortage Σ max(0, d − X). If somebody is short, its duals π are a cut that
every allocation obeys, Σ π·X ≤ R, and the level falls to where Σ π·d(t) = R – solved exactly, as a
water level. When nobody is short the last cut is tight, so each unit in it has what it can get and
is fixed. Only row bounds change, so one warm program serves all rounds (Newton's method on the
level; Megiddo 1974, doi:10.1007/BF01585506; Radzik 1993, doi:10.1007/978-1-4757-3023-4_3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allocator.program.fill import level
from allocator.program.problem import Floats
from allocator.program.reduced import Reduced
from allocator.program.solver import Engine, SolverError

__all__ = ["Leximin", "leximin"]

_SHORT = 1e-7
_IN_CUT = 1e-7


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Leximin:
    """The leximin totals, and how many linear programs it took."""

    totals: Floats
    programs: int


def leximin(reduced: Reduced, weight: Floats) -> Leximin:
    """The totals that are leximin in X[m]/weight[m] over the reduced program.

    ``weight`` (units,) is positive. Raises :class:`SolverError` if the program has no solution;
    feasibility is the caller's to have checked.
    """
    b, lower, upper = reduced.builder, reduced.lower, reduced.upper
    size = len(weight)
    short = b.columns(size, cost=1.0)
    owed = b.rows(size, lower, np.inf)
    b.enter(owed, reduced.totals, 1.0)
    b.enter(owed, short, 1.0)
    matrix = b.matrix()
    costs = np.zeros(len(matrix.cost))
    costs[short] = 1.0
    engine = Engine(matrix)
    engine.set_costs(costs)
    fixed, free = np.zeros(size), np.ones(size, dtype=bool)
    endless = np.full(size, np.inf)
    programs, cut = 0, np.ones(size)
    reach = float(matrix.row_upper[0])  # the first row is Σ X = all persons: the first cut

    def due(t: float) -> Floats:
        return np.where(free, np.clip(t * weight, lower, upper), fixed)

    t = _level(cut, reach, weight, lower, upper, fixed, free)
    while True:
        owing = due(t)
        engine.set_row_bounds(owed.astype(np.int32), owing, endless)
        answer = engine.solve()
        programs += 1
        if not answer.optimal:
            raise SolverError(f"a leximin round ended {answer.status}")
        if answer.objective > _SHORT:
            cut = np.clip(answer.row_duals[owed], 0.0, 1.0)
            reach = float(cut @ owing) - answer.objective
            lowered = _level(cut, reach, weight, lower, upper, fixed, free)
            # A level that does not fall is rounding; take the cut as tight.
            if lowered < t * (1 - 1e-13):
                t = lowered
                continue
        in_cut = free & (cut > _IN_CUT)
        if not in_cut.any():  # a cut of rounding alone binds nobody; all stand where they are
            in_cut = free
        fixed, free = np.where(in_cut, owing, fixed), free & ~in_cut
        if not free.any():
            return Leximin(fixed, programs)
        # The others may rise together, up to what the nation has left for them.
        cut, reach = np.ones(size), float(matrix.row_upper[0])
        t = _level(cut, reach, weight, lower, upper, fixed, free)


def _level(
    cut: Floats,
    reach: float,
    weight: Floats,
    lower: Floats,
    upper: Floats,
    fixed: Floats,
    free: npt.NDArray[np.bool_],
) -> float:
    """The t at which Σ cut·d(t) = reach."""
    inside = free & (cut > _IN_CUT)
    rest = reach - float(cut[~free] @ fixed[~free])
    part = cut[inside]
    return level(part * weight[inside], part * lower[inside], part * upper[inside], rest)
