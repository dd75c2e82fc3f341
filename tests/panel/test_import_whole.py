"""All of an import or none of it: dry runs, refusals, changes, vintages, a killed process."""

import datetime as dt
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from allocator.errors import BosettError, MissingInputError, UsageError
from allocator.locate import shipped
from allocator.panel import Panel
from allocator.panel.importers import Options, Report, import_files
from allocator.panel.journal import write_together, writing
from tests.panel.importing import SAMPLES, content

KILLS = int(os.environ.get("BOSETT_KILLS", "3"))  # 50 once a night
HEAD = "year,code,stage,persons\n"


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    """A file of the project's own columns."""

    def write(rows: str, name: str = "own.csv") -> Path:
        path = tmp_path / name
        path.write_text(HEAD + rows, encoding="utf-8")
        return path

    return write


def bring(panel: Path, *paths: Path, options: Options | None = None, **how: object) -> Report:
    return import_files(paths, panel, options, **how)  # type: ignore[arg-type]


def test_a_dry_run_tells_everything_and_changes_nothing(
    panel: Path, table: Callable[..., Path]
) -> None:
    before = content(panel)
    report = bring(panel, table("2027,0301,requested,900\n"), dry_run=True)
    assert (report.count("added"), report.written, report.why_not) == (1, False, "dry")
    assert content(panel) == before
    assert not (panel / ".bosett").exists()


def test_the_same_file_a_second_time_changes_nothing(
    panel: Path, table: Callable[..., Path]
) -> None:
    path = table("2027,0301,requested,900\n2027,3101,requested,70\n")
    assert bring(panel, path).written
    before = content(panel)
    again = bring(panel, path)
    assert (again.unchanged, again.differences, again.why_not) == (2, (), "same")
    assert content(panel) == before


def test_rows_that_were_there_keep_their_bytes(panel: Path, table: Callable[..., Path]) -> None:
    before = (panel / "requests" / "2026.csv").read_text("utf-8").splitlines()
    assert bring(panel, table("2026,0301,requested,1021\n"), accept=True).written
    after = (panel / "requests" / "2026.csv").read_text("utf-8").splitlines()
    differ = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert len(differ) == 1
    assert differ[0][1].startswith("2026,0301,total,requested,final,1021,reported,own-")


def test_a_changed_figure_is_shown_and_waits_for_acceptance(
    panel: Path, table: Callable[..., Path]
) -> None:
    before, old = content(panel), Panel(panel).requests(2026, "requested")["0301"].value
    path = table("2026,0301,requested,1\n2027,0301,requested,5\n")
    report = bring(panel, path)
    (changed,) = [each for each in report.differences if each.what == "changed"]
    assert (changed.old, changed.new) == ((f"{old:.0f}", "reported"), ("1", "reported"))
    assert (changed.file, changed.row) == (str(path), 2)
    assert (report.why_not, report.written) == ("changed", False)
    assert content(panel) == before
    assert bring(panel, path, accept=True).written
    assert Panel(panel).requests(2026, "requested")["0301"].value == 1


def test_a_pending_decision_is_filled_without_being_asked(
    panel: Path, table: Callable[..., Path]
) -> None:
    pending = [
        c for c, f in Panel(panel).requests(2026, "decided").items() if f.status == "pending"
    ]
    report = bring(panel, table(f"2026,{pending[0]},decided,10\n"))
    assert (report.count("filled"), report.written) == (1, True)


def test_one_refused_row_in_one_of_two_files_stops_both(
    panel: Path, table: Callable[..., Path]
) -> None:
    before = content(panel)
    good = table("2027,0301,requested,900\n", "good.csv")
    bad = table("2027,0138,requested,900\n", "bad.csv")
    report = bring(panel, good, bad)
    assert [fault.file for fault in report.refused] == [str(bad)]
    assert content(panel) == before
    assert bring(panel, good, bad, skip_refused=True).written


def test_two_files_that_contradict_each_other_are_refused_even_when_rows_may_be_skipped(
    panel: Path, table: Callable[..., Path]
) -> None:
    first = table("2027,0301,requested,900\n", "a.csv")
    second = table("2027,0301,requested,901\n", "b.csv")
    report = bring(panel, first, second, skip_refused=True, accept=True)
    assert "is given twice: 900 and 901" in str(report.refused[0])
    assert str(first) in str(report.refused[0])
    assert not report.written


