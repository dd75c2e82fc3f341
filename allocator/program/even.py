"""The totals in fractions of persons: the goals in order, the last freedom used for leximin.

Under nested totals every norm of unevenness has the leximin totals among its optima, and they are
water-filling. Where soft families give way, minors do not fit, or another goal comes first, the
goals are solved one after the other over the reduced program, each held on its optimal face while
the next is; what is then still free is made leximin, so the totals are unique whatever path the
solver takes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from allocator.program.fill import fill
from allocator.program.problem import Bound, Floats, Ints, Measure, Problem
from allocator.program.reduced import Reduced, reduce
from allocator.program.room import (
    everyone_fits,
    limits_with_minors,
    minors_fit,
    water_filled,
    weights,
)
from allocator.program.solver import Answer, Engine, NoRoomError, unsolved

__all__ = [
    "Evened",
    "best_alone",
    "entitled_first",
    "even_totals",
    "first_goal",
    "given_by",
    "goal_value",
    "least_given",
]

_HOLD = 1e-9
_PRICE = 1e-7


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Evened:
    """The totals in fractions of persons, and how many persons soft families gave."""

    totals: Floats
    programs: int
    given: float


def even_totals(problem: Problem) -> Evened:
    """Totals by the problem's goals after ``place``; the caller has checked that there are any."""
    problem = entitled_first(problem)
    given = least_given(problem)
    if given == 0:
        problem = problem.all_hard  # soft families that need not give way are as good as hard
        totals = _by_faces(problem)
        if totals is not None:
            return Evened(totals, 0, 0.0)
    from allocator.program.leximin import leximin
    from allocator.program.squares import least_squares

    best: dict[str, float] = {}
    for goal in _ordered(problem):
        if goal == "even" and problem.goals.even in ("leximin", "l2"):
            break
        best[goal] = _best(problem, given, best, goal)[1].objective
    reduced = _reduced(problem, given, best)
    if problem.goals.even == "l2":
        totals, _ = least_squares(reduced, problem.entitlement)
        return Evened(totals, 1, given)
    weight = weights(problem.entitlement, problem.units.population)
    found = leximin(reduced, weight, given=_above(given))
    return Evened(found.totals, found.programs, given)


def entitled_first(problem: Problem) -> Problem:
    """The problem in which who has no entitlement is asked for no more than must be.

    The largest load is over those with an entitlement only: a program would else bring it down by
    asking the others for everything. Where they are needed to place everyone, it stays as it is.
    """
    without = np.flatnonzero(problem.entitlement <= 0)
    minimax = problem.goals.even == "minimax" and _ordered(problem)[:1] == ["even"]
    if not (minimax and len(without)):
        return problem
    least = limits_with_minors(problem).lower[without]
    held = _with(problem, [Bound("held", "total", without, np.zeros(len(without)), least)])
    fits = everyone_fits(held) or Engine(reduce(held).builder.matrix()).solve().optimal
    return held if fits else problem


def _ordered(problem: Problem) -> list[str]:
    """The goals after ``place``, in order."""
    return [goal for goal in problem.goals.order if goal != "place"]


def _by_faces(problem: Problem) -> Floats | None:
    """Water-filling on the optimal faces of the goals one after the other, if it reaches them all.

    A face is known here by bounds alone, so what is left may be a little larger than the face, and
    the best of a goal on it a little better than can be. Totals that reach the best of every goal
    on it, and have room for the minors, are then optimal; if they do not, None.
    """
    held, best = problem, dict[str, float]()
    goals = _ordered(problem)
    for goal in goals:
        # Leximin totals are among the best by every norm, so the last goal needs no program.
        if goal == "even" and (problem.goals.even in ("leximin", "l2") or goal == goals[-1]):
            break
        if held is problem:
            lowest = limits_with_minors(problem).lower
            held = _with(problem, [_exact("total", lowest, np.full(len(lowest), np.inf))])
        try:
            faces, best[goal] = _best_face(held, goal)
        except NoRoomError:  # none for as many whole persons as hold the minors
            return None
        held = _with(held, faces)
    totals = water_filled(held)
    kept = all(goal_value(held, goal, totals)[0] <= _above(value) for goal, value in best.items())
    tied = all(link.holds(totals) for link in problem.links)
    if not (kept and tied and minors_fit(problem, totals)):
        return None
    placed = abs(float(totals.sum()) - problem.persons) < 1e-6
    return totals if placed else None


