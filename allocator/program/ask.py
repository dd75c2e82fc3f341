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
from math import inf

import numpy as np

from allocator.program.builder import Builder
from allocator.program.clock import left
from allocator.program.even import even_totals, goal_value
from allocator.program.problem import Bound, Floats, Ints, Lots, Mask, Measure, Problem
from allocator.program.reduced import Give, columns_of, limit_rows, unplaced_columns
from allocator.program.solver import Answer, Engine, Matrix, Status

__all__ = ["Asking", "asking", "choose", "chosen_numbers", "deviation", "solved", "with_asked"]


# Below a hundredth of a person an entitlement is as good as none.
_LEAST = 0.01
_WHOLE = 1e-7
_ABOVE_ALL = 10.0
_PART = 0.8
_SAME = 1e-7


def choose(problem: Problem, *, time_limit: float = inf) -> tuple[Problem, Answer | None]:
    """The problem with its lots settled into bounds, and the answer that settled them.

    The answer is None where nothing was to be chosen; it is not optimal where no choice works or
    time ran out. A fifth of the time that is left is kept for what comes after.
    """
    if not (problem.lots.choose or problem.lots.choose_minors):
        return problem, None
    answer = _answer(problem, min(time_limit, _PART * left()))
    if not answer.found:
        return problem, answer
    goals = [goal for goal in problem.goals.order if goal != "place"]
    if answer.optimal and goals[:1] == ["even"] and problem.goals.even == "minimax":
        answer = _least_load(problem, answer, time_limit)
    return _settled(problem, answer), answer


def _least_load(problem: Problem, answer: Answer, time_limit: float) -> Answer:
    """The choice with which the largest load can be least, from one that is best by itself.

    No load above t: is there a choice? Between the mean load, below which nobody can bring the
    largest, and the load that a choice is known to reach, t is halved until nothing is left.
    """
    entitled = problem.entitlement > 0

    def largest(found: Answer) -> float:
        settled = _settled(problem, found)
        return goal_value(settled, "even", even_totals(settled).totals)[0]

    def below(load: float) -> Answer:
        # Who has no entitlement is asked for no more than must be.
        upper = np.where(entitled, load * problem.entitlement, problem.box("total").lower)
        held = Bound("held", "total", np.arange(len(upper)), np.zeros(len(upper)), upper)
        return _answer(
            replace(problem, bounds=(*problem.bounds, held)), min(time_limit, _PART * left())
        )

    low, high = 0.0, largest(answer)
    while high - low > _SAME * high:
        middle = (low + high) / 2
        found = below(middle)
        if found.found:
            answer, high = found, min(middle, largest(found))
        elif found.status is Status.STOPPED:
            return replace(answer, status=Status.STOPPED, objective=high, bound=low)
        else:
            low = middle
    return answer


def deviation(problem: Problem, totals: Floats | Ints, minors: Floats | Ints) -> float:
    """What the choice minimises: Σ |x − e| / e over totals, and over minors where they are chosen.

    Under ``l1`` the totals are counted in persons, as the goal counts them.
    """
    pairs = zip(_parts(problem), (totals, minors), _entitled(problem), strict=True)
    return sum(float(part.weight @ np.abs(x - e)) for part, x, e in pairs)


def chosen_numbers(problem: Problem, answer: Answer) -> tuple[Floats, Floats]:
    """Totals and minors in fractions, as the choice of who is asked has them."""
    size, found = len(problem.units), []
    for number, part in enumerate(_parts(problem)):
        first = 3 * size * number
        y, over, under = np.split(answer.columns[first : first + 3 * size], 3)
        found.append(part.base * y + over - under)
    return found[0], found[1]


def _settled(problem: Problem, answer: Answer) -> Problem:
    size = len(problem.units)
    asked, takes = answer.columns[:size] > 0.5, answer.columns[3 * size : 4 * size] > 0.5
    return with_asked(problem, asked, takes)


def _answer(problem: Problem, time_limit: float) -> Answer:
    """The best choice; soft families give way as little as they can before anything is weighed.

    Where they need not give way at all they are as good as hard, which is much the easier program.
    """
    if any(not bound.hard for bound in problem.bounds):
        unyielding = solved(asking(problem.all_hard).matrix, time_limit)
        if unyielding.optimal:
            return unyielding
    program = asking(problem)
    matrix = program.matrix
    cost = matrix.cost.copy()
    # A person given weighs more than any choice of who is asked can.
    cost[columns_of(program.gives)] = _ABOVE_ALL * max(1.0, float(np.abs(cost).max()))
    return solved(replace(matrix, cost=cost), time_limit)


