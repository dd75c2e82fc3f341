"""Fitted weights: planted ones are found, ranges are exact, later facts change nothing."""

import warnings
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pulp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.documents import load_model
from allocator.errors import BadDataError, UsageError
from allocator.panel import Panel
from allocator.program.weights import best_weights
from allocator.study.backtest import backtest
from allocator.study.criteria import known_criteria, model_criteria, named_criteria
from allocator.study.fit import Fit, fit
from allocator.study.national import autumn_before
from tests.study.test_backtest import cells, put

Floats = npt.NDArray[np.float64]

PANEL = Panel()


def named(year: int, *names: str, panel: Panel = PANEL, score: int | None = None) -> Fit:
    view = autumn_before(panel, year)
    return fit(panel, year, candidates=named_criteria(names, view), score=score)


def deviation(given: Floats, actual: Floats, weights: Floats) -> float:
    return float(np.abs(actual - given @ weights).sum())


# -- the program -----------------------------------------------------------------------------------


@given(st.integers(1, 5), st.integers(0, 2**32))
def test_planted_weights_are_found_to_the_millionth(criteria: int, seed: int) -> None:
    luck = np.random.default_rng(seed)
    columns, weights = luck.random((40, criteria)) * 100, luck.dirichlet(np.ones(criteria))
    found = best_weights(columns, columns @ weights)
    assert found.values == pytest.approx(weights, abs=1e-6)
    assert found.error == pytest.approx(0, abs=1e-5)


def least_by_hand(first: Floats, second: Floats, actual: Floats) -> tuple[float, list[float]]:
    """With two criteria the deviation is convex in w and bends where a municipality is exact."""
    gap = first - second
    bends = [0.0, 1.0, *(((actual - second)[gap != 0]) / gap[gap != 0]).tolist()]
    bends = sorted({bend for bend in bends if 0 <= bend <= 1})
    return min(np.abs(actual - w * first - (1 - w) * second).sum() for w in bends), bends


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.floats(0, 60))
def test_two_weights_and_their_range_are_those_found_by_hand(seed: int, slack: float) -> None:
    luck = np.random.default_rng(seed)
    columns, actual = luck.random((12, 2)) * 50, luck.random(12) * 50
    found = best_weights(columns, actual, slack=slack)
    least, bends = least_by_hand(columns[:, 0], columns[:, 1], actual)
    assert found.error == pytest.approx(least, abs=1e-6)
    inside = []
    for low, high in pairwise(bends):  # between bends the deviation is a straight line
        at = [deviation(columns, actual, np.array([w, 1 - w])) for w in (low, high)]
        for w, error in zip((low, high), at, strict=True):
            inside += [w] if error <= least + slack + 1e-9 else []
        if (at[0] - least - slack) * (at[1] - least - slack) < 0:
            inside.append(low + (high - low) * (least + slack - at[0]) / (at[1] - at[0]))
    if inside:
        assert found.low[0] == pytest.approx(min(inside), abs=1e-5)
        assert found.high[0] == pytest.approx(max(inside), abs=1e-5)


def range_by_pulp(given: Floats, actual: Floats, limit: float, of: int, sense: int) -> float:
    """The end of a weight's range by another solver and another way to write the program."""
    problem = pulp.LpProblem("range", sense)
    w = [problem.add_variable(f"w{p}", 0) for p in range(given.shape[1])]
    d = [problem.add_variable(f"d{m}", 0) for m in range(len(actual))]
    problem += w[of]
    problem += pulp.lpSum(w) == 1
    problem += pulp.lpSum(d) <= limit
    for m, row in enumerate(given):
        model = pulp.lpSum(float(value) * weight for value, weight in zip(row, w, strict=True))
        problem += d[m] >= float(actual[m]) - model
        problem += d[m] >= model - float(actual[m])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the bundled CBC goes with PuLP 4
        problem.solve(pulp.PULP_CBC_CMD(msg=False))
    assert problem.status == 1
    return float(w[of].value())


def test_the_ranges_of_four_weights_are_those_of_another_solver() -> None:
    luck = np.random.default_rng(7)
    columns = luck.random((30, 4)) * 100
    actual = np.round(columns @ [0.4, 0.3, 0.2, 0.1] + luck.normal(0, 4, 30))
    found = best_weights(columns, actual, slack=10.0)
    limit = found.error + 10
    for p in range(4):
        low = range_by_pulp(columns, actual, limit, p, pulp.LpMinimize)
        high = range_by_pulp(columns, actual, limit, p, pulp.LpMaximize)
        assert (found.low[p], found.high[p]) == pytest.approx((low, high), abs=1e-5)


def test_a_person_may_count_more_in_one_year_than_in_another() -> None:
    columns, actual = np.array([[10.0, 0.0], [10.0, 0.0]]), np.array([2.0, 8.0])
    first = best_weights(columns, actual, cost=np.array([2.0, 1.0]))
    second = best_weights(columns, actual, cost=np.array([1.0, 2.0]))
    assert (first.values[0], second.values[0]) == pytest.approx((0.2, 0.8))


# -- a year ----------------------------------------------------------------------------------------


def test_the_requests_of_a_rule_give_its_weights_back(panel: Path) -> None:
    """Plant the numbers of a half-and-half key as what was asked for, and ask for the weights."""
    planted(panel, 2016, {"population": 0.3, "requested": 0.7})
    found = named(2016, "population^1.0", "requested", panel=Panel(panel))
    assert [row.weight for row in found.rows] == pytest.approx([0.3, 0.7], abs=0.01)
    assert found.trained.overlap == pytest.approx(1, abs=0.005)  # rounding to whole persons
    assert all(row.low <= row.weight <= row.high for row in found.rows)
    assert found.tells


