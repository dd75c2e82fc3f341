"""Freedom bands: the closed form is what linear programs say, and every end can be reached."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from allocator.documents import load_case
from allocator.engine import prepare_case
from allocator.program.freedom import freedom, freedom_by_programs
from allocator.program.goals import Solution, solve
from allocator.program.problem import Bound
from allocator.program.reduced import reduce
from allocator.program.solver import Engine
from tests.program.problems import nested, with_minors

SEEDS = st.integers(0, 10_000)
EPS = st.sampled_from([0.0, 0.01, 0.1, 0.5, 2.0])


def solved(seed: int, *, minors: bool = False) -> Solution:
    rng = np.random.default_rng(seed)
    problem = nested(rng, int(rng.integers(3, 9)))
    return solve(with_minors(rng, problem) if minors else problem)


@given(SEEDS, EPS)
def test_the_closed_form_is_what_two_programs_a_municipality_say(seed: int, eps: float) -> None:
    made = solved(seed)
    closed = freedom(made.problem, made.target, eps)
    programs = freedom_by_programs(made.problem, made.target, eps)
    for one, other in zip(closed, programs, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@given(SEEDS, EPS)
def test_with_minors_both_ways_agree_too(seed: int, eps: float) -> None:
    made = solved(seed, minors=True)
    closed = freedom(made.problem, made.target, eps)
    programs = freedom_by_programs(made.problem, made.target, eps)
    for one, other in zip(closed, programs, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@given(SEEDS, st.sampled_from([0.05, 0.3]), st.sampled_from([-1, 1]))
def test_each_end_can_be_asked_for_and_nothing_beyond_it(seed: int, eps: float, way: int) -> None:
    made = solved(seed)
    problem, target = made.problem, made.target
    ends = freedom(problem, target, eps)[(way + 1) // 2]
    place = seed % len(target)
    reach = eps * problem.entitlement
    near = Bound("near", "total", np.arange(len(target)), target - reach, target + reach)

    def can(persons: float) -> bool:
        at = np.array([persons])
        asked = Bound("asked", "total", np.array([place]), at - 1e-6, at + 1e-6)
        reduced = reduce(replace(problem, bounds=(*problem.bounds, near, asked)))
        return Engine(reduced.builder.matrix()).solve().optimal

    end = float(ends[place])
    assert can(end)
    assert not can(end + way * 0.01)


@given(SEEDS)
def test_without_tolerance_there_is_no_freedom(seed: int) -> None:
    made = solved(seed)
    least, most = freedom(made.problem, made.target, 0.0)
    np.testing.assert_allclose(least, made.target, atol=1e-9)
    np.testing.assert_allclose(most, made.target, atol=1e-9)


@given(SEEDS)
def test_a_wider_tolerance_gives_no_narrower_band(seed: int) -> None:
    made = solved(seed)
    low, high = (freedom(made.problem, made.target, eps) for eps in (0.05, 0.2))
    assume(len(made.target) > 1)
    assert (high[0] <= low[0] + 1e-9).all()
    assert (high[1] >= low[1] - 1e-9).all()


def test_oslo_alone_in_its_county_is_held_by_the_county_split() -> None:
    widths = {}
    for split in ("free", "first"):
        prepared = prepare_case(load_case("norway-2026", [f"county.split={split}"]))
        made = solve(prepared.problem)
        least, most = freedom(made.problem, made.target, 0.1)
        widths[split] = float((most - least)[prepared.units.codes.index("0301")])
    assert widths["free"] > 200
    # What the county's rounding of its own entitlement leaves, a person at most.
    assert widths["first"] <= 1


@pytest.mark.parametrize("name", ["ostfold-2016", "sor-trondelag-2015-2016"])
def test_shipped_cases_agree_with_their_programs(name: str) -> None:
    made = solve(prepare_case(load_case(name)).problem)
    closed = freedom(made.problem, made.target, 0.1)
    programs = freedom_by_programs(made.problem, made.target, 0.1)
    np.testing.assert_allclose(closed, programs, atol=1e-6)


def test_where_a_soft_family_gave_way_the_programs_answer() -> None:
    settings = ["band.up=0.5", "band.hard=false"]
    made = solve(prepare_case(load_case("ostfold-2016", settings)).problem)
    least, most = freedom(made.problem, made.target, 0.1)
    assert (least <= made.target + 1e-9).all()
    assert (most >= made.target - 1e-9).all()
    assert (most - least).max() > 0
