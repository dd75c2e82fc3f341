"""The whole way from a problem to whole persons: exact, within limits, and the same every time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.program.goals import Solution, solve
from allocator.program.infeasible import NoProposalError
from allocator.program.problem import Goals, Lots, Problem
from tests.program.problems import nested, shuffled, with_minors

seeds = st.integers(0, 2**32 - 1)


def random_problem(seed: int, size: int) -> Problem:
    """Any mixture: minors or not, by age or not, lots, steps, soft families, goals."""
    rng = np.random.default_rng(seed)
    problem = nested(rng, size, int(rng.integers(1, 4)))
    if rng.random() < 0.6:
        problem = with_minors(rng, problem, by_age=rng.random() < 0.5)
    if rng.random() < 0.4:
        problem = replace(problem, lots=Lots(5, 2, True, choose_minors=problem.minors > 0))
    if rng.random() < 0.3:
        problem = replace(problem, bounds=tuple(
            replace(b, hard=b.family == "minors") for b in problem.bounds
        ))  # fmt: skip
    order = [("even", "steady"), ("steady", "even"), ("even",)][int(rng.integers(3))]
    even = ["leximin", "minimax", "l1", "l2"][int(rng.integers(4))]
    step = int(rng.choice([1, 1, 5]))
    return replace(problem, goals=Goals(("place", *order), even), step=step, minors_step=1)


def assert_exact_and_within_limits(problem: Problem, solution: Solution) -> None:
    persons = solution.persons
    assert (persons >= 0).all()
    assert persons.sum(axis=0).tolist() == problem.need.tolist()
    totals, minors = solution.totals, solution.minors
    for bound in problem.bounds:
        if not bound.hard:
            continue
        if bound.measure == "share":
            over = minors[bound.index] - problem.minors_share * totals[bound.index]
            assert (over <= bound.upper + 1e-9).all(), bound.family
            continue
        value = {
            "total": totals,
            "minors": minors,
            "county": problem.by_county(totals),
        }[bound.measure][bound.index]
        assert ((value >= bound.lower) & (value <= bound.upper)).all(), bound.family
    if problem.lots.choose:
        assert (totals[totals > 0] >= problem.lots.persons).all()
    if problem.lots.choose_minors:
        assert (minors[minors > 0] >= problem.lots.minors).all()


@settings(max_examples=120)
@given(seed=seeds, size=st.integers(2, 25))
def test_every_total_is_exact_and_every_hard_limit_kept(seed: int, size: int) -> None:
    problem = random_problem(seed, size)
    try:
        solution = solve(problem)
    except NoProposalError:
        return
    assert_exact_and_within_limits(problem, solution)


@settings(max_examples=40)
@given(seed=seeds, size=st.integers(2, 15))
def test_the_readable_build_gives_the_same_persons(seed: int, size: int) -> None:
    problem = random_problem(seed, size)
    try:
        one = solve(problem)
    except NoProposalError:
        return
    np.testing.assert_array_equal(one.persons, solve(problem, build="pulp").persons)


@settings(max_examples=40)
@given(seed=seeds, size=st.integers(2, 15))
def test_solving_again_gives_the_same_bytes(seed: int, size: int) -> None:
    problem = random_problem(seed, size)
    try:
        one, again = solve(problem), solve(problem)
    except NoProposalError:
        return
    assert one.persons.tobytes() == again.persons.tobytes()
    assert one.target.tobytes() == again.target.tobytes()


@settings(max_examples=40)
@given(seed=seeds, size=st.integers(2, 20))
def test_fractions_do_not_depend_on_the_order_of_municipalities(seed: int, size: int) -> None:
    """Leximin totals are unique; whole numbers differ only inside reported ties."""
    rng = np.random.default_rng(seed)
    problem = with_minors(rng, nested(rng, size))
    order = rng.permutation(size)
    try:
        one, other = solve(problem), solve(shuffled(problem, order))
    except NoProposalError:
        return
    np.testing.assert_allclose(one.target[order], other.target, atol=1e-6)
    if not one.ties and not other.ties:
        np.testing.assert_array_equal(one.totals[order], other.totals)


@pytest.mark.parametrize("even", ["leximin", "minimax", "l1", "l2"])
def test_each_goal_tells_its_value_and_what_those_before_it_cost(even: str) -> None:
    problem = replace(nested(np.random.default_rng(2), 20), goals=Goals(even=even))
    place, first, second = solve(problem).goals
    assert (place.goal, place.value, place.price) == ("place", 0.0, None)
    assert (first.goal, first.price) == ("even", None)
    assert second.goal == "steady"
    assert second.price is not None
    assert second.price >= 0
    assert second.in_fractions == pytest.approx((second.alone or 0) + second.price)


def test_a_need_that_may_be_missed_leaves_as_few_as_possible_and_says_so() -> None:
    problem = nested(np.random.default_rng(4), 10)
    problem = replace(problem, bounds=tuple(b for b in problem.bounds if b.measure == "total"))
    room = int(problem.box("total").upper.sum())
    need = np.array([room + 17])
    solution = solve(replace(problem, need=need, need_is_hard=False))
    assert solution.unplaced.tolist() == [17]
    assert solution.totals.sum() == room
