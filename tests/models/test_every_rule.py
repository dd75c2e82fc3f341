"""Every shipped rule is proven by a test, and runs on the year it is of with the need of that year.

A rule whose indicators the panel does not hold says so: in its document, and when it is run.
"""

import datetime as dt

import pytest

from allocator.documents import Case, load_model, shipped_names
from allocator.engine import prepare_case, propose_case
from allocator.errors import BadDataError
from allocator.panel import Panel
from tests.models import test_european_keys, test_norwegian_rules, test_rules_elsewhere
from tests.models.rules import PROVEN, scenario

# IMDi, bosatt_anmodede: the final national request.
NEED = {2018: 5350, 2019: 5350, 2020: 3602, 2022: 35_000, 2024: 37_000, 2026: 13_000}
YEAR = {
    "imdi-2018": 2018,
    "imdi-2019": 2019,
    "imdi-2020-cut": 2020,
    "imdi-2022": 2022,
    "imdi-2024": 2024,
}
# The first request of a year is known from November of the year before.
LATER = {"imdi-2020-cut": dt.date(2020, 6, 1), "imdi-2022": dt.date(2022, 4, 1)}
NOT_IN_THE_PANEL = {
    "denmark": "immigrants",
    "eu-2015": "gdp",
    "eu-2015-may": "gdp",
    "eu-2024": "gdp",
    "grech": "gdp",
    "koenigstein": "tax_revenue",
    "nrw": "area_km2",
    "storting-2012": "area_km2",
    "sweden-2014": "labour_market",
    "uk-minors": "minors_there",
}
PANEL = Panel()


def case(name: str) -> Case:
    year = YEAR.get(name, 2026)
    em = 651 if name == "uk-minors" else 0
    return Case(name, scenario(year, NEED[year], LATER.get(name), em), name, load_model(name))


def test_every_shipped_rule_has_a_golden_or_a_worked_test() -> None:
    assert all((test_european_keys, test_norwegian_rules, test_rules_elsewhere))
    assert sorted(PROVEN) == shipped_names("models")


@pytest.mark.parametrize("name", sorted(set(shipped_names("models")) - set(NOT_IN_THE_PANEL)))
def test_a_rule_runs_on_the_year_it_is_of_and_meets_its_total(name: str) -> None:
    found = propose_case(case(name), PANEL)
    assert found.status == "optimal"
    assert found.total == found.need["total"]
    own = load_model(name).whole.total == "own"
    assert own or found.total == NEED[YEAR.get(name, 2026)]
    assert any("own numbers sum to" in warning for warning in found.warnings) is own


@pytest.mark.parametrize(("name", "indicator"), NOT_IN_THE_PANEL.items())
def test_a_rule_without_its_figures_says_so_in_its_document_and_when_it_is_run(
    name: str, indicator: str
) -> None:
    assert "The Norwegian panel has no" in load_model(name).not_modelled
    with pytest.raises(BadDataError, match=f"there is no indicator '{indicator}' in the panel"):
        propose_case(case(name), PANEL)


@pytest.mark.parametrize("name", shipped_names("models"))
def test_a_rule_of_some_years_held_in_the_year_it_is_tried_on(name: str) -> None:
    model, year = load_model(name), YEAR.get(name)
    if year is not None:
        assert (model.valid_from, model.valid_to) == (year, year)
    assert (model.valid_from or 0) <= (model.valid_to or 2200)


@pytest.mark.parametrize(
    "name", ["population-history", "imdi-2018", "netherlands", "sweden-minors"]
)
def test_inhabitants_that_are_missing_are_those_of_the_year_before_and_it_is_told(
    name: str,
) -> None:
    case_2017 = Case(name, scenario(2017, 12_714), name, load_model(name))
    prepared = prepare_case(case_2017, PANEL)
    told = {warning for warning in prepared.warnings if "2016 is missing" in warning}
    assert told == {
        f"population of {code} is from 2015: 2016 is missing" for code in ("0704", "0710")
    }
    # Sandefjord, on its new borders: the three that became it in 2017, on 1 January 2015.
    before = PANEL.borders.carry(PANEL.population(2015), 2015, 2017)["0710"].value
    population = next(part for part in prepared.key.parts if part.name == "population")
    asked = [c for c, e in zip(prepared.units.codes, prepared.key.signed, strict=True) if e]
    assert population.values[asked.index("0710")] == before
