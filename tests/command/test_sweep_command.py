"""bosett sweep on the command line: forms, folders, stopping, and what it says."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import allocator

Run = Callable[..., Result]
ROOT = Path(allocator.__file__).parents[1]
FEW = ["ostfold-2016", "--vary", "need.total=700:900:100", "--vary", "band.up=0.1,2"]


def test_a_sweep_is_told_in_80_columns(bosett: Run) -> None:
    result = bosett("sweep", *FEW)
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].startswith(
        "ostfold-2016 · 6 points: need.total (3 values, 700 to 900), band.up"
    )
    assert "3 points have no proposal (3 cannot be done)" in lines[1]
    table = [line for line in lines if line[:4].isdecimal()]
    assert len(table) == 18
    assert max(map(len, table)) <= 80
    assert any(line.startswith("Where along need.total") for line in lines)


@pytest.mark.parametrize(
    ("lang", "told"),
    [("nb", "har ikke noe forslag (3 lar seg ikke gjøre)"), ("nn", "har ikkje noko framlegg")],
)
def test_a_sweep_is_told_in_norwegian(bosett: Run, lang: str, told: str) -> None:
    result = bosett("sweep", *FEW, "--lang", lang)
    assert told in result.stdout


def test_csv_is_tidy_and_each_part_can_be_had(bosett: Run) -> None:
    found = {}
    for part in ("rows", "runs", "summary", "flips"):
        result = bosett("sweep", *FEW, "--format", "csv", "--part", part)
        assert result.exit_code == 0, result.stderr
        found[part] = list(csv.DictReader(io.StringIO(result.stdout)))
    assert list(found["rows"][0])[:4] == ["run", "need.total", "band.up", "code"]
    assert len(found["rows"]) == 3 * 18 + 3
    assert [run["status"] for run in found["runs"]] == ["infeasible", "optimal"] * 3
    assert [row["code"] for row in found["summary"]] == sorted(
        {r["code"] for r in found["summary"]}
    )
    assert {row["key"] for row in found["flips"]} <= {"need.total", "band.up"}


def test_json_holds_all_of_it(bosett: Run) -> None:
    body = json.loads(bosett("sweep", *FEW, "--format", "json").stdout)
    assert (body["schema"], body["scenario"], body["points"]) == (1, "ostfold-2016", 6)
    rows = [row for row in body["rows"] if row["run"] == 1]
    assert sum(row["total"] for row in rows) == 700
    assert rows[0]["em_under15"] is None
    assert len(body["summary"]) == 18


def test_a_folder_keeps_everything_and_the_same_sweep_is_found_again(
    bosett: Run, tmp_path: Path
) -> None:
    folder = f"{tmp_path}/s/"
    first = bosett("sweep", *FEW, "--out", folder)
    assert (first.exit_code, first.stdout) == (0, "")
    assert "6 points" in first.stderr
    before = {path.name: path.read_bytes() for path in Path(folder).iterdir()}
    again = bosett("sweep", *FEW, "--out", folder, "--parquet")
    assert again.exit_code == 0
    assert {p.name: p.read_bytes() for p in Path(folder).glob("*.csv")} == {
        name: data for name, data in before.items() if name.endswith(".csv")
    }
    assert (Path(folder) / "result.parquet").is_file()
    other = bosett("sweep", "ostfold-2016", "--vary", "need.total=1", "--out", folder, "--resume")
    assert (other.exit_code, "holds another sweep" in other.stderr) == (2, True)


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (2, ["ostfold-2016"]),
        (2, ["ostfold-2016", "--vary", "need.totl=1"]),
        (2, ["ostfold-2016", "--vary", "need.total=1", "--resume"]),
        (2, ["ostfold-2016", "--vary", "need.total=1", "--executor", "ray"]),
        (2, ["ostfold-2016", "--vary", "need.total=1", "--out", "x.xlsx"]),
        (2, ["ostfold-2016", "--vary", "need.total=1", "--out", "x/", "--format", "csv"]),
        (66, ["ostfold-2061", "--vary", "need.total=1"]),
        (66, ["ostfold-2016", "--vary", "model=populaton"]),
        (66, ["ostfold-2016", "--vary", "need.total=1", "--executor", "dask://127.0.0.1:1"]),
        (2, ["ostfold-2016", "--vary", "need.total=1", "--executor", "dask://127.0.0.1:x"]),
        (65, ["ostfold-2016", "--vary", "need.total=1", "--set", "need.total=-1"]),
    ],
)
def test_a_sweep_that_cannot_begin_says_why_and_writes_nothing(
    bosett: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    arguments: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    result = bosett("sweep", *arguments)
    assert (result.exit_code, result.stdout) == (code, ""), result.stderr
    assert result.stderr.strip()
    assert "unexpected" not in result.stderr
    assert not (tmp_path / "x.xlsx").exists()


def test_ctrl_c_stops_a_sweep_in_good_order_and_resume_goes_on(tmp_path: Path) -> None:
    arguments = ["sweep", "norway-2027", "--vary", "need.total=9000:20000:5", "--jobs", "2"]
    arguments += ["--set", "lot.persons=0", "--set", "lot.minors=0"]
    folder = tmp_path / "s"
    code = "from allocator.cli import main; main()"
    run = subprocess.Popen(
        [sys.executable, "-c", code, *arguments, "--out", f"{folder}/"],
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )
    end = time.monotonic() + 60
    part = folder / "runs.csv.part"
    while time.monotonic() < end and not (part.exists() and part.stat().st_size > 1_000):
        time.sleep(0.05)
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to all of them at once
    _, told = run.communicate(timeout=60)
    text = told.decode()
    assert run.returncode == 4, text
    assert text.count("\n") == 1
    assert "--resume goes on" in text
    done = json.loads((folder / "progress.json").read_text(encoding="utf-8"))
    assert 0 < done["done"] < 2201
    lines = part.read_bytes().count(b"\n")
    assert lines >= done["done"] + 1


def test_a_name_without_an_ending_is_told_how_a_folder_is_named(bosett: Run) -> None:
    result = bosett("sweep", "ostfold-2016", "--vary", "need.total=700,800", "--out", "mine")
    assert result.exit_code == 2
    assert "must be one of .txt, .json, .csv; a folder ends with /" in " ".join(
        result.output.split()
    )
