"""A proposal on later borders: whole persons, nobody lost, each part named."""

from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.audit.carried import carried
from allocator.panel import Panel

PANEL = Panel()
CODES = {year: [unit.code for unit in PANEL.municipalities(year)] for year in (2016, 2019, 2023)}


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(sorted(CODES)), st.lists(st.integers(0, 300), min_size=20, max_size=20))
def test_whatever_is_carried_keeps_every_person(start: int, asked: list[int]) -> None:
    persons = {code: asked[place % 20] for place, code in enumerate(CODES[start])}
    found = carried(PANEL, persons, start, 2026)
    assert sum(found.persons.values()) == sum(persons.values())
    for code, parts in found.parts.items():
        assert found.persons[code] == sum(part.persons for part in parts)
        for part in parts:
            assert abs(part.persons - part.share * persons[part.unit.code]) < 1
    assert not found.lacking


def test_the_same_borders_carry_nothing() -> None:
    found = carried(PANEL, dict.fromkeys(CODES[2016], 7), 2016, 2016)
    assert (found.parts, found.estimated, found.lacking) == ({}, frozenset(), frozenset())


def test_haram_of_2016_is_haram_of_2026_and_no_estimate() -> None:
    found = carried(PANEL, {"1534": 15, "1504": 105}, 2016, 2026)
    assert (found.persons["1580"], "1580" in found.estimated) == (15, False)
    assert found.lacking == {"1508"}, "Ørskog, Skodje and Sandøy are not among them"


def test_alesund_of_2023_is_split_by_the_stated_weights() -> None:
    found = carried(PANEL, {"1507": 100}, 2023, 2026)
    assert found.persons == {"1508": 86, "1580": 14}
    assert found.estimated == {"1508", "1580"}
