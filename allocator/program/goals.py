"""The goals in order: place everyone, ask who is to be asked, be even, be steady, be whole.

Each goal is optimised and then held while the next is. Totals come first, then minors within them,
then the minors' age groups; each is made even in fractions of persons and then whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from allocator.errors import Fault, InfeasibleError
from allocator.program import arrays
from allocator.program.ask import choose
from allocator.program.fill import fill_nested
from allocator.program.problem import Box, Floats, Ints, Problem
from allocator.program.solver import Engine, Matrix
from allocator.program.whole import NoWholeNumbersError, Tie, nearest_whole

__all__ = ["Build", "GoalValue", "Remainder", "Solution", "solve"]

Build = Literal["arrays", "pulp"]


@dataclass(frozen=True, slots=True)
class GoalValue:
    """What a goal reached."""

    goal: str
    value: float
    measure: str


@dataclass(frozen=True, slots=True)
class Remainder:
    """The unit that takes what is left of the need beyond the steps."""

    measure: str
    step: int
    unit: int


@dataclass(frozen=True, slots=True)
class Solution:
    """Whole persons by unit and group, and how they came to be."""

    persons: Ints
    unplaced: Ints
    target: Floats
    target_minors: Floats
    binding: tuple[tuple[str, ...], ...]
    goals: tuple[GoalValue, ...]
    ties: tuple[Tie, ...]
    off_step: tuple[int, ...]
    remainders: tuple[Remainder, ...]
    warnings: tuple[str, ...]

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


def solve(problem: Problem, *, build: Build = "arrays") -> Solution:
    """The proposal's numbers.

    Raises :class:`InfeasibleError` when the hard constraints leave somebody without a place.
    """
    problem, unplaced = _place(problem, build)
    problem, answer = choose(problem)
    if answer is not None and not answer.optimal:
        raise InfeasibleError(
            Fault(
                "infeasible.lot",
                f"no choice of municipalities makes {problem.persons} persons in lots of at least "
                f"{problem.lots.persons} (minors: {problem.lots.minors}) within the limits",
                remedy="lower the lot, or give more municipalities room",
            )
        )
    warnings: list[str] = []
    totals = _totals(problem, warnings)
    minors = _minors(problem, totals.persons, warnings)
    groups = [totals.persons - minors.persons]
    if len(problem.groups) == 2:
        groups.append(minors.persons)
    elif len(problem.groups) == 3:
        younger = _younger(problem, minors.persons)
        groups += [younger, minors.persons - younger]
    persons = np.stack(groups, axis=1)
    return Solution(
        persons=persons,
        unplaced=unplaced,
        target=totals.target,
        target_minors=minors.target,
        binding=tuple(
            (*total, *(f"{family}_em" for family in em))
            for total, em in zip(totals.held, minors.held, strict=True)
        ),
        goals=_values(problem, persons, int(unplaced.sum())),
        ties=totals.ties + minors.ties,
        off_step=totals.off_step,
        remainders=tuple(
            Remainder(measure, step, settled.remainder_at)
            for measure, step, settled in (
                ("persons", problem.step, totals),
                ("minors", problem.minors_step, minors),
            )
            if settled.remainder_at is not None
        ),
        warnings=tuple(warnings),
    )


def _place(problem: Problem, build: Build) -> tuple[Problem, Ints]:
    """Leave as few as possible unplaced; then plan for those who have a place."""
    matrix, at = arrays.build(problem)
    if build == "pulp":
        from allocator.program import linear

        matrix = linear.to_matrix(linear.program(problem))
    answer = Engine(_continuous(matrix)).solve()
    unplaced = np.zeros(len(problem.groups), dtype=np.int64)
    if answer.optimal:
        unplaced = np.round(answer.columns[at.unplaced]).astype(np.int64)
    if not answer.optimal or (problem.need_is_hard and unplaced.any()):
        raise InfeasibleError(_no_room(problem, unplaced))
    return replace(problem, need=problem.need - unplaced), unplaced


def _continuous(matrix: Matrix) -> Matrix:
    """The linear relaxation: who is asked may be a fraction."""
    return replace(matrix, integer=None)


def _no_room(problem: Problem, unplaced: Ints) -> list[Fault]:
    words = {"ordinary": "persons", "em": "unaccompanied minors"}
    faults = [
        Fault(
            "infeasible.need",
            f"no proposal: {count} of {need} {words.get(group, f'minors ({group})')} have no place",
            remedy="raise capacity, widen a band or ceiling, or lower the need",
        )
        for group, count, need in zip(
            problem.groups, unplaced.tolist(), problem.need.tolist(), strict=True
        )
        if count
    ]
    return faults or [
        Fault(
            "infeasible.limits",
            "no proposal: the limits contradict each other",
            remedy="widen a band, lower a floor, or raise a capacity",
        )
    ]


@dataclass(frozen=True, slots=True)
class _Settled:
    """One measure made even, then whole."""

    target: Floats
    persons: Ints
    held: tuple[tuple[str, ...], ...]
    ties: tuple[Tie, ...] = ()
    off_step: tuple[int, ...] = ()
    remainder_at: int | None = None


def _totals(problem: Problem, warnings: list[str]) -> _Settled:
    box, minors, county = (problem.box(m) for m in ("total", "minors", "county"))
    lower = np.maximum(box.lower, minors.lower)
    for bound in problem.of_measure("share"):
        if problem.minors_share > 0:
            need = np.ceil(minors.lower[bound.index] / problem.minors_share - 1e-9)
            lower[bound.index] = np.maximum(lower[bound.index], need)
    box = replace(box, lower=lower)
    return _settle(
        problem,
        box,
        problem.entitlement,
        problem.persons,
        problem.step,
        warnings,
        county.lower,
        county.upper,
    )


def _minors(problem: Problem, totals: Ints, warnings: list[str]) -> _Settled:
    size = len(problem.units)
    if not problem.minors:
        nothing = np.zeros(size)
        return _Settled(nothing, nothing.astype(np.int64), ((),) * size)
    box = problem.box("minors")
    upper = np.minimum(box.upper, totals)
    for bound in problem.of_measure("share"):
        allowed = np.floor(problem.minors_share * totals[bound.index] + 1e-9)
        upper[bound.index] = np.minimum(upper[bound.index], allowed)
    return _settle(
        problem,
        replace(box, upper=upper),
        problem.entitlement_minors,
        problem.minors,
        problem.minors_step,
        warnings,
    )


def _younger(problem: Problem, minors: Ints) -> Ints:
    """The younger minors: the same part of everyone's, in whole persons."""
    need = int(problem.need[1])
    target = minors.astype(np.float64) * (need / problem.minors)
    zero = np.zeros(len(minors))
    return nearest_whole(
        target, zero, minors.astype(float), need, first=problem.entitlement_minors
    ).persons


