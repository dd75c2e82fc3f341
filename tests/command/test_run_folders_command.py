"""bosett runs: which runs there are, how two differ, SQL over many, and none that is half there."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from allocator.run_folders import read_run, runs_in

Run = Callable[..., Result]
KILLS = int(os.environ.get("BOSETT_KILLS", "3"))  # 50 once a night


@pytest.fixture(scope="module")
def folder(bosett: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two runs of one scenario."""
    path = tmp_path_factory.mktemp("made") / "runs"
    for settings in ((), ("--set", "need.total=800")):
        assert bosett("propose", "ostfold-2016", *settings, "--out", f"{path}/").exit_code == 0
    return path


def test_a_list_has_every_run_with_what_it_asks_for(bosett: Run, folder: Path) -> None:
    rows = json.loads(bosett("runs", "list", folder, "--format", "json").stdout)["runs"]
    assert sorted(row["total"] for row in rows) == [780, 800]
    table = bosett("runs", "list", folder).stdout
    assert all(row["run"] in table for row in rows)
    assert max(map(len, table.splitlines())) <= 80


def test_a_run_shows_its_documents_figures_and_versions(bosett: Run, folder: Path) -> None:
    run = runs_in(folder)[0]
    shown = bosett("runs", "show", run.path).stdout
    for word in ("scenario", "panel/population/2015.csv", "highspy"):
        assert word in shown
    assert json.loads(bosett("runs", "show", run.path, "--format", "json").stdout)["id"]


def test_two_runs_differ_in_what_went_in_and_what_came_out(bosett: Run, folder: Path) -> None:
    one, other = (run.path for run in runs_in(folder))
    found = json.loads(bosett("runs", "diff", one, other, "--format", "json").stdout)
    kinds = [each["kind"] for each in found["differences"]]
    assert kinds[:2] == ["input", "document"]
    assert found["differences"][1]["what"] == "scenario.need.total"
    assert kinds.count("request") >= 1
    same = bosett("runs", "diff", one, one)
    assert "are the same run" in same.stdout


def test_sql_over_many_runs_answers_as_table_json_and_csv(bosett: Run, folder: Path) -> None:
    sql = "select run, sum(total)::integer as asked from requests group by run order by asked"
    rows = json.loads(bosett("runs", "query", sql, folder, "--format", "json").stdout)["rows"]
    assert [row["asked"] for row in rows] == [780, 800]
    assert bosett("runs", "query", sql, folder, "--format", "csv").stdout.startswith("run,asked\n")
    table = bosett("runs", "query", "select total, scenario from runs", folder).stdout
    assert "ostfold-2016" in table


@pytest.mark.parametrize(
    "sql", ["selec", "select * from read_csv('/etc/hostname')", "copy runs to 'x.csv'", ""]
)
def test_sql_that_is_wrong_or_wants_files_is_refused_in_words(
    bosett: Run, folder: Path, sql: str
) -> None:
    found = bosett("runs", "query", sql, folder)
    assert "Traceback" not in found.output
    assert found.exit_code == 2
    assert "the tables are runs" in found.stderr


@pytest.mark.parametrize(
    "manifest", ["", "[]", "{}", '{"id": 1}', "[" * 5000, '{"id": "a", "scenario": "b"}']
)
def test_a_manifest_that_is_none_is_refused(bosett: Run, tmp_path: Path, manifest: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "manifest.json").write_text(manifest, "utf-8")
    found = bosett("runs", "list", tmp_path)
    assert found.exit_code == 65
    assert "is no manifest of a run" in found.stderr


def test_what_is_no_run_is_told_or_passed_over(bosett: Run, tmp_path: Path) -> None:
    assert bosett("runs", "list", tmp_path / "none").exit_code == 66
    assert bosett("runs", "show", tmp_path).exit_code == 66
    (tmp_path / ".half.abc").mkdir()
    (tmp_path / "notes.txt").write_text("x")
    assert "there are no runs here" in bosett("runs", "list", tmp_path).stdout


CHILD = """
import sys
from allocator.documents import load_case
from allocator.runs import run, write_run
from pathlib import Path
made = run(load_case("ostfold-2016", [f"need.total={sys.argv[2]}"]))
print("ready", flush=True)
write_run(made, Path(sys.argv[1]))
"""


def test_a_writer_killed_at_any_moment_leaves_a_whole_run_or_none(tmp_path: Path) -> None:
    rng, folder = random.Random(8), tmp_path / "runs"
    for turn in range(KILLS):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(folder), str(700 + turn)], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(rng.uniform(0, 0.01))
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        if folder.is_dir():
            for each in runs_in(folder):
                assert {path.name for path in each.path.iterdir()} == {
                    *("certificate.json", "manifest.json", "problem.json"),
                    *("proposal.json", "result.csv"),
                }
                assert each.total() == int(each.manifest["documents"]["scenario"]["need"]["total"])


def test_writers_of_the_same_run_at_once_leave_one(tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    command = [sys.executable, "-c", CHILD, str(folder), "780"]
    children = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [child.wait() for child in children] == [0, 0, 0]
    (path,) = folder.iterdir()
    assert read_run(path).total() == 780


def test_what_a_killed_writer_left_is_swept_away_an_hour_after(bosett: Run, tmp_path: Path) -> None:
    left, own = tmp_path / ".ostfold-2016-0123456789ab.abcdefgh", tmp_path / ".mine-own.abcdefgh"
    for path, name in ((left, "problem.json"), (own, "diary.txt")):
        path.mkdir()
        (path / name).write_text("half")
        os.utime(path, (time.time() - 7200,) * 2)
    fresh = tmp_path / ".ostfold-2016-0123456789ab.hgfedcba"
    fresh.mkdir()
    assert bosett("propose", "ostfold-2016", "--out", f"{tmp_path}/").exit_code == 0
    assert (left.exists(), own.exists(), fresh.exists()) == (False, True, True)
