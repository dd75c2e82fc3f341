"""Tables that contradict themselves or each other are refused, all at once and in plain words."""

import csv
import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from allocator.errors import BadDataError, Fault, MissingInputError
from allocator.panel import Panel, View
from allocator.panel.cells import Cell, hint, number, period
from allocator.panel.cells import persons as persons_of
from allocator.panel.rows import decode, read_columns, read_table

Run = Callable[..., Result]

NAME = "requests/2015.csv"
ROW = "2015,0101,total,requested,final,30,reported,S1,"


def change(panel: Path, name: str, old: str, new: str) -> int:
    """Put ``new`` in the place of the first row that begins with ``old``; the row's number."""
    path = panel / name
    lines = path.read_text(encoding="utf-8").split("\n")
    place = next(at for at, line in enumerate(lines) if line.startswith(old))
    lines[place] = new
    path.write_text("\n".join(lines), encoding="utf-8")
    return place + 1


def told(result: Result) -> list[str]:
    assert (result.exit_code, result.stdout) == (65, "")
    return result.stderr.splitlines()


# -- tables that contradict each other -------------------------------------------------------------


def test_the_shipped_panel_has_no_faults() -> None:
    panel = Panel()
    panel.check()
    assert {"changes.csv", "requests/2014.csv", "indicators/kostra_group.csv"} <= panel.files_read


@pytest.mark.parametrize(
    ("name", "old", "new", "column", "found"),
    [
        (
            "municipalities.csv",
            "0101,",
            "0101,Halden,01,1967,2019,K0\n0101,Halden,01,2019,2019,K0",
            "code",
            "0101 is given twice for 2019, first in row 2",
        ),
        (
            "municipalities.csv",
            "0101,",
            "0101,Halden,77,1967,2019,K0",
            "county",
            "county 77 is not in counties.csv for 2013",
        ),
        (
            "municipalities.csv",
            "0101,",
            "0101,Halden,01,1967,2021,K0",
            "county",
            "county 01 is not in counties.csv for 2020",
        ),
        (
            "municipalities.csv",
            "0101,",
            "0101,Halden,01,2019,1967,K0",
            "valid_to",
            "the last year, 1967, is before the first, 2019",
        ),
        (
            "counties.csv",
            "01,",
            "01,Østfold,2013,2019,M1\n01,Østfold,2015,2019,M1",
            "code",
            "01 is given twice for 2015, first in row 2",
        ),
        (
            "changes.csv",
            "2017,0706,0710,",
            "2017,0706,0710,merge,0.4,,,K0",
            "weight",
            "the weights of 0706 in 2017 sum to 0.4",
        ),
        (
            "changes.csv",
            "2017,0706,0710,",
            "2017,0706,0799,merge,1,,,K0",
            "new_code",
            "no municipality had code 0799 in 2017",
        ),
        (
            "changes.csv",
            "2017,0706,0710,",
            "2017,0798,0710,merge,1,,,K0",
            "old_code",
            "no municipality had code 0798 in 2016",
        ),
        (
            "changes.csv",
            "2017,0706,0710,",
            "2017,0706,0710,merge,-1,,,K0",
            "weight",
            "the weight -1 is negative",
        ),
        (
            "changes.csv",
            "2017,0706,0710,",
            "2017,0706,0710,merge,1,9998,,K0",
            "restores",
            "no municipality ever had code '9998'",
        ),
        (NAME, ROW, ROW.replace("final", "fnal"), "vintage", "'fnal' is not a vintage"),
        (
            NAME,
            "year,",
            "year,code,group,stage,vintage,persons,status,source,year",
            "year",
            "2 col",
        ),
    ],
)
def test_what_contradicts_itself_is_one_fault_with_file_row_and_column(
    panel: Path, bosett: Run, name: str, old: str, new: str, column: str, found: str
) -> None:
    row = change(panel, name, old, new) + new.count("\n")
    (line,) = told(bosett("propose", "ostfold-2016", "--panel", panel))
    assert line.startswith(f"bosett: {panel / name}, row {row}, column {column}: {found}")


def test_weights_may_miss_one_by_a_millionth(panel: Path) -> None:
    change(panel, "changes.csv", "2017,0706,0710,", "2017,0706,0710,merge,0.9999995,,,K0")
    assert Panel(panel).borders.successors("0706", 2016, 2017)["0710"] == 0.9999995


def test_a_stage_without_a_rule_names_the_stage_and_the_table(panel: Path, bosett: Run) -> None:
    change(panel, "stages.csv", "requested,", "asked,,10-01,0,")
    (line,) = told(bosett("propose", "ostfold-2016", "--panel", panel))
    assert f"{panel / 'stages.csv'}: there is no rule for when 'requested' is known" in line


