"""Row duals of programs as the multipliers that a certificate states, by what each row holds."""

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from allocator.program.even import first_goal
from allocator.program.leximin import Cut, leximin
from allocator.program.problem import Floats, Problem
from allocator.program.reduced import leaning, reduce
from allocator.program.room import weights
from allocator.program.squares import least_squares

__all__ = [
    "LimitPrices",
    "Numbers",
    "evened",
    "limit_prices",
    "numbers",
    "sum_prices",
    "tied_prices",
]

Numbers = list[int | float | None]
LimitPrices = tuple[Floats, dict[int, float], dict[int, float], list[float]]
_TIGHT = 1e-3  # persons; what is left of a sum that is further from being passed holds nobody


def numbers(values: npt.NDArray[Any]) -> Numbers:
    """Whole numbers as such, others as the doubles they are, None for what is not finite."""
    return [
        (int(value) if value == int(value) else value) if isfinite(value) else None
        for value in values.tolist()
    ]


def evened(problem: Problem, target: Floats) -> dict[str, Any]:
    """Evenness that a program has found: the row duals that show that there is none better."""
    problem = problem.all_hard
    stage: dict[str, Any] = {
        "reason": "",
        "measure": problem.goals.even,
        "totals": numbers(target),
    }
    if problem.goals.even == "leximin":
        weight = weights(problem.entitlement, problem.units.population)
        cuts = leximin(reduce(problem), weight).cuts
        tight = [cut for cut in cuts if cut.reach - float(cut.part @ target) < _TIGHT]
        held = [{"parts": _parts(cut), "prices": _prices_of(problem, cut)} for cut in tight]
        return {**stage, "weights": numbers(weight), "cuts": held}
    if problem.goals.even == "l2":
        _, duals = least_squares(reduce(problem), problem.entitlement)
    else:
        duals = first_goal(problem).row_duals
    return {**stage, "prices": _row_prices(problem, duals)}


def _parts(cut: Cut) -> list[list[int | float | None]]:
    """Who is in it, each with its part."""
    inside = np.flatnonzero(cut.part > 0)
    return [
        [unit, part] for unit, part in zip(inside.tolist(), numbers(cut.part[inside]), strict=True)
    ]


def _prices_of(problem: Problem, cut: Cut) -> dict[str, Any]:
    if cut.duals is not None:
        return _row_prices(problem, cut.duals)
    counties = {} if cut.counties is None else dict(enumerate(cut.counties.tolist()))
    nothing = np.zeros(len(problem.units))
    links: list[float] = [0] * len(problem.links)
    limits = nothing, counties, dict[int, float](), links
    return tied_prices(problem, (cut.nation, 0.0), limits, nothing)


def _row_prices(problem: Problem, duals: Floats) -> dict[str, Any]:
    """The duals of a reduced program's rows, as prices of what they hold."""
    size, minors = len(problem.units), bool(problem.minors)
    leans = np.flatnonzero(leaning(problem.all_hard)) if minors else np.zeros(0, dtype=np.int64)
    of_limits = 1 + int(minors) + len(leans)
    inside, loads = np.zeros(size), np.zeros(size)
    inside[leans] = duals[1 + int(minors) : of_limits]
    entitled = np.flatnonzero(problem.entitlement > 0)
    if problem.goals.even == "minimax":
        loads[entitled] = -duals[len(duals) - len(entitled) :]
    nation = float(duals[0]), float(duals[1]) if minors else 0.0
    limits = limit_prices(problem, of_limits, duals)
    return {
        **tied_prices(problem, nation, limits, inside),
        **({"loads": numbers(np.maximum(loads, 0.0))} if loads.any() else {}),
    }


def tied_prices(
    problem: Problem, nation: tuple[float, float], limits: LimitPrices, inside: Floats
) -> dict[str, Any]:
    """The prices of what ties totals and minors: of the nation's sums of both, of limits, and of
    the minors who must be inside each total."""
    shares, counties, of_minors, links = limits
    return {
        **sum_prices(nation[0], counties, problem),
        "minors": sum_prices(nation[1], of_minors, problem),
        **({"links": links} if links else {}),
        "inside": numbers(np.maximum(inside, 0.0)),
        "share": numbers(shares),
    }


def sum_prices(nation: float, counties: dict[int, float], problem: Problem) -> dict[str, Any]:
    """The prices of the nation's total and of the counties' limits."""
    size = range(len(problem.counties))
    return {"nation": float(nation), "counties": [float(counties.get(c, 0.0)) for c in size]}


def limit_prices(placed: Problem, row: int, duals: Floats) -> LimitPrices:
    """Duals of the rows of limits, from ``row`` on: of shares (as prices ≥ 0, by unit), of
    counties, of their minors, and of links."""
    shares, counties, of_minors = (
        np.zeros(len(placed.units)),
        dict[int, float](),
        dict[int, float](),
    )
    for bound in placed.bounds:
        if bound.measure in ("total", "minors"):
            continue
        if bound.measure in ("share", "county_minors") and not placed.minors:
            continue
        here = duals[row : row + len(bound.index)]
        row += len(bound.index)
        if bound.measure == "share":
            shares[bound.index] -= here
        else:
            prices = counties if bound.measure == "county" else of_minors
            for place, dual in zip(bound.index.tolist(), here.tolist(), strict=True):
                prices[place] = prices.get(place, 0.0) + dual
    links = duals[row : row + len(placed.links)].tolist()
    return np.maximum(shares, 0.0), counties, of_minors, links
