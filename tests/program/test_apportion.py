"""Apportionment: published tables, what each method optimises, and the axioms it keeps."""

import csv
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from allocator.program.apportion import (
    ALSO_CALLED,
    METHODS,
    RULES,
    ApportionmentTie,
    Exact,
    NoApportionmentError,
    Rule,
    apportion,
    divisor_method,
    largest_remainder,
    shortest_decimal,
)

GOLDEN = Path(__file__).parent / "golden"
DIVISOR_METHODS = [*RULES, "modified-webster"]

Seats = tuple[int, ...]


def table(name: str) -> list[dict[str, str]]:
    with (GOLDEN / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def numbers(rows: list[dict[str, str]], column: str) -> list[int]:
    return [int(row[column]) for row in rows]


calm = settings(deadline=None, max_examples=40)

positive = st.lists(st.integers(1, 40), min_size=1, max_size=4)
some_weight = st.lists(st.integers(0, 40), min_size=1, max_size=5).filter(any)
fractions = st.lists(st.fractions(0, 50, max_denominator=30), min_size=1, max_size=5).filter(any)


@st.composite
def limited(draw: st.DrawFn) -> tuple[list[int], int, list[int], list[int]]:
    """Weights, a total, and limits between which it is possible."""
    weights = draw(some_weight)
    size = len(weights)
    lower = draw(st.lists(st.integers(0, 6), min_size=size, max_size=size))
    upper = [low + draw(st.integers(0, 25)) for low in lower]
    most = sum(up if w else low for w, low, up in zip(weights, lower, upper, strict=True))
    return weights, draw(st.integers(sum(lower), most)), lower, upper


# Published tables


@pytest.mark.parametrize(
    ("column", "method"),
    [
        ("official_seats_huntington_hill", "huntington-hill"),
        ("webster", "webster"),
        ("jefferson", "jefferson"),
        ("dean", "dean"),
        ("adams", "adams"),
        ("hamilton", "hamilton"),
    ],
)
def test_the_us_house_of_2020_comes_out_by_all_six_methods(column: str, method: str) -> None:
    rows = table("us_house_2020.csv")
    answer = apportion(numbers(rows, "apportionment_population"), 435, method, lower=[1] * 50)
    assert list(answer.seats) == numbers(rows, column)
    assert not answer.ties


@pytest.mark.parametrize("total", [299, 300])
@pytest.mark.parametrize("method", ["hamilton", "webster"])
def test_the_houses_of_1880_come_out_with_a_seat_for_every_state(total: int, method: str) -> None:
    rows = table("alabama_paradox_1880.csv")
    answer = apportion(numbers(rows, "population_1880"), total, method, lower=[1] * len(rows))
    assert list(answer.seats) == numbers(rows, f"{method}_min1_{total}")


def test_the_quotas_of_1880_are_the_published_ones() -> None:
    rows = table("alabama_paradox_1880.csv")
    people = numbers(rows, "population_1880")
    for total in (299, 300):
        for row, number in zip(rows, people, strict=True):
            quota = Fraction(number * total, sum(people))
            assert abs(quota - Fraction(row[f"quota_{total}"])) <= Fraction(1, 20_000)


def test_alabama_loses_a_seat_in_the_larger_house_by_hamilton_and_not_by_webster() -> None:
    rows = table("alabama_paradox_1880.csv")
    people = numbers(rows, "population_1880")
    assert rows[0]["state"] == "Alabama"

    def seats(method: str, total: int) -> int:
        return apportion(people, total, method, lower=[1] * len(rows)).seats[0]

    assert (seats("hamilton", 299), seats("hamilton", 300)) == (8, 7)
    assert (seats("webster", 299), seats("webster", 300)) == (8, 8)


def test_the_storting_of_2012_comes_out_from_people_and_area() -> None:
    rows = table("norway_storting_2012.csv")
    key = [int(row["population_2012"]) + Fraction(9, 5) * int(row["area_km2"]) for row in rows]
    assert key == [Fraction(row["key_published"]) for row in rows]
    answer = apportion(key, 169, "sainte-lague")
    assert list(answer.seats) == numbers(rows, "seats_published")
    assert answer.divisor == 33_000


# What each method optimises, by trying every apportionment


def every(size: int, total: int) -> Iterator[Seats]:
    for head in product(range(total + 1), repeat=size - 1):
        if sum(head) <= total:
            yield (*head, total - sum(head))


def hamilton_distance(weights: Sequence[int], seats: Seats, power: int) -> Fraction:
    whole, total = sum(weights), sum(seats)
    return sum(
        (abs(k - Fraction(w * total, whole)) ** power for w, k in zip(weights, seats, strict=True)),
        Fraction(0),
    )


def webster_distance(weights: Sequence[int], seats: Seats) -> Fraction:
    whole, total = sum(weights), sum(seats)
    return sum(
        ((k - Fraction(w * total, whole)) ** 2 / w for w, k in zip(weights, seats, strict=True)),
        Fraction(0),
    )


def huntington_hill_distance(weights: Sequence[int], seats: Seats) -> Fraction:
    """Σ w²/x: but for a constant, Σ x·(w/x − W/T)², the spread of persons a seat."""
    return sum((Fraction(w * w, k) for w, k in zip(weights, seats, strict=True)), Fraction(0))


def most_seats_a_head(weights: Sequence[int], seats: Seats) -> Fraction:
    return max(Fraction(k, w) for w, k in zip(weights, seats, strict=True))


def fewest_seats_a_head(weights: Sequence[int], seats: Seats) -> Fraction:
    return -min(Fraction(k, w) for w, k in zip(weights, seats, strict=True))


@pytest.mark.parametrize(
    ("method", "measure", "floor"),
    [
        ("hamilton", partial(hamilton_distance, power=1), 0),
        ("hamilton", partial(hamilton_distance, power=2), 0),
        ("webster", webster_distance, 0),
        ("huntington-hill", huntington_hill_distance, 1),
        ("jefferson", most_seats_a_head, 0),
        ("adams", fewest_seats_a_head, 0),
    ],
)
@calm
@given(weights=positive, total=st.integers(0, 12))
def test_no_apportionment_is_better_by_the_methods_own_measure(
    method: str,
    measure: Callable[[Sequence[int], Seats], Fraction],
    floor: int,
    weights: list[int],
    total: int,
) -> None:
    assume(total >= floor * len(weights))
    best = min(
        measure(weights, seats) for seats in every(len(weights), total) if min(seats) >= floor
    )
    assert measure(weights, apportion(weights, total, method).seats) == best


@calm
@given(positive, st.integers(0, 12))
def test_dean_leaves_no_pair_a_transfer_would_bring_nearer_in_persons_a_seat(
    weights: list[int], spare: int
) -> None:
    seats = apportion(weights, len(weights) + spare, "dean").seats
    for (v, a), (w, b) in product(zip(weights, seats, strict=True), repeat=2):
        if a > 1:
            now = abs(Fraction(v, a) - Fraction(w, b))
            assert now <= abs(Fraction(v, a - 1) - Fraction(w, b + 1))


@calm
@given(limited())
def test_hamilton_is_nearest_to_the_quotas_within_limits(
    case: tuple[list[int], int, list[int], list[int]],
) -> None:
    weights, total, lower, upper = case
    upper = [min(up, low + 4) for low, up in zip(lower, upper, strict=True)]
    room = sum(up if w else low for w, low, up in zip(weights, lower, upper, strict=True))
    total = min(total, room)
    answer = largest_remainder(weights, total, lower=lower, upper=upper)
    spans = [
        range(low, (up if w else low) + 1) for w, low, up in zip(weights, lower, upper, strict=True)
    ]
    best = min(hamilton_distance(weights, s, 2) for s in product(*spans) if sum(s) == total)
    assert hamilton_distance(weights, answer.seats, 2) == best


def one_by_one(
    rule: Rule, weights: list[int], total: int, lower: list[int], upper: list[int]
) -> Seats:
    """The textbook's way: each seat in its turn to the best claim with room."""
    seats = list(lower)
    while sum(seats) < total:
        open_to = [i for i, w in enumerate(weights) if w and seats[i] < upper[i]]
        best = min(open_to, key=lambda i: (rule.price(weights[i], seats[i]), -weights[i], i))
        seats[best] += 1
    return tuple(seats)


@pytest.mark.parametrize("name", RULES)
@calm
@given(case=limited())
def test_a_divisor_method_gives_what_one_seat_at_a_time_gives(
    name: str, case: tuple[list[int], int, list[int], list[int]]
) -> None:
    weights, total, lower, upper = case
    answer = divisor_method(weights, total, name, lower=lower, upper=upper)
    assert answer.seats == one_by_one(RULES[name], weights, total, lower, upper)


# Axioms


@pytest.mark.parametrize("method", METHODS)
@calm
@given(case=limited())
def test_sums_are_exact_and_limits_kept(
    method: str, case: tuple[list[int], int, list[int], list[int]]
) -> None:
    weights, total, lower, upper = case
    seats = apportion(weights, total, method, lower=lower, upper=upper).seats
    assert sum(seats) == total
    assert all(a <= k <= b for a, k, b in zip(lower, seats, upper, strict=True))
    assert all(k == a for w, k, a in zip(weights, seats, lower, strict=True) if not w)


@calm
@given(fractions, st.integers(0, 60))
def test_hamilton_stays_within_the_quota_rounded_down_and_up(
    weights: list[Fraction], total: int
) -> None:
    for weight, seats in zip(weights, largest_remainder(weights, total).seats, strict=True):
        assert abs(seats - weight * total / sum(weights)) < 1


@calm
@given(fractions, st.integers(0, 60))
def test_jefferson_is_never_below_the_quota_rounded_down_nor_adams_above_it_rounded_up(
    weights: list[Fraction], total: int
) -> None:
    quotas = [weight * total / sum(weights) for weight in weights]
    jefferson = apportion(weights, total, "jefferson").seats
    adams = apportion(weights, total, "adams").seats
    assert all(seats > quota - 1 for seats, quota in zip(jefferson, quotas, strict=True))
    assert all(seats < quota + 1 for seats, quota in zip(adams, quotas, strict=True))


@pytest.mark.parametrize("method", DIVISOR_METHODS)
@calm
@given(case=limited())
def test_with_one_more_seat_nobody_has_fewer_by_a_divisor_method(
    method: str, case: tuple[list[int], int, list[int], list[int]]
) -> None:
    weights, total, lower, upper = case
    assume(total > sum(lower))
    fewer = apportion(weights, total - 1, method, lower=lower, upper=upper).seats
    more = apportion(weights, total, method, lower=lower, upper=upper).seats
    assert all(a <= b for a, b in zip(fewer, more, strict=True))


@pytest.mark.parametrize("method", DIVISOR_METHODS)
@calm
@given(data=st.data(), before=positive, total=st.integers(0, 40))
def test_a_unit_that_grows_against_another_never_loses_a_seat_to_it_by_a_divisor_method(
    method: str, data: st.DataObject, before: list[int], total: int
) -> None:
    size = len(before)
    after = data.draw(st.lists(st.integers(1, 40), min_size=size, max_size=size))
    old, new = (apportion(weights, total, method).seats for weights in (before, after))
    for i, j in product(range(size), repeat=2):
        if after[i] * before[j] > before[i] * after[j]:
            assert not (new[i] < old[i] and new[j] > old[j])


@pytest.mark.parametrize("method", METHODS)
@calm
@given(data=st.data(), weights=some_weight, total=st.integers(0, 40))
def test_order_makes_no_difference(
    method: str, data: st.DataObject, weights: list[int], total: int
) -> None:
    order = data.draw(st.permutations(range(len(weights))))
    shuffled = [weights[i] for i in order]
    here = apportion(weights, total, method).seats
    there = apportion(shuffled, total, method).seats
    assert sorted(zip(weights, here, strict=True)) == sorted(zip(shuffled, there, strict=True))


@pytest.mark.parametrize("method", METHODS)
@calm
@given(
    weights=fractions,
    total=st.integers(0, 40),
    factor=st.fractions(Fraction(1, 1000), 1000).filter(bool),
)
def test_scale_makes_no_difference(
    method: str, weights: list[Fraction], total: int, factor: Fraction
) -> None:
    here = apportion(weights, total, method)
    there = apportion([weight * factor for weight in weights], total, method)
    assert (here.seats, here.ties) == (there.seats, there.ties)


@pytest.mark.parametrize("name", RULES)
@calm
@given(case=limited())
def test_the_divisor_gives_the_seats_within_limits(
    name: str, case: tuple[list[int], int, list[int], list[int]]
) -> None:
    weights, total, lower, upper = case
    sevenths = [Fraction(weight, 7) for weight in weights]
    rule, answer = RULES[name], divisor_method(sevenths, total, name, lower=lower, upper=upper)
    if answer.divisor is None:
        # Only a first seat beyond all price, or a tie at an irrational root, has no divisor.
        assert answer.ties or any(not k and w for k, w in zip(answer.seats, weights, strict=True))
        return
    for weight, low, seats, high in zip(sevenths, lower, answer.seats, upper, strict=True):
        quotient = (weight / answer.divisor) ** rule.power
        if seats > low:
            assert quotient >= Fraction(*rule.signpost(seats - 1))
        if seats < high and weight:
            assert quotient <= Fraction(*rule.signpost(seats))


@pytest.mark.parametrize("name", RULES)
def test_signposts_rise_and_stand_between_one_whole_number_and_the_next(name: str) -> None:
    rule = RULES[name]
    posts = [Fraction(*rule.signpost(k)) for k in range(50)]
    assert posts == sorted(set(posts))
    assert all(k**rule.power <= post <= (k + 1) ** rule.power for k, post in enumerate(posts))


# Ties


def test_ties_go_to_the_heavier_then_the_earlier_and_are_told() -> None:
    # 3/3 = 1/1: by Jefferson the heavier's third seat and the other's first have the same price.
    assert divisor_method([1, 3], 3, "jefferson").seats == (0, 3)
    assert divisor_method([1, 3], 3, "jefferson").ties == (ApportionmentTie((1,), (0,)),)
    assert largest_remainder([5, 5, 5], 4).seats == (2, 1, 1)
    assert largest_remainder([5, 5, 5], 5).ties == (ApportionmentTie((0, 1), (2,)),)


@pytest.mark.parametrize("method", METHODS)
@calm
@given(weights=some_weight, total=st.integers(0, 30))
def test_told_ties_are_those_where_the_order_decides_between_equals(
    method: str, weights: list[int], total: int
) -> None:
    answer = apportion(weights, total, method)
    same = {w: {k for v, k in zip(weights, answer.seats, strict=True) if v == w} for w in weights}
    if any(len(seats) > 1 for seats in same.values()):
        assert answer.ties
    for tie in answer.ties:
        assert tie.got
        assert tie.not_got
        assert not set(tie.got) & set(tie.not_got)
        assert min(weights[i] for i in tie.got) >= max(weights[i] for i in tie.not_got)


def test_when_seats_do_not_reach_for_a_first_one_each_there_is_no_divisor() -> None:
    answer = divisor_method([7, 9, 8], 2, "adams")
    assert answer.seats == (0, 1, 1)
    assert answer.ties == (ApportionmentTie((1, 2), (0,)),)
    assert answer.divisor is None


# Further cases


def test_the_first_divisor_holds_back_the_smallest() -> None:
    votes = [100, 41, 22]
    assert apportion(votes, 4, "sainte-lague").seats == (2, 1, 1)
    assert apportion(votes, 4, "modified-sainte-lague").seats == (3, 1, 0)
    assert divisor_method(votes, 4, "webster", first=Fraction(1)).seats == (2, 1, 1)
    assert divisor_method([100, 2, 1], 3, "webster", first=Fraction(0)).seats == (1, 1, 1)
    assert divisor_method([100, 41, 22], 4, "webster", first=Fraction(2)).seats == (3, 1, 0)


def test_every_other_name_is_of_a_method() -> None:
    assert set(ALSO_CALLED.values()) <= set(METHODS)
    assert not set(ALSO_CALLED) & set(METHODS)


def test_weights_of_very_different_size_are_no_trouble() -> None:
    weights: list[Exact] = [10**40, 1, Fraction(1, 10**20)]
    answer = divisor_method(weights, 1_000_000, "webster", upper=[10, 10**6, 10**6])
    assert answer.seats == (10, 999_990, 0)


def test_numpy_integers_are_taken_as_pythons_own() -> None:
    weights = np.array([2**62, 2**62, 2**61])
    assert apportion(weights.tolist(), 5, "webster").seats == (2, 2, 1)
    assert apportion(list(weights), 5, "hamilton").seats == (2, 2, 1)


@pytest.mark.parametrize(
    ("low", "high", "power", "number"),
    [
        (0, None, 1, 1),
        (0, Fraction(1, 3), 1, Fraction(1, 10)),
        (123, None, 1, 200),
        (Fraction(3, 2), Fraction(3, 2), 1, Fraction(3, 2)),
        (2, 3, 2, Fraction(3, 2)),
        (Fraction(9, 4), Fraction(9, 4), 2, Fraction(3, 2)),
        (2, 2, 2, None),
    ],
)
def test_the_shortest_decimal_is_found(
    low: Exact, high: Exact | None, power: int, number: Exact | None
) -> None:
    top = None if high is None else Fraction(high)
    assert shortest_decimal(Fraction(low), top, power) == number


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("weights", "total", "limits", "words"),
    [
        ([1.5, 2], 3, {}, "weight 0 is 1.5, a float"),
        ([1, 2], 3.0, {}, "the total is 3.0, a float"),
        ([1, 2], Fraction(1, 2), {}, "not a whole number"),
        ([1, -2], 3, {}, "weight 1 is -2, below 0"),
        ([0, 0], 3, {}, "none of 2 weights is above 0"),
        ([], 0, {}, "none of 0 weights is above 0"),
        ([1, 2], 3, {"lower": [1]}, "2 weights and 1 limits in lower"),
        ([1, 2], 3, {"upper": [1, 2, 3]}, "2 weights and 3 limits in upper"),
        ([1, 2], 3, {"lower": [2, 0], "upper": [1, 9]}, "unit 0 has limits 2 and 1"),
        ([1, 2], 3, {"lower": [-1, 0]}, "unit 0 has limits -1 and"),
        ([1, 2], 3, {"upper": [1, 1]}, "3 to give, and the limits allow at most 2"),
        ([1, 2], 3, {"lower": [2, 2]}, "3 to give, and the limits allow at least 4"),
        ([1, 0], 3, {"upper": [2, 9]}, "3 to give, and the limits allow at most 2"),
        ([1, 2], -1, {}, "-1 to give, and the limits allow at least 0"),
    ],
)
def test_what_cannot_be_apportioned_is_refused_in_words(
    method: str, weights: list[int], total: int, limits: dict[str, list[int]], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        METHODS[method](weights, total, **limits)


def test_a_total_out_of_reach_tells_its_numbers() -> None:
    with pytest.raises(NoApportionmentError) as caught:
        apportion([1, 2], 9, "webster", lower=[1, 1], upper=[2, 3])
    assert (caught.value.total, caught.value.least, caught.value.most) == (9, 2, 5)


def test_an_unknown_method_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(ValueError, match="did you mean 'webster'"):
        apportion([1], 1, "webstr")
    with pytest.raises(ValueError, match="no divisor method 'hamilton'; known: adams, dean"):
        divisor_method([1], 1, "hamilton")


def test_a_first_divisor_is_websters_alone_and_from_0_to_2() -> None:
    with pytest.raises(ValueError, match="for 'webster', not for 'adams'"):
        divisor_method([1], 1, "adams", first=Fraction(7, 5))
    with pytest.raises(ValueError, match="from 0 to 2"):
        divisor_method([1], 1, "webster", first=Fraction(3))
