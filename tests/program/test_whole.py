"""Whole persons: nearest, exact in every total, and open about ties and steps."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.program.problem import Floats
from allocator.program.whole import (
    Limits,
    NoWholeNumbersError,
    Tie,
    nearest_whole,
    nearest_whole_with_part,
)

seeds = st.integers(0, 2**32 - 1)


def best_distance(target: Floats, lower: Floats, upper: Floats, total: int) -> float | None:
    """Every combination tried."""
    ranges = [range(int(a), int(b) + 1) for a, b in zip(lower, upper, strict=True)]
    found = [
        sum(abs(x - t) for x, t in zip(numbers, target, strict=True))
        for numbers in product(*ranges)
        if sum(numbers) == total
    ]
    return min(found, default=None)


@given(seed=seeds, size=st.integers(1, 5))
def test_the_whole_numbers_are_the_nearest_of_all_combinations(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    lower = rng.integers(0, 4, size).astype(float)
    upper = lower + rng.integers(0, 5, size).astype(float)
    target = rng.uniform(lower - 1, upper + 1)
    total = int(rng.integers(lower.sum(), upper.sum() + 1))
    whole = nearest_whole(target, lower, upper, total).persons
    assert whole.sum() == total
    assert ((whole >= lower) & (whole <= upper)).all()
    best = best_distance(target, lower, upper, total)
    assert np.abs(whole - target).sum() == pytest.approx(best, abs=1e-9)


@given(seed=seeds, size=st.integers(2, 30), step=st.sampled_from([1, 2, 5, 10]))
def test_every_number_is_on_its_step_but_those_that_are_named(
    seed: int, size: int, step: int
) -> None:
    rng = np.random.default_rng(seed)
    lower = rng.integers(0, 20, size).astype(float)
    upper = lower + rng.integers(0, 40, size).astype(float)
    target = rng.uniform(lower, upper)
    total = round(float(target.sum()))
    try:
        whole = nearest_whole(target, lower, upper, total, step=step)
    except NoWholeNumbersError:
        return
    assert whole.persons.sum() == total
    assert ((whole.persons >= lower) & (whole.persons <= upper)).all()
    named = {*whole.off_step, whole.remainder_at}
    assert {unit for unit, x in enumerate(whole.persons.tolist()) if x % step} <= named


@given(seed=seeds, size=st.integers(2, 40))
def test_with_room_on_both_sides_each_number_is_rounded_up_or_down_and_no_further(
    seed: int, size: int
) -> None:
    """Controlled rounding, with counties and the nation exact."""
    rng = np.random.default_rng(seed)
    target = rng.uniform(0, 20, size)
    group_of = np.sort(rng.integers(0, 3, size))
    sums = np.bincount(group_of, target, 3)
    total = int(np.floor(target.sum()))
    target = target * total / target.sum()
    sums = np.bincount(group_of, target, 3)
    groups = Limits(group_of, np.floor(sums), np.ceil(sums))
    whole = nearest_whole(target, np.zeros(size), np.full(size, np.inf), total, groups=groups)
    assert whole.persons.sum() == total
    assert (np.abs(whole.persons - target) < 1 + 1e-6).all()
    in_group = np.bincount(group_of, whole.persons, 3)
    assert ((in_group >= np.floor(sums)) & (in_group <= np.ceil(sums))).all()


@given(seed=seeds)
def test_without_limits_it_is_the_largest_remainder(seed: int) -> None:
    rng = np.random.default_rng(seed)
    target = rng.uniform(0, 9, 12)
    target = target * 50 / target.sum()
    whole = nearest_whole(target, np.zeros(12), np.full(12, 99.0), 50).persons
    floors = np.floor(target + 1e-7)
    up = np.argsort(-(target - floors), kind="stable")[: int(50 - floors.sum())]
    floors[up] += 1
    assert np.abs(whole - target).sum() == pytest.approx(np.abs(floors - target).sum(), abs=1e-9)


def test_a_tie_goes_to_the_larger_by_the_key_and_is_told() -> None:
    target, key = np.array([1.5, 1.5, 4.0]), np.array([2.0, 3.0, 4.0])
    whole = nearest_whole(target, np.zeros(3), np.full(3, 9.0), 7, first=key)
    assert whole.persons.tolist() == [1, 2, 4]
    assert whole.ties == (Tie(got=(1,), not_got=(0,)),)


def test_a_tie_between_equals_goes_to_the_lower_code() -> None:
    target = np.array([1.5, 1.5])
    whole = nearest_whole(target, np.zeros(2), np.full(2, 9.0), 3)
    assert whole.persons.tolist() == [2, 1]
    assert whole.ties == (Tie(got=(0,), not_got=(1,)),)


def test_where_all_who_are_equal_get_the_same_there_is_no_tie() -> None:
    whole = nearest_whole(np.array([1.5, 1.5]), np.zeros(2), np.full(2, 9.0), 4)
    assert whole.persons.tolist() == [2, 2]
    assert whole.ties == ()


def test_what_is_left_beyond_the_steps_goes_to_the_largest() -> None:
    whole = nearest_whole(np.array([10.0, 30.0, 57.0]), np.zeros(3), np.full(3, 99.0), 97, step=5)
    assert whole.persons.tolist() == [10, 30, 57]
    assert whole.remainder_at == 2


def test_what_is_left_goes_where_the_limits_allow_it_and_be_it_a_single_number() -> None:
    lower, upper = np.array([2.0, 10.0]), np.array([6.0, 10.0])
    whole = nearest_whole(np.array([2.0, 10.0]), lower, upper, 12, step=5)
    assert whole.persons.tolist() == [2, 10]
    assert whole.remainder_at == 0
    lower, upper = np.array([0.0, 10.0]), np.array([1.0, 10.0])
    with pytest.raises(NoWholeNumbersError, match="2 persons beyond the steps of 5 fit nowhere"):
        nearest_whole(np.array([2.0, 10.0]), lower, upper, 12, step=5)


def test_a_county_whose_limits_hold_no_multiple_of_the_step_is_refused() -> None:
    narrow = Limits(np.array([0, 1]), np.array([6.0, 0.0]), np.array([9.0, np.inf]))
    with pytest.raises(NoWholeNumbersError, match="no multiple of 5 fits between a county's"):
        nearest_whole(np.full(2, 5.0), np.zeros(2), np.full(2, 99.0), 10, step=5, groups=narrow)


def test_a_unit_without_a_multiple_inside_its_limits_stands_off_the_step_and_is_named() -> None:
    whole = nearest_whole(
        np.array([6.5, 43.5]), np.array([6.0, 0.0]), np.array([8.0, 99.0]), 50, step=5
    )
    assert whole.persons.sum() == 50
    assert 6 <= whole.persons[0] <= 8
    assert whole.off_step == (0,)


def test_a_total_that_cannot_be_met_is_refused() -> None:
    with pytest.raises(NoWholeNumbersError, match="sum to 9"):
        nearest_whole(np.array([1.0, 1.0]), np.zeros(2), np.full(2, 4.0), 9)


@given(seed=seeds)
def test_totals_leave_room_for_the_minors_that_must_fit_inside(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(2, 5))
    target = rng.uniform(1, 6, size)
    total = round(float(target.sum()))
    upper, share = np.full(size, 9.0), np.full(size, 0.5)
    minors = int(rng.integers(1, max(2, total // 2)))
    ranges = [range(10)] * size
    fits = [
        sum(abs(x - t) for x, t in zip(numbers, target, strict=True))
        for numbers in product(*ranges)
        if sum(numbers) == total and sum(x // 2 for x in numbers) >= minors
    ]
    arguments = (np.zeros(size), upper, total, np.zeros(size), upper, minors, share)
    if not fits:
        with pytest.raises(NoWholeNumbersError):
            nearest_whole_with_part(target, *arguments, np.zeros(size))
        return
    whole = nearest_whole_with_part(target, *arguments, np.zeros(size)).persons
    assert whole.sum() == total
    assert (whole // 2).sum() >= minors
    assert np.abs(whole - target).sum() == pytest.approx(min(fits), abs=1e-6)
