"""What holds each number where it is: the families at whose limit it stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from allocator.program.problem import Box, Floats, Names, Problem
from allocator.program.room import limits_with_minors

__all__ = ["Held", "at_limits", "held_by", "held_together", "names_of_limits", "with_minors"]

Held = tuple[tuple[str, ...], ...]
"""For each unit the families that hold it."""

_NEAR = 1e-6


def held_by(problem: Problem, target: Floats) -> Held:
    """The families that hold each total (units,): its own limits, else its county's; and what ties
    it to others."""
    (found,) = held_together([problem], target[None])
    held = list(found)
    for link in problem.links:
        if min(abs(link.of(target) - link.lower), abs(link.of(target) - link.upper)) < _NEAR:
            for unit in link.units.tolist():
                held[unit] = _known((*held[unit], link.family))
    return tuple(held)


def held_together(problems: Sequence[Problem], targets: Floats) -> list[Held]:
    """The families that hold the totals (problems, units) of problems on the same units, links
    aside."""
    boxes = [limits_with_minors(problem) for problem in problems]
    names = [names_of_limits(problem) for problem in problems]
    own = _at(boxes, names, targets)
    counties = [problem.box("county") for problem in problems]
    if not any(box.lower.any() or np.isfinite(box.upper).any() for box in counties):
        return [tuple(row) for row in own]
    county_of, found = problems[0].units.county_of.tolist(), []
    for problem, target, row, box in zip(problems, targets, own, counties, strict=True):
        # A year's own need holds nobody: it is the need.
        of_county = [
            tuple(family for family in families if family != "year")
            for families in at_limits(box, problem.by_county(target))
        ]
        found.append(tuple(mine or of_county[at] for mine, at in zip(row, county_of, strict=True)))
    return found


def with_minors(totals: Held, minors: Iterable[tuple[str, ...]]) -> Held:
    """What holds each total and, with ``_em`` behind it, what holds its minors.

    >>> with_minors((("lot",), ()), [(), ("capacity",)])
    (('lot',), ('capacity_em',))
    """
    if not any(minors := list(minors)):
        return totals
    rows = zip(totals, minors, strict=True)
    return tuple((*total, *(f"{name}_em" for name in em)) if em else total for total, em in rows)


def at_limits(box: Box, target: Floats) -> list[tuple[str, ...]]:
    """The families at whose limit each number (units,) stands; most stand at none."""
    if not (np.isfinite(box.upper).any() or box.lower.any()):
        return [()] * len(target)
    return _at([box], [_names(box)], target[None])[0]


def names_of_limits(problem: Problem) -> tuple[Names, Names, Names]:
    """The families of each unit's lower limit, of its upper, and of both."""
    return problem.once("names", lambda: _names(limits_with_minors(problem)))


def _names(box: Box) -> tuple[Names, Names, Names]:
    rows = list(zip(box.lower_by.tolist(), box.upper_by.tolist(), strict=True))
    low, high, both = (
        np.fromiter((_known(tuple(row[at] for at in ends)) for row in rows), object, len(rows))
        for ends in ((0,), (1,), (0, 1))
    )
    return low, high, both


def _known(families: tuple[str, ...]) -> tuple[str, ...]:
    """The families there are, each once.

    >>> _known(("lock", "", "lock"))
    ('lock',)
    """
    return tuple(dict.fromkeys(family for family in families if family))


def _at(
    boxes: Sequence[Box], names: Sequence[tuple[Names, Names, Names]], targets: Floats
) -> list[list[tuple[str, ...]]]:
    lower, upper = (np.array([getattr(box, end) for box in boxes]) for end in ("lower", "upper"))
    low, high = (np.abs(targets - limit) < _NEAR for limit in (lower, upper))
    low &= lower > 0  # nobody sets a limit of 0
    nobody, rows = np.fromiter(((),), object, 1), []
    for at_low, at_high, (of_low, of_high, of_both) in zip(low, high, names, strict=True):
        held = np.where(at_high, of_high, nobody)
        if at_low.any():
            held = np.where(at_low, np.where(at_high, of_both, of_low), held)
        rows.append(held.tolist())
    return rows
