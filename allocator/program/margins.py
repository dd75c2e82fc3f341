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

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from allocator.program.fill import fill_nested, levels
from allocator.program.grid import EQUAL, Grid, Limits, NoWholeNumbersError, Prices, Tie
from allocator.program.problem import Floats, Ints

__all__ = ["by_margins"]

Mask = npt.NDArray[np.bool_]


def by_margins(
    grid: Grid, total: int, first: Floats, groups: Limits | None = None
) -> tuple[Ints, tuple[Tie, ...], Callable[[], Prices]]:
    """Steps from the start (units,) with the least Σ |X − x*|; the ties broken; and what finds the
    multipliers.

    Of units with equal claims, those that are larger by ``first``, then earlier in order, get the
    step. Raises :class:`NoWholeNumbersError` when no steps within the limits have the total.
    """
    cheap, among = grid.cheap, grid.passes
    among &= cheap < 1 - EQUAL
    tied = groups.tied if groups is not None else np.zeros(0, dtype=np.int64)
    if groups is None or not len(tied):
        count, of = 1, np.zeros(len(among), dtype=np.int64)
    else:
        count, of = len(groups.lower), groups.of
    sum_of = _whole_sums(of, count)
    has, fewer_of, one_of = sum_of(grid.start), sum_of(grid.fewer), sum_of(among.astype(float))
    sizes = np.stack((fewer_of, one_of, sum_of(grid.more) - one_of))
    least, most = np.zeros(count), sizes.sum(axis=0)
    if groups is not None and len(tied):
        low, high = groups.in_steps(tied, has, grid.step)
        least[tied] = np.maximum(low + fewer_of[tied], 0.0)
        most[tied] = np.minimum(high + fewer_of[tied], most[tied])
    wanted = round((total - float(has.sum())) / grid.step) + fewer_of.sum()
    if (least > most).any() or not least.sum() <= wanted <= most.sum():
        raise NoWholeNumbersError(f"no multiples of {grid.step} within the limits sum to {total}")

    lots = below, passing, above = _lots(sizes, least, most, wanted)
    picked = _pick(cheap, among, of, passing, first)
    steps, ties = picked.got.astype(np.int64), picked.ties
    ups = downs = None
    if above.given:
        more, over = grid.more - among, np.maximum(grid.base + among - grid.ideal, 0)
        ups, found = _spread(more, over, of, above, first)
        steps, ties = steps + ups, ties + found
    if below.given < below.size.sum():
        under = np.maximum(grid.ideal - grid.base, 0)
        downs, found = _spread(grid.fewer, under, of, below.left, first)
        # Who gives up a step fewer is who has the step.
        steps, ties = steps - downs, ties + tuple(Tie(tie.not_got, tie.got) for tie in found)
    prices = partial(_prices, lots, (downs, ups), of, picked, least, most, tied)
    return steps, ties, prices


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


