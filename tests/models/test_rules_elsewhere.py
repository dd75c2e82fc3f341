"""The rules of other countries against worked cases."""

from fractions import Fraction

import pytest

from allocator.documents import Case, load_model
from allocator.errors import BadDataError
from allocator.program.entitlement import entitlement_of
from allocator.program.known import Table
from allocator.program.on_table import numbers_on, persons_on, shares_on
from allocator.program.prepare import prepare
from tests.models.rules import changed, golden, proves, scenario, table, worst


@proves("denmark")
def test_the_danish_formula_gives_the_worked_case_to_a_millionth() -> None:
    rows = golden("denmark_worked")
    units = table(
        rows,
        "unit",
        population="population",
        immigrants="immigrants_refugees",
        family_reunified="family_reunified_prev_year",
    )
    model = load_model("denmark")
    key = entitlement_of(model, units, units.codes)
    share = dict(zip(units.codes, key.signed.tolist(), strict=True))
    assert worst(share, rows, "unit", "fordelingsandel") < 5e-9
    calculated = dict(zip(units.codes, (1406 * key.signed).tolist(), strict=True))
    assert worst(calculated, rows, "unit", "beregnet") < 1e-6
    assert worst(persons_on(model, units, 1000), rows, "unit", "final_real") < 1e-6
    by_remainder = changed("denmark", whole={"method": "largest-remainder"})
    found = numbers_on(by_remainder, units, 1000)
    assert found == {row["unit"]: int(row["final_int_LRM(assumed)"]) for row in rows}


@proves("nrw")
def test_the_key_of_north_rhine_westphalia_gives_the_worked_case_in_fractions() -> None:
    rows = golden("nrw_worked")
    units = table(rows, "unit", population="population", area_km2="area_km2")
    found = shares_on(load_model("nrw"), units)
    exact = {row["unit"]: Fraction(row["key_exact_fraction"]) for row in rows}
    assert max(abs(found[unit] - float(share)) for unit, share in exact.items()) < 1e-12
    people = sum(int(row["population"]) for row in rows)
    for row in rows:
        ratio = found[row["unit"]] / (int(row["population"]) / people)
        assert (abs(ratio - 1.25) < 1e-12) is (row["capped"] == "True")


@proves("netherlands")
def test_the_dutch_numbers_are_each_rounded_up_and_sum_to_at_least_the_need() -> None:
    people = {"A": 872_000, "B": 645_000, "C": 58_000, "D": 960}
    units = Table({code: {"population": number} for code, number in people.items()})
    found = numbers_on(load_model("netherlands"), units, 10_000)
    everyone = sum(people.values())
    assert found == {code: -(-10_000 * number // everyone) for code, number in people.items()}
    assert sum(found.values()) > 10_000


def test_a_dutch_number_that_is_whole_already_is_not_rounded_up_further() -> None:
    units = Table({"A": {"population": 300}, "B": {"population": 100}})
    assert numbers_on(load_model("netherlands"), units, 400) == {"A": 300, "B": 100}


@proves("koenigstein")
def test_the_koenigstein_key_is_two_thirds_tax_and_one_third_population() -> None:
    units = Table(
        {"A": {"tax_revenue": 60, "population": 30}, "B": {"tax_revenue": 40, "population": 70}}
    )
    found = shares_on(load_model("koenigstein"), units)
    assert found["A"] == pytest.approx(2 / 3 * 0.6 + 1 / 3 * 0.3, abs=1e-12)


@proves("sweden-2014")
def test_the_swedish_key_of_2014_is_its_four_weights() -> None:
    names = ("labour_market", "population", "housing_market", "demography")
    weights = dict(zip(names, (0.45, 0.30, 0.15, 0.10), strict=True))
    for name, weight in weights.items():
        units = Table(
            {"A": {n: 1.0 if n == name else 0.0 for n in names}, "B": dict.fromkeys(names, 1.0)}
        )
        found = shares_on(load_model("sweden-2014"), units)["A"]
        assert found == pytest.approx(weight / 2, abs=1e-12)


@proves("sweden-minors")
def test_each_swedish_child_goes_where_fulfilment_is_lowest() -> None:
    people = {"A": 900_000, "B": 90_000, "C": 9_500, "D": 500}
    units = Table({code: {"population": number} for code, number in people.items()})
    model = load_model("sweden-minors")
    share = shares_on(model, units)
    assert share["D"] == pytest.approx(0.001, abs=1e-15)  # 0.5 ‰ by inhabitants
    assert share["A"] / share["B"] == pytest.approx(10)
    got = dict.fromkeys(people, 0)
    for _ in range(500):
        lowest = min(got, key=lambda code: got[code] / share[code])
        got[lowest] += 1
    assert numbers_on(model, units, 500) == got


@proves("uk-minors")
def test_no_authority_is_asked_for_minors_above_one_in_a_thousand_children() -> None:
    units = Table(
        {
            "Devon": {"population": 800_000, "population_0_17": 150_000, "minors_there": 120},
            "Kent": {"population": 1_500_000, "population_0_17": 340_000, "minors_there": 500},
            "Rutland": {"population": 40_000, "population_0_17": 8_000, "minors_there": 2},
        }
    )
    case = Case("uk", scenario(2023, 200, em=30), "uk-minors", load_model("uk-minors"))
    room = prepare(case, units).problem.box("minors").upper
    assert dict(zip(units.codes, room, strict=True)) == {"Devon": 30, "Kent": 0, "Rutland": 6}
    found = numbers_on(load_model("uk-minors"), units, 200, 30)
    assert sum(found.values()) == 200


def test_dutch_backlog_comes_on_top_of_the_need_and_lead_is_taken_off() -> None:
    units = Table(
        {
            "A": {"population": 600, "backlog": 7, "lead": 0},
            "B": {"population": 300, "backlog": 0, "lead": 0},
            "C": {"population": 101, "backlog": 0, "lead": 20},
            "D": {"population": 9, "backlog": 0, "lead": 5},
        }
    )
    beside = {
        "backlog": {"weight": 1.0, "as": "extra"},
        "lead": {"weight": -1.0, "as": "extra"},
    }
    model = changed("netherlands", key=beside)
    need, people = 1000, {"A": 600, "B": 300, "C": 101, "D": 9}
    by_law = {code: -(-need * number // 1010) for code, number in people.items()}
    assert numbers_on(load_model("netherlands"), units, need) == by_law
    found = numbers_on(model, units, need)
    assert found == {
        "A": by_law["A"] + 7,
        "B": by_law["B"],
        "C": by_law["C"] - 20,
        "D": by_law["D"] - 5,
    }
    key = entitlement_of(model, units, units.codes)
    assert sum(key.own(need)) == pytest.approx(need + 7 - 25, abs=1e-9)


def test_a_lead_beyond_the_dutch_number_leaves_nothing_and_moves_nobody_else() -> None:
    units = Table({"A": {"population": 90, "lead": 0}, "B": {"population": 10, "lead": 40}})
    model = changed("netherlands", key={"lead": {"weight": -1.0, "as": "extra"}})
    assert numbers_on(model, units, 100) == {"A": 90, "B": 0}


def test_what_is_beside_the_need_is_refused_where_the_numbers_must_sum_to_it() -> None:
    with pytest.raises(BadDataError, match="total = 'own' goes with it"):
        changed("population", key={"backlog": {"weight": 1.0, "as": "extra"}})
