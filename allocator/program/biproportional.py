"""Biproportional apportionment: a table of whole seats with its row and column totals given.

Votes v[i,j] of row i in column j become seats that are votes over a divisor for the row and one for
the column, rounded in the standard (Webster's) way:

    x[i,j] = round(v[i,j] / (ρ[i]·γ[j])),   Σ_j x[i,j] = row total,   Σ_i x[i,j] = column total

Such a table minimises Σ Σ_{k<x[i,j]} log((k + ½)/v[i,j]) under its totals, and is unique but for
ties (Balinski & Demange 1989, doi:10.1007/BF01589103). Parliaments of Swiss cantons are elected by
it, the "doppelter Pukelsheim".

Two steps, both exact. *Alternating scaling* divides the columns, then the rows, each by Webster's
method alone, as long as that places more seats right (Pukelsheim 2014,
doi:10.1007/978-3-319-03856-8). It may stall at ties; the seats still misplaced are then
*transferred* one by one along cheapest alternating paths, which is a minimum-cost flow with the
divisors for prices, multiplied where others add (Rote & Zachariasen, *Matrix scaling by network
flow*, SODA 2007). Where there is no path, no table exists, and the rows and columns at fault are
known. The divisors prove the answer; :func:`check_divisors` needs nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from allocator.program.apportion import (
    Apportionment,
    Exact,
    divisor_method,
    exact,
)
from allocator.program.clock import keep_to
from allocator.program.transfer import CellTie, Table

__all__ = [
    "Biproportional",
    "CellTie",
    "DoubleProportional",
    "biproportional",
    "check_divisors",
    "double_proportional",
]

_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Biproportional:
    """Seats by row and column, and the divisors that give them; how many steps it took."""

    seats: tuple[tuple[int, ...], ...]
    row_divisors: tuple[Fraction, ...]
    column_divisors: tuple[Fraction, ...]
    ties: tuple[CellTie, ...]
    scalings: int
    transfers: int


@dataclass(frozen=True, slots=True)
class DoubleProportional:
    """Seats of each party in all (``upper``) and of each party in each district (``lower``)."""

    upper: Apportionment
    lower: Biproportional


def biproportional(
    votes: Sequence[Sequence[Exact]],
    row_totals: Sequence[int],
    column_totals: Sequence[int],
    *,
    row_upper: Sequence[int] | None = None,
) -> Biproportional:
    """The table in proportion to ``votes`` (rows, columns) with these totals.

    With ``row_upper`` a row may have from its ``row_totals`` to its ``row_upper``; its divisor is 1
    unless one of the two holds it, below 1 for rows held up and above 1 for rows held down. Of
    cells tied at a half, those with more votes, then the earlier in order, are rounded up.

    >>> answer = biproportional([[123, 45, 815], [912, 714, 414]], [5, 6], [4, 3, 4])
    >>> answer.seats
    ((1, 1, 3), (3, 2, 1))
    >>> biproportional([[10, 0], [5, 0]], [1, 2], [2, 1])
    Traceback (most recent call last):
    ...
    allocator.program.apportion.NoApportionmentError: ...

    Raises :class:`NoApportionmentError` when no table has these totals, a seat needing a vote, and
    :class:`ValueError` for votes that are negative or not exact, or tables that are not oblong.
    """
    table = Table.read(votes, row_totals, column_totals, row_upper)
    scalings = table.scale()
    transfers = 0
    while any(table.excess()):
        keep_to()
        table.transfer()
        transfers += 1
    ties = table.settle()
    table.ease()
    return Biproportional(
        tuple(tuple(row) for row in table.seats),
        tuple(table.rho),
        tuple(table.gamma),
        ties,
        scalings,
        transfers,
    )


def double_proportional(
    votes: Sequence[Sequence[Exact]], district_seats: Sequence[int]
) -> DoubleProportional:
    """Seats by party (rows) and district (columns), first in all, then district by district.

    A voter has as many votes as the district has seats, so a party's voters are its votes over the
    district's seats; Webster's method on the parties' voters in all gives their seats in all. Then
    those and the districts' seats are the totals of a biproportional table of the votes.

    >>> double_proportional([[400, 90], [200, 210]], [4, 3]).lower.seats
    ((3, 1), (1, 2))
    """
    if any(len(row) != len(district_seats) for row in votes):
        raise ValueError(f"every row of votes must have {len(district_seats)} columns")
    if any(seats < 1 for seats in district_seats):
        raise ValueError("every district must have a seat")
    voters = [
        sum((exact(n, "a vote") / k for n, k in zip(row, district_seats, strict=True)), Fraction(0))
        for row in votes
    ]
    upper = divisor_method(voters, sum(district_seats), "webster")
    return DoubleProportional(upper, biproportional(votes, upper.seats, district_seats))


def check_divisors(
    votes: Sequence[Sequence[Exact]],
    answer: Biproportional,
    row_totals: Sequence[int],
    column_totals: Sequence[int],
    *,
    row_upper: Sequence[int] | None = None,
) -> bool:
    """Whether the answer's divisors prove it: every total kept, every cell its quotient, rounded.

    >>> votes = [[123, 45, 815], [912, 714, 414]]
    >>> check_divisors(votes, biproportional(votes, [5, 6], [4, 3, 4]), [5, 6], [4, 3, 4])
    True
    """
    rho, gamma, seats = answer.row_divisors, answer.column_divisors, answer.seats
    size = (len(row_totals), len(column_totals))
    tops = row_totals if row_upper is None else row_upper
    if not (len(votes) == len(seats) == len(rho) == len(tops) == size[0] and len(gamma) == size[1]):
        return False
    if any(len(row) != size[1] for row in (*votes, *seats)):
        return False
    if min((*rho, *gamma), default=1) <= 0:
        return False
    sums = [sum(row) for row in seats]
    if any(sum(row[j] for row in seats) != total for j, total in enumerate(column_totals)):
        return False
    for total, least, most, divisor in zip(sums, row_totals, tops, rho, strict=True):
        if not least <= total <= most:
            return False
        # A row with room to grow must not have been held down, one that could shrink not held up.
        if (total < most and divisor > 1) or (total > least and divisor < 1 and least < most):
            return False
    return all(
        seats[i][j] >= 0
        and abs(exact(votes[i][j], "a vote") / (rho[i] * gamma[j]) - seats[i][j]) <= _HALF
        and (votes[i][j] > 0 or seats[i][j] == 0)
        for i in range(size[0])
        for j in range(size[1])
    )
