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
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allocator.program.fill import fill_nested, levels
from allocator.program.grid import EQUAL, Grid, Limits, NoWholeNumbersError, Prices, Tie
from allocator.program.problem import Floats, Ints

__all__ = ["by_margins"]

Mask = npt.NDArray[np.bool_]


def by_margins(
    grid: Grid, total: int, first: Floats, groups: Limits | None = None
) -> tuple[Ints, tuple[Tie, ...], Prices]:
    """Steps from the start (units,) with the least Σ |X − x*|; the ties broken; the multipliers.

    Of units with equal claims, those that are larger by ``first``, then earlier in order, get the
    step. Raises :class:`NoWholeNumbersError` when no steps within the limits have the total.
    """
    cheap, start = grid.cheap, grid.start
    one = (grid.one > 0) & (cheap < 1 - EQUAL)
    fewer, more = grid.fewer, grid.more - one
    tied, low, high = (
        groups.in_steps(start, grid.step) if groups else (np.zeros(0, dtype=np.int64),) * 3
    )
    count = len(groups.lower) if groups is not None and len(tied) else 1
    of = groups.of if groups is not None and len(tied) else np.zeros(len(one), dtype=np.int64)
    sizes = [_sum(of, steps, count) for steps in (fewer, one, more)]
    least, most = np.zeros(count), sizes[0] + sizes[1] + sizes[2]
    if len(tied):
        least[tied] = np.maximum(low + sizes[0][tied], 0.0)
        most[tied] = np.minimum(high + sizes[0][tied], most[tied])
    wanted = round((total - float(start.sum())) / grid.step) + sizes[0].sum()
    if (least > most).any() or not least.sum() <= wanted <= most.sum():
        raise NoWholeNumbersError(f"no multiples of {grid.step} within the limits sum to {total}")

    lots = below, passing, above = _lots(sizes, least, most, wanted)
    picked = _pick(cheap, one, of, passing, first)
    steps, ties = picked.got.astype(np.int64), picked.ties
    ups = downs = np.zeros(len(one), dtype=np.int64)
    if above.given:
        ups, found = _spread(more, np.maximum(grid.base + one - grid.ideal, 0), of, above, first)
        steps, ties = steps + ups, ties + found
    if below.given < below.size.sum():
        downs, found = _spread(fewer, np.maximum(grid.ideal - grid.base, 0), of, below.left, first)
        # Who gives up a step fewer is who has the step.
        steps, ties = steps - downs, ties + tuple(Tie(tie.not_got, tie.got) for tie in found)
    given = (
        below.size - _sum(of, downs, count),
        picked.number,
        _sum(of, ups, count),
    )
    nation, over = _prices(lots, given, picked, least, most)
    return steps, ties, Prices(nation, dict(zip(tied.tolist(), over[tied].tolist(), strict=True)))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Lot:
    """Steps of one price (or of the prices in between), by group: how many there are, must be and
    may be given, all of shape (groups,); and how many are given in all."""

    size: Floats
    least: Floats
    most: Floats
    given: int

    @property
    def free(self) -> int:
        """Given beyond what groups must have."""
        return self.given - int(self.least.sum())

    @property
    def left(self) -> _Lot:
        """The same lot seen from those who go without."""
        without = int(self.size.sum()) - self.given
        return _Lot(self.size, self.size - self.most, self.size - self.least, without)


def _lots(
    sizes: list[Floats], least: Floats, most: Floats, wanted: float
) -> tuple[_Lot, _Lot, _Lot]:
    """Cheap steps before dear ones: first in each group what it must have, then in the nation."""
    lots, free, before = [], int(wanted - least.sum()), np.zeros(len(least))
    for size in sizes:
        forced, allowed = (
            np.minimum(np.maximum(limit - before, 0.0), size) for limit in (least, most)
        )
        must, room = int(forced.sum()), int((allowed - forced).sum())
        given = min(free, room)
        lots.append(_Lot(size, forced, allowed, must + given))
        free, before = free - given, before + size
    below, passing, above = lots
    return below, passing, above


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Picked:
    """Who of the candidates got a step; how many did in each group (groups,), its dearest that did
    and cheapest that did not; and the dearest of those whose group need not have had it."""

    got: Mask
    number: Floats
    dearest: Floats
    next: Floats
    last: float
    ties: tuple[Tie, ...]


