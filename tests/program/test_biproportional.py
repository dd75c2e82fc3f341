"""Biproportional apportionment: published elections, every small table tried, and the proof."""

import csv
from dataclasses import replace
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from allocator.program.apportion import NoApportionmentError
from allocator.program.biproportional import (
    Biproportional,
    biproportional,
    check_divisors,
    double_proportional,
)

GOLDEN = Path(__file__).parent / "golden"

Matrix = tuple[tuple[int, ...], ...]


def cells(name: str) -> list[list[str]]:
    with (GOLDEN / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def zug() -> tuple[list[list[int]], list[int], Matrix]:
    """Votes, seats by district, seats by list and district."""
    _, districts, *lists = cells("biproportional_zug2018.csv")
    return (
        [[int(cell) for cell in row[1:12]] for row in lists],
        [int(cell) for cell in districts[1:12]],
        tuple(tuple(int(cell) for cell in row[12:]) for row in lists),
    )


def over_threshold(votes: list[list[int]]) -> list[list[int]]:
    """The lists with 5 % of a district's votes or 3 % of all; the others' votes do not count."""
    by_district = [sum(column) for column in zip(*votes, strict=True)]
    return [
        row
        if 100 * sum(row) >= 3 * sum(by_district)
        or any(100 * n >= 5 * all_of for n, all_of in zip(row, by_district, strict=True))
        else [0] * len(row)
        for row in votes
    ]


# Published tables


def test_zug_2018_comes_out_from_votes_and_threshold() -> None:
    votes, districts, published = zug()
    counted = over_threshold(votes)
    assert [i for i, row in enumerate(counted) if not any(row)] == [0]
    answer = double_proportional(counted, districts)
    assert answer.upper.seats == tuple(sum(row) for row in published)
    assert answer.lower.seats == published
    assert not answer.lower.ties
    assert check_divisors(counted, answer.lower, answer.upper.seats, districts)


def test_zug_2018_without_its_threshold_would_have_given_list_1_a_seat() -> None:
    votes, districts, _ = zug()
    assert double_proportional(votes, districts).upper.seats == (1, 11, 20, 17, 4, 9, 18)


def test_uri_2020_comes_out_in_all_and_in_every_municipality() -> None:
    header, *rows = cells("biproportional_uri2020.csv")
    districts = [int(name.split("(")[1].rstrip(")")) for name in header[5:9]]
    votes = [[int(cell) for cell in row[1:5]] for row in rows]
    answer = double_proportional(votes, districts)
    assert answer.upper.seats == tuple(int(row[9]) for row in rows)
    assert answer.lower.seats == tuple(tuple(int(cell) for cell in row[5:9]) for row in rows)
    assert not answer.lower.ties
    assert check_divisors(votes, answer.lower, answer.upper.seats, districts)


# Every small table tried


@st.composite
def small(draw: st.DrawFn) -> tuple[list[list[int]], list[int], list[int], list[int]]:
    """Votes with some zeros and some ties, totals of the rows, what they may rise to, columns."""
    rows, columns = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    vote = st.sampled_from([0, 1, 1, 2, 3, 3, 7, 12])
    row = st.lists(vote, min_size=columns, max_size=columns)
    votes = draw(st.lists(row, min_size=rows, max_size=rows))
    # The margins of some table of seats, which may stand where there are no votes.
    count = st.lists(st.integers(0, 2), min_size=columns, max_size=columns)
    table = draw(st.lists(count, min_size=rows, max_size=rows))
    sums = [sum(counts) for counts in table]
    slack = draw(st.lists(st.integers(0, 2), min_size=2 * rows, max_size=2 * rows))
    least = [max(0, total - slack[i]) for i, total in enumerate(sums)]
    most = [total + slack[rows + i] for i, total in enumerate(sums)]
    if draw(st.booleans()):
        least = most = sums
    return votes, least, most, [sum(column) for column in zip(*table, strict=True)]


def every(least: list[int], most: list[int], columns: list[int]) -> list[Matrix]:
    rows = [
        [
            row
            for row in product(*(range(total + 1) for total in columns))
            if low <= sum(row) <= high
        ]
        for low, high in zip(least, most, strict=True)
    ]
    return [
        table
        for table in product(*rows)
        if [sum(column) for column in zip(*table, strict=True)] == columns
    ]


def distance(votes: list[list[int]], table: Matrix) -> Fraction | None:
    """Π Π_{k<x} (k + ½)/v, which the biproportional table makes least; None if seats lack votes."""
    out = Fraction(1)
    for row, seats in zip(votes, table, strict=True):
        for v, x in zip(row, seats, strict=True):
            if x and not v:
                return None
            for k in range(x):
                out *= Fraction(2 * k + 1, 2 * v)
    return out


@settings(max_examples=300, deadline=None)
@given(small())
def test_no_table_is_better_and_ties_are_told_and_go_to_more_votes_then_the_earlier(
    case: tuple[list[list[int]], list[int], list[int], list[int]],
) -> None:
    votes, least, most, columns = case
    measured = [(distance(votes, table), table) for table in every(least, most, columns)]
    possible = [(length, table) for length, table in measured if length is not None]
    if not possible:
        with pytest.raises(NoApportionmentError):
            biproportional(votes, least, columns, row_upper=most)
        return
    answer = biproportional(votes, least, columns, row_upper=most)
    best = min(length for length, _ in possible)
    equal = [table for length, table in possible if length == best]
    order = sorted(
        product(range(len(votes)), range(len(columns))), key=lambda c: (-votes[c[0]][c[1]], c)
    )
    assert answer.seats == max(equal, key=lambda table: [table[i][j] for i, j in order])
    varying = {(i, j) for i, j in order if len({table[i][j] for table in equal}) > 1}
    assert {c for tie in answer.ties for c in (*tie.got, *tie.not_got)} == varying
    assert all(tie.got and tie.not_got for tie in answer.ties)
    assert check_divisors(votes, answer, least, columns, row_upper=most)


# Larger tables, by their proof


@st.composite
def larger(draw: st.DrawFn) -> tuple[list[list[int]], list[int], list[int]]:
    rows, columns = draw(st.integers(2, 6)), draw(st.integers(2, 6))
    row = st.lists(st.integers(0, 100_000), min_size=columns, max_size=columns)
    votes = draw(st.lists(row, min_size=rows, max_size=rows))
    count = st.lists(st.integers(0, 9), min_size=columns, max_size=columns)
    table = draw(st.lists(count, min_size=rows, max_size=rows))
    placed = [
        [k if v else 0 for v, k in zip(*pair, strict=True)]
        for pair in zip(votes, table, strict=True)
    ]
    return votes, [sum(r) for r in placed], [sum(c) for c in zip(*placed, strict=True)]


@settings(deadline=None, max_examples=60)
@given(larger())
def test_totals_are_kept_and_the_divisors_prove_the_answer(
    case: tuple[list[list[int]], list[int], list[int]],
) -> None:
    votes, rows, columns = case
    answer = biproportional(votes, rows, columns)
    assert [sum(row) for row in answer.seats] == rows
    assert [sum(column) for column in zip(*answer.seats, strict=True)] == columns
    assert check_divisors(votes, answer, rows, columns)


@settings(deadline=None, max_examples=60)
@given(larger(), st.fractions(Fraction(1, 100), 100).filter(bool), st.data())
def test_neither_scale_of_a_row_nor_order_nor_side_makes_a_difference(
    case: tuple[list[list[int]], list[int], list[int]], factor: Fraction, data: st.DataObject
) -> None:
    votes, rows, columns = case
    answer = biproportional(votes, rows, columns)
    assume(not answer.ties)
    scaled = [[n * (1 if i else factor) for n in row] for i, row in enumerate(votes)]
    assert biproportional(scaled, rows, columns).seats == answer.seats
    order = data.draw(st.permutations(range(len(rows))))
    shuffled = biproportional([votes[i] for i in order], [rows[i] for i in order], columns)
    assert shuffled.seats == tuple(answer.seats[i] for i in order)
    across = [list(column) for column in zip(*votes, strict=True)]
    turned = biproportional(across, columns, rows)
    assert turned.seats == tuple(zip(*answer.seats, strict=True))


def test_what_scaling_leaves_misplaced_is_transferred() -> None:
    votes, districts, published = zug()
    answer = biproportional(over_threshold(votes), [sum(row) for row in published], districts)
    assert answer.scalings > 1
    # All equal: every round of scaling is one of ties, and fills the same row.
    square = biproportional([[1] * 4] * 4, [1] * 4, [1] * 4)
    assert square.transfers == 3
    assert square.seats == ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1))
    assert len(square.ties) == 1
    assert check_divisors([[1] * 4] * 4, square, [1] * 4, [1] * 4)


