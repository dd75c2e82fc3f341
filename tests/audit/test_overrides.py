"""What is known of single municipalities: listed in full, and what it costs the others."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from allocator.audit.overrides import costs
from allocator.documents import load_case, load_scenario, shipped_names
from allocator.engine import propose_case
from allocator.panel import Panel

Run = Callable[..., Result]

PANEL = Panel()
FULL = 'municipality."0104".capacity=60'
WHY = 'municipality."0104".reason=the reception class is full'
EXEMPT = 'municipality."0111".exempt=true'


def test_everything_that_is_said_of_a_municipality_is_listed_with_its_reason() -> None:
    proposal = propose_case(load_case("ostfold-2016", [FULL, WHY, EXEMPT]), PANEL)
    told = [(one["code"], one["what"], one["value"], one["reason"]) for one in proposal.overrides]
    assert told == [
        ("0104", "capacity", 60, "the reception class is full"),
        ("0111", "exempt", True, ""),
        ("0121", "note", None, "Rømskog: 672 inhabitants, the smallest in the county"),
    ]


def test_what_is_set_without_a_reason_is_warned_of() -> None:
    told = propose_case(load_case("ostfold-2016", [FULL, WHY, EXEMPT]), PANEL).warnings
    assert "exempt of Hvaler (0111) is set without a reason" in told
    assert not any("Moss" in warning for warning in told)


@pytest.mark.parametrize("name", shipped_names("scenarios"))
def test_no_shipped_scenario_sets_anything_without_a_reason(name: str) -> None:
    scenario = load_scenario(name)
    said = [scenario.municipality, *(one.municipality for one in scenario.override.values())]
    for locals_ in said:
        assert [code for code, one in locals_.items() if one.settings and not one.reason] == []


def test_what_one_is_spared_the_others_take() -> None:
    case = load_case("ostfold-2016", [FULL, WHY, EXEMPT])
    proposal = propose_case(case, PANEL)
    moss, hvaler, every = costs(case, proposal, PANEL)
    assert (moss.own, moss.without, moss.others) == (60, 80, 20)
    for cost in (moss, hvaler, every):
        assert cost.without is not None
        assert cost.others == cost.without - cost.own
        assert cost.county == cost.others  # one county: all of it
    assert every.override["what"] == "all"
    free = propose_case(load_case("ostfold-2016"), PANEL)
    asked = {one.code: one.total for one in free.municipalities}
    assert every.without == asked["0104"] + asked["0111"]
    assert every.even_without == free.goals[1]["value"]


def test_an_override_without_which_there_is_no_proposal_says_so() -> None:
    case = load_case("ostfold-2016", ["band.up=0.1", 'municipality."0106".band_most=700'])
    [cost] = costs(case, propose_case(case, PANEL), PANEL)
    assert (cost.without, cost.others, cost.even_change) == (None, None, None)
    assert "no proposal: Østfold can take 474 of 780 persons" in cost.why


def test_a_scenario_that_says_nothing_has_an_empty_log_and_no_costs(bosett: Run) -> None:
    case = load_case("ostfold-2015")
    proposal = propose_case(case, PANEL)
    assert proposal.overrides == ()
    assert costs(case, proposal, PANEL) == ()
    assert "Overrides" not in bosett("propose", "ostfold-2015").stdout


@pytest.mark.parametrize("command", ["propose", "compare", "fairness"])
def test_every_output_lists_the_overrides(bosett: Run, command: str) -> None:
    arguments = (command, "ostfold-2016", "--set", FULL, "--set", WHY)
    assert "Moss (0104)     capacity     60  the reception class is full" in (
        bosett(*arguments).stdout
    )
    found = json.loads(bosett(*arguments, "--format", "json").stdout)["overrides"]
    assert found[0]["code"] == "0104"
    assert found[0]["what"] == "capacity"


def test_two_proposals_list_the_overrides_of_both(bosett: Run) -> None:
    told = bosett("compare", "ostfold-2016", "--against-set", FULL, "--against-set", WHY)
    assert "the reception class is full" in told.stdout
    assert " ".join(told.stdout.split()).count("the smallest in the county") == 1


@pytest.mark.parametrize("command", ["compare", "fairness"])
def test_the_costs_are_told_when_asked_for(bosett: Run, command: str) -> None:
    arguments = (command, "ostfold-2016", "--set", FULL, "--set", WHY, "--overrides")
    assert "What the overrides cost the others" in bosett(*arguments).stdout
    found = json.loads(bosett(*arguments, "--format", "json").stdout)["overrides"]
    assert (found[0]["own"], found[0]["without"], found[0]["others"]) == (60, 80, 20)
    assert "Hva overstyringene koster de andre" in bosett(*arguments, "--lang", "nb").stdout


def test_the_log_of_fairness_is_a_csv_of_its_own(bosett: Run) -> None:
    told = bosett("fairness", "ostfold-2016", "--part", "overrides", "--format", "csv").stdout
    assert told.splitlines()[0] == "code,name,what,value,reason"


def test_a_run_folder_holds_the_log_and_is_verified(bosett: Run, tmp_path: Path) -> None:
    bosett("propose", "ostfold-2016", "--set", FULL, "--set", WHY, "--out", f"{tmp_path}/")
    (run,) = tmp_path.iterdir()
    assert json.loads((run / "proposal.json").read_text("utf-8"))["overrides"][0]["value"] == 60
    assert bosett("verify", run).exit_code == 0
