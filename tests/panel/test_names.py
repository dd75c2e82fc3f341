"""A municipality is found by any spelling of its name, old or new; or all that are meant are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.errors import BadDataError
from allocator.panel import Panel
from allocator.panel.names import find, folded

PANEL = Panel()


@pytest.mark.parametrize(
    ("text", "year", "code", "how"),
    [
        ("0301", 2026, "0301", "is"),
        ("301", 2026, "0301", "is"),
        ("Oslo kommune", 2026, "0301", "is"),
        ("TROMSOE", 2026, "5501", "is"),
        ("tromso", 2016, "1902", "is"),
        ("aalesund", 2026, "1508", "is"),
        ("Nord Aurdal", 2026, "3451", "is"),
        ("kautokeino", 2026, "5612", "is"),
        ("Guovdageaidnu", 2026, "5612", "is"),
        ("Karasjohka", 2026, "5610", "is"),
        ("Våler (Østfold)", 2026, "3114", "is"),
        ("vaaler i innlandet", 2026, "3419", "is"),
        ("Våler, 3114", 2026, "3114", "is"),
        ("3114 Våler", 2026, "3114", "is"),
        ("Haram", 2026, "1580", "is"),
        ("Haram 2016", 2026, "1580", "renamed"),
        ("1534", 2026, "1580", "renamed"),
        ("Haram 2016", 2022, "1507", "merged"),
        ("Haram", 2016, "1534", "is"),
        ("Rygge", 2026, "3103", "merged"),
        ("3101", 2016, "0101", "was"),
        ("Haram, 2024", 2021, "1507", "was"),
    ],
)
def test_a_municipality_is_found_however_it_is_named(
    text: str, year: int, code: str, how: str
) -> None:
    found = find(PANEL, text, year)
    assert (found.unit.code, found.how) == (code, how)


@pytest.mark.parametrize(
    ("text", "year", "told"),
    [
        ("Våler", 2026, ["3114 Våler (Østfold)", "3419 Våler (Innlandet)"]),
        ("Herøy", 2026, ["1515 Herøy (Møre og Romsdal)", "1818 Herøy (Nordland)"]),
        ("Os 2016", 2026, ["3430 Os (Innlandet)", "4624 Bjørnafjorden (Vestland)"]),
        ("Snillfjord", 2026, ["was split", "5055 Heim", "5056 Hitra", "5059 Orkland"]),
        ("Indre Østfold", 2016, ["in 2016 it was", "0124 Askim", "0138 Hobøl", "name one of them"]),
        ("Trondeim", 2026, ["did you mean 5001 Trondheim"]),
        ("Fredrikstad (Akershus)", 2026, ["did you mean 3107 Fredrikstad (Østfold)?"]),
        ("Hamar 1950", 2026, ["there was no 'Hamar' in 1950"]),
        ("9999", 2026, ["no municipality '9999'", "not in municipalities.csv"]),
        ("", 2026, ["a name or a code of four digits"]),
        ("Halden", 1700, ["no municipalities are known for 1700"]),
    ],
)
def test_a_name_that_is_nobodys_or_several_names_all_that_may_be_meant(
    text: str, year: int, told: list[str]
) -> None:
    with pytest.raises(BadDataError) as error:
        find(PANEL, text, year)
    assert len(error.value.faults) == 1
    for words in told:
        assert words in str(error.value)


def test_others_of_the_same_name_in_other_years_are_told_beside_the_one_that_is() -> None:
    found = find(PANEL, "Nes", 2026)
    assert found.unit.code == "3228"
    assert [(other.code, leads) for other, leads in found.also] == [
        ("0616", "3322 Nesbyen (Buskerud)")
    ]


def test_what_a_municipality_was_merged_with_is_named() -> None:
    found = find(PANEL, "Ålesund 2016", 2026)
    assert (found.unit.code, found.how) == ("1508", "merged")
    assert found.with_it == ("Ørskog", "Skodje", "Sandøy")


@pytest.mark.parametrize("year", [2016, 2018, 2022, 2026])
def test_every_municipality_of_a_year_is_found_by_its_code_and_by_its_name_and_county(
    year: int,
) -> None:
    for unit in PANEL.municipalities(year):
        assert find(PANEL, unit.code, year).unit == unit
        assert find(PANEL, f"{unit.name.upper()} ({unit.county_name})", year).unit == unit


@given(st.text(max_size=30))
def test_any_text_is_a_municipality_or_an_error_in_words(text: str) -> None:
    try:
        found = find(PANEL, text, 2026)
    except BadDataError:
        return
    assert found.unit in PANEL.municipalities(2026)


@pytest.mark.parametrize("keyboard", [{"å": "aa", "ø": "oe", "æ": "ae"}, {"å": "a", "ø": "o"}])
def test_every_name_is_the_same_on_a_keyboard_without_its_letters(keyboard: dict[str, str]) -> None:
    for version in PANEL.versions():
        typed = version.name.lower()
        for letter, instead in keyboard.items():
            typed = typed.replace(letter, instead)
        assert folded(typed) == folded(version.name)