def planted(folder: Path, year: int, weights: dict[str, float]) -> None:
    """The year's requests replaced by what a key of these weights gives, in whole persons."""
    view = autumn_before(PANEL, year)
    codes = [unit.code for unit in view.municipalities()]
    shares = np.zeros(len(codes))
    for name, weight in weights.items():
        series = view.newest(name).series
        values = np.array([series[code].value or 0.0 for code in codes])
        shares += weight * values / values.sum()
    persons = dict(zip(codes, np.round(20_000 * shares).astype(int), strict=True))
    path = folder / "requests" / f"{year}.csv"
    names, rows = cells(path)
    for row in rows:
        if (row["stage"], row["group"], row["vintage"]) == ("requested", "total", "final"):
            row["persons"], row["status"] = str(persons[row["code"]]), "reported"
    put(path, names, rows)


def test_what_happened_later_changes_no_weight(panel: Path) -> None:
    planted(panel, 2017, {"population": 1.0})
    later, true = (
        named(2016, "population", "requested", panel=Panel(panel)),
        named(2016, "population", "requested"),
    )
    assert later.rows == true.rows
    assert later.trained == true.trained
    assert later.scored != true.scored


def test_a_criterion_twice_over_leaves_the_weights_open_and_it_is_said() -> None:
    found = named(2026, "population_18_66", "population_18_66^1.0", "requested")
    assert found.rank == 2
    assert not found.tells
    twice = ("population_18_66", "population_18_66^1.0")
    assert (*twice, 1.0) in found.alike
    assert {row.low for row in found.rows if row.criterion in twice} == {0.0}


def test_the_weights_are_the_best_of_a_fine_grid() -> None:
    found = named(2019, "population^0.65", "requested")
    grid = [named_overlap(2019, w / 50) for w in range(51)]
    assert found.trained.overlap is not None
    assert max(grid) - 1e-6 <= found.trained.overlap <= max(grid) + 0.002


def named_overlap(year: int, weight: float) -> float:
    """The overlap of one weight of last year, from the public key alone."""
    from allocator.study.walk_forward import Parameters
    from tests.study.test_walk_forward import in_fractions

    return in_fractions(Parameters(weight, 0.65), year)


def test_no_exponent_of_the_grid_is_better_and_those_within_reach_are_told() -> None:
    found = named(2016, "population", "requested")
    best = max(overlap for _, overlap in found.profile)
    assert found.trained.overlap == pytest.approx(best, abs=2e-6)
    near = [power for power, overlap in found.profile if overlap >= best - found.within - 1e-6]
    assert found.exponents == (near[0], near[-1])
    chosen = next(row.exponent for row in found.rows if row.criterion == "population")
    assert dict(found.profile)[chosen] == best


def test_the_baselines_are_those_of_the_back_test() -> None:
    found = named(2018, "population", "requested", score=2019)
    rows = backtest([], [2018, 2019], panel=PANEL, draws=0).rows
    for told in (found.trained, found.scored):
        for row in rows:
            if (row.year, row.against) == (told.year, "requested"):
                assert (told.baselines or {})[row.model] == pytest.approx(
                    row.score.overlap, abs=0.01
                )
                assert told.municipalities == row.score.municipalities


def test_a_wider_reach_gives_ranges_that_hold_the_narrower() -> None:
    view = autumn_before(PANEL, 2020)
    candidates = named_criteria(["population", "requested", "decided"], view)
    tight, wide = (
        fit(PANEL, 2020, candidates=candidates, within=within) for within in (0.001, 0.02)
    )
    for inner, outer in zip(tight.rows, wide.rows, strict=True):
        assert inner.weight == outer.weight
        assert outer.low <= inner.low <= inner.high <= outer.high
    assert wide.open


def test_fewer_than_ten_municipalities_for_each_weight_are_too_few() -> None:
    found = named(2016, "population^0.65", "requested")
    assert not found.too_few
    few = replace(found, trained=replace(found.trained, municipalities=19))
    assert few.too_few
    assert not few.tells


def test_a_rules_own_criteria_stand_beside_its_stated_weights() -> None:
    found = fit(PANEL, 2018, candidates=model_criteria(load_model("imdi-2018")))
    assert [row.stated for row in found.rows] == [0.7, 0.2, 0.1]
    assert [row.criterion for row in found.rows] == ["population", "labour_market", "intro_results"]
    assert ("population", "labour_market") in {pair[:2] for pair in found.alike}
    assert not found.tells


def test_all_that_is_known_is_tried_unasked_and_what_is_not_is_told() -> None:
    found = known_criteria(autumn_before(PANEL, 2016))
    assert {"population", "requested", "decided", "immigrants_pct:inverse"} <= set(found.parts)
    assert found.powered == "population"
    reasons = {name: reason for name, reason, _ in found.left_out}
    assert reasons["intro_work_or_education_1y_after_pct"] == "few"
    assert reasons["ssb_centrality_2008_0to3"] == "class"
    assert set(known_criteria(autumn_before(PANEL, 2014)).parts) & {"requested"} == set()


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([""], "no criterion is named"),
        (["population", "population"], "named twice"),
        (["population^half"], "is no criterion"),
    ],
)
def test_what_is_no_criterion_is_refused(names: Sequence[str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        named(2016, *names)


@pytest.mark.parametrize(
    ("year", "stage", "told"),
    [(2030, "requested", "no reported requested figures for 2030"), (2023, "settled", "2023")],
)
def test_a_year_without_figures_is_told(year: int, stage: str, told: str) -> None:
    with pytest.raises(BadDataError, match=told):
        fit(PANEL, year, stage)
