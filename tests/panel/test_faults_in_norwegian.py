"""Whoever imports a file that is wrong is told so in the language that was asked for."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from allocator.errors import BosettError
from allocator.panel import Panel
from allocator.panel.cells import code4, period
from allocator.panel.importers.signs import read_count
from allocator.panel.names import find
from allocator.present.faults import TOPICS, fault_words
from allocator.present.language import sentence, speaking

Run = Callable[..., Result]


def words(error: BosettError, lang: str) -> list[str]:
    with speaking(lang):
        return [fault_words(fault) for fault in error.faults]


def parts(error: ValueError, lang: str) -> list[str]:
    with speaking(lang):
        return [sentence(str(part), TOPICS) for part in error.args]


def test_a_refused_row_of_an_import_is_told_in_bokmaal(bosett: Run, tmp_path: Path) -> None:
    file = tmp_path / "tall.csv"
    file.write_text("år;kommunenummer;anmodning\n2026;Halden;25\n2026;0301\n", encoding="utf-8")
    told = bosett("data", "import", file, "--panel", tmp_path / "p", "--create", "--lang", "nb")
    assert told.exit_code == 65
    assert told.stderr.splitlines()[-1] == (
        f"bosett: {file}, rad 2, kolonne kommunenummer: 'Halden' er et navn; ventet et "
        "kommunenummer som gjaldt i 2026 – skriv 3101 (Halden, Østfold)"
    )


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("nb", ["'1.250' kan være 1250 eller 1 og en kvart", "bare sifre, som 1250"]),
        ("nn", ["'1.250' kan vere 1250 eller 1 og ein kvart", "berre siffer, som 1250"]),
    ],
)
def test_a_number_that_can_be_read_in_two_ways_is_quoted_as_it_stands(
    lang: str, expected: list[str]
) -> None:
    with pytest.raises(ValueError, match="a quarter") as error:
        read_count("1.250")
    assert parts(error.value, lang)[:2] == expected


@pytest.mark.parametrize(
    ("read", "cell", "expected"),
    [
        (code4, "", "'' er ikkje eit kommunenummer"),
        (code4, "301", "'301' er ikkje eit kommunenummer"),
        (period, "", "'' er ikkje ein periode"),
    ],
)
def test_an_empty_cell_is_told_as_well_as_a_full_one(
    read: Callable[[str], object], cell: str, expected: str
) -> None:
    with pytest.raises(ValueError, match="is not a") as error:
        read(cell)
    assert parts(error.value, "nn")[0] == expected


@pytest.mark.parametrize(
    ("name", "year", "expected"),
    [
        (
            "Hamar 1950",
            2026,
            "det fantes ingen 'Hamar' i 1950 – kjent: 0403 Hamar (Hedmark) til 2019, "
            "3403 Hamar (Innlandet) fra 2020",
        ),
        (
            "Snillfjord",
            2026,
            "5012 Snillfjord (Trøndelag) er delt, og er i 2026 en del av 5055 Heim (Trøndelag), "
            "5056 Hitra (Trøndelag) og 5059 Orkland (Trøndelag) – oppgi én av dem",
        ),
        (
            "Herøy",
            2016,
            "'Herøy' er navnet på 2 kommuner i 2016: 1515 Herøy (Møre og Romsdal), 1818 Herøy "
            "(Nordland) – oppgi én av dem med nummer eller med fylke: 'Herøy (Møre og Romsdal)'",
        ),
    ],
)
def test_a_name_that_is_nobody_s_or_several_s_is_told_with_every_year_and_place(
    name: str, year: int, expected: str
) -> None:
    with pytest.raises(BosettError) as error:
        find(Panel(), name, year)
    assert words(error.value, "nb") == [expected]


@pytest.mark.parametrize(
    ("english", "nynorsk"),
    [
        (
            "data.ssb.no: not reached: offline, or the address is down (2 tries)",
            "data.ssb.no: ikkje nådd: maskina er utan nett, eller adressa er nede (2 forsøk)",
        ),
        (
            "0101, 0104 and 6 more are not in it, and no change of 2026 says what became of them",
            "0101, 0104 og 6 til manglar, og ingen endring i 2026 seier kva som vart av dei",
        ),
        (
            "decided 2016 was not known on 2015-10-31; it may be used from 2017-01-15",
            "tala for vedteke 2016 var ikkje kjende 2015-10-31; dei kan brukast frå 2017-01-15",
        ),
        (
            "lock of 0101: 9 is more than the capacity of 5",
            "låst tal for 0101: 9 er meir enn kapasiteten på 5",
        ),
        (
            "the columns year, code, separated by commas",
            "kolonnane year, code, skilde med komma",
        ),
        ("there is a blank before and after it", "det står mellomrom framfor og bak"),
    ],
)
def test_what_is_within_a_sentence_is_told_as_well(english: str, nynorsk: str) -> None:
    with speaking("nn"):
        assert sentence(english, TOPICS) == nynorsk
