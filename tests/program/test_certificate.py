"""The certificate: bounds that are rigorous whatever the multipliers, and meet the value."""

import ast
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import permutations, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import allocator
from allocator.documents import load_case
from allocator.engine import prepare_case
from allocator.program.bottleneck import Sum, most_gained
from allocator.program.certificate import Certified, certify, in_numbers
from allocator.program.examples import three
from allocator.program.goals import Solution, solve
from allocator.program.judged import HELD_GAP, Proof
from allocator.program.lagrange import Grid, Prices, least_choice, least_distance, least_square
from allocator.program.problem import Bound, Goals, Link, Lots, Problem
from allocator.program.proof import prove
from allocator.program.room import limits_with_minors
from allocator.program.stated import Box, Stated, exacts
from allocator.program.tied import choices
from allocator.program.whole import NoWholeNumbersError, nearest_whole
from tests.program.problems import nested, with_minors

ROOT = Path(allocator.__file__).parents[1]
CHECKERS = (
    "stated", "lagrange", "tied", "bottleneck", "judged", "even_proof", "proof", "integers",
    "verify",
)  # fmt: skip

fractions = st.fractions(-20, 20, max_denominator=50)
positive = st.fractions(Fraction(1, 50), 20, max_denominator=50)


def proofs(problem: Problem, solution: Solution | None = None) -> dict[str, Proof]:
    solution = solution or solve(problem)
    made = certify(problem, solution)
    # What a file holds, not what memory does.
    stated, certificate = (
        json.loads(json.dumps(part)) for part in (made.problem, made.certificate)
    )
    return prove(stated, solution.persons.tolist(), certificate)


def of_case(name: str, *settings: str) -> dict[str, Proof]:
    return proofs(prepare_case(load_case(name, settings)).problem)


# -- one municipality's minimum --------------------------------------------------------------------


@given(positive, fractions, fractions, fractions, st.lists(fractions, min_size=1))
def test_no_place_within_the_limits_is_cheaper_than_the_least_square(
    weight: Fraction, one: Fraction, other: Fraction, price: Fraction, places: list[Fraction]
) -> None:
    low, high = sorted((one, other))
    least = least_square(weight, low, high, price)
    for place in [low, high, *(min(max(x, low), high) for x in places)]:
        assert (place - weight) ** 2 / weight - price * place >= least


@given(fractions, st.integers(0, 20), st.integers(0, 6), st.integers(1, 7), fractions)
def test_the_least_distance_is_the_least_of_every_place_on_the_grid(
    target: Fraction, low: int, steps: int, step: int, price: Fraction
) -> None:
    high = low + steps * step
    every = [abs(x - target) - price * x for x in range(low, high + 1, step)]
    assert least_distance(target, low, high, step, price) == min(every)


@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.integers(1, 8),
    step=st.sampled_from([1, 2, 5, 10]),
)
def test_the_grid_of_the_proof_is_that_of_the_rounding(seed: int, size: int, step: int) -> None:
    """Written twice, once with arrays and once in fractions."""
    rng = np.random.default_rng(seed)
    lower = rng.integers(0, 12, size).astype(float)
    upper = lower + rng.integers(0, 15, size).astype(float)
    target, first = rng.uniform(lower, upper), rng.integers(0, 3, size).astype(float)
    total = int(rng.integers(lower.sum(), upper.sum() + 1))
    try:
        whole = nearest_whole(target, lower, upper, total, step=step, first=first)
    except NoWholeNumbersError:
        return
    box = Box(exacts(lower.tolist()), list(exacts(upper.tolist())))
    exact = exacts(target.tolist()), exacts(first.tolist())
    grid = Grid.make(exact[0], box, total, step, exact[1])
    assert grid.remainder_at == whole.remainder_at
    assert set(whole.off_step) <= grid.off
    assert all(grid.holds(m, number) for m, number in enumerate(whole.persons.tolist()))
    for m, (low, high) in enumerate(zip(lower.tolist(), upper.tolist(), strict=True)):
        assert low <= grid.low[m]
        assert grid.high[m] <= min(high, total)
        if m not in grid.off and m != grid.remainder_at:
            assert low > grid.low[m] - step
            assert min(high, total) < grid.high[m] + step


