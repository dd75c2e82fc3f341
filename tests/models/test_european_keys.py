"""The keys of the European Union, and Grech's own, against Grech's printed tables."""

import pytest

from allocator.documents import KeyPart, load_model
from allocator.documents.model import Cap
from allocator.program.entitlement import entitlement
from allocator.program.known import Table
from allocator.program.on_table import numbers_on, persons_on, shares_on
from tests.models.rules import changed, golden, proves, table, worst

EU = golden("eu_2015_grech")
STATES = table(
    EU,
    "state",
    population="t1_pop_share",
    gdp="t1_gdp_share",
    unemployment_pct="t1_unemp_pct",
    asylum_per_million="t1_asyl_per_million",
)


@proves("eu-2015")
def test_the_eu_key_of_2015_is_grechs_with_the_official_cap_on_the_corrections() -> None:
    found = shares_on(load_model("eu-2015"), STATES)
    assert worst(found, EU, "state", "re_mu_eu") < 1e-8
    assert sum(found.values()) == pytest.approx(1, abs=1e-12)


def test_the_eu_key_of_2015_is_the_printed_one_with_the_cap_that_grech_used() -> None:
    cap = {"cap": {"factor": 0.3}}
    model = changed("eu-2015", key={"asylum_per_million": cap, "unemployment_pct": cap})
    assert worst(shares_on(model, STATES), EU, "state", "t1_mu") < 1e-4


@proves("eu-2015-may")
def test_the_eu_key_of_may_2015_is_grechs_without_caps() -> None:
    found = shares_on(load_model("eu-2015-may"), STATES)
    assert worst(found, EU, "state", "re_mu_pure") < 1e-8
    assert worst(found, EU, "state", "t1_mu_pure") < 2e-4


@proves("eu-2024")
def test_the_eu_key_of_2024_is_grechs_base() -> None:
    assert worst(shares_on(load_model("eu-2024"), STATES), EU, "state", "t1_base") < 1e-4


@proves("grech")
def test_grechs_own_key_is_the_printed_one() -> None:
    found = shares_on(load_model("grech"), STATES)
    assert worst(found, EU, "state", "re_mu_star2") < 1e-6
    assert worst(found, EU, "state", "t2_mu_star2") < 1e-4


def test_grechs_key_with_unemployment_alone_is_the_printed_one() -> None:
    alone = changed("grech", key={"base": {"modulated": {"asylum_per_million": 0.0}}})
    found = shares_on(alone, STATES)
    assert worst(found, EU, "state", "re_mu_star") < 1e-6
    assert worst(found, EU, "state", "t2_mu_star") < 1e-4


def test_a_key_on_the_states_gives_whole_persons_that_sum_to_the_need() -> None:
    found = numbers_on(load_model("eu-2015"), STATES, 120_000)
    assert sum(found.values()) == 120_000
    exact = persons_on(load_model("eu-2015"), STATES, 120_000)
    assert all(abs(found[code] - exact[code]) < 1 for code in found)


@pytest.mark.parametrize(("cap", "printed"), [(None, (0.8940, 0.1060)), (0.6, (0.9798, 0.0202))])
def test_two_states_give_grechs_examples_with_and_without_a_cap(
    cap: float | None, printed: tuple[float, float]
) -> None:
    states = Table(
        {
            "A": {"population": 49, "unemployment_pct": 9},
            "B": {"population": 1, "unemployment_pct": 11},
        }
    )
    limit = None if cap is None else Cap(factor=cap, basis="population", excess="basis")
    key = {
        "population": KeyPart(weight=0.8),
        "unemployment_pct": KeyPart(weight=0.2, as_="inverse", cap=limit),
    }
    share = entitlement(key, states, states.codes).share
    assert tuple(share.round(4)) == printed
