"""Problems with a closed form, many at once: each has the numbers it has alone, to the last bit."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.program.fill import fill_nested, levels
from allocator.program.goals import Solution, solve, solve_together
from allocator.program.infeasible import NoProposalError
from allocator.program.nested import nested_answers
from allocator.program.problem import Bound, Goals, Link, Lots, Problem
from allocator.program.whole import Limits, Whole, nearest_whole, nearest_wholes
from tests.program.problems import nested, with_minors

seeds = st.integers(0, 2**32 - 1)


def what_ifs(seed: int, size: int, count: int, minors: str) -> list[Problem]:
    """Other needs, keys and capacities on the same units; some leave no room."""
    rng = np.random.default_rng(seed)
    first = nested(rng, size)
    if minors:
        first = with_minors(rng, first, by_age=minors == "by age")
    found = []
    for _ in range(count):
        more = int(rng.integers(-first.need[0] // 8, first.need[0] // 8 + 1))
        need = first.need + np.eye(len(first.need), dtype=np.int64)[0] * more
        key = first.entitlement * rng.uniform(0.8, 1.2, size)
        upper = np.ceil(key * rng.uniform(1.0, 3.0, size)) + 2
        wider = Bound.make("ceiling", "total", np.zeros(size), upper)
        step = int(rng.choice([1, 1, 5]))
        found.append(
            replace(
                first,
                need=need,
                entitlement=key * (need.sum() / key.sum()),
                bounds=(*first.bounds[: int(rng.integers(2, len(first.bounds) + 1))], wider),
                step=step,
                minors_step=step,
            )
        )
    return found


def bits(solution: Solution) -> list[object]:
    """All that a solution says, floats to the last bit."""
    arrays = solution.persons, solution.target, solution.target_minors, solution.unplaced
    return [
        *(array.tobytes() for array in arrays),
        solution.binding,
        solution.ties,
        solution.off_step,
        solution.remainders,
        solution.warnings,
    ]


@given(
    seed=seeds,
    size=st.integers(3, 30),
    count=st.integers(2, 7),
    minors=st.sampled_from(["", "one number", "by age"]),
)
def test_each_of_many_problems_has_the_bits_it_has_alone(
    seed: int, size: int, count: int, minors: str
) -> None:
    problems = what_ifs(seed, size, count, minors)
    for problem, together in zip(problems, solve_together(problems), strict=True):
        if together is not None:
            assert bits(together) == bits(solve(problem, brief=True))
            assert bits(together) == bits(solve_together([problem])[0] or together)


@given(seed=seeds, size=st.integers(3, 20), minors=st.sampled_from(["", "one number", "by age"]))
def test_where_there_is_no_closed_form_there_is_a_program_or_a_reason(
    seed: int, size: int, minors: str
) -> None:
    for problem in what_ifs(seed, size, 3, minors):
        if nested_answers([problem]) == [None]:
            with suppress(NoProposalError):
                assert solve(problem, brief=True).persons.sum() == problem.persons


def test_some_random_problems_have_a_closed_form_and_some_have_none() -> None:
    found = [
        answer is not None
        for seed in range(20)
        for answer in solve_together(what_ifs(seed, 12, 4, "by age"))
    ]
    assert 20 < sum(found) < len(found)


@pytest.mark.parametrize(
    "other",
    [
        {"method": "sainte-lague"},
        {"need_is_hard": False},
        {"lots": Lots(5, choose=True)},
        {"lots": Lots(0, 5, choose_minors=True)},
        {"goals": Goals(("place", "steady", "even"))},
        {"goals": Goals(even="l1")},
        {"links": (Link("change", "a", np.array([0, 1]), np.ones(2), 0.0, 1e9),)},
    ],
)
def test_what_water_filling_does_not_decide_is_left_to_the_programs(
    other: dict[str, object],
) -> None:
    problem = nested(np.random.default_rng(1), 8)
    assert nested_answers([problem]) != [None]
    assert nested_answers([replace(problem, **other)]) == [None]  # type: ignore[arg-type]


def test_a_largest_load_decides_where_it_comes_alone_and_everyone_has_an_entitlement() -> None:
    problem = nested(np.random.default_rng(1), 8)
    alone = replace(problem, goals=Goals(("place", "even"), "minimax"))
    assert nested_answers([alone]) != [None]
    nobody = np.where(np.arange(8) == 3, 0.0, alone.entitlement)
    assert nested_answers([replace(alone, entitlement=nobody)]) == [None]


def test_a_family_that_may_give_way_is_left_to_the_programs() -> None:
    problem = nested(np.random.default_rng(1), 8)
    soft = tuple(replace(bound, hard=False) for bound in problem.bounds)
    assert nested_answers([replace(problem, bounds=soft)]) == [None]


@given(seed=seeds, count=st.integers(1, 5))
def test_the_levels_of_many_problems_have_the_bits_of_each(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    size, groups = int(rng.integers(1, 40)), int(rng.integers(1, 6))
    of = rng.integers(0, groups, size)
    weight = rng.lognormal(0, 2, (count, size)) * (rng.random((count, size)) > 0.1)
    lower = np.floor(rng.random((count, size)) * 4)
    upper = np.where(rng.random((count, size)) > 0.4, lower + 9, np.inf)
    total = rng.integers(0, 60, count).astype(float)
    low = np.floor(rng.random((count, groups)) * 6)
    high = np.where(rng.random((count, groups)) > 0.5, low + 20, np.inf)
    filled = fill_nested(weight, lower, upper, total, of, low, high)
    level = levels(weight, lower, upper, low, of)
    for row in range(count):
        mine = weight[row], lower[row], upper[row]
        alone = fill_nested(*mine, float(total[row]), of, low[row], high[row])
        assert filled[row].tobytes() == alone.tobytes()
        assert level[row].tobytes() == levels(*mine, low[row], of).tobytes()


@given(seed=seeds, count=st.integers(1, 5), step=st.sampled_from([1, 2, 5]))
def test_the_whole_numbers_of_many_problems_are_those_of_each_with_ties_and_multipliers(
    seed: int, count: int, step: int
) -> None:
    rng = np.random.default_rng(seed)
    size, shape = int(rng.integers(1, 25)), (count, 4)
    of, lower = rng.integers(0, 4, size), rng.integers(0, 9, (count, size)).astype(float)
    upper = lower + rng.integers(0, 20, (count, size)).astype(float)
    target = np.round(rng.uniform(lower - 3, upper + 6) * 2) / 2  # halves, so that there are ties
    point = np.floor(rng.uniform(lower, upper + 1))
    inside = np.array([np.bincount(of, row, 4) for row in point])
    slack = rng.integers(0, 9, (2, *shape)).astype(float)
    limits = Limits(of, np.maximum(inside - slack[0], 0.0), inside + slack[1])
    first, total = rng.integers(1, 4, (count, size)).astype(float), point.sum(axis=1).astype(int)
    found = nearest_wholes(target, lower, upper, total, step=step, first=first, groups=limits)
    for row, whole in enumerate(found):
        mine = target[row], lower[row], upper[row], int(total[row])
        groups = Limits(of, limits.lower[row], limits.upper[row])
        if not isinstance(whole, Whole):
            with pytest.raises(type(whole), match=str(whole)):
                nearest_whole(*mine, step=step, first=first[row], groups=groups)
            continue
        alone = nearest_whole(*mine, step=step, first=first[row], groups=groups)
        assert whole.persons.tobytes() == alone.persons.tobytes()
        assert (whole.ties, whole.off_step) == (alone.ties, alone.off_step)
        assert whole.remainder_at == alone.remainder_at
        assert whole.prices.total == alone.prices.total
        assert whole.prices.groups == alone.prices.groups
