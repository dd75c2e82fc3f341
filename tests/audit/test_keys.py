"""The audit of keys: Shapley shares that add up, Grech's pairs, paradoxes that are real."""

from collections.abc import Sequence
from itertools import permutations
from math import factorial

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.audit.axioms import method
from allocator.audit.effective import criteria, shapley
from allocator.audit.keys import Audit, audit_key
from allocator.audit.pairs import Pairs, paradox_pairs
from allocator.audit.response import responses
from allocator.audit.rounding import paradoxes, rounds_by
from allocator.documents import Model, load_model
from allocator.documents.key import Shares
from allocator.errors import BadDataError
from allocator.panel import Panel
from allocator.program.entitlement import Part, entitlement_of
from allocator.program.known import Table
from allocator.program.on_table import numbers_on
from allocator.study.national import autumn_before, national_case
from tests.models.rules import changed
from tests.models.test_european_keys import STATES

PANEL = Panel()


def audited(name: str, year: int) -> Audit:
    return audit_key(national_case(PANEL, year, name, load_model(name)), PANEL)


def part(name: str, weight: float, values: Sequence[float]) -> Part:
    shares = np.array(values) / sum(values)
    return Part(name, name, "given", weight, np.array(values), shares)


# -- effective weights -----------------------------------------------------------------------------


@given(st.integers(1, 4), st.integers(0, 2**32))
def test_shapley_values_are_the_mean_over_all_orders(players: int, seed: int) -> None:
    luck = np.random.default_rng(seed)
    worth = {frozenset[int](): 0.0}

    def value(some: frozenset[int]) -> float:
        return worth.setdefault(some, float(luck.random()))

    found = shapley(players, value)
    by_hand = np.zeros(players)
    for order in permutations(range(players)):
        for place, player in enumerate(order):
            before = frozenset(order[:place])
            by_hand[player] += value(before | {player}) - value(before)
    assert found == pytest.approx((by_hand / factorial(players)).tolist(), abs=1e-12)


columns = st.lists(st.floats(1, 100), min_size=6, max_size=6)


@given(st.lists(columns, min_size=2, max_size=4), columns)
def test_effective_weights_sum_to_one_and_what_is_moved_to_the_whole(
    given_columns: list[list[float]], people: list[float]
) -> None:
    parts = [part(f"c{at}", 1.0 + at, values) for at, values in enumerate(given_columns)]
    population = np.array(people) / sum(people)
    rows, limits, moved = criteria(parts, population, 1000, Shares(), None)
    weights = np.array([each.weight for each in parts]) / sum(each.weight for each in parts)
    key = sum(w * each.shares for w, each in zip(weights, parts, strict=True))
    assert limits == 0
    assert moved == pytest.approx(float(np.abs(key - population).sum()) / 2, abs=1e-5)
    assert sum(row.moved for row in rows) == pytest.approx(moved, abs=1e-5)
    if moved > 1e-3:
        assert sum(row.effective or 0 for row in rows) == pytest.approx(1, abs=1e-4)
    if None not in {row.spread for row in rows}:
        assert sum(row.spread or 0 for row in rows) == pytest.approx(1, abs=1e-4)


def test_population_under_another_name_does_nothing_whatever_its_weight() -> None:
    people = [50.0, 30.0, 20.0]
    parts = [part("people", 0.9, [5, 3, 2]), part("work", 0.1, [20, 30, 50])]
    rows, _, _ = criteria(parts, np.array(people) / 100, 1000, Shares(), None)
    assert [row.effective for row in rows] == [0.0, 1.0]
    assert rows[0].as_population == 1.0
    assert rows[0].r2 == pytest.approx(1)


def test_a_criterion_that_pulls_the_other_back_is_below_nought() -> None:
    even = np.full(2, 0.5)
    parts = [part("a", 1.0, [90, 10]), part("b", 1.0, [90, 10]), part("c", 1.0, [10, 90])]
    rows, _, _ = criteria(parts, even, 1000, Shares(), None)
    effective = {row.criterion: row.effective or 0.0 for row in rows}
    assert effective["a"] == effective["b"] > 0.5
    assert effective["c"] == pytest.approx(1 - 2 * effective["a"], abs=1e-5)
    assert effective["c"] < 0


def test_what_limits_on_shares_move_by_themselves_is_told_apart() -> None:
    found = audited("sweden-minors", 2026)
    assert found.limits == found.moved > 0.05
    assert [row.effective for row in found.criteria] == [None]


def test_thirteen_criteria_are_refused_in_words() -> None:
    parts = [part(f"c{at}", 1.0, [1, 2]) for at in range(13)]
    with pytest.raises(BadDataError, match="at most 12 criteria"):
        criteria(parts, np.full(2, 0.5), 10, Shares(), None)