def _pick(cost: Floats, among: Mask, of: Ints, lot: _Lot, first: Floats) -> _Picked:
    """One step each for the cheapest candidates, within what groups must and may have."""
    order, runs = _ranked(cost, np.flatnonzero(among), first)
    if len(lot.size) == 1:
        return _first_of(order, runs, cost, of, lot)
    group = of[order]
    # Group by group, still in order: the first of a group must have one, the last may not.
    small = np.int16 if len(lot.size) < 2**15 else np.int64  # 16 bits sort by radix
    by = np.append(np.argsort(group.astype(small), kind="stable"), len(order))
    size, least, most = (part.astype(np.int64) for part in (lot.size, lot.least, lot.most))
    begin = np.cumsum(size) - size
    chosen = np.sort(by[_ranges(begin + least, most - least)])[: lot.free]
    taken = np.zeros(len(order), dtype=bool)
    taken[by[_ranges(begin, least)]] = taken[chosen] = True
    got = np.zeros(len(cost), dtype=bool)
    got[order[taken]] = True
    # Those who got one are the first of their group.
    number = least + np.bincount(group[chosen], minlength=len(size))
    in_order = np.append(cost[order], np.inf)
    dearest = np.where(number > 0, in_order[by[begin + number - 1]], -np.inf)
    following = np.where(number < size, in_order[by[begin + number]], np.inf)
    last = float(in_order[chosen[-1]]) if len(chosen) else -np.inf
    ties = _ties(order, runs, taken, of, number > least, number < most)
    return _Picked(got, number.astype(np.float64), dearest, following, last, ties)


def _first_of(order: Ints, runs: tuple[Ints, Ints], cost: Floats, of: Ints, lot: _Lot) -> _Picked:
    """The same where all are of one group: the first in order."""
    given, got = lot.given, np.zeros(len(cost), dtype=bool)
    got[order[:given]] = True
    dearest = float(cost[order[given - 1]]) if given else -np.inf
    following = float(cost[order[given]]) if given < len(order) else np.inf
    last = dearest if lot.free else -np.inf
    ties: tuple[Tie, ...] = ()
    if len(runs[0]):
        taken = np.arange(len(order)) < given
        ties = _ties(order, runs, taken, of, given > lot.least, given < lot.most)
    number, ends = np.array([float(given)]), (np.array([dearest]), np.array([following]))
    return _Picked(got, number, *ends, last, ties)


def _ranges(begins: Ints, sizes: Ints) -> Ints:
    """The numbers begin, begin + 1, … of each range, one range after the other.

    >>> _ranges(np.array([5, 9]), np.array([2, 3])).tolist()
    [5, 6, 9, 10, 11]
    """
    ends = np.cumsum(sizes)
    every: Ints = np.arange(ends[-1]) + np.repeat(begins - ends + sizes, sizes)
    return every


def _ranked(cost: Floats, candidates: Ints, first: Floats) -> tuple[Ints, tuple[Ints, Ints]]:
    """The candidates by cost; and where the runs of equal costs begin and end, each run ordered by
    ``first``, then as the units are."""
    costs = cost[candidates]
    sorted_ = np.argsort(costs)
    order, ranked = candidates[sorted_], costs[sorted_]
    near = np.flatnonzero(ranked[1:] - ranked[:-1] < EQUAL)
    if not len(near):
        return order, (near, near)
    apart = np.flatnonzero(near[1:] - near[:-1] > 1)
    begins, ends = near[np.append(0, apart + 1)], near[np.append(apart, -1)] + 2
    run, inside = np.repeat(np.arange(len(begins)), ends - begins), _ranges(begins, ends - begins)
    tied = order[inside]
    order[inside] = tied[np.lexsort((tied, -np.round(first[tied], 7), run))]
    return order, (begins, ends)


