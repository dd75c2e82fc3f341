"""Least squares over a reduced program: min Σ (x − e)²/e, by tangents.

Under nested totals this is water-filling. Elsewhere each unit's parabola is approached from below
by its tangents: a linear program gives a lower bound and a feasible point, at which new tangents
are laid, until bound and value meet (Kelley 1960, doi:10.1137/0108053, one cut for each unit).
"""

from __future__ import annotations

import numpy as np

from allocator.program.problem import Floats
from allocator.program.reduced import Reduced
from allocator.program.solver import Engine, unsolved

__all__ = ["least_squares"]

_ROUNDS = 200
_GAP = 1e-9


def least_squares(reduced: Reduced, entitlement: Floats) -> tuple[Floats, Floats]:
    """The totals that minimise Σ (x − e)²/e; who is entitled to nothing counts as a hundredth. And
    the duals of the program's rows, which show that none are better.

    Raises :class:`SolverError` if the program has no solution.
    """
    b, x = reduced.builder, reduced.totals
    weight = np.maximum(entitlement, 0.01)
    height = b.columns(len(x))
    matrix = b.matrix()
    costs = np.zeros(len(matrix.cost))
    costs[height] = 1.0
    engine = Engine(matrix)
    engine.set_costs(costs)
    best, value, duals = entitlement, np.inf, np.zeros(0)
    short = np.ones(len(x), dtype=bool)
    at = np.clip(entitlement, reduced.lower, reduced.upper)
    for _ in range(_ROUNDS):
        # height ≥ f(at) + f'(at)·(x − at), which is slope·x − (at² − e²)/e.
        slope = 2 * (at - weight) / weight
        engine.add_rows(
            ((weight**2 - at**2) / weight)[short],
            np.stack((height, x), axis=1)[short],
            np.stack((np.ones(len(x)), -slope), axis=1)[short],
        )
        answer = engine.solve()
        if not answer.optimal:
            raise unsolved("least squares", answer)
        at = answer.columns[x]
        parabola = (at - weight) ** 2 / weight
        here = float(parabola.sum())
        short = parabola > answer.columns[height] + _GAP * (1 + here) / len(x)
        duals = answer.row_duals[: len(matrix.row_lower)]
        if here < value:
            best, value = at, here
        if value - answer.objective <= _GAP * (1 + value):
            break
    return best, duals