def _with(problem: Problem, bounds: list[Bound]) -> Problem:
    return replace(problem, bounds=(*problem.bounds, *bounds))


def best_alone(problem: Problem, goal: str) -> float:
    """What ``even`` or ``steady`` could reach if only ``place`` came before it."""
    if goal == "even" and problem.goals.even in ("leximin", "l2"):
        alone = replace(problem, goals=replace(problem.goals, order=("place", "even")))
        totals = even_totals(alone).totals
        entitled = problem.entitlement > 0
        if problem.goals.even == "l2":
            gap = (totals - problem.entitlement)[entitled]
            return float((gap**2 / problem.entitlement[entitled]).sum())
        load = totals[entitled & (totals > 0)] / problem.entitlement[entitled & (totals > 0)]
        return float(load.min(initial=np.inf))
    if goal == "steady":
        steadiest = _steadiest(problem)
        if steadiest is not None:
            return goal_value(problem, goal, steadiest)[0]
    if goal == "even":
        problem = entitled_first(problem)
    return _best(problem, least_given(problem), {}, goal)[1].objective


def _steadiest(problem: Problem) -> Floats | None:
    """Totals nearest to last year's where nothing but single limits holds them, or None.

    Everyone stands at last year's number, or the limit nearest to it; whoever has no number is
    free; the rest of the need is spread one way only, so that nobody moves for nothing.
    """
    box, known = limits_with_minors(problem), ~np.isnan(problem.last)
    tied = problem.links or any(
        bound.measure != "total" or not bound.hard
        for bound in problem.bounds
        if bound.measure not in ("minors", "share")
    )
    if tied or (box.lower > box.upper).any():
        return None
    at = np.clip(np.nan_to_num(problem.last), box.lower, box.upper)
    free_low, free_high = np.where(known, at, box.lower), np.where(known, at, box.upper)
    need, weight = float(problem.persons), np.maximum(problem.entitlement, 1.0)
    if need > free_high.sum():
        totals = fill(weight, free_high, box.upper, need)
    elif need < free_low.sum():
        totals = fill(weight, box.lower, free_low, need)
    else:
        totals = fill(weight, free_low, free_high, need)
    placed = abs(float(totals.sum()) - need) < 1e-6
    return totals if placed and minors_fit(problem, totals) else None


def _reduced(
    problem: Problem, given: float, best: dict[str, float], around: Floats | None = None
) -> Reduced:
    """The reduced program in which soft families give no more than they must, and every goal
    that was optimised before keeps its best."""
    reduced = reduce(problem, around=around)
    if reduced.gives:
        reduced.builder.sum_row(reduced.given, -np.inf, _above(given))
    for goal, value in best.items():
        reduced.builder.sum_row(_carriers(problem, reduced, goal), -np.inf, _above(value))
    return reduced


def _best(
    problem: Problem, given: float, best: dict[str, float], goal: str
) -> tuple[Reduced, Answer]:
    """The program of a goal and its optimum. A distance is over and under in the totals' own
    columns, and what the limits put between them and the target."""
    if goal == "even" and problem.goals.even == "minimax":
        reduced = _reduced(problem, given, best)
        return reduced, _minimum(reduced, reduced.largest_load(problem.entitlement))
    target, units = _target(problem, goal)
    around = np.full(len(target), np.nan)
    around[units] = target[units]
    reduced = _reduced(problem, given, best, around)
    answer = _minimum(reduced, np.concatenate((reduced.totals[units], reduced.under[units])))
    outside = float(np.abs(reduced.at - target)[units].sum())
    return reduced, replace(answer, objective=answer.objective + outside)


def first_goal(problem: Problem) -> Answer:
    """The optimum of evenness as the first goal, where no soft family gives."""
    return _best(entitled_first(problem.all_hard), 0.0, {}, "even")[1]


