"""Figures carried through mergers and splits: nothing lost, nothing twice, never back in time."""

from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.panel import Figure, Panel, Series, Status
from allocator.panel.borders import Borders, Change

YEARS = (2016, 2017, 2018, 2020, 2024)
SPLIT = {"0720", "1850", "5012", "1507"}


@cache
def borders() -> Borders:
    return Panel().borders


@cache
def codes(year: int) -> tuple[str, ...]:
    return tuple(m.code for m in Panel().municipalities(year))


def total(series: Series) -> float:
    return sum(figure.value or 0 for figure in series.values())


def series_of(year: int) -> st.SearchStrategy[Series]:
    persons = st.integers(0, 2000).map(lambda value: Figure(value, source="T"))
    return st.dictionaries(st.sampled_from(codes(year)), persons, max_size=60)


@settings(max_examples=40)
@given(st.sampled_from(YEARS), st.sampled_from(YEARS), st.data())
def test_carrying_keeps_the_national_sum(start: int, end: int, data: st.DataObject) -> None:
    start, end = sorted((start, end))
    series = data.draw(series_of(start))
    carried = borders().carry(series, start, end)
    assert total(carried) == pytest.approx(total(series), rel=1e-12)
    if not SPLIT.intersection(series):
        assert total(carried) == total(series)
    assert set(carried) <= set(codes(end))


@pytest.mark.parametrize(("start", "end"), [(a, b) for a in YEARS for b in YEARS if a < b])
def test_a_whole_country_is_carried_onto_the_whole_country(start: int, end: int) -> None:
    everywhere: Series = {code: Figure(7) for code in codes(start)}
    carried = borders().carry(everywhere, start, end)
    assert set(carried) == set(codes(end))
    assert total(carried) == pytest.approx(7 * len(codes(start)), rel=1e-12)


@settings(max_examples=25)
@given(st.data())
def test_carrying_at_once_and_year_by_year_agree_but_for_what_is_restored(
    data: st.DataObject,
) -> None:
    series = data.draw(series_of(2016))
    stepwise = series
    for start, end in pairwise(YEARS):
        stepwise = borders().carry(stepwise, start, end)
    at_once = borders().carry(series, 2016, 2024)
    restored = {"1508", "1580"}
    for code in (set(stepwise) | set(at_once)) - restored:
        assert stepwise[code].value == pytest.approx(at_once[code].value)


@settings(max_examples=25)
@given(st.sampled_from(YEARS), st.data())
def test_carrying_to_the_same_year_changes_nothing(year: int, data: st.DataObject) -> None:
    series = data.draw(series_of(year))
    assert borders().carry(series, year, year) == series


@settings(max_examples=25)
@given(st.data())
def test_two_series_added_and_then_carried_are_the_two_carried_and_then_added(
    data: st.DataObject,
) -> None:
    codes_ = data.draw(st.lists(st.sampled_from(codes(2016)), max_size=40, unique=True))
    first = {code: Figure(data.draw(st.integers(0, 99))) for code in codes_}
    second = {code: Figure(data.draw(st.integers(0, 99))) for code in codes_}
    both = {c: Figure((first[c].value or 0) + (second[c].value or 0)) for c in codes_}
    carried = [borders().carry(series, 2016, 2024) for series in (first, second, both)]
    for code, figure in carried[2].items():
        parts = (carried[0][code].value or 0) + (carried[1][code].value or 0)
        assert figure.value == pytest.approx(parts)


def test_shares_of_every_municipality_sum_to_one() -> None:
    for code in codes(2016):
        shares = borders().successors(code, 2016, 2026)
        assert sum(shares.values()) == pytest.approx(1, abs=1e-12)
        assert set(shares) <= set(codes(2026))


@pytest.mark.parametrize(
    ("code", "start", "new"),
    [
        ("1534", 2016, {"1580": 1.0}),
        ("1534", 2019, {"1580": 1.0}),
        ("1504", 2016, {"1508": 1.0}),
        ("1523", 2016, {"1508": 1.0}),
        ("1529", 2016, {"1508": 1.0}),
        ("1546", 2016, {"1508": 1.0}),
        ("0106", 2016, {"3107": 1.0}),
        ("0301", 2016, {"0301": 1.0}),
    ],
)
def test_a_municipality_of_old_is_found_in_todays(
    code: str, start: int, new: dict[str, float]
) -> None:
    assert borders().successors(code, start, 2024) == new


def test_what_was_harams_goes_whole_to_haram_and_is_no_estimate() -> None:
    carried = borders().carry({"1534": Figure(20), "1504": Figure(100)}, 2019, 2024)
    assert carried == {"1508": Figure(100), "1580": Figure(20)}


