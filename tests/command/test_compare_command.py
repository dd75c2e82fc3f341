"""bosett compare, models, scenarios: what they print, in every form."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from allocator.documents import shipped_names
from allocator.locate import shipped

Run = Callable[..., Result]

METRICS = {
    "overlap",
    "mae",
    "max_abs",
    "exact",
    "within_5",
    "spearman",
    "gini_proposal",
    "gini_actual",
}


def compared(bosett: Run, *arguments: str) -> dict[str, Any]:
    result = bosett("compare", *arguments, "--format", "json")
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_ostfold_2016_is_within_6_per_cent_of_what_the_report_prints(bosett: Run) -> None:
    found = compared(bosett, "ostfold-2016")
    assert found["vintage"] == "ostfold-report"
    assert found["metrics"]["overlap"] >= 0.94
    assert found["actual_total"] == found["proposed_total"] == 780


def test_the_minors_of_ostfold_2016_are_compared_with_the_197_of_the_report(bosett: Run) -> None:
    found = compared(bosett, "ostfold-2016", "--minors")
    assert (found["group"], found["actual_total"], found["proposed_total"]) == ("em", 197, 197)


def test_the_overlap_is_what_the_rows_say(bosett: Run) -> None:
    found = compared(bosett, "ostfold-2016")
    rows = found["municipalities"]
    gap = sum(abs(row["difference"]) for row in rows)
    assert found["metrics"]["overlap"] == pytest.approx(1 - gap / 2 / 780, abs=1e-6)
    assert all(row["proposed"] - row["actual"] == row["difference"] for row in rows)


def test_the_json_of_compare_has_with_metrics_actual_and_difference(bosett: Run) -> None:
    found = compared(bosett, "ostfold-2016")
    assert (found["schema"], found["with"]) == (1, "requested")
    assert set(found["metrics"]) >= METRICS
    assert {"scenario", "model", "year", "municipalities", "warnings"} <= set(found)
    for row in found["municipalities"]:
        assert {"code", "name", "actual", "actual_status", "difference"} <= set(row)


def test_compare_adds_to_the_fields_of_propose(bosett: Run) -> None:
    result = bosett("propose", "ostfold-2016", "--format", "json")
    proposal, found = json.loads(result.stdout), compared(bosett, "ostfold-2016")
    rows, own = found.pop("municipalities"), proposal.pop("municipalities")
    assert {name: found[name] for name in proposal} == proposal
    assert set(found) - set(proposal) >= {"with", "vintage", "metrics", "left_out"}
    for mine, other in zip(rows, own, strict=True):
        assert {name: mine[name] for name in other} == other


@pytest.mark.parametrize(
    ("scenario", "stage", "left_out"),
    [
        ("ostfold-2016", "requested", set()),
        ("norway-2026", "requested", set()),
        ("norway-2026", "decided", {"pending", "not_requested"}),
        ("norway-2026", "settled", {"partial", "suppressed"}),
    ],
)
def test_figures_that_are_not_reported_are_left_out_counted_and_never_0(
    bosett: Run, scenario: str, stage: str, left_out: set[str]
) -> None:
    found = compared(bosett, scenario, "--with", stage)
    assert left_out <= set(found["left_out"])
    rows = found["municipalities"]
    assert found["metrics"]["municipalities"] + sum(found["left_out"].values()) == len(rows)
    for row in rows:
        if row["actual_status"] not in ("reported", "partial"):
            assert row["actual"] is None
            assert row["difference"] is None
    if found["left_out"]:
        assert any("never taken as 0" in warning for warning in found["warnings"])


def test_the_totals_of_a_comparison_are_over_the_same_municipalities(bosett: Run) -> None:
    found = compared(bosett, "norway-2026", "--with", "decided")
    rows = found["municipalities"]
    both = [row for row in rows if row["actual_status"] == "reported"]
    told = "\n".join(found["warnings"])
    assert found["proposed_total"] == sum(row["proposed"] for row in both)
    assert found["actual_total"] == sum(row["actual"] for row in both)
    assert found["difference_total"] == sum(row["difference"] for row in both)
    assert sum(found["left_out"].values()) == len(rows) - len(both) > 0
    assert str(sum(row["proposed"] for row in both)) in told
    assert str(sum(row["actual"] for row in both)) in told


def test_the_table_shows_the_word_where_there_is_no_number(bosett: Run) -> None:
    lines = bosett("compare", "norway-2026", "--with", "decided").stdout.splitlines()
    assert any("pending" in line for line in lines)
    assert any("not requested" in line for line in lines)


def test_the_csv_of_compare_has_the_rows_of_its_json(bosett: Run) -> None:
    result = bosett("compare", "norway-2026", "--with", "decided", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    whole = compared(bosett, "norway-2026", "--with", "decided")["municipalities"]
    assert [row["code"] for row in rows] == [row["code"] for row in whole]
    assert {r["actual"] for r in rows if r["actual_status"] == "pending"} == {""}


@pytest.mark.parametrize("form", ["table", "json", "csv"])
@pytest.mark.parametrize(
    "command", [["compare", "ostfold-2016"], ["models"], ["scenarios"]], ids=lambda c: c[0]
)
def test_every_command_speaks_every_form_on_stdout_alone(
    bosett: Run, tmp_path: Path, command: list[str], form: str
) -> None:
    result = bosett(*command, "--format", form)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout
    out = tmp_path / ("o." + {"table": "txt"}.get(form, form))
    written = bosett(*command, "--out", out)
    assert (written.exit_code, written.stdout) == (0, "")
    assert out.read_text(encoding="utf-8") == result.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ostfold-2016", "--vintage", "ostfold-reprt"], "did you mean 'ostfold-report'?"),
        (["norway-2027"], "no requested figures"),
        (["norway-2026", "--with", "decided", "--minors"], "no decided figures (em"),
    ],
)
def test_nothing_to_compare_with_is_bad_data_that_says_what_there_is(
    bosett: Run, arguments: list[str], told: str
) -> None:
    result = bosett("compare", *arguments)
    assert (result.exit_code, result.stdout) == (65, "")
    assert told in result.stderr


@pytest.mark.parametrize("kind", ["models", "scenarios"])
def test_the_list_of_documents_names_each_with_its_title_and_source(bosett: Run, kind: str) -> None:
    found = json.loads(bosett(kind, "--format", "json").stdout)
    assert found["schema"] == 1
    assert [row["name"] for row in found[kind]] == shipped_names(kind)
    assert all(row["title"] and row["source"] for row in found[kind])
    table = bosett(kind).stdout
    assert all(name in table for name in shipped_names(kind))


def test_the_year_of_a_scenario_is_a_number_in_json(bosett: Run) -> None:
    found = json.loads(bosett("scenarios", "--format", "json").stdout)["scenarios"]
    assert {type(row["year"]) for row in found} == {int}


@pytest.mark.parametrize(("kind", "name"), [("models", "model"), ("scenarios", "scenario")])
def test_the_schema_that_is_printed_is_the_one_beside_the_documents(
    bosett: Run, kind: str, name: str
) -> None:
    result = bosett(kind, "--schema")
    committed = (shipped(kind) / f"{name}.schema.json").read_text(encoding="utf-8")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == committed


# -- two proposals ---------------------------------------------------------------------------------


def test_two_models_are_compared_with_what_explains_the_difference(bosett: Run) -> None:
    told = bosett("compare", "norway-2026", "--against-model", "imdi-2018")
    assert told.exit_code == 0, told.stderr
    assert "norway-2026 (population-history) → norway-2026 (imdi-2018)" in told.stdout
    assert "one family at a time" in told.stdout
    assert "no longer asked: " in told.stdout
    tables = [line for line in told.stdout.splitlines() if re.match(r"\d{4}  ", line)]
    assert max(map(len, tables)) <= 80


def test_the_json_and_csv_of_two_proposals_add_up(bosett: Run) -> None:
    arguments = ("compare", "ostfold-2016", "--against-set", "need.total=700", "--against-set")
    found = json.loads(bosett(*arguments, "lot.persons=15", "--format", "json").stdout)
    assert [step["step"] for step in found["steps"]] == ["total", "lot"]
    rows = list(
        csv.DictReader(io.StringIO(bosett(*arguments, "lot.persons=15", "--format", "csv").stdout))
    )
    assert len(rows) == len(found["municipalities"]) == 18
    for row, fields in zip(rows, found["municipalities"], strict=True):
        assert int(row["difference"]) == int(row["by_total"]) + int(row["by_lot"])
        assert fields["difference"] == sum(fields["by"].values()) == int(row["difference"])
    assert found["second"]["settings"] == ["need.total=700", "lot.persons=15"]


def test_without_a_second_scenario_the_settings_hold_for_both(bosett: Run) -> None:
    found = compared(
        bosett, "ostfold-2016", "--set", "need.total=700", "--against-model", "population"
    )
    assert found["first_total"] == found["second_total"] == 700


def test_with_a_second_scenario_the_settings_are_of_the_first(bosett: Run) -> None:
    found = compared(bosett, "ostfold-2016", "ostfold-2015", "--set", "need.total=700")
    assert (found["first_total"], found["second_total"]) == (700, 435)


def test_two_proposals_are_not_compared_with_figures_too(bosett: Run) -> None:
    told = bosett("compare", "ostfold-2016", "ostfold-2015", "--with", "decided")
    assert told.exit_code == 2
    assert "not with a proposal" in told.stderr


@pytest.mark.parametrize(("lang", "word"), [("nb", "anmodes om færre"), ("nn", "oppmoda om færre")])
def test_two_proposals_are_compared_in_norwegian(bosett: Run, lang: str, word: str) -> None:
    assert word in bosett("compare", "ostfold-2016", "ostfold-2015", "--lang", lang).stdout


def test_two_vintages_are_compared(bosett: Run) -> None:
    told = bosett(
        "compare", "ostfold-2016", "--vintage", "ostfold-report", "--against-vintage", "final"
    )
    assert "requested 2016, vintage ostfold-report → requested 2016, vintage final" in told.stdout
    assert "10 persons are in another municipality" in told.stdout


# -- over other borders ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "said", "estimates"),
    [
        ("en", "here it is on those of 2026, 46 of which are the sum of several", "~ 5 numbers"),
        ("nb", "ført over på dem i 2026, der 46 er summen av flere", "~ 5 tall er anslag"),
        ("nn", "førte over på dei i 2026, der 46 er summen av fleire", "~ 5 tal er anslag"),
    ],
)
def test_proposals_over_other_borders_are_compared_in_every_language(
    bosett: Run, lang: str, said: str, estimates: str
) -> None:
    result = bosett("compare", "norway-2017", "norway-2026", "--lang", lang)
    assert result.exit_code == 0, result.stderr
    told = " ".join(result.stdout.split())
    assert said in told
    assert estimates in told
    assert "Moss: Moss 65 + Rygge 30" in told
    assert re.search(r"^5056  Hitra  .* ~13  ", result.stdout, re.MULTILINE)
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_the_json_and_csv_name_what_a_carried_number_is_made_of(bosett: Run) -> None:
    found = compared(bosett, "norway-2026", "norway-2017")
    assert found["borders"] == {"carried": "second", "start": 2017, "end": 2026}
    assert (found["first_total"], found["second_total"]) == (13_000, 12_714)
    rows = {row["code"]: row for row in found["municipalities"]}
    assert rows["5056"]["estimated"]
    assert [part["name"] for part in rows["3103"]["carried_from"]] == ["Moss", "Rygge"]
    for row in rows.values():
        if row["carried_from"]:
            assert row["second"] == sum(part["persons"] for part in row["carried_from"])
    told = bosett("compare", "norway-2026", "norway-2017", "--format", "csv").stdout
    moss = next(row for row in csv.DictReader(io.StringIO(told)) if row["code"] == "3103")
    assert (moss["carried_from"], moss["estimated"]) == ("0104+0136", "False")


def test_what_is_shown_in_part_is_counted_among_those_left_out(bosett: Run) -> None:
    found = compared(bosett, "ostfold-2016", "norway-2026")
    assert found["first_total"] + found["first_left_out"] == 780
    assert found["second_total"] + found["second_left_out"] == 13_000
    told = bosett("compare", "ostfold-2016", "norway-2026").stdout
    assert re.search(r"Aurskog-Høl\S* .* 10 \(in part\) ", told)
    assert "Aurskog-Høland: Rømskog 10" in told
