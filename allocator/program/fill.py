"""Water-filling: the closed form of the leximin allocation under nested totals.

With bounds on single municipalities and totals of counties and the nation, the feasible totals are
a base of a generalised polymatroid. Its lexicographically optimal base is unique, is leximin and
leximax at once, and minimises Σ (x − e)²/e (Fujishige 1980, doi:10.1287/moor.5.2.186; Veinott
1971, doi:10.1287/opre.19.3.547):

    x[m] = clip(λ_c · e[m], lower[m], upper[m]),   λ_c = clip(λ, λ_c^low, λ_c^high)

with one national level λ, held back by the county levels where a county's total is limited.

Arrays may have more axes before their last: a place there is a problem of its own. What is found
for it is the same to the last bit alone and among any others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from allocator.program.problem import Floats, Ints

__all__ = ["fill", "fill_nested", "group_sums", "level", "levels", "levels_nested", "whole_sums"]

_SAME = 1e-12
"""Totals that differ by less, relatively, are the same."""
_FEW = 2_000
"""So many units, of all problems together, are few."""


def level(weight: Floats, lower: Floats, upper: Floats, total: float | Floats) -> Floats:
    """The λ (…) for which Σ clip(λ·weight, lower, upper) = total; arrays of shape (…, units).

    When a whole interval of λ does, the smallest is given. A total at or below Σ lower gives the
    largest λ that lifts nobody, one at or above Σ upper the smallest that lifts all to the top; and
    0 where nobody has weight.

    The levels where a unit starts and stops to rise are sorted, and the two between which the total
    is reached are found by halving. What all hold at a level is summed afresh each time: running
    sums would lose a weight that is a million million times smaller than others.

    >>> level(np.array([1.0, 1.0]), np.zeros(2), np.array([3.0, np.inf]), 10.0).tolist()
    7.0
    >>> level(np.ones((2, 3)), np.zeros(3), np.full(3, 9.0), np.array([6.0, 12.0])).tolist()
    [2.0, 4.0]
    """
    weight, lower, upper = _alike(weight, lower, upper)
    shape, units = weight.shape[:-1], weight.shape[-1]
    weight, lower, upper = (one.reshape(-1, units) for one in (weight, lower, upper))
    goal = np.asarray(total, dtype=np.float64)
    goal = (goal if goal.shape == shape else np.broadcast_to(goal, shape)).ravel()
    least, wanted = lower.sum(axis=-1), goal * (1 - _SAME)
    some = weight > 0
    rising, flat = (
        limit / weight
        if some.all()
        else np.divide(limit, weight, out=np.full(weight.shape, np.inf), where=some)
        for limit in (lower, upper)
    )
    at = np.concatenate((rising, flat), axis=-1)
    row = np.arange(len(goal))
    first = 2 * units * row
    order = at.argsort(axis=-1) + first[:, None] if weight.size <= _FEW else None
    at = np.sort(at, axis=-1) if order is None else at.ravel().take(order)
    there = np.isfinite(at)  # behind them is whoever never starts, or never stops
    last = np.maximum(there.sum(axis=-1) - 1, 0)
    at[~there] = 0.0

    def short(places: Ints) -> Ints:
        """At how many of some rising places in ``at`` (problems, places) all hold too little."""
        held = at.ravel().take(first[:, None] + places)[..., None] * weight[:, None]
        np.minimum(np.maximum(held, lower[:, None], out=held), upper[:, None], out=held)
        count: Ints = (held.sum(axis=-1) < wanted[:, None]).sum(axis=-1)
        return count

    # The last level at which all hold less than the total, or the first of all.
    climbs = goal > least
    below, above = np.zeros(len(goal), dtype=np.int64), (last + 1) * climbs
    if order is not None:
        near = np.minimum(_near(at, order, weight, wanted - least), last) * climbs
        after = np.minimum(near + 1, last)
        ends = np.array((below, near, after, above))
        place = short(ends[1:3].T)
        below, above = ends[place, row], ends[place + 1, row]
    while (above - below > 1).any():
        middle = (below + above) // 2
        less = short(middle[:, None]) > 0
        below, above = np.where(less, middle, below), np.where(less, above, middle)
    begin = at.ravel().take(first + below)
    end = np.where(below < last, at.ravel().take(first + np.minimum(below + 1, last)), np.inf)
    begun, ended = rising <= begin[:, None], flat <= begin[:, None]
    moving = np.where(begun & ~ended, weight, 0.0).sum(axis=-1)
    still = np.where(ended, upper, np.where(begun, 0.0, lower)).sum(axis=-1)
    climbs &= moving > 0
    found = np.divide(goal - still, moving, out=begin.copy(), where=climbs)
    return _within(found, begin, end).reshape(shape)


def _alike(weight: Floats, lower: Floats, upper: Floats) -> tuple[Floats, Floats, Floats]:
    """All of one shape."""
    if not weight.shape == lower.shape == upper.shape:
        weight, lower, upper = np.broadcast_arrays(weight, lower, upper)
    return weight, lower, upper


def _within(values: Floats, lower: Floats, upper: Floats) -> Floats:
    """What clip does, in a third of the time where there are few."""
    held: Floats = np.minimum(np.maximum(values, lower), upper)
    return held


def _near(at: Floats, order: Ints, weight: Floats, rise: Floats) -> Ints:
    """The place in ``at`` where running sums say that all have risen by nearly so much: for few
    units that is quicker than to halve."""
    slope = np.concatenate((weight, -weight), axis=-1).ravel().take(order).cumsum(axis=-1)
    risen = (slope[:, :-1] * (at[:, 1:] - at[:, :-1])).cumsum(axis=-1)
    place: Ints = (risen < rise[:, None]).sum(axis=-1)
    return place


def levels(weight: Floats, lower: Floats, upper: Floats, totals: Floats, group_of: Ints) -> Floats:
    """:func:`level` of every group at once, shape (…, groups); ``totals`` is of that shape, and
    ``group_of`` (units,) gives each unit's group.

    >>> one = np.ones(3)
    >>> levels(one, 0 * one, 9 * one, np.array([4.0, 5.0]), np.array([0, 1, 0])).tolist()
    [2.0, 5.0]
    """
    found, stack = np.zeros(totals.shape), totals.shape[:-1]
    arrays = np.zeros((3, *stack, len(group_of) + 1))  # one place more: nobody's
    for into, array in zip(arrays, (weight, lower, upper), strict=True):
        into[..., :-1] = array
    for groups, units in _by_size(group_of, totals.shape[-1]):
        w, low, high = arrays.take(units, axis=-1)
        found[..., groups] = level(w, low, high, totals[..., groups])
    return found


def _by_size(group_of: Ints, count: int) -> Iterator[tuple[Ints, Ints]]:
    """Groups of about one size, and their units (groups, size); behind them, places of nobody.

    All that have units are taken as of one size where that makes no more than four times as many
    places as there are units; else a group's row is its own size, rounded up to a power of two.
    """
    sizes = np.bincount(group_of, minlength=count)
    begins, widest = sizes.cumsum() - sizes, int(sizes.max())
    units = np.append(group_of.argsort(kind="stable"), len(group_of))
    widths, kinds = np.where(sizes > 0, widest, 0), [widest] if widest else []
    if count * widest > 4 * len(group_of):
        widths = np.where(sizes > 0, 2 ** np.ceil(np.log2(np.maximum(sizes, 1))), 0).astype(int)
        kinds = sorted(set(widths[widths > 0].tolist()))
    for width in kinds:
        groups = np.flatnonzero(widths == width)
        place = np.arange(width)
        inside = place < sizes[groups, None]
        yield groups, units[np.where(inside, begins[groups, None] + place, len(group_of))]


def group_sums(group_of: Ints, values: Floats, count: int) -> Floats:
    """Sums of values (…, units) by group, shape (…, groups).

    >>> group_sums(np.array([0, 1, 0]), np.array([[1.0, 2, 4], [8, 16, 32]]), 2).tolist()
    [[5.0, 2.0], [40.0, 16.0]]
    """
    if not values.any():
        return np.zeros((*values.shape[:-1], count))
    stack = values.size // len(group_of)
    of = (group_of + count * np.arange(stack)[:, None]).ravel()
    sums: Floats = np.bincount(of, values.ravel(), stack * count).astype(np.float64)
    return sums.reshape(*values.shape[:-1], count)


def whole_sums(group_of: Ints, count: int) -> Callable[[Floats], Floats]:
    """What does the same for whole numbers, which have one sum in any order: where units stand by
    group, as those do that are in order of their codes, in one run through them."""
    begins = np.append(0, np.flatnonzero(group_of[1:] != group_of[:-1]) + 1)
    there = group_of[begins]
    if (there[1:] <= there[:-1]).any():
        return lambda values: group_sums(group_of, values, count)

    def sums(values: Floats) -> Floats:
        found = np.zeros((*values.shape[:-1], count))
        found[..., there] = np.add.reduceat(values, begins, axis=-1)
        return found

    return sums


def fill(weight: Floats, lower: Floats, upper: Floats, total: float | Floats) -> Floats:
    """clip(λ·weight, lower, upper) with the λ that makes it sum to ``total``, if any does.

    >>> fill(np.array([2.0, 1.0, 1.0]), np.zeros(3), np.array([1.0, 9, 9]), 4.0).tolist()
    [1.0, 1.5, 1.5]
    """
    return _within(level(weight, lower, upper, total)[..., None] * weight, lower, upper)


def fill_nested(
    weight: Floats,
    lower: Floats,
    upper: Floats,
    total: float | Floats,
    group_of: Ints,
    group_lower: Floats,
    group_upper: Floats,
) -> Floats:
    """Water-filling where each group's (county's) total is limited too; shape (…, units).

    ``group_of`` (units,) gives each unit's group; ``group_lower`` and ``group_upper`` (…, groups).
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
    total: float | Floats,
    group_of: Ints,
    group_lower: Floats,
    group_upper: Floats,
) -> tuple[Floats, Floats]:
    """The levels of :func:`fill_nested`: the nation's λ (…), and each group's λ_c (…, groups).

    >>> one, free = np.ones(2), np.full(2, np.inf)
    >>> nation, county = levels_nested(
    ...     one, 0 * one, free, 9.0, np.array([0, 1]), np.zeros(2), np.array([2.0, np.inf])
    ... )
    >>> float(nation), county.tolist()
    (7.0, [2.0, 7.0])
    """
    low, high, tight_lower, tight_upper = _held_back(
        weight, lower, upper, group_of, group_lower, group_upper
    )
    nation = level(weight, tight_lower, tight_upper, total)
    return nation, np.clip(nation[..., None], low, high)


