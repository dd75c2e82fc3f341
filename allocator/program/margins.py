"""Whole steps by their marginal costs, where totals are nested: no program at all.

Σ |X − x*| is separable and convex, and limits on municipalities, counties and the nation make a
generalised polymatroid: giving one step after the other to whoever it costs least, within the
limits, ends in an optimum (Federgruen & Groenevelt 1986, doi:10.1287/opre.34.6.909). For each
person a step has one of three prices, so that steps are given in three lots and not one by one:

    −1        below the number aimed at: it brings the unit nearer
    −1 … 1    passing it: 1 − 2·(the part of the step that is wanted)
    1         above it

Within the first and the last all steps cost the same. They are spread so that numbers stay near in
squares, relative to the key: water-filling, then the largest remainder. So the answer is unique.

Every array has a row for each problem of a stack; what is found for one is the same in any stack.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from allocator.program.fill import fill_nested, group_sums, levels
from allocator.program.grid import EQUAL, NOWHERE, Grid, Limits, Mask, Prices, Tie, crossed, nowhere
from allocator.program.problem import Floats, Ints

__all__ = ["Given", "by_margins"]


@dataclass(frozen=True, eq=False, repr=False)
class Given:
    """Steps from the start (stack, units) with the least Σ |X − x*|, and the ties that were broken.

    ``fails`` tells why a row has none; what else is said of that row means nothing.
    """

    steps: Ints
    ties: dict[int, tuple[Tie, ...]]
    fails: dict[int, str]
    tied: Mask
    lots: tuple[_Lot, _Lot, _Lot]
    given: tuple[Floats, Floats, Floats]
    picked: _Picked

    @cached_property
    def _all_prices(self) -> tuple[Floats, Floats]:
        return _prices(self.lots, self.given, self.picked)

    def prices(self, row: int) -> Prices:
        """The multipliers that prove a row optimal."""
        nation, over = self._all_prices
        tied = np.flatnonzero(self.tied[row])
        of_groups = zip(tied.tolist(), over[row, tied].tolist(), strict=True)
        return Prices(float(nation[row]), dict(of_groups))


def by_margins(grid: Grid, total: Ints, first: Floats, groups: Limits | None = None) -> Given:
    """Steps for a stack of grids (stack, units), each with its total (stack,).

    Of units with equal claims, those that are larger by ``first``, then earlier in order, get the
    step. Limits of groups are (stack, groups).
    """
    stack, units = grid.base.shape
    cheap, start = grid.cheap, grid.start
    one = grid.one & (cheap < 1 - EQUAL)
    fewer, more = grid.fewer, grid.more - one
    of, tied = np.zeros(units, dtype=np.int64), np.zeros((stack, 1), dtype=bool)
    if groups is not None and groups.tied.any():
        of, tied = groups.of, groups.tied
    count = tied.shape[-1]
    sizes = [group_sums(of, steps, count) for steps in (fewer, one.astype(float), more)]
    least, most = np.zeros((stack, count)), sizes[0] + sizes[1] + sizes[2]
    crossing: Mask = np.zeros(stack, dtype=bool)
    if groups is not None and tied.any():
        low, high = groups.in_steps(start, grid.step)
        crossing |= (low > high).any(axis=-1)
        least, most = np.maximum(low + sizes[0], 0.0), np.minimum(high + sizes[0], most)
    wanted = np.round((total - start.sum(axis=-1)) / grid.step) + sizes[0].sum(axis=-1)
    outside = (wanted < least.sum(axis=-1)) | (wanted > most.sum(axis=-1))
    outside |= (least > most).any(axis=-1)
    fails = _fails(grid, total, crossing, outside)
    if fails:  # they are given nothing, so that the others can be given theirs
        none = list(fails)
        wanted[none], least[none], most[none] = 0.0, 0.0, 0.0

    lots = below, passing, above = _lots(sizes, least, most, wanted)
    picked = _pick(cheap, one, of, passing, first)
    steps, ties = picked.got.astype(np.int64), list(picked.ties)
    ups = downs = np.zeros((stack, units))
    if above.given.any():
        ups, found = _spread(more, np.maximum(grid.base + one - grid.ideal, 0), of, above, first)
        steps += ups.astype(np.int64)
        ties += found
    if (below.given < below.size.sum(axis=-1)).any():
        away = np.maximum(grid.ideal - grid.base, 0)
        downs, found = _spread(fewer, away, of, below.left, first)
        steps -= downs.astype(np.int64)
        # Who gives up a step fewer is who has the step.
        ties += [(row, Tie(tie.not_got, tie.got)) for row, tie in found]
    given = (
        below.size - group_sums(of, downs, count),
        picked.number,
        group_sums(of, ups, count),
    )
    by_row: dict[int, tuple[Tie, ...]] = {}
    for row, tie in ties:
        by_row[row] = (*by_row.get(row, ()), tie)
    return Given(steps, by_row, fails, tied, lots, given, picked)


def _fails(grid: Grid, total: Ints, crossing: Mask, outside: Mask) -> dict[int, str]:
    """Why a row has no steps, for those that have none."""
    placeless, fails = grid.remainder == NOWHERE, dict[int, str]()
    for row in np.flatnonzero(placeless | crossing | outside).tolist():
        if placeless[row]:
            fails[row] = nowhere(int(grid.spare[row]), grid.step)
        elif crossing[row]:
            fails[row] = crossed(grid.step)
        else:
            fails[row] = f"no multiples of {grid.step} within the limits sum to {total[row]}"
    return fails


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Lot:
    """Steps of one price (or of the prices in between), by group: how many there are, must be and
    may be given, all of shape (stack, groups); and how many are given in all (stack,)."""

    size: Floats
    least: Floats
    most: Floats
    given: Floats

    @property
    def free(self) -> Floats:
        """Given beyond what groups must have."""
        free: Floats = self.given - self.least.sum(axis=-1)
        return free

    @property
    def left(self) -> _Lot:
        """The same lot seen from those who go without."""
        without = self.size.sum(axis=-1) - self.given
        return _Lot(self.size, self.size - self.most, self.size - self.least, without)

    def rows(self, some: Ints) -> _Lot:
        """Some rows of it."""
        return _Lot(self.size[some], self.least[some], self.most[some], self.given[some])


def _lots(
    sizes: list[Floats], least: Floats, most: Floats, wanted: Floats
) -> tuple[_Lot, _Lot, _Lot]:
    """Cheap steps before dear ones: first in each group what it must have, then in the nation."""
    lots, free, before = [], wanted - least.sum(axis=-1), np.zeros(least.shape)
    for size in sizes:
        forced, allowed = (
            np.minimum(np.maximum(limit - before, 0.0), size) for limit in (least, most)
        )
        given = np.minimum(free, (allowed - forced).sum(axis=-1))
        lots.append(_Lot(size, forced, allowed, forced.sum(axis=-1) + given))
        free, before = free - given, before + size
    below, passing, above = lots
    return below, passing, above


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Picked:
    """Who of the candidates got a step (stack, units); how many did in each group (stack, groups),
    its dearest that did and cheapest that did not; the dearest (stack,) of those whose group need
    not have had it; and the ties, each with its row."""

    got: Mask
    number: Floats
    dearest: Floats
    next: Floats
    last: Floats
    ties: list[tuple[int, Tie]]


def _pick(cost: Floats, among: Mask, of: Ints, lot: _Lot, first: Floats) -> _Picked:
    """One step each for the cheapest candidates, within what groups must and may have.

    A candidate is known by its place in the flat stack, and its group by that of all groups.
    """
    stack, groups = lot.size.shape
    order, runs = _ranked(cost, among, first)
    group = (of + groups * np.arange(stack)[:, None]).ravel()[order]
    # Group by group, still in order: the first of a group must have one, the last may not.
    small = np.int16 if lot.size.size < 2**15 else np.int64  # 16 bits sort by radix
    by = np.append(np.argsort(group.astype(small), kind="stable"), len(order))
    size, least, most = (part.ravel().astype(np.int64) for part in (lot.size, lot.least, lot.most))
    begin = np.cumsum(size) - size
    may = (most - least).reshape(stack, groups).sum(axis=-1)
    inside, free = np.sort(by[_ranges(begin + least, most - least)]), lot.free.astype(np.int64)
    chosen = inside[_ranges(np.cumsum(may) - may, free)]
    taken = np.zeros(len(order), dtype=bool)
    taken[by[_ranges(begin, least)]] = taken[chosen] = True
    got = np.zeros(cost.shape, dtype=bool)
    got.ravel()[order[taken]] = True
    # Those who got one are the first of their group.
    number = least + np.bincount(group[chosen], minlength=len(size))
    in_order = np.append(cost.ravel()[order], np.inf)
    dearest = np.where(number > 0, in_order[by[begin + number - 1]], -np.inf)
    following = np.where(number < size, in_order[by[begin + number]], np.inf)
    ends = np.append(chosen, 0)[np.maximum(np.cumsum(free) - 1, 0)]
    last = np.where(free > 0, in_order[ends], -np.inf)
    ties = _ties(order, runs, taken, group, number > least, number < most, len(of))
    shape = lot.size.shape
    return _Picked(
        got,
        number.reshape(shape).astype(np.float64),
        dearest.reshape(shape),
        following.reshape(shape),
        last,
        ties,
    )


def _ranges(begins: Ints, sizes: Ints) -> Ints:
    """The numbers begin, begin + 1, … of each range, one range after the other.

    >>> _ranges(np.array([5, 9]), np.array([2, 3])).tolist()
    [5, 6, 9, 10, 11]
    """
    ends = np.cumsum(sizes)
    every: Ints = np.arange(ends[-1]) + np.repeat(begins - ends + sizes, sizes)
    return every


def _ranked(cost: Floats, among: Mask, first: Floats) -> tuple[Ints, tuple[Ints, Ints]]:
    """The candidates, row by row, by cost; and where the runs of equal costs begin and end, each
    run ordered by ``first``, then as the units are."""
    stack, units = cost.shape
    number = np.count_nonzero(among, axis=-1)
    order = np.where(among, cost, np.inf).argsort(axis=-1) + units * np.arange(stack)[:, None]
    order = order[np.arange(units) < number[:, None]]
    ranked = cost.ravel()[order]
    close = ranked[1:] - ranked[:-1] < EQUAL
    ends_of_rows = np.cumsum(number)[:-1] - 1
    close[ends_of_rows[(ends_of_rows >= 0) & (ends_of_rows < len(close))]] = False
    near = np.flatnonzero(close)
    if not len(near):
        return order, (near, near)
    apart = np.flatnonzero(near[1:] - near[:-1] > 1)
    begins, ends = near[np.append(0, apart + 1)], near[np.append(apart, -1)] + 2
    run, inside = np.repeat(np.arange(len(begins)), ends - begins), _ranges(begins, ends - begins)
    tied = order[inside]
    order[inside] = tied[np.lexsort((tied, -np.round(first.ravel()[tied], 7), run))]
    return order, (begins, ends)


def _ties(
    order: Ints,
    runs: tuple[Ints, Ints],
    taken: Mask,
    group_of: Ints,
    can_lose: Mask,
    can_gain: Mask,
    size: int,
) -> list[tuple[int, Tie]]:
    """The runs in which only some got a step that others might have had in their place.

    Within a group anybody might; between groups, where one can do with less and the other with
    more. A tie comes with its row, and its units are those of a row of so many.
    """
    begins, ends = runs
    if not len(begins):
        return []
    before = np.append(0, np.cumsum(taken))
    number = before[ends] - before[begins]
    mixed = np.flatnonzero((number > 0) & (number < ends - begins))
    if not len(mixed):
        return []
    sizes = (ends - begins)[mixed]
    inside, run = _ranges(begins[mixed], sizes), np.repeat(np.arange(len(mixed)), sizes)
    units, got, group = order[inside], taken[inside], group_of[inside]
    gives, gains = got & can_lose[group], ~got & can_gain[group]
    swaps = (np.bincount(run, gives) > 0) & (np.bincount(run, gains) > 0)
    # Groups that can swap are one party in their run, any other group is one by itself.
    named = run * len(can_lose) + group
    pooled = np.isin(named, named[swaps[run] & (gives | gains)])
    party = np.where(pooled, -1 - run, named)
    _, party = np.unique(party, return_inverse=True)
    with_one, members = np.bincount(party, got), np.bincount(party)
    ties = []
    for one in np.flatnonzero((with_one > 0) & (with_one < members)).tolist():
        ours = np.sort(units[(party == one) & got]), np.sort(units[(party == one) & ~got])
        row = int(ours[0][0]) // size
        ties.append((row, Tie(*(tuple((some - row * size).tolist()) for some in ours))))
    return sorted(ties, key=lambda tie: (tie[0], tie[1].got, tie[1].not_got))


def _spread(
    room: Floats, away: Floats, of: Ints, lot: _Lot, first: Floats
) -> tuple[Floats, list[tuple[int, Tie]]]:
    """Steps (stack, units) of at most ``room`` each, that cost the same wherever they go: those who
    are ``away`` from their ideal already get fewer, so that Σ (distance)²/first is least."""
    steps, ties = np.zeros(room.shape), list[tuple[int, Tie]]()
    free = lot.free > 0
    # Some rows have a lot that is free to go anywhere; in some, groups have what they must.
    for rows in (np.flatnonzero(free), np.flatnonzero(~free & (lot.given > 0))):
        if len(rows):
            parts = room[rows], away[rows], of, lot.rows(rows), first[rows]
            steps[rows], found = _spread_rows(*parts, free=bool(free[rows[0]]))
            ties += [(int(rows[row]), tie) for row, tie in found]
    return steps, ties


def _spread_rows(
    room: Floats, away: Floats, of: Ints, lot: _Lot, first: Floats, *, free: bool
) -> tuple[Floats, list[tuple[int, Tie]]]:
    groups = lot.size.shape[-1]
    weight = np.maximum(first, 1e-9 * np.max(first, axis=-1, keepdims=True, initial=1.0))
    started, high = group_sums(of, away, groups), away + room
    if free:
        total = lot.given + away.sum(axis=-1)
        limits = lot.least + started, lot.most + started
        level = fill_nested(weight, away, high, total, of, *limits)
    else:
        water = levels(weight, away, high, lot.least + started, of)
        level = np.clip(water.take(of, axis=-1) * weight, away, high)
    wanted = np.clip(level - away, 0.0, room)
    steps = np.floor(wanted + EQUAL)
    has, open_ = group_sums(of, steps, groups), steps < room
    size = group_sums(of, open_.astype(float), groups)
    rest = _Lot(
        size,
        np.clip(lot.least - has, 0.0, size),
        np.clip(lot.most - has, 0.0, size),
        lot.given - steps.sum(axis=-1),
    )
    picked = _pick(steps - wanted, open_, of, rest, first)
    return steps + picked.got, picked.ties


def _prices(
    lots: tuple[_Lot, _Lot, _Lot], given: tuple[Floats, Floats, Floats], picked: _Picked
) -> tuple[Floats, Floats]:
    """Multipliers of the total (stack,) and, beyond it, of the groups held at a limit (stack,
    groups): what the dearest step given costs, or the cheapest one not given."""
    shape = picked.number.shape
    below, above = np.full(shape, -1.0), np.full(shape, 1.0)
    ends = ((below, below), (picked.dearest, picked.next), (above, above))
    dearest, following = below - np.inf, above + np.inf
    for has, (cost, _) in zip(given, ends, strict=True):
        dearest = np.where(has > 0, cost, dearest)
    for lot, has, (_, cost) in list(zip(lots, given, ends, strict=True))[::-1]:
        following = np.where(has < lot.size, cost, following)
    held = given[0] + given[1] + given[2]
    least = lots[0].least + lots[1].least + lots[2].least
    most = lots[0].most + lots[1].most + lots[2].most
    nation = np.full(len(held), -np.inf)
    for lot, price in zip(lots, (below[:, 0], picked.last, above[:, 0]), strict=True):
        nation = np.where(lot.free > 0, np.maximum(nation, price), nation)
    cheapest = np.where(held < most, following, np.inf).min(axis=-1)
    nation = np.where(nation == -np.inf, cheapest, nation)
    nation = np.where(np.isfinite(nation), nation, 0.0)[:, None]
    up = np.where((held == least) & (dearest > nation), dearest - nation, 0.0)
    down = np.where((held == most) & (following < nation), following - nation, 0.0)
    return nation[:, 0], np.where(up > 0, up, down)