def _lots(sizes: Floats, least: Floats, most: Floats, wanted: float) -> tuple[_Lot, _Lot, _Lot]:
    """Cheap steps before dear ones: first in each group what it must have, then in the nation."""
    before = np.cumsum(sizes, axis=0) - sizes
    forced, allowed = (
        np.minimum(np.maximum(limit - before, 0.0), sizes) for limit in (least, most)
    )
    lots, free = [], int(wanted - least.sum())
    must, room = forced.sum(axis=1).tolist(), (allowed - forced).sum(axis=1).tolist()
    for size, low, high, has, may in zip(sizes, forced, allowed, must, room, strict=True):
        given = min(free, int(may))
        lots.append(_Lot(size, low, high, int(has) + given))
        free -= given
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
    line = _Line.make(cost, np.flatnonzero(among), of, len(lot.size), first)
    size, least, most = (part.astype(np.int64) for part in (lot.size, lot.least, lot.most))
    begin = np.cumsum(size) - size
    # The first of a group must have one, the last may not: the nation chooses in between.
    chosen, last = line.cheapest(_ranges(begin + least, most - least), lot.free, first)
    number = least + np.bincount(of[line.units[chosen]], minlength=len(size))
    got = np.zeros(len(cost), dtype=bool)
    got[line.units[_ranges(begin, number)]] = True
    dearest, following = np.full(len(size), -np.inf), np.full(len(size), np.inf)
    some, others = number > 0, number < size
    dearest[some] = line.costs[(begin + number - 1)[some]]
    following[others] = line.costs[(begin + number)[others]]
    can_lose, can_gain = number > least, number < most
    ties: tuple[Tie, ...] = ()
    if len(line.lows) > 1:
        runs = line.open_runs(dearest, following, can_lose, can_gain)
        if len(runs):
            ties = _ties(*line.members(runs), got, of, can_lose, can_gain)
    return _Picked(got, number.astype(np.float64), dearest, following, last, ties)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Line:
    """Candidates by group, then by cost; where costs are equal by ``first``, then as units are.

    Costs of the whole nation that lie next to each other and are equal make a run: from ``lows`` to
    ``highs`` (runs,), the first of which stands for none; more than ``widest`` is in none.
    """

    groups: int
    units: Ints
    costs: Floats
    lows: Floats
    highs: Floats
    widest: float

    @classmethod
    def make(cls, cost: Floats, units: Ints, of: Ints, groups: int, first: Floats) -> _Line:
        """The candidates ``units`` in line."""
        costs = cost.take(units)
        if groups == 1:
            order = np.argsort(costs)
            in_line = ranked = costs.take(order)
        else:
            order, ranked = _by_group(of.take(units), costs, groups), np.sort(costs)
            in_line = costs.take(order)
        lows, highs, widest = _runs(ranked)
        line = cls(groups, units.take(order), in_line, lows, highs, widest)
        if len(lows) > 1:
            line._break_ties(cost, of, first)
        return line

    def _break_ties(self, cost: Floats, of: Ints, first: Floats) -> None:
        """Put those of one group and one run in order."""
        apart = self.costs[1:] - self.costs[:-1]
        near = np.abs(apart, out=apart) < self.widest
        at = np.flatnonzero(near)
        run, after = self.runs(self.costs[at]), self.runs(self.costs[at + 1])
        near[at] = (run > 0) & (run == after) & (of[self.units[at]] == of[self.units[at + 1]])
        begins, ends = _stretches(near)
        if not len(begins):
            return
        inside = _ranges(begins, ends - begins)
        tied, run = self.units[inside], np.repeat(begins, ends - begins)
        self.units[inside] = tied[np.lexsort((tied, -np.round(first[tied], 7), run))]
        self.costs[inside] = cost[self.units[inside]]

    def runs(self, costs: Floats) -> Ints:
        """The run in which each cost lies; 0 is none."""
        at: Ints = np.searchsorted(self.lows, costs, "right") - 1
        return at * (costs <= self.highs[at])

    def cheapest(self, places: Ints, number: int, first: Floats) -> tuple[Ints, float]:
        """The cheapest ``number`` of some places in line; and what the last of them costs."""
        if not number:
            return places[:0], -np.inf
        costs = self.costs[places]
        low = high = np.partition(costs, number - 1)[number - 1]
        run = int(self.runs(low))
        if run:
            low, high = self.lows[run], self.highs[run]
        cheaper = places[costs < low]
        rivals = places[(costs >= low) & (costs <= high)]
        if run and self.groups > 1:  # those of one group are in order
            units = self.units[rivals]
            rivals = rivals[np.lexsort((units, -np.round(first[units], 7)))]
        rivals = rivals[: number - len(cheaper)]
        return np.append(cheaper, rivals), float(self.costs[rivals[-1]])

    def open_runs(self, dearest: Floats, following: Floats, can_lose: Mask, can_gain: Mask) -> Ints:
        """The runs in which somebody might have had the step of another.

        Within a group anybody might; between groups, where one can do with less and the other with
        more.
        """
        near = np.flatnonzero(following - dearest < self.widest)
        ends = dearest[near], following[near]
        if can_lose.any() and can_gain.any():
            nation = dearest[can_lose].max(), following[can_gain].min()
            ends = np.append(ends[0], nation[0]), np.append(ends[1], nation[1])
        run, other = self.runs(ends[0]), self.runs(ends[1])
        return np.array(sorted(set(run[(run > 0) & (run == other)].tolist())), dtype=np.int64)

    def members(self, runs: Ints) -> tuple[Ints, Ints]:
        """The units in some runs, and which of these it is."""
        some = np.append(0, runs)
        part = replace(self, lows=self.lows[some], highs=self.highs[some])
        run = part.runs(self.costs)
        inside = np.flatnonzero(run)
        return self.units[inside], run[inside] - 1