@given(positive, fractions, fractions, st.lists(fractions))
def test_nothing_or_a_lot_is_never_cheaper_than_the_least_choice(
    weight: Fraction, target: Fraction, price: Fraction, places: list[Fraction]
) -> None:
    lot = (Fraction(3), Fraction(9))
    least = least_choice(weight, target, [(Fraction(0),) * 2, lot], price)
    for x in [Fraction(0), *(min(max(place, lot[0]), lot[1]) for place in places)]:
        assert weight * abs(x - target) - price * x >= least


# -- the whole bound -------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(fractions, st.integers(0, 4), st.integers(0, 6)), min_size=3, max_size=4),
    fractions,
    st.lists(fractions, min_size=2, max_size=2),
    st.tuples(st.integers(0, 6), st.integers(0, 9)),
    st.data(),
)
def test_whatever_the_multipliers_no_whole_numbers_are_below_the_bound(
    units: Sequence[tuple[Fraction, int, int]],
    nation: Fraction,
    counties: list[Fraction],
    limits: tuple[int, int],
    data: st.DataObject,
) -> None:
    target = [unit[0] for unit in units]
    box = Box([Fraction(u[1]) for u in units], [Fraction(u[1] + u[2]) for u in units])
    low, high = sorted(limits)
    county = Box([Fraction(low), Fraction(0)], [Fraction(high), None])
    county_of = [place % 2 for place in range(len(units))]
    ranges = [range(u[1], u[1] + u[2] + 1) for u in units]
    total = data.draw(st.integers(sum(r[0] for r in ranges), sum(r[-1] for r in ranges)))
    grid = Grid.make(target, box, total, 1, target)
    prices = Prices(nation, counties)
    bound = grid.bound(target, prices.of_each(county_of), prices.on_sums(total, county))
    if counties[1] < 0:
        assert bound is None  # a price on a limit that is not there proves nothing
        return
    assert bound is not None
    for persons in product(*ranges):
        first = sum(x for x, place in zip(persons, county_of, strict=True) if place == 0)
        if sum(persons) == total and low <= first <= high:
            value = sum(abs(x - t) for x, t in zip(persons, target, strict=True))
            assert value >= bound


SHIPPED = ["ostfold-2015", "ostfold-2016", "norway-2026", "norway-2027"]


@pytest.mark.parametrize("name", SHIPPED)
def test_every_stage_of_a_shipped_scenario_is_proven(name: str) -> None:
    found = of_case(name)
    assert {"place", "even", "whole"} <= set(found)
    assert ("ask" in found) == name.startswith("norway")
    assert ("whole_ages" in found) == (name == "norway-2026")
    for stage, proof in found.items():
        assert proof.proven, stage
        assert not proof.faults
        assert proof.gap is not None
        assert proof.value is not None
        assert abs(proof.gap) <= Fraction(1, 10**9) * max(Fraction(1), proof.value)


@pytest.mark.parametrize(
    "settings",
    [
        ["county.split=first"],
        ["county.split=band", "county.within=0.05"],
        ["whole.step=7"],
        ["need.total=781"],
        ["municipality.0104.lock=33"],
        ["goals.even=l2"],
        ["lot.persons=0", "lot.every=false"],
    ],
)
def test_a_case_with_nested_totals_is_proven_to_the_last_stage(settings: list[str]) -> None:
    assert all(proof.proven for proof in of_case("ostfold-2016", *settings).values())


def test_county_totals_that_come_first_are_proven_with_prices_of_counties() -> None:
    case = prepare_case(load_case("norway-2026", ["county.split=first"])).problem
    made = certify(case, solve(case))
    assert np.count_nonzero(made.certificate["even"]["prices"]["counties"]) > 5
    assert all(proof.proven for proof in proofs(case).values())


@pytest.mark.parametrize(
    ("settings", "stage", "reason"),
    [
        (["band.up=0.3", "band.hard=false"], "even", "a soft family had to give way"),
        (["capacity.factor=1.0", "capacity.hard=false"], "even", "a soft family had to give way"),
        (["minors.share=0.25", "minors.hard=false"], "even", "a soft family had to give way"),
        (
            ["municipality.0106.capacity=60", "band.down=0.2", "band.hard=false"],
            "even",
            "a soft family had to give way",
        ),
    ],
)
def test_a_stage_that_is_not_separable_says_why_it_has_no_bound(
    settings: list[str], stage: str, reason: str
) -> None:
    found = of_case("ostfold-2016", *settings)
    assert found[stage].bound is None
    assert reason in found[stage].reason
    assert found["whole"].proven


