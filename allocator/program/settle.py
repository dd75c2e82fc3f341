"""From totals in fractions of persons to whole persons of every group.

Totals first, then minors within them, then the minors' age groups. Each is made even in fractions
(the minors by water-filling inside the whole totals) and then whole. Should the nearest whole
totals leave no room for the minors, both are settled in one integer program.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from allocator.program.fill import fill_nested
from allocator.program.problem import Bound, Box, Floats, Ints, Measure, Problem
from allocator.program.room import limits_with_minors, minors_limits, weights
from allocator.program.whole import (
    Limits,
    NoWholeNumbersError,
    Whole,
    nearest_whole,
    nearest_whole_with_part,
    nearest_wholes,
)

__all__ = ["Settled", "settle", "settle_together", "widened"]


_NEAR = 1e-6


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Settled:
    """Whole persons by unit and group, the minors' fractions, and what is to be told."""

    persons: Ints
    target_minors: Floats
    minors_box: Box
    totals: Whole
    minors: Whole
    younger: Whole | None
    warnings: tuple[str, ...]


def settle(problem: Problem, target: Floats) -> Settled:
    """The whole persons nearest to ``target``, with every total exact.

    Raises :class:`NoWholeNumbersError` when there are none even without steps.
    """
    problem = widened(problem, target)
    warnings: list[str] = []
    totals, inside = _on_the_grid(problem, target, warnings)
    return _by_group(problem, totals, inside, _younger([problem], [inside])[0], tuple(warnings))


def settle_together(
    problems: Sequence[Problem], targets: Floats
) -> list[Settled | NoWholeNumbersError]:
    """:func:`settle` for the targets (problems, units) of problems on the same units, with the same
    groups and steps, hard limits and no links. Where the steps of everyone and of the minors cannot
    both be kept, why; :func:`settle` tries more."""
    totals = _totals(problems, targets)
    found: list[Settled | NoWholeNumbersError] = [
        NoWholeNumbersError("") if isinstance(whole, Whole) else whole for whole in totals
    ]
    some = [(row, whole) for row, whole in enumerate(totals) if isinstance(whole, Whole)]
    persons = [whole.persons for _, whole in some]
    minors = _minors([problems[row] for row, _ in some], persons, problems[0].minors_step)
    fit = [
        (row, whole, inside)
        for (row, whole), inside in zip(some, minors, strict=True)
        if isinstance(inside, _Inside)
    ]
    ages = _younger([problems[row] for row, *_ in fit], [inside for *_, inside in fit])
    for (row, whole, inside), younger in zip(fit, ages, strict=True):
        found[row] = _by_group(problems[row], whole, inside, younger)
    return found


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Inside:
    """The minors inside whole totals: in fractions, their limits, and in whole persons."""

    target: Floats
    box: Box
    whole: Whole


def _by_group(
    problem: Problem,
    totals: Whole,
    inside: _Inside,
    younger: Whole | None,
    warnings: tuple[str, ...] = (),
) -> Settled:
    minors = inside.whole.persons
    groups = [totals.persons - minors]
    if younger is not None:
        groups += [younger.persons, minors - younger.persons]
    elif len(problem.groups) == 2:
        groups.append(minors)
    persons = np.stack(groups, axis=1)
    return Settled(persons, inside.target, inside.box, totals, inside.whole, younger, warnings)


def _counties(problems: Sequence[Problem], measure: Measure) -> Limits:
    """What counties may hold in each problem, (problems, counties)."""
    boxes = [problem.box(measure) for problem in problems]
    lower, upper = (np.array([getattr(box, end) for box in boxes]) for end in ("lower", "upper"))
    return Limits(problems[0].units.county_of, lower, upper)


