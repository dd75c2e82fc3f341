"""Norway's rules and the plain baselines: against what was asked for, or worked out by hand."""

import datetime as dt
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from allocator.documents import Case, load_model
from allocator.engine import propose_case
from allocator.panel import Panel, View
from allocator.program.entitlement import entitlement_of
from allocator.program.known import Table
from allocator.program.on_table import numbers_on, persons_on, shares_on
from tests.models.rules import changed, golden, proves, scenario, table, worst

STORTING = Path(__file__).parents[1] / "program" / "golden"


def norwegian(
    population: int,
    *,
    employed: float,
    results: float,
    decided: int = 0,
    requested: int = 0,
    immigrants: float = 10,
) -> dict[str, float | None]:
    """A municipality with the indicators that the rules of 2018 and 2019 look at."""
    return {
        "population": population,
        "employed_all_pct": employed,
        "intro_work_or_education_1y_after_pct": results,
        "decided": decided,
        "requested": requested,
        "immigrants_pct": immigrants,
    }


def part(sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Shares of the sum."""
    return np.asarray(sizes / sizes.sum(), dtype=np.float64)


@proves("storting-2012")
def test_the_key_and_the_seats_of_the_storting_of_2012_are_the_official_ones() -> None:
    rows = golden("norway_storting_2012", STORTING)
    model = load_model("storting-2012")
    counties = table(rows, "county", population="population_2012", area_km2="area_km2")
    shares = shares_on(model, counties)
    size = sum(float(row["key_published"]) for row in rows)
    found = {county: share * size for county, share in shares.items()}
    assert worst(found, rows, "county", "key_published") < 0.1
    seats = numbers_on(model, counties, 169)
    assert seats == {row["county"]: int(row["seats_published"]) for row in rows}


@proves("imdi-2020-cut")
def test_the_cut_of_2020_gives_948_per_mille_of_the_requests() -> None:
    panel = Panel()
    model = load_model("imdi-2020-cut")
    case = Case("cut", scenario(2020, 3602, dt.date(2020, 6, 1)), "imdi-2020-cut", model)
    found = propose_case(case, panel)
    actual = panel.requests(2020, "requested")
    asked = {code for code, figure in actual.items() if figure.value}
    assert len(asked) == 211
    assert {request.code for request in found.municipalities if request.total} == asked
    exact = sum(r.total == actual[r.code].value for r in found.municipalities if r.code in asked)
    assert exact == 200  # 94.8 % of 211
    assert found.total == found.need["total"] == 3554
    assert any("3554" in warning for warning in found.warnings)


@proves("imdi-2022")
def test_the_multiple_of_2022_is_near_what_those_who_were_asked_first_were_asked_for() -> None:
    panel = Panel()
    own = changed("imdi-2022", whole={"total": "own"})
    case = Case("own", scenario(2022, 35_000, dt.date(2022, 4, 1)), "imdi-2022", own)
    found = propose_case(case, panel)
    first, last = (panel.requests(2022, stage) for stage in ("requested_original", "requested"))
    before = [r for r in found.municipalities if first[r.code].value]
    assert len(before) == 212
    exact = sum(r.total == last[r.code].value for r in before)
    near = sum(abs(r.total - (last[r.code].value or 0)) <= 5 for r in before)
    assert (exact, near) == (100, 138)
    assert {r.total for r in found.municipalities if not first[r.code].value} == {15}


@proves("imdi-2018")
def test_the_key_of_2018_is_worked_out_by_hand_for_three_municipalities() -> None:
    units = Table(
        {
            "A": norwegian(60_000, employed=60, results=80),
            "B": norwegian(30_000, employed=80, results=40),
            "C": norwegian(10_000, employed=70, results=60),
            "D": norwegian(4_999, employed=90, results=90),
        }
    )
    found = persons_on(load_model("imdi-2018"), units, 1000)
    people, work, results = np.array([60, 30, 10]), np.array([60, 80, 70]), np.array([80, 40, 60])
    by_hand = 0.7 * part(people) + 0.2 * part(people * work) + 0.1 * part(people * results)
    assert [found[code] for code in "ABC"] == pytest.approx(1000 * by_hand, abs=1e-9)
    assert found["D"] == 0  # under 5 000 inhabitants


@proves("imdi-2019")
def test_the_key_of_2019_is_worked_out_by_hand_and_keeps_those_of_2018() -> None:
    units = Table(
        {
            "A": norwegian(60_000, employed=60, results=80, decided=40, requested=50),
            "B": norwegian(30_000, employed=80, results=40, decided=30, requested=30),
            "C": norwegian(10_000, employed=70, results=60, decided=10, requested=0),
            "D": norwegian(20_000, employed=70, results=60, requested=20, immigrants=31),
        }
    )
    found = persons_on(load_model("imdi-2019"), units, 100)
    people, work, results = np.array([60, 30]), np.array([60, 80]), np.array([80, 40])
    by_hand = 0.3 * part(people * results) + 0.3 * part(people * work)
    by_hand = by_hand + 0.2 * np.array([4 / 7, 3 / 7]) + 0.2 * np.array([5 / 8, 3 / 8])
    assert [found["A"], found["B"]] == pytest.approx(100 * by_hand, abs=1e-9)
    assert found["C"] == found["D"] == 0  # not asked in 2018; above 30 % immigrants


@proves("imdi-2024")
def test_the_key_of_2024_is_worked_out_by_hand() -> None:
    units = Table(
        {
            "A": {"population": 60_000, "decided": 300, "registered_unemployed_rate": 2.0},
            "B": {"population": 20_000, "decided": 100, "registered_unemployed_rate": 1.0},
        }
    )
    found = persons_on(load_model("imdi-2024"), units, 1000)
    a = 0.6 * 0.75 + 0.2 / (1 + 3**-0.65) + 0.2 * (60 / 2) / (60 / 2 + 20 / 1)
    assert found["A"] == pytest.approx(1000 * a, abs=1e-9)
    assert sum(numbers_on(load_model("imdi-2024"), units, 1000).values()) == 1000


@proves("equal-load")
def test_the_recommended_key_is_worked_out_by_hand_for_two_municipalities() -> None:
    units = Table(
        {"A": {"population": 80_000, "decided": 30}, "B": {"population": 10_000, "decided": 10}}
    )
    found = persons_on(load_model("equal-load"), units, 100)
    a = 0.5 * 8**0.65 / (8**0.65 + 1) + 0.5 * 0.75
    assert found["A"] == pytest.approx(100 * a, abs=1e-9)
    assert numbers_on(load_model("equal-load"), units, 100) == {"A": 77, "B": 23}


def test_the_recommended_key_says_how_near_it_is_to_what_was_asked_for() -> None:
    """Persons placed the same by the key alone, 1 − ½·Σ|share − share asked|, 2016–2026."""
    panel, said = Panel(), load_model("equal-load").modelled
    for name, told in (
        ("equal-load", "this key alone places {} %"),
        ("population", "population alone {} %"),
        ("last-year", "last year's request places {} %"),
    ):
        same = []
        for year in range(2016, 2027):
            view = View(panel, year, dt.date(year - 1, 10, 31))
            codes = [unit.code for unit in view.municipalities()]
            share = entitlement_of(load_model(name), view, codes).share
            figures = panel.requests(year, "requested")
            asked = np.array([figures[code].value or 0 for code in codes])
            same.append(1 - np.abs(share - asked / asked.sum()).sum() / 2)
        assert told.format(round(100 * float(np.mean(same)))) in said


@proves("population", "population-power", "last-year", "population-history", "capacity-only")
def test_the_plain_baselines_are_shares_worked_out_by_hand() -> None:
    units = Table(
        {
            "A": {"population": 80_000, "requested": 30, "decided": 45},
            "B": {"population": 10_000, "requested": 10, "decided": 5},
        }
    )
    by_hand = {
        "population": 8 / 9,
        "population-power": 8**0.65 / (8**0.65 + 1),
        "last-year": 3 / 4,
        "population-history": (8 / 9 + 3 / 4) / 2,
        "capacity-only": 0.9,
    }
    found = {name: shares_on(load_model(name), units)["A"] for name in by_hand}
    assert found == pytest.approx(by_hand, abs=1e-12)


@proves("earlier-rounds")
def test_the_second_rule_named_in_advance_is_half_of_each_where_it_has_no_earlier_years() -> None:
    units = Table(
        {"A": {"population": 64_000, "requested": 10}, "B": {"population": 1_000, "requested": 30}}
    )
    found = shares_on(load_model("earlier-rounds"), units)
    size = 64**0.65
    assert found["A"] == pytest.approx(0.5 * size / (size + 1) + 0.5 * 10 / 40, abs=1e-12)
    without = Table({"A": {"population": 64_000}, "B": {"population": 1_000}})
    assert shares_on(load_model("earlier-rounds"), without)["A"] == pytest.approx(size / (size + 1))
