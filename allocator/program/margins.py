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

from allocator.program.fill import fill_nested, group_sums, whole_sums
from allocator.program.grid import EQUAL, NOWHERE, Grid, Limits, Prices, Tie, crossed, nowhere
from allocator.program.line import Line, ranges, ties
from allocator.program.problem import Floats, Ints, Mask

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
    of: Ints
    lots: tuple[_Lot, _Lot, _Lot]
    spread: tuple[Floats, Floats]
    picked: _Picked

    @cached_property
    def _all_prices(self) -> tuple[Floats, Floats]:
        count = self.tied.shape[-1]
        downs, ups = (
            group_sums(self.of, steps, count) if steps.size else np.zeros(self.tied.shape)
            for steps in self.spread
        )
        given = self.lots[0].size - downs, self.picked.number, ups
        return _prices(self.lots, given, self.picked)

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
    cheap = grid.cheap
    one = grid.one & (cheap < 1 - EQUAL)
    of, tied = np.zeros(units, dtype=np.int64), np.zeros((stack, 1), dtype=bool)
    if groups is not None and groups.tied.any():
        of, tied = groups.of, groups.tied
    count = tied.shape[-1]
    sum_of = whole_sums(of, count)
    has, ones = sum_of(grid.start), sum_of(one.astype(float))
    sizes = [sum_of(grid.fewer), ones, sum_of(grid.more) - ones]
    least, most = np.zeros((stack, count)), sizes[0] + sizes[1] + sizes[2]
    crossing: Mask = np.zeros(stack, dtype=bool)
    if groups is not None and tied.any():
        low, high = groups.in_steps(has, grid.step)
        crossing |= (low > high).any(axis=-1)
        least, most = np.maximum(low + sizes[0], 0.0), np.minimum(high + sizes[0], most)
    wanted = np.round((total - has.sum(axis=-1)) / grid.step) + sizes[0].sum(axis=-1)
    outside = (wanted < least.sum(axis=-1)) | (wanted > most.sum(axis=-1))
    outside |= (least > most).any(axis=-1)
    fails = _fails(grid, total, crossing, outside)
    if fails:  # they are given nothing, so that the others can be given theirs
        none = list(fails)
        wanted[none], least[none], most[none] = 0.0, 0.0, 0.0

    lots = below, passing, above = _lots(sizes, least, most, wanted)
    picked = _pick(cheap, one, of, passing, first)
    steps, told = picked.got.astype(np.int64), list(picked.ties)
    downs = np.flatnonzero(below.given < below.size.sum(axis=-1))
    ups = np.flatnonzero(above.given > 0)
    spread = np.zeros((2, stack, units)) if len(downs) or len(ups) else np.zeros((2, stack, 0))
    if (
        spread.size
    ):  # who goes without a step below, and who gets one above, each in rows of its own
        rows, gone = np.concatenate((ups, downs)), len(ups)
        more, over = grid.more - one, np.maximum(grid.base + one - grid.ideal, 0)
        under = np.maximum(grid.ideal - grid.base, 0)
        found, ties_found = _spread(
            np.concatenate((more[ups], grid.fewer[downs])),
            np.concatenate((over[ups], under[downs])),
            of,
            above.rows(ups).with_rows(below.left.rows(downs)),
            first[rows],
        )
        spread[1, ups], spread[0, downs] = found[:gone], found[gone:]
        steps += (spread[1] - spread[0]).astype(np.int64)
        # Who gives up a step fewer is who has the step.
        told += [
            (int(rows[row]), tie if row < gone else Tie(tie.not_got, tie.got))
            for row, tie in ties_found
        ]
    by_row: dict[int, tuple[Tie, ...]] = {}
    for row, tie in told:
        by_row[row] = (*by_row.get(row, ()), tie)
    return Given(steps, by_row, fails, tied, of, lots, (spread[0], spread[1]), picked)


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

    def with_rows(self, other: _Lot) -> _Lot:
        """Its rows, and those of another behind them."""
        parts = ("size", "least", "most", "given")
        both = ((getattr(self, part), getattr(other, part)) for part in parts)
        return _Lot(*(np.concatenate(each) for each in both))


def _lots(
    sizes: list[Floats], least: Floats, most: Floats, wanted: Floats
) -> tuple[_Lot, _Lot, _Lot]:
    """Cheap steps before dear ones: first in each group what it must have, then in the nation."""
    size = np.array(sizes)
    before = size.cumsum(axis=0) - size
    forced, allowed = (np.minimum(np.maximum(limit - before, 0.0), size) for limit in (least, most))
    must, may = forced.sum(axis=-1), (allowed - forced).sum(axis=-1)
    lots, free = [], wanted - least.sum(axis=-1)
    for lot in range(len(size)):
        given = np.minimum(free, may[lot])
        lots.append(_Lot(size[lot], forced[lot], allowed[lot], must[lot] + given))
        free = free - given
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

    A unit is known by its place in the flat stack, and its group by that of all groups.
    """
    shape = lot.size.shape
    line = Line.make(cost, among, of, shape[1], first)
    size, least, most = (part.ravel().astype(np.int64) for part in (lot.size, lot.least, lot.most))
    begin = np.cumsum(size) - size
    # The first of a group must have one, the last may not: the nation chooses in between.
    places = ranges(begin + least, most - least)
    may, free = (most - least).reshape(shape).sum(axis=-1), lot.free.astype(np.int64)
    chosen, last = line.cheapest(places, may, free, first)
    number = least + np.bincount(line.group[chosen], minlength=len(size))
    got: Mask = np.zeros(cost.size, dtype=bool)
    got[line.units[ranges(begin, number)]] = True
    # Those who got one are the first of their group.
    dearest, following = np.full(len(size), -np.inf), np.full(len(size), np.inf)
    some, others = number > 0, number < size
    dearest[some] = line.costs[(begin + number - 1)[some]]
    following[others] = line.costs[(begin + number)[others]]
    can_lose, can_gain, found = number > least, number < most, list[tuple[int, Tie]]()
    ends = dearest.reshape(shape), following.reshape(shape)
    runs = line.open_runs(*ends, can_lose.reshape(shape), can_gain.reshape(shape))
    if len(runs):
        inside, run = line.members(runs)
        units = line.units[inside]
        found = ties(units, got[units], line.group[inside], run, can_lose, can_gain, len(of))
    return _Picked(
        got.reshape(cost.shape),
        number.reshape(shape).astype(np.float64),
        dearest.reshape(shape),
        following.reshape(shape),
        last,
        found,
    )


def _spread(
    room: Floats, away: Floats, of: Ints, lot: _Lot, first: Floats
) -> tuple[Floats, list[tuple[int, Tie]]]:
    """Steps (stack, units) of at most ``room`` each, that cost the same wherever they go: those who
    are ``away`` from their ideal already get fewer, so that Σ (distance)²/first is least."""
    groups = lot.size.shape[-1]
    weight = np.maximum(first, 1e-9 * np.max(first, axis=-1, keepdims=True, initial=1.0))
    started, high = group_sums(of, away, groups), away + room
    total = lot.given + away.sum(axis=-1)
    limits = lot.least + started, lot.most + started
    level = fill_nested(weight, away, high, total, of, *limits)
    wanted = np.minimum(np.maximum(level - away, 0.0), room)
    steps = np.floor(wanted + EQUAL)
    has, open_ = group_sums(of, steps, groups), steps < room
    size = group_sums(of, open_.astype(float), groups)
    rest = _Lot(
        size,
        np.minimum(np.maximum(lot.least - has, 0.0), size),
        np.minimum(np.maximum(lot.most - has, 0.0), size),
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
