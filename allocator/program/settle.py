"""From totals in fractions of persons to whole persons of every group.

Totals first, then minors within them, then the minors' age groups. Each is made even in fractions
(the minors by water-filling inside the whole totals) and then whole. Should the nearest whole
totals leave no room for the minors, both are settled in one integer program.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from allocator.program.even import limits_with_minors, minors_limits, weights
from allocator.program.fill import fill_nested
from allocator.program.problem import Bound, Box, Floats, Ints, Problem
from allocator.program.whole import (
    Limits,
    NoWholeNumbersError,
    Whole,
    nearest_whole,
    nearest_whole_with_part,
)

__all__ = ["Settled", "settle", "widened"]


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
    totals, found = _on_the_grid(problem, target, warnings)
    target_minors, box, minors = found
    groups, younger = [totals.persons - minors.persons], None
    if len(problem.groups) == 2:
        groups.append(minors.persons)
    elif len(problem.groups) == 3:
        younger = _younger(problem, minors.persons)
        groups += [younger.persons, minors.persons - younger.persons]
    persons = np.stack(groups, axis=1)
    return Settled(persons, target_minors, box, totals, minors, younger, tuple(warnings))


def widened(problem: Problem, target: Floats) -> Problem:
    """Soft limits on totals and counties moved out to where the goals have put them, in steps."""
    if problem.all_hard is problem:
        return problem
    bounds, step = [], problem.step
    in_county = problem.by_county(target)
    for bound in problem.bounds:
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


def _on_the_grid(
    problem: Problem, target: Floats, warnings: list[str]
) -> tuple[Whole, tuple[Floats, Box, Whole]]:
    """Totals and minors in their steps; in single persons where the steps cannot be kept."""
    box, county = limits_with_minors(problem), problem.box("county")
    groups = Limits(problem.units.county_of, county.lower, county.upper)
    if problem.method != "nearest":
        from allocator.program.seats import apportioned

        weight = weights(problem.entitlement, problem.units.population)
        totals = apportioned(weight, box, problem.persons, problem.method)
        if problem.method == "biproportional" and problem.minors:
            return totals, _by_table(problem, totals.persons)
        return totals, _minors(problem, totals.persons, problem.minors_step)
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
                return totals, _minors(problem, totals.persons, minors_step)
            except NoWholeNumbersError:
                totals = _with_minors(problem, target, box, groups, step, minors_step)
                return totals, _minors(problem, totals.persons, minors_step)
        except NoWholeNumbersError as error:
            reason = error
    raise reason or NoWholeNumbersError("no steps to try")


def _by_table(problem: Problem, totals: Ints) -> tuple[Floats, Box, Whole]:
    """Minors from the table of municipalities by groups, if their limits allow it."""
    from allocator.program.seats import groups_apportioned

    table = groups_apportioned(problem, totals)
    minors = table[:, 1:].sum(axis=1)
    box = minors_limits(problem, totals.astype(np.float64))
    if ((minors < box.lower) | (minors > box.upper)).any():
        raise NoWholeNumbersError("the biproportional table passes a limit on minors")
    return minors.astype(np.float64), box, Whole(minors)


def _minors(problem: Problem, totals: Ints, step: int) -> tuple[Floats, Box, Whole]:
    """Minors inside whole totals: as even as can be, then whole."""
    size = len(problem.units)
    if not problem.minors:
        nothing = np.zeros(size)
        box = problem.box("minors")
        return nothing, box, Whole(nothing.astype(np.int64))
    box = minors_limits(problem, totals.astype(np.float64))
    box = replace(box, upper=np.floor(box.upper + 1e-9))
    if box.upper.sum() < problem.minors:
        # Soft limits give way: nobody is left below theirs, and the rest is shared evenly.
        hard = replace(problem, bounds=tuple(b for b in problem.bounds if b.hard))
        wide = minors_limits(hard, totals.astype(np.float64))
        box = replace(wide, lower=np.minimum(box.upper, wide.upper), upper=np.floor(wide.upper))
    weight = weights(problem.entitlement_minors, problem.units.population)
    if (box.lower > box.upper).any():
        raise NoWholeNumbersError("a floor of minors is above what fits in the total")
    county = problem.box("county_minors")
    groups = Limits(problem.units.county_of, county.lower, county.upper)
    target = fill_nested(
        weight, box.lower, box.upper, float(problem.minors), groups.of, groups.lower, groups.upper
    )
    whole = nearest_whole(
        target, box.lower, box.upper, problem.minors,
        step=step, first=problem.entitlement_minors, groups=groups,
    )  # fmt: skip
    return target, box, whole


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


def _younger(problem: Problem, minors: Ints) -> Whole:
    """The younger minors: the same part of everyone's, in whole persons."""
    need = int(problem.need[1])
    target = minors.astype(np.float64) * (need / max(problem.minors, 1))
    zero = np.zeros(len(minors))
    return nearest_whole(
        target, zero, minors.astype(np.float64), need, first=problem.entitlement_minors
    )
