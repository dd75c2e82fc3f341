"""Water-filling: the closed form of the leximin allocation under nested totals.

With bounds on single municipalities and totals of counties and the nation, the feasible totals are
a base of a generalised polymatroid. Its lexicographically optimal base is unique, is leximin and
leximax at once, and minimises Σ (x − e)²/e (Fujishige 1980, doi:10.1287/moor.5.2.186; Veinott
1971, doi:10.1287/opre.19.3.547):

    x[m] = clip(λ_c · e[m], lower[m], upper[m]),   λ_c = clip(λ, λ_c^low, λ_c^high)

with one national level λ, held back by the county levels where a county's total is limited.
"""

from __future__ import annotations

from math import fsum

import numpy as np

from allocator.program.problem import Floats, Ints

__all__ = ["fill", "fill_nested", "level", "levels_nested"]


def level(weight: Floats, lower: Floats, upper: Floats, total: float) -> float:
    """The λ for which Σ clip(λ·weight, lower, upper) = total; all arrays of shape (units,).

    When a whole interval of λ does, the smallest is given. A total at or below Σ lower gives the
    largest λ that lifts nobody, one at or above Σ upper the smallest that lifts all to the top.

    >>> level(np.array([1.0, 1.0]), np.zeros(2), np.array([3.0, np.inf]), 10.0)
    7.0
    """
    some = weight > 0
    w, low, high = weight[some], lower[some], upper[some]
    if not len(w):
        return 0.0
    rising, flat = low / w, high / w
    if total <= fsum(low) + fsum(lower[~some]):
        return float(rising.min())
    finite = np.isfinite(flat)
    at = np.concatenate((rising, flat[finite]))
    slope = np.concatenate((w, -w[finite]))
    order = np.argsort(at, kind="stable")
    at, slope = at[order], np.cumsum(slope[order])
    # The sum at each breakpoint, then the exact crossing within one linear piece.
    reached = fsum(lower) + np.concatenate(([0.0], np.cumsum(slope[:-1] * np.diff(at))))
    piece = int(np.searchsorted(reached, total, side="left")) - 1
    piece = max(piece, 0)
    if piece == len(at) - 1 and slope[piece] <= 1e-12 * float(w.max()):
        return float(at[-1])
    guess = at[piece] + (total - reached[piece]) / slope[piece] if slope[piece] > 0 else at[piece]
    # One exact correction: sum the piece afresh, free of the running sum's rounding.
    inside = (rising < guess) & (guess < flat)
    moving = fsum(w[inside])
    if moving > 0:
        fixed = fsum(np.where(guess <= rising, low, high)[~inside]) + fsum(lower[~some])
        guess = (total - fixed) / moving
    return float(guess)


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
    least = np.bincount(group_of, lower, groups)
    most = np.bincount(group_of, upper, groups)
    low_level, high_level = np.zeros(groups), np.full(groups, np.inf)
    for group in range(groups):
        inside = group_of == group
        if group_lower[group] > least[group]:
            low_level[group] = level(
                weight[inside], lower[inside], upper[inside], group_lower[group]
            )
        if group_upper[group] < most[group]:
            high_level[group] = level(
                weight[inside], lower[inside], upper[inside], group_upper[group]
            )
    # clip(clip(λ, l, h)·w, lower, upper) = clip(λ·w, …) with the county levels folded in.
    tight_lower = np.clip(low_level[group_of] * weight, lower, upper)
    with np.errstate(invalid="ignore"):
        top = np.where(weight > 0, high_level[group_of] * weight, lower)
    tight_upper = np.clip(np.where(np.isnan(top), lower, top), lower, upper)
    return low_level, high_level, tight_lower, np.maximum(tight_lower, tight_upper)
