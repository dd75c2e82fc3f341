"""One table in three forms, and files that are whole or not there."""

import csv
import io
import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.audit.compare import compare
from allocator.engine import propose
from allocator.errors import Fault, UsageError
from allocator.panel import Panel
from allocator.present import forms
from allocator.present.language import speaking
from allocator.present.tables import (
    Column,
    as_csv,
    as_json,
    as_text,
    count,
    cut,
    decimal,
    signed,
)
from allocator.present.text import comparison_text, held, proposal_text
from allocator.proposal import Proposal, Request

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


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=4), json_values, max_size=5))
def test_json_has_the_bytes_of_the_standard_librarys(fields: dict[str, object]) -> None:
    assert as_json(fields) == json.dumps(fields, ensure_ascii=False, indent=1) + "\n"


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
    with pytest.raises(UsageError, match=r"it holds '\\ud800', which UTF-8 does not know"):
        forms.write(path, "half a pair: \ud800")
    assert path.read_bytes() == b"as it was"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("place", ["no/such/folder/answer.csv", "a-folder"])
def test_a_place_that_cannot_be_written_to_is_told_in_words(tmp_path: Path, place: str) -> None:
    (tmp_path / "a-folder").mkdir()
    with pytest.raises(UsageError, match="cannot write"):
        forms.write(tmp_path / place, "text")
    assert [path.name for path in tmp_path.iterdir()] == ["a-folder"]


def test_a_link_stays_a_link_and_its_target_is_written(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "answer.csv", tmp_path / "link.csv"
    for before in (None, "old"):
        if before is not None:
            target.write_text(before, encoding="utf-8")
        else:
            link.symlink_to(target)
        forms.write(link, "new")
        assert link.is_symlink()
        assert target.read_text(encoding="utf-8") == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.csv", "there"]
    assert list(target.parent.iterdir()) == [target]


def test_links_in_a_circle_are_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(UsageError, match="cannot write"):
        forms.write(tmp_path / "a", "text")


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_a_new_file_has_the_mode_of_any_new_file(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        forms.write(tmp_path / "answer.txt", "text")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "answer.txt").stat().st_mode) == 0o666 & ~umask


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_a_file_that_was_there_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "answer.txt"
    path.write_text("old", encoding="utf-8")
    path.chmod(mode)
    forms.write(path, "new")
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.read_text(encoding="utf-8") == "new"


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        forms.write(path, "Rømskog")
        assert os.read(reader, 100) == "Rømskog".encode()
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert list(tmp_path.iterdir()) == [path]


def test_a_device_is_written_to_and_stays_a_device() -> None:
    forms.write(Path(os.devnull), "text")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_nothing_is_left_beside_a_file_whose_writing_broke_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(UsageError, match="No space left on device"):
        forms.write(tmp_path / "answer.txt", "text")
    assert not list(tmp_path.iterdir())


def test_a_name_of_full_length_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("a" * 251 + ".txt")
    forms.write(path, "text")
    assert path.read_text(encoding="utf-8") == "text"


# -- the width of a table --------------------------------------------------------------------------


@given(
    st.lists(st.tuples(words, words, st.integers(0, 10**7), words), min_size=1, max_size=9),
    st.integers(0, 90),
)
def test_a_table_made_narrow_keeps_every_number_and_cuts_words_no_further_than_it_must(
    cells: list[tuple[str, str, int, str]], width: int
) -> None:
    columns = [Column("name", least=6), Column("county", least=4), Column("n", number=True)]
    rows = [[name, county, str(number)] for name, county, number, _ in cells]
    natural = as_text(columns, rows)
    lines = as_text(columns, rows, width).splitlines()
    assert len(lines) == len(rows) + 1
    assert all(line.endswith(row[2]) for line, row in zip(lines[1:], rows, strict=True))
    longest = max(map(len, natural.splitlines()))
    if longest <= width:
        assert as_text(columns, rows, width) == natural
    numbers = max(len(row[2]) for row in rows)
    if 6 + 2 + 4 + 2 + numbers <= width:
        assert max(map(len, lines)) <= max(width, 0)


def test_a_column_that_the_others_tell_is_left_out_before_numbers_are_cut() -> None:
    columns = [Column("name"), Column("was", True, spare=True), Column("is", True)]
    rows = [["Moss", "100", "120"]]
    assert as_text(columns, rows, 80) == as_text(columns, rows)
    assert as_text(columns, rows, 12) == "name   is\nMoss  120\n"


@given(words, st.integers(1, 20))
def test_a_word_is_cut_to_its_width_and_says_so(word: str, width: int) -> None:
    found = cut(word, width)
    assert len(found) <= width
    assert found == word if len(word) <= width else found.endswith("…")


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
    both = [row for row in found.municipalities if row.compared]
    assert len(both) < len(found.municipalities)
    text = comparison_text(found).replace(NO_BREAK, "").replace("−", "-")
    (cells,) = [line.split() for line in text.splitlines() if line.split()[:2] == ["in", "all"]]
    proposed, actual, difference = (int(cell) for cell in cells[2:5])
    assert proposed - actual == difference
    assert difference == sum(row.proposed - (row.actual or 0) for row in both)


