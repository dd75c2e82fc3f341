"""bosett propose, as a person or a program runs it."""

import csv
import io
import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]

# What the report of 2017 says of the requests for 2016, and the scenario repeats.
FLOOR, FLOOR_MINORS, STEP = 10, 5, 5


def answer(bosett: Run, *arguments: str | Path) -> dict[str, Any]:
    result = bosett("propose", *arguments, "--format", "json")
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


# -- what must show --------------------------------------------------------------------------------


def test_ostfold_2016_is_780_persons_197_minors_in_18_municipalities(bosett: Run) -> None:
    found = answer(bosett, "ostfold-2016")
    rows = found["municipalities"]
    assert (found["status"], found["model"], found["year"]) == (
        "optimal",
        "population-history",
        2016,
    )
    assert len(rows) == 18
    assert sum(row["total"] for row in rows) == 780
    assert sum(row["em"] for row in rows) == 197
    assert found["need"] == {"total": 780, "em": 197, "em_under15": None, "em_15_17": None}
    assert not any(found["unplaced"].values())


def test_every_municipality_of_ostfold_is_asked_for_at_least_its_floor_in_steps_of_5(
    bosett: Run,
) -> None:
    rows = answer(bosett, "ostfold-2016")["municipalities"]
    assert all(row["total"] >= FLOOR and row["em"] >= FLOOR_MINORS for row in rows)
    assert all(2 * row["em"] <= row["total"] for row in rows)
    assert all(row["total"] % STEP == 0 for row in rows)
    off = [row["name"] for row in rows if row["em"] % STEP]
    assert len(off) == 1
    (warning,) = answer(bosett, "ostfold-2016")["warnings"]
    assert f"{off[0]} takes the remainder" in warning


def test_norway_2026_is_13_000_persons_651_minors_80_of_them_under_15(bosett: Run) -> None:
    found = answer(bosett, "norway-2026")
    rows = found["municipalities"]
    assert found["status"] == "optimal"
    assert len(rows) == 357
    sums = {
        name: sum(row[name] for row in rows)
        for name in ("total", "ordinary", "em", "em_under15", "em_15_17")
    }
    assert sums == {"total": 13000, "ordinary": 12349, "em": 651, "em_under15": 80, "em_15_17": 571}
    assert all(row["total"] == 0 or row["total"] >= 5 for row in rows)
    assert all(row["em"] == 0 or row["em"] >= 5 for row in rows)
    assert all(2 * row["em"] <= row["total"] for row in rows)


@pytest.mark.parametrize("name", ["ostfold-2015", "ostfold-2016", "norway-2026", "norway-2027"])
def test_every_shipped_scenario_has_an_optimal_proposal_that_adds_up(
    bosett: Run, name: str
) -> None:
    found = answer(bosett, name)
    rows = found["municipalities"]
    assert found["status"] == "optimal"
    assert sum(row["total"] for row in rows) == found["need"]["total"]
    assert sum(row["em"] for row in rows) == found["need"]["em"]
    assert all(row["total"] == row["ordinary"] + row["em"] for row in rows)
    assert [row["code"] for row in rows] == sorted(row["code"] for row in rows)
    entitled = sum(row["entitlement"] for row in rows)
    assert entitled == pytest.approx(found["need"]["total"], abs=1e-3)


@pytest.mark.parametrize("model", ["population", "last-year", "population-history"])
def test_another_model_may_be_named(bosett: Run, model: str) -> None:
    found = answer(bosett, "ostfold-2015", "--model", model)
    assert found["model"] == model
    assert sum(row["total"] for row in found["municipalities"]) == 435


def test_a_setting_changes_the_answer(bosett: Run) -> None:
    found = answer(bosett, "ostfold-2016", "--set", "need.total=800")
    assert sum(row["total"] for row in found["municipalities"]) == 800


def test_a_lock_and_a_capacity_hold_and_are_named_as_binding(bosett: Run) -> None:
    found = answer(
        bosett,
        "ostfold-2016",
        "--set",
        'municipality."0101".capacity=40',
        "--set",
        "municipality.0104.lock=33",
    )
    rows = {row["code"]: row for row in found["municipalities"]}
    assert rows["0101"]["total"] == 40
    assert "capacity" in rows["0101"]["binding"]
    assert rows["0104"]["total"] == 33
    assert "lock" in rows["0104"]["binding"]


def test_a_note_of_a_municipality_stands_beside_its_number(bosett: Run) -> None:
    rows = {row["code"]: row for row in answer(bosett, "ostfold-2016")["municipalities"]}
    assert rows["0121"]["note"].startswith("Rømskog: 672 inhabitants")


# -- forms -----------------------------------------------------------------------------------------