SOFT_SHARES = [
    ["minors.share=0.1", "need.em=90"],
    ["minors.share=0.1", "need.total=500", "need.hard=false", "municipality.0101.exempt=true"],
    ["minors.share=0.3", "need.total=1200", "ceiling.per_1000=20.0", "goals.even=minimax"],
    ["minors.service=all", "lot.persons=0", "county.split=first", "need.hard=false"],
]


@pytest.mark.parametrize("given", SOFT_SHARES)
def test_a_soft_share_gives_way_where_totals_cannot_hold_the_least_minors(
    given: list[str],
) -> None:
    problem = prepare_case(load_case("ostfold-2016", [*given, "minors.hard=false"])).problem
    solution = solve(problem)
    assert solution.persons.sum() == problem.persons - solution.unplaced.sum()
    shares = problem.minors_share * solution.totals
    passed = solution.persons[:, 1:].sum(axis=1) > shares + 1e-9
    assert passed.any() == any(gave.measure == "share" for gave in solution.gave)
    assert not any(proof.faults for proof in proofs(problem, solution).values())


def test_totals_that_another_goal_moved_are_not_called_even() -> None:
    found = of_case("ostfold-2015", 'goals.order=["place", "steady", "even"]')["even"]
    assert found.bound is None
    assert found.reason == "the goal 'steady' comes before evenness"


def test_persons_without_a_place_are_proven_to_have_none() -> None:
    upper = np.array([30.0, 20.0, 40.0])
    full = Bound.make("capacity", "total", np.zeros(3), upper)
    problem = three(full, need_is_hard=False)
    found = proofs(problem)["place"]
    assert found.value == found.bound == 10
    assert found.proven


def test_the_gap_of_a_choice_of_who_is_asked_is_told_when_it_is_open() -> None:
    found = of_case("ostfold-2016", "lot.every=false", "lot.persons=40")["ask"]
    assert found.gap is not None
    assert found.gap > 0
    assert found.proven is None
    assert not found.faults


@pytest.mark.parametrize("seed", range(8))
def test_random_problems_in_two_counties_are_proven(seed: int) -> None:
    rng = np.random.default_rng(seed)
    upper = rng.integers(30, 90, 3).astype(float)
    limits = Bound.make("capacity", "total", rng.integers(0, 9, 3).astype(float), upper)
    county = Bound.make("county", "county", np.array([20.0, 0.0]), np.array([70.0, 80.0]))
    problem = replace(three(limits, county), step=int(rng.integers(1, 6)))
    if upper.sum() < 100:
        return
    assert all(proof.proven for proof in proofs(problem).values())


def minors_of_counties(low: list[float], high: list[float]) -> Bound:
    return Bound.make("county", "county_minors", np.array(low), np.array(high))


def test_minors_of_counties_are_proven_with_prices_of_their_own() -> None:
    problem = three(minors_of_counties([0.0, 9.0], [11.0, 20.0]))
    made = certify(problem, solve(problem))
    assert made.certificate["even_minors"]["prices"]["counties"] != [0.0, 0.0]
    assert all(proof.proven for proof in proofs(problem).values())


@pytest.mark.parametrize("upper", [95.0, 90.0, 82.5])
def test_a_link_between_totals_has_a_price_where_it_binds(upper: float) -> None:
    link = Link(
        "link", "Oslo and half of Moss", np.array([0, 2]), np.array([1.0, 0.5]), -np.inf, upper
    )
    problem = three(links=(link,))
    found = proofs(problem)
    bound = found["whole"].bound
    assert bound is not None
    assert found["whole"].value is not None
    assert bound <= found["whole"].value
    assert not any(proof.faults for proof in found.values())
    assert found["even"].proven


TIED = [3, 9, 10, 21, 28, 36, 41, 46, 61, 77]
"""Seeds of problems that have an answer, which is not water-filling."""


