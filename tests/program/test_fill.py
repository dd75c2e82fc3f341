"""Water-filling by group, against exact fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.program.fill import fill, fill_nested, level, levels, levels_nested
from allocator.program.problem import Floats

INF = np.inf
seeds = st.integers(0, 2**32 - 1)


def filled(at: Fraction, weight: Floats, lower: Floats, upper: Floats) -> list[Fraction]:
    """clip(λ·weight, lower, upper) in fractions."""
    units = zip(weight.tolist(), lower.tolist(), upper.tolist(), strict=True)
    least = [(max(at * Fraction(w), Fraction(low)), high) for w, low, high in units]
    return [x if high == INF else min(x, Fraction(high)) for x, high in least]


def exact_level(weight: Floats, lower: Floats, upper: Floats, total: float) -> Fraction:
    """The least λ that gives the total, by trying every point where a unit starts or stops."""
    units = zip(weight.tolist(), lower.tolist(), upper.tolist(), strict=True)
    points = sorted({Fraction(x) / Fraction(w) for w, *ends in units if w for x in ends if x < INF})
    if not points:
        return Fraction(0)
    sums = [sum(filled(point, weight, lower, upper)) for point in points]
    reached = [place for place, there in enumerate(sums) if there >= Fraction(total)]
    if reached and reached[0] == 0:
        return points[0]
    before = reached[0] - 1 if reached else len(points) - 1
    beyond = points[before] + 1 if not reached else points[before + 1]
    slope = (sum(filled(beyond, weight, lower, upper)) - sums[before]) / (beyond - points[before])
    return points[before] + ((Fraction(total) - sums[before]) / slope if slope else 0)


@given(seed=seeds, size=st.integers(1, 14), groups=st.integers(1, 4))
def test_the_levels_of_all_groups_at_once_are_the_exact_level_of_each(
    seed: int, size: int, groups: int
) -> None:
    """With limits missing, weights of 0 and of very different size, and groups with nobody."""
    rng = np.random.default_rng(seed)
    weight = rng.uniform(0.01, 9, size) * 10.0 ** rng.choice([0, 0, 0, -9, -14, 3], size)
    weight[rng.random(size) < 0.2] = 0.0
    lower = rng.integers(0, 5, size).astype(float)
    upper = np.where(rng.random(size) < 0.4, INF, lower + rng.integers(0, 9, size))
    of = rng.integers(0, groups, size)
    least, most = np.bincount(of, lower, groups), np.bincount(of, upper, groups)
    totals = np.round(rng.uniform(least - 1, np.minimum(most, least + 60)), rng.integers(0, 9))
    found = levels(weight, lower, upper, totals, of)
    for group in range(groups):
        own = weight[of == group], lower[of == group], upper[of == group]
        exact = exact_level(*own, totals[group])
        assert float(found[group]) == pytest.approx(float(exact), rel=1e-9, abs=1e-9)
        x = np.clip(found[group] * own[0], own[1], own[2])
        assert x == pytest.approx(np.array(filled(exact, *own), dtype=float), abs=1e-9)


def test_where_nobody_has_weight_the_level_is_0() -> None:
    none = np.zeros(2)
    assert level(none, none, np.full(2, 5.0), 3.0) == 0.0
    assert levels(none, none, none, np.array([3.0, 0.0]), np.array([0, 0])).tolist() == [0, 0]


def test_a_county_that_is_held_takes_its_level_and_leaves_the_rest_to_the_others() -> None:
    """By hand: county 0 may hold 4 of 20, county 1 must hold 9, county 2 is free."""
    weight, lower, upper = np.array([1.0, 3, 2, 2, 1]), np.zeros(5), np.array([9.0, 9, 9, 9, 9])
    of, low, high = np.array([0, 0, 1, 2, 2]), np.array([0.0, 9, 0]), np.array([4.0, INF, INF])
    x = fill_nested(weight, lower, upper, 20.0, of, low, high)
    assert x.tolist() == pytest.approx([1, 3, 9, 14 / 3, 7 / 3])
    nation, county = levels_nested(weight, lower, upper, 20.0, of, low, high)
    assert nation == pytest.approx(7 / 3)
    assert county.tolist() == pytest.approx([1, 4.5, 7 / 3])


def test_who_has_no_weight_keeps_to_the_floor_whatever_the_county_may_hold() -> None:
    weight, lower = np.array([0.0, 1.0]), np.array([2.0, 0.0])
    of, low = np.zeros(2, dtype=np.int64), np.zeros(1)
    for high in (5.0, INF):
        x = fill_nested(weight, lower, np.full(2, 9.0), 5.0, of, low, np.array([high]))
        assert x.tolist() == [2.0, 3.0]


def test_where_several_levels_give_the_total_it_is_the_smallest() -> None:
    lower, upper = np.array([0.0, 4.0]), np.array([2.0, 9.0])
    assert level(np.ones(2), lower, upper, 6.0) == 2.0


def test_what_a_county_must_hold_passes_nobodys_own_limit() -> None:
    of, low, high = np.array([0, 0, 1]), np.array([9.0, 0.0]), np.full(2, INF)
    x = fill_nested(np.ones(3), np.zeros(3), np.array([2.0, 9.0, 9.0]), 10.0, of, low, high)
    assert x.tolist() == [2, 7, 1]


@pytest.mark.parametrize("seed", range(5))
def test_weights_far_smaller_than_others_do_not_disturb_the_level(seed: int) -> None:
    """Who has no entitlement has a weight of a million millionth, and is filled last."""
    rng = np.random.default_rng(seed)
    key = np.round(rng.lognormal(4.0, 1.2, 300)) + 1
    none = rng.random(300) < 0.4
    weight = np.where(none, 1e-13 * rng.uniform(0.3, 3, 300), key)
    total, zero = float(weight.sum()), np.zeros(300)
    everything = np.full(300, total)
    assert level(weight, zero, everything, total) == pytest.approx(1.0, rel=1e-9)
    doubled = np.where(none, everything, 2 * key)
    rest = float(doubled[~none].sum()) + 100.0  # all others are full: those without take the rest
    found = fill(weight, zero, doubled, rest)
    assert found.sum() == pytest.approx(rest, abs=1e-6)
    assert found[none].sum() == pytest.approx(100.0, abs=1e-6)