def _settle(
    problem: Problem,
    box: Box,
    entitlement: Floats,
    need: int,
    step: int,
    warnings: list[str],
    county_lower: Floats | None = None,
    county_upper: Floats | None = None,
) -> _Settled:
    """Even in fractions by water-filling, then the nearest whole numbers."""
    counties = len(problem.counties)
    group_lower = np.zeros(counties) if county_lower is None else county_lower
    group_upper = np.full(counties, np.inf) if county_upper is None else county_upper
    county_of = problem.units.county_of
    # A municipality whose key is 0 is filled last, in proportion to its inhabitants.
    inhabitants = np.nan_to_num(problem.units.population) + 1.0
    weight = np.where(entitlement > 0, entitlement, 1e-9 * inhabitants / inhabitants.sum())
    target = fill_nested(
        weight, box.lower, box.upper, float(need), county_of, group_lower, group_upper
    )
    for grid in (step, 1):
        try:
            whole = nearest_whole(
                target,
                box.lower,
                box.upper,
                need,
                step=grid,
                first=entitlement,
                group_of=county_of,
                group_lower=group_lower,
                group_upper=group_upper,
            )
            break
        except NoWholeNumbersError as error:
            if grid == 1:
                raise InfeasibleError(
                    Fault("infeasible.whole", f"no proposal in whole persons: {error}")
                ) from None
            warnings.append(f"steps of {step} were given up: {error}")
    return _Settled(
        target,
        whole.persons,
        _held(target, weight, box, county_of, group_lower, group_upper),
        whole.ties,
        whole.off_step,
        whole.remainder_at,
    )


def _held(
    target: Floats, weight: Floats, box: Box, county_of: Ints, low: Floats, high: Floats
) -> tuple[tuple[str, ...], ...]:
    """The families that hold each number where it is: those whose limit it stands at."""
    in_county = np.bincount(county_of, target, len(low))
    tight = (np.abs(in_county - high) < 1e-6) | ((np.abs(in_county - low) < 1e-6) & (low > 0))
    held = []
    for unit, value in enumerate(target.tolist()):
        families = []
        if box.lower_by[unit] and abs(value - box.lower[unit]) < 1e-6:
            families.append(box.lower_by[unit])
        if box.upper_by[unit] and abs(value - box.upper[unit]) < 1e-6:
            families.append(box.upper_by[unit])
        if not families and tight[county_of[unit]]:
            families.append("county")
        held.append(tuple(dict.fromkeys(families)))
    return tuple(held)


def _values(problem: Problem, persons: Ints, unplaced: int) -> tuple[GoalValue, ...]:
    """What each goal reached, in the problem's order, measured on the whole numbers."""
    totals = persons.sum(axis=1)
    entitled = problem.entitlement > 0
    load = totals[entitled] / problem.entitlement[entitled]
    gap = totals - problem.entitlement
    asked = load[totals[entitled] > 0]
    even = {
        "leximin": (float(asked.min(initial=np.inf)), "smallest relative load of those asked"),
        "minimax": (float(load.max(initial=0.0)), "largest relative load"),
        "l1": (float(np.abs(gap).sum()), "persons away from entitlement"),
        "l2": (float((gap[entitled] ** 2 / problem.entitlement[entitled]).sum()), "Σ(x−e)²/e"),
    }[problem.goals.even]
    known = ~np.isnan(problem.last)
    steady = float(np.abs(totals - np.nan_to_num(problem.last))[known].sum())
    found = {
        "place": GoalValue("place", float(unplaced), "persons unplaced"),
        "even": GoalValue("even", *even),
        "steady": GoalValue("steady", steady, "persons moved from last year"),
    }
    return tuple(found[goal] for goal in problem.goals.order)
