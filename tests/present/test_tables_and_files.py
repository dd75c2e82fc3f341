"""One table in three forms, and files that are whole or not there."""

import csv
import io
import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.audit.compare import compare
from allocator.errors import Fault, UsageError
from allocator.panel import Panel
from allocator.present import forms
from allocator.present.tables import Column, as_csv, as_json, as_text, count, decimal, signed
from allocator.present.text import comparison_text, proposal_text
from allocator.proposal import Proposal
from allocator.engine import propose

NO_BREAK = "\u00a0"
words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]))


def test_thousands_are_set_apart_by_a_space_that_does_not_break() -> None:
    assert [count(value) for value in (0, 999, 1000, 1234567, None)] == [
        "0",
        "999",
        f"1{NO_BREAK}000",
        f"1{NO_BREAK}234{NO_BREAK}567",
        "–",
    ]


def test_a_change_has_a_sign_and_nought_has_none() -> None:
    assert [signed(value) for value in (5, -5, 0, -1200, None)] == [
        "+5",
        "−5",
        "0",
        f"−1{NO_BREAK}200",
        "–",
    ]


@given(st.integers(-(10**9), 10**9))
def test_a_number_that_is_shown_can_be_read_back(value: int) -> None:
    assert int(signed(value).replace(NO_BREAK, "").replace("−", "-")) == value


@pytest.mark.parametrize(
    ("value", "places", "shown"), [(2.449, 1, "2.4"), (2.0, 3, "2.000"), (None, 1, "–")]
)
def test_decimals_are_as_many_as_asked(value: float | None, places: int, shown: str) -> None:
    assert decimal(value, places) == shown


def test_numbers_stand_to_the_right_and_words_to_the_left() -> None:
    columns = [Column("name"), Column("n", number=True), Column("held by")]
    assert as_text(columns, [["Moss", "5", "–"], ["Ås", "1 020", "band"]]) == (
        "name      n  held by\nMoss      5  –\nÅs    1 020  band\n"
    )


def test_a_table_without_rows_is_its_heading() -> None:
    assert as_text([Column("code"), Column("n", number=True)], []) == "code  n\n"


@given(st.lists(st.lists(words, min_size=3, max_size=3), max_size=6))
def test_a_table_has_a_line_for_each_row_and_none_ends_in_blanks(rows: list[list[str]]) -> None:
    lines = as_text([Column("a"), Column("b", number=True), Column("c")], rows).split("\n")
    assert len(lines) == len(rows) + 2
    assert all(line == line.rstrip() for line in lines)


@given(st.lists(st.fixed_dictionaries({"code": words, "n": st.none() | st.integers()}), min_size=1))
def test_csv_is_read_back_as_it_was_written(rows: list[dict[str, object]]) -> None:
    back = list(csv.DictReader(io.StringIO(as_csv(rows), newline="")))
    assert back == [
        {name: "" if value is None else str(value) for name, value in row.items()} for row in rows
    ]


def test_a_list_in_a_cell_is_joined_by_blanks_and_nothing_is_an_empty_cell() -> None:
    assert as_csv([{"code": "0101", "binding": ("lot", "band"), "em": None}]) == (
        "code,binding,em\n0101,lot band,\n"
    )


def test_csv_of_no_rows_is_empty() -> None:
    assert as_csv([]) == ""


@given(st.dictionaries(words, st.none() | st.integers() | words | st.lists(st.integers())))
def test_json_is_read_back_in_its_own_order_with_letters_as_they_are(
    fields: dict[str, object],
) -> None:
    written = as_json(fields)
    assert json.loads(written) == fields
    assert list(json.loads(written)) == list(fields)
    assert written.endswith("\n")


def test_json_keeps_norwegian_letters() -> None:
    assert "Rømskog" in as_json({"name": "Rømskog"})


# -- files -----------------------------------------------------------------------------------------


@given(words)
def test_a_file_has_the_bytes_of_its_text_in_utf_8(
    tmp_path_factory: pytest.TempPathFactory, content: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.txt"
    forms.write(path, content)
    assert path.read_bytes() == content.encode()


def test_a_file_is_written_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "answer.csv"
    path.write_text("older and longer\n" * 100, encoding="utf-8")
    forms.write(path, "code\n0101\n")
    assert path.read_bytes() == b"code\n0101\n"
    assert list(tmp_path.iterdir()) == [path]
    assert stat.S_IMODE(path.stat().st_mode) & 0o600 == 0o600


def test_what_cannot_be_written_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "answer.csv"
    path.write_bytes(b"as it was")
    with pytest.raises(UnicodeEncodeError):
        forms.write(path, "half a pair: \ud800")
    assert path.read_bytes() == b"as it was"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("place", ["no/such/folder/answer.csv", "a-folder"])
def test_a_place_that_cannot_be_written_to_is_told_in_words(tmp_path: Path, place: str) -> None:
    (tmp_path / "a-folder").mkdir()
    with pytest.raises(UsageError, match="cannot write"):
        forms.write(tmp_path / place, "text")
    assert [path.name for path in tmp_path.iterdir()] == ["a-folder"]


# -- what people read ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ostfold() -> Proposal:
    return propose("ostfold-2016")


def test_a_proposal_of_one_county_does_not_repeat_its_name(ostfold: Proposal) -> None:
    heading = proposal_text(ostfold).splitlines()[2]
    assert "county" not in heading
    assert heading.split("  ")[0] == "code"


def test_a_proposal_shows_every_municipality_once_by_code(ostfold: Proposal) -> None:
    lines = proposal_text(ostfold).splitlines()
    codes = [line[:4] for line in lines if line[:4].isdigit()]
    assert codes == [request.code for request in ostfold.municipalities]


def test_a_proposal_without_minors_has_no_column_for_them() -> None:
    text = proposal_text(propose("ostfold-2015"))
    assert "minors" not in text
    assert "435 persons" in text


def test_a_comparison_tells_overlap_and_vintage(ostfold: Proposal) -> None:
    found = compare(ostfold, Panel(), vintage="ostfold-report")
    text = comparison_text(found)
    assert "vintage ostfold-report" in text.splitlines()[0]
    assert "94.9 % of persons placed the same" in text
    assert "18 municipalities compared" in text


def test_the_sums_under_a_comparison_are_over_the_same_municipalities() -> None:
    found = compare(propose("norway-2026"), Panel(), "decided")
    both = [row for row in found.municipalities if row.actual is not None]
    text = comparison_text(found).replace(NO_BREAK, "").replace("−", "-")
    (cells,) = [line.split() for line in text.splitlines() if line.split()[:2] == ["in", "all"]]
    proposed, actual, difference = (int(cell) for cell in cells[2:5])
    assert proposed - actual == difference
    assert difference == sum(row.proposed - (row.actual or 0) for row in both)


def test_a_frame_has_a_row_for_each_municipality(ostfold: Proposal) -> None:
    frame = ostfold.to_frame()
    assert frame["total"].sum() == 780
    assert frame.index.name == "code"
    assert list(frame.index) == [request.code for request in ostfold.municipalities]


@given(st.text(min_size=1, max_size=9), st.text(max_size=9), st.text(max_size=9))
def test_a_fault_tells_all_it_knows_on_the_way_from_place_to_remedy(
    found: str, expected: str, remedy: str
) -> None:
    told = str(Fault("c", found, expected, remedy, file="f.csv", row=3, column="code"))
    assert told.startswith(f"f.csv, row 3, column code: {found}")
    assert told.endswith(remedy or expected or found)