def _held_back(
    weight: Floats,
    lower: Floats,
    upper: Floats,
    group_of: Ints,
    group_lower: Floats,
    group_upper: Floats,
) -> tuple[Floats, Floats, Floats, Floats]:
    """The lowest and highest level of each group, and the units' limits that hold them in."""
    weight, lower, upper = _alike(weight, lower, upper)
    groups = group_lower.shape[-1]
    shape = (*np.broadcast_shapes(weight.shape[:-1], group_lower.shape[:-1]), groups)
    low_level, high_level = np.zeros(shape), np.full(shape, np.inf)
    limited = (group_lower > 0).any() or np.isfinite(group_upper).any()
    if not limited and (weight > 0).all() and (lower <= upper).all():
        return low_level, high_level, lower, upper
    least, most = (group_sums(group_of, limit, groups) for limit in (lower, upper))
    sides = [
        (held, limit, into)
        for held, limit, into in (
            (group_lower > least, group_lower, low_level),
            (group_upper < most, group_upper, high_level),
        )
        if held.any()
    ]
    if sides:
        totals = np.empty((len(sides), *shape))
        for side, (_, limit, _) in zip(totals, sides, strict=True):
            side[...] = limit
        found = levels(weight, lower, upper, totals, group_of)
        for (held, _, into), side in zip(sides, found, strict=True):
            np.copyto(into, side, where=held)
    # clip(clip(λ, l, h)·w, lower, upper) = clip(λ·w, …) with the county levels folded in.
    tight_lower = _within(low_level.take(group_of, axis=-1) * weight, lower, upper)
    with np.errstate(invalid="ignore"):
        top = np.where(weight > 0, high_level.take(group_of, axis=-1) * weight, lower)
    tight_upper = _within(top, lower, upper)
    return low_level, high_level, tight_lower, np.maximum(tight_lower, tight_upper)
