"""Whole persons: the nearest whole numbers, in steps, with every total kept.

Given shares of persons x*, find whole numbers X, each on its grid of ``step`` and within its
limits, with Σ X = total and every county within its own limits, that minimise Σ |X − x*|. The cost
is convex and its corners are put at grid points, and nested totals make a network matrix, so a
vertex of the linear program is whole and proven optimal (controlled rounding; Cox 1987,
doi:10.1080/01621459.1987.10478456). Should a vertex not be whole, the same program is solved in
integers to gap 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from allocator.program.builder import Builder
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
]

_EQUAL = 1e-7


class NoWholeNumbersError(ValueError):
    """No whole numbers within the limits have the total."""


@dataclass(frozen=True, slots=True)
class Tie:
    """Units with the same claim to a step more, of whom only some could have it."""

    got: tuple[int, ...]
    not_got: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Prices:
    """Multipliers of the rounding program, for each person: of the total, of each limited group,
    of the part's total, of each unit's room for its part, and of each link. Only
    :mod:`certificate` needs them.
    """

    total: float = 0.0
    groups: dict[int, float] = field(default_factory=dict)
    part: float = 0.0
    fits: Floats = field(default_factory=lambda: np.zeros(0))
    links: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Whole:
    """Whole persons by unit; which units stand off the grid; which ties were broken, and how."""

    persons: Ints
    off_step: tuple[int, ...]
    remainder_at: int | None
    ties: tuple[Tie, ...]
    step: int = 1
    prices: Prices = field(default_factory=Prices)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Limits:
    """What groups of units (counties) may hold together; ``of`` (units,) is each unit's group."""

    of: Ints
    lower: Floats
    upper: Floats

    @property
    def tied(self) -> Ints:
        """The groups that are limited at all."""
        return np.flatnonzero((self.lower > 0) | np.isfinite(self.upper))


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
    grid = _Grid.make(target, lower, upper, total, step, first)
    b = Builder()
    placed = _Placed(b, grid, costs=True)
    rows = _sums(b, placed, total, groups, links)
    chosen, duals = _solved(b, f"no multiples of {step} within the limits sum to {total}")
    prices = _prices(rows, duals, step, groups)
    return _read(chosen, placed, first, groups, prices, swaps=not links)


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
    grid = _Grid.make(target, lower, upper, total, step, first)
    middle = np.clip(target * share * (part_total / max(float(total), 1.0)), part_lower, part_upper)
    part = _Grid.make(middle, part_lower, part_upper, part_total, part_step, first)
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
    return _read(chosen, placed, first, groups, prices, swaps=False)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Grid:
    """Each unit's grid: start = base·step + shift, how many steps it may go down and up from there,
    and what the first step up costs (the others cost a step's persons)."""

    step: int
    base: Floats
    shift: Floats
    least: Floats
    most: Floats
    cheap: Floats
    can_cheap: Floats
    off_step: tuple[int, ...]
    remainder_at: int | None

    @property
    def start(self) -> Floats:
        return self.base * self.step + self.shift

    @classmethod
    def make(
        cls, target: Floats, lower: Floats, upper: Floats, total: int, step: int, first: Floats
    ) -> _Grid:
        upper = np.minimum(upper, float(total))
        off = np.floor(upper / step) * step < lower
        shift = np.where(off, np.clip(np.round(target), lower, upper), 0.0)
        # Off-grid units stand still; one unit's grid is shifted by what the others cannot make up.
        spare = (total - int(shift[off].sum())) % step
        remainder_at = None
        if spare:
            room = ~off & (np.floor((upper - spare) / step) * step + spare >= lower)
            room &= upper >= spare
            if not room.any():
                raise NoWholeNumbersError(f"{spare} persons beyond the steps of {step} fit nowhere")
            candidates = np.flatnonzero(room)
            remainder_at = int(candidates[np.argmax(first[candidates])])
            shift[remainder_at] = spare
        least = np.where(off, 0.0, np.maximum(np.ceil((lower - shift) / step - 1e-9), 0.0))
        most = np.where(off, 0.0, np.floor((upper - shift) / step + 1e-9))
        ideal = np.where(off, 0.0, (target - shift) / step)
        base = np.clip(np.floor(ideal + _EQUAL / step), least, np.maximum(least, most))
        return cls(
            step,
            base,
            shift,
            least,
            most,
            cheap=np.abs(base + 1 - ideal) - np.abs(base - ideal),
            can_cheap=((base < most) & (base <= ideal)).astype(float),
            off_step=tuple(np.flatnonzero(off & (lower % step != 0)).tolist()),
            remainder_at=remainder_at,
        )


