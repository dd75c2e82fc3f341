"""The goals in order: place everyone, say who is asked, be even, be steady, be whole.

Each goal is optimised and then held while the next is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from allocator.program.ask import asking, choose, chosen_numbers, deviation, solved
from allocator.program.clock import out_of_time, within
from allocator.program.even import (
    best_alone,
    entitled_first,
    even_totals,
    given_by,
    goal_value,
    least_given,
)
from allocator.program.grid import unmet
from allocator.program.held import at_limits, held_by, with_minors
from allocator.program.nested import Nested, nested_answers
from allocator.program.problem import Floats, Ints, Problem
from allocator.program.room import everyone_fits
from allocator.program.search import fewest
from allocator.program.settle import settle, widened
from allocator.program.solver import Engine, NoRoomError, Status
from allocator.program.whole import NoWholeNumbersError, Tie

__all__ = [
    "Build",
    "Gave",
    "GoalValue",
    "Remainder",
    "Solution",
    "in_fractions",
    "program_of",
    "solve",
    "solve_together",
]

Build = Literal["arrays", "pulp"]

_MORE = 128


@dataclass(frozen=True, slots=True)
class GoalValue:
    """What a goal reached, in whole persons and in fractions, and what it could reach alone.

    ``price`` is what holding the goals before it costs this one, in fractions of persons; None for
    the goal that comes first.
    """

    goal: str
    value: float
    measure: str
    in_fractions: float
    alone: float | None

    @property
    def price(self) -> float | None:
        return None if self.alone is None else abs(self.in_fractions - self.alone)


@dataclass(frozen=True, slots=True)
class Remainder:
    """The unit that takes what is left of the need beyond the steps."""

    measure: str
    step: int
    unit: int


@dataclass(frozen=True, slots=True)
class Gave:
    """A soft family's limit that gave way, and by how many persons."""

    family: str
    measure: str
    unit: int
    persons: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Solution:
    """Whole persons by unit and group, and how they came to be.

    ``problem`` is the problem as it stood when it was solved: lots settled, the need what could be
    placed. ``target`` are the totals in fractions. ``gap`` is None when every stage is proven
    optimal, else the relative gap of the choice of who is asked.
    """

    problem: Problem
    persons: Ints
    unplaced: Ints
    target: Floats
    target_minors: Floats
    binding: tuple[tuple[str, ...], ...]
    goals: tuple[GoalValue, ...]
    gave: tuple[Gave, ...]
    ties: tuple[Tie, ...]
    off_step: tuple[int, ...]
    remainders: tuple[Remainder, ...]
    warnings: tuple[str, ...]
    gap: float | None = None

    @property
    def totals(self) -> Ints:
        """Σ_g x[m, g], shape (units,)."""
        totals: Ints = self.persons.sum(axis=1)
        return totals

    @property
    def minors(self) -> Ints:
        """Unaccompanied minors, shape (units,)."""
        minors: Ints = self.persons[:, 1:].sum(axis=1)
        return minors


class _Impossible(Exception):  # noqa: N818 – it never leaves this module
    """The hard constraints leave somebody without a place; why, is sought by who asks."""

    def __init__(self, problem: Problem, reason: str = "") -> None:
        self.problem, self.reason = problem, reason


def solve(
    problem: Problem,
    *,
    build: Build = "arrays",
    time_limit: float | None = None,
    brief: bool = False,
) -> Solution:
    """The proposal's numbers.

    A ``brief`` solution has the same numbers without the values of the goals, and a brief refusal
    the same reason without all that would help: for many problems, one after the other.

    ``time_limit`` is in seconds, for everything; the best choice of who is asked that was found by
    then is taken, and ``gap`` says how far from the best it may be.

    Raises :class:`~allocator.program.infeasible.NoProposalError`, with the smallest changes that
    would help, when the hard constraints leave somebody without a place, and
    :class:`~allocator.errors.StoppedError` when time runs out before there is an answer.
    """
    with within(time_limit):
        try:
            return _solve(problem, build, brief)
        except _Impossible as error:
            raise _no_proposal(error, brief=brief) from None


def solve_together(problems: Sequence[Problem]) -> list[Solution | None]:
    """Brief solutions of the problems that have a closed form, worked out together; each is what
    :func:`solve` gives alone, to the last bit. None where a program must be solved."""
    found = nested_answers(problems)
    return [
        None if answer is None else _solution(problem, answer, goals=())
        for problem, answer in zip(problems, found, strict=True)
    ]


