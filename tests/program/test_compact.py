"""The compact program reads as the reduced one is built, and has the value of the whole."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pulp
import pytest

from allocator.documents import load_case
from allocator.engine import prepare_case
from allocator.program import linear
from allocator.program.ask import choose
from allocator.program.compact import compact
from allocator.program.even import best_alone
from allocator.program.examples import three
from allocator.program.horizon import Together, YearNeed, over_years
from allocator.program.problem import Bound, Floats, Goals, Problem
from allocator.program.reduced import reduce
from allocator.program.solver import Engine, Matrix
from tests.program.problems import nested, with_minors


def problem_of(seed: int) -> Problem:
    rng = np.random.default_rng(seed)
    problem = nested(rng, 30)
    problem = with_minors(rng, problem, by_age=seed % 2 == 0) if seed % 3 else problem
    if seed % 3 == 2:  # minors whom no share holds lean on the totals
        problem = replace(problem, bounds=tuple(b for b in problem.bounds if b.measure != "share"))
    return replace(problem, last=np.where(rng.random(30) < 0.2, np.nan, problem.last))


HORIZON = over_years(
    three(),
    (YearNeed(2015, 100, 20), YearNeed(2016, 120, 20)),
    up=0.5,
    down=0.25,
    together={"0301": Together(upper=190), "3101": Together(9, 9)},
)


def in_pulp(problem: Problem, goal: str) -> linear.Program:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PuLP announces its next version
        return compact(problem, goal)  # type: ignore[arg-type]


def rows(matrix: Matrix) -> list[tuple[float, float, list[tuple[int, float]]]]:
    """Limits and entries of each row; one with two limits is two, as PuLP has it."""
    found = []
    for row, (low, high) in enumerate(zip(matrix.row_lower, matrix.row_upper, strict=True)):
        entries = slice(matrix.starts[row], matrix.starts[row + 1])
        pairs = list(zip(matrix.index[entries].tolist(), matrix.value[entries], strict=True))
        two = np.isfinite(low) and np.isfinite(high) and low != high
        sides = [(low, np.inf), (-np.inf, high)] if two else [(low, high)]
        found += [(*side, pairs) for side in sides]
    return found


def target_of(problem: Problem, goal: str) -> Floats:
    return problem.entitlement if goal == "l1" else problem.last


@pytest.mark.parametrize("goal", ["l1", "steady"])
@pytest.mark.parametrize("problem", [*map(problem_of, range(9)), three(), HORIZON])
def test_the_two_builds_are_equal_row_by_row(problem: Problem, goal: str) -> None:
    fast = reduce(problem, around=target_of(problem, goal)).builder.matrix()
    readable = linear.to_matrix(in_pulp(problem, goal))
    np.testing.assert_allclose(fast.col_lower, readable.col_lower)
    np.testing.assert_allclose(fast.col_upper, readable.col_upper)
    one, other = rows(fast), rows(readable)
    assert len(one) == len(other)
    for (low, high, entries), (low_too, high_too, entries_too) in zip(one, other, strict=True):
        assert (low, high) == pytest.approx((low_too, high_too), abs=1e-9)
        assert entries == entries_too


@pytest.mark.parametrize("goal", ["l1", "steady"])
@pytest.mark.parametrize("seed", range(6))
def test_its_value_is_that_of_the_whole_program_and_of_the_goal(seed: int, goal: str) -> None:
    problem = replace(problem_of(seed), goals=Goals(("place", "even"), "l1"))
    problem = replace(problem, last=np.nan_to_num(problem.last))
    made = in_pulp(problem, goal)
    answer = Engine(linear.to_matrix(made)).solve()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = linear.program(problem, goal).pulp  # type: ignore[arg-type]
        status = whole.solve(pulp.HiGHS(msg=False))
    if not answer.optimal:
        assert status != pulp.LpStatusOptimal
        return
    value = answer.objective + made.pulp.objective.constant
    assert value == pytest.approx(pulp.value(whole.objective), abs=1e-6)
    name = "even" if goal == "l1" else "steady"
    assert best_alone(problem, name) == pytest.approx(value, abs=1e-6)


def test_cbc_gives_a_second_opinion_on_the_national_program() -> None:
    prepared = prepare_case(load_case("norway-2026", ["goals.even=l1", "whole.step=5"]))
    problem = choose(prepared.problem)[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        solver = pulp.PULP_CBC_CMD(msg=False)
        if not solver.available():
            pytest.skip("this machine has no CBC")
        made = in_pulp(problem, "l1").pulp
        assert made.solve(solver) == pulp.LpStatusOptimal
    alone = replace(problem, goals=Goals(("place", "even"), "l1"))
    assert pulp.value(made.objective) == pytest.approx(best_alone(alone, "even"), rel=1e-6)


def test_a_target_beyond_the_limits_counts_for_what_lies_between() -> None:
    problem = three(Bound.make("capacity", "total", np.zeros(3), np.array([70.0, 40.0, 40.0])))
    problem = replace(problem, goals=Goals(("place", "even"), "l1"))
    assert problem.entitlement[0] - 70 == pytest.approx(19.743590)
    assert best_alone(problem, "even") == pytest.approx(2 * 19.743590)
