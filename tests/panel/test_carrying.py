"""A table of one's own through mergers and splits, and a municipality through its names."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from allocator.errors import BadDataError, UsageError
from allocator.panel import Panel, Status
from allocator.panel.carrying import carry_file, trail
from tests.panel.importing import xlsx

Run = Callable[..., Result]


@pytest.mark.parametrize(
    ("year", "units"),
    [
        *((2013, 428), (2016, 428), (2017, 426), (2018, 422), (2019, 422)),
        *((2020, 356), (2023, 356), (2024, 357), (2026, 357)),
    ],
)
def test_there_were_so_many_municipalities_in_a_year(year: int, units: int) -> None:
    assert len(Panel().municipalities(year)) == units


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    """A file with some text or bytes."""

    def write(what: str | bytes) -> Path:
        path = tmp_path / "table.csv"
        path.write_bytes(what if isinstance(what, bytes) else what.encode("cp1252"))
        return path

    return write


def test_mergers_sum_and_a_split_is_an_estimate_by_the_stated_weight(
    table: Callable[..., Path],
) -> None:
    path = table(
        "Kommunenr;Navn;Antall\n0720;Stokke;100\n0706;Sandefjord;7\n0719;Andebu;3\n0704;T;1\n"
    )
    found = carry_file(path, Panel(), 2016, 2017)
    values = {row.unit.name: row.figures[0].value for row in found.rows}
    assert values == {"Sandefjord": pytest.approx(92.58), "Tønsberg": pytest.approx(18.42)}
    assert all(row.estimated for row in found.rows)
    assert {row.unit.name: row.parts for row in found.rows}["Sandefjord"] == (
        ("0706", 1.0),
        ("0719", 1.0),
        ("0720", 0.8258),
    )


def test_a_whole_country_keeps_its_sum(table: Callable[..., Path]) -> None:
    rows = [["code", "n"], *([u.code, 7] for u in Panel().municipalities(2016))]
    found = carry_file(table(xlsx(rows)), Panel(), 2016, 2024)  # type: ignore[arg-type]
    assert len(found.rows) == 357
    total = sum(row.figures[0].value or 0 for row in found.rows)
    assert total == pytest.approx(7 * 428)
    assert 0 < sum(row.estimated for row in found.rows) < 12


def test_a_merger_without_one_of_its_parts_has_no_figure(table: Callable[..., Path]) -> None:
    found = carry_file(table("code,n\n0706,7\n"), Panel(), 2016, 2024)
    (row,) = [row for row in found.rows if row.unit.name == "Sandefjord"]
    assert (row.figures[0].value, row.figures[0].status) == (None, Status.MISSING)


def test_a_rate_is_weighted_by_inhabitants_and_a_class_kept_where_all_agree(
    table: Callable[..., Path],
) -> None:
    path = table("code,rate\n0135,2\n0136,5\n0104,5\n")
    people = Panel().population(2019)
    mean = carry_file(path, Panel(), 2019, 2020, "mean")
    (moss,) = [row for row in mean.rows if row.unit.name == "Moss"]
    weights = {code: people[code].value or 0 for code in ("0104", "0136")}
    assert moss.figures[0].value == pytest.approx(5)
    assert sum(weights.values()) > 0
    same = carry_file(path, Panel(), 2019, 2020, "same")
    assert {row.unit.name: row.figures[0].value for row in same.rows}["Moss"] == 5


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("code,n\nHalden,7\n", "write 0101"),
        ("code,n\n0101,1.250\n0104,x\n", "'x' is not a number"),
        ("code,n\n0101,1\n0101,2\n", "is given twice, first in row 2"),
        ("navn,n\nHalden,1\n", "no column has the codes"),
        ("code,navn\n0101,Halden\n", "no column has figures"),
        ("code,year,n\n0101,2015,1\n0104,2016,1\n", "holds 2 different ones"),
        ("code,DUF-nummer\n0101,1\n", "belongs to a list of persons"),
        ('{"a": 1}', "is no table"),
    ],
)
def test_a_table_that_cannot_be_carried_says_why(
    table: Callable[..., Path], text: str, why: str
) -> None:
    with pytest.raises(BadDataError, match=why):
        carry_file(table(text), Panel(), 2016, 2024)


def test_nothing_is_carried_back_in_time(table: Callable[..., Path]) -> None:
    with pytest.raises(UsageError, match="back in time"):
        carry_file(table("code,n\n3101,1\n"), Panel(), 2024, 2016)


def test_every_form_holds_the_same(bosett: Run, table: Callable[..., Path]) -> None:
    path = table("code;n\n1534;20\n1504;:\n1523;1\n1529;1\n1546;1\n")
    arguments = ("data", "carry", path, "--from", "2016", "--to", "2024")
    rows = json.loads(bosett(*arguments, "--format", "json").stdout)["rows"]
    lines = csv.DictReader(io.StringIO(bosett(*arguments, "--format", "csv").stdout))
    assert [row["code"] for row in rows] == [row["code"] for row in lines] == ["1508", "1580"]
    assert (rows[0]["n"], rows[0]["n_status"], rows[1]["n"]) == (None, "suppressed", 20)
    assert "1580  Haram" in bosett(*arguments).stdout


# -- a municipality through its names --------------------------------------------------------------


def test_haram_of_2016_is_found_through_the_municipality_it_was_part_of(bosett: Run) -> None:
    rows = json.loads(bosett("data", "find", "Haram 2016", "--format", "json").stdout)["steps"]
    assert [(row["year"], row["code"]) for row in rows] == [
        (2016, "1534"),
        (2020, "1507"),
        (2024, "1580"),
    ]


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        (("0101",), ["3101"]),
        (("haram", "--year", "2019"), ["1534", "1507", "1580"]),
        (("HARAM 2016", "--to", "2021"), ["1534", "1507"]),
        (("Kautokeino",), ["5612"]),
        (("Aalesund", "--year", "2021"), ["1507", "1508", "1580"]),
    ],
)
def test_old_names_codes_and_spellings_find_it(
    bosett: Run, asked: tuple[str, ...], codes: list[str]
) -> None:
    found = bosett("data", "find", *asked, "--format", "csv")
    assert [row["code"] for row in csv.DictReader(io.StringIO(found.stdout))] == codes


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("Herøy", "is the name of 2 municipalities"),
        ("1507", "was split: in 2026 it is part of 1508 Ålesund (Møre og Romsdal) and 1580 Haram"),
        ("Haramm", "did you mean 1580 Haram"),
    ],
)
def test_no_branch_is_chosen_silently(bosett: Run, asked: str, why: str) -> None:
    found = bosett("data", "find", asked)
    assert (found.exit_code, found.stdout) == (65, "")
    assert why in found.stderr


def test_shares_of_a_split_are_told_with_every_branch() -> None:
    last = trail(Panel(), "0720", 2016, 2026)[-1]
    assert {unit.name for unit, _ in last.parts} == {"Tønsberg", "Sandefjord"}
    assert sum(share for _, share in last.parts) == pytest.approx(1)
