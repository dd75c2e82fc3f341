"""bosett models and bosett models audit: the list stays the list, the audit has every form."""

import csv
import io
import json
from collections.abc import Callable

import pytest
from click.testing import Result

from allocator.audit.keys import Audit, audit_key
from allocator.documents import load_model
from allocator.panel import Panel
from allocator.present.audit import audit
from allocator.present.language import speaking
from allocator.study.national import national_case

Run = Callable[..., Result]

AUDIT = ("models", "audit", "imdi-2018")


def test_the_list_tells_the_years_a_rule_held(bosett: Run) -> None:
    table = bosett("models").stdout
    assert any(line.split()[:2] == ["imdi-2018", "2018"] for line in table.splitlines())
    listed = json.loads(bosett("models", "--format", "json").stdout)["models"]
    held = {row["name"]: (row["valid_from"], row["valid_to"]) for row in listed}
    assert (held["imdi-2018"], held["denmark"]) == ((2018, 2018), (2022, None))
    assert held["population"] == (None, None)
    rows = list(csv.DictReader(io.StringIO(bosett("models", "--format", "csv").stdout)))
    assert {row["name"]: row["valid_from"] for row in rows}["denmark"] == "2022"
    assert json.loads(bosett("models", "--schema").stdout)["title"] == "Model"


def test_the_json_of_an_audit_has_rows_responses_pairs_and_paradoxes(bosett: Run) -> None:
    found = json.loads(bosett(*AUDIT, "--format", "json").stdout)
    assert (found["schema"], found["model"], found["year"]) == (1, "imdi-2018", 2018)
    assert [row["stated"] for row in found["rows"]] == [0.7, 0.2, 0.1]
    assert {row["indicator"] for row in found["responses"]} >= {"population", "employed_all_pct"}
    assert found["pairs"]["compared"] > 0
    assert found["paradoxes"][0]["paradox"] == "alabama"


@pytest.fixture(scope="module")
def audited() -> Audit:
    panel, model = Panel(), load_model("imdi-2018")
    return audit_key(national_case(panel, 2018, "imdi-2018", model), panel)


@pytest.mark.parametrize(
    ("part", "columns"),
    [
        ("criteria", {"criterion", "stated", "effective", "r2"}),
        ("responses", {"code", "name", "indicator", "persons"}),
        ("paradoxes", {"paradox", "tried", "numbers", "other_numbers"}),
    ],
)
def test_each_part_of_an_audit_is_a_table_of_its_own(
    audited: Audit, part: str, columns: set[str]
) -> None:
    rows = list(csv.DictReader(io.StringIO(audit(audited, "csv", part))))
    assert set(rows[0]) >= columns


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("population in disguise", "One per cent more", "Paradox pairs")),
        ("nb", ("folketall i forkledning", "Én prosent mer", "Paradoksale par")),
        ("nn", ("folketal i forkledning", "Éin prosent meir", "Paradoksale par")),
    ],
)
def test_the_audit_is_told_in_three_languages(
    audited: Audit, lang: str, words: tuple[str, ...]
) -> None:
    with speaking(lang):
        told = audit(audited, "table")
    assert all(word in " ".join(told.split()) for word in words)
    assert max(map(len, told.splitlines())) <= 80


@pytest.mark.parametrize(
    ("code", "arguments", "told"),
    [
        (2, ["audti", "population"], "audit"),
        (2, ["--schema", "audit", "population"], "options go after 'audit'"),
        (2, ["audit", "population", "--year", "soon"], "--year"),
        (65, ["audit", "population", "--year", "2030"], "no requests for 2030"),
        (65, ["audit", "nrw"], "no indicator 'area_km2'"),
        (66, ["audit", "populaton"], "did you mean 'population'"),
    ],
)
def test_what_cannot_be_audited_is_told_and_gives_no_data(
    bosett: Run, code: int, arguments: list[str], told: str
) -> None:
    result = bosett("models", *arguments)
    assert (result.exit_code, result.stdout) == (code, ""), result.stderr
    assert told in result.stderr


def test_a_rule_of_a_change_within_the_year_is_audited_on_a_day_of_that_year(bosett: Run) -> None:
    early = bosett("models", "audit", "imdi-2020-cut")
    assert early.exit_code == 65
    assert "was not known on 2019-10-31" in early.stderr
    told = bosett("models", "audit", "imdi-2020-cut", "--as-of", "2020-06-01", "--format", "json")
    assert json.loads(told.stdout)["as_of"] == "2020-06-01"