def _runs(ranked: Floats) -> tuple[Floats, Floats, float]:
    """Where runs of equal costs begin and end, after one that is none; what none is as wide as."""
    begins, ends = _stretches(ranked[1:] - ranked[:-1] < EQUAL)
    lows, highs = np.full((2, len(begins) + 1), -np.inf)
    lows[1:], highs[1:] = ranked[begins], ranked[ends - 1]
    return lows, highs, float((highs[1:] - lows[1:]).max(initial=0.0)) + EQUAL


def _stretches(near: Mask) -> tuple[Ints, Ints]:
    """Where stretches begin and end (beyond the last), given who is near to the next.

    >>> [ends.tolist() for ends in _stretches(np.array([False, True, True, False, True]))]
    [[1, 4], [4, 6]]
    """
    padded = np.zeros(len(near) + 2, dtype=bool)
    padded[1:-1] = near
    turns = np.flatnonzero(padded[1:] != padded[:-1])
    return turns[::2], turns[1::2] + 1


def _by_group(group: Ints, costs: Floats, groups: int) -> Ints:
    """Places by group, then by cost, where costs that are nearly equal come in any order.

    Group, cost and place in one whole number each: such are sorted at once, and carry their place.
    """
    bits = len(costs).bit_length()
    room = 62 - bits - groups.bit_length()
    if 2.0 ** (4 - room) > EQUAL:
        return np.lexsort((costs, group))
    scaled = costs + 2.0  # costs are from −1 to 1
    scaled *= 2.0 ** (room - 2)
    keys = scaled.astype(np.int64)
    keys += group << room
    keys <<= bits
    keys |= np.arange(len(costs))
    keys.sort()
    keys &= (1 << bits) - 1
    return keys


def _ranges(begins: Ints, sizes: Ints) -> Ints:
    """The numbers begin, begin + 1, … of each range, one range after the other.

    >>> _ranges(np.array([5, 9]), np.array([2, 3])).tolist()
    [5, 6, 9, 10, 11]
    """
    ends = np.cumsum(sizes)
    every: Ints = np.arange(ends[-1] if len(ends) else 0) + np.repeat(begins - ends + sizes, sizes)
    return every


def _ties(
    units: Ints, run: Ints, has: Mask, of: Ints, can_lose: Mask, can_gain: Mask
) -> tuple[Tie, ...]:
    """Who of the units in each run got a step that others might have had in their place."""
    got, group = has[units], of[units]
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
    spread: tuple[Ints | None, Ints | None],
    of: Ints,
    picked: _Picked,
    least: Floats,
    most: Floats,
    tied: Ints,
) -> Prices:
    """Multipliers of the total and, beyond it, of the groups held at a limit: what the dearest step
    given costs, or the cheapest one not given."""
    downs, ups = (0.0 if s is None else _sum(of, s, len(least)) for s in spread)
    given = lots[0].size - downs, picked.number, ups
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
    over = np.where(up > 0, up, down)[tied]
    return Prices(nation, dict(zip(tied.tolist(), over.tolist(), strict=True)))


def _whole_sums(of: Ints, count: int) -> Callable[[Floats], Floats]:
    """What sums whole numbers by group, shape (groups,): where units stand by group, as those do
    that are in order of their codes, in one run through them."""
    if count == 1:
        return lambda values: np.full(1, values.sum())
    begins = np.append(0, np.flatnonzero(of[1:] != of[:-1]) + 1)
    there = of[begins]
    if (there[1:] <= there[:-1]).any():
        return lambda values: _sum(of, values, count)

    def sums(values: Floats) -> Floats:
        found = np.zeros(count)
        found[there] = np.add.reduceat(values, begins)
        return found

    return sums


def _sum(of: Ints, values: npt.NDArray[np.generic], count: int) -> Floats:
    """Sums by group, shape (groups,)."""
    if not values.any():
        return np.zeros(count)
    return np.asarray(np.bincount(of, values, count), dtype=np.float64)