def test_the_stated_weights_of_2018_hardly_bite_as_its_evaluation_found_for_2019() -> None:
    found = audited("imdi-2018", 2018)
    assert [row.stated for row in found.criteria] == [0.7, 0.2, 0.1]
    assert found.moved < 0.01  # of all persons, away from equal a head
    assert all((row.as_population or 0) > 0.95 for row in found.criteria)
    assert {row.criterion: row.effective for row in found.criteria}["population"] == 0


def test_of_the_60_per_cent_on_results_and_work_in_2019_a_sixth_is_left() -> None:
    found = {row.criterion: row for row in audited("imdi-2019", 2019).criteria}
    aims = ("intro_results", "labour_market")
    assert sum(found[name].stated or 0 for name in aims) == pytest.approx(0.6)
    assert sum(found[name].effective or 0 for name in aims) == pytest.approx(0.16, abs=0.01)


def test_a_rule_with_fitted_weights_is_audited_with_those_it_was_run_with() -> None:
    found = audited("earlier-rounds", 2026)
    weights = {row.criterion: row.stated or 0.0 for row in found.criteria}
    assert weights["requested"] > 0.7
    people, last = (
        entitlement_of(load_model(name), autumn_before(PANEL, 2026), found.codes).share
        for name in ("population-power", "last-year")
    )
    mixed = weights["population"] * people + weights["requested"] * last
    assert found.share == pytest.approx(mixed, abs=1e-6)


# -- paradox pairs ---------------------------------------------------------------------------------


def pairs_on_states(model: Model) -> Pairs:
    share = entitlement_of(model, STATES, STATES.codes).share
    found = paradox_pairs(model, STATES, STATES.codes, share)
    assert found is not None
    return found


def test_grech_finds_27_paradoxes_in_172_pairs_of_the_eu_key_and_none_in_his_own() -> None:
    cap = {"cap": {"factor": 0.3}}
    printed = changed("eu-2015", key={"asylum_per_million": cap, "unemployment_pct": cap})
    eu, own = pairs_on_states(printed), pairs_on_states(load_model("grech"))
    assert (eu.compared, eu.paradoxes) == (172, 27)
    assert (own.compared, own.paradoxes) == (172, 0)
    assert dict(eu.relieving) == {"asylum_per_million": "−", "unemployment_pct": "−"}


def test_a_key_that_relieves_nothing_has_no_pairs() -> None:
    assert pairs_on_states(load_model("eu-2024")) == Pairs((), 0, 0, ())


# -- response --------------------------------------------------------------------------------------


def test_one_per_cent_more_is_what_the_whole_key_gives_when_it_is_worked_out_again() -> None:
    rows = {"A": {"population": 600.0}, "B": {"population": 300.0}, "C": {"population": 100.0}}
    model = load_model("population-power")
    (found,) = responses(model, Table(rows), ("A", "B", "C"), 1000)
    people: npt.NDArray[np.float64] = np.array([600.0, 300.0, 100.0])
    for place in range(3):
        more = people.copy()
        more[place] *= 1.01
        before, after = people**0.65 / (people**0.65).sum(), more**0.65 / (more**0.65).sum()
        assert found.persons[place] == pytest.approx(1000 * (after - before)[place], abs=1e-9)
    assert 0 < found.elasticity < 0.65


# -- rounding --------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 3000), min_size=2, max_size=6), st.integers(1, 60))
def test_the_nearest_whole_numbers_of_a_key_are_those_of_largest_remainder(
    people: list[int], total: int
) -> None:
    units = Table({f"{at:02}": {"population": float(number)} for at, number in enumerate(people)})
    found = numbers_on(load_model("population"), units, total)
    assert tuple(found.values()) == method(rounds_by("nearest"))(people, total)


def test_a_paradox_that_is_told_is_there_when_the_rule_is_run() -> None:
    found = audited("population", 2026)
    by_name = {each.paradox: each for each in found.paradoxes}
    example = by_name["alabama"].example
    assert example is not None
    unit, (less, had), (more, has) = example.units[0], example.first, example.second
    assert more == less + 1
    assert has[0] < had[0]
    units = Table(
        {c: {"population": float(s)} for c, s in zip(found.codes, found.share, strict=True)}
    )
    for total, persons in ((less, had[0]), (more, has[0])):
        run = numbers_on(load_model("population"), units, total)
        assert run[found.codes[unit]] == persons


@pytest.mark.parametrize("name", ["webster", "adams"])
def test_a_divisor_method_has_none_of_the_paradoxes(name: str) -> None:
    share = np.random.default_rng(2).random(30)
    share, earlier = share / share.sum(), np.random.default_rng(3).random(30)
    found = paradoxes(name, share, 200, earlier / earlier.sum())
    assert [each.example for each in found] == [None] * 3


def test_a_rule_that_rounds_each_number_by_itself_has_no_rounding_to_look_into() -> None:
    found = audited("netherlands", 2026)
    assert (found.rounds, found.paradoxes) == ("", ())
