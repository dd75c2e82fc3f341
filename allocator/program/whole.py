"""Whole persons: the nearest whole numbers, in steps, with every total kept.

Given shares of persons x*, find whole numbers X, each on its grid of ``step`` and within its
limits, with Σ X = total and every county within its own limits, that minimise Σ |X − x*|
(controlled rounding; Cox 1987, doi:10.1080/01621459.1987.10478456). Where totals are nested,
:mod:`margins` gives them step by step. Where years are linked, or a part must fit inside each
number, a linear program does: the cost is convex with its corners at grid points, so a vertex is
whole as a rule and then proven optimal; if it is not, the program is solved in integers to gap 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from allocator.program.builder import Builder
from allocator.program.fill import group_sums
from allocator.program.grid import (
    NOBODY,
    NOWHERE,
    Grid,
    Limits,
    NoWholeNumbersError,
    Prices,
    Tie,
    crossed,
    nowhere,
    unmet,
)
from allocator.program.margins import by_margins
from allocator.program.problem import Floats, Ints, Link
from allocator.program.solver import Engine

__all__ = [
    "Limits",
    "NoWholeNumbersError",
    "Prices",
    "Tie",
    "Whole",
    "nearest_whole",
    "nearest_whole_with_part",
    "nearest_wholes",
]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Whole:
    """Whole persons by unit; which units stand off the grid; which ties were broken, and how."""

    persons: Ints
    off_step: tuple[int, ...] = ()
    remainder_at: int | None = None
    ties: tuple[Tie, ...] = ()
    step: int = 1
    priced: Callable[[], Prices] = Prices

    @property
    def prices(self) -> Prices:
        """The multipliers that prove it optimal; worked out when asked for."""
        return self.priced()


def nearest_whole(
    target: Floats,
    lower: Floats,
    upper: Floats,
    total: int,
    *,
    step: int = 1,
    first: Floats | None = None,
    groups: Limits | None = None,
    links: Sequence[Link] = (),
) -> Whole:
    """The whole numbers nearest to ``target`` (units,) that keep every limit and total.

    A unit without a multiple of ``step`` within its limits takes the nearest whole number inside
    them. What the need leaves beyond the steps goes to one unit: the largest by ``first`` with
    room. Of units with equal claims, those that are larger by ``first``, then earlier in order, get
    the step; every such tie is reported.

    >>> nearest_whole(np.array([2.4, 2.4, 5.2]), np.zeros(3), np.full(3, 9.0), 10).persons.tolist()
    [3, 2, 5]

    Raises :class:`NoWholeNumbersError` when no such numbers exist.
    """
    first = target if first is None else first
    if not links:
        one = groups and Limits(groups.of, groups.lower[None], groups.upper[None])
        rows = (target[None], lower[None], upper[None], np.array([total]))
        (found,) = nearest_wholes(*rows, step=step, first=first[None], groups=one)
        if isinstance(found, NoWholeNumbersError):
            raise found
        return found
    grid = _grid(target, lower, upper, total, step, first)
    b = Builder()
    placed = _Placed(b, grid, costs=True)
    rows_of = _sums(b, placed, total, groups, links)
    chosen, duals = _solved(b, unmet(step, total))
    prices = _prices(rows_of, duals, step, groups)
    return _whole(grid, placed.steps(chosen), lambda: prices)


def nearest_wholes(
    target: Floats,
    lower: Floats,
    upper: Floats,
    total: Ints,
    *,
    step: int = 1,
    first: Floats | None = None,
    groups: Limits | None = None,
) -> list[Whole | NoWholeNumbersError]:
    """:func:`nearest_whole` for a stack of targets (stack, units), each with its limits and its
    total (stack,); in place of numbers that do not exist, why. ``groups`` has rows too.

    >>> targets, free = np.array([[2.4, 2.4, 5.2], [1.5, 1.5, 3.0]]), np.full((2, 3), 9.0)
    >>> found = nearest_wholes(targets, 0 * free, free, np.array([10, 6]))
    >>> [one.persons.tolist() for one in found if isinstance(one, Whole)]
    [[3, 2, 5], [2, 1, 3]]
    """
    first = target if first is None else first
    grid = Grid.make(target, lower, upper, total, step, first)
    given = by_margins(grid, total, first, groups)
    persons = grid.start.astype(np.int64)
    persons += given.steps * step
    off = dict[int, list[int]]()
    if grid.off.any():
        for row, unit in zip(*(at.tolist() for at in np.nonzero(grid.off)), strict=True):
            off.setdefault(row, []).append(unit)
    return [
        NoWholeNumbersError(given.fails[row])
        if row in given.fails
        else Whole(
            persons[row],
            tuple(off.get(row, ())),
            None if beyond == NOBODY else beyond,
            given.ties.get(row, ()),
            step,
            partial(given.prices, row),
        )
        for row, beyond in enumerate(grid.remainder.tolist())
    ]


def nearest_whole_with_part(
    target: Floats,
    lower: Floats,
    upper: Floats,
    total: int,
    part_lower: Floats,
    part_upper: Floats,
    part_total: int,
    share: Floats,
    beyond: Floats,
    *,
    step: int = 1,
    part_step: int = 1,
    first: Floats | None = None,
    groups: Limits | None = None,
    part_groups: Limits | None = None,
    links: Sequence[Link] = (),
) -> Whole:
    """As :func:`nearest_whole`, while a part of each number must fit inside it.

    A part E (the minors) with its own limits and total must exist on its own grid with
    E ≤ share·X + beyond. Only the distance of X counts; the part is settled afterwards.
    """
    first = target if first is None else first
    grid = _grid(target, lower, upper, total, step, first)
    middle = np.clip(target * share * (part_total / max(float(total), 1.0)), part_lower, part_upper)
    part = _grid(middle, part_lower, part_upper, part_total, part_step, first)
    b = Builder()
    placed, inside = _Placed(b, grid, costs=True), _Placed(b, part, costs=False)
    rows = _sums(b, placed, total, groups, links)
    part_row = _sums(b, inside, part_total, part_groups, ())
    fits = b.rows(len(target), part.start - share * grid.start - beyond, np.inf)
    units = np.arange(len(target))
    placed.enter(fits, units, share * step)
    inside.enter(fits, units, np.full(len(units), -float(part_step)))
    chosen, duals = _solved(b, "no whole numbers leave room for the minors")
    prices = replace(
        _prices(rows, duals, step, groups),
        part=float(duals[part_row[0]]) / part_step,
        fits=duals[fits],
    )
    return _whole(grid, placed.steps(chosen), lambda: prices)


def _grid(
    target: Floats, lower: Floats, upper: Floats, total: int, step: int, first: Floats
) -> Grid:
    """One grid, for a program."""
    grid = Grid.make(target, lower, upper, np.array(total), step, first)
    if grid.remainder == NOWHERE:
        raise NoWholeNumbersError(nowhere(int(grid.spare), step))
    return grid


def _whole(grid: Grid, steps: Ints, priced: Callable[[], Prices]) -> Whole:
    persons = (grid.start + steps * grid.step).astype(np.int64)
    beyond = int(grid.remainder)
    off = tuple(np.flatnonzero(grid.off).tolist())
    return Whole(persons, off, None if beyond == NOBODY else beyond, (), grid.step, priced)


class _Placed:
    """A grid's columns in a program: the first step up, further steps up, steps down."""

    def __init__(self, b: Builder, grid: Grid, *, costs: bool) -> None:
        size, price = len(grid.base), float(grid.step if costs else 0)
        self.b, self.grid = b, grid
        self.one = b.columns(size, cost=grid.cheap * price, upper=grid.one.astype(float))
        self.more = b.columns(size, cost=price, upper=grid.more - grid.one)
        self.fewer = b.columns(size, cost=price, upper=grid.fewer)

    def steps(self, chosen: Ints) -> Ints:
        """Steps from the start (units,) of a solution."""
        steps: Ints = chosen[self.one] + chosen[self.more] - chosen[self.fewer]
        return steps

    def enter(self, rows: Ints, units: Ints, factor: float | Floats) -> None:
        """factor · (steps from the start) of some units."""
        for columns, sign in ((self.one, 1.0), (self.more, 1.0), (self.fewer, -1.0)):
            self.b.enter(rows, columns[units], sign * np.asarray(factor))