def test_a_row_between_its_limits_has_divisor_1_and_the_others_are_held() -> None:
    votes, columns = [[800, 10], [90, 50], [60, 20]], [9, 3]
    answer = biproportional(votes, [0, 0, 4], columns, row_upper=[5, 12, 12])
    assert [sum(row) for row in answer.seats] == [5, 3, 4]
    down, free, up = answer.row_divisors
    assert up < free == 1 < down
    assert check_divisors(votes, answer, [0, 0, 4], columns, row_upper=[5, 12, 12])


# The proof refuses what it should


@pytest.fixture
def proven() -> tuple[list[list[int]], Biproportional]:
    votes = [[123, 45, 815], [912, 714, 414]]
    return votes, biproportional(votes, [5, 6], [4, 3, 4])


def test_the_proof_refuses_other_seats(proven: tuple[list[list[int]], Biproportional]) -> None:
    votes, answer = proven
    assert check_divisors(votes, answer, [5, 6], [4, 3, 4])
    assert not check_divisors(votes, answer, [6, 5], [4, 3, 4])
    assert not check_divisors(votes, answer, [5, 6], [3, 4, 4])
    for table in every([5, 6], [5, 6], [4, 3, 4]):
        good = check_divisors(votes, replace(answer, seats=table), [5, 6], [4, 3, 4])
        assert good == (table == answer.seats)


