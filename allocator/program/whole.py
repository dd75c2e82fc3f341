"""Whole persons: the nearest whole numbers, in steps, with every total kept.

Given shares of persons x*, find whole numbers X, each on its grid of ``step`` and within its
limits, with Σ X = total and every county within its own limits, that minimise Σ |X − x*|. The cost
is convex and its corners are put at grid points, and nested totals make a network matrix, so a
vertex of the linear program is whole and proven optimal (controlled rounding; Cox 1987,
doi:10.1080/01621459.1987.10478456). Should a vertex not be whole, the same program is solved in
integers to gap 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allocator.program.problem import Floats, Ints
from allocator.program.solver import Engine, Matrix

__all__ = ["NoWholeNumbersError", "Tie", "Whole", "nearest_whole"]

_EQUAL = 1e-7


class NoWholeNumbersError(ValueError):
    """No whole numbers within the limits have the total."""


@dataclass(frozen=True, slots=True)
class Tie:
    """Units with the same claim to a step more, of whom only some could have it."""

    got: tuple[int, ...]
    not_got: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """Whole persons by unit; which units stand off the grid; which ties were broken, and how."""

    persons: Ints
    off_step: tuple[int, ...]
    remainder_at: int | None
    ties: tuple[Tie, ...]


def nearest_whole(
    target: Floats,
    lower: Floats,
    upper: Floats,
    total: int,
    *,
    step: int = 1,
    first: Floats | None = None,
    group_of: Ints | None = None,
    group_lower: Floats | None = None,
    group_upper: Floats | None = None,
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
    size = len(target)
    first = target if first is None else first
    if group_of is None or group_lower is None or group_upper is None:
        group_of = np.zeros(size, dtype=np.int64)
        group_lower, group_upper = np.zeros(1), np.full(1, np.inf)
    if size == 0:
        if total:
            raise NoWholeNumbersError(f"{total} persons and no units")
        return Whole(np.zeros(0, dtype=np.int64), (), None, ())
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
    least = np.where(off, 0.0, np.ceil((lower - shift) / step - 1e-9))
    most = np.where(off, 0.0, np.floor((upper - shift) / step + 1e-9))
    least = np.maximum(least, np.where(off, 0.0, -(shift // step)))
    ideal = np.where(off, 0.0, (target - shift) / step)
    base = np.clip(np.floor(ideal + _EQUAL / step), least, most)
    # Columns: one cheap step up, further steps up, steps down.
    cheap = np.abs(base + 1 - ideal) - np.abs(base - ideal)
    can_cheap = (base < most) & (base <= ideal)
    columns = np.concatenate((cheap, np.ones(size), np.ones(size))) * step
    zero = np.zeros(size)
    one_up = np.where(can_cheap, 1.0, 0.0)
    bounds = np.concatenate((one_up, most - base - one_up, base - least))
    moved = np.concatenate((np.ones(size), np.ones(size), -np.ones(size)))
    unit = np.tile(np.arange(size), 3)
    limited = np.flatnonzero((group_lower > 0) | np.isfinite(group_upper))
    in_group = np.bincount(group_of, base * step + shift, len(group_lower))
    place = np.full(len(group_lower), -1)
    place[limited] = np.arange(1, len(limited) + 1)
    row_of = place[group_of[unit]]
    inside = row_of > 0
    every = np.arange(3 * size)
    wanted = (total - float((base * step + shift).sum())) / step
    matrix = Matrix.from_triples(
        cost=columns,
        col_lower=np.tile(zero, 3),
        col_upper=bounds,
        row_lower=np.concatenate(
            ([wanted], np.ceil((group_lower - in_group)[limited] / step - 1e-9))
        ),
        row_upper=np.concatenate(
            ([wanted], np.floor((group_upper - in_group)[limited] / step + 1e-9))
        ),
        rows=np.concatenate((np.zeros(3 * size, dtype=np.int64), row_of[inside])),
        columns=np.concatenate((every, every[inside])),
        values=np.concatenate((moved, moved[inside])),
    )
    chosen = _solve(matrix)
    if chosen is None:
        raise NoWholeNumbersError(f"no multiples of {step} within the limits sum to {total}")
    up, more, down = (chosen[part * size : (part + 1) * size] for part in range(3))
    still = can_cheap & (more == 0) & (down == 0)
    grouped = group_of if len(limited) else np.zeros(size, dtype=np.int64)
    up, ties = _settle(up, cheap, still, first, grouped)
    persons = (base + up + more - down) * step + shift
    return Whole(
        persons.astype(np.int64),
        tuple(np.flatnonzero(off & (lower % step != 0)).tolist()),
        remainder_at,
        ties,
    )


def _solve(matrix: Matrix) -> Ints | None:
    answer = Engine(matrix).solve()
    if not answer.optimal:
        return None
    whole = np.round(answer.columns)
    if np.abs(whole - answer.columns).max(initial=0.0) > 1e-6:
        integers = np.ones(len(matrix.cost), dtype=bool)
        matrix = Matrix(
            matrix.cost,
            matrix.col_lower,
            matrix.col_upper,
            matrix.row_lower,
            matrix.row_upper,
            matrix.starts,
            matrix.index,
            matrix.value,
            integers,
        )
        answer = Engine(matrix).solve()
        if not answer.optimal:
            return None
        whole = np.round(answer.columns)
    return whole.astype(np.int64)


def _settle(
    up: Ints, cost: Floats, still: npt.NDArray[np.bool_], first: Floats, group_of: Ints
) -> tuple[Ints, tuple[Tie, ...]]:
    """Give the steps of each tie to the units that are first, and tell of it."""
    up, ties = up.copy(), []
    order = np.lexsort((np.arange(len(up)), cost, group_of))
    order = order[still[order]]
    start = 0
    for end in range(1, len(order) + 1):
        if end < len(order) and (
            group_of[order[end]] == group_of[order[start]]
            and cost[order[end]] - cost[order[end - 1]] < _EQUAL
        ):
            continue
        tied = order[start:end]
        start = end
        steps = int(up[tied].sum())
        if 0 < steps < len(tied):
            ranked = tied[np.lexsort((tied, -np.round(first[tied], 7)))]
            up[ranked[:steps]], up[ranked[steps:]] = 1, 0
            ties.append(
                Tie(tuple(sorted(ranked[:steps].tolist())), tuple(sorted(ranked[steps:].tolist())))
            )
    return up, tuple(ties)