def test_a_file_about_persons_is_refused_whatever_is_allowed(
    panel: Path, table: Callable[..., Path], tmp_path: Path
) -> None:
    before = content(panel)
    path = tmp_path / "persons.csv"
    path.write_text("code,year,stage,persons,DUF-nummer\n0301,2027,requested,1,\n", "utf-8")
    report = bring(panel, table("2027,0301,requested,900\n"), path, skip_refused=True, accept=True)
    assert [fault.code for fault in report.refused] == ["import.persons"]
    assert "counts only" in str(report.refused[0])
    assert content(panel) == before


def test_the_shipped_panel_is_never_written(table: Callable[..., Path], tmp_path: Path) -> None:
    path = table("2027,0301,requested,900\n")
    with pytest.raises(UsageError, match="the shipped panel is never written"):
        bring(shipped("scenarios") / "panel", path)
    link = tmp_path / "link"
    link.symlink_to(shipped("scenarios") / "panel")
    with pytest.raises(UsageError, match="never written"):
        bring(link, path)


def test_a_panel_of_ones_own_is_made_when_asked_and_only_whole(
    table: Callable[..., Path], tmp_path: Path
) -> None:
    path, mine = table("2027,0301,requested,900\n"), tmp_path / "mine"
    with pytest.raises(MissingInputError, match="--create makes it"):
        bring(mine, path)
    assert not bring(mine, table("2027,0138,requested,9\n", "bad.csv"), create=True).written
    assert not bring(mine, path, create=True, dry_run=True).written
    assert [each.name for each in tmp_path.iterdir() if each.is_dir()] == []
    assert bring(mine, path, create=True).written
    assert Panel(mine).requests(2027, "requested")["0301"].value == 900
    Panel(mine).check()


def test_a_fault_in_the_panel_itself_is_told_before_anything_is_done(
    panel: Path, table: Callable[..., Path]
) -> None:
    broken = panel / "requests" / "2026.csv"
    broken.write_text(broken.read_text("utf-8").replace(",reported,", ",repotred,", 1), "utf-8")
    before = content(panel)
    with pytest.raises(BosettError, match="'repotred' is not known"):
        bring(panel, table("2026,0301,requested,900\n"), accept=True)
    assert content(panel) == before


# -- when it was known -----------------------------------------------------------------------------


def test_the_day_figures_became_known_is_kept_so_that_no_scenario_sees_them_earlier(
    panel: Path, table: Callable[..., Path]
) -> None:
    path = table("2022,0301,decided,1\n")
    assert bring(panel, path, accept=True, dry_run=True).later == ()  # by the general rule
    assert bring(panel, path, accept=True, known=dt.date(2026, 11, 20)).written
    assert Panel(panel).known("decided", 2022) == dt.date(2026, 11, 20)
    assert Panel(panel).known("decided", 2021) == Panel().known("decided", 2021)


def test_where_a_day_is_stated_already_newer_figures_ask_for_theirs(
    panel: Path, table: Callable[..., Path]
) -> None:
    report = bring(panel, table("2026,0301,agreed,1\n"), accept=True, dry_run=True)
    assert report.later == (("agreed", 2026, "2026-09-28"),)


def test_a_vintage_of_ones_own_needs_its_day(panel: Path, table: Callable[..., Path]) -> None:
    path, own = table("2026,0301,requested,1\n"), Options(vintage="autumn")
    report = bring(panel, path, options=own)
    assert "there is no vintage 'autumn'" in str(report.refused[0])
    assert bring(panel, path, options=own, known=dt.date(2026, 11, 20)).written
    assert Panel(panel).known("requested", 2026, "autumn") == dt.date(2026, 11, 20)
    assert Panel(panel).requests(2026, "requested", vintage="autumn")["0301"].value == 1
    assert Panel(panel).requests(2026, "requested") == Panel().requests(2026, "requested")


# -- a process that is killed ----------------------------------------------------------------------


def state(folder: Path) -> tuple[float | None, float | None, bool]:
    """What was asked in two tables, and whether their source is known."""
    asked = [Panel(folder).requests(year, "requested")["0301"] for year in (2025, 2026)]
    known = "own-" in (folder / "sources.csv").read_text("utf-8")
    return asked[0].value, asked[1].value, known


