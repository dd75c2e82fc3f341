"""A panel of one's own works wherever the shipped one does, also for another country's units.

The country: Danish codes in four digits (0101 København) and regions in two; all figures are made
up, and so is the request of 100 persons.
"""

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import allocator.commands
from allocator.documents.copying import copy_of
from allocator.engine import propose
from allocator.locate import shipped

Run = Callable[..., Result]

TABLES = {
    "municipalities.csv": "code,name,county,valid_from,valid_to,source\n"
    "0101,København,84,2007,,DK\n0147,Frederiksberg,84,2007,,DK\n"
    "0259,Køge,85,2007,,DK\n0265,Roskilde,85,2007,,DK\n0400,Bornholm,84,2007,,DK\n",
    "counties.csv": "code,name,valid_from,valid_to,source\n"
    "84,Hovedstaden,2007,,DK\n85,Sjælland,2007,,DK\n",
    "changes.csv": "year,old_code,new_code,kind,weight,restores,basis,source\n",
    "sources.csv": "source,what,publisher,where,path,revision,licence,note\nDK,made up,,,,,,\n",
    "vintages.csv": "vintage,title,known,source,note\nfinal,final,,DK,\n",
    "stages.csv": "stage,year,known_month_day,year_offset,note\nrequested,,10-01,0,\n"
    "decided,,01-15,1,\nsettled,,02-01,1,\npopulation,,03-01,0,\n",
    "indicators.csv": "indicator,title,unit,kind,reference,lag_months,source,note\n",
    "requests_county.csv": "year,county,group,stage,vintage,persons,status,source,note\n",
    "requests_nation.csv": "year,group,stage,persons,source,note\n",
    "population/2025.csv": "year,code,persons,status,source,note\n"
    "2025,0101,60000,reported,DK,\n2025,0147,10000,reported,DK,\n2025,0259,6000,reported,DK,\n"
    "2025,0265,9000,reported,DK,\n2025,0400,4000,reported,DK,\n",
    "requests/2025.csv": "year,code,group,stage,vintage,persons,status,source,note\n"
    "2025,0101,total,requested,final,40,reported,DK,\n"
    "2025,0147,total,requested,final,10,reported,DK,\n"
    "2025,0259,total,requested,final,10,reported,DK,\n"
    "2025,0265,total,requested,final,10,reported,DK,\n"
    "2025,0400,total,requested,final,5,reported,DK,\n",
    "requests/2026.csv": "year,code,group,stage,vintage,persons,status,source,note\n"
    "2026,0101,total,requested,final,70,reported,DK,\n"
    "2026,0147,total,requested,final,10,reported,DK,\n"
    "2026,0259,total,requested,final,5,reported,DK,\n"
    "2026,0265,total,requested,final,10,reported,DK,\n"
    "2026,0400,total,requested,final,5,reported,DK,\n"
    "2026,0400,total,decided,final,5,reported,DK,\n",
}
SCENARIO = """title = "Another country, 100 persons"
source = "made up"
year = 2026
model = "population"
[need]
total = 100
"""


@pytest.fixture
def country(tmp_path: Path) -> Path:
    """The panel of a small country, in a folder beside the scenarios of a user."""
    folder = tmp_path / "data" / "denmark"
    for name, text in TABLES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


@pytest.fixture
def scenario(country: Path, tmp_path: Path) -> Path:
    """A scenario that names that panel by its path from its own place."""
    path = tmp_path / "cases" / "case.toml"
    path.parent.mkdir()
    path.write_text(SCENARIO + '[panel]\nfolder = "../data/denmark"\n', "utf-8")
    return path


def asked(text: str) -> dict[str, int]:
    return {row["name"]: row["total"] for row in json.loads(text)["municipalities"]}


def test_another_countrys_units_are_asked_by_population(scenario: Path) -> None:
    proposal = propose(str(scenario))
    assert proposal.total == 100
    assert {request.name: request.total for request in proposal.municipalities} == {
        "København": 67,
        "Frederiksberg": 11,
        "Køge": 7,
        "Roskilde": 10,
        "Bornholm": 5,
    }