def _ties(
    order: Ints, runs: tuple[Ints, Ints], taken: Mask, of: Ints, can_lose: Mask, can_gain: Mask
) -> tuple[Tie, ...]:
    """The runs in which only some got a step that others might have had in their place.

    Within a group anybody might; between groups, where one can do with less and the other with
    more.
    """
    begins, ends = runs
    before = np.append(0, np.cumsum(taken))
    number = before[ends] - before[begins]
    mixed = np.flatnonzero((number > 0) & (number < ends - begins))
    if not len(mixed):
        return ()
    sizes = (ends - begins)[mixed]
    inside, run = _ranges(begins[mixed], sizes), np.repeat(np.arange(len(mixed)), sizes)
    units, got = order[inside], taken[inside]
    group = of[units]
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
        ties.append(Tie(tuple(ours[0].tolist()), tuple(ours[1].tolist())))
    return tuple(sorted(ties, key=lambda tie: (tie.got, tie.not_got)))


def _spread(
    room: Floats, away: Floats, of: Ints, lot: _Lot, first: Floats
) -> tuple[Ints, tuple[Tie, ...]]:
    """Steps (units,) of at most ``room`` each, that cost the same wherever they go: those who are
    ``away`` from their ideal already get fewer, so that Σ (distance)²/first is least."""
    weight = np.maximum(first, 1e-9 * float(first.max(initial=1.0)))
    started, high = _sum(of, away, len(lot.size)), away + room
    if lot.free:
        total = lot.given + float(away.sum())
        limits = lot.least + started, lot.most + started
        level = fill_nested(weight, away, high, total, of, *limits)
    else:  # every group has what it must
        water = levels(weight, away, high, lot.least + started, of)[of]
        level = np.clip(water * weight, away, high)
    wanted = np.clip(level - away, 0.0, room)
    steps = np.floor(wanted + EQUAL)
    has, open_ = _sum(of, steps, len(lot.size)), steps < room
    size = _sum(of, open_, len(lot.size))
    rest = _Lot(
        size,
        np.clip(lot.least - has, 0.0, size),
        np.clip(lot.most - has, 0.0, size),
        lot.given - int(steps.sum()),
    )
    picked = _pick(steps - wanted, open_, of, rest, first)
    return (steps + picked.got).astype(np.int64), picked.ties


def _prices(
    lots: tuple[_Lot, _Lot, _Lot],
    given: tuple[Floats, Floats, Floats],
    picked: _Picked,
    least: Floats,
    most: Floats,
) -> tuple[float, Floats]:
    """Multipliers of the total and, beyond it, of the groups held at a limit: what the dearest step
    given costs, or the cheapest one not given."""
    below, above = np.full(len(least), -1.0), np.full(len(least), 1.0)
    ends = ((below, below), (picked.dearest, picked.next), (above, above))
    dearest, following = below - np.inf, above + np.inf
    for has, (cost, _) in zip(given, ends, strict=True):
        dearest = np.where(has > 0, cost, dearest)
    for lot, has, (_, cost) in list(zip(lots, given, ends, strict=True))[::-1]:
        following = np.where(has < lot.size, cost, following)
    held = given[0] + given[1] + given[2]
    frees = zip(lots, (-1.0, picked.last, 1.0), strict=True)
    nation = max((cost for lot, cost in frees if lot.free > 0), default=-np.inf)
    if nation == -np.inf:
        nation = float(following[held < most].min(initial=np.inf))
    nation = nation if np.isfinite(nation) else 0.0
    up = np.where((held == least) & (dearest > nation), dearest - nation, 0.0)
    down = np.where((held == most) & (following < nation), following - nation, 0.0)
    return nation, np.where(up > 0, up, down)


def _sum(of: Ints, values: npt.NDArray[np.generic], count: int) -> Floats:
    """Sums by group, shape (groups,)."""
    if not values.any():
        return np.zeros(count)
    return np.asarray(np.bincount(of, values, count), dtype=np.float64)
