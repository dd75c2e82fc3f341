"""Who is asked, where nobody may be asked for fewer than a lot."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from allocator.program.ask import asking, choose, with_asked
from allocator.program.even import even_totals, goal_value
from allocator.program.examples import three
from allocator.program.problem import Bound, Floats, Goals, Lots, Problem
from allocator.program.reduced import reduce
from allocator.program.solver import Engine
from tests.program.problems import nested, with_minors


def cost_of(problem: Problem, settled: Problem) -> float | None:
    """The least Σ|x−e|/e with who is asked as settled, by a program of its own."""
    reduced = reduce(settled)
    b = reduced.builder
    everyone = np.arange(len(problem.units))
    weight = 1 / np.maximum(problem.entitlement, 0.01)
    carriers = reduced.deviation(problem.entitlement, everyone)
    costs = np.zeros(b.column_count)
    costs[carriers] = np.tile(weight, 2)
    if problem.lots.choose_minors:
        weight_em = 1 / np.maximum(problem.entitlement_minors, 0.01)
        minors = len(problem.units) + everyone  # E stands right after X
        rows = b.rows(len(everyone), problem.entitlement_minors, problem.entitlement_minors)
        over, under = b.columns(len(everyone)), b.columns(len(everyone))
        b.enter(rows, minors, 1.0)
        b.enter(rows, over, -1.0)
        b.enter(rows, under, 1.0)
        costs = np.concatenate((costs, weight_em, weight_em))
    answer = Engine(replace(b.matrix(), cost=costs)).solve()
    return answer.objective if answer.optimal else None


def best_by_trying(problem: Problem) -> float | None:
    size = len(problem.units)
    found = []
    choices = list(product([False, True], repeat=size))
    for asked in choices:
        for takes in choices if problem.lots.choose_minors else [(True,) * size]:
            value = cost_of(problem, with_asked(problem, np.array(asked), np.array(takes)))
            if value is not None:
                found.append(value)
    return min(found, default=None)


@pytest.mark.parametrize("seed", range(12))
def test_the_choice_is_the_best_of_all_choices(seed: int) -> None:
    rng = np.random.default_rng(seed)
    minors = seed % 2 == 1
    problem = nested(rng, 4 if minors else 6, 2)
    problem = replace(problem, bounds=tuple(b for b in problem.bounds if b.family != "band"))
    problem = with_minors(rng, problem) if minors else problem
    lots = Lots(8, 3, choose=True, choose_minors=minors)
    problem = replace(problem, lots=lots)
    best = best_by_trying(problem)
    settled, answer = choose(problem)
    assert answer is not None
    if best is None:
        assert not answer.found
        return
    assert answer.optimal
    assert cost_of(problem, settled) == pytest.approx(best, abs=1e-6)


def totals_of(problem: Problem) -> Floats:
    return Engine(reduce(problem).builder.matrix()).solve().columns[: len(problem.units)]


def test_who_is_entitled_to_next_to_nothing_is_not_asked() -> None:
    settled, _ = choose(three(lots=Lots(10, 0, choose=True)))
    assert totals_of(settled)[1] == 0  # entitled to 3.8 of a lot of 10


def test_a_locked_number_stands_below_the_lot() -> None:
    lock = Bound.make(
        "lock", "total", np.array([0, 3.0, 0]), np.array([0, 3.0, 0]),
        keep=np.array([False, True, False]),
    )  # fmt: skip
    settled, answer = choose(three(lock, lots=Lots(10, 0, choose=True)))
    assert answer is not None
    assert answer.optimal
    assert totals_of(settled)[1] == 3


def test_the_linear_relaxation_is_nearly_whole() -> None:
    """What makes the choice fast: only the few sums that tie municipalities leave fractions."""
    problem = replace(nested(np.random.default_rng(3), 120, 5), lots=Lots(30, 0, choose=True))
    matrix = asking(problem).matrix
    relaxed = Engine(replace(matrix, integer=None)).solve()
    y = relaxed.columns[:120]
    assert ((y > 1e-6) & (y < 1 - 1e-6)).sum() <= 1 + len(problem.counties)


@pytest.mark.parametrize("seed", range(8))
def test_under_minimax_no_choice_of_who_is_asked_has_a_smaller_largest_load(seed: int) -> None:
    problem = nested(np.random.default_rng(seed), 7, 2)
    problem = replace(
        problem,
        bounds=tuple(b for b in problem.bounds if b.family == "county"),
        lots=Lots(int(problem.entitlement.mean()), 0, choose=True),
        goals=Goals(even="minimax"),
    )
    settled, answer = choose(problem)
    found = None
    if answer is not None and answer.found:
        found = goal_value(settled, "even", even_totals(settled).totals)[0]
    tried = []
    for asked in product([False, True], repeat=7):
        one = with_asked(problem, np.array(asked), np.ones(7, dtype=bool))
        if Engine(reduce(one).builder.matrix()).solve().optimal:
            tried.append(goal_value(one, "even", even_totals(one).totals)[0])
    assert found == (pytest.approx(min(tried), rel=1e-6) if tried else None)
