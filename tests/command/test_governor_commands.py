"""bosett follow-up and bosett fairness: what they print, in every form."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from allocator.cli import main
from allocator.present import fairness as fairness_forms
from allocator.present import follow_up as follow_up_forms

Run = Callable[..., Result]

SPRING = ("follow-up", "2015", "--county", "01", "--vintage", "ostfold-report")
SUMMER = ("follow-up", "2016", "--county", "01", "--vintage", "ostfold-report")


def parsed(bosett: Run, *arguments: str) -> dict[str, Any]:
    result = bosett(*arguments, "--format", "json")
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def text(bosett: Run, *arguments: str) -> str:
    result = bosett(*arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout.replace("\u00a0", " ")


def test_the_follow_up_of_spring_2015_prints_435_331_25_and_104_too_few(bosett: Run) -> None:
    told = text(bosett, *SPRING)
    assert "Østfold, sum of municipalities: 435 requested, 331 decided: 104 too few" in told
    assert "Østfold, unaccompanied minors: 25 decided" in told
    assert "refused (decided 0): Rømskog" in told
    assert "no decision registered: Hobøl" in told
    own = "435 requested, 331 decided, 25 of them minors: 104 too few"
    assert f"the county's own figures (ostfold-report): {own}" in " ".join(told.split())


def test_the_follow_up_of_2016_says_which_figures_are_the_countys_own(bosett: Run) -> None:
    told = text(bosett, *SUMMER)
    assert "sum of municipalities: 780 requested, decided not in this vintage" in told
    assert "unaccompanied minors: 197 requested" in told
    own = "780 requested, 197 of them minors, 724 decided, 107 of them minors: 56 too few"
    assert f"the county's own figures (ostfold-report): {own}" in " ".join(told.split())


def test_the_json_of_a_follow_up_has_rows_counties_and_the_nation(bosett: Run) -> None:
    found = parsed(bosett, "follow-up", "2026")
    assert (found["schema"], found["year"], len(found["rows"])) == (1, 2026, 357)
    assert len(found["counties"]) == 15
    assert found["nation"]["requested"] == 13_000
    for row in found["rows"]:
        for stage in ("requested", "decided", "agreed", "settled"):
            known = row[f"{stage}_status"] in ("reported", "partial")
            assert (row[stage] is not None) == known


def test_a_county_in_a_vintage_of_its_own_has_no_nation_beside_it(bosett: Run) -> None:
    assert parsed(bosett, *SPRING)["nation"] is None
    assert parsed(bosett, "follow-up", "2015", "--county", "01")["nation"]["requested"] == 11_185


@pytest.mark.parametrize("word", ["pending", "hidden", "not asked", "partial", "refused"])
def test_the_table_says_each_status_in_words(bosett: Run, word: str) -> None:
    assert word in text(bosett, "follow-up", "2026")


def test_the_rows_of_csv_and_json_are_the_same(bosett: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(bosett(*SPRING, "--format", "csv").stdout)))
    whole = parsed(bosett, *SPRING)["rows"]
    assert list(rows[0]) == list(whole[0])
    for row, other in zip(rows, whole, strict=True):
        assert row == {name: "" if v is None else str(v) for name, v in other.items()}


@pytest.mark.parametrize("part", follow_up_forms.PARTS)
def test_every_table_of_a_follow_up_can_be_had_as_csv(bosett: Run, part: str) -> None:
    arguments = ("follow-up", "2016", "--years", "2014:2016", "--part", part, "--format", "csv")
    result = bosett(*arguments)
    assert result.exit_code == 0, result.stderr
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert rows
    assert None not in rows[0]
    assert "{" not in result.stdout


@pytest.mark.parametrize("part", fairness_forms.PARTS)
def test_every_table_of_fairness_can_be_had_as_csv(bosett: Run, part: str) -> None:
    held = ("--freedom", "0.1", "--set", 'municipality."1103".capacity=300')
    result = bosett("fairness", "norway-2026", *held, "--part", part, "--format", "csv")
    assert result.exit_code == 0, result.stderr
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert rows
    assert None not in rows[0]
    assert "{" not in result.stdout


@pytest.mark.parametrize(
    ("command", "parts"),
    [("follow-up", follow_up_forms.PARTS), ("fairness", fairness_forms.PARTS)],
)
def test_the_command_offers_the_tables_there_are(command: str, parts: tuple[str, ...]) -> None:
    offered = next(p for p in main.commands[command].params if p.name == "part")
    assert tuple(offered.type.choices) == parts  # type: ignore[attr-defined]


@pytest.mark.parametrize("form", ["table", "json", "csv"])
@pytest.mark.parametrize("command", [SPRING, ("fairness", "ostfold-2016")], ids=lambda c: c[0])
def test_both_speak_every_form_and_write_it_to_a_file(
    bosett: Run, tmp_path: Path, command: tuple[str, ...], form: str
) -> None:
    result = bosett(*command, "--format", form)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout
    out = tmp_path / ("o." + {"table": "txt"}.get(form, form))
    assert bosett(*command, "--out", out).exit_code == 0
    assert out.read_text(encoding="utf-8") == result.stdout


def test_the_trend_of_the_country_is_printed_year_by_year(bosett: Run) -> None:
    told = text(bosett, "follow-up", "2026", "--years", "2014:2026")
    assert re.search(r"^2014 +10 973 +8 084 +77 %", told, re.MULTILINE)
    assert re.search(r"^2023 +38 000 +32 732 partial", told, re.MULTILINE)
    assert re.search(r"^2026 +13 000", told, re.MULTILINE)


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (65, ["follow-up", "2016", "--county", "99"]),
        (65, ["follow-up", "2013"]),
        (65, ["follow-up", "2016", "--vintage", "nope"]),
        (2, ["follow-up", "soon"]),
        (2, ["follow-up", "2016", "--years", "2016:2014"]),
        (2, ["follow-up", "2016", "--out", "x.pdf"]),
        (66, ["follow-up", "2016", "--panel", "no-such-folder"]),
        (66, ["fairness", "ostfold-1816"]),
        (65, ["fairness", "ostfold-2016", "--county", "Oslo"]),
        (65, ["fairness", "ostfold-2016", "--county", "Viken"]),
        (65, ["explain", "ostfold-2016", "--all", "--county", "Oslo"]),
        (3, ["fairness", "ostfold-2016", "--set", "ceiling.per_1000=0"]),
    ],
)
def test_a_wrong_question_ends_with_its_exit_code_and_no_data(
    bosett: Run, code: int, arguments: list[str]
) -> None:
    result = bosett(*arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert "unexpected" not in result.stderr


@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
@pytest.mark.parametrize("asked", [("2025", "--county", "Østfold"), ("2016",), SUMMER[1:]])
def test_the_text_of_a_follow_up_fits_80_columns(
    bosett: Run, lang: str, asked: tuple[str, ...]
) -> None:
    told = text(bosett, "follow-up", *asked, "--lang", lang)
    assert [line for line in told.splitlines() if len(line) > 80] == []


def test_fairness_prints_measures_equals_the_split_and_the_price_of_goals(bosett: Run) -> None:
    told = text(bosett, "fairness", "norway-2026")
    for words in (
        "Gini",
        "Loosemore–Hanby",
        "Lorenz",
        "By county",
        "Equals in different counties",
        "Price of the county split (first against free)",
        "persons are in another municipality with the split",
        "Price of the goals: steady",
    ):
        assert words in told


def test_fairness_of_a_county_tells_of_it_beside_all_and_of_its_equals(bosett: Run) -> None:
    told = text(bosett, "fairness", "norway-2026", "--county", "Finnmark")
    rows = parsed(bosett, "fairness", "norway-2026")["counties"]
    (own,) = (row for row in rows if row["code"] == "56")
    assert re.search(rf"^Finnmark +{own['total']} ", told, re.M)
    assert "The municipalities of Finnmark" in told
    assert re.search(r"^5620  Nordkapp .* 1 +13 +13$", told, re.M)
    assert "Askvoll, Vestland" in told
    found = parsed(bosett, "fairness", "norway-2026", "--county", "56")
    assert (found["county"], found["counties"]) == ("56", [own])
    asked = bosett("fairness", "norway-2026", "--county", "56", "--format", "csv")
    table = list(csv.DictReader(io.StringIO(asked.stdout)))
    assert {row["county"] for row in table} == {"56"}
    assert sum(int(row["total"]) for row in table) == own["total"]


@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
@pytest.mark.parametrize("part", [(), ("--county", "56"), ("--county", "Rogaland")])
def test_the_text_of_fairness_fits_80_columns(
    bosett: Run, lang: str, part: tuple[str, ...]
) -> None:
    told = text(bosett, "fairness", "norway-2026", "--freedom", "0.1", "--lang", lang, *part)
    assert [line for line in told.splitlines() if len(line) > 80] == []


def test_the_json_of_fairness_has_the_lorenz_points_and_the_pairs(bosett: Run) -> None:
    found = parsed(bosett, "fairness", "norway-2026")
    assert (found["schema"], len(found["municipalities"])) == (1, 357)
    points = [point for point in found["lorenz"] if point["by"] == "inhabitants"]
    assert (points[0]["persons_share"], points[-1]["persons_share"]) == (0.0, 1.0)
    pairs = found["equal_treatment"]
    assert pairs["pairs"] >= len(pairs["worst"])
    assert pairs["worst"][0]["gap"] == pairs["largest_gap"]


def test_a_panel_without_county_tables_or_centrality_is_followed_up_all_the_same(
    bosett: Run, panel: Path
) -> None:
    for name in ("requests_county.csv", "requests_nation.csv"):
        (panel / name).unlink()
    catalogue = (panel / "indicators.csv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in catalogue if not line.startswith("ssb_centrality")]
    (panel / "indicators.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    found = parsed(bosett, "follow-up", "2016", "--panel", str(panel))
    assert (found["nation"]["requested"], found["centrality"]) == (18_517, None)
    assert found["nation"]["published"] == []
    assert "not in this vintage" not in text(bosett, "follow-up", "2016", "--panel", str(panel))


def test_a_fault_in_a_county_table_is_told_by_row_and_column(bosett: Run, panel: Path) -> None:
    path = panel / "requests_county.csv"
    path.write_text(path.read_text("utf-8").replace(",415,", ",many,", 1), encoding="utf-8")
    result = bosett("follow-up", "2015", "--panel", panel)
    assert (result.exit_code, result.stdout) == (65, "")
    assert "row 4, column persons: 'many'" in result.stderr


def test_faults_of_several_tables_are_told_together(bosett: Run, panel: Path) -> None:
    for name in ("requests/2016.csv", "population/2016.csv"):
        path = panel / name
        path.write_text(path.read_text("utf-8") + "2016,9998,1,reported,X\n", encoding="utf-8")
    result = bosett("follow-up", "2016", "--panel", panel)
    assert (result.exit_code, result.stdout) == (65, "")
    assert "requests/2016.csv" in result.stderr
    assert "population/2016.csv" in result.stderr


@pytest.mark.parametrize(
    "command",
    [SPRING, ("follow-up", "2026", "--years", "2014:2026"), ("fairness", "norway-2026")],
    ids=" ".join,
)
def test_the_tables_fit_80_columns(bosett: Run, command: tuple[str, ...]) -> None:
    rows = [line for line in text(bosett, *command).splitlines() if re.search(r"\S {2,}\S", line)]
    assert len(rows) > 20
    assert [line for line in rows if len(line) > 80] == []
