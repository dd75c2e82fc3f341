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
        forced, allowed = (np.clip(limit - before, 0.0, size) for limit in (least, most))
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
    got = np.zeros(len(cost), dtype=bool)
    candidates = np.flatnonzero(among)
    order, runs = _ranked(cost, candidates, first)
    # Group by group, still in order: the first of a group must have one, the last may not.
    by = np.argsort(
        of[order].astype(np.int16 if len(lot.size) < 2**15 else np.int64), kind="stable"
    )
    counts = lot.size.astype(np.int64)
    begin = np.cumsum(counts) - counts
    place = np.arange(len(order)) - np.repeat(begin, counts)
    must = place < np.repeat(lot.least, counts)
    may = place < np.repeat(lot.most, counts)
    taken, free = np.zeros(len(order), dtype=bool), np.zeros(len(order), dtype=bool)
    taken[by], free[by] = must, may & ~must
    chosen = np.flatnonzero(free)[: lot.free]
    taken[chosen] = True
    got[order] = taken
    # Those who got one are the first of their group.
    number = _sum(of[order], taken, len(counts))
    in_groups = np.append(cost[order[by]], np.inf)
    end = begin + number.astype(np.int64)
    dearest = np.where(number > 0, in_groups[end - 1], -np.inf)
    following = np.where(number < counts, in_groups[np.minimum(end, len(by))], np.inf)
    last = float(cost[order[chosen[-1]]]) if len(chosen) else -np.inf
    ties = tuple(_ties(order, runs, taken, of, number > lot.least, number < lot.most))
    return _Picked(got, number, dearest, following, last, ties)


def _ranked(cost: Floats, candidates: Ints, first: Floats) -> tuple[Ints, tuple[Ints, Ints]]:
    """The candidates by cost; and where the runs of equal costs begin and end, each run ordered by
    ``first``, then as the units are."""
    order = candidates[np.argsort(cost[candidates])]
    near = np.diff(cost[order]) < EQUAL
    edges = np.diff(near.astype(np.int8), prepend=0, append=0)
    begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) + 1
    if len(begins):
        inside = np.flatnonzero(np.append(near, False) | np.append(False, near))
        run = np.repeat(np.arange(len(begins)), ends - begins)
        tied = order[inside]
        order[inside] = tied[np.lexsort((tied, -np.round(first[tied], 7), run))]
    return order, (begins, ends)


def _ties(
    order: Ints, runs: tuple[Ints, Ints], taken: Mask, of: Ints, can_lose: Mask, can_gain: Mask
) -> list[Tie]:
    """The runs in which only some got a step that others might have had in their place.

    Within a group anybody might; between groups, where one can do with less and the other with
    more.
    """
    ties = []
    begins, ends = runs
    before = np.append(0, np.cumsum(taken))
    number = before[ends] - before[begins]
    for run in np.flatnonzero((number > 0) & (number < ends - begins)).tolist():
        here = slice(begins[run], ends[run])
        got, group = taken[here].tolist(), of[order[here]]
        gives, gains = can_lose[group].tolist(), can_gain[group].tolist()
        pooled = any(g and can for g, can in zip(got, gives, strict=True)) and any(
            can and not g for g, can in zip(got, gains, strict=True)
        )
        pool = {
            c
            for g, c, lose, gain in zip(got, group.tolist(), gives, gains, strict=True)
            if pooled and (lose if g else gain)
        }
        parts: dict[int, tuple[list[int], list[int]]] = {}
        for unit, g, c in zip(order[here].tolist(), got, group.tolist(), strict=True):
            parts.setdefault(-1 if c in pool else c, ([], []))[not g].append(unit)
        for with_one, without in parts.values():
            if with_one and without:
                ties.append(Tie(tuple(sorted(with_one)), tuple(sorted(without))))
    return ties


def _spread(
    room: Floats, away: Floats, of: Ints, lot: _Lot, first: Floats
) -> tuple[Ints, tuple[Tie, ...]]:
    """Steps (units,) of at most ``room`` each, that cost the same wherever they go: those who are
    ``away`` from their ideal already get fewer, so that Σ (distance)²/first is least."""
    weight = np.maximum(first, 1e-9 * max(1.0, float(first.max(initial=0.0))))
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
    rest = _Lot(
        _sum(of, open_, len(lot.size)),
        np.maximum(lot.least - has, 0.0),
        np.maximum(lot.most - has, 0.0),
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
    return np.bincount(of, values, count).astype(np.float64, copy=False)
