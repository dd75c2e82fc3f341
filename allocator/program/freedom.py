"""How far each total can be moved while everyone's relative load stays near the even one.

For each unit the least and the most of X[m] over all X that keep every hard limit and every total,
and |X[j] − t[j]| ≤ ε · e[j] for all j, where t are the totals in fractions that the goals gave.
It is the near-optimal space of a goal, looked at along each axis (Brill 1979,
doi:10.1287/mnsc.25.5.413); ε is in units of relative load, X/e.

Who is asked stands as it does in t. Where totals are nested the answer is a closed form; where
minors, ties between years or limits that gave way couple them, two linear programs a unit tell it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocator.program.even import least_given
from allocator.program.problem import Floats, Problem
from allocator.program.reduced import reduce
from allocator.program.room import limits_with_minors, minors_fit
from allocator.program.solver import Engine, SolverError

__all__ = ["freedom", "freedom_by_programs"]


def freedom(problem: Problem, target: Floats, eps: float) -> tuple[Floats, Floats]:
    """The least and the most of each total within ``eps``, both (units,), in fractions of persons.

    ``problem`` is a solution's own, with its lots settled, and ``target`` its totals in fractions.

    >>> from allocator.program.examples import three
    >>> from allocator.program.goals import solve
    >>> made = solve(three())
    >>> least, most = freedom(made.problem, made.target, 0.1)
    >>> made.target.round(1).tolist(), least.round(1).tolist(), most.round(1).tolist()
    ([89.7, 3.8, 6.4], [88.7, 3.5, 5.8], [90.8, 4.2, 7.1])
    """
    given = least_given(problem)
    if given > 0 or problem.links:
        return freedom_by_programs(problem, target, eps)
    hard = problem.all_hard
    low, high = _near(hard, target, eps)
    if not minors_fit(hard, low):
        return freedom_by_programs(problem, target, eps)
    county_of, sums = hard.units.county_of, hard.box("county")
    low_in, high_in = hard.by_county(low), hard.by_county(high)
    least_in, most_in = np.maximum(sums.lower, low_in), np.minimum(sums.upper, high_in)
    need = float(hard.persons)
    # What a county can have at most is what the others leave it at their least; and so downwards.
    can = np.minimum(most_in, need - (least_in.sum() - least_in))
    must = np.maximum(least_in, need - (most_in.sum() - most_in))
    most = np.minimum(high, can[county_of] - (low_in[county_of] - low))
    least = np.maximum(low, must[county_of] - (high_in[county_of] - high))
    return np.minimum(least, target), np.maximum(most, target)


def freedom_by_programs(problem: Problem, target: Floats, eps: float) -> tuple[Floats, Floats]:
    """The same by two linear programs for each unit, warm, whatever couples the totals."""
    given = least_given(problem)
    problem = problem if given > 0 else problem.all_hard
    reduced = reduce(problem)
    if reduced.gives:
        reduced.builder.sum_row(reduced.given, -np.inf, given + 1e-7 * (1 + given))
    matrix = reduced.builder.matrix()
    low, high = _near(problem, target, eps, soft=False)
    lower, upper = matrix.col_lower.copy(), matrix.col_upper.copy()
    lower[reduced.totals], upper[reduced.totals] = low, high
    engine = Engine(replace(matrix, col_lower=lower, col_upper=upper))
    least, most = target.copy(), target.copy()
    for place in np.flatnonzero(high - low > 1e-9).tolist():
        costs = np.zeros(len(matrix.cost))
        for sign, found in ((1.0, least), (-1.0, most)):
            costs[reduced.totals[place]] = sign
            engine.set_costs(costs)
            answer = engine.solve()
            if not answer.optimal:
                raise SolverError(f"a freedom band ended {answer.status}")
            found[place] = sign * answer.objective
    return np.minimum(least, target), np.maximum(most, target)


def _near(
    problem: Problem, target: Floats, eps: float, *, soft: bool = True
) -> tuple[Floats, Floats]:
    """Each total's own limits: those of its families, and ``eps`` about its even level."""
    box = limits_with_minors(problem) if soft else problem.box("total", soft=False)
    reach = eps * np.maximum(problem.entitlement, 0.0)
    low = np.minimum(np.maximum(box.lower, target - reach), target)
    return np.maximum(low, 0.0), np.maximum(np.minimum(box.upper, target + reach), target)
