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

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from allocator.program.fill import fill_nested, group_sums, whole_sums
from allocator.program.grid import (
    EQUAL,
    NOWHERE,
    Grid,
    Limits,
    Prices,
    Tie,
    crossed,
    nowhere,
    unmet,
)
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
    lots: _Lot
    given: Callable[[], Floats]
    picked: _Picked

    @cached_property
    def _all_prices(self) -> tuple[Floats, Floats]:
        return _prices(self.lots, self.given(), self.picked)

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
    of, tied = np.zeros(units, dtype=np.int64), np.zeros((stack, 1), dtype=bool)
    if groups is not None and not (limited := groups.tied).any():
        groups = None
    if groups is not None:
        of, tied = groups.of, limited
    sum_of = whole_sums(of, tied.shape[-1])
    cheap = grid.cheap
    one = grid.one & (cheap < 1 - EQUAL)
    # The steps of each unit, by their price; and what it has to begin with.
    each = np.empty((4, stack, units))
    each[0], each[1], each[3] = grid.fewer, one, grid.start
    fewer, more = each[0], np.subtract(grid.more, one, out=each[2])
    sums = sum_of(each)
    size, has = sums[:3], sums[3]
    least, most = np.zeros(has.shape), size.sum(axis=0)
    crossing: Mask = np.zeros(has.shape, dtype=bool)
    if groups is not None:
        low, high = groups.in_steps(has, grid.step)
        crossing = low > high
        least, most = np.maximum(low + size[0], 0.0), np.minimum(high + size[0], most)
    wanted = np.round((total - has.sum(axis=-1)) / grid.step) + size[0].sum(axis=-1)
    outside = (wanted < least.sum(axis=-1)) | (wanted > most.sum(axis=-1))
    outside |= (least > most).any(axis=-1) | (grid.remainder == NOWHERE)
    fails = dict[int, str]()
    if outside.any():  # they are given nothing, so that the others can be given theirs
        fails = _fails(grid, total, crossing, outside)
        wanted[outside], least[outside], most[outside] = 0.0, 0.0, 0.0

    lots = _lots(size, least, most, wanted)
    below, passing, above = lots[0], lots[1], lots[2]
    picked = _pick(cheap, one, of, passing, first)
    steps, told = picked.got.astype(np.int64), list(picked.ties)
    ups = np.flatnonzero(above.given > 0)
    downs = np.flatnonzero(below.given < below.size.sum(axis=-1))
    gone, rows = len(ups), np.concatenate((ups, downs))
    spread = np.zeros((0, units))
    if len(rows):
        # Who gets a step above, and who goes without one below, each in rows of its own.
        over, under = np.maximum(grid.base + one - grid.ideal, 0), grid.ideal - grid.base
        spread, ties_found = _spread(
            np.concatenate((more[ups], fewer[downs])),
            np.concatenate((over[ups], np.maximum(under[downs], 0))),
            of,
            sum_of,
            _Lot.together(above[ups], below.left[downs]),
            first[rows],
        )
        steps[ups] += spread[:gone].astype(np.int64)
        steps[downs] -= spread[gone:].astype(np.int64)
        # Who gives up a step fewer is who has the step.
        told += [
            (int(rows[row]), tie if row < gone else Tie(tie.not_got, tie.got))
            for row, tie in ties_found
        ]
    by_row: dict[int, tuple[Tie, ...]] = {}
    for row, tie in told:
        by_row[row] = (*by_row.get(row, ()), tie)

    def given() -> Floats:
        """Steps of each lot by group."""
        in_group, found = sum_of(spread), np.zeros(size.shape)
        found[0], found[1] = size[0], picked.number
        found[0, downs] -= in_group[gone:]
        found[2, ups] = in_group[:gone]
        return found

    return Given(steps, by_row, fails, tied, lots, given, picked)


def _fails(grid: Grid, total: Ints, crossing: Mask, outside: Mask) -> dict[int, str]:
    """Why a row has no steps, for those that have none."""
    fails = dict[int, str]()
    for row in np.flatnonzero(outside).tolist():
        if grid.remainder[row] == NOWHERE:
            fails[row] = nowhere(int(grid.spare[row]), grid.step)
        elif crossing[row].any():
            fails[row] = crossed(grid.step)
        else:
            fails[row] = unmet(grid.step, int(total[row]))
    return fails


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Lot:
    """Steps of one price (or of the prices in between), by group: how many there are, must be and
    may be given, all of shape (…, groups); and how many are given in all (…)."""

    size: Floats
    least: Floats
    most: Floats
    given: Floats

    def __getitem__(self, at: int | Ints) -> _Lot:
        """A place of the first axis, or some."""
        return _Lot(self.size[at], self.least[at], self.most[at], self.given[at])

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

    @staticmethod
    def together(one: _Lot, other: _Lot) -> _Lot:
        """Rows of one, and those of another behind them."""
        if not len(one.given) or not len(other.given):
            return one if len(one.given) else other
        parts = ("size", "least", "most", "given")
        both = ((getattr(one, part), getattr(other, part)) for part in parts)
        return _Lot(*(np.concatenate(each) for each in both))


