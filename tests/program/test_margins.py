"""Whole steps by marginal costs: as near as any integer program gets, and proven."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.program.builder import Builder
from allocator.program.lagrange import Grid as ExactGrid
from allocator.program.lagrange import Prices as ExactPrices
from allocator.program.line import Line
from allocator.program.problem import Floats, Ints
from allocator.program.solver import Engine
from allocator.program.stated import Box, exact, exacts
from allocator.program.whole import Limits, NoWholeNumbersError, Tie, Whole, nearest_whole

seeds = st.integers(0, 2**32 - 1)


@dataclass(frozen=True)
class Asked:
    """Arguments of :func:`nearest_whole`."""

    target: Floats
    lower: Floats
    upper: Floats
    total: int
    step: int
    first: Floats
    groups: Limits | None

    def whole(self) -> Whole:
        return nearest_whole(
            self.target, self.lower, self.upper, self.total,
            step=self.step, first=self.first, groups=self.groups,
        )  # fmt: skip

    def shuffled(self, order: Ints) -> Asked:
        groups = self.groups and Limits(self.groups.of[order], self.groups.lower, self.groups.upper)
        target, lower, upper = (values[order] for values in (self.target, self.lower, self.upper))
        return Asked(target, lower, upper, self.total, self.step, self.first[order], groups)


def asked(seed: int, size: int, step: int, *, counties: bool, coarse: bool) -> Asked:
    """Targets within limits or beyond them; some counties held far from their targets' sum."""
    rng = np.random.default_rng(seed)
    lower = rng.integers(0, 12, size).astype(float)
    upper = lower + rng.integers(0, 30, size).astype(float)
    target = rng.uniform(lower - 3, upper + 6)
    target = np.round(target * 2) / 2 if coarse else target
    point = np.floor(rng.uniform(lower, upper + 1))
    of = rng.integers(0, 4, size)
    in_county = np.bincount(of, point, 4)
    slack = rng.integers(0, 9, (2, 4)).astype(float)
    low, high = in_county - slack[0], in_county + slack[1]
    low[0], high[1] = 0.0, np.inf
    groups = Limits(of, np.maximum(low, 0), high) if counties else None
    return Asked(target, lower, upper, int(point.sum()), step, rng.uniform(0, 50, size), groups)


def milp(case: Asked) -> float | None:
    """The least Σ |X − target| by goal rows and whole columns, on the steps where they have any.

    Measured at its whole columns: the solver's own objective counts on a hair of a step.
    """
    size, step = len(case.target), case.step
    b = Builder()
    low, high = np.ceil(case.lower / step), np.floor(case.upper / step)
    x = b.columns(size, lower=low, upper=high, integer=True)
    over, under = b.columns(size, cost=1.0), b.columns(size, cost=1.0)
    goal = b.rows(size, case.target, case.target)
    for columns, factor in ((x, step), (over, -1.0), (under, 1.0)):
        b.enter(goal, columns, factor)
    b.sum_row(x, case.total, case.total, step)
    if case.groups:
        rows = b.rows(4, case.groups.lower, case.groups.upper)
        b.enter(rows[case.groups.of], x, step)
    answer = Engine(b.matrix(), presolve=True).solve()
    if not answer.optimal:
        return None
    return float(np.abs(np.round(answer.columns[x]) * step - case.target).sum())


@given(seed=seeds, size=st.integers(1, 25), counties=st.booleans(), coarse=st.booleans())
def test_the_distance_is_that_of_an_integer_program(
    seed: int, size: int, counties: bool, coarse: bool
) -> None:
    case = asked(seed, size, 1, counties=counties, coarse=coarse)
    best, found = milp(case), case.whole().persons
    assert found.sum() == case.total
    assert ((found >= case.lower) & (found <= case.upper)).all()
    if case.groups:
        inside = np.bincount(case.groups.of, found, 4)
        assert ((inside >= case.groups.lower) & (inside <= case.groups.upper)).all()
    assert np.abs(found - case.target).sum() == pytest.approx(best, abs=1e-6)


