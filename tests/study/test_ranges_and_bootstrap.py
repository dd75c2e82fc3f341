"""Ranges with both ends in, and intervals that a seed decides."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.errors import UsageError
from allocator.study.bootstrap import overlap_interval
from allocator.study.pool import processes
from allocator.study.ranges import whole_numbers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("2014:2017", (2014, 2015, 2016, 2017)),
        ("2014:2018:2", (2014, 2016, 2018)),
        ("2014:2017:2", (2014, 2016)),
        ("2016", (2016,)),
        ("2020,2016,2016", (2016, 2020)),
        ("2014:2015, 2026", (2014, 2015, 2026)),
    ],
)
def test_a_range_has_both_ends_in(text: str, numbers: tuple[int, ...]) -> None:
    assert whole_numbers(text) == numbers


@given(st.integers(-999, 999), st.integers(0, 99), st.integers(1, 9))
def test_a_range_begins_at_its_start_and_ends_within_a_step_of_its_stop(
    start: int, length: int, step: int
) -> None:
    found = whole_numbers(f"{start}:{start + length}:{step}")
    assert found[0] == start
    assert start + length - step < found[-1] <= start + length


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is not a range of whole numbers"),
        ("2014-2026", "is not a range of whole numbers"),
        ("2014:", "is not a range of whole numbers"),
        ("2026:2014", "ends before it begins"),
        ("2014:2026:0", "has a step below 1"),
        ("1:2:3:4", "more than three parts"),
        ("1:99999999999", "more than 10000 numbers"),
    ],
)
def test_what_is_no_range_is_told_with_the_option(text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told) as caught:
        whole_numbers(text, "--years")
    assert str(caught.value).startswith(f"--years {text}")


counts = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 300)), min_size=1, max_size=40)


@given(counts, st.integers(0, 2**32))
def test_an_interval_lies_in_order_and_the_same_seed_gives_it_again(
    pairs: list[tuple[int, int]], seed: int
) -> None:
    x, a = zip(*pairs, strict=True)
    found = overlap_interval(x, a, 50, seed)
    assert found is not None
    assert found[0] <= found[1] <= 1
    assert overlap_interval(x, a, 50, seed) == found


def test_an_interval_holds_the_overlap_and_is_that_of_draws_made_by_hand() -> None:
    luck = np.random.default_rng(5)
    a = luck.integers(1, 100, 60)
    x = a + luck.integers(-10, 11, 60)
    found = overlap_interval(x, a, 400, seed=9)
    assert found is not None
    assert found[0] < 1 - np.abs(x - a).sum() / (2 * a.sum()) < found[1]
    again, overlaps = np.random.default_rng(9).integers(0, 60, (400, 60), dtype=np.int32), []
    for draw in again:
        gap = sum(abs(int(x[at]) - int(a[at])) for at in draw)
        overlaps.append(1 - gap / 2 / sum(int(a[at]) for at in draw))
    assert found == pytest.approx(np.percentile(overlaps, [5, 95]), abs=1e-6)


def test_another_seed_gives_another_interval_and_no_draws_give_none() -> None:
    x, a = [3, 9, 20, 41], [5, 5, 25, 38]
    assert overlap_interval(x, a, 30, 1) != overlap_interval(x, a, 30, 2)
    assert overlap_interval(x, a, 0, 1) is None
    assert overlap_interval([1, 2], [0, 0], 30, 1) is None
    assert overlap_interval([], [], 30, 1) is None


def test_one_job_needs_no_processes_and_more_have_an_executor() -> None:
    with processes(1) as alone:
        assert alone is None
    with processes(2) as executor:
        assert executor is not None