class _Placed:
    """A grid's columns in a program: the first step up, further steps up, steps down."""

    def __init__(self, b: Builder, grid: _Grid, *, costs: bool) -> None:
        size, price = len(grid.base), float(grid.step if costs else 0)
        self.b, self.grid = b, grid
        further = grid.most - grid.base - grid.can_cheap
        self.one = b.columns(size, cost=grid.cheap * price, upper=grid.can_cheap)
        self.more = b.columns(size, cost=price, upper=np.maximum(further, 0.0))
        self.fewer = b.columns(size, cost=price, upper=np.maximum(grid.base - grid.least, 0.0))

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
    tied = groups.tied if groups else np.zeros(0, dtype=np.int64)
    if groups and len(tied):
        has = np.bincount(groups.of, start, len(groups.lower))[tied]
        low = np.ceil((groups.lower[tied] - has) / grid.step - 1e-9)
        high = np.floor((groups.upper[tied] - has) / grid.step + 1e-9)
        if (low > high).any():
            raise NoWholeNumbersError(f"no multiple of {grid.step} fits between a county's limits")
        row = np.full(len(groups.lower), -1)
        row[tied] = b.rows(len(tied), low, high)
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
    tied = groups.tied.tolist() if groups else []
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


def _read(
    chosen: Ints,
    placed: _Placed,
    first: Floats,
    groups: Limits | None,
    prices: Prices,
    *,
    swaps: bool,
) -> Whole:
    """The numbers chosen; ties are settled where units can swap without breaking anything else."""
    grid = placed.grid
    one, more, fewer = chosen[placed.one], chosen[placed.more], chosen[placed.fewer]
    still = (grid.can_cheap > 0) & (more == 0) & (fewer == 0)
    tied = groups is not None and len(groups.tied) > 0
    group_of = groups.of if groups is not None and tied else np.zeros(len(one), dtype=np.int64)
    one, ties = _settle(one, grid.cheap, still & swaps, first, group_of)
    persons = grid.start + (one + more - fewer) * grid.step
    return Whole(
        persons.astype(np.int64), grid.off_step, grid.remainder_at, ties, grid.step, prices
    )


def _settle(
    up: Ints, cost: Floats, still: npt.NDArray[np.bool_], first: Floats, group_of: Ints
) -> tuple[Ints, tuple[Tie, ...]]:
    """Give the steps of each tie to the units that are first, and tell of it."""
    up, ties = up.copy(), []
    order = np.lexsort((np.arange(len(up)), cost, group_of))
    order = order[still[order]]
    if not len(order):
        return up, ()
    apart = (np.diff(group_of[order]) != 0) | (np.diff(cost[order]) >= _EQUAL)
    starts = np.concatenate(([0], np.flatnonzero(apart) + 1))
    steps_of = np.add.reduceat(up[order], starts)
    sizes = np.diff(np.append(starts, len(order)))
    for run in np.flatnonzero((steps_of > 0) & (steps_of < sizes)):
        tied = order[starts[run] : starts[run] + sizes[run]]
        steps = int(steps_of[run])
        ranked = tied[np.lexsort((tied, -np.round(first[tied], 7)))]
        up[ranked[:steps]], up[ranked[steps:]] = 1, 0
        got, not_got = (tuple(sorted(part.tolist())) for part in (ranked[:steps], ranked[steps:]))
        ties.append(Tie(got, not_got))
    return up, tuple(ties)
