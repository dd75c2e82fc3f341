"""The table behind :mod:`allocator.program.biproportional`, while it is worked on.

Alternating scaling, transfers along cheapest paths, ties turned, divisors shortened; what each is
for is told there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import heappop, heappush
from itertools import pairwise

from allocator.program.apportion import (
    Exact,
    NoApportionmentError,
    divisor_method,
    exact,
    shortest_decimal,
)

__all__ = ["Cell", "CellTie", "Table"]

_HALF = Fraction(1, 2)
_ONE = Fraction(1)
_PATIENCE = 3  # rounds of scaling that place no more seats, before they are transferred

Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class CellTie:
    """Cells (row, column) that stood exactly at a half: some were rounded up, some down.

    Another choice of which would keep every total as well.
    """

    got: tuple[Cell, ...]
    not_got: tuple[Cell, ...]


@dataclass(slots=True)
class Table:
    """The table while it is worked on.

    Its columns always have their totals, and each cell is its quotient rounded. A row's total runs
    from ``least`` to ``most``; ``used`` counts how far beyond the least it is entitled to be. As
    nodes of the flow come the rows, then the columns, then one pool of the rows' extra seats.
    """

    votes: list[list[Fraction]]
    least: list[int]
    most: list[int]
    column_totals: list[int]
    seats: list[list[int]]
    rho: list[Fraction]
    gamma: list[Fraction]
    used: list[int]

    @classmethod
    def read(
        cls,
        votes: Sequence[Sequence[Exact]],
        row_totals: Sequence[int],
        column_totals: Sequence[int],
        row_upper: Sequence[int] | None,
    ) -> Table:
        least, columns = list(row_totals), list(column_totals)
        most = least if row_upper is None else list(row_upper)
        if not len(votes) == len(least) == len(most) or any(len(r) != len(columns) for r in votes):
            raise ValueError(f"the votes are not a table of {len(least)} by {len(columns)}")
        cells = [
            [exact(number, f"vote {i}, {j}") for j, number in enumerate(row)]
            for i, row in enumerate(votes)
        ]
        if any(number < 0 for row in cells for number in row):
            raise ValueError("there are votes below 0")
        if any(not 0 <= low <= high for low, high in zip(least, most, strict=True)) or any(
            total < 0 for total in columns
        ):
            raise ValueError("there are totals below 0, or a row's least above its most")
        if not sum(least) <= sum(columns) <= sum(most):
            raise NoApportionmentError(sum(columns), sum(least), sum(most), "the rows")
        rows = len(least)
        seats = [[0] * len(columns) for _ in range(rows)]
        ones = [_ONE] * rows, [_ONE] * len(columns)
        return cls(cells, least, most, columns, seats, *ones, used=[0] * rows)

    def scale(self) -> int:
        """Alternate between columns and rows while it places more seats right; count the rounds."""
        rounds, stalled, fewest = 0, 0, sum(self.column_totals) + 1
        while True:
            self._divide_columns()
            rounds += 1
            misplaced = sum(abs(over) for over in self.excess())
            stalled = 0 if misplaced < fewest else stalled + 1
            fewest = min(misplaced, fewest)
            if not misplaced or stalled == _PATIENCE:
                return rounds
            self._divide_rows()

    def _divide_columns(self) -> None:
        for j, total in enumerate(self.column_totals):
            seats, self.gamma[j] = _divide(self.column(j), total, f"column {j}")
            for row, number in zip(self.seats, seats, strict=True):
                row[j] = number
        for i, row in enumerate(self.seats):
            extra = min(max(sum(row), self.least[i]), self.most[i]) - self.least[i]
            room = self.most[i] - self.least[i]
            self.used[i] = extra if self.rho[i] == 1 else room if self.rho[i] > 1 else 0

    def _divide_rows(self) -> None:
        for i, (least, most) in enumerate(zip(self.least, self.most, strict=True)):
            lane = self.row(i)
            free = sum(int(quotient + _HALF) for quotient in lane)
            total = min(max(free, least), most)
            loose = total == free and least < most
            self.rho[i] = _ONE if loose else _divide(lane, total, f"row {i}")[1]

    def row(self, i: int) -> list[Fraction]:
        """The row's votes over the columns' divisors."""
        return [votes / gamma for votes, gamma in zip(self.votes[i], self.gamma, strict=True)]

    def column(self, j: int) -> list[Fraction]:
        """The column's votes over the rows' divisors."""
        return [row[j] / rho for row, rho in zip(self.votes, self.rho, strict=True)]

    def excess(self) -> list[int]:
        """How many seats too many each row has beyond its entitlement, and the pool has used."""
        rows = zip(self.seats, self.least, self.used, strict=True)
        over = [sum(seats) - least - used for seats, least, used in rows]
        return [*over, -sum(over)]

    def arcs(self, node: int) -> Iterator[tuple[int, Fraction]]:
        """Where a node can pass a seat it has too many of, and by what factor prices stand off."""
        rows, columns = len(self.rho), len(self.gamma)
        pool = rows + columns
        if node < rows:
            for j, seats in enumerate(self.seats[node]):
                if seats:
                    yield rows + j, self.quotient(node, j) / (seats - _HALF)
            if self.used[node] < self.most[node] - self.least[node]:
                yield pool, 1 / self.rho[node]
        elif node < pool:
            j = node - rows
            for i, row in enumerate(self.votes):
                if row[j]:
                    yield i, (self.seats[i][j] + _HALF) / self.quotient(i, j)
        else:
            for i, used in enumerate(self.used):
                if used:
                    yield i, self.rho[i]

    def quotient(self, i: int, j: int) -> Fraction:
        return self.votes[i][j] / (self.rho[i] * self.gamma[j])

    def pass_along(self, path: Sequence[int]) -> None:
        """Pass one seat from node to node."""
        rows, pool = len(self.rho), len(self.rho) + len(self.gamma)
        for here, there in pairwise(path):
            if there == pool:
                self.used[here] += 1
            elif here == pool:
                self.used[there] -= 1
            elif here < rows:
                self.seats[here][there - rows] -= 1
            else:
                self.seats[there][here - rows] += 1

    def transfer(self) -> None:
        """Move one seat from where there are too many to the nearest place with too few.

        Dijkstra's method on factors, none of which is below 1. The divisors then move by the
        distances, which makes every step on the path a tie, and the tie is turned.
        """
        rows, columns = len(self.rho), len(self.gamma)
        nodes = [*range(rows), rows + columns]
        excess = dict(zip(nodes, self.excess(), strict=True))
        queue = [(_ONE, node, -1) for node in nodes if excess[node] > 0]
        reached: dict[int, tuple[Fraction, int]] = {}
        end = None
        while queue and end is None:
            distance, node, came_from = heappop(queue)
            if node in reached:
                continue
            reached[node] = distance, came_from
            if excess.get(node, 0) < 0:
                end = node
                continue
            for there, factor in self.arcs(node):
                if there not in reached:
                    heappush(queue, (distance * factor, there, node))
        if end is None:
            raise self._none_possible(reached)
        path, farthest = [end], reached[end][0]
        while (came_from := reached[path[-1]][1]) >= 0:
            path.append(came_from)
        # Distances are relative to the pool's, whose divisor stays 1.
        moved = [reached.get(node, (farthest, -1))[0] for node in range(rows + columns + 1)]
        self.rho = [rho * moved[-1] / by for rho, by in zip(self.rho, moved, strict=False)]
        self.gamma = [
            gamma * by / moved[-1] for gamma, by in zip(self.gamma, moved[rows:], strict=False)
        ]
        self.pass_along(path[::-1])
        self.shorten()

    def _none_possible(self, reached: dict[int, tuple[Fraction, int]]) -> NoApportionmentError:
        """Rows and columns that depend on each other and whose totals do not fit.

        Without the pool, the columns reached have votes in the rows reached only, which are full.
        With it, the rows not reached have votes in the columns not reached only.
        """
        full = len(self.rho) + len(self.gamma) not in reached
        rows = [i for i in range(len(self.rho)) if (i in reached) == full]
        columns = [j for j in range(len(self.gamma)) if (len(self.rho) + j in reached) == full]
        seats = sum(self.column_totals[j] for j in columns)
        if full:
            room = sum(self.most[i] for i in rows)
            whose = f"rows {rows}, the only ones with votes in columns {columns},"
            return NoApportionmentError(seats, 0, room, whose)
        need = sum(self.least[i] for i in rows)
        whose = f"columns {columns}, the only ones where rows {rows} have votes,"
        return NoApportionmentError(need, 0, seats, whose)

    def shorten(self) -> None:
        """Give every divisor as few decimals as can be, one by one, each fitting the others."""
        for j in range(len(self.gamma)):
            self.gamma[j] = _between(*_fits(self.column(j), [row[j] for row in self.seats]))
        for i, seats in enumerate(self.seats):
            low, high = _fits(self.row(i), seats)
            loose = self.least[i] < self.most[i] and low <= 1 and (high is None or high >= 1)
            self.rho[i] = _ONE if loose else _between(low, high)

    def ease(self) -> None:
        """Shorten the divisors over again while it helps.

        A transfer leaves a chain of quotients at a half. Its ends are free to move, then the next.
        """
        length = None
        while length is None or self._length() < length:
            length = self._length()
            self.shorten()

    def _length(self) -> int:
        return sum(len(str(divisor)) for divisor in (*self.rho, *self.gamma))

    def settle(self) -> tuple[CellTie, ...]:
        """Turn ties so that cells with more votes, then the earlier, are rounded up; tell of them.

        A cell is tied when a cycle of steps without a price, its own among them, comes back to it.
        """
        rows = len(self.rho)
        steps = self._free_steps()
        reach = {node: _reach(node, steps) for node in steps}
        tied = [
            (node, there - rows) if node < rows else (there, node - rows)
            for node in steps
            for there in steps[node]
            if node in reach[there] and rows + len(self.gamma) not in (node, there)
        ]
        tied.sort(key=lambda cell: (-self.votes[cell[0]][cell[1]], cell))
        settled: set[tuple[int, int]] = set()
        for i, j in tied:
            if self.quotient(i, j) > self.seats[i][j]:  # rounded down: turn a cycle if there is one
                back = _path(i, rows + j, self._free_steps(), settled)
                if back:
                    self.pass_along([*back, i])
            settled |= {(i, rows + j), (rows + j, i)}
        groups: dict[int, list[Cell]] = {}
        for i, j in tied:
            groups.setdefault(min(n for n in reach[i] if i in reach[n]), []).append((i, j))
        return tuple(
            CellTie(
                tuple(sorted((i, j) for i, j in cells if self.quotient(i, j) < self.seats[i][j])),
                tuple(sorted((i, j) for i, j in cells if self.quotient(i, j) > self.seats[i][j])),
            )
            for _, cells in sorted(groups.items())
        )

    def _free_steps(self) -> dict[int, list[int]]:
        nodes = range(len(self.rho) + len(self.gamma) + 1)
        return {n: [there for there, factor in self.arcs(n) if factor == 1] for n in nodes}


def _divide(lane: Sequence[Fraction], total: int, which: str) -> tuple[Sequence[int], Fraction]:
    """One row or column by Webster's method.

    Its divisor is taken from the middle of those that fit, not the shortest of them: a divisor at
    the end of its interval throws the other side's quotients about, and the alternation wanders.
    """
    if not any(lane):
        if total:
            raise NoApportionmentError(total, 0, 0, f"{which}, without votes,")
        return [0] * len(lane), _ONE
    answer = divisor_method(lane, total, "webster")
    low, high = _fits(lane, answer.seats)
    if high is None:
        return answer.seats, _between(2 * low, None)
    return answer.seats, _between((3 * low + high) / 4, (low + 3 * high) / 4)


def _fits(lane: Sequence[Fraction], seats: Sequence[int]) -> tuple[Fraction, Fraction | None]:
    """Between which divisors the quotients of one row or column round to these seats."""
    pairs = list(zip(lane, seats, strict=True))
    low = max((votes / (have + _HALF) for votes, have in pairs), default=Fraction(0))
    return low, min((votes / (have - _HALF) for votes, have in pairs if have), default=None)


def _between(low: Fraction, high: Fraction | None) -> Fraction:
    divisor = shortest_decimal(low, high)
    assert divisor is not None  # without a root to take there always is one
    return divisor


def _reach(start: int, steps: dict[int, list[int]]) -> set[int]:
    seen, stack = {start}, [start]
    while stack:
        for there in steps[stack.pop()]:
            if there not in seen:
                seen.add(there)
                stack.append(there)
    return seen


def _path(
    start: int, end: int, steps: dict[int, list[int]], without: set[tuple[int, int]]
) -> list[int]:
    """Nodes from start to end by steps that are not ``without``; empty if there is no way."""
    came_from = {start: -1}
    stack = [start]
    while stack and end not in came_from:
        node = stack.pop()
        for there in steps[node]:
            if there not in came_from and (node, there) not in without:
                came_from[there] = node
                stack.append(there)
    path = [end] if end in came_from else []
    while path and came_from[path[-1]] >= 0:
        path.append(came_from[path[-1]])
    return path[::-1]