def tied(seed: int, even: str) -> tuple[Problem, Solution]:
    """A problem whose minors or links hold its totals elsewhere than water-filling has them."""
    rng, size = np.random.default_rng(seed), 12
    problem = with_minors(rng, nested(rng, size), by_age=bool(seed % 2))
    units = np.sort(rng.choice(size, 3, replace=False))
    most = float(np.floor(problem.entitlement[units].sum() * rng.uniform(0.8, 1.1)))
    link = Link("link", "three of them", units, np.ones(3), 0.0, most)
    share = float(problem.minors) / problem.persons * rng.uniform(1.0, 1.3)
    held = Bound("minors", "share", np.arange(size), np.zeros(size), np.zeros(size))
    problem = replace(
        problem,
        links=(link,) if seed % 3 != 1 else (),
        bounds=(*problem.bounds, held) if seed % 3 else problem.bounds,
        minors_share=share,
        goals=Goals(("place", "even", "steady"), even),
    )
    return problem, solve(problem)


def leximin_of(seed: int) -> tuple[Solution, Certified]:
    """The same made leximin, and its certificate."""
    problem, solution = tied(seed, "leximin")
    return solution, certify(problem, solution)


def even_of(solution: Solution, whole: Certified) -> Proof:
    """What its evenness is proven to be."""
    return prove(whole.problem, solution.persons.tolist(), whole.certificate)["even"]


@pytest.mark.parametrize("even", ["leximin", "l2"])
@pytest.mark.parametrize("seed", TIED)
def test_totals_that_minors_and_links_hold_are_proven_to_be_even(seed: int, even: str) -> None:
    made = tied(seed, even)
    assert certify(*made).certificate["even"]["measure"] == even
    found = proofs(*made)["even"]
    assert not found.faults
    assert found.proven


@pytest.mark.parametrize("seed", TIED)
def test_totals_that_are_less_even_are_not_proven(seed: int) -> None:
    """A tenth of a person from one to another, of whom neither stands at a limit."""
    solution, whole = leximin_of(seed)
    stage = whole.certificate["even"]
    totals, box = np.array(stage["totals"]), limits_with_minors(solution.problem)
    inside = np.flatnonzero((totals > box.lower + 1) & (totals < box.upper - 1))
    assert len(inside) > 1
    for one, other in permutations(inside.tolist(), 2):
        moved = totals.copy()
        moved[[one, other]] += (0.1, -0.1)
        stage["totals"] = moved.tolist()
        assert even_of(solution, whole).faults


@pytest.mark.parametrize("seed", TIED)
def test_totals_are_not_proven_without_the_sums_that_hold_them(seed: int) -> None:
    solution, whole = leximin_of(seed)
    stage = whole.certificate["even"]
    for place in (0, 1):
        fewer = {**whole.certificate, "even": {**stage, "cuts": stage["cuts"][:place]}}
        assert even_of(solution, Certified(whole.problem, fewer)).faults


def test_whoever_takes_more_of_a_sum_can_gain_less_of_it() -> None:
    half = Sum({0: Fraction(2), 1: Fraction(1)}, Fraction(10))
    found = most_gained([Fraction(3), Fraction(3)], [Fraction(1)] * 2, NOBODY_HELD, [half])
    assert found == [Fraction(1, 2), Fraction(1)]


NOBODY_HELD = Box([Fraction(0)] * 2, [None] * 2)


@pytest.mark.parametrize("seed", [3, 9])
def test_evenness_is_refused_for_another_order_other_weights_and_a_link_that_is_passed(
    seed: int,
) -> None:
    solution, whole = leximin_of(seed)
    stage = whole.certificate["even"]

    def faults() -> tuple[str, ...]:
        return even_of(solution, whole).faults

    assert faults() == ()
    whole.problem["goals"]["order"] = ["place", "steady", "even"]
    assert faults() == ("the first goal is not evenness measured by 'leximin'",)
    whole.problem["goals"]["order"] = ["place", "even", "steady"]
    stage["weights"][0] += 1
    assert "is not the entitlement" in faults()[0]
    stage["weights"][0] -= 1
    whole.problem["links"][0]["upper"] -= 1
    assert "three of them" in faults()[0]


@pytest.mark.parametrize("seed", TIED)
def test_a_sum_reaches_as_far_as_its_multipliers_show_and_no_less(seed: int) -> None:
    solution, whole = leximin_of(seed)
    for cut in whole.certificate["even"]["cuts"]:
        cut["prices"]["nation"] -= 0.5
    assert even_of(solution, whole).faults


def linear(problem: Problem, even: str) -> Problem:
    """The same with evenness measured linearly, and then as near to last year as can be."""
    return replace(problem, goals=Goals(("place", "even", "steady"), even))


LINEAR = ["l1", "minimax"]


