"""A wrong cell of an input table is told with file, row, column, what is there and what belongs."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from allocator.errors import BadDataError, Fault, MissingInputError
from allocator.panel import Panel, Status
from allocator.panel.cells import code4, number, persons, text
from allocator.panel.rows import decode, read_table

Run = Callable[..., Result]

# The row the tests change: what Halden was asked for in 2015, which ostfold-2016 builds on.
NAME = "requests/2015.csv"
ROW = "2015,0101,total,requested,final,30,reported,S1,"


def change(panel: Path, new: str, old: str = ROW, name: str = NAME) -> int:
    """Put ``new`` in the place of the row ``old``; its number, as a spreadsheet counts."""
    path = panel / name
    lines = path.read_text(encoding="utf-8").splitlines()
    place = lines.index(old)
    lines[place] = new
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return place + 1


@pytest.mark.parametrize(
    ("new", "column", "found", "expected"),
    [
        (
            ROW.replace("0101", "101"),
            "code",
            "'101' is not a municipality code",
            "text of four digits such as '0101'",
        ),
        (ROW.replace("0101", "01O1"), "code", "'01O1' is not a municipality code", "four digits"),
        (ROW.replace("0101", ""), "code", "'' is not a municipality code", "four digits"),
        (ROW.replace("0101", " 0101"), "code", "' 0101' is not a municipality code", "four digits"),
        (ROW.replace(",30,", ",-30,"), "persons", "-30 persons is negative", "0 or more"),
        (ROW.replace(",30,", ",30.5,"), "persons", "30.5 persons is not a whole number", "digits"),
        (ROW.replace(",30,", ",thirty,"), "persons", "'thirty' is not a number", "digits only"),
        (ROW.replace(",30,", ",1 030,"), "persons", "'1 030' is not a number", "digits only"),
        (ROW.replace(",30,", ",nan,"), "persons", "'nan' is not a number", "digits only"),
        (ROW.replace(",30,", ",*,"), "persons", "'*' is not a number", "digits only"),
        (ROW.replace("2015,", "15,"), "year", "'15' is not a year", "four digits such as 2026"),
        (ROW.replace("2015,", "2016,"), "year", "year 2016", "2015, as the file's name says"),
        (ROW.replace("reported", "reportd"), "status", "'reportd' is not known", "one of reported"),
        (ROW.replace("reported", ""), "status", "'' is not known", "one of reported"),
        (ROW.replace("total", "all"), "group", "'all' is not known", "one of total, em"),
        (ROW.replace("requested", "asked"), "stage", "'asked' is not known", "one of requested"),
        (ROW.replace(",30,", ",,"), "status", "0101 is reported without a number", "a number"),
        (
            ROW.replace("reported", "missing"),
            "status",
            "0101 is missing with a number",
            "no number",
        ),
        (
            ROW.replace("reported", "suppressed"),
            "status",
            "0101 is suppressed with a number",
            "no number",
        ),
        (f"{ROW}\n{ROW}", "code", "0101 is given twice", "one row"),
        (f"{ROW},more", None, "10 cells", "9, as the header has"),
        (ROW.removesuffix(","), None, "8 cells", "9, as the header has"),
    ],
)
def test_a_bad_row_makes_exactly_one_line_that_names_file_row_column_found_and_expected(
    panel: Path, bosett: Run, new: str, column: str | None, found: str, expected: str
) -> None:
    row = change(panel, new) + new.count("\n")
    result = bosett("propose", "ostfold-2016", "--panel", panel)
    assert result.exit_code == 65
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    at = f"row {row}, column {column}" if column else f"row {row}"
    assert line.startswith(f"bosett: {panel / NAME}, {at}: {found}")
    assert expected in line.split("; expected ", 1)[1]


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("9999", "not in municipalities.csv for any year"),
        ("0130", "not in municipalities.csv for any year"),
        ("3001", "it came into use in 2020"),
    ],
)
def test_a_code_that_was_not_in_use_that_year_says_what_is_known_of_it(
    panel: Path, bosett: Run, code: str, remedy: str
) -> None:
    row = change(panel, ROW.replace("0101", code))
    (line,) = bosett("propose", "ostfold-2016", "--panel", panel).stderr.splitlines()
    assert f"{NAME}, row {row}, column code: no municipality had code {code} in 2015" in line
    assert remedy in line


def test_a_code_that_is_no_longer_in_use_names_its_successor(panel: Path, bosett: Run) -> None:
    old = next(
        line
        for line in (panel / "requests/2025.csv").read_text(encoding="utf-8").splitlines()
        if line.startswith("2025,3107,total,requested,final")
    )
    change(panel, old.replace("3107", "0106"), old, "requests/2025.csv")
    result = bosett("propose", "norway-2026", "--panel", panel)
    (line,) = result.stderr.splitlines()
    assert result.exit_code == 65
    assert "no municipality had code 0106 in 2025" in line
    assert "it was in use to 2019; its successor is 3107" in line


@pytest.mark.parametrize("column", ["year", "code", "group", "stage", "persons", "status"])
def test_a_missing_column_is_named_with_the_columns_there_should_be(
    panel: Path, bosett: Run, column: str
) -> None:
    header = "year,code,group,stage,vintage,persons,status,source,note"
    change(panel, re.sub(rf"\b{column}\b", f"{column}x", header), header)
    result = bosett("propose", "ostfold-2016", "--panel", panel)
    (line,) = result.stderr.splitlines()
    assert result.exit_code == 65
    assert f"{NAME}, row 1: the column '{column}' is missing; expected the columns year" in line
    assert f"did you mean '{column}x'" in line


@pytest.mark.parametrize("content", ["", "\n", "year;code;group;stage;vintage;persons;status\n"])
def test_a_table_with_another_header_altogether_is_told_in_one_line(
    panel: Path, bosett: Run, content: str
) -> None:
    (panel / NAME).write_text(content, encoding="utf-8")
    result = bosett("propose", "ostfold-2016", "--panel", panel)
    assert result.exit_code == 65
    assert len(result.stderr.splitlines()) == 1


def test_several_faults_of_a_table_are_told_at_once_in_order_of_rows(
    panel: Path, bosett: Run
) -> None:
    lines = (panel / NAME).read_text(encoding="utf-8").splitlines()
    asked = [line for line in lines if ",total,requested,final," in line]
    rows = [
        change(panel, asked[0].replace(",0101,", ",101,"), asked[0]),
        change(panel, asked[1].replace("reported", "missing"), asked[1]),
        change(panel, asked[2].replace(",total,", ",totl,"), asked[2]),
        change(panel, asked[3] + ",x", asked[3]),
    ]
    result = bosett("propose", "ostfold-2016", "--panel", panel)
    told = [int(row) for row in re.findall(r"row (\d+)", result.stderr)]
    assert result.exit_code == 65
    assert told == rows == sorted(rows)
    assert len(result.stderr.splitlines()) == 4


@pytest.mark.parametrize("form", ["json", "csv", "txt"])
def test_no_output_file_is_made_from_bad_data(
    panel: Path, bosett: Run, tmp_path: Path, form: str
) -> None:
    change(panel, ROW.replace("0101", "101"))
    before = set(tmp_path.iterdir())
    out = tmp_path / f"answer.{form}"
    result = bosett("propose", "ostfold-2016", "--panel", panel, "--out", out)
    assert result.exit_code == 65
    assert set(tmp_path.iterdir()) == before


def test_an_output_file_that_was_there_keeps_its_bytes(
    panel: Path, bosett: Run, tmp_path: Path
) -> None:
    out = tmp_path / "answer.csv"
    out.write_bytes(b"as it was\r\n")
    change(panel, ROW.replace(",30,", ",-30,"))
    assert bosett("propose", "ostfold-2016", "--panel", panel, "--out", out).exit_code == 65
    assert out.read_bytes() == b"as it was\r\n"


def rewritten(panel: Path, how: Callable[[str], bytes]) -> None:
    for path in panel.rglob("*.csv"):
        path.write_bytes(how(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(lambda text: text.encode("utf-8-sig"), id="byte order mark"),
        pytest.param(lambda text: text.replace("\n", "\r\n").encode(), id="windows line ends"),
        pytest.param(lambda text: text.rstrip("\n").encode(), id="no last line end"),
        pytest.param(lambda text: (text + "\n\n").encode(), id="blank lines at the end"),
    ],
)
def test_how_a_table_was_saved_does_not_change_the_answer(
    panel: Path, bosett: Run, how: Callable[[str], bytes]
) -> None:
    rewritten(panel, how)
    mine = bosett("propose", "ostfold-2016", "--format", "json", "--panel", panel)
    shipped = bosett("propose", "ostfold-2016", "--format", "json")
    assert (mine.exit_code, mine.stdout) == (0, shipped.stdout)


def test_a_table_saved_in_windows_1252_keeps_its_letters(panel: Path, bosett: Run) -> None:
    for name in ("municipalities.csv", "counties.csv"):
        path = panel / name
        path.write_bytes(path.read_text(encoding="utf-8").encode("cp1252", errors="replace"))
    mine = bosett("propose", "ostfold-2016", "--format", "json", "--panel", panel)
    assert (mine.exit_code, mine.stdout) == (
        0,
        bosett("propose", "ostfold-2016", "--format", "json").stdout,
    )
    assert "Rømskog" in mine.stdout


def test_a_table_that_ends_within_a_quotation_is_not_csv(panel: Path, bosett: Run) -> None:
    row = change(panel, ROW + '"open')
    result = bosett("propose", "ostfold-2016", "--panel", panel)
    (line,) = result.stderr.splitlines()
    assert result.exit_code == 65
    assert f"{NAME}, row {row}: is not CSV" in line


def test_a_municipality_that_stands_twice_for_one_year_is_refused(panel: Path) -> None:
    row = "0101,Halden,01,1967,2019,K0"
    change(panel, f"{row}\n{row}", row, "municipalities.csv")
    with pytest.raises(BadDataError, match="0101"):
        Panel(panel).municipalities(2016)


def test_a_municipality_of_a_county_that_does_not_exist_is_refused(panel: Path) -> None:
    change(
        panel, "0101,Halden,77,1967,2019,K0", "0101,Halden,01,1967,2019,K0", "municipalities.csv"
    )
    with pytest.raises(BadDataError, match="77"):
        Panel(panel).municipalities(2016)


def test_shares_of_a_split_that_do_not_add_up_are_refused(panel: Path) -> None:
    old = next(
        line
        for line in (panel / "changes.csv").read_text(encoding="utf-8").splitlines()
        if line.startswith("2017,0706,0710,merge,1,")
    )
    change(panel, old.replace(",merge,1,", ",merge,2,"), old, "changes.csv")
    with pytest.raises(BadDataError, match="0706"):
        _ = Panel(panel).borders


@pytest.mark.parametrize("period", ["hello", "20", "2013-19", "2013-1x"])
def test_a_period_that_is_no_year_or_month_is_refused(panel: Path, period: str) -> None:
    path = panel / "indicators" / "employed_all_pct.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1] = lines[1].replace(lines[1].split(",")[0], period, 1)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(BadDataError, match=period):
        Panel(panel).indicator_periods("employed_all_pct")


def test_a_stage_without_a_date_rule_is_bad_data(panel: Path, bosett: Run) -> None:
    path = panel / "stages.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("\nrequested,", "\nreqested,"), encoding="utf-8"
    )
    result = bosett("propose", "ostfold-2016", "--panel", panel)
    assert result.exit_code == 65
    assert "stages.csv" in result.stderr


def test_a_vintage_that_is_not_in_the_list_of_vintages_is_refused(panel: Path) -> None:
    change(panel, ROW.replace("final", "fnal"))
    with pytest.raises(BadDataError, match="fnal"):
        Panel(panel).requests(2015, "requested")


@pytest.mark.parametrize("name", ["municipalities.csv", "counties.csv", "stages.csv"])
def test_a_table_that_is_needed_and_not_there_is_missing_input(
    panel: Path, bosett: Run, name: str
) -> None:
    (panel / name).unlink()
    result = bosett("propose", "ostfold-2016", "--panel", panel)
    (line,) = result.stderr.splitlines()
    assert result.exit_code == 66
    assert str(panel / name) in line


def test_a_panel_folder_that_is_not_there_is_missing_input(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="there is no panel folder"):
        Panel(tmp_path / "nowhere")


def test_an_unknown_indicator_names_the_nearest() -> None:
    with pytest.raises(BadDataError, match="did you mean 'employed_all_pct'"):
        Panel().indicator("employed_al_pct")


# -- statuses --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "stage", "status"),
    [
        (2020, "requested", Status.SUPPRESSED),
        (2016, "decided", Status.MISSING),
        (2026, "decided", Status.PENDING),
        (2026, "decided", Status.NOT_REQUESTED),
        (2026, "settled", Status.SUPPRESSED),
    ],
)
def test_a_figure_that_is_not_there_has_a_status_and_no_number(
    year: int, stage: str, status: Status
) -> None:
    figures = [f for f in Panel().requests(year, stage).values() if f.status is status]
    assert figures
    assert all(figure.value is None and figure.reported is None for figure in figures)


def test_a_partial_figure_has_a_number_that_is_not_taken_for_a_final_one() -> None:
    figures = [f for f in Panel().requests(2026, "settled").values() if f.status is Status.PARTIAL]
    assert figures
    assert all(figure.value is not None and figure.reported is None for figure in figures)


def test_a_reported_nought_is_a_figure() -> None:
    figure = Panel().requests(2015, "decided", vintage="ostfold-report")["0121"]
    assert (figure.value, figure.reported, figure.status) == (0, 0, Status.REPORTED)


@pytest.mark.parametrize("status", [s for s in Status if s not in ("reported", "partial")])
def test_every_status_word_is_read_as_itself_and_never_as_nought(
    panel: Path, status: Status
) -> None:
    change(panel, ROW.replace(",30,reported,", f",,{status.value},"))
    figure = Panel(panel).requests(2015, "requested")["0101"]
    assert (figure.status, figure.value) == (status, None)


# -- cells -----------------------------------------------------------------------------------------


@given(st.text(max_size=8))
def test_a_cell_is_a_code_of_four_digits_or_refused(cell: str) -> None:
    if re.fullmatch("[0-9]{4}", cell):
        assert code4(cell) == cell
    else:
        with pytest.raises(ValueError, match="is not a municipality code") as caught:
            code4(cell)
        assert caught.value.args[1].startswith("text of four digits")


@given(st.integers(0, 9999))
def test_a_code_that_lost_its_noughts_is_shown_with_them(value: int) -> None:
    if value > 999:
        assert code4(str(value)) == str(value)
    else:
        with pytest.raises(ValueError, match=f"{value:04}"):
            code4(str(value))


@given(st.text(max_size=12))
def test_persons_are_whole_numbers_of_0_or_more_or_nothing_or_refused(cell: str) -> None:
    if re.fullmatch("[0-9]*", cell):
        assert persons(cell) == (int(cell) if cell else None)
    else:
        with pytest.raises(ValueError, match=r"not a|is negative") as caught:
            persons(cell)
        assert caught.value.args[1] in ("digits only, such as 25", "0 or more")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_read_as_it_is_written(value: float) -> None:
    assert number(repr(value)) == value


@pytest.mark.parametrize("cell", ["nan", "inf", "1,5", "1 000", "0x1", ":", ".", "..", "-"])
def test_what_only_looks_like_a_number_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        number(cell)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_as_a_table_or_as_faults(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content)
    faults: list[Fault] = []
    found = list(read_table(path, {"a": text, "b": persons}, faults))
    assert all(len(values) == 2 and row > 1 for row, values in found)
    assert all(fault.file == str(path) and fault.row for fault in faults)
    rows = [row for row in csv.reader(io.StringIO(decode(path), newline="")) if row]
    assert found or faults or len(rows) == 1


def test_columns_are_found_by_name_in_any_order(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("b,more,a\n1,x,y\n", encoding="utf-8")
    faults: list[Fault] = []
    assert list(read_table(path, {"a": text, "b": persons}, faults)) == [(2, ["y", 1])]
    assert faults == []