@pytest.mark.parametrize("name", ["ostfold-2015", "ostfold-2016", "norway-2026", "norway-2027"])
def test_a_proposal_is_a_table_of_80_columns_with_every_number_whole(name: str) -> None:
    proposal = propose(name)
    rows = {r.code: r for r in proposal.municipalities}
    lines = proposal_text(proposal).splitlines()
    table = lines[lines.index("") + 1 : lines.index("", lines.index("") + 1)]
    assert max(map(len, table)) <= 80
    asked = table[0].index("asked") + len("asked")
    for line in table[1:]:
        if line[:4].isdigit():
            word = line[:asked].split("  ")[-1].strip()
            assert word == count(rows[line[:4]].total)


@pytest.mark.parametrize("lang", ["en", "nb", "nn"])
@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("norway-2026", ("imdi-2018",)),
        ("norway-2027", ("", "ceiling.per_1000=5", "band.up=0.5")),
        ("norway-2027", ("", "band.up=0.2", "band.down=0.1")),
        ("norway-2027+oslo-held", ("",)),
        ("ostfold-2016", ("",)),
        ("sor-trondelag-2015-2016", ("",)),
    ],
    ids=" ".join,
)
def test_a_number_held_by_several_families_is_within_80_columns_in_every_language(
    name: str, rule: tuple[str, ...], lang: str
) -> None:
    model, *changed = rule
    proposal = propose(name, changed, model=model or None)
    with speaking(lang):
        _head, *lines = proposal_text(proposal).splitlines()
        assert [line for line in lines if len(line) > 80] == []
        told = " ".join(" ".join(lines).split())
        for request in proposal.municipalities:
            assert held(request) in told


def test_what_goes_on_below_stands_in_its_own_column_and_loses_nothing() -> None:
    columns = [Column("code"), Column("held by", below=", ")]
    rows = [["0301", "ceiling"], ["1111", "band, lot (minors)"]]
    assert as_text(columns, rows) == ("code  held by\n0301  ceiling\n1111  band, lot (minors)\n")
    assert as_text(columns, rows, 20) == (
        "code  held by\n0301  ceiling\n1111  band,\n      lot (minors)\n"
    )


@pytest.mark.parametrize("stage", ["requested", "decided", "settled"])
def test_a_comparison_is_a_table_of_80_columns(norway: Proposal, stage: str) -> None:
    lines = comparison_text(compare(norway, Panel(), stage)).splitlines()
    table = lines[lines.index("") + 1 : lines.index("", lines.index("") + 1)]
    assert max(map(len, table)) <= 80
    assert "county" in table[0]


@pytest.fixture(scope="module")
def norway() -> Proposal:
    return propose("norway-2026")


def test_a_comparison_of_one_county_does_not_repeat_its_name(ostfold: Proposal) -> None:
    text = comparison_text(compare(ostfold, Panel(), vintage="ostfold-report"))
    assert "county" not in text.splitlines()[2]


def test_a_comparison_says_how_many_are_left_out_of_its_sums(norway: Proposal) -> None:
    found = compare(norway, Panel(), "decided")
    left = [row for row in found.municipalities if not row.compared]
    (line,) = [line for line in comparison_text(found).splitlines() if " left out  " in line]
    assert line.split() == [
        str(len(left)),
        "left",
        "out",
        str(sum(row.proposed for row in left)),
        "–",
        "–",
    ]
    assert sum(found.left_out.values()) == len(left) == 30


@pytest.mark.parametrize(
    ("binding", "total", "em", "told"),
    [
        ((), 10, 0, "–"),
        (("band",), 10, 0, "band"),
        (("lot_em",), 10, 0, "–"),
        (("lot", "lot_em"), 10, 5, "lot"),
        (("lot", "lot_em"), 0, 0, "lot"),
        (("lot", "capacity", "lot_em"), 10, 5, "lot, capacity"),
        (("lock", "minors_em"), 10, 5, "lock"),
        (("exempt", "minors_em"), 0, 0, "exempt"),
    ],
)
def test_what_holds_a_number_is_told_in_words_and_once(
    ostfold: Proposal, binding: tuple[str, ...], total: int, em: int, told: str
) -> None:
    request = replace(ostfold.municipalities[0], binding=binding, total=total, em=em, code="0099")
    text = proposal_text(replace(ostfold, municipalities=(request, *ostfold.municipalities)))
    row, _ = " ".join(text.split()).split("0099 ")[1].split(" 0101 ")
    assert row.endswith(f" {told}")
    assert proposal_json(request) == list(binding)


def proposal_json(request: Request) -> list[str]:
    found: list[str] = json.loads(as_json(request.as_dict()))["binding"]
    return found


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
