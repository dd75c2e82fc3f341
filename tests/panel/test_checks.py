"""What a check finds in a panel, what explains it, and what does not."""

import csv
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result

from allocator.errors import BadDataError
from allocator.panel import Panel
from allocator.panel.checks import CHECKS, findings
from allocator.panel.oddities import Finding
from allocator.present.language import speaking
from allocator.present.panel_care import checked

Run = Callable[..., Result]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) >= 1, old
    path.write_text(text.replace(old, new, 1), "utf-8")


def open_ones(panel: Path) -> list[Finding]:
    return [each for each in findings(Panel(panel)) if not each.explained]


@pytest.fixture(scope="module")
def shipped() -> tuple[Finding, ...]:
    """What is found in the shipped panel."""
    return findings(Panel())


def test_everything_found_in_the_shipped_panel_is_explained(shipped: tuple[Finding, ...]) -> None:
    found = shipped
    assert [each for each in found if not each.explained] == []
    assert Counter(each.check for each in found) == {
        "gap": 3,
        "county-sum": 52,
        "nation-sum": 5,
        "unasked": 1,
        "settled": 2,
        "jump": 1,
    }


def test_every_finding_has_its_row_where_the_figure_stands(shipped: tuple[Finding, ...]) -> None:
    for each in shipped:
        assert each.row is not None
        with (Panel().folder / each.table).open(encoding="utf-8", newline="") as file:
            row = list(csv.DictReader(file))[each.row - 2]
        assert row["source"] == each.source
        assert row["year"] == each.year
        assert row.get("code", row.get("county", "")) == each.code
        if each.check == "county-sum":
            assert row["persons"] == each.against
        elif each.check != "nation-sum":
            assert each.value in (row["persons"], row["status"])


@pytest.mark.parametrize(
    ("name", "old", "new", "check", "value", "against"),
    [
        (
            "requests/2018.csv",
            "2018,0101,total,requested,final,",
            "2018,0101,total,requested,final,9",
            "nation-sum",
            None,
            "5350",
        ),
        (
            "requests/2026.csv",
            "2026,0301,em,requested,final,66",
            "2026,0301,em,requested,final,67",
            "parts",
            "67",
            "66",
        ),
        ("population/2025.csv", "2025,0301,", "2025,0301,9", "jump", None, None),
        ("requests/2026.csv", ",reported,S5,", ",reported,S77,", "source", "S77", "sources.csv"),
    ],
)
def test_a_figure_that_does_not_fit_is_found(
    panel: Path, name: str, old: str, new: str, check: str, value: str | None, against: str | None
) -> None:
    edit(panel / name, old, new)
    found = [each for each in open_ones(panel) if each.check == check]
    assert found
    if value is not None:
        assert value in {each.value for each in found}
    if against is not None:
        assert against in {each.against for each in found}


def test_minors_above_all_and_a_decision_nobody_asked_for_are_found(panel: Path) -> None:
    path = panel / "requests" / "2026.csv"
    with path.open("a", encoding="utf-8") as file:
        file.write("2026,3101,em,decided,final,9999,reported,S5,\n")
    assert [(e.check, e.code, e.value) for e in open_ones(panel)] == [("parts", "3101", "9999")]


def test_a_municipality_without_a_row_is_a_gap(panel: Path) -> None:
    path = panel / "population" / "2026.csv"
    lines = [line for line in path.read_text("utf-8").splitlines() if ",0301," not in line]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    assert ("gap", "0301") in {(each.check, each.code) for each in open_ones(panel)}


def test_far_more_settled_than_decided_is_found_but_a_little_more_is_not(panel: Path) -> None:
    decided = Panel(panel).requests(2022, "decided")["0301"].value or 0
    settled = Panel(panel).requests(2022, "settled")["0301"].value
    old = f"2022,0301,total,settled,final,{settled:.0f}"
    path = panel / "requests" / "2022.csv"
    edit(path, old, f"2022,0301,total,settled,final,{decided * 1.4:.0f}")
    assert "settled" not in {each.check for each in open_ones(panel)}
    now = f"2022,0301,total,settled,final,{decided * 1.4:.0f}"
    edit(path, now, f"2022,0301,total,settled,final,{decided * 1.6:.0f}")
    assert ("settled", "0301") in {(each.check, each.code) for each in open_ones(panel)}


def test_an_explanation_covers_what_it_was_written_for_and_no_more(panel: Path) -> None:
    path = panel / "oddities.csv"
    edit(path, "gap,2016,,,population,,3,", "gap,2016,,,population,,2,")
    (found,) = open_ones(panel)
    assert (found.check, found.value, found.against, found.row) == ("oddity", "3", "2", 2)


def test_a_panel_without_oddities_has_none_explained_but_what_is_hidden(panel: Path) -> None:
    (panel / "oddities.csv").unlink()
    assert {each.check for each in open_ones(panel)} == set(CHECKS) - {
        *("source", "parts", "nation-sum", "oddity")
    }


@pytest.mark.parametrize("count", ["x", ""])
def test_a_fault_in_the_oddities_is_told_with_its_row(panel: Path, count: str) -> None:
    edit(panel / "oddities.csv", "gap,2016,,,population,,3,", f"gap,2016,,,population,,{count},")
    with pytest.raises(BadDataError, match=r"oddities\.csv, row 2, column findings"):
        findings(Panel(panel))


def test_the_command_ends_with_0_or_65(bosett: Run, panel: Path) -> None:
    found = bosett("data", "check", "--format", "json")
    assert (found.exit_code, json.loads(found.stdout)["ok"]) == (0, True)
    path = panel / "requests" / "2026.csv"
    edit(path, "0301,em,requested,final,66", "0301,em,requested,final,x")
    broken = bosett("data", "check", panel)
    assert (broken.exit_code, broken.stdout) == (65, "")
    assert "'x' is not a number of persons" in broken.stderr
    edit(path, "0301,em,requested,final,x", "0301,em,requested,final,67")
    odd = bosett("data", "check", panel, "--lang", "nn")
    assert odd.exit_code == 65
    assert "3 funn er ikkje forklarte" in odd.stdout


@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
def test_a_check_is_told_in_every_language_and_form(
    shipped: tuple[Finding, ...], lang: str
) -> None:
    open_one = replace(shipped[0], why="")
    with speaking(lang):
        text = checked("mine", [*shipped, open_one], "table")
    assert "oddities.csv" in text
    assert max(map(len, text.splitlines())) <= 110
    rows = list(csv.DictReader(checked("mine", [*shipped, open_one], "csv").splitlines()))
    assert [row["check"] for row in rows if row["explained"] == "False"] == ["gap"]