# -- all at once -----------------------------------------------------------------------------------


def test_faults_of_every_table_that_a_proposal_needs_are_told_together(
    panel: Path, bosett: Run
) -> None:
    places = [
        ("municipalities.csv", "0104,", "104,Moss,01,1944,2019,K0"),
        ("stages.csv", "settled,2026", "settled,2026,13-28,0,"),
        ("population/2015.csv", "2015,0101,", "2015,0101,many,reported,P1,"),
        ("population/2015.csv", "2015,0104,", "2015,0104,,reported,P1,"),
        (NAME, ROW, ROW.replace("0101", "101")),
        ("indicators/employed_all_pct.csv", "2013,0101,", "2013-13,0101,61,reported,I2"),
    ]
    rows = [(name, change(panel, name, old, new)) for name, old, new in places]
    key = "key={ population = 0.5, requested = 0.2, employed_all_pct = 0.3 }"
    lines = told(bosett("propose", "ostfold-2016", "--panel", panel, "--set", key))
    assert len(lines) == len(places)
    for name, row in rows:
        assert any(f"{panel / name}, row {row}, column" in line for line in lines), name


def test_what_was_read_of_a_table_with_faults_is_forgotten(panel: Path) -> None:
    change(panel, "population/2015.csv", "2015,0101,", "2015,0101,many,reported,P1,")
    figures = Panel(panel)
    with pytest.raises(BadDataError, match="many"):
        figures.gather(lambda: figures.population(2015))
    with pytest.raises(BadDataError, match="many"):
        figures.population(2015)


def test_a_table_with_faults_does_not_hide_one_that_is_not_there(panel: Path) -> None:
    change(panel, "population/2015.csv", "2015,0101,", "2015,0101,many,reported,P1,")
    (panel / "stages.csv").unlink()
    figures = Panel(panel)

    def read() -> None:
        figures.population(2015)
        figures.known("requested", 2015)

    with pytest.raises(BadDataError) as caught:
        figures.gather(read)
    assert [str(Path(fault.file or "").relative_to(panel)) for fault in caught.value.faults] == [
        "population/2015.csv",
        "stages.csv",
    ]


def test_gathering_changes_nothing_where_there_are_no_faults() -> None:
    panel = Panel()
    assert panel.gather(lambda: panel.population(2015)) == Panel().population(2015)
    with pytest.raises(MissingInputError):
        panel.gather(lambda: Panel("no-such-folder"))
    with pytest.raises(ZeroDivisionError):
        panel.gather(lambda: 1 // 0)


def test_a_check_of_the_whole_panel_tells_of_tables_nobody_asked_for(panel: Path) -> None:
    change(panel, "requests/2019.csv", "2019,0101,", "2019,0101,total,asked,final,1,reported,S1,")
    change(panel, "indicators/kostra_group.csv", "2024,0301,", "2024,0301,,reported,I12")
    with pytest.raises(BadDataError) as caught:
        Panel(panel).check()
    assert len(caught.value.faults) == 2


# -- headers and encodings -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "found", "remedy"),
    [
        (b"", "there is no header; expected the columns year, code", ""),
        (b"\n\n", "there is no header", ""),
        (b"year;code;persons\n2015;0101;3\n", "the header is 'year;code;persons'", "with commas"),
        (b"year\tcode\tpersons\n", "the header is 'year\tcode\tpersons'", "in UTF-8"),
        (b"2015,0101,3,reported,P1\n", "the header is '2015,0101,3,reported,P1'", ""),
        ("year,code\n".encode("utf-16"), "the file is in UTF-16; expected UTF-8", "save it as CSV"),
    ],
)
def test_another_header_altogether_says_what_it_is_and_what_to_do(
    panel: Path, bosett: Run, content: bytes, found: str, remedy: str
) -> None:
    path = panel / "population" / "2015.csv"
    path.write_bytes(content)
    (line,) = told(bosett("propose", "ostfold-2016", "--panel", panel))
    assert line.startswith(f"bosett: {path}, row 1: {found}")
    assert remedy in line


def test_two_blank_headings_at_the_end_are_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,,\nx,,\n", encoding="utf-8")
    faults: list[Fault] = []
    assert list(read_table(path, {"a": str}, faults)) == [(2, ["x"])]
    assert faults == []


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\x85", "\n", "\r\n"])
def test_a_line_end_of_any_kind_within_a_note_does_not_break_its_row(
    panel: Path, mark: str
) -> None:
    change(panel, NAME, ROW, f'{ROW}"first{mark}second"')
    assert Panel(panel).requests(2015, "requested")["0101"].value == 30


