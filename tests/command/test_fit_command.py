"""bosett fit: every form, three languages, and words for what cannot be done."""

import csv
import io
import json
from collections.abc import Callable

import pytest
from click.testing import Result

Run = Callable[..., Result]

FEW = ("fit", "2016", "--criteria", "population^0.65,requested")


def test_the_json_has_a_row_for_each_criterion_and_the_try_on_the_next_year(bosett: Run) -> None:
    found = json.loads(bosett(*FEW, "--format", "json").stdout)
    assert found["schema"] == 1
    assert [row["criterion"] for row in found["rows"]] == ["population^0.65", "requested"]
    assert sum(row["weight"] for row in found["rows"]) == pytest.approx(1, abs=1e-5)
    assert (found["year"], found["with"], found["scored"]["year"]) == (2016, "requested", 2017)
    assert found["scored"]["baselines"]["last-year"] > 0.9


def test_the_csv_has_the_rows_and_columns_of_the_json(bosett: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(bosett(*FEW, "--format", "csv").stdout)))
    whole = json.loads(bosett(*FEW, "--format", "json").stdout)["rows"]
    assert list(rows[0]) == ["year", *whole[0]]
    assert [row["weight"] for row in rows] == [str(row["weight"]) for row in whole]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("The figures cannot tell", "These weights place", "nothing changed")),
        ("nb", ("Tallene kan ikke vise", "Vektene plasserer", "uten endring")),
        ("nn", ("Tala kan ikkje vise", "Vektene plasserer", "utan endring")),
    ],
)
def test_the_table_says_in_three_languages_what_the_figures_cannot_tell(
    bosett: Run, lang: str, words: tuple[str, ...]
) -> None:
    told = bosett("fit", "2018", "--model", "imdi-2018", "--lang", lang).stdout
    assert all(word in " ".join(told.split()) for word in words)
    assert max(map(len, told.splitlines())) <= 80


def test_a_weight_that_is_no_better_than_a_baseline_is_told_so(bosett: Run) -> None:
    assert "no better than last-year, which needs no fit" in bosett(*FEW).stdout


def test_the_same_question_gives_the_same_bytes(bosett: Run) -> None:
    assert bosett(*FEW, "--format", "json").stdout == bosett(*FEW, "--format", "json").stdout


@pytest.mark.parametrize(
    ("code", "arguments", "told"),
    [
        (2, ["soon"], "YEAR"),
        (2, ["2016", "--with", "hoped"], "--with"),
        (2, ["2016", "--criteria", "population", "--model", "population"], "give one of them"),
        (2, ["2016", "--criteria", "population^x"], "is no criterion"),
        (65, ["2016", "--criteria", "populaton"], "did you mean 'population'"),
        (65, ["2016", "--criteria", "ssb_centrality_2008_0to3"], "is a class"),
        (65, ["2030"], "no reported requested figures for 2030"),
        (65, ["2018", "--model", "denmark"], "have no share of the whole to fit"),
        (66, ["2016", "--model", "populaton"], "did you mean"),
    ],
)
def test_what_cannot_be_fitted_is_told_and_gives_no_data(
    bosett: Run, code: int, arguments: list[str], told: str
) -> None:
    result = bosett("fit", *arguments)
    assert (result.exit_code, result.stdout) == (code, ""), result.stderr
    assert told in result.stderr
