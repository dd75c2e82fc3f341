"""bosett backtest: every form, the same bytes, and words for what cannot be done."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import Result

Run = Callable[..., Result]

FEW = ("--models", "population-history,walk-forward", "--years", "2014:2017", "--jobs", "1")
COLUMNS = {
    *("model", "baseline", "year", "against", "status", "reason", "need", "overlap", "overlap_low"),
    *("overlap_high", "mae", "within_5", "spearman", "gini_proposal", "gini_actual", "turnover"),
    *("asked", "even", "municipalities", "left_out", "parameters"),
}


@pytest.fixture(scope="module")
def found(bosett: Run) -> dict[str, Any]:
    result = bosett("backtest", *FEW, "--format", "json")
    assert (result.exit_code, result.stderr) == (0, "")
    parsed: dict[str, Any] = json.loads(result.stdout)
    return parsed


def test_the_json_is_one_tidy_table_with_its_schema(found: dict[str, Any]) -> None:
    assert found["schema"] == 1
    assert len(found["rows"]) == 4 * 4 * 3
    assert all(set(row) >= COLUMNS for row in found["rows"])
    assert {row["model"] for row in found["rows"] if row["baseline"]} == {"last-year", "population"}


def test_the_csv_has_the_rows_and_columns_of_the_json(bosett: Run, found: dict[str, Any]) -> None:
    result = bosett("backtest", *FEW, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert list(rows[0]) == list(found["rows"][0])
    for row, whole in zip(rows, found["rows"], strict=True):
        assert (row["model"], row["year"]) == (whole["model"], str(whole["year"]))
        assert row["overlap"] == ("" if whole["overlap"] is None else str(whole["overlap"]))


def test_the_table_has_every_score_a_summary_and_the_notes(
    bosett: Run, found: dict[str, Any]
) -> None:
    told = bosett("backtest", *FEW).stdout
    lines = told.splitlines()
    for row in found["rows"]:
        if row["overlap"] is not None:
            begin = f"{row['year']}  {row['model']}"
            assert any(line.startswith(begin) for line in lines)
            assert f"{100 * row['overlap']:.1f}" in told
    assert "against requested" in told
    assert "last-year 2014: no proposal: no figures of 'requested'" in told
    assert "walk-forward is better in" in told
    assert "where it was fitted, not set in advance:" in told
    assert "no minors: the panel has them" in told
    tables = told.split("no score")[0].splitlines()
    assert max(map(len, tables)) <= 80


def test_minors_are_in_the_notes_where_the_panel_has_them(bosett: Run) -> None:
    told = bosett("backtest", "--models", "population", "--years", "2026", "--jobs", "1").stdout
    assert "minors are a part of the need in 2026" in told


@pytest.mark.parametrize(("form", "ending"), [("table", "txt"), ("json", "json"), ("csv", "csv")])
def test_a_file_holds_what_would_have_been_printed(
    bosett: Run, tmp_path: Path, form: str, ending: str
) -> None:
    out = tmp_path / f"o.{ending}"
    printed = bosett("backtest", *FEW, "--boot", "10", "--format", form)
    written = bosett("backtest", *FEW, "--boot", "10", "--out", out)
    assert (printed.exit_code, written.exit_code, written.stdout) == (0, 0, "")
    assert out.read_text(encoding="utf-8") == printed.stdout
    assert written.stderr == f"wrote {out}\n"


def test_two_processes_give_the_same_bytes_as_one(bosett: Run) -> None:
    command = ("backtest", "--models", "walk-forward", "--years", "2016:2017", "--format", "csv")
    one, two = (bosett(*command, "--jobs", jobs) for jobs in ("1", "2"))
    assert (one.exit_code, two.exit_code) == (0, 0)
    assert one.stdout == two.stdout


def test_a_seed_decides_the_intervals_and_nothing_else(bosett: Run) -> None:
    few = ("backtest", "--models", "population", "--years", "2016", "--jobs", "1", "--boot", "50")
    rows = [
        json.loads(bosett(*few, "--seed", seed, "--format", "json").stdout)["rows"]
        for seed in ("1", "1", "2")
    ]
    assert rows[0] == rows[1] != rows[2]
    for row in (*rows[0], *rows[2]):
        assert row["overlap_low"] < row["overlap"] < row["overlap_high"]
        del row["overlap_low"], row["overlap_high"]
    assert rows[0] == rows[2]


def test_no_draws_give_no_interval(bosett: Run) -> None:
    few = ("backtest", "--models", "population", "--years", "2016", "--jobs", "1", "--boot", "0")
    rows = json.loads(bosett(*few, "--format", "json").stdout)["rows"]
    assert {row["overlap_low"] for row in rows} == {None}


@pytest.mark.parametrize(
    ("code", "arguments", "told"),
    [
        (2, ["--years", "2026:2014"], "ends before it begins"),
        (2, ["--years", "soon"], "is not a range of whole numbers"),
        (2, ["--boot", "-1"], "--boot"),
        (2, ["--out", "table.pdf"], "the ending must be one of"),
        (65, ["--years", "2014:2027"], "no requests for 2027"),
        (66, ["--models", "populaton"], "did you mean 'population'"),
        (66, ["--models", ""], "no model is named"),
        (66, ["--panel", "no-such-folder"], "no panel folder"),
    ],
)
def test_what_cannot_be_tried_is_told_and_gives_no_data(
    bosett: Run, code: int, arguments: list[str], told: str
) -> None:
    result = bosett("backtest", "--jobs", "1", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert told in result.stderr


def test_a_defect_in_a_row_ends_with_1_after_the_table_is_out(
    bosett: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by nobody")

    monkeypatch.setattr("allocator.study.walk_forward.fit", broken)
    few = ("--models", "walk-forward", "--years", "2016", "--jobs", "1")
    result = bosett("backtest", *few)
    assert result.exit_code == 1
    assert "walk-forward 2016: defect: unexpected ZeroDivisionError" in result.stdout
    assert "the program failed in some rows" in result.stderr


def test_progress_is_shown_on_a_terminal_alone(
    bosett: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = ("backtest", "--models", "population", "--years", "2016", "--jobs", "1")
    quiet = bosett(*few)
    assert quiet.stderr == ""
    shown: list[dict[str, Any]] = []
    real = click.progressbar

    def bar(*given: Any, **named: Any) -> Any:
        shown.append(named)
        return real(*given, **named)

    monkeypatch.setattr("allocator.present.progress.on_terminal", lambda: True)
    monkeypatch.setattr(click, "progressbar", bar)
    seen = bosett(*few)
    assert seen.stdout == quiet.stdout
    assert [named["label"] for named in shown] == ["rules × years"]