def _totals(problems: Sequence[Problem], targets: Floats) -> list[Whole | NoWholeNumbersError]:
    boxes = [limits_with_minors(problem) for problem in problems]
    return nearest_wholes(
        targets,
        np.array([box.lower for box in boxes]),
        np.array([box.upper for box in boxes]),
        np.array([problem.persons for problem in problems]),
        step=problems[0].step,
        first=np.array([problem.entitlement for problem in problems]),
        groups=_counties(problems, "county"),
    )


def widened(problem: Problem, target: Floats) -> Problem:
    """Soft limits on totals and counties moved out to where the goals have put them, in steps; and
    soft shares to where totals a person or more below can hold the minors who must be there."""
    if problem.all_hard is problem:
        return problem
    bounds, step = [], problem.step
    in_county, least = problem.by_county(target), problem.box("minors").lower
    raised = limits_with_minors(problem).lower
    for bound in problem.bounds:
        if not bound.hard and bound.measure == "share":
            at = bound.index
            room = least[at] - problem.minors_share * np.floor(target[at] + _NEAR)
            upper = np.where(
                target[at] <= raised[at] - 1, np.maximum(bound.upper, room), bound.upper
            )
            bounds.append(replace(bound, upper=upper))
            continue
        if bound.hard or bound.measure not in ("total", "county"):
            bounds.append(bound)
            continue
        value = (in_county if bound.measure == "county" else target)[bound.index]
        bounds.append(
            Bound(
                bound.family,
                bound.measure,
                bound.index,
                np.minimum(bound.lower, np.floor(value / step + 1e-6) * step),
                np.maximum(bound.upper, np.ceil(value / step - 1e-6) * step),
            )
        )
    return replace(problem, bounds=tuple(bounds))


def _on_the_grid(problem: Problem, target: Floats, warnings: list[str]) -> tuple[Whole, _Inside]:
    """Totals and minors in their steps; in single persons where the steps cannot be kept."""
    box, county = limits_with_minors(problem), problem.box("county")
    groups = Limits(problem.units.county_of, county.lower, county.upper)
    if problem.method != "nearest":
        from allocator.program.seats import apportioned

        weight = weights(problem.entitlement, problem.units.population)
        totals = apportioned(weight, box, problem.persons, problem.method)
        if problem.method == "biproportional" and problem.minors:
            return totals, _by_table(problem, totals.persons)
        return totals, _minors_of(problem, totals.persons, problem.minors_step)
    tries = dict.fromkeys([(problem.step, problem.minors_step), (problem.step, 1), (1, 1)])
    reason: NoWholeNumbersError | None = None
    for step, minors_step in tries:
        if reason is not None:
            what = "minors" if step > 1 else "all"
            warnings.append(f"steps were given up for {what}: {reason}")
        try:
            totals = nearest_whole(
                target,
                box.lower,
                box.upper,
                problem.persons,
                step=step,
                first=problem.entitlement,
                groups=groups,
                links=problem.links,
            )
            try:
                return totals, _minors_of(problem, totals.persons, minors_step)
            except NoWholeNumbersError:
                totals = _with_minors(problem, target, box, groups, step, minors_step)
                return totals, _minors_of(problem, totals.persons, minors_step)
        except NoWholeNumbersError as error:
            reason = error
    raise reason or NoWholeNumbersError("no steps to try")


def _by_table(problem: Problem, totals: Ints) -> _Inside:
    """Minors from the table of municipalities by groups, if their limits allow it."""
    from allocator.program.seats import groups_apportioned

    table = groups_apportioned(problem, totals)
    minors = table[:, 1:].sum(axis=1)
    box = minors_limits(problem, totals.astype(np.float64))
    if ((minors < box.lower) | (minors > box.upper)).any():
        raise NoWholeNumbersError("the biproportional table passes a limit on minors")
    return _Inside(minors.astype(np.float64), box, Whole(minors))


def _minors_of(problem: Problem, totals: Ints, step: int) -> _Inside:
    (found,) = _minors([problem], [totals], step)
    if isinstance(found, NoWholeNumbersError):
        raise found
    return found