def test_what_stood_on_the_merged_alesund_is_split_and_marked_as_estimated() -> None:
    carried = borders().carry({"1507": Figure(100, source="S")}, 2020, 2024)
    assert set(carried) == {"1508", "1580"}
    assert all(figure.estimated and figure.source == "S" for figure in carried.values())
    assert total(carried) == pytest.approx(100)
    assert (carried["1508"].value or 0) > (carried["1580"].value or 0)


@pytest.mark.parametrize(
    ("code", "year"), [("0720", 2016), ("1850", 2019), ("5012", 2019), ("1507", 2023)]
)
def test_every_split_is_marked_as_estimated_and_no_merger_is(code: str, year: int) -> None:
    series: Series = {c: Figure(10) for c in codes(year)}
    carried = borders().carry(series, year, year + 1)
    parts = borders().successors(code, year, year + 1)
    assert len(parts) > 1
    splits = {
        new
        for old in codes(year)
        if len(shares := borders().successors(old, year, year + 1)) > 1
        for new in shares
    }
    assert set(parts) <= splits
    assert {new for new, figure in carried.items() if figure.estimated} == splits


def test_an_estimate_stays_one_when_it_is_carried_on() -> None:
    carried = borders().carry({"0720": Figure(10), "0706": Figure(1)}, 2016, 2024)
    assert any(figure.estimated for figure in carried.values())


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="back in time, from 2024 to 2016"):
        borders().successors("1580", 2024, 2016)
    with pytest.raises(ValueError, match="back in time"):
        borders().carry({"1580": Figure(1)}, 2024, 2016)


# -- small borders of our own ----------------------------------------------------------------------

SMALL = Borders(
    [
        Change(2020, "0001", "0003", "merge", 1.0),
        Change(2020, "0002", "0003", "merge", 1.0),
        Change(2024, "0003", "0004", "split", 0.75),
        Change(2024, "0003", "0005", "split", 0.25),
    ]
)


def test_a_rate_of_merged_parts_is_weighted_by_inhabitants() -> None:
    rates: Series = {"0001": Figure(2.0), "0002": Figure(5.0)}
    carried = SMALL.carry(rates, 2019, 2020, how="mean", weights={"0001": 3000.0, "0002": 1000.0})
    assert carried["0003"].value == pytest.approx(2.75)


@given(st.floats(0, 100), st.floats(0, 100), st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_merged_rate_lies_between_the_rates_of_its_parts(
    first: float, second: float, here: int, there: int
) -> None:
    rates: Series = {"0001": Figure(first), "0002": Figure(second)}
    weights = {"0001": float(here), "0002": float(there)}
    value = SMALL.carry(rates, 2019, 2020, how="mean", weights=weights)["0003"].value
    assert value is not None
    assert min(first, second) - 1e-9 <= value <= max(first, second) + 1e-9


def test_both_parts_of_a_split_have_the_rate_of_the_whole() -> None:
    carried = SMALL.carry({"0003": Figure(4.0)}, 2023, 2024, how="mean", weights={"0003": 900.0})
    assert {code: figure.value for code, figure in carried.items()} == {"0004": 4.0, "0005": 4.0}


def test_a_class_is_kept_where_all_parts_agree_and_else_missing() -> None:
    alike: Series = {"0001": Figure(3), "0002": Figure(3)}
    unlike: Series = {"0001": Figure(3), "0002": Figure(4)}
    assert SMALL.carry(alike, 2019, 2020, how="same")["0003"].value == 3
    found = SMALL.carry(unlike, 2019, 2020, how="same")["0003"]
    assert (found.value, found.status) == (None, Status.MISSING)


@pytest.mark.parametrize("status", [s for s in Status if s not in ("reported", "partial")])
@pytest.mark.parametrize("how", ["sum", "mean", "same"])
def test_a_merged_figure_with_an_unreported_part_is_not_reported(status: Status, how: str) -> None:
    parts: Series = {"0001": Figure(10), "0002": Figure(None, status)}
    found = SMALL.carry(parts, 2019, 2020, how=how)["0003"]  # type: ignore[arg-type]
    assert (found.value, found.status) == (None, status)


def test_a_merged_figure_with_a_partial_part_is_partial() -> None:
    parts: Series = {"0001": Figure(10), "0002": Figure(5, Status.PARTIAL)}
    found = SMALL.carry(parts, 2019, 2020)["0003"]
    assert (found.value, found.status, found.reported) == (15, Status.PARTIAL, None)


def test_a_merged_figure_names_all_its_sources() -> None:
    parts: Series = {"0001": Figure(1, source="S2"), "0002": Figure(2, source="S1")}
    assert SMALL.carry(parts, 2019, 2020)["0003"].source == "S1+S2"


def test_what_is_not_reported_keeps_its_status_through_a_split() -> None:
    carried = SMALL.carry({"0003": Figure(None, Status.SUPPRESSED)}, 2023, 2024)
    assert {figure.status for figure in carried.values()} == {Status.SUPPRESSED}
    assert {figure.value for figure in carried.values()} == {None}