def _lots(size: Floats, least: Floats, most: Floats, wanted: Floats) -> _Lot:
    """Three lots of (stack, groups), cheap steps before dear ones: first in each group what it must
    have, then in the nation."""
    before = size.cumsum(axis=0) - size
    must, may = (np.minimum(np.maximum(end - before, 0.0), size) for end in (least, most))
    forced = must.sum(axis=-1)
    free = may.sum(axis=-1) - forced
    taken = free.cumsum(axis=0) - free
    given = np.minimum(np.maximum(wanted - least.sum(axis=-1) - taken, 0.0), free)
    return _Lot(size, must, may, forced + given)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Picked:
    """Who of the candidates got a step (stack, units); how many did in each group (stack, groups),
    its dearest that did and cheapest that did not; the dearest (stack,) of those whose group need
    not have had it; and the ties, each with its row."""

    got: Mask
    number: Floats
    ends: Callable[[], tuple[Floats, Floats]]
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
    number, free, last = least, lot.free.astype(np.int64), np.full(shape[0], -np.inf)
    if free.any():
        # The first of a group must have one, the last may not: the nation chooses in between.
        may = most - least
        places = ranges(begin + least, may)
        chosen, last = line.cheapest(places, may.reshape(shape).sum(axis=-1), free, first)
        number = least + np.bincount(line.group[chosen], minlength=len(size))
    got: Mask = np.zeros(cost.size, dtype=bool)
    got[line.units[ranges(begin, number)]] = True
    # Those who got one are the first of their group.
    ends, found = partial(line.ends, begin, number, size), list[tuple[int, Tie]]()
    if line.tied:
        can_lose, can_gain = number > least, number < most
        runs = line.open_runs(*ends(), can_lose, can_gain)
        if len(runs):
            inside, run = line.members(runs)
            units = line.units[inside]
            found = ties(units, got[units], line.group[inside], run, can_lose, can_gain, len(of))
    in_group = number.reshape(shape).astype(np.float64)
    return _Picked(got.reshape(cost.shape), in_group, ends, last, found)


def _spread(
    room: Floats,
    away: Floats,
    of: Ints,
    sum_of: Callable[[Floats], Floats],
    lot: _Lot,
    first: Floats,
) -> tuple[Floats, list[tuple[int, Tie]]]:
    """Steps (stack, units) of at most ``room`` each, that cost the same wherever they go: those who
    are ``away`` from their ideal already get fewer, so that Σ (distance)²/first is least."""
    groups = lot.size.shape[-1]
    weight = np.maximum(first, 1e-9 * first.max(axis=-1, keepdims=True, initial=1.0))
    started, high = group_sums(of, away, groups), away + room
    total = lot.given + away.sum(axis=-1)
    limits = lot.least + started, lot.most + started
    level = fill_nested(weight, away, high, total, of, *limits)
    wanted = np.minimum(np.maximum(level - away, 0.0), room)
    steps = np.floor(wanted + EQUAL)
    open_ = steps < room
    has, size = sum_of(np.array((steps, open_)))
    rest = _Lot(
        size,
        np.minimum(np.maximum(lot.least - has, 0.0), size),
        np.minimum(np.maximum(lot.most - has, 0.0), size),
        lot.given - steps.sum(axis=-1),
    )
    picked = _pick(steps - wanted, open_, of, rest, first)
    return steps + picked.got, picked.ties


def _prices(lots: _Lot, given: Floats, picked: _Picked) -> tuple[Floats, Floats]:
    """Multipliers of the total (stack,) and, beyond it, of the groups held at a limit (stack,
    groups): what the dearest step given costs, or the cheapest one not given.

    ``given`` has the steps of each lot, (lots, stack, groups).
    """
    below, above = np.full(picked.number.shape, -1.0), np.full(picked.number.shape, 1.0)
    has, lacks = given > 0, given < lots.size
    last, following = picked.ends()
    dearest = np.where(has, (below, last, above), -np.inf).max(axis=0)
    following = np.where(lacks, (below, following, above), np.inf).min(axis=0)
    held, least, most = (part.sum(axis=0) for part in (given, lots.least, lots.most))
    dear = np.array((below[:, 0], picked.last, above[:, 0]))
    nation = np.where(lots.free > 0, dear, -np.inf).max(axis=0)
    cheapest = np.where(held < most, following, np.inf).min(axis=-1)
    nation = np.where(nation == -np.inf, cheapest, nation)
    nation = np.where(np.isfinite(nation), nation, 0.0)[:, None]
    up = np.where((held == least) & (dearest > nation), dearest - nation, 0.0)
    down = np.where((held == most) & (following < nation), following - nation, 0.0)
    return nation[:, 0], np.where(up > 0, up, down)