@given(st.binary(max_size=120))
def test_a_table_is_read_column_by_column_as_row_by_row(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "columns.csv"
    path.write_bytes(b"a,b\n" + content)
    kinds: dict[str, Cell] = {"b": persons_of, "a": str}
    first: list[Fault] = []
    second: list[Fault] = []
    table = read_columns(path, kinds, first)
    rows = [(row, [b, a]) for row, b, a in zip(table.rows, *table.values, strict=True)]
    assert rows == list(read_table(path, kinds, second))
    assert first == second
    if not first:
        given_ = list(csv.reader(io.StringIO(decode(path), newline=""), strict=True))[1:]
        assert [values[1] for _, values in rows] == [line[0] for line in given_ if line]


# -- cells that look right -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (" 30", "there is a blank before it"),
        ("30 ", "there is a blank after it"),
        ("30.0", "30.0 persons is written as a decimal, not as a whole number"),
        ("30.0", "write 30"),
        ("3e1", "is written as a decimal"),
        ("٣٠", "these digits are not 0 to 9"),
        ("1 030", "leave out the blank between the digits"),
        ("1\u00a0030", "leave out the blank between the digits"),
        ("+30", "'+30' is not a number of persons"),
        ("9" * 5000, "is not a number of persons"),
    ],
)
def test_a_cell_that_looks_right_says_what_is_wrong_with_it(
    panel: Path, bosett: Run, cell: str, said: str
) -> None:
    change(panel, NAME, ROW, ROW.replace(",30,", f",{cell},"))
    (line,) = told(bosett("propose", "ostfold-2016", "--panel", panel))
    assert said in line


def test_a_figure_that_is_given_twice_names_the_other_row(panel: Path, bosett: Run) -> None:
    row = change(panel, NAME, ROW, f"{ROW}\n{ROW}")
    (line,) = told(bosett("propose", "ostfold-2016", "--panel", panel))
    assert f"row {row + 1}, column code: 0101 is given twice, first in row {row}" in line


@pytest.mark.parametrize("cell", ["1e999", "٣", "1_0", "--1"])
def test_a_number_that_is_not_finite_or_not_written_with_0_to_9_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        number(cell)


@given(st.text("0123456789-", max_size=8))
def test_a_period_is_a_year_or_a_month_of_one(cell: str) -> None:
    year, dash, month = cell.partition("-")
    sound = len(year) == 4 and 1600 <= int(year or 0) <= 2099 if year.isdigit() else False
    sound = sound and (not dash or (len(month) == 2 and month.isdigit() and 1 <= int(month) <= 12))
    if sound:
        assert period(cell) == cell
    else:
        with pytest.raises(ValueError, match="is not a period"):
            period(cell)


@given(st.text(max_size=9))
def test_there_is_no_hint_for_what_looks_wrong_in_another_way(cell: str) -> None:
    if cell == cell.strip() and cell.isascii() and " " not in cell and cell.isprintable():
        assert hint(cell) == ""


# -- periods that documents ask for ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ('population = { weight = 1.0, period = "2031" }', "one of 2013, 2014, 2015"),
        ('population = { weight = 1.0, period = "2015-01" }', "one of 2013, 2014, 2015"),
        ('requested = { weight = 1.0, period = "2013" }', "one of 2014, 2015"),
        ('requested = { weight = 1.0, period = "2015-01" }', "one of 2014, 2015"),
        ('employed_all_pct = { weight = 1.0, period = "1999" }', "2013, 2014"),
        ('expenditure_need_index_dki = { weight = 1.0, period = "2026" }', "known on 2015-10-31"),
    ],
)
def test_a_period_that_is_not_there_says_which_ones_are(bosett: Run, key: str, said: str) -> None:
    (line,) = told(bosett("propose", "ostfold-2016", "--set", f"key={{ {key} }}"))
    assert "there is no period '" in line
    assert said in line


def test_the_periods_of_a_view_are_those_that_may_be_used() -> None:
    case = View(Panel(), 2016, dt.date(2015, 10, 31))
    assert case.periods("requested") == ("2015", "2014")
    for name in ("population", "requested", "employed_all_pct"):
        for each in case.periods(name):
            assert case.newest(name, each).period == each


def test_an_earlier_figure_is_looked_for_only_in_years_there_are(bosett: Run) -> None:
    key = 'key={ settled = { weight = 1.0, missing = "earlier" } }'
    result = bosett("propose", "norway-2026", "--set", key)
    # Settlement of 2023 is not in the panel: what 2024 lacks comes from 2022.
    assert result.exit_code == 0, result.stderr
    assert "is from 2022: 2024 is missing" in result.stdout