def test_the_proof_refuses_other_divisors_and_other_shapes(
    proven: tuple[list[list[int]], Biproportional],
) -> None:
    votes, answer = proven
    totals = [5, 6], [4, 3, 4]
    doubled = tuple(2 * divisor for divisor in answer.row_divisors)
    negative = tuple(-divisor for divisor in answer.row_divisors)
    assert not check_divisors(votes, replace(answer, row_divisors=doubled), *totals)
    assert not check_divisors(votes, replace(answer, row_divisors=negative), *totals)
    assert not check_divisors(votes[:1], answer, *totals)
    assert not check_divisors([row[:2] for row in votes], answer, *totals)


def test_the_proof_refuses_a_row_held_without_need() -> None:
    votes = [[30], [10]]
    free = biproportional(votes, [0, 0], [4], row_upper=[4, 4])
    assert free.seats == ((3,), (1,))
    held = biproportional(votes, [2, 2], [4])
    assert check_divisors(votes, held, [2, 2], [4])
    assert not check_divisors(votes, held, [0, 0], [4], row_upper=[4, 4])


# What cannot be done


@pytest.mark.parametrize(
    ("votes", "rows", "upper", "columns", "words"),
    [
        ([[10, 0], [5, 0]], [1, 2], None, [2, 1], "column 1, without votes"),
        ([[0, 0], [5, 5]], [1, 2], None, [2, 1], "1 to give, and row 0, without votes, allow"),
        ([[9, 1], [0, 1]], [1, 2], None, [2, 1], "rows \\[0\\], the only .* columns \\[0\\]"),
        ([[9, 1], [0, 1]], [1, 1], [1, 4], [2, 1], "rows \\[0\\], the only .* columns \\[0\\]"),
        ([[9, 1], [0, 1]], [0, 3], [9, 9], [2, 1], "columns \\[1\\], the only .* rows \\[1\\]"),
        ([[1, 1]], [3], None, [1, 1], "2 to give, and the rows allow at least 3"),
        ([[1, 1]], [1], None, [1, 1], "2 to give, and the rows allow at most 1"),
        ([[1, 1], [1]], [1, 1], None, [1, 1], "not a table of 2 by 2"),
        ([[1, -1]], [2], None, [1, 1], "votes below 0"),
        ([[1, 0.5]], [2], None, [1, 1], "vote 0, 1 is 0.5, a float"),
        ([[1, 1]], [2], [1], [1, 1], "least above its most"),
        ([[1, 1]], [0], None, [1, -1], "totals below 0"),
    ],
)
def test_what_no_table_can_do_is_refused_in_words(
    votes: list[list[int]],
    rows: list[int],
    upper: list[int] | None,
    columns: list[int],
    words: str,
) -> None:
    with pytest.raises(ValueError, match=words):
        biproportional(votes, rows, columns, row_upper=upper)


def test_a_district_without_a_seat_or_without_a_column_is_refused() -> None:
    with pytest.raises(ValueError, match="every district must have a seat"):
        double_proportional([[1, 1]], [1, 0])
    with pytest.raises(ValueError, match="must have 3 columns"):
        double_proportional([[1, 1]], [1, 1, 1])


def test_a_row_and_a_column_of_nothing_are_no_trouble() -> None:
    answer = biproportional([[0, 0], [0, 7]], [0, 2], [0, 2])
    assert answer.seats == ((0, 0), (0, 2))
