"""Water-filling: the closed form of the leximin allocation under nested totals.

With bounds on single municipalities and totals of counties and the nation, the feasible totals are
a base of a generalised polymatroid. Its lexicographically optimal base is unique, is leximin and
leximax at once, and minimises Σ (x − e)²/e (Fujishige 1980, doi:10.1287/moor.5.2.186; Veinott
1971, doi:10.1287/opre.19.3.547):

    x[m] = clip(λ_c · e[m], lower[m], upper[m]),   λ_c = clip(λ, λ_c^low, λ_c^high)

with one national level λ, held back by the county levels where a county's total is limited.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from allocator.program.problem import Floats, Ints

__all__ = ["fill", "fill_nested", "level", "levels", "levels_nested"]


def level(weight: Floats, lower: Floats, upper: Floats, total: float) -> float:
    """The λ for which Σ clip(λ·weight, lower, upper) = total; all arrays of shape (units,).

    When a whole interval of λ does, the smallest is given. A total at or below Σ lower gives the
    largest λ that lifts nobody, one at or above Σ upper the smallest that lifts all to the top.

    >>> level(np.array([1.0, 1.0]), np.zeros(2), np.array([3.0, np.inf]), 10.0)
    7.0
    """
    some, rising, flat = _corners(weight, lower, upper)
    least = float(lower.sum())
    stops = np.isfinite(flat)
    at = np.concatenate((rising[some], flat[stops]))
    if not len(at):
        return 0.0
    order = at.argsort(kind="stable")
    at = at[order]
    # Slopes after each point, and what all hold at each.
    slope = np.concatenate((weight[some], -weight[stops]))[order].cumsum()
    reached = least + (slope[:-1] * (at[1:] - at[:-1])).cumsum()
    below = np.count_nonzero(reached < total) if total > least else 0
    found = float(at[below])
    if total <= least:
        return found
    begun, ended = rising <= found, flat <= found
    moving = float(weight[begun & ~ended].sum())
    still = float(np.where(ended, upper, np.where(begun, 0.0, lower)).sum())
    return (total - still) / moving if moving > 0 else found


def _corners(
    weight: Floats, lower: Floats, upper: Floats
) -> tuple[npt.NDArray[np.bool_], Floats, Floats]:
    """Who has weight, and the levels at which each starts and stops to rise: who has none never
    starts."""
    some = weight > 0
    rising, flat = (
        np.divide(limit, weight, out=np.full(len(weight), np.inf), where=some)
        for limit in (lower, upper)
    )
    return some, rising, flat


def levels(weight: Floats, lower: Floats, upper: Floats, totals: Floats, group_of: Ints) -> Floats:
    """:func:`level` of every group at once, shape (groups,); 0 for a group nobody has weight in.

    The points where a unit starts and stops to rise are sorted by group and level; running sums
    give what each group holds there, and the crossing lies within one linear piece. The piece is
    then summed afresh, free of the running sums' rounding.
    """
    groups = len(totals)
    some, rising, flat = _corners(weight, lower, upper)
    stops = np.isfinite(flat)
    at = np.concatenate((rising[some], flat[stops]))
    slope = np.concatenate((weight[some], -weight[stops]))
    of = np.concatenate((group_of[some], group_of[stops]))
    order = np.lexsort((at, of))
    at, slope, of = at[order], slope[order], of[order]
    count = np.bincount(of, minlength=groups)
    there = np.flatnonzero(count)
    first = np.searchsorted(of, there)
    # Slopes after each point, and sums at each point, both within the group.
    slope = np.cumsum(slope)
    slope -= np.repeat(np.where(first > 0, slope[first - 1], 0.0), count[there])
    risen = np.zeros(len(at))
    risen[1:] = slope[:-1] * np.diff(at)
    risen[first] = 0.0
    reached = np.cumsum(risen)
    reached -= np.repeat(reached[first], count[there])
    least = np.bincount(group_of, lower, groups)
    below = np.bincount(of, least[of] + reached < totals[of], groups)[there].astype(np.int64)
    found = np.zeros(groups)
    found[there] = at[first + np.maximum(below - 1, 0)]
    # What rises in that piece and what stands still, summed afresh: differences of running sums
    # hide small weights.
    begun, ended = rising <= found[group_of], flat <= found[group_of]
    moving = np.bincount(group_of, np.where(begun & ~ended, weight, 0.0), groups)
    still = np.bincount(group_of, np.where(ended, upper, np.where(begun, 0.0, lower)), groups)
    climbs = (moving > 0) & (totals > least)
    found[climbs] = (totals[climbs] - still[climbs]) / moving[climbs]
    return found


def fill(weight: Floats, lower: Floats, upper: Floats, total: float) -> Floats:
    """clip(λ·weight, lower, upper) with the λ that makes it sum to ``total``, if any does.

    >>> fill(np.array([2.0, 1.0, 1.0]), np.zeros(3), np.array([1.0, 9, 9]), 4.0).tolist()
    [1.0, 1.5, 1.5]
    """
    return np.clip(level(weight, lower, upper, total) * weight, lower, upper)


def fill_nested(
    weight: Floats,
    lower: Floats,
    upper: Floats,
    total: float,
    group_of: Ints,
    group_lower: Floats,
    group_upper: Floats,
) -> Floats:
    """Water-filling where each group's (county's) total is limited too.

    ``group_of`` (units,) gives each unit's group; ``group_lower`` and ``group_upper`` (groups,).
    Feasible limits are the caller's to check; the result always respects every unit's own.
    """
    _, _, tight_lower, tight_upper = _held_back(
        weight, lower, upper, group_of, group_lower, group_upper
    )
    return fill(weight, tight_lower, tight_upper, total)


def levels_nested(
    weight: Floats,
    lower: Floats,
    upper: Floats,
    total: float,
    group_of: Ints,
    group_lower: Floats,
    group_upper: Floats,
) -> tuple[float, Floats]:
    """The levels of :func:`fill_nested`: the nation's λ, and each group's λ_c (groups,).

    >>> one, free = np.ones(2), np.full(2, np.inf)
    >>> nation, county = levels_nested(
    ...     one, 0 * one, free, 9.0, np.array([0, 1]), np.zeros(2), np.array([2.0, np.inf])
    ... )
    >>> nation, county.tolist()
    (7.0, [2.0, 7.0])
    """
    low, high, tight_lower, tight_upper = _held_back(
        weight, lower, upper, group_of, group_lower, group_upper
    )
    nation = level(weight, tight_lower, tight_upper, total)
    return nation, np.clip(nation, low, high)


def _held_back(
    weight: Floats,
    lower: Floats,
    upper: Floats,
    group_of: Ints,
    group_lower: Floats,
    group_upper: Floats,
) -> tuple[Floats, Floats, Floats, Floats]:
    """The lowest and highest level of each group, and the units' limits that hold them in."""
    groups = len(group_lower)
    free = not ((group_lower > 0).any() or np.isfinite(group_upper).any())
    if free and (weight > 0).all() and (lower <= upper).all():
        return np.zeros(groups), np.full(groups, np.inf), lower, upper
    least = np.bincount(group_of, lower, groups)
    most = np.bincount(group_of, upper, groups)
    low_level, high_level = np.zeros(groups), np.full(groups, np.inf)
    for limited, limit, into in (
        (group_lower > least, group_lower, low_level),
        (group_upper < most, group_upper, high_level),
    ):
        if limited.any():
            into[limited] = levels(weight, lower, upper, limit, group_of)[limited]
    # clip(clip(λ, l, h)·w, lower, upper) = clip(λ·w, …) with the county levels folded in.
    tight_lower = np.clip(low_level[group_of] * weight, lower, upper)
    with np.errstate(invalid="ignore"):
        top = np.where(weight > 0, high_level[group_of] * weight, lower)
    tight_upper = np.clip(top, lower, upper)
    return low_level, high_level, tight_lower, np.maximum(tight_lower, tight_upper)