@pytest.mark.parametrize("even", LINEAR)
@pytest.mark.parametrize("seed", range(6))
def test_a_linear_measure_of_evenness_is_proven_though_other_goals_come_after(
    seed: int, even: str
) -> None:
    problem = linear(nested(np.random.default_rng(seed), 12), even)
    made = certify(problem, solve(problem)).certificate["even"]
    assert made["measure"] == even
    found = proofs(problem)["even"]
    assert found.proven
    assert not found.faults


@pytest.mark.parametrize("even", LINEAR)
@pytest.mark.parametrize("seed", range(6))
def test_it_is_proven_too_where_minors_need_room_within_the_totals(seed: int, even: str) -> None:
    rng = np.random.default_rng(seed)
    found = proofs(linear(with_minors(rng, nested(rng, 12)), even))["even"]
    assert found.proven
    assert not found.faults


@pytest.mark.parametrize("even", LINEAR)
def test_it_is_proven_with_the_price_of_a_link_that_binds(even: str) -> None:
    tie = Link("link", "Oslo alone", np.array([0]), np.array([1.0]), -np.inf, 41.5)
    problem = linear(three(links=(tie,)), even)
    certificate = certify(problem, solve(problem)).certificate["even"]
    assert certificate["prices"]["links"] != [0.0]
    assert proofs(problem)["even"].proven


@pytest.mark.parametrize("even", LINEAR)
def test_room_for_minors_has_its_price_where_a_share_of_the_total_holds_them(even: str) -> None:
    """Oslo takes no minors, so that the others must take more than they are entitled to."""
    none = Bound.make("minors", "minors", np.zeros(3), np.array([0.0, np.inf, np.inf]))
    share = Bound.make("minors", "share", np.zeros(3), np.array([0.0, 1.0, 0.0]))
    problem = linear(three(none, share, minors_share=0.5), even)
    prices = certify(problem, solve(problem)).certificate["even"]["prices"]
    assert max(prices["share"]) > 0
    found = proofs(problem)["even"]
    assert found.proven
    assert found.value is not None
    if even == "l1":
        assert float(found.value) == pytest.approx(2 * (38 - 100 * 8 / 78))


def test_who_has_no_entitlement_is_in_no_load_and_is_asked_for_what_must_be() -> None:
    plain = nested(np.random.default_rng(3), 12)
    key = np.where(np.arange(12) == 2, 0.0, plain.entitlement)
    problem = linear(replace(plain, entitlement=key), "minimax")
    solution = solve(problem)
    made = certify(problem, solution)
    prices = made.certificate["even"]["prices"]
    assert made.certificate["even"]["measure"] == "minimax"
    assert solution.target[2] == pytest.approx(problem.box("total").lower[2])
    for price in (0.0, 3.0):
        prices["loads"][2] = price
        assert prove(made.problem, solution.persons.tolist(), made.certificate)["even"].proven


@pytest.mark.parametrize("times", [0.25, 8.0])
def test_prices_of_loads_prove_the_same_in_any_measure(times: float) -> None:
    problem = linear(nested(np.random.default_rng(3), 12), "minimax")
    solution = solve(problem)
    made = certify(problem, solution)
    before = prove(made.problem, solution.persons.tolist(), made.certificate)["even"]
    prices = made.certificate["even"]["prices"]
    prices["nation"] *= times
    for name in ("counties", "loads"):
        prices[name] = [price * times for price in prices[name]]
    found = prove(made.problem, solution.persons.tolist(), made.certificate)["even"]
    assert found.bound == before.bound
    assert found.proven


@given(seed=st.integers(0, 2**32 - 1), spread=st.floats(0, 5))
@settings(max_examples=30)
def test_whatever_the_multipliers_of_a_linear_measure_the_bound_is_below_its_value(
    seed: int, spread: float
) -> None:
    rng = np.random.default_rng(seed)
    even = LINEAR[seed % 2]
    problem = linear(with_minors(rng, nested(rng, 6)), even)
    solution = solve(problem)
    made = certify(problem, solution)
    good = prove(made.problem, solution.persons.tolist(), made.certificate)["even"]
    prices = made.certificate["even"]["prices"] if "measure" in made.certificate["even"] else {}
    for part in (prices, prices.get("minors", {})):
        for name, numbers in part.items():
            if isinstance(numbers, float):
                part[name] = numbers + float(rng.normal()) * spread
            elif isinstance(numbers, list):
                part[name] = [number + float(rng.normal()) * spread for number in numbers]
    found = prove(made.problem, solution.persons.tolist(), made.certificate)["even"]
    assert good.value is not None
    if found.bound is not None:
        assert found.bound <= good.value + HELD_GAP * max(Fraction(1), good.value)


