"""The room a problem leaves: limits on totals and on the minors inside them, and who fits.

Water-filling within the limits of municipalities, counties and the nation shows at any size, with
no program, whether everyone has a place; and where that is all there is, it is the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from allocator.program.fill import fill_nested, group_sums
from allocator.program.problem import Box, Floats, Mask, Problem

__all__ = [
    "everyone_fits",
    "filled_together",
    "limits_with_minors",
    "minors_fit",
    "minors_limits",
    "water_filled",
    "weights",
]

_NEAR = 1e-6


def weights(entitlement: Floats, population: Floats) -> Floats:
    """What relative load is measured against: the entitlement.

    A municipality whose key is 0 is filled last, in proportion to its inhabitants.
    """
    if (entitlement > 0).all():
        return entitlement
    inhabitants = np.nan_to_num(population) + 1.0
    return np.where(entitlement > 0, entitlement, 1e-9 * inhabitants / inhabitants.sum())


def limits_with_minors(problem: Problem) -> Box:
    """The limits on totals, raised to hold the minors that must be there."""
    return problem.once("limits", lambda: _limits_with_minors(problem))


def _limits_with_minors(problem: Problem) -> Box:
    box, minors = problem.box("total"), problem.box("minors")
    lower = np.maximum(box.lower, minors.lower)
    for bound in problem.of_measure("share"):
        if problem.minors_share > 0:
            held = minors.lower[bound.index] - bound.upper
            needed = np.ceil(held / problem.minors_share - 1e-9)
            lower[bound.index] = np.maximum(lower[bound.index], needed)
    return replace(box, lower=lower)


def minors_limits(problem: Problem, totals: Floats) -> Box:
    """The limits on minors inside given totals, in whole persons."""
    box = problem.box("minors")
    upper = np.minimum(box.upper, totals)
    for bound in problem.of_measure("share"):
        allowed = problem.minors_share * totals[bound.index] + bound.upper
        upper[bound.index] = np.minimum(upper[bound.index], allowed)
    return replace(box, upper=upper)


def minors_fit(problem: Problem, totals: Floats) -> bool:
    """Whether the minors find room inside these totals."""
    if not problem.minors:
        return True
    box, county = minors_limits(problem, totals), problem.box("county_minors")
    most = np.minimum(problem.by_county(box.upper), county.upper)
    least = np.maximum(problem.by_county(box.lower), county.lower)
    room = float(most.sum()) >= problem.minors - 1e-9 >= float(least.sum()) - 2e-9
    return bool(room and (box.upper >= box.lower - 1e-9).all() and (most >= least - 1e-9).all())


def filled_together(problems: Sequence[Problem]) -> tuple[Floats, Mask]:
    """Leximin totals (problems, units) of problems on the same units, and whether they place
    everyone within all limits, soft ones too, minors inside; links aside."""
    units, boxes = problems[0].units, [limits_with_minors(problem) for problem in problems]
    counties = [problem.box("county") for problem in problems]
    lower, upper = (np.array([getattr(box, end) for box in boxes]) for end in ("lower", "upper"))
    low, high = (np.array([getattr(box, end) for box in counties]) for end in ("lower", "upper"))
    need = np.array([float(problem.persons) for problem in problems])
    weight = np.array([weights(problem.entitlement, units.population) for problem in problems])
    totals = fill_nested(weight, lower, upper, need, units.county_of, low, high)
    inside = group_sums(units.county_of, totals, low.shape[-1])
    fits = (lower <= upper).all(axis=-1) & (low <= high).all(axis=-1)
    fits &= np.abs(totals.sum(axis=-1) - need) < _NEAR
    fits &= ((inside >= low - _NEAR) & (inside <= high + _NEAR)).all(axis=-1)
    for row in np.flatnonzero(fits).tolist():
        fits[row] = minors_fit(problems[row], totals[row])
    return totals, fits


def water_filled(problem: Problem) -> Floats:
    """The closed form: leximin totals where totals are nested."""
    totals, _ = problem.once("filled", lambda: filled_together([problem]))
    alone: Floats = totals[0]
    return alone


def everyone_fits(problem: Problem) -> bool:
    """Whether water-filling places everyone within all limits, soft ones too, minors inside.

    If it does, nobody need be left without a place; if not, a linear program must tell.
    """
    totals, fits = problem.once("filled", lambda: filled_together([problem]))
    return bool(fits[0]) and all(link.holds(totals[0]) for link in problem.links)