def _best_face(problem: Problem, goal: str) -> tuple[list[Bound], float]:
    """The best of a goal, and where it is reached, as bounds of the family ``held``.

    The optimal face of a linear program is where complementary slackness holds with any optimal
    duals: a deviation that costs on the margin stays 0, a limit that has a price stays tight. Both
    are bounds on totals and counties, so nested totals stay nested. A largest load is held by
    keeping every load below it.
    """
    size = len(problem.units)
    reduced, answer = _best(problem, 0.0, {}, goal)
    if not len(reduced.under):
        most = answer.objective * problem.entitlement * (1 + _HOLD)
        upper = np.where(problem.entitlement > 0, most, np.inf)
        return [_exact("total", np.zeros(size), upper)], answer.objective
    x, at, duals = reduced.values(answer.columns), reduced.at, answer.column_duals
    (over_low, over_high), (under_low, under_high) = (
        (np.where(price < -_PRICE, room, 0.0), np.where(price > _PRICE, 0.0, room))
        for price, room in (
            (duals[reduced.totals], reduced.upper - at),
            (duals[reduced.under], at - reduced.lower),
        )
    )
    lower, upper = at + over_low - under_high, at + over_high - under_low
    # A total whose minors have a price stands still, for they lean on it.
    if len(reduced.minors):
        fixed = np.abs(duals[reduced.minors]) > _PRICE
        lower, upper = np.where(fixed, x, lower), np.where(fixed, x, upper)
    low, high = np.zeros(len(problem.counties)), np.full(len(problem.counties), np.inf)
    for place, row in reduced.county_rows.items():
        if abs(answer.row_duals[row]) > _PRICE:
            low[place] = high[place] = x[problem.units.county_of == place].sum()
    return [_exact("total", lower, upper), _exact("county", low, high)], answer.objective


def _above(value: float) -> float:
    """A value with room for rounding."""
    return value + 1e-7 * (1 + abs(value))


def _exact(measure: Measure, lower: Floats, upper: Floats) -> Bound:
    """Limits in fractions of persons, as the goals set them."""
    index = np.flatnonzero((lower > 0) | np.isfinite(upper))
    return Bound("held", measure, index, lower[index], upper[index])


def goal_value(problem: Problem, goal: str, totals: Floats | Ints) -> tuple[float, str]:
    """The value of ``even`` or ``steady`` at some totals, and what it measures."""
    if goal == "steady":
        known = ~np.isnan(problem.last)
        moved = np.abs(totals - np.nan_to_num(problem.last))[known].sum()
        return float(moved), "persons moved from last year"
    entitled = problem.entitlement > 0
    share = problem.entitlement[entitled]
    load, gap = totals[entitled] / share, totals - problem.entitlement
    if problem.goals.even == "leximin":
        asked = load[totals[entitled] > 0]
        return float(asked.min(initial=np.inf)), "smallest relative load of those asked"
    if problem.goals.even == "minimax":
        return float(load.max(initial=0.0)), "largest relative load"
    if problem.goals.even == "l1":
        return float(np.abs(gap).sum()), "persons away from entitlement"
    return float((gap[entitled] ** 2 / share).sum()), "Σ(x−e)²/e"


def least_given(problem: Problem) -> float:
    """The fewest persons by which soft families must give way in all."""
    if all(bound.hard for bound in problem.bounds):
        return 0.0
    reduced = reduce(problem)
    value = _minimum(reduced, reduced.given).objective
    return value if value > 1e-7 else 0.0


def _target(problem: Problem, goal: str) -> tuple[Floats, Ints]:
    """What a goal measures the distance from, and for whom."""
    if goal == "steady":
        return np.nan_to_num(problem.last), np.flatnonzero(~np.isnan(problem.last))
    return problem.entitlement, np.arange(len(problem.units))


def _carriers(problem: Problem, reduced: Reduced, goal: str) -> Ints:
    """The columns whose sum a goal minimises: one largest load, or over and under."""
    if goal == "even" and problem.goals.even == "minimax":
        return reduced.largest_load(problem.entitlement)
    return reduced.deviation(*_target(problem, goal))


def _minimum(reduced: Reduced, carriers: Ints) -> Answer:
    matrix = reduced.builder.matrix()
    costs = np.zeros(len(matrix.cost))
    costs[carriers] = 1.0
    answer = Engine(replace(matrix, cost=costs)).solve()
    if not answer.optimal:
        raise unsolved("a goal", answer)
    return answer


def given_by(bound: Bound, problem: Problem, totals: Floats, minors: Floats) -> Floats:
    """By how many persons each limit of a soft family is passed, shape of its index."""
    if bound.measure == "share":
        return np.maximum((minors - problem.minors_share * totals)[bound.index] - bound.upper, 0.0)
    value: Floats = totals if bound.measure == "total" else minors
    if bound.measure in ("county", "county_minors"):
        value = problem.by_county(totals if bound.measure == "county" else minors)
    here = value[bound.index]
    return np.maximum(np.maximum(here - bound.upper, bound.lower - here), 0.0)
