"""From entitlement to request: one constraint family switched on after the other.

The scenario is solved again with the key alone, then with one family more, in the order of
:data:`ORDER`, until it is the whole scenario; then in whole persons, then in steps. What a family
changes is the difference of two proposals, so the changes add up exactly, whatever the solver does,
and each solve is shared by all municipalities. The order is a convention: what a family changes is
what it changes after those before it (a sequential decomposition; with k families the mean over all
k! orders, the Shapley value, would need 2^k solves and tell nobody which came first).

A family acts on a municipality itself, when its number stands at the family's limit, or through the
others, who take less or more and leave the rest to be shared.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
import numpy.typing as npt

from allocator.errors import BosettError
from allocator.program.goals import Solution, in_fractions, solve
from allocator.program.problem import Bound, Floats, Goals, Ints, Lots, Mask, Problem
from allocator.program.room import limits_with_minors
from allocator.program.whole import NoWholeNumbersError

__all__ = ["ORDER", "Stage", "cumulated", "fall"]

ORDER = ("lot", "capacity", "band", "ceiling", "county", "minors", "lock", "change", "together")
"""The order in which families are switched on. Others that a problem has come before ``lock``."""

_ALWAYS = ("exempt", "year")
_OF_MINORS = ("minors", "share", "county_minors")
_NEAR = 1e-6
Codes = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Stage:
    """The totals (units,) after a step, and how it acts on each unit.

    ``families`` are those switched on; more than one where they only have an answer together.
    ``acts`` is "own", "others" or "" (no change), and ``limit`` the limit that an own one sets.
    """

    step: str
    families: tuple[str, ...]
    totals: Floats
    acts: Codes
    limit: Floats


def fall(problem: Problem, solution: Solution) -> list[Stage]:
    """The stages from the key alone (its entitlement, not among them) to whole persons.

    The last stage's totals are the request's, so with the entitlement as the first level the
    differences telescope. A family whose switching on has no answer by itself goes with the next.

    >>> from allocator.program.examples import three
    >>> made = fall(three(), solve(three()))
    >>> [stage.step for stage in made], made[-1].totals.tolist()
    (['minors', 'whole'], [90.0, 4.0, 6.0])
    """
    found: list[Stage] = []
    before, on, waiting = problem.entitlement, list(_ALWAYS), list[str]()
    families = _families(problem)
    for family in families:
        waiting.append(family)
        on.append(family)
        if family == families[-1]:
            settled, totals = solution.problem, solution.target
        else:
            try:
                settled, totals = in_fractions(_with(problem, on))
            except (BosettError, NoWholeNumbersError):
                continue
        acts, limit = _acts(settled, totals, before, waiting)
        found.append(Stage("+".join(waiting), tuple(waiting), totals, acts, limit))
        before, waiting = totals, []
    for step, whole in _whole(problem, solution):
        acts = np.where(np.abs(whole - before) > _NEAR, "own", "").astype(object)
        found.append(Stage(step, (), whole, acts, np.full(len(whole), np.nan)))
        before = whole
    return found


def cumulated(start: Floats, changes: Iterable[Floats], stages: Iterable[Stage]) -> list[Ints]:
    """Levels in millionths of a person, so that their differences add up exactly."""
    level, levels = start, []
    for change in changes:
        level = level + change
        levels.append(level)
    levels += [stage.totals for stage in stages]
    return [np.round(each * 1e6).astype(np.int64) for each in levels]


def _families(problem: Problem) -> list[str]:
    """The families and other differences from the key alone, in the order of switching on."""
    lots = problem.lots
    there = {
        bound.family
        for bound in problem.bounds
        if bound.measure not in _OF_MINORS and bound.family not in _ALWAYS
    }
    there |= {link.family for link in problem.links}
    if lots.choose:
        there.add("lot")
    if problem.minors:
        there.add("minors")
    if any(b.family == "lock" for b in problem.bounds):
        there.add("lock")
    place = {family: (number, "") for number, family in zip(count(), ORDER)}
    before_lock = ORDER.index("lock") - 0.5
    found = sorted(there, key=lambda family: place.get(family, (before_lock, family)))
    first = next((goal for goal in problem.goals.order if goal != "place"), "even")
    if first != "even" or problem.goals.even != "leximin":
        found.append("goals")
    return found


def _with(problem: Problem, on: list[str]) -> Problem:
    """The problem with some families only."""
    minors = "minors" in on and problem.minors > 0
    bounds = tuple(
        bound
        for bound in problem.bounds
        if bound.family in on and (minors or bound.measure not in _OF_MINORS)
    )
    lots, lot = problem.lots, "lot" in on
    return replace(
        problem,
        groups=problem.groups if minors else problem.groups[:1],
        need=problem.need if minors else np.array([problem.persons]),
        bounds=bounds,
        links=tuple(link for link in problem.links if link.family in on),
        lots=Lots(
            lots.persons if lot else 0,
            lots.minors if minors else 0,
            choose=lots.choose and lot,
            choose_minors=lots.choose_minors and minors,
        ),
        goals=problem.goals if "goals" in on else Goals(),
    )


def _acts(
    settled: Problem, totals: Floats, before: Floats, families: list[str]
) -> tuple[Codes, Floats]:
    """Whether a change is the families' own limit on the unit, or comes through the others."""
    moved = np.abs(totals - before) > _NEAR
    own, limit = np.zeros(len(totals), dtype=np.bool_), np.full(len(totals), np.nan)
    up = totals > before
    for bound in settled.bounds:
        if bound.measure == "total" and bound.family in families:
            _stands(bound, bound.index, totals[bound.index], up[bound.index], own, limit)
        elif bound.measure == "county" and bound.family in families:
            in_county = settled.by_county(totals)
            at = np.abs(in_county[:, None] - _limits_of(bound, len(in_county))) < _NEAR
            own |= np.asarray(at.any(axis=1))[settled.units.county_of]
    if "minors" in families:
        floor = limits_with_minors(settled).lower
        raised = (floor > settled.box("total").lower) & (np.abs(totals - floor) < _NEAR) & up
        own |= raised
        limit = np.where(raised, floor, limit)
    for link in settled.links:
        if link.family in families and (
            min(abs(link.of(totals) - link.lower), abs(link.of(totals) - link.upper)) < _NEAR
        ):
            own[link.units] = True
    if "goals" in families:
        own[:] = True
    acts = np.where(moved, np.where(own, "own", "others"), "").astype(object)
    return acts, limit


def _stands(
    bound: Bound,
    index: Ints,
    totals: Floats,
    up: Mask,
    own: Mask,
    limit: Floats,
) -> None:
    """Mark the units that stand at a bound which moved them its way."""
    for side, way in ((bound.lower, up), (bound.upper, ~up)):
        there = way & (np.abs(totals - side) < _NEAR)
        own[index[there]] = True
        limit[index[there]] = side[there]


def _limits_of(bound: Bound, counties: int) -> Floats:
    limits = np.full((counties, 2), np.nan)
    limits[bound.index, 0], limits[bound.index, 1] = bound.lower, bound.upper
    return limits


def _whole(problem: Problem, solution: Solution) -> list[tuple[str, Floats]]:
    """Whole persons, and before the steps of a rule that has steps, single persons."""
    last = solution.totals.astype(np.float64)
    if problem.step == 1 and problem.minors_step == 1:
        return [("whole", last)]
    try:
        single = solve(replace(problem, step=1, minors_step=1)).totals.astype(np.float64)
    except BosettError:
        return [("whole", last)]
    return [("whole", single), ("step", last)]
