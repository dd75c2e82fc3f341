"""Even totals: water-filling, leximin and the goals in order, against independent oracles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from allocator.program.even import best_alone, even_totals, goal_value
from allocator.program.fill import fill, level
from allocator.program.problem import Bound, Floats, Goals, Problem
from allocator.program.reduced import reduce
from allocator.program.room import weights
from allocator.program.solver import Engine
from tests.program.problems import nested, with_minors

seeds = st.integers(0, 2**32 - 1)


def weight_of(problem: Problem) -> Floats:
    return weights(problem.entitlement, problem.units.population)


def with_goals(problem: Problem, *order: str, even: str) -> Problem:
    return replace(problem, goals=Goals(("place", *order), even))


@given(seed=seeds, size=st.integers(1, 40))
def test_water_filling_meets_the_total_and_every_limit(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    weight, lower = rng.uniform(0.01, 9, size), rng.integers(0, 5, size).astype(float)
    upper = lower + rng.integers(0, 9, size).astype(float)
    total = float(rng.uniform(lower.sum(), upper.sum()))
    x = fill(weight, lower, upper, total)
    assert x.sum() == pytest.approx(total, abs=1e-9)
    assert (x >= lower).all()
    assert (x <= upper).all()


@given(seed=seeds, size=st.integers(2, 30))
def test_water_filling_leaves_nobody_who_could_be_evened_out(seed: int, size: int) -> None:
    """Whoever is above another in load is held up by a floor, or the other held down by a cap."""
    rng = np.random.default_rng(seed)
    weight, lower = rng.uniform(0.01, 9, size), rng.integers(0, 5, size).astype(float)
    upper = lower + rng.integers(0, 9, size).astype(float)
    x = fill(weight, lower, upper, float(rng.uniform(lower.sum(), upper.sum())))
    load = x / weight
    can_fall, can_rise = x > lower + 1e-9, x < upper - 1e-9
    if can_fall.any() and can_rise.any():
        assert load[can_fall].max() <= load[can_rise].min() + 1e-9


def test_a_level_below_every_floor_lifts_nobody() -> None:
    weight, lower, upper = np.array([1.0, 2.0]), np.array([2.0, 2.0]), np.array([5.0, 5.0])
    assert np.clip(level(weight, lower, upper, 4.0) * weight, lower, upper).tolist() == [2.0, 2.0]


def test_those_the_key_gives_nothing_are_filled_last_however_small_their_weights() -> None:
    weight = weights(np.array([50.0, 40.0, 0.0, 0.0]), np.array([9e5, 9e5, 300.0, 900.0]))
    x = fill(weight, np.zeros(4), np.array([50.0, 40.0, np.inf, np.inf]), 100.0)
    np.testing.assert_allclose(x, [50.0, 40.0, 2.504162, 7.495838], rtol=1e-6)


@pytest.mark.parametrize("even", ["l1", "minimax", "l2"])
@pytest.mark.parametrize("seed", range(6))
def test_the_leximin_totals_are_best_by_every_norm_under_nested_totals(
    seed: int, even: str
) -> None:
    problem = nested(np.random.default_rng(seed), 30)
    totals = even_totals(with_goals(problem, "even", even="leximin")).totals
    judged = with_goals(problem, "even", even=even)
    assert goal_value(judged, "even", totals)[0] == pytest.approx(
        best_alone(judged, "even"), rel=1e-6, abs=1e-6
    )


@pytest.mark.parametrize("even", ["l1", "minimax"])
@pytest.mark.parametrize("minors", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_a_goal_that_comes_later_takes_nothing_from_one_before(
    seed: int, minors: bool, even: str
) -> None:
    rng = np.random.default_rng(seed)
    problem = nested(rng, 20)
    problem = with_minors(rng, problem) if minors else problem
    assume_feasible(problem)
    for order in (("even", "steady"), ("steady", "even")):
        judged = with_goals(problem, *order, even=even)
        totals = even_totals(judged).totals
        first = goal_value(judged, order[0], totals)[0]
        assert first == pytest.approx(best_alone(judged, order[0]), rel=1e-5, abs=1e-5)
        second = goal_value(judged, order[1], totals)[0]
        assert second >= best_alone(judged, order[1]) - 1e-5


def assume_feasible(problem: Problem) -> None:
    if not Engine(reduce(problem).builder.matrix()).solve().optimal:
        pytest.skip("this random case has no allocation")


@pytest.mark.parametrize("seed", range(6))
def test_steady_first_moves_only_as_many_as_the_need_has_changed(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = replace(nested(rng, 20), bounds=())
    problem = with_goals(problem, "steady", "even", even="leximin")
    totals = even_totals(problem).totals
    change = abs(problem.persons - problem.last.sum())
    assert goal_value(problem, "steady", totals)[0] == pytest.approx(change, abs=1e-6)


@given(seed=seeds, size=st.integers(2, 20), minors=st.booleans())
def test_the_steadiest_totals_are_those_of_the_program(seed: int, size: int, minors: bool) -> None:
    """The closed form where single limits are all there is, against the linear program."""
    rng = np.random.default_rng(seed)
    problem = nested(rng, size)
    problem = replace(problem, bounds=tuple(b for b in problem.bounds if b.measure == "total"))
    problem = replace(problem, last=np.where(rng.random(size) < 0.2, np.nan, problem.last))
    problem = with_minors(rng, problem) if minors else problem
    reduced = reduce(problem)
    carriers = reduced.deviation(
        np.nan_to_num(problem.last), np.flatnonzero(~np.isnan(problem.last))
    )
    matrix = reduced.builder.matrix()
    costs = np.zeros(len(matrix.cost))
    costs[carriers] = 1.0
    answer = Engine(replace(matrix, cost=costs)).solve()
    if answer.optimal:
        assert best_alone(problem, "steady") == pytest.approx(answer.objective, abs=1e-6)


@given(seed=seeds)
def test_raising_one_capacity_never_lowers_the_worst_off(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = nested(rng, int(rng.integers(2, 20)))
    unit = int(rng.integers(len(problem.units)))
    raised = replace(
        problem,
        bounds=tuple(
            replace(b, upper=b.upper + 5 * (b.index == unit)) if b.family == "capacity" else b
            for b in problem.bounds
        ),
    )
    before, after = (goal_value(p, "even", even_totals(p).totals)[0] for p in (problem, raised))
    assert after >= before - 1e-9


@given(seed=seeds, factor=st.integers(2, 9))
def test_scaling_the_need_scales_the_entitled_totals_where_nothing_limits(
    seed: int, factor: int
) -> None:
    problem = replace(nested(np.random.default_rng(seed), 12), bounds=())
    larger = replace(problem, need=problem.need * factor, entitlement=problem.entitlement * factor)
    np.testing.assert_allclose(
        even_totals(larger).totals, factor * even_totals(problem).totals, rtol=1e-9
    )


@given(seed=seeds)
def test_more_need_lowers_nobody_under_nested_totals_without_counties(seed: int) -> None:
    """House monotonicity of water-filling: the level can only rise."""
    rng = np.random.default_rng(seed)
    problem = nested(rng, int(rng.integers(2, 25)))
    problem = replace(problem, bounds=tuple(b for b in problem.bounds if b.measure == "total"))
    more = replace(problem, need=problem.need + 1)
    assume(problem.box("total").upper.sum() >= more.persons)
    assert (even_totals(more).totals >= even_totals(problem).totals - 1e-9).all()


def test_a_municipality_whose_key_is_nothing_is_filled_last() -> None:
    problem = replace(nested(np.random.default_rng(1), 4, 1), bounds=())
    key = problem.entitlement.copy()
    key[0] = 0.0
    caps = Bound.make("capacity", "total", np.zeros(4), np.ceil(key) - 1 + 1e6 * (key == 0))
    totals = even_totals(replace(problem, entitlement=key, bounds=(caps,))).totals
    assert totals[1:].tolist() == caps.upper[1:].tolist()
    assert totals[0] == problem.persons - caps.upper[1:].sum()


@pytest.mark.parametrize("seed", range(6))
def test_soft_limits_give_no_more_than_they_must_and_share_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = nested(rng, 15)
    caps = Bound.make("capacity", "total", np.zeros(15), np.floor(problem.entitlement * 0.8))
    soft = replace(problem, bounds=(replace(caps, hard=False),))
    evened = even_totals(soft)
    short = problem.persons - caps.upper.sum()
    assert evened.given == pytest.approx(short, abs=1e-6)
    over = np.maximum(evened.totals - caps.upper, 0)
    assert over.sum() == pytest.approx(short, abs=1e-4)
    # Nobody gives while standing lower than somebody who does not have to.
    load = evened.totals / problem.entitlement
    assert load.max() - load.min() < 1.5


def test_the_largest_load_is_not_brought_down_by_those_without_an_entitlement() -> None:
    problem = nested(np.random.default_rng(3), 12)
    entitlement = problem.entitlement.copy()
    entitlement[:2] = 0.0
    problem = replace(
        problem,
        entitlement=entitlement * problem.persons / entitlement.sum(),
        bounds=(),
        goals=Goals(("place", "even", "steady"), "minimax"),
    )
    totals = even_totals(problem).totals
    assert totals[:2].tolist() == [0.0, 0.0]
    assert totals.sum() == pytest.approx(problem.persons)
    assert (totals / np.maximum(problem.entitlement, 1e-9)).max() == pytest.approx(1.0)