@pytest.mark.parametrize("even", LINEAR)
def test_totals_that_are_less_even_than_could_be_are_told_by_the_gap(even: str) -> None:
    problem = linear(nested(np.random.default_rng(3), 12), even)
    solution = solve(problem)
    made = certify(problem, solution)
    totals = made.certificate["even"]["totals"]
    box = problem.box("total")
    apart = np.flatnonzero(problem.units.county_of == problem.units.county_of[0])
    up, down = apart[np.argsort((np.array(totals) / problem.entitlement)[apart])[[-1, 0]]]
    move = min(box.upper[up] - totals[up], totals[down] - box.lower[down])
    assert move > 0
    totals[up] += move
    totals[down] -= move
    found = prove(made.problem, solution.persons.tolist(), made.certificate)["even"]
    assert not found.proven
    assert any("the gap" in fault for fault in found.faults)


def test_a_measure_that_is_not_the_goals_own_is_refused() -> None:
    problem = linear(nested(np.random.default_rng(3), 12), "l1")
    solution = solve(problem)
    made = certify(problem, solution)
    made.certificate["even"]["measure"] = "minimax"
    found = prove(made.problem, solution.persons.tolist(), made.certificate)["even"]
    assert found.faults == ("the first goal is not evenness measured by 'minimax'",)


def test_a_list_of_prices_that_lacks_a_municipality_is_refused() -> None:
    problem = linear(nested(np.random.default_rng(3), 12), "minimax")
    solution = solve(problem)
    made = certify(problem, solution)
    for name in ("inside", "share", "loads"):
        prices = made.certificate["even"]["prices"]
        kept = prices[name]
        prices[name] = kept[1:]
        with pytest.raises(ValueError, match="for each municipality"):
            prove(made.problem, solution.persons.tolist(), made.certificate)
        prices[name] = kept


def lots_of_five(even: str = "leximin") -> Problem:
    lower, upper = np.array([0.0, 9, 0]), np.array([np.inf, np.inf, 3])
    limits = Bound.make("capacity", "total", lower, upper)
    lots = Lots(5, 0, choose=True)
    return three(limits, lots=lots, goals=Goals(("place", "even"), even))


@pytest.mark.parametrize("even", ["leximin", "l1"])
def test_a_number_is_0_or_a_lot_where_its_limits_leave_the_choice(even: str) -> None:
    problem = lots_of_five(even)
    stated = Stated.read(in_numbers(problem, solve(problem)), "asked")
    totals, minors = choices(stated, "total"), choices(stated, "minors")
    places = [[tuple(map(int, place)) for place in choice.places] for choice in (*totals, *minors)]
    assert places[:3] == [[(5, 100), (0, 0)], [(9, 100)], [(0, 0)]]
    assert places[3:] == [[(0, 20)]] * 3
    key = exacts(problem.entitlement.tolist())
    assert [choice.weight for choice in totals] == [1 if even == "l1" else 1 / e for e in key]
    assert [choice.weight for choice in minors] == [0] * 3


@pytest.mark.parametrize("family", ["lock", "exempt"])
def test_who_is_locked_or_exempt_has_no_lot(family: str) -> None:
    problem = lots_of_five()
    few = Bound.make(family, "total", np.zeros(3), np.array([np.inf, np.inf, 3.0]))
    stated = Stated.read(in_numbers(problem, solve(problem)), "asked")
    held = Stated.read(in_numbers(replace(problem, bounds=(few,)), solve(problem)), "asked")
    for which, most in ((stated, 0), (held, 3)):
        assert choices(which, "total")[2].places == [(Fraction(0), Fraction(most))]


def test_who_is_asked_is_proven_with_capacities_counties_and_minors_of_counties() -> None:
    caps = Bound.make("capacity", "total", np.zeros(3), np.array([80.0, 40.0, 40.0]))
    county = Bound.make("county", "county", np.array([0.0, 25.0]), np.array([75.0, 99.0]))
    of_minors = minors_of_counties([0.0, 9.0], [11.0, 20.0])
    problem = three(caps, county, of_minors, lots=Lots(5, 0, choose=True))
    made = certify(problem, solve(problem))
    assert made.certificate["ask"]["prices"]["counties"] != [0.0, 0.0]
    found = proofs(problem)["ask"]
    assert found.proven
    assert not found.faults


