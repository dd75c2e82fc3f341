"""What a cell says: numbers as people write them, signs kept apart, bytes by one rule."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.errors import BadDataError
from allocator.panel import Panel, Status
from allocator.panel.importers.codes import Codes
from allocator.panel.importers.decode import source_of, text_of
from allocator.panel.importers.persons import is_identity_number, person_faults
from allocator.panel.importers.signs import read_count, read_number

NBSP, NARROW, MINUS = "\u00a0", "\u202f", "\u2212"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("0", "0"),
        ("25", "25"),
        (" 25 ", "25"),
        ("1 250", "1250"),
        (f"1{NBSP}250", "1250"),
        (f"12{NARROW}345{NARROW}678", "12345678"),
        ("20.0", "20"),
        ("20,00", "20"),
        ("+7", "7"),
    ],
)
def test_a_count_is_read_as_people_write_it(cell: str, value: str) -> None:
    assert read_count(cell) == (value, Status.REPORTED)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2,4", "2.4"),
        ("2.4", "2.4"),
        (",5", "0.5"),
        (f"{MINUS}1{NBSP}250,50", "-1250.5"),
        ("-3", "-3"),
        ("83.33333333", "83.33333333"),
        ("61.0", "61"),
    ],
)
def test_a_number_is_read_with_comma_or_point_and_any_minus(cell: str, value: str) -> None:
    assert read_number(cell) == (value, Status.REPORTED)


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        (":", Status.SUPPRESSED),
        ("*", Status.SUPPRESSED),
        ("<5", Status.SUPPRESSED),
        ("< 4", Status.SUPPRESSED),
        (".", Status.MISSING),
        ("..", Status.MISSING),
        ("", Status.MISSING),
        ("avventer vedtak", Status.PENDING),
        ("Avventar vedtak", Status.PENDING),
    ],
)
def test_a_sign_is_its_own_status_and_never_zero(cell: str, status: Status) -> None:
    assert read_count(cell) == ("", status)
    assert read_number(cell) == ("", status)


@pytest.mark.parametrize("dash", ["-", "–", "—", MINUS])
def test_a_dash_is_what_its_publisher_means_or_is_refused(dash: str) -> None:
    assert read_count(dash, Status.NOT_REQUESTED) == ("", Status.NOT_REQUESTED)
    with pytest.raises(ValueError, match="nothing asked, none, or no figure"):
        read_count(dash)


@pytest.mark.parametrize(
    "cell",
    [
        "1.250",
        "1,000",
        "1 25",
        "12 34",
        "3,5",
        "-5",
        f"{MINUS}5",
        "1e3",
        "٣٠",
        "25 p",
        "inf",
        "nan",
    ],
)
def test_what_can_be_read_in_two_ways_or_none_is_no_count(cell: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_count(cell)


@given(st.integers(0, 10**12), st.sampled_from(["", " ", NBSP, NARROW, "\u2009"]))
def test_thousands_apart_or_not_are_the_same_count(value: int, blank: str) -> None:
    assert read_count(f"{value:,}".replace(",", blank)) == (str(value), Status.REPORTED)


@given(st.text(max_size=30))
def test_no_text_breaks_the_readers_of_cells(cell: str) -> None:
    for read in (read_count, read_number):
        with contextlib.suppress(ValueError):
            value, status = read(cell)
            assert bool(value) is (status is Status.REPORTED)


# -- bytes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "cp1252"])
def test_norwegian_letters_survive_every_encoding(encoding: str) -> None:
    assert text_of("Tromsø, Våler, Ærø".encode(encoding), "a.csv") == "Tromsø, Våler, Ærø"


def test_what_windows_put_into_latin_1_is_read_too() -> None:
    assert text_of("“Hå” – Časlav".encode(), "") == "“Hå” – Časlav"
    assert text_of("“Hå” – Žarko".encode("cp1252"), "") == "“Hå” – Žarko"


def test_a_byte_that_neither_rule_knows_is_refused_with_its_row() -> None:
    with pytest.raises(BadDataError, match="row 2: the byte 0x81 is neither UTF-8 nor"):
        text_of(b"a;b\nH\xe5;\x81\n", "a.csv")


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf\r\n", "the file is empty"),
        (b"<!DOCTYPE html><html></html>", "is a web page"),
        (b"PK\x03\x04 not a workbook", "damaged workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel file of the old kind"),
        (b"a\x00b;c\n", "control character"),
        (b'{"codes": [', "is no JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'a;b\n"1;2\n', "is no table"),
    ],
)
def test_what_is_no_table_is_refused_in_words(raw: bytes, told: str) -> None:
    with pytest.raises(BadDataError, match=told):
        source_of(raw, "a.csv")


@pytest.mark.parametrize("mark", [";", ",", "\t"])
def test_cells_are_parted_by_what_the_first_line_has_most_of(mark: str) -> None:
    raw = f"code{mark}persons\r\n0101{mark}20\r\n".encode()
    assert source_of(raw, "a").sheets[0].rows == [["code", "persons"], ["0101", "20"]]


def test_excels_own_first_line_says_the_mark_and_is_no_row() -> None:
    rows = source_of(b"sep=;\ncode;a,b,c,d\n0101;1\n", "a").sheets[0].rows
    assert rows == [["code", "a,b,c,d"], ["0101", "1"]]


# -- codes -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def codes() -> Codes:
    return Codes(Panel())


@pytest.mark.parametrize(
    ("cell", "year", "code"),
    [
        ("0101", 2016, "0101"),
        ("101", 2016, "0101"),
        ("301", 2026, "0301"),
        ("K3001", 2022, "3001"),
        ("K-3001 Halden", 2020, "3001"),
        ("0101 Halden", 2014, "0101"),
        ("K3001", 2016, "0101"),
        ("3101", 2016, "0101"),
        ("0101", 2026, "3101"),
    ],
)
def test_a_code_is_that_of_its_year(codes: Codes, cell: str, year: int, code: str) -> None:
    assert codes.of_year(cell, year)[0] == code


@pytest.mark.parametrize(
    ("cell", "year", "told"),
    [
        ("Halden", 2016, "write 0101 (Halden, Østfold)"),
        ("Tromsø", 2026, "write 5501 (Tromsø, Troms)"),
        ("Kárášjohka", 2026, "write 5610 (Kárášjohka - Karasjok, Finnmark)"),
        ("Haldn", 2016, "did you mean 0101 Halden (Østfold)?"),
        ("Herøy", 2016, "'Herøy' is the name of 2 municipalities in 2016"),
        ("0102", 2016, "the code is not in municipalities.csv for any year"),
        ("1507", 2016, "it came into use in 2020"),
        ("0704", 2026, "its successor is 3905"),
        ("", 2016, "there is no code"),
    ],
)
def test_a_name_or_a_code_of_no_municipality_is_refused_with_what_is_meant(
    codes: Codes, cell: str, year: int, told: str
) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        codes.of_year(cell, year)
    assert told in " ".join(map(str, raised.value.args))


# -- persons ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "table",
    [
        "Fødselsnummer;Kommune\n;0101\n",
        "DUF-nummer;code\n;0101\n",
        "Fornavn;Etternavn;code;year\nA;B;0101;2026\n",
        "code;year;Fødselsdato\n0101;2026;2001-01-01\n",
        "kjønn;alder;statsborgerskap;kommune\nK;17;X;0101\n",
        "code;year;persons\n0101;2026;01010750160\n",
        "code;year;persons;note\n0101;2026;1;010107 50160\n",
        "code;year;persons;note\n0101;2026;1;201512345678\n",
    ],
)
def test_a_file_about_persons_is_known_by_its_columns_or_numbers(table: str) -> None:
    faults = person_faults(source_of(table.encode(), "a.csv"))
    assert faults
    assert all(fault.code == "import.persons" for fault in faults)
    assert not any(number in str(faults) for number in ("50160", "201512345678"))


def test_persons_in_json_are_known_however_deep_they_lie() -> None:
    value: object = {"fodselsnummer": "x"}
    for _ in range(50):
        value = [{"a": value}]
    assert person_faults(source_of(json.dumps(value).encode(), "a.json"))
    assert person_faults(source_of(b'{"a": ["01010750160"]}', "a.json"))


@pytest.mark.parametrize(
    "table",
    [
        "region\tsex\tage\tPersons 2020\n0101 Halden\tMales\t0 years\t20\n",
        "Nivå,Kjønn,Alder,Antall personer\nA,K,17,3\n",
        "code;year;population\n0101;2026;12345678901\n",
    ],
)
def test_counts_by_sex_and_age_are_no_persons(table: str) -> None:
    assert person_faults(source_of(table.encode(), "a.csv")) == []


@given(st.integers(0, 10**11 - 1))
def test_few_numbers_of_eleven_digits_are_identity_numbers(number: int) -> None:
    text = f"{number:011}"
    if is_identity_number(text):
        assert not is_identity_number(text[:-1] + str((int(text[-1]) + 1) % 10))
