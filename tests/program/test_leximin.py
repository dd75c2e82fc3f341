"""Leximin by cuts: the closed form where totals are nested, max-min fair where they are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.program.even import even_totals, least_given
from allocator.program.fill import fill_nested
from allocator.program.leximin import leximin
from allocator.program.problem import Bound, Floats, Problem
from allocator.program.reduced import reduce
from allocator.program.room import weights
from allocator.program.solver import Engine
from tests.program.problems import nested, shuffled, with_minors

seeds = st.integers(0, 2**32 - 1)


def weight_of(problem: Problem) -> Floats:
    return weights(problem.entitlement, problem.units.population)


def closed_form(problem: Problem) -> Floats:
    box, county = problem.box("total"), problem.box("county")
    return fill_nested(
        weight_of(problem), box.lower, box.upper, float(problem.persons),
        problem.units.county_of, county.lower, county.upper,
    )  # fmt: skip


@pytest.mark.parametrize(("size", "seed"), [(5, 1), (40, 2), (357, 3), (2000, 4)])
def test_leximin_is_the_closed_form_on_nested_totals_and_needs_one_program(
    size: int, seed: int
) -> None:
    problem = nested(np.random.default_rng(seed), size, max(1, size // 24))
    found = leximin(reduce(problem), weight_of(problem))
    np.testing.assert_allclose(found.totals, closed_form(problem), rtol=1e-9, atol=1e-9)
    assert found.programs == 1


@given(seed=seeds, size=st.integers(2, 25), counties=st.integers(1, 4))
def test_leximin_is_the_closed_form_on_small_nested_totals(
    seed: int, size: int, counties: int
) -> None:
    problem = nested(np.random.default_rng(seed), size, counties)
    found = leximin(reduce(problem), weight_of(problem)).totals
    np.testing.assert_allclose(found, closed_form(problem), rtol=1e-9, atol=1e-9)


def most_minors(problem: Problem, room: Floats) -> float:
    """How many minors the limits of totals and counties leave room for, half of each total."""
    reduced = reduce(problem)
    b = reduced.builder
    minors = b.columns(len(room), upper=room)
    half = b.rows(len(room), -np.inf, 0.0)
    b.enter(half, minors, 1.0)
    b.enter(half, reduced.totals, -0.5)
    matrix = b.matrix()
    costs = np.zeros(len(matrix.cost))
    costs[minors] = -1.0
    return -Engine(replace(matrix, cost=costs)).solve().objective


def pressed(seed: int, size: int, counties: int) -> Problem:
    """County bands, and nearly as many minors as fit where there is a service: not nested."""
    rng = np.random.default_rng(seed)
    problem = nested(rng, size, counties)
    room = np.where(rng.random(size) < 0.5, np.ceil(problem.box("total").upper / 2), 0.0)
    minors = int(rng.uniform(0.85, 1.0) * most_minors(problem, room))
    return replace(
        problem,
        groups=("ordinary", "em"),
        need=np.array([problem.persons - minors, minors]),
        entitlement_minors=problem.entitlement / problem.persons * minors,
        minors_share=0.5,
        bounds=(
            *problem.bounds,
            Bound.make("minors", "minors", np.zeros(size), room),
            Bound.make("minors", "share", np.zeros(size), np.zeros(size)),
        ),
    )


def yielding(seed: int, size: int, counties: int, *, soft: tuple[str, ...]) -> Problem:
    """A need beyond what there is room for, and families that give way to it."""
    problem = nested(np.random.default_rng(seed), size, counties)
    need = int(problem.box("total").upper.sum()) + size
    bounds = tuple(replace(bound, hard=bound.family not in soft) for bound in problem.bounds)
    entitlement = problem.entitlement * need / problem.persons
    return replace(problem, need=np.array([need]), entitlement=entitlement, bounds=bounds)


def raised_alone(problem: Problem, totals: Floats, given: float = np.inf) -> Floats:
    """By how much each unit could rise if nobody with a lower load or the same had to fall.

    Nobody could at all: that is what max-min fair means, and leximin totals are the only such.
    """
    weight, size = weight_of(problem), len(totals)
    reduced = reduce(problem)
    at_least = reduced.builder.rows(size, 0.0, np.inf)
    reduced.builder.enter(at_least, reduced.totals, 1.0)
    if len(reduced.given):
        reduced.builder.sum_row(reduced.given, -np.inf, given)
    engine = Engine(reduced.builder.matrix())
    columns, rows = engine.matrix.cost.size, at_least.astype(np.int32)
    found, load = np.zeros(size), totals / weight
    for unit in range(size):
        kept = np.where(load <= load[unit] * (1 + 1e-9), totals - 1e-9, 0.0)
        engine.set_row_bounds(rows, kept, np.full(size, np.inf))
        costs = np.zeros(columns)
        costs[reduced.totals[unit]] = -1.0
        engine.set_costs(costs)
        answer = engine.solve()
        assert answer.optimal
        found[unit] = -answer.objective - totals[unit]
    return found


@pytest.mark.parametrize("seed", range(30))
def test_nobody_can_rise_but_at_the_cost_of_one_who_has_no_more_in_a_small_country(
    seed: int,
) -> None:
    problem = pressed(seed, 2 + seed % 5, 1 + seed % 3)
    totals = leximin(reduce(problem), weight_of(problem)).totals
    assert totals.sum() == pytest.approx(problem.persons, abs=1e-6)
    assert raised_alone(problem, totals).max() < 1e-5


@pytest.mark.parametrize("seed", range(4))
def test_nobody_can_rise_but_at_the_cost_of_one_who_has_no_more_across_county_bands(
    seed: int,
) -> None:
    problem = pressed(seed, 60, 6)
    found = leximin(reduce(problem), weight_of(problem))
    assert np.abs(found.totals - closed_form(problem)).max() > 0.1
    assert raised_alone(problem, found.totals).max() < 1e-5
    assert found.programs <= 12


@pytest.mark.parametrize(("soft", "programs"), [(("capacity",), 3), (("capacity", "county"), 400)])
@pytest.mark.parametrize("seed", range(5))
def test_where_soft_limits_give_way_nobody_can_rise_either(
    seed: int, soft: tuple[str, ...], programs: int
) -> None:
    """Also where all levels at once do not settle, and they are taken one after the other."""
    problem = yielding(seed, 40, 3 if len(soft) > 1 else 1, soft=soft)
    if len(soft) == 1:
        problem = replace(problem, bounds=problem.bounds[:2])
    least = least_given(problem)
    assert least > 0
    reduced = reduce(problem)
    reduced.builder.sum_row(reduced.given, -np.inf, least + 1e-6)
    found = leximin(reduced, weight_of(problem), given=least + 1e-6)
    assert raised_alone(problem, found.totals, least + 1e-6).max() < 1e-4
    assert found.programs <= programs


@pytest.mark.parametrize("seed", range(6))
def test_level_by_level_gives_what_all_levels_at_once_give(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = pressed(seed, 30, 4)
    at_once = leximin(reduce(problem), weight_of(problem))
    monkeypatch.setattr("allocator.program.leximin._AT_ONCE", 1)
    one_after_the_other = leximin(reduce(problem), weight_of(problem))
    np.testing.assert_allclose(one_after_the_other.totals, at_once.totals, rtol=1e-7, atol=1e-7)
    assert at_once.programs <= one_after_the_other.programs


def one_by_one(problem: Problem, weight: Floats) -> Floats:
    """Leximin the long way: raise all, see who alone cannot rise further, fix those, repeat."""
    size, fixed = len(weight), dict[int, float]()
    reduced = reduce(problem)
    b = reduced.builder
    common = b.columns(1, lower=-np.inf)
    above = b.rows(size, 0.0, np.inf)
    b.enter(above, reduced.totals, 1 / weight)
    b.enter(above, np.full(size, common[0]), -1.0)
    floor = b.rows(size, -np.inf, np.inf)
    b.enter(floor, reduced.totals, 1 / weight)
    matrix = b.matrix()
    anything = (np.array([-np.inf]), np.array([np.inf]))
    while len(fixed) < size:
        engine = Engine(matrix)
        for unit, load in fixed.items():
            engine.set_row_bounds(above[[unit]].astype(np.int32), *anything)
            engine.set_row_bounds(
                floor[[unit]].astype(np.int32), np.array([load - 1e-9]), np.array([np.inf])
            )
        costs = np.zeros(len(matrix.cost))
        costs[common] = -1.0
        engine.set_costs(costs)
        lowest = -engine.solve().objective
        engine.set_column_bounds(
            common.astype(np.int32), np.array([lowest - 1e-9]), np.array([np.inf])
        )
        for unit in set(range(size)) - set(fixed):
            costs = np.zeros(len(matrix.cost))
            costs[reduced.totals[unit]] = -1 / weight[unit]
            engine.set_costs(costs)
            if -engine.solve().objective <= lowest + 1e-6:
                fixed[unit] = lowest
    return np.array([fixed[unit] for unit in range(size)])


@pytest.mark.parametrize("seed", range(30))
def test_leximin_is_what_raising_one_by_one_gives(seed: int) -> None:
    problem = pressed(seed, 2 + seed % 5, 1 + seed % 3)
    weight = weight_of(problem)
    found = leximin(reduce(problem), weight).totals / weight
    assert found == pytest.approx(one_by_one(problem, weight), abs=1e-5)


@pytest.mark.parametrize("seed", range(40))
def test_leximin_is_max_min_fair_with_all_that_minors_may_bring(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = with_minors(rng, nested(rng, int(rng.integers(2, 7)), 2))
    if not Engine(reduce(problem).builder.matrix()).solve().optimal:
        pytest.skip("this random case has no allocation")
    totals = leximin(reduce(problem), weight_of(problem)).totals
    assert raised_alone(problem, totals).max() < 1e-5


@given(seed=seeds, size=st.integers(2, 40))
def test_leximin_does_not_depend_on_the_order_of_the_units(seed: int, size: int) -> None:
    problem = pressed(seed, size, 3)
    order = np.random.default_rng(seed).permutation(size)
    found = leximin(reduce(problem), weight_of(problem)).totals
    again = shuffled(problem, order)
    np.testing.assert_allclose(
        leximin(reduce(again), weight_of(again)).totals, found[order], rtol=1e-7, atol=1e-7
    )


@pytest.mark.parametrize("seed", range(3))
def test_at_national_size_a_dozen_programs_are_enough(seed: int) -> None:
    problem = pressed(seed, 357, 15)
    assert leximin(reduce(problem), weight_of(problem)).programs <= 12


def test_who_has_no_entitlement_is_filled_last_though_all_may_give_way() -> None:
    """Capacities that all give way, and weights a million million times smaller than others."""
    size = 300
    rng = np.random.default_rng(3)
    key = np.where(np.arange(size) < 120, 0.0, np.round(rng.lognormal(4.0, 1.2, size)) + 1)
    first = nested(rng, size)
    problem = replace(
        first,
        units=replace(first.units, population=np.where(key > 0, 300 * key, 200.0)),
        need=np.array([int(key.sum())]),
        entitlement=key,
        bounds=(Bound.make("capacity", "total", np.zeros(size), key // 7, hard=False),),
    )
    totals = even_totals(problem).totals
    assert totals.sum() == pytest.approx(key.sum(), abs=1e-6)
    assert totals == pytest.approx(key, abs=1e-6)