def _minors(
    problems: Sequence[Problem], totals: Sequence[Ints], step: int
) -> list[_Inside | NoWholeNumbersError]:
    """Minors inside whole totals: as even as can be, then whole."""
    found: list[_Inside | NoWholeNumbersError] = []
    some: list[tuple[int, Problem, Box]] = []
    for row, (problem, persons) in enumerate(zip(problems, totals, strict=True)):
        if not problem.minors:
            nobody = np.zeros(len(problem.units))
            found.append(_Inside(nobody, problem.box("minors"), Whole(nobody.astype(np.int64))))
            continue
        box = _room_for_minors(problem, persons)
        found.append(NoWholeNumbersError("a floor of minors is above what fits in the total"))
        if not (box.lower > box.upper).any():
            some.append((row, problem, box))
    if not some:
        return found
    inside = [problem for _, problem, _ in some]
    need = np.array([problem.minors for problem in inside])
    lower = np.array([box.lower for *_, box in some])
    upper = np.array([box.upper for *_, box in some])
    first = np.array([problem.entitlement_minors for problem in inside])
    weight = np.array([weights(p.entitlement_minors, p.units.population) for p in inside])
    groups = _counties(inside, "county_minors")
    target = fill_nested(
        weight, lower, upper, need.astype(float), groups.of, groups.lower, groups.upper
    )
    wholes = nearest_wholes(target, lower, upper, need, step=step, first=first, groups=groups)
    for (row, _, box), even, whole in zip(some, target, wholes, strict=True):
        found[row] = _Inside(even, box, whole) if isinstance(whole, Whole) else whole
    return found


def _room_for_minors(problem: Problem, totals: Ints) -> Box:
    """The limits on minors inside whole totals, in whole persons."""
    box = minors_limits(problem, totals.astype(np.float64))
    box = replace(box, upper=np.floor(box.upper + 1e-9))
    if box.upper.sum() >= problem.minors:
        return box
    # Soft limits give way: nobody is left below theirs, and the rest is shared evenly.
    hard = replace(problem, bounds=tuple(b for b in problem.bounds if b.hard))
    wide = minors_limits(hard, totals.astype(np.float64))
    return replace(wide, lower=np.minimum(box.upper, wide.upper), upper=np.floor(wide.upper))


def _with_minors(
    problem: Problem, target: Floats, box: Box, groups: Limits, step: int, minors_step: int
) -> Whole:
    minors, county = problem.box("minors", soft=False), problem.box("county_minors")
    share, beyond = np.ones(len(problem.units)), np.zeros(len(problem.units))
    for bound in problem.of_measure("share"):
        if bound.hard:
            share[bound.index], beyond[bound.index] = problem.minors_share, bound.upper
    return nearest_whole_with_part(
        target,
        box.lower,
        box.upper,
        problem.persons,
        minors.lower,
        minors.upper,
        problem.minors,
        share,
        beyond,
        step=step,
        part_step=minors_step,
        first=problem.entitlement,
        groups=groups,
        part_groups=Limits(problem.units.county_of, county.lower, county.upper),
        links=problem.links,
    )


def _younger(problems: Sequence[Problem], inside: Sequence[_Inside]) -> list[Whole | None]:
    """The younger minors, where they are a group: the same part of everyone's, in whole persons."""
    if not problems or len(problems[0].groups) < 3:
        return [None] * len(problems)
    need = np.array([int(problem.need[1]) for problem in problems])
    of = np.array([max(problem.minors, 1) for problem in problems])
    minors = np.array([one.whole.persons for one in inside], dtype=np.float64)
    first = np.array([problem.entitlement_minors for problem in problems])
    target = minors * (need / of)[:, None]
    found = nearest_wholes(target, np.zeros(minors.shape), minors, need, first=first)
    for whole in found:
        if isinstance(whole, NoWholeNumbersError):
            raise whole
    return [whole for whole in found if isinstance(whole, Whole)]
