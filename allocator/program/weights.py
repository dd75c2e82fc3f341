r"""The weights of a key that best explain given numbers, and how far the numbers pin them down.

With G[m, p] the persons criterion *p* alone would give unit *m*, and a[m] the actual numbers,

    min  Σ_m c[m] · |a[m] − Σ_p w_p G[m, p]|      w ≥ 0, Σ_p w_p = 1

is a linear program once the deviation is split into what is over and what is under. Least absolute
deviations are what overlap counts, and are not pulled about by the largest cities as least squares
are (Koenker & Bassett 1978, doi 10.2307/1913643). The interval of a weight is the range it has
among all weights whose sum of deviations is at most ``slack`` above the least: two more programs a
weight, on the same rows. It is no confidence interval: it says what the numbers leave open.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.program.problem import Floats
from allocator.program.solver import Answer, Engine, Matrix, SolverError

__all__ = ["Weights", "best_weights"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Weights:
    """Weights (criteria,) summing to 1, with the least and most each can be; ``error`` is least.

    ``low`` and ``high`` are the weights themselves where no interval was asked for.
    """

    values: Floats
    error: float
    low: Floats
    high: Floats


def best_weights(
    given: Floats, actual: Floats, *, cost: Floats | None = None, slack: float | None = None
) -> Weights:
    """The weights that explain ``actual`` (units,) best from ``given`` (units, criteria).

    ``cost`` (units,) is what a person of deviation counts, 1 by default; ``slack`` is in the unit
    of the sum of deviations, None for no intervals.

    >>> given = np.array([[80.0, 20.0], [20.0, 80.0]])
    >>> found = best_weights(given, np.array([65.0, 35.0]), slack=6.0)
    >>> found.values.round(6).tolist(), round(found.error, 6)
    ([0.75, 0.25], 0.0)
    >>> found.low.round(6).tolist(), found.high.round(6).tolist()
    ([0.7, 0.2], [0.8, 0.3])
    """
    units, criteria = given.shape
    each = np.ones(units) if cost is None else cost
    given, actual = given * each[:, None], actual * each
    values = _best(given, actual)
    error = float(np.abs(actual - given @ values).sum())
    if slack is None:
        return Weights(values, error, values, values)
    engine = Engine(_within(given, actual, error + max(slack, 1e-9 * max(1.0, error))))
    ends = np.empty((2, criteria))
    for criterion in range(criteria):
        for end, sign in enumerate((1.0, -1.0)):
            goal = np.zeros(criteria + 2 * units)
            goal[criterion] = sign
            engine.set_costs(goal)
            ends[end, criterion] = _solved(engine).columns[criterion]
    inside = np.clip(ends, 0.0, 1.0)
    low, high = np.minimum(inside[0], values), np.maximum(inside[1], values)
    return Weights(values, error, low, high)


def _best(given: Floats, actual: Floats) -> Floats:
    """The best weights, as the prices of the dual's rows: max a·y − λ, Gᵀy ≤ λ, −1 ≤ y ≤ 1.

    It has a row for each criterion and a column with two bounds for each unit, so that thousands of
    units cost a tenth of what they cost as rows.
    """
    units, criteria = given.shape
    place = np.arange(criteria)
    answer = _solved(
        Engine(
            Matrix.from_triples(
                np.append(-actual, 1.0),
                np.append(np.full(units, -1.0), -np.inf),
                np.append(np.ones(units), np.inf),
                np.full(criteria, -np.inf),
                np.zeros(criteria),
                np.concatenate((np.repeat(place, units), place)),
                np.concatenate((np.tile(np.arange(units), criteria), np.full(criteria, units))),
                np.concatenate((given.T.ravel(), np.full(criteria, -1.0))),
            )
        )
    )
    prices = np.maximum(-answer.row_duals, 0.0)
    found: Floats = prices / prices.sum()
    return found


def _within(given: Floats, actual: Floats, limit: float) -> Matrix:
    """All weights whose sum of deviations is at most ``limit``.

    Columns: weights, under, over. Rows: one a unit, the sum of weights, the sum of deviations.
    """
    units, criteria = given.shape
    place, sizes = np.arange(units), criteria + 2 * units
    return Matrix.from_triples(
        np.zeros(sizes),
        np.zeros(sizes),
        np.full(sizes, np.inf),
        np.concatenate((actual, [1.0, -np.inf])),
        np.concatenate((actual, [1.0, limit])),
        np.concatenate(
            (
                np.repeat(place, criteria),
                *(place, place),
                np.full(criteria, units),
                np.full(2 * units, units + 1),
            )
        ),
        np.concatenate(
            (
                np.tile(np.arange(criteria), units),
                *(criteria + place, criteria + units + place),
                np.arange(criteria),
                criteria + np.arange(2 * units),
            )
        ),
        np.concatenate(
            (
                given.ravel(),
                *(np.ones(units), -np.ones(units)),
                np.ones(criteria),
                np.ones(2 * units),
            )
        ),
    )


def _solved(engine: Engine) -> Answer:
    """An optimal answer; there always is one: any one criterion alone is feasible."""
    answer = engine.solve()
    if not answer.optimal:
        raise SolverError(f"weights on the simplex ended as {answer.status}")
    return answer
