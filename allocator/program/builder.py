"""Putting a matrix together from blocks of columns, rows and entries."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from allocator.program.problem import Floats, Ints
from allocator.program.solver import Matrix

__all__ = ["Builder"]

_Many = float | npt.NDArray[np.floating] | npt.NDArray[np.integer]


class Builder:
    """Blocks in, one :class:`Matrix` out.

    >>> b = Builder()
    >>> x = b.columns(2, cost=1.0)
    >>> b.enter(b.rows(1, 3.0, np.inf), x, 1.0)
    >>> from allocator.program.solver import Engine
    >>> Engine(b.matrix()).solve().objective
    3.0
    """

    def __init__(self) -> None:
        self._columns: list[tuple[Floats, Floats, Floats, bool]] = []
        self._rows: list[tuple[Floats, Floats]] = []
        self._entries: list[tuple[Ints, Ints, Floats]] = []
        self._constants: list[tuple[Ints, Floats]] = []
        self.column_count = 0
        self.row_count = 0

    def columns(
        self,
        count: int,
        *,
        cost: _Many = 0.0,
        lower: _Many = 0.0,
        upper: _Many = np.inf,
        integer: bool = False,
    ) -> Ints:
        """New columns; their numbers."""
        self._columns.append(
            (_many(cost, count), _many(lower, count), _many(upper, count), integer)
        )
        self.column_count += count
        return np.arange(self.column_count - count, self.column_count)

    def rows(self, count: int, lower: _Many, upper: _Many) -> Ints:
        """New rows; their numbers."""
        self._rows.append((_many(lower, count), _many(upper, count)))
        self.row_count += count
        return np.arange(self.row_count - count, self.row_count)

    def enter(self, rows: Ints, columns: Ints, values: _Many) -> None:
        """Entries, row by row and column by column; one row or one value serves for all."""
        count = len(columns)
        self._entries.append((_each(rows, count), columns, _many(values, count)))

    def constant(self, rows: Ints, values: Floats) -> None:
        """What stands in rows whatever the columns hold: it is taken from their limits."""
        self._constants.append((_each(rows, len(values)), values))

    def sum_row(self, columns: Ints, lower: float, upper: float, values: _Many = 1.0) -> Ints:
        """One new row: lower ≤ Σ values · columns ≤ upper."""
        row = self.rows(1, lower, upper)
        self.enter(row, columns, values)
        return row

    def matrix(self) -> Matrix:
        """The matrix of all blocks; entries of 0 are left out."""
        cost, lower, upper = (
            np.concatenate([block[part] for block in self._columns]) for part in range(3)
        )
        integer = np.concatenate(
            [np.full(len(block[0]), block[3], dtype=bool) for block in self._columns]
        )
        nothing = np.zeros(0)
        rows = self._rows or [(nothing, nothing)]
        entries = self._entries or [(nothing.astype(np.int64),) * 2 + (nothing,)]
        row, column, value = (np.concatenate(part) for part in zip(*entries, strict=True))
        kept = value != 0
        stands = np.zeros(self.row_count)
        for at, much in self._constants:
            stands += np.bincount(at, much, self.row_count)
        return Matrix.from_triples(
            cost,
            lower,
            upper,
            np.concatenate([block[0] for block in rows]) - stands,
            np.concatenate([block[1] for block in rows]) - stands,
            row[kept],
            column[kept],
            value[kept],
            integer if integer.any() else None,
        )


def _many(value: _Many, count: int) -> Floats:
    many = np.asarray(value, dtype=np.float64)
    return many if many.shape == (count,) else np.full(count, many)


def _each(rows: Ints, count: int) -> Ints:
    return rows if rows.shape == (count,) else np.full(count, rows)