def solved(matrix: Matrix, time_limit: float = inf) -> Answer:
    """The linear relaxation where it is whole, which proves it best; else the integer program."""
    assert matrix.integer is not None
    relaxed = Engine(replace(matrix, integer=None)).solve(time_limit=time_limit, may_stop=True)
    choices = relaxed.columns[matrix.integer]
    if relaxed.status is Status.INFEASIBLE or (
        relaxed.optimal and np.abs(np.round(choices) - choices).max(initial=0.0) < _WHOLE
    ):
        return relaxed
    return Engine(matrix, presolve=True).solve(time_limit=time_limit, may_stop=True)


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


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Part:
    """One measure's numbers: the best allowed place, what leaving it costs, and how far it may."""

    base: Floats
    cost: Floats
    weight: Floats
    least_y: Floats
    most_y: Floats
    over: Floats
    under: Floats


def _part(problem: Problem, measure: Measure, need: int, entitlement: Floats) -> _Part:
    """The columns of totals or of minors."""
    minors = measure == "minors"
    chooses = problem.lots.choose_minors if minors else problem.lots.choose
    lot = problem.lots.minors if minors else problem.lots.persons
    box = problem.box(measure, soft=False)
    most = np.minimum(box.upper, need)
    free = chooses & ~_locked(problem, measure) & (box.lower <= 0)
    least = np.where(chooses & ~_locked(problem, measure), np.maximum(lot, box.lower), box.lower)
    can = most >= np.maximum(least, 1)
    base = np.clip(entitlement, least, np.maximum(least, most))
    # Minors weigh in only where who takes them is a choice too.
    weighs = not minors or problem.lots.choose_minors
    weight = weighs / np.maximum(entitlement, _LEAST)
    if problem.goals.even == "l1" and not minors:
        weight = np.ones(len(entitlement))  # the goal counts persons, and so does the choice
    return _Part(
        base=np.where(can, base, 0.0),
        cost=weight * (np.abs(base - entitlement) - entitlement),
        weight=weight,
        # A floor above what the lot leaves room for has no answer: y ≥ 1 and y ≤ 0.
        least_y=np.where(free | (~can & (box.lower <= 0)), 0.0, 1.0),
        most_y=np.where(can, 1.0, 0.0),
        over=np.where(can, most - base, 0.0),
        under=np.where(can, base - least, 0.0),
    )


def _parts(problem: Problem) -> tuple[_Part, _Part]:
    total, minors = _entitled(problem)
    return (
        _part(problem, "total", problem.persons, total),
        _part(problem, "minors", problem.minors, minors),
    )


def _entitled(problem: Problem) -> tuple[Floats, Floats]:
    return problem.entitlement, problem.entitlement_minors


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Asking:
    """The program of who is asked, and its columns that give way or leave somebody unplaced.

    ``sums`` are the rows of all persons and of all minors, ``inside`` those that keep minors
    within totals; the limits' rows start at ``limits``.
    """

    matrix: Matrix
    gives: tuple[Give, ...]
    unplaced: Ints
    sums: Ints
    inside: Ints
    limits: int


def asking(problem: Problem, *, unplaced: bool = False) -> Asking:
    """The mixed-integer program of who is asked, and for how many."""
    size = len(problem.units)
    unit = np.arange(size)
    b = Builder()
    parts = []
    for part in _parts(problem):
        y = b.columns(size, cost=part.cost, lower=part.least_y, upper=part.most_y, integer=True)
        over = b.columns(size, cost=part.weight, upper=part.over)
        under = b.columns(size, cost=part.weight, upper=part.under)
        for moved, room in ((over, part.over), (under, part.under)):
            row = b.rows(size, -np.inf, 0.0)
            b.enter(row, moved, 1.0)
            b.enter(row, y, -room)
        parts.append((part.base, y, over, under))

    def x(rows: Ints, part: int, units: Ints, factor: float | Floats) -> None:
        base, y, over, under = parts[part]
        b.enter(rows, y[units], factor * base[units])
        b.enter(rows, over[units], factor)
        b.enter(rows, under[units], -factor)

    sums = []
    for number, need in enumerate((problem.persons, problem.minors)):
        sums.append(b.rows(1, need, need))
        x(sums[number], number, unit, 1.0)
    inside = b.rows(size if problem.minors else 0, 0.0, np.inf)
    x(inside, 0, unit[: len(inside)], 1.0)
    x(inside, 1, unit[: len(inside)], -1.0)
    first_limit, numbers = b.row_count, {"total": 0, "minors": 1}
    gives, _ = limit_rows(
        b, problem, lambda rows, measure, units, factor: x(rows, numbers[measure], units, factor)
    )
    left = unplaced_columns(b, problem, sums) if unplaced else np.zeros(0, dtype=np.int64)
    return Asking(b.matrix(), gives, left, np.concatenate(sums), inside, first_limit)