def _solve(problem: Problem, build: Build, brief: bool) -> Solution:
    if build == "arrays":
        (answer,) = nested_answers([problem])
        if answer is not None:
            totals: Ints = answer.whole.persons.sum(axis=1)
            goals = () if brief else _goal_values(problem, totals, answer.target, 0, None)
            return _solution(problem, answer, goals=goals)
    placed, unplaced = _place(problem, build)
    group = int(placed.need[1:].argmax()) + 1 if placed.minors else 0
    reasons: list[str] = []

    def leaving(more: int) -> Solution | None:
        fewer = np.zeros_like(unplaced)
        fewer[group] = more
        try:
            fitting = replace(placed, need=placed.need - fewer) if more else placed
            return _of_placed(fitting, unplaced + fewer, brief)
        except NoWholeNumbersError as error:
            reasons.append(str(error))
            return None

    # Where whole persons do not fit though fractions do, a few more are left, if some may be.
    found = fewest(leaving, 0 if problem.need_is_hard else min(_MORE, int(placed.need[group])))
    if found is None:
        raise _Impossible(problem, reasons[0])
    return found[1]


def _of_placed(problem: Problem, unplaced: Ints, brief: bool) -> Solution:
    """The numbers for those who have a place, in whole persons.

    Raises :class:`NoWholeNumbersError` where whole persons do not fit, though fractions do.
    """
    open_problem = problem
    problem, answer = choose(problem)
    if answer is not None and answer.status is Status.STOPPED and not answer.found:
        raise out_of_time()
    if answer is not None and not answer.found:
        raise NoWholeNumbersError("")
    try:
        target = even_totals(problem).totals
    except NoRoomError:
        raise NoWholeNumbersError(unmet(1, problem.persons)) from None
    whole = settle(problem, target)
    totals: Ints = whole.persons.sum(axis=1)
    minors: Ints = whole.persons[:, 1:].sum(axis=1)
    asked, left = None, int(unplaced.sum())
    if answer is not None and not brief:
        in_fractions = deviation(open_problem, *chosen_numbers(open_problem, answer))
        asked = _asked(open_problem, deviation(open_problem, totals, minors), in_fractions)
    em = at_limits(whole.minors_box, whole.target_minors)
    held = with_minors(held_by(widened(problem, target), target), em)
    return _solution(
        problem,
        Nested(target, whole, held),
        goals=() if brief else _goal_values(problem, totals, target, left, asked),
        unplaced=unplaced,
        gave=tuple(_gave(problem, totals, minors)),
        gap=answer.gap if answer is not None and not answer.optimal else None,
    )


def _solution(
    problem: Problem,
    answer: Nested,
    *,
    goals: tuple[GoalValue, ...],
    unplaced: Ints | None = None,
    gave: tuple[Gave, ...] = (),
    gap: float | None = None,
) -> Solution:
    whole = answer.whole
    return Solution(
        problem=problem,
        persons=whole.persons,
        unplaced=np.zeros(len(problem.groups), dtype=np.int64) if unplaced is None else unplaced,
        target=answer.target,
        target_minors=whole.target_minors,
        binding=answer.held,
        goals=goals,
        gave=gave,
        ties=whole.totals.ties + whole.minors.ties,
        off_step=whole.totals.off_step,
        remainders=tuple(
            Remainder(measure, step, found.remainder_at)
            for measure, step, found in (
                ("persons", problem.step, whole.totals),
                ("minors", problem.minors_step, whole.minors),
            )
            if found.remainder_at is not None
        ),
        warnings=whole.warnings,
        gap=gap,
    )


def _place(problem: Problem, build: Build) -> tuple[Problem, Ints]:
    """Leave as few as possible unplaced; then plan for those who have a place.

    Water-filling that places everyone proves that nobody need be left, at any size.
    """
    unplaced = np.zeros(len(problem.groups), dtype=np.int64)
    if build == "arrays" and everyone_fits(problem) and problem.need_is_hard:
        return problem, unplaced
    if not problem.need_is_hard and (problem.lots.choose or problem.lots.choose_minors):
        return _place_in_lots(problem)
    from allocator.program import arrays

    matrix, at = arrays.build(problem)
    if build == "pulp":
        from allocator.program import linear

        matrix = linear.to_matrix(linear.program(problem))
    cost = matrix.cost.copy()
    # Where either must be left, an ordinary place is left rather than a minor's.
    cost[at.unplaced[1:]] += 1e-3
    answer = Engine(replace(matrix, cost=cost, integer=None)).solve()
    if answer.optimal:
        unplaced = np.ceil(answer.columns[at.unplaced] - 1e-6).astype(np.int64)
    if not answer.optimal or (problem.need_is_hard and unplaced.any()):
        raise _Impossible(problem)
    return replace(problem, need=problem.need - unplaced), unplaced