def _sums(
    b: Builder, placed: _Placed, total: int, groups: Limits | None, links: Sequence[Link]
) -> list[int]:
    """The nation's total and the counties' limits, counted in steps; their rows in this order."""
    grid, first, start = placed.grid, b.row_count, placed.grid.start
    everyone = np.arange(len(start))
    wanted = (total - float(start.sum())) / grid.step
    placed.enter(np.full(len(start), b.rows(1, wanted, wanted)[0]), everyone, 1.0)
    if groups and groups.tied.any():
        has = group_sums(groups.of, start, len(groups.lower))
        tied, (low, high) = np.flatnonzero(groups.tied), groups.in_steps(has, grid.step)
        if (low > high).any():
            raise NoWholeNumbersError(crossed(grid.step))
        row = np.full(len(groups.lower), -1)
        row[tied] = b.rows(len(tied), low[tied], high[tied])
        inside = np.flatnonzero(row[groups.of] >= 0)
        placed.enter(row[groups.of[inside]], inside, 1.0)
    for link in links:
        held = link.of(start)
        (row,) = b.rows(1, link.lower - held, link.upper - held)
        placed.enter(np.full(len(link.units), row), link.units, link.values * grid.step)
    return list(range(first, b.row_count))


def _prices(rows: list[int], duals: Floats, step: int, groups: Limits | None) -> Prices:
    """The rows' duals for one person: those of sums are for a step, those of links are not."""
    total, *others = duals[rows].tolist()
    tied = np.flatnonzero(groups.tied).tolist() if groups else []
    of_groups = {group: price / step for group, price in zip(tied, others, strict=False)}
    return Prices(total / step, of_groups, links=tuple(others[len(tied) :]))


def _solved(b: Builder, otherwise: str) -> tuple[Ints, Floats]:
    """The vertex of the program, or its integer optimum where the vertex is not whole; and the
    linear program's duals by row."""
    matrix = b.matrix()
    answer = Engine(matrix).solve()
    duals = answer.row_duals
    if answer.optimal and np.abs(np.round(answer.columns) - answer.columns).max(initial=0) > 1e-6:
        every = np.ones(len(matrix.cost), dtype=bool)
        answer = Engine(replace(matrix, integer=every)).solve()
    if not answer.optimal:
        raise NoWholeNumbersError(otherwise)
    return np.round(answer.columns).astype(np.int64), duals