def test_a_panel_in_the_scenario_and_one_on_the_command_line_are_the_same(
    bosett: Run, scenario: Path, country: Path, tmp_path: Path
) -> None:
    plain = tmp_path / "plain.toml"
    plain.write_text(SCENARIO, "utf-8")
    inside = bosett("propose", scenario, "--format", "json")
    outside = bosett("propose", plain, "--panel", country, "--format", "json")
    assert asked(inside.stdout) == asked(outside.stdout)
    assert inside.exit_code == outside.exit_code == 0


def test_the_command_line_wins_over_the_scenario(bosett: Run, scenario: Path) -> None:
    found = bosett(
        "propose", scenario, "--panel", shipped("scenarios") / "panel", "--set", "year=2026"
    )
    assert "Fredrikstad" in found.stdout


@pytest.mark.parametrize(
    "command",
    [
        ("propose",),
        ("compare",),
        ("compare", "--with", "decided"),
        ("fairness",),
        ("explain", "Bornholm"),
    ],
)
def test_every_command_on_a_scenario_takes_its_panel(
    bosett: Run, scenario: Path, command: tuple[str, ...]
) -> None:
    from allocator.cli import main

    if command[0] not in main.commands:
        pytest.skip(f"there is no {command[0]} yet")
    found = bosett(command[0], scenario, *command[1:])
    assert found.exit_code == 0, found.output
    assert "Bornholm" in found.stdout


def test_a_sweep_stands_on_the_panel_of_its_scenario(bosett: Run, scenario: Path) -> None:
    found = bosett("sweep", scenario, "--vary", "need.total=100:120:10", "--format", "csv")
    assert found.exit_code == 0, found.output
    assert "Bornholm" in found.stdout or "0400" in found.stdout


def test_follow_up_and_check_take_the_folder(bosett: Run, country: Path) -> None:
    found = bosett("follow-up", "2026", "--panel", country)
    assert found.exit_code == 0, found.output
    assert "Bornholm" in found.stdout


def test_a_run_of_another_panel_verifies_and_names_no_place_of_this_machine(
    bosett: Run, scenario: Path, tmp_path: Path
) -> None:
    assert bosett("propose", scenario, "--out", f"{tmp_path}/runs/").exit_code == 0
    (run,) = (tmp_path / "runs").iterdir()
    manifest = (run / "manifest.json").read_text("utf-8")
    assert str(tmp_path) not in manifest
    assert "panel/population/2025.csv" in manifest
    assert bosett("verify", run).exit_code == 0
    moved = tmp_path / "elsewhere"
    (tmp_path / "data").rename(moved)
    scenario.write_text(SCENARIO + '[panel]\nfolder = "../elsewhere/denmark"\n', "utf-8")
    assert bosett("propose", scenario, "--out", f"{tmp_path}/runs/").exit_code == 0
    assert len(list((tmp_path / "runs").iterdir())) == 1  # the same inputs, the same run


def test_a_base_hands_its_panel_down_from_its_own_place(scenario: Path, tmp_path: Path) -> None:
    later = tmp_path / "later.toml"
    later.write_text('base = "cases/case.toml"\n[need]\ntotal = 50\n', "utf-8")
    assert propose(str(later)).total == 50


def test_a_copy_of_a_scenario_finds_the_same_panel(scenario: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.toml").write_text(copy_of(str(scenario), tmp_path), "utf-8")
    assert propose(str(tmp_path / "copy.toml")).total == 100


def test_a_panel_that_is_not_there_is_told_by_its_path(bosett: Run, scenario: Path) -> None:
    scenario.write_text(SCENARIO + '[panel]\nfolder = "nowhere"\n', "utf-8")
    found = bosett("propose", scenario)
    assert found.exit_code == 66
    assert "there is no panel folder" in found.stderr
    assert "cases/nowhere" in found.stderr


def test_a_key_that_panel_does_not_know_is_refused(bosett: Run, scenario: Path) -> None:
    scenario.write_text(SCENARIO + '[panel]\nfolde = "x"\n', "utf-8")
    found = bosett("propose", scenario)
    assert found.exit_code == 65
    assert "folde" in found.stderr


@pytest.mark.parametrize(
    "path",
    sorted(Path(allocator.commands.__file__).parent.glob("*.py")),
    ids=lambda path: path.name,
)
def test_no_command_on_a_scenario_passes_its_panel_by(path: Path) -> None:
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef) and "load_case(" in ast.unparse(node):
            assert "Panel(panel)" not in ast.unparse(node), f"{node.name}: use engine.panel_of"