@given(seed=seeds, size=st.integers(1, 20), counties=st.booleans())
def test_in_steps_too_the_distance_is_that_of_an_integer_program(
    seed: int, size: int, counties: bool
) -> None:
    """Where everyone has a multiple of the step within the limits, and so has the total."""
    case = asked(seed, size, 5, counties=counties, coarse=False)
    stretched = Asked(
        case.target * 5, case.lower * 5, case.upper * 5, case.total * 5, 5, case.first, case.groups
    )
    best = milp(stretched)
    if best is None:
        with pytest.raises(NoWholeNumbersError):
            stretched.whole()
        return
    found = stretched.whole().persons
    assert found.sum() == stretched.total
    assert not (found % 5).any()
    assert np.abs(found - stretched.target).sum() == pytest.approx(best, abs=1e-6)


@given(
    seed=seeds,
    size=st.integers(1, 25),
    step=st.sampled_from([1, 2, 5]),
    counties=st.booleans(),
    coarse=st.booleans(),
)
def test_the_multipliers_prove_it_in_exact_fractions(
    seed: int, size: int, step: int, counties: bool, coarse: bool
) -> None:
    case = asked(seed, size, step, counties=counties, coarse=coarse)
    try:
        found = case.whole()
    except NoWholeNumbersError:
        return
    target, no_limit = exacts(case.target.tolist()), [Fraction(0)] * 4
    box = Box(exacts(case.lower.tolist()), list(exacts(case.upper.tolist())))
    grid = ExactGrid.make(target, box, case.total, step, exacts(case.first.tolist()))
    of, county = [0] * size, Box(no_limit, [None] * 4)
    if case.groups:
        of = case.groups.of.tolist()
        uppers = [None if h == np.inf else exact(h) for h in case.groups.upper.tolist()]
        county = grid.sums(of, Box(exacts(case.groups.lower.tolist()), uppers))
    prices = ExactPrices(
        exact(found.prices.total), [exact(found.prices.groups.get(c, 0.0)) for c in range(4)]
    )
    bound = grid.bound(target, prices.of_each(of), prices.on_sums(case.total, county))
    assert bound is not None
    value = sum(abs(x - t) for x, t in zip(found.persons.tolist(), target, strict=True))
    assert abs(value - bound) <= Fraction(1, 10**6)


@given(
    seed=seeds,
    size=st.integers(2, 25),
    step=st.sampled_from([1, 5]),
    coarse=st.booleans(),
    by_county=st.booleans(),
)
def test_the_order_of_the_units_changes_nothing(
    seed: int, size: int, step: int, coarse: bool, by_county: bool
) -> None:
    case = asked(seed, size, step, counties=True, coarse=coarse)
    order = np.random.default_rng(seed).permutation(size)
    if by_county and case.groups:
        order = order[np.argsort(case.groups.of[order], kind="stable")]
    try:
        found = case.whole()
    except NoWholeNumbersError:
        with pytest.raises(NoWholeNumbersError):
            case.shuffled(order).whole()
        return
    again = case.shuffled(order).whole()
    np.testing.assert_array_equal(again.persons, found.persons[order])

    def units(ties: tuple[Tie, ...], names: Ints) -> set[tuple[frozenset[int], frozenset[int]]]:
        def named(part: tuple[int, ...]) -> frozenset[int]:
            return frozenset(names[list(part)].tolist())

        return {(named(tie.got), named(tie.not_got)) for tie in ties}

    assert units(again.ties, order) == units(found.ties, np.arange(size))


def test_a_tie_between_counties_is_settled_by_the_key_as_one_within_a_county_is() -> None:
    target, key = np.array([1.5, 4.0, 1.5, 4.0]), np.array([2.0, 5.0, 3.0, 5.0])
    free = Limits(np.array([0, 0, 1, 1]), np.array([5.0, 5.0]), np.array([6.0, 6.0]))
    whole = nearest_whole(target, np.zeros(4), np.full(4, 9.0), 11, first=key, groups=free)
    assert whole.persons.tolist() == [1, 4, 2, 4]
    assert whole.ties == (Tie(got=(2,), not_got=(0,)),)


def test_a_county_that_may_hold_no_more_is_in_no_tie_with_its_neighbours() -> None:
    target = np.array([1.5, 1.5, 1.5, 1.5])
    held = Limits(np.array([0, 0, 1, 1]), np.array([3.0, 4.0]), np.array([3.0, 4.0]))
    whole = nearest_whole(target, np.zeros(4), np.full(4, 9.0), 7, groups=held)
    assert whole.persons.tolist() == [2, 1, 2, 2]
    assert whole.ties == (Tie(got=(0,), not_got=(1,)),)


