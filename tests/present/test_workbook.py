"""The workbook as a spreadsheet sees it: codes as text, live sums that match, the same bytes."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from click.testing import Result
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from allocator.documents import Case, load_case
from allocator.documents.change import changed
from allocator.documents.local import COUNTS, FIELDS, Local
from allocator.documents.scenario import Local as Known
from allocator.engine import prepare_case, propose_case
from allocator.errors import BadDataError
from allocator.panel import Panel
from allocator.panel.importers.decode import source_of
from allocator.panel.importers.local import LONGEST, read_local
from allocator.present.book import Asked, workbook
from allocator.present.book.facts import Facts, gathered
from allocator.present.book.workbook import book_of
from allocator.present.language import LANGUAGES, say, speaking
from allocator.proposal import Proposal

Run = Callable[..., Result]
PANEL = Panel()
NAMES = (
    "proposal",
    "comparison",
    "municipalities",
    "history",
    "counties",
    "overrides",
    "sources",
)


@cache
def made(name: str, lang: str = "en") -> tuple[Case, Proposal, bytes]:
    case = load_case(name)
    proposal = propose_case(case, PANEL)
    with speaking(lang):
        return case, proposal, workbook(case, PANEL, proposal, Asked(name, lang=lang))


def opened(raw: bytes, *, values: bool = False) -> openpyxl.Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that it does not know of small lines
        return openpyxl.load_workbook(io.BytesIO(raw), data_only=values)


def header_of(sheet: Worksheet) -> int:
    return next(row for row in range(1, 20) if sheet.cell(row, 1).value in ("Code", "Kode"))


def column(sheet: Worksheet, title: str) -> int:
    row = sheet[header_of(sheet)]
    return next(at for at, cell in enumerate(row, 1) if cell.value == title)


def formulas(raw: bytes) -> Iterator[tuple[str, str, str, object]]:
    """Sheet, cell, formula, and the value that was written with it."""
    live, still = opened(raw), opened(raw, values=True)
    for sheet in live.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    value = still[sheet.title][cell.coordinate].value
                    yield sheet.title, cell.coordinate, cell.value, value


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sheets_are_named_in_the_language_that_is_spoken(lang: str) -> None:
    with speaking(lang):
        names = [say(f"book.sheet.{name}") for name in NAMES]
    assert opened(made("ostfold-2016", lang)[2]).sheetnames == names


@pytest.mark.parametrize("name", ["ostfold-2016", "norway-2026", "sor-trondelag-2015-2016"])
def test_the_numbers_are_those_of_the_proposal_and_codes_are_text(name: str) -> None:
    _, proposal, raw = made(name)
    sheet = opened(raw, values=True)["Proposal"]
    first = header_of(sheet) + 1
    asked = proposal.of_year(proposal.year)
    for row, request in enumerate(asked, first):
        assert sheet.cell(row, 1).value == request.code
        assert sheet.cell(row, 1).data_type == "s"
        assert sheet.cell(row, column(sheet, "Asked")).value == request.total
    assert sheet.cell(first - 2, column(sheet, "Asked")).value == sum(r.total for r in asked)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_name("Proposal").to_python()
    codes = [row[0] for row in rows if isinstance(row[0], str) and row[0].isdecimal()]
    assert codes == [request.code for request in asked]


def test_every_live_sum_has_the_value_it_would_be_calculated_to() -> None:
    _, proposal, raw = made("norway-2026")
    still, seen = opened(raw, values=True), 0
    for name, at, formula, value in formulas(raw):
        sheet = still[name]
        if formula.startswith("=SUBTOTAL(109,"):
            area = formula.removeprefix("=SUBTOTAL(109,").rstrip(")")
            cells = [cell.value for (cell,) in sheet[area]]
            known = sum(cell for cell in cells if isinstance(cell, int | float))
            assert value == pytest.approx(known), (name, at)
            seen += 1
        elif formula.startswith("=SUMIF("):
            by, key, of = formula.removeprefix("=SUMIF(").rstrip(")").split(",")
            other = still[by.split("'")[1]]
            keys = [cell.value for (cell,) in other[by.split("!")[1].replace("$", "")]]
            numbers = [cell.value for (cell,) in other[of.split("!")[1].replace("$", "")]]
            wanted = sheet[key].value
            known = sum(
                number
                for each, number in zip(keys, numbers, strict=True)
                if each == wanted and isinstance(number, int | float)
            )
            assert value == pytest.approx(known), (name, at, formula)
            seen += 1
    assert seen > 400
    counties = still["Counties"]
    sums = header_of(counties) - 1
    assert counties.cell(sums, column(counties, "Asked")).value == proposal.total == 13000
    assert counties.cell(sums, column(counties, "Minors")).value == proposal.minors == 651


def test_a_formula_within_a_row_gives_the_number_beside_it() -> None:
    _, proposal, raw = made("ostfold-2016")
    sheet, live = opened(raw, values=True)["Proposal"], opened(raw)["Proposal"]
    first = header_of(sheet) + 1
    for row, request in enumerate(proposal.municipalities, first):
        change = column(sheet, "Change")
        assert sheet.cell(row, change).value == request.change
        names = [column(sheet, title) for title in ("Asked", "Last year")]
        asked, last = (live.cell(row, at).coordinate for at in names)
        assert live.cell(row, change).value == f"={asked}-{last}"


def test_headers_stay_in_sight_and_are_repeated_on_paper() -> None:
    book = opened(made("norway-2026")[2])
    for name in ("Proposal", "Comparison", "Municipalities", "History", "Counties"):
        sheet = book[name]
        header = header_of(sheet)
        assert sheet.freeze_panes == f"C{header + 1}"
        assert sheet.auto_filter.ref.startswith(f"A{header}:")
        assert sheet.print_title_rows == f"${header}:${header}"
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.fitToHeight == 0
    proposal = book["Proposal"]
    bars = [rule for rules in proposal.conditional_formatting for rule in rules.rules]
    assert {"dataBar", "expression"} <= {rule.type for rule in bars}
    formats = {cell.number_format for row in proposal.iter_rows() for cell in row}
    assert {"#,##0", "#,##0.0", "0.00", "@"} <= formats


def test_each_row_has_a_small_line_of_its_own_row() -> None:
    packed = zipfile.ZipFile(io.BytesIO(made("ostfold-2016")[2]))
    xml = packed.read("xl/worksheets/sheet1.xml").decode()
    pairs = re.findall(r"<xm:f>'Proposal'!\w+?(\d+):\w+?(\d+)</xm:f><xm:sqref>[A-Z]+(\d+)<", xml)
    assert len(pairs) == 18
    assert all(one == two == three for one, two, three in pairs)


def test_a_figure_that_is_hidden_or_missing_is_a_word_and_never_0() -> None:
    sheet = opened(made("ostfold-2016")[2], values=True)["History"]
    cells = {cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)}
    assert {"hidden", "none registered"} <= cells


def test_two_runs_give_the_same_bytes(bosett: Run, tmp_path: Path) -> None:
    files = [tmp_path / name / "same.xlsx" for name in ("a", "b")]
    for file in files:
        file.parent.mkdir()
        assert bosett("propose", "ostfold-2016", "--out", file, "--lang", "nn").exit_code == 0
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.parametrize(
    "words",
    [
        ["compare", "ostfold-2016"],
        ["compare", "ostfold-2016", "--overrides", "--set", 'municipality."0104".capacity=60'],
        ["compare", "ostfold-2016", "--minors", "--lang", "nb"],
        ["compare", "ostfold-2016", "--against-model", "population"],
        ["propose", "ostfold-2016", "--set", 'municipality."0104".exempt=true'],
        ["propose", "ostfold-2016", "--set", "need.total=800"],
    ],
)
def test_a_comparison_is_a_workbook_too(bosett: Run, tmp_path: Path, words: list[str]) -> None:
    file = tmp_path / "found.xlsx"
    done = bosett(*words, "--out", file)
    assert done.exit_code == 0, done.output
    assert len(opened(file.read_bytes()).sheetnames) >= 2


def test_a_workbook_can_go_to_standard_output(bosett: Run) -> None:
    done = bosett("propose", "ostfold-2016", "--format", "xlsx")
    assert done.exit_code == 0
    assert done.stdout_bytes == made("ostfold-2016")[2]


def test_a_command_that_has_no_workbook_says_what_it_can_write(bosett: Run) -> None:
    done = bosett("fairness", "ostfold-2016", "--out", "a.xlsx")
    assert done.exit_code == 2
    assert ".csv" in done.stderr


# -- what is typed ---------------------------------------------------------------------------------

OSTFOLD = load_case("ostfold-2016")
CODES = prepare_case(OSTFOLD, PANEL).units.codes
words = st.text("abcæøåÆØÅ \"'=;,.0123456789–", min_size=1, max_size=40).map(
    lambda text: " ".join(text.split())
)


@cache
def facts_of_ostfold() -> Facts:
    return gathered(OSTFOLD, PANEL, made("ostfold-2016")[1], Asked("ostfold-2016"))


@st.composite
def typed(draw: st.DrawFn) -> tuple[Local, ...]:
    found = []
    for code in sorted(draw(st.sets(st.sampled_from(CODES), max_size=6))):
        capacity = draw(st.none() | st.integers(0, 500))
        lock = draw(st.none() | st.integers(0, 500 if capacity is None else capacity))
        minors = draw(st.none() | st.integers(0, 100))
        flag = draw(st.sampled_from([None, True, False])) if lock is None else None
        note, reason = (draw(st.none() | words) or None for _ in range(2))
        local = Local(code, lock, None, capacity, minors, flag, note, reason)
        found += [local] if local.says else []
    return tuple(found)


@settings(max_examples=15)
@given(typed())
def test_what_is_typed_is_what_is_read_back(said: tuple[Local, ...]) -> None:
    bare = changed(OSTFOLD, [f'municipality."{code}".note=' for code in CODES])
    case = changed(bare, [text for one in said for text in one.settings()])
    raw = book_of(replace(facts_of_ostfold(), case=case))
    assert read_local(source_of(raw, "a.xlsx"), PANEL, bare) == said


def test_an_emptied_cell_lifts_what_the_scenario_says(tmp_path: Path) -> None:
    case = changed(OSTFOLD, ['municipality."0104".capacity=60', 'municipality."0104".lock=50'])
    book = opened(workbook(case, PANEL, propose_case(case, PANEL), Asked("ostfold-2016")))
    sheet = book["Proposal"]
    row = header_of(sheet) + 1 + CODES.index("0104")
    sheet.cell(row, column(sheet, "Lock")).value = None
    sheet.cell(row, column(sheet, "Capacity")).value = 70
    book.save(tmp_path / "edited.xlsx")
    raw = (tmp_path / "edited.xlsx").read_bytes()
    (moss,) = [one for one in read_local(source_of(raw, "e"), PANEL, case) if one.code == "0104"]
    assert moss == Local("0104", capacity=70, lifts=("lock",))
    again = changed(case, list(moss.settings()))
    assert again.scenario.municipality["0104"] == Known(capacity=70)


def test_a_planner_edits_the_workbook_and_runs_it_again(bosett: Run, tmp_path: Path) -> None:
    first, second = tmp_path / "first.xlsx", tmp_path / "second.xlsx"
    assert bosett("propose", "ostfold-2016", "--lang", "nb", "--out", first).exit_code == 0
    book = opened(first.read_bytes())
    sheet = book["Forslag"]
    row = header_of(sheet) + 1 + CODES.index("0104")
    sheet.cell(row, column(sheet, "Kapasitet")).value = 60
    sheet.cell(row, column(sheet, "Begrunnelse")).value = "mottaksklassen er full"
    book.save(first)
    done = bosett("propose", "ostfold-2016", "--local", first, "--lang", "nb", "--out", second)
    assert done.exit_code == 0, done.output
    sheet = opened(second.read_bytes(), values=True)["Forslag"]
    assert sheet.cell(row, column(sheet, "Anmodning")).value == 60
    assert sheet.cell(row, column(sheet, "Begrunnelse")).value == "mottaksklassen er full"
    assert "--local" in str(list(opened(second.read_bytes())["Kilder"].values))


@pytest.mark.parametrize(
    ("title", "value", "says"),
    [
        ("Capacity", "many", "'many' is not a number of persons"),
        ("Capacity", -5, "negative"),
        ("Lock", 2.5, "not a whole number"),
        ("Exempt", "perhaps", "neither yes nor no"),
        ("Code", 9999, "9999"),
        ("Municipality", "Halden", "the row says Halden"),
        ("Reason", "x" * (LONGEST + 1), "letters"),
    ],
)
def test_a_wrong_cell_is_told_by_sheet_row_and_column(
    title: str, value: object, says: str, tmp_path: Path
) -> None:
    book = opened(made("ostfold-2016")[2])
    sheet = book["Proposal"]
    row = header_of(sheet) + 1 + CODES.index("0104")
    sheet.cell(row, column(sheet, "Note")).value = "x"
    sheet.cell(row, column(sheet, title)).value = value  # type: ignore[assignment]
    book.save(tmp_path / "wrong.xlsx")
    raw = (tmp_path / "wrong.xlsx").read_bytes()
    with pytest.raises(BadDataError) as told:
        read_local(source_of(raw, "wrong.xlsx"), PANEL, OSTFOLD)
    (fault,) = told.value.faults
    letter = get_column_letter(column(sheet, title))
    assert (fault.file, fault.row, fault.column) == ("wrong.xlsx [Proposal]", row, letter)
    assert says in fault.found


def test_a_lock_above_the_capacity_is_told_at_its_cell() -> None:
    raw = b"code;capacity;lock\n0104;60;70\n0105;;9\n0106;5;6\n"
    with pytest.raises(BadDataError) as told:
        read_local(source_of(raw, "a.csv"), PANEL, OSTFOLD)
    assert [(fault.row, fault.column) for fault in told.value.faults] == [(2, "C"), (4, "C")]


def test_every_column_to_type_in_is_known_again_in_every_language() -> None:
    for lang in LANGUAGES:
        with speaking(lang):
            heads = [say("code"), *(say(f"book.{name}") for name in FIELDS)]
            row = ["0104", "5", "1", "9", "2", "", "n", "r"]
        raw = "\n".join([";".join(heads), ";".join(row)]).encode()
        (local,) = read_local(source_of(raw, "a.csv"), PANEL, OSTFOLD)
        assert [getattr(local, name) for name in COUNTS] == [5, 1, 9, 2]
        assert (local.note, local.reason) == ("n", "r")


def test_a_csv_for_excel_can_be_typed_in_and_read_back(bosett: Run, tmp_path: Path) -> None:
    file = tmp_path / "requests.csv"
    assert bosett("propose", "ostfold-2016", "--csv", "excel", "--out", file).exit_code == 0
    raw = file.read_bytes()
    assert raw.startswith("\ufeffcode;name;".encode())
    text = raw.decode("utf-8-sig")
    assert '"=""0104""";Moss;' in text
    assert ".5" not in text
    lines = text.splitlines()
    note = lines[0].split(";").index("note")
    cells = lines[2].split(";")
    cells[note] = "full"
    lines[2] = ";".join(cells)
    (found, *_) = read_local(source_of("\n".join(lines).encode(), "a.csv"), PANEL, OSTFOLD)
    assert found == Local("0104", note="full")


@pytest.mark.parametrize("words", [["--format", "json"], ["--out", "runs/"]])
def test_the_way_of_excel_goes_with_csv_alone(bosett: Run, words: list[str]) -> None:
    done = bosett("propose", "ostfold-2016", "--csv", "excel", *words)
    assert done.exit_code == 2
    assert "--csv" in done.stderr