PROPOSAL = [
    "schema",
    "scenario",
    "title",
    "model",
    "year",
    "as_of",
    "status",
    "need",
    "years",
    "assumption",
    "unplaced",
    "goals",
    "municipalities",
    "inputs",
    "gave",
    "ties",
    "warnings",
    "overrides",
]
REQUEST = [
    "code",
    "name",
    "year",
    "county",
    "county_name",
    "population",
    "entitlement",
    "total",
    "ordinary",
    "em_under15",
    "em_15_17",
    "em",
    "last_year",
    "binding",
    "note",
]


@pytest.mark.parametrize("name", ["ostfold-2016", "norway-2026"])
def test_the_json_has_exactly_these_fields(bosett: Run, name: str) -> None:
    found = answer(bosett, name)
    assert list(found) == PROPOSAL
    assert found["schema"] == 1
    assert all(list(row) == REQUEST for row in found["municipalities"])
    chosen = ["asked"] if name == "norway-2026" else []  # Østfold asks every municipality
    assert [goal["goal"] for goal in found["goals"]] == ["place", *chosen, "even", "steady"]
    assert all({"goal", "value"} <= set(goal) for goal in found["goals"])
    assert set(found["need"]) == {"total", "em", "em_under15", "em_15_17"}


def test_age_groups_are_null_where_the_scenario_knows_minors_only_as_one_number(
    bosett: Run,
) -> None:
    rows = answer(bosett, "ostfold-2016")["municipalities"]
    assert {(row["em_under15"], row["em_15_17"]) for row in rows} == {(None, None)}
    assert all(row["em"] is not None for row in rows)


def test_the_csv_has_the_columns_and_numbers_of_the_json(bosett: Run) -> None:
    result = bosett("propose", "norway-2026", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert list(rows[0]) == REQUEST
    whole = answer(bosett, "norway-2026")["municipalities"]
    assert [(r["code"], int(r["total"]), int(r["em"])) for r in rows] == [
        (r["code"], r["total"], r["em"]) for r in whole
    ]
    assert rows[0]["code"] == "0301"


def test_the_table_tells_the_sums_the_model_and_that_it_is_proven_optimal(bosett: Run) -> None:
    result = bosett("propose", "ostfold-2016")
    first = result.stdout.splitlines()[0]
    assert "780 persons" in first
    assert "197 of them unaccompanied minors" in first
    assert "population-history" in first
    assert "proven optimal" in first
    words = [line.split() for line in result.stdout.splitlines()]
    assert any(line[:4] == ["in", "all", "780", "197"] for line in words)


def test_an_assumed_need_is_said_beside_the_result(bosett: Run) -> None:
    assert "assumed: 13 000 persons" in bosett("propose", "norway-2027").stdout
    assert answer(bosett, "norway-2027")["assumption"].startswith("13 000 persons")


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_data_stands_on_stdout_and_nothing_else_does(bosett: Run, form: str) -> None:
    result = bosett("propose", "ostfold-2016", "--format", form)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.endswith("\n")
    assert not result.stdout.endswith("\n\n")


# -- files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ending", "form"), [("txt", "table"), ("json", "json"), ("csv", "csv")])
def test_out_writes_by_its_ending_what_stdout_would_have_had(
    bosett: Run, tmp_path: Path, ending: str, form: str
) -> None:
    out = tmp_path / f"answer.{ending}"
    result = bosett("propose", "ostfold-2016", "--out", out)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"wrote {out}\n"
    shown = bosett("propose", "ostfold-2016", "--format", form).stdout
    assert out.read_text(encoding="utf-8") == shown
    assert list(tmp_path.iterdir()) == [out]


def test_a_named_form_goes_before_the_ending(bosett: Run, tmp_path: Path) -> None:
    out = tmp_path / "answer.data"
    assert bosett("propose", "ostfold-2016", "--out", out, "--format", "json").exit_code == 0
    assert json.loads(out.read_text(encoding="utf-8"))["schema"] == 1


def test_an_ending_that_is_not_known_is_a_usage_error(bosett: Run, tmp_path: Path) -> None:
    result = bosett("propose", "ostfold-2016", "--out", tmp_path / "answer.pdf")
    assert result.exit_code == 2
    assert ".txt, .json, .csv" in result.stderr
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_cannot_be_written_to(bosett: Run, tmp_path: Path) -> None:
    out = tmp_path / "no" / "answer.csv"
    result = bosett("propose", "ostfold-2016", "--out", out)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"bosett: cannot write '{out}'")


def test_an_answer_takes_the_place_of_an_older_one(bosett: Run, tmp_path: Path) -> None:
    out = tmp_path / "answer.csv"
    out.write_text("old\n" * 10000, encoding="utf-8")
    assert bosett("propose", "ostfold-2016", "--out", out).exit_code == 0
    assert len(out.read_text(encoding="utf-8").splitlines()) == 19


