"""Several years solved as one program."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.errors import BadDataError
from allocator.program.examples import three
from allocator.program.goals import solve
from allocator.program.horizon import Together, YearNeed, over_years
from allocator.program.infeasible import NoProposalError
from allocator.program.problem import Bound, Problem
from tests.program.problems import nested, with_minors

TWO = (YearNeed(2015, 100, 20), YearNeed(2016, 150, 30))


def by_year(problem: Problem, persons: np.ndarray, years: int = 2) -> np.ndarray:
    return persons.reshape(years, -1)


def test_each_year_meets_its_own_need_and_its_own_minors() -> None:
    problem = over_years(three(), TWO)
    solution = solve(problem)
    assert by_year(problem, solution.totals).sum(axis=1).tolist() == [100, 150]
    assert by_year(problem, solution.minors).sum(axis=1).tolist() == [20, 30]


def test_a_number_moves_from_year_to_year_no_further_than_it_may() -> None:
    needs = (YearNeed(2015, 100, 20), YearNeed(2016, 110, 20))
    solution = solve(over_years(three(), needs, up=0.12, down=0.05))
    first, second = solution.totals.reshape(2, -1)
    assert (second <= 1.12 * first + 1e-9).all()
    assert (second >= 0.95 * first - 1e-9).all()


def test_what_is_decided_for_two_years_at_once_is_met_over_both() -> None:
    both = {"0301": Together(180, 180)}
    problem = over_years(three(), TWO, together=both)
    totals = by_year(problem, solve(problem).totals)
    assert totals[:, 0].sum() == 180
    # As even as can be: the years share what the decision takes away by their need.
    assert totals[0, 0] / 100 == pytest.approx(totals[1, 0] / 150, abs=0.02)


def test_a_lock_is_of_the_first_year() -> None:
    lock = Bound.make(
        "lock", "total", np.array([0, 12.0, 0]), np.array([0, 12.0, 0]),
        keep=np.array([False, True, False]),
    )  # fmt: skip
    totals = by_year(three(), solve(over_years(three(lock), TWO)).totals)
    assert totals[0, 1] == 12
    assert totals[1, 1] != 12


def test_a_change_that_cannot_reach_the_need_is_no_proposal() -> None:
    with pytest.raises(NoProposalError):
        solve(over_years(three(), TWO, up=0.2))


def test_years_take_the_place_of_counties_and_of_ages() -> None:
    county = Bound.make("county", "county", np.array([85.0, 5]), np.array([95.0, 15]))
    with pytest.raises(BadDataError, match="county"):
        over_years(three(county), TWO)
    rng = np.random.default_rng(1)
    ages = with_minors(rng, replace(nested(rng, 5), bounds=()), by_age=True)
    with pytest.raises(BadDataError, match="one number"):
        over_years(ages, TWO)


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), size=st.integers(2, 10), years=st.integers(2, 3))
def test_every_year_is_exact_and_every_tie_between_years_kept(
    seed: int, size: int, years: int
) -> None:
    rng = np.random.default_rng(seed)
    problem = nested(rng, size)
    problem = replace(problem, bounds=tuple(b for b in problem.bounds if b.measure == "total"))
    growth = np.cumprod(rng.uniform(0.9, 1.1, years))
    needs = tuple(YearNeed(2020 + k, round(problem.persons * growth[k]), 0) for k in range(years))
    spanned = over_years(problem, needs, up=0.4, down=0.3)
    try:
        totals = solve(spanned).totals
    except NoProposalError:
        return
    assert by_year(spanned, totals, years).sum(axis=1).tolist() == [n.total for n in needs]
    assert all(link.holds(totals) for link in spanned.links)
