"""Candidates for a step, in the order in which steps are given; ties, and who is in them.

A stack of problems is one line: a problem's groups one after the other, each with its candidates by
cost. Costs of a problem that lie next to each other and are equal make a run; within its run the
larger by ``first`` stands first, then who comes first in order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.program.grid import EQUAL, Tie
from allocator.program.problem import Floats, Ints, Mask

__all__ = ["Line", "ranges", "ties"]

# Costs are from −1 to 1, so that rows and groups so far apart do not mix.
_APART = 8.0


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Line:
    """Candidates in line: their places in the flat stack, their costs and groups.

    A run goes from ``lows`` to ``highs`` (runs,), which are costs that lie apart by row; the first
    run stands for none. None is as wide as ``widest``.
    """

    units: Ints
    costs: Floats
    group: Ints
    groups: int
    lows: Floats
    highs: Floats
    widest: float

    @classmethod
    def make(cls, cost: Floats, among: Mask, of: Ints, groups: int, first: Floats) -> Line:
        """The candidates ``among`` (stack, units), whose groups ``of`` (units,) are so many."""
        stack, units = cost.shape
        at = np.flatnonzero(among)
        costs = cost.ravel().take(at)
        rows = costs[None] if stack == 1 else np.where(among, cost, 2.0)
        lows, highs, widest = _runs(np.sort(rows, axis=-1))
        row = at // units if stack > 1 else 0
        group = of.take(at - units * row) + groups * row if stack > 1 else of.take(at)
        order = _in_order(group, costs, groups * stack)
        in_line = at.take(order), costs.take(order), group.take(order)
        line = cls(*in_line, groups, lows, highs, widest)
        if line.tied:
            line._break_ties(cost.ravel(), first.ravel())
        return line

    def _break_ties(self, cost: Floats, first: Floats) -> None:
        """Put those of one group and one run in order."""
        apart = self.costs[1:] - self.costs[:-1]
        near = np.abs(apart, out=apart) < self.widest
        at = np.flatnonzero(near)
        pairs = np.array((at, at + 1))
        run, group = self.runs(self.costs[pairs], self.row(pairs)), self.group[pairs]
        near[at] = (run[0] > 0) & (run[0] == run[1]) & (group[0] == group[1])
        begins, ends = _stretches(near)
        if len(begins):
            inside = ranges(begins, ends - begins)
            tied = self.units[inside]
            by = np.lexsort((tied, -np.round(first[tied], 7), np.repeat(begins, ends - begins)))
            self.units[inside] = tied[by]
            self.costs[inside] = cost[tied[by]]

    @property
    def tied(self) -> bool:
        """Whether some cost the same."""
        return len(self.lows) > 1

    def row(self, places: Ints) -> Ints:
        """The rows of some places in line."""
        return self.group[places] // self.groups

    def runs(self, costs: Floats, row: Ints) -> Ints:
        """The run in which each cost of a row lies; 0 is none."""
        key = costs + _APART * row
        at: Ints = np.searchsorted(self.lows, key, "right") - 1
        return at * (key <= self.highs[at])

    def cheapest(self, places: Ints, may: Ints, number: Ints, first: Floats) -> tuple[Ints, Floats]:
        """The cheapest ``number`` (stack,) of some places in line, of which each row has ``may``
        (stack,); and what the last of them costs."""
        last, some = np.full(len(number), -np.inf), np.flatnonzero(number)
        key = self.costs[places] + _APART * self.row(places)
        order = np.argsort(key)
        places, key = places[order], key[order]
        begin = np.cumsum(may) - may
        at = (begin + number)[some] - 1
        run = self.runs(self.costs[places[at]], self.row(places[at]))
        run = run[run > 0]
        if len(run):
            low = np.searchsorted(key, self.lows[run] - EQUAL / 4)
            size = np.searchsorted(key, self.highs[run] + EQUAL / 4) - low
            inside = ranges(low, size)
            units = self.units[places[inside]]
            by = np.lexsort((units, -np.round(first.ravel()[units], 7), np.repeat(low, size)))
            places[inside] = places[inside[by]]
        last[some] = self.costs[places[at]]
        return places[ranges(begin, number)], last

    def ends(self, begin: Ints, number: Ints, size: Ints) -> tuple[Floats, Floats]:
        """The last cost of the first ``number`` of each group, and the next, (stack, groups)."""
        end, shape = begin + number, (-1, self.groups)
        dearest, following = np.full(len(size), -np.inf), np.full(len(size), np.inf)
        if len(self.costs):
            np.copyto(dearest, self.costs.take(end - 1, mode="clip"), where=number > 0)
            np.copyto(following, self.costs.take(end, mode="clip"), where=number < size)
        return dearest.reshape(shape), following.reshape(shape)

    def open_runs(self, dearest: Floats, following: Floats, lose: Mask, gain: Mask) -> Ints:
        """The runs in which somebody might have had the step of another.

        ``dearest`` and ``following`` (stack, groups) are the last cost given in a group and the
        next. Within a group anybody might; between groups, where one can do with less and the other
        with more.
        """
        lose, gain = lose.reshape(dearest.shape), gain.reshape(dearest.shape)
        row, group = np.nonzero(following - dearest < self.widest)
        rows = np.arange(len(dearest))
        ends = (
            (dearest[row, group], np.where(lose, dearest, -np.inf).max(axis=-1)),
            (following[row, group], np.where(gain, following, np.inf).min(axis=-1)),
        )
        of = np.concatenate((row, rows))
        run, other = (self.runs(np.concatenate(each), of) for each in ends)
        run = run[(run > 0) & (run == other)]
        return np.flatnonzero(np.bincount(run)) if len(run) else run

    def members(self, runs: Ints) -> tuple[Ints, Ints]:
        """The places in line of those in some runs, and which of these it is."""
        which = np.zeros(len(self.lows), dtype=np.int64)
        which[runs] = np.arange(1, len(runs) + 1)
        run = which[self.runs(self.costs, self.group // self.groups)]
        inside = np.flatnonzero(run)
        return inside, run[inside] - 1


def _runs(ranked: Floats) -> tuple[Floats, Floats, float]:
    """Where runs of equal costs begin and end, apart by row, after one that is none; and what none
    is as wide as. Who is no candidate has a cost of 2."""
    units = max(ranked.shape[1], 1)
    near = np.zeros(ranked.shape, dtype=bool)
    np.less(ranked[:, 1:] - ranked[:, :-1], EQUAL, out=near[:, :-1])
    near[:, :-1] &= ranked[:, 1:] < 2.0
    if not near.any():
        none = np.full(1, -np.inf)
        return none, none, EQUAL
    begins, ends = _stretches(near.ravel()[:-1])
    low, high, apart = ranked.ravel()[begins], ranked.ravel()[ends - 1], _APART * (begins // units)
    lows, highs = np.full((2, len(begins) + 1), -np.inf)
    lows[1:], highs[1:] = low + apart, high + apart
    return lows, highs, float((high - low).max()) + EQUAL


def _stretches(near: Mask) -> tuple[Ints, Ints]:
    """Where stretches begin and end (beyond the last), given who is near to the next.

    >>> [ends.tolist() for ends in _stretches(np.array([False, True, True, False, True]))]
    [[1, 4], [4, 6]]
    """
    padded = np.zeros(len(near) + 2, dtype=bool)
    padded[1:-1] = near
    turns = np.flatnonzero(padded[1:] != padded[:-1])
    return turns[::2], turns[1::2] + 1


def _in_order(group: Ints, costs: Floats, groups: int) -> Ints:
    """Places by group, then by cost, where costs that are nearly equal come in any order.

    Group, cost and place in one whole number each: such are sorted at once, and carry their place.
    """
    if groups == 1:
        return np.argsort(costs)
    bits = len(costs).bit_length()
    room = 62 - bits - groups.bit_length()
    if 2.0 ** (4 - room) > EQUAL:
        return np.lexsort((costs, group))
    scaled = costs + 2.0
    scaled *= 2.0 ** (room - 2)
    keys = scaled.astype(np.int64)
    keys += group << room
    keys <<= bits
    keys |= np.arange(len(costs))
    keys.sort()
    keys &= (1 << bits) - 1
    return keys


def ranges(begins: Ints, sizes: Ints) -> Ints:
    """The numbers begin, begin + 1, … of each range, one range after the other.

    >>> ranges(np.array([5, 9]), np.array([2, 3])).tolist()
    [5, 6, 9, 10, 11]
    """
    ends = np.cumsum(sizes)
    every: Ints = np.repeat(begins - ends + sizes, sizes)
    every += np.arange(len(every))
    return every


def ties(
    units: Ints, got: Mask, group: Ints, run: Ints, can_lose: Mask, can_gain: Mask, size: int
) -> list[tuple[int, Tie]]:
    """Who of the units in each run got a step that others might have had in their place.

    A tie comes with its row, and its units are those of a row of so many.
    """
    gives, gains = got & can_lose[group], ~got & can_gain[group]
    swaps = (np.bincount(run, gives) > 0) & (np.bincount(run, gains) > 0)
    # Groups that can swap are one party in their run, any other group is one by itself.
    named = run * len(can_lose) + group
    pooled = np.isin(named, named[swaps[run] & (gives | gains)])
    party = np.where(pooled, -1 - run, named)
    _, party = np.unique(party, return_inverse=True)
    with_one, members = np.bincount(party, got), np.bincount(party)
    found = []
    for one in np.flatnonzero((with_one > 0) & (with_one < members)).tolist():
        ours = np.sort(units[(party == one) & got]), np.sort(units[(party == one) & ~got])
        row = int(ours[0][0]) // size
        found.append((row, Tie(*(tuple((some - row * size).tolist()) for some in ours))))
    return sorted(found, key=lambda tie: (tie[0], tie[1].got, tie[1].not_got))