def test_what_a_county_must_hold_beyond_its_targets_is_spread_by_the_key() -> None:
    target, key = np.array([10.0, 20.0, 70.0]), np.array([10.0, 20.0, 70.0])
    whole = nearest_whole(target, np.zeros(3), np.full(3, 999.0), 150, first=key)
    assert whole.persons.tolist() == [15, 30, 105]
    assert whole.ties == ()


def test_what_a_county_may_not_hold_of_its_targets_is_taken_by_the_key() -> None:
    target, key = np.array([10.0, 20.0, 70.0]), np.array([10.0, 20.0, 70.0])
    whole = nearest_whole(target, np.zeros(3), np.full(3, 999.0), 50, first=key)
    assert whole.persons.tolist() == [5, 10, 35]
    assert whole.ties == ()


def test_what_does_not_come_out_in_the_key_goes_to_the_largest_remainders() -> None:
    target, key = np.array([10.0, 20.0, 70.0]), np.array([10.0, 20.0, 70.0])
    for total, persons in ((104, [10, 21, 73]), (96, [10, 19, 67])):
        whole = nearest_whole(target, np.zeros(3), np.full(3, 999.0), total, first=key)
        assert whole.persons.tolist() == persons
        assert whole.ties == ()


def test_a_step_that_a_county_must_have_is_tied_within_the_county_alone() -> None:
    target, of = np.full(3, 1.5), np.array([0, 0, 1])
    must = Limits(of, np.array([3.0, 0.0]), np.array([4.0, 9.0]))
    whole = nearest_whole(target, np.zeros(3), np.full(3, 9.0), 4, groups=must)
    assert whole.persons.tolist() == [2, 1, 1]
    assert whole.ties == (Tie(got=(0,), not_got=(1,)),)


def test_a_step_that_a_county_may_not_have_is_tied_within_the_county_alone() -> None:
    target, of = np.full(3, 1.5), np.array([0, 0, 1])
    may = Limits(of, np.array([2.0, 0.0]), np.array([3.0, 9.0]))
    whole = nearest_whole(target, np.zeros(3), np.full(3, 9.0), 5, groups=may)
    assert whole.persons.tolist() == [2, 1, 2]
    assert whole.ties == (Tie(got=(0,), not_got=(1,)),)


def test_the_price_of_the_total_is_that_of_a_step_somebody_may_have() -> None:
    """County 0 may hold no more, so that its cheaper step has no say; 1 must hold what it does."""
    target, of = np.array([9.0, 1.7]), np.array([0, 1])
    held = Limits(of, np.array([3.0, 1.0]), np.array([3.0, 9.0]))
    whole = nearest_whole(target, np.zeros(2), np.full(2, 9.0), 4, groups=held)
    assert whole.persons.tolist() == [3, 1]
    assert whole.prices.total == pytest.approx(0.3 - 0.7)
    assert whole.prices.groups[0] == pytest.approx(-1 + 0.4)


def test_no_remainder_takes_a_county_beyond_what_it_may_hold() -> None:
    held = Limits(np.array([0, 0, 1, 1]), np.zeros(2), np.array([5.0, np.inf]))
    whole = nearest_whole(np.ones(4), np.zeros(4), np.full(4, 9.0), 12, groups=held)
    assert whole.persons.tolist() == [3, 2, 4, 3]


@given(seed=seeds, size=st.integers(1, 40))
def test_candidates_stand_in_the_same_line_however_many_groups_there_might_be(
    seed: int, size: int
) -> None:
    """With more groups than fit beside a cost in one whole number, they are sorted otherwise."""
    rng = np.random.default_rng(seed)
    cost = np.round(rng.uniform(-1, 1, (1, size)) * 4) / 4 + rng.choice([0.0, 1e-9], (1, size))
    among, of = rng.random((1, size)) < 0.8, rng.integers(0, 4, size)
    first = np.round(rng.uniform(0, 3, (1, size)))
    few, many = (Line.make(cost, among, of, groups, first) for groups in (4, 2**40))
    assert few.units.tolist() == many.units.tolist()
    assert few.costs.tolist() == many.costs.tolist()
    in_order = sorted(
        few.units.tolist(), key=lambda at: (of[at], np.round(cost[0, at], 7), -first[0, at], at)
    )
    assert few.units.tolist() == in_order