def _place_in_lots(problem: Problem) -> tuple[Problem, Ints]:
    """The same where nobody may be asked for fewer than a lot, and some may be left."""
    program = asking(problem, unplaced=True)
    cost = np.zeros(len(program.matrix.cost))
    cost[program.unplaced] = 1.0, 1e-3
    answer = solved(replace(program.matrix, cost=cost))
    if not answer.found:
        raise _Impossible(problem)
    everyone, minors = np.ceil(answer.columns[program.unplaced] - 1e-6).astype(np.int64).tolist()
    unplaced = np.zeros(len(problem.groups), dtype=np.int64)
    left, of = minors, problem.minors
    for group, need in enumerate(problem.need[1:].tolist(), start=1):
        unplaced[group] = -(-left * need // of) if of else 0
        left, of = left - int(unplaced[group]), of - need
    unplaced[0] = everyone - minors
    return replace(problem, need=problem.need - unplaced), unplaced


def in_fractions(problem: Problem) -> tuple[Problem, Floats]:
    """The problem as :func:`solve` leaves it, lots settled, and its totals in fractions (units,).

    Raises what :func:`solve` raises, and :class:`NoWholeNumbersError` where nobody can be chosen.
    """
    problem, _ = _place(problem, "arrays")
    problem, answer = choose(problem)
    if answer is not None and not answer.found:
        raise NoWholeNumbersError("nobody can be chosen within the lots")
    return problem, even_totals(problem).totals


def program_of(problem: Problem) -> str:
    """The linear program of the first goal after ``place`` and the choice of who is asked."""
    from allocator.program.linear import Goal, lp_text

    try:
        problem, _ = _place(problem, "arrays")
    except _Impossible as error:
        raise _no_proposal(error) from None
    problem, _ = choose(problem)
    problem = entitled_first(problem)
    order = [goal for goal in problem.goals.order if goal != "place"]
    goal: Goal = "l1" if problem.goals.even == "l1" else "minimax"
    if order[:1] == ["steady"]:
        goal = "steady"
    about = f"\\* {goal}; everyone is placed, and who is asked is settled *\\\n"
    if goal == "minimax" and problem.goals.even != "minimax":
        about = (
            f"\\* the first round of {problem.goals.even}: the largest load; everyone is placed, "
            "and who is asked is settled *\\\n"
        )
    return about + lp_text(problem, goal, given=least_given(problem))


def _no_proposal(error: _Impossible, *, brief: bool = False) -> Exception:
    """What to raise; the room that explains is not entered on the way to an answer."""
    from allocator.program.infeasible import NoProposalError, explain

    return NoProposalError(explain(error.problem, error.reason, brief=brief))


def _gave(problem: Problem, totals: Ints, minors: Ints) -> list[Gave]:
    found = []
    for bound in problem.bounds:
        if bound.hard:
            continue
        passed = given_by(bound, problem, totals.astype(float), minors.astype(float))
        for place in np.flatnonzero(passed > 1e-9):
            persons = int(np.ceil(passed[place] - 1e-9))
            found.append(Gave(bound.family, bound.measure, int(bound.index[place]), persons))
    return found


def _asked(problem: Problem, value: float, in_fractions: float) -> GoalValue:
    """Who is asked, as a goal: how far the numbers are from the key for that choice."""
    l1 = problem.goals.even == "l1"
    measure = "persons from the key, who is asked" if l1 else "relative deviations, who is asked"
    return GoalValue("asked", value, measure, in_fractions, None)


def _goal_values(
    problem: Problem, totals: Ints, target: Floats, unplaced: int, asked: GoalValue | None
) -> tuple[GoalValue, ...]:
    """What each goal reached, in the problem's order.

    Who is asked, where that is a choice, is a goal of its own right after ``place``.
    """
    found, before = [], False
    for goal in problem.goals.order:
        if goal == "place":
            left = float(unplaced)
            found.append(GoalValue("place", left, "persons unplaced", left, None))
            if asked is not None:
                found.append(asked)
            continue
        value, measure = goal_value(problem, goal, totals)
        in_fractions, _ = goal_value(problem, goal, target)
        alone = best_alone(problem, goal) if before else None
        found.append(GoalValue(goal, value, measure, in_fractions, alone))
        before = True
    return tuple(found)
