"""Problems whose answer is a closed form, many at once: nested totals, and nobody to be chosen.

Where limits are on municipalities, counties and the nation, where nobody must be chosen and no
family gives way, water-filling gives the leximin totals (:mod:`fill`) and marginal costs the whole
persons nearest to them (:mod:`margins`), minors after everyone. Both work on a stack of problems as
on one, and give each the numbers it has alone, to the last bit. So one proposal and a thousand
what-ifs take the same way. Where it does not lead to an answer, the programs do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from allocator.program.held import Held, at_limits, held_together, with_minors
from allocator.program.problem import Floats, Problem
from allocator.program.room import filled_together
from allocator.program.settle import Settled, settle_together

__all__ = ["Nested", "nested_answers"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Nested:
    """The totals in fractions (units,), the whole persons, and what holds each number."""

    target: Floats
    whole: Settled
    held: Held


def nested_answers(problems: Sequence[Problem]) -> list[Nested | None]:
    """The answer of each problem that has a closed form; None where a program must tell."""
    found: list[Nested | None] = [None] * len(problems)
    alike: dict[tuple[object, ...], list[int]] = {}
    for place, problem in enumerate(problems):
        if _has_closed_form(problem):
            kind = (id(problem.units), problem.groups, problem.step, problem.minors_step)
            alike.setdefault(kind, []).append(place)
    for places in alike.values():
        for place, answer in _answers([(place, problems[place]) for place in places]):
            found[place] = answer
    return found


def _has_closed_form(problem: Problem) -> bool:
    """Whether the rule leaves water-filling the only answer, if there is room for everyone."""
    order = [goal for goal in problem.goals.order if goal != "place"]
    only = problem.goals.even in ("leximin", "l2") or order == ["even"]
    # A largest load says nothing of who has no entitlement.
    everyone = problem.goals.even != "minimax" or bool((problem.entitlement > 0).all())
    chosen = problem.lots.choose or problem.lots.choose_minors
    return (
        order[:1] == ["even"]
        and only
        and everyone
        and not chosen
        and not problem.links
        and problem.need_is_hard
        and problem.method == "nearest"
        and all(bound.hard for bound in problem.bounds)
    )


def _answers(given: list[tuple[int, Problem]]) -> Iterator[tuple[int, Nested]]:
    """Answers of problems on the same units, each with its place; none where there is no room."""
    problems = [problem for _, problem in given]
    targets, fits = filled_together(problems)
    rows = np.flatnonzero(fits).tolist()
    if not rows:
        return
    given, targets = [given[row] for row in rows], targets[rows]
    problems = [problem for _, problem in given]
    settled = settle_together(problems, targets)
    held = held_together(problems, targets)
    for (place, _), target, whole, by in zip(given, targets, settled, held, strict=True):
        if isinstance(whole, Settled):
            em = at_limits(whole.minors_box, whole.target_minors)
            yield place, Nested(target, whole, with_minors(by, em))