def test_a_change_that_was_broken_off_is_finished_by_whoever_reads_next(panel: Path) -> None:
    whole = {"a.csv": b"a\n", "population/2030.csv": b"b\n"}
    with writing(panel):
        write_together(panel, whole)
    assert (panel / "a.csv").read_text() == "a\n"
    # The moment after it began to count: one table is moved, the other is not.
    commit = panel / ".bosett" / "commit" / "population"
    commit.mkdir(parents=True)
    (commit / "2031.csv").write_text(
        "year,code,persons,status,source,note\n2031,0301,7,reported,x,\n"
    )
    assert Panel(panel).population(2031)["0301"].value == 7
    assert not commit.exists()


def test_what_was_written_aside_and_never_counted_is_swept_away(panel: Path) -> None:
    aside = panel / ".bosett" / "aside-0123"
    aside.mkdir(parents=True)
    (aside / "requests.csv").write_text("half")
    before = content(panel)
    with writing(panel):
        pass
    assert not aside.exists()
    assert content(panel) == before


def test_an_import_killed_at_any_moment_leaves_all_of_it_or_nothing(
    panel: Path, table: Callable[..., Path]
) -> None:
    before = state(panel)
    rng, seen = random.Random(8), set()
    for turn in range(KILLS):
        asked = 10_000 + turn
        path = table(f"2025,0301,requested,{asked}\n2026,0301,requested,{asked}\n")
        command = [sys.executable, "-m", "allocator.cli", "data", "import", str(path)]
        command += ["--panel", str(panel), "--accept"]
        child = subprocess.Popen(
            [sys.executable, "-c", WAIT, *command[3:]], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        child.stdout.readline()  # everything is imported, the work begins
        time.sleep(rng.uniform(0, 0.12))
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        Panel(panel).check()
        after = state(panel)
        assert after in ((asked, asked, True), before), "half an import"
        seen.add(after == before)
        before = after
    if KILLS >= 50:
        assert seen == {True, False}  # some were in time, some were not


WAIT = """
import sys
from allocator.cli import main
import allocator.panel.importers, allocator.present.data
print("ready", flush=True)
main(sys.argv[1:])
"""


def test_two_imports_at_once_are_both_there_in_the_end(
    panel: Path, table: Callable[..., Path]
) -> None:
    children = []
    for turn, code in enumerate(("0301", "3101", "4601")):
        path = table(f"2027,{code},requested,{10 + turn}\n", f"{code}.csv")
        command = ["data", "import", str(path), "--panel", str(panel)]
        command = [sys.executable, "-c", "from allocator.cli import main; main()", *command]
        children.append(
            subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        )
    assert [child.wait() for child in children] == [0, 0, 0]
    found = Panel(panel).requests(2027, "requested")
    assert {code: figure.value for code, figure in found.items()} == {
        "0301": 10,
        "3101": 11,
        "4601": 12,
    }
    assert (panel / "sources.csv").read_text("utf-8").count("\nown-") == 3


# -- the command -----------------------------------------------------------------------------------


def test_the_command_prints_refusals_apart_and_ends_with_65(
    bosett: Callable[..., object], panel: Path, table: Callable[..., Path]
) -> None:
    found = bosett("data", "import", table("2027,0138,requested,9\n"), "--panel", panel)
    assert found.exit_code == 65  # type: ignore[attr-defined]
    assert "nothing was written" in found.stdout  # type: ignore[attr-defined]
    assert "no municipality had code 0138 in 2027" in found.stderr  # type: ignore[attr-defined]


@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
def test_every_reason_of_a_report_has_words(
    bosett: Callable[..., object], panel: Path, lang: str
) -> None:
    names = ["imdi_bosatt_anmodede_long_2023.csv", "imdi_bosatt_anmodede_wide_2022.csv"]
    paths = [SAMPLES / name for name in [*names, "nav_hl060_2022_01-10.xlsx"]]
    found = bosett("data", "import", *paths, "--panel", panel, "--since", "2000", "--lang", lang)
    assert found.exit_code == 65  # type: ignore[attr-defined]
    assert "Traceback" not in found.output  # type: ignore[attr-defined]
    assert len(found.stdout.splitlines()) > 20  # type: ignore[attr-defined]
