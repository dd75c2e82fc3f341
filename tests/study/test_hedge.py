"""An uncertain need: the two-stage program against theory and against trying every number."""

import json
from collections.abc import Callable

import numpy as np
import pytest
from click.testing import Result
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.documents import load_case
from allocator.errors import UsageError
from allocator.study.hedge import Forecast, Prices, Risk, hedge, least_cost, outcomes

Run = Callable[..., Result]
NEEDS = st.lists(st.integers(0, 60), min_size=2, max_size=4, unique=True)
PRICE = st.integers(1, 12).map(float)


def even(needs: list[int]) -> list[Forecast]:
    return [Forecast(need, 1 / len(needs)) for need in sorted(needs)]


@settings(max_examples=40)
@given(NEEDS, PRICE, PRICE)
def test_one_municipality_is_the_newsvendor(needs: list[int], under: float, over: float) -> None:
    cases = even(needs)
    fixed = Prices(unplaced=under, idle=over, top_up=99, cut=99, most_up=0, most_cut=0)
    _, asked = least_cost(cases, np.zeros(1), np.full(1, 100.0), fixed, Risk())
    critical = under / (under + over)
    along = np.cumsum([case.probability for case in cases])
    quantile = next(c.need for c, p in zip(cases, along, strict=True) if p >= critical - 1e-9)
    assert asked == pytest.approx(quantile, abs=1e-3)


@settings(max_examples=25)
@given(
    NEEDS,
    st.tuples(PRICE, PRICE, PRICE, PRICE),
    st.lists(st.integers(0, 20), min_size=2, max_size=3),
)
def test_no_whole_number_costs_less_by_trying_every_one(
    needs: list[int], of: tuple[float, float, float, float], upper: list[int]
) -> None:
    cases, most = even(needs), np.array(upper, float)
    prices = Prices(*of, most_up=1.0, most_cut=1.0)
    best, _ = least_cost(cases, np.zeros(len(most)), most, prices, Risk())
    tried = []
    for total in range(int(most.sum()) + 1):
        spread = np.diff(np.minimum(np.concatenate(([0.0], np.cumsum(most))), total))
        told = outcomes(cases, spread, most, prices)
        tried.append(sum(o.probability * o.cost for o in told))
    assert best <= min(tried) + 1e-6
    each = [
        least_cost(cases, np.zeros(len(most)), most, prices, Risk(), n)[0]
        for n in range(3)
        if n <= most.sum()
    ]
    assert all(best <= value + 1e-6 for value in each)


@settings(max_examples=25)
@given(NEEDS, PRICE, PRICE)
def test_a_program_without_summer_is_as_cheap_as_the_best_of_all_whole_numbers(
    needs: list[int], under: float, over: float
) -> None:
    cases = even(needs)
    fixed = Prices(unplaced=under, idle=over, top_up=99, cut=99, most_up=0, most_cut=0)
    best, _ = least_cost(cases, np.zeros(1), np.full(1, 100.0), fixed, Risk())
    tried = (
        sum(c.probability * (under * max(c.need - n, 0) + over * max(n - c.need, 0)) for c in cases)
        for n in range(61)
    )
    assert best == pytest.approx(min(tried), abs=1e-6)


@settings(max_examples=25)
@given(NEEDS, PRICE, PRICE)
def test_all_weight_on_the_worst_is_the_best_worst_case(
    needs: list[int], under: float, over: float
) -> None:
    cases = even(needs)
    fixed = Prices(unplaced=under, idle=over, top_up=99, cut=99, most_up=0, most_cut=0)
    worst = Risk(alpha=0.95, weight=1.0)
    best, _ = least_cost(cases, np.zeros(1), np.full(1, 100.0), fixed, worst)
    low, high = min(needs), max(needs)
    assert best == pytest.approx(under * over * (high - low) / (under + over), abs=1e-5)


def test_the_values_of_planning_and_of_knowing_are_never_negative_and_ordered() -> None:
    cases = [Forecast(500, 0.3), Forecast(780, 0.5), Forecast(1200, 0.2)]
    found = hedge(load_case("ostfold-2016"), None, cases)
    assert found.wait_cost <= found.cost <= found.mean_cost
    assert found.vss >= 0
    assert found.evpi >= 0
    assert found.proposal.total == found.asked
    for outcome in found.outcomes:
        placed = found.asked + outcome.topped_up - outcome.cut
        assert placed + outcome.unplaced - outcome.idle == outcome.need


def test_a_need_that_is_sure_is_asked_for_and_nothing_is_worth_knowing() -> None:
    found = hedge(load_case("ostfold-2016"), None, [Forecast(780, 1.0)])
    assert (found.asked, found.vss, found.evpi, found.cost) == (780, 0, 0, 0)


def test_who_fears_the_worst_asks_for_another_number_and_is_better_off_by_that_measure() -> None:
    cases, room = even([500, 780, 1500]), np.full(5, 400.0)
    of = (cases, np.zeros(5), room, Prices())
    calm, wary = least_cost(*of, Risk()), least_cost(*of, Risk(0.9, 0.9))
    assert wary[1] != calm[1]
    assert wary[0] <= least_cost(*of, Risk(0.9, 0.9), calm[1])[0]
    assert calm[0] <= least_cost(*of, Risk(), wary[1])[0]


def test_probabilities_that_do_not_sum_to_one_are_refused(bosett: Run) -> None:
    with pytest.raises(UsageError, match=r"sum to 0\.9"):
        hedge(load_case("ostfold-2016"), None, [Forecast(700, 0.4), Forecast(800, 0.5)])
    told = bosett("hedge", "ostfold-2016", "--case", "many:often")
    assert (told.exit_code, told.stdout) == (2, "")
    assert "14000:0.5" in told.stderr


@pytest.mark.parametrize("lang", ["en", "nb", "nn"])
def test_the_table_fits_a_terminal_in_every_language(bosett: Run, lang: str) -> None:
    cases = ("--case", "10000:0.3", "--case", "14000:0.5", "--case", "20000:0.2")
    told = bosett("hedge", "norway-2026", *cases, "--weight", "0.5", "--lang", lang)
    assert told.exit_code == 0, told.stderr
    assert max(map(len, told.stdout.splitlines())) <= 80


def test_json_is_the_same_twice_and_names_its_prices(bosett: Run) -> None:
    arguments = ("hedge", "ostfold-2016", "--case", "700:0.5", "--case", "900:0.5")
    one, two = (bosett(*arguments, "--format", "json") for _ in range(2))
    assert one.stdout_bytes == two.stdout_bytes
    told = json.loads(one.stdout)
    assert told["schema"] == 1
    assert told["prices"]["unplaced"] == 10
    assert len(told["municipalities"]) == 18