def test_who_is_asked_for_the_sake_of_the_largest_load_is_not_certified() -> None:
    found = proofs(lots_of_five("minimax"))["ask"]
    assert found.bound is None
    assert found.reason == "the largest load comes before who is asked"


def test_numbers_of_the_choice_that_are_no_lot_or_too_few_are_told() -> None:
    problem = lots_of_five()
    solution = solve(problem)
    made = certify(problem, solution)
    made.certificate["ask"]["totals"][0] = 2.5
    told = prove(made.problem, solution.persons.tolist(), made.certificate)["ask"].faults
    assert "0301: total 2.5 is neither 0 nor a lot" in told
    made.certificate["ask"]["totals"].pop()
    with pytest.raises(ValueError, match="ask has not one number for each municipality"):
        prove(made.problem, solution.persons.tolist(), made.certificate)


def test_who_is_asked_is_measured_in_persons_where_evenness_is() -> None:
    found = of_case("norway-2026", "goals.even=l1")
    for stage in ("ask", "even"):
        assert not found[stage].faults
    gap, value = found["ask"].gap, found["ask"].value
    assert gap is not None
    assert value is not None
    assert 0 <= gap < value / 100


@pytest.mark.parametrize("method", ["largest-remainder", "webster"])
def test_an_apportionment_is_not_called_nearest(method: str) -> None:
    found = proofs(three(method=method))["whole"]
    assert found.bound is None
    assert method in found.reason


# -- a certificate that is wrong -------------------------------------------------------------------


def changed(change: Any) -> dict[str, Proof]:
    problem = three()
    solution = solve(problem)
    made = certify(problem, solution)
    persons = solution.persons.tolist()
    change(made.problem, made.certificate, persons)
    return prove(made.problem, persons, made.certificate)


def test_a_better_place_for_one_person_shows_as_a_gap() -> None:
    def move(problem: Any, certificate: Any, persons: Any) -> None:
        persons[0][0] -= 5
        persons[1][0] += 5

    found = changed(move)["whole"]
    assert not found.proven
    assert "the gap" in found.faults[0]


def test_a_person_too_many_is_told_with_the_sum() -> None:
    def add(problem: Any, certificate: Any, persons: Any) -> None:
        persons[0][0] += 1

    assert "the numbers sum to 101, not to 100" in changed(add)["whole"].faults


def test_a_multiplier_that_is_wrong_proves_less_and_never_more() -> None:
    good = changed(lambda *_: None)["even"].bound
    assert good is not None
    for price in (-3.0, -0.5, 0.25, 2.0, 1e6):

        def spoil(problem: Any, certificate: Any, persons: Any, price: float = price) -> None:
            certificate["even"]["prices"]["nation"] = price

        found = changed(spoil)["even"]
        assert found.bound is not None
        assert found.bound < good
        assert not found.proven


def test_a_weight_that_is_not_the_entitlement_is_refused() -> None:
    def spoil(problem: Any, certificate: Any, persons: Any) -> None:
        certificate["even"]["weights"][0] *= 2

    assert "is not the entitlement" in changed(spoil)["even"].faults[0]


def test_nonsense_in_the_problem_is_refused_in_words() -> None:
    problem = certify(three(), solve(three())).problem
    for name, value in (("county_of", [0, 1, 2]), ("step", 0), ("entitlement", [1.0])):
        with pytest.raises(ValueError, match=r".+"):
            Stated.read({**problem, name: value}, "asked")


# -- who checks ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CHECKERS)
def test_the_checker_imports_the_standard_library_and_its_own_kind_only(name: str) -> None:
    module = importlib.import_module(f"allocator.program.{name}")
    assert module.__file__
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    own = {f"allocator.program.{checker}" for checker in CHECKERS}
    assert {module.partition(".")[0] for module in imported - own} <= set(sys.stdlib_module_names)


def test_the_checker_loads_no_solver_and_no_array_library() -> None:
    code = "import sys, allocator.program.verify; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"numpy", "highspy", "pulp", "pydantic", "pandas", "click"}