def test_the_linear_program_may_be_written_too(bosett: Run, tmp_path: Path) -> None:
    lp = tmp_path / "p.lp"
    result = bosett("propose", "ostfold-2016", "--lp", lp, "--format", "json")
    assert result.exit_code == 0
    assert "0301" not in lp.read_text(encoding="utf-8")
    assert "0101" in lp.read_text(encoding="utf-8")
    assert json.loads(result.stdout)["status"] == "optimal"


# -- what cannot be done ---------------------------------------------------------------------------


@pytest.mark.parametrize("setting", ["ceiling.per_1000=1", "minors.share=0.1", "lot.every=true"])
def test_limits_that_leave_too_little_room_end_with_3_and_write_nothing(
    bosett: Run, tmp_path: Path, setting: str
) -> None:
    settings = ["--set", setting]
    if setting == "lot.every=true":
        settings += ["--set", "county.split=first", "--set", "municipality.0106.capacity=20"]
        settings += ["--set", "ceiling.per_1000=3"]
    out = tmp_path / "answer.json"
    result = bosett("propose", "ostfold-2016", *settings, "--out", out)
    assert result.exit_code == 3, result.stderr
    assert result.stdout == ""
    assert result.stderr.startswith("bosett: no proposal: ")
    assert not list(tmp_path.iterdir())


# -- same inputs, same bytes -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ostfold-2016", "norway-2026"])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_in_the_panel_does_not_matter(
    panel: Path, bosett: Run, name: str, seed: int
) -> None:
    luck = random.Random(seed)
    for path in sorted(panel.rglob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = list(csv.reader(file))
        luck.shuffle(rows)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows])
    mine = bosett("propose", name, "--format", "json", "--panel", panel)
    assert (mine.exit_code, mine.stdout) == (0, bosett("propose", name, "--format", "json").stdout)


def test_a_wrong_ending_is_told_before_anything_is_written(bosett: Run, tmp_path: Path) -> None:
    arguments = ["--lp", tmp_path / "p.lp", "--out", tmp_path / "answer.pdf"]
    assert bosett("propose", "ostfold-2016", *arguments).exit_code == 2
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_done_is_said_as_json_too_and_holds_no_requests(
    bosett: Run, tmp_path: Path
) -> None:
    arguments = ["propose", "ostfold-2016", "--set", "ceiling.per_1000=1", "--format", "json"]
    result = bosett(*arguments)
    found = json.loads(result.stdout)
    assert (result.exit_code, found["schema"], found["status"]) == (3, 1, "infeasible")
    assert "municipalities" not in found
    assert found["relaxations"]
    out = tmp_path / "answer.json"
    out.write_text("as it was", encoding="utf-8")
    assert bosett(*arguments, "--out", out).exit_code == 3
    assert out.read_text(encoding="utf-8") == "as it was"


@pytest.mark.parametrize("setting", ["band.up=0.1", "band.up=0.5", "ceiling.per_1000=15"])
def test_a_lower_need_that_is_told_to_work_does_work(bosett: Run, setting: str) -> None:
    arguments = ["propose", "ostfold-2016", "--set", setting]
    if setting.startswith("ceiling"):
        arguments += ["--set", "need.total=5000"]
    told = json.loads(bosett(*arguments, "--format", "json").stdout)["relaxations"]
    (need,) = [option for option in told if option["families"] == ["need"]]
    fewer = {change["code"]: change["persons"] for change in need["changes"]}
    total = (5000 if setting.startswith("ceiling") else 780) - sum(fewer.values())
    settings = ["--set", f"need.total={total}", "--set", f"need.em={197 - fewer.get('em', 0)}"]
    again = bosett(*arguments, *settings)
    assert again.exit_code == 0, again.stderr


def test_running_out_of_time_ends_with_4_and_no_data(bosett: Run) -> None:
    result = bosett("propose", "norway-2026", "--time-limit", "0.0001")
    assert (result.exit_code, result.stdout) == (4, "")
    assert "allow more time" in result.stderr


def test_running_out_of_time_can_be_read_by_a_program(bosett: Run) -> None:
    result = bosett("propose", "norway-2026", "--time-limit", "0.0001", "--format", "json")
    assert result.exit_code == 4
    told = json.loads(result.stdout)
    assert (told["status"], told["scenario"]) == ("stopped", "norway-2026")
    assert "municipalities" not in told


def test_the_time_limit_is_for_the_whole_solve_and_its_explanation(bosett: Run) -> None:
    arguments = ("--set", "minors.share=0.02", "--set", "whole.step=1", "--time-limit", "1")
    begun = time.monotonic()
    result = bosett("propose", "norway-2026", *arguments)
    assert result.exit_code in (3, 4), result.stderr
    assert time.monotonic() - begun < 10  # far more without the limit; reading takes its time too
