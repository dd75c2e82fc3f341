"""Request → decision → settled: the county report's figures, and every status kept apart.

Figures: Bosetting av flyktninger i Østfold, sluttrapport 2017, Fylkesmannen i Østfold (435, 331,
25, 104 too few; 780/197 and 724/107); Rælingen 125 %: Bosettingsprisen 2016 nominations, IMDi.
"""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.audit.answers import NOT_GIVEN, Answer, Count, Stages, count_of
from allocator.audit.classes import SIZES, centrality, size_class
from allocator.audit.follow_up import FollowUp, follow_up
from allocator.audit.ranking import ranking
from allocator.audit.sums import summary, total
from allocator.errors import BadDataError
from allocator.panel import Figure, Panel, Status

PANEL = Panel()
NONE = Count(None, NOT_GIVEN)
TEN = Count(10, "reported")


@pytest.fixture(scope="module")
def spring() -> FollowUp:
    return follow_up(PANEL, 2015, county="01", vintage="ostfold-report")


def stages(requested: Count = TEN, decided: Count = NONE, settled: Count = NONE) -> Stages:
    return Stages(requested, decided, NONE, settled, NONE)


def persons(found: FollowUp, stage: str, group: str = "total") -> int | None:
    sums = found.whole.total if group == "total" else found.whole.em
    return sums.stages[stage].persons


def test_ostfold_in_spring_2015_was_asked_for_435_decided_331_and_was_104_too_few(
    spring: FollowUp,
) -> None:
    assert persons(spring, "requested") == 435
    assert persons(spring, "decided") == 331
    assert persons(spring, "decided", "em") == 25
    assert spring.whole.total.too_few == 104


def test_the_104_are_94_where_both_are_known_and_10_asked_of_hobol(spring: FollowUp) -> None:
    sums = spring.whole.total
    assert sums.requested_compared - sums.decided_compared == 94
    assert (sums.open, sums.open_requested) == (1, 10)
    assert sums.stages["decided"].left_out == {"missing": 1}


def test_romskog_refused_and_hobol_has_none_registered_which_is_not_the_same(
    spring: FollowUp,
) -> None:
    of = {row.name: row.total for row in spring.rows}
    assert of["Rømskog"].answer is Answer.REFUSED
    assert of["Hobøl"].answer is Answer.NONE_REGISTERED
    assert (of["Rømskog"].decided.persons, of["Hobøl"].decided.persons) == (0, None)
    assert of["Rømskog"].difference == -10
    assert of["Hobøl"].difference is None


def test_the_county_printed_the_same_itself(spring: FollowUp) -> None:
    own = {(f.stage, f.group): f.persons for f in spring.whole.published}
    assert own == {
        ("requested", "total"): 435,
        ("decided", "total"): 331,
        ("decided", "em"): 25,
    }


def test_ostfold_in_2016_was_asked_for_780_with_197_minors_and_decided_724_with_107() -> None:
    found = follow_up(PANEL, 2016, county="01", vintage="ostfold-report")
    assert (persons(found, "requested"), persons(found, "requested", "em")) == (780, 197)
    own = {(f.stage, f.group): f.persons for f in found.whole.published}
    assert (own["requested", "total"], own["requested", "em"]) == (780, 197)
    assert (own["decided", "total"], own["decided", "em"]) == (724, 107)


def test_what_only_the_county_published_is_not_made_up_as_a_sum_of_municipalities() -> None:
    found = follow_up(PANEL, 2016, county="01", vintage="ostfold-report")
    assert found.stages == ("requested",)
    assert persons(found, "decided") is None
    assert found.whole.total.too_few is None
    assert {row.total.answer for row in found.rows} == {Answer.NOT_GIVEN}


def test_raelingen_settled_125_per_cent_of_its_decision_in_2016() -> None:
    rows = {row.code: row for row in follow_up(PANEL, 2016).rows}
    assert rows["0228"].name == "Rælingen"
    assert rows["0228"].total.utilisation == 125.0


# -- every status, one by one ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "status", [s for s in Status if s not in (Status.REPORTED, Status.PARTIAL)]
)
def test_a_status_without_a_figure_is_counted_by_its_own_word_and_never_as_0(
    status: Status,
) -> None:
    counted = total([count_of(Figure(20)), count_of(Figure(None, status))])
    assert counted.persons == 20
    assert counted.municipalities == 1
    assert counted.left_out == {status.value: 1}


@pytest.mark.parametrize(
    ("decided", "answer"),
    [
        (Count(12, "reported"), Answer.BEYOND),
        (Count(10, "reported"), Answer.AS_ASKED),
        (Count(4, "reported"), Answer.SHORT),
        (Count(0, "reported"), Answer.REFUSED),
        (Count(None, "missing"), Answer.NONE_REGISTERED),
        (Count(None, "pending"), Answer.PENDING),
        (Count(None, "suppressed"), Answer.HIDDEN),
        (Count(None, "not_requested"), Answer.NOT_ASKED),
        (Count(4, "partial"), Answer.PARTIAL),
        (NONE, Answer.NOT_GIVEN),
    ],
)
def test_each_decision_is_its_own_answer(decided: Count, answer: Answer) -> None:
    assert stages(decided=decided).answer is answer


@pytest.mark.parametrize(
    ("requested", "decided", "answer"),
    [
        (Count(0, "reported"), Count(0, "reported"), Answer.NOT_ASKED),
        (Count(0, "reported"), Count(5, "reported"), Answer.UNASKED),
        (Count(0, "reported"), Count(None, "missing"), Answer.NOT_ASKED),
        (Count(None, "suppressed"), Count(5, "reported"), Answer.REQUEST_UNKNOWN),
        (Count(None, "missing"), Count(None, "missing"), Answer.NO_FIGURES),
        (Count(None, "missing"), Count(0, "reported"), Answer.REQUEST_UNKNOWN),
    ],
)
def test_a_request_of_0_or_of_nobody_knows_is_no_refusal(
    requested: Count, decided: Count, answer: Answer
) -> None:
    assert stages(requested, decided).answer is answer


def test_a_partial_figure_is_summed_and_counted_as_partial() -> None:
    counted = total([Count(7, "partial"), Count(3, "reported")])
    assert (counted.persons, counted.partial, counted.left_out) == (10, 1, {})


def test_nothing_known_is_no_sum_and_not_0() -> None:
    assert total([Count(None, "pending")]).persons is None
    assert total([]).persons is None


def test_a_hidden_decision_means_nobody_can_say_how_many_are_too_few() -> None:
    known = stages(decided=Count(4, "reported"))
    hidden = stages(decided=Count(None, "suppressed"))
    assert summary([known]).too_few == 6
    assert summary([known, hidden]).too_few is None
    assert summary([known, hidden]).hidden_requested == 10


def test_hidden_pending_and_not_asked_are_kept_apart_in_2026() -> None:
    sums = follow_up(PANEL, 2026).whole.total
    assert sums.stages["requested"].persons == 13_000
    assert sums.stages["decided"].left_out == {"not_requested": 25, "pending": 5}
    assert sums.stages["agreed"].left_out == {"suppressed": 107}
    assert sums.stages["settled"].left_out == {"suppressed": 35}
    assert sums.stages["settled"].partial == sums.stages["settled"].municipalities == 322


def test_utilisation_and_acceptance_are_of_what_is_known_on_both_sides() -> None:
    sums = summary(
        [
            stages(decided=Count(5, "reported"), settled=Count(4, "reported")),
            stages(decided=Count(100, "reported"), settled=Count(None, "suppressed")),
            stages(decided=Count(None, "pending"), settled=Count(9, "reported")),
        ]
    )
    assert sums.utilisation == 80.0
    assert sums.acceptance == 525.0


counts = st.one_of(
    st.builds(Count, st.integers(0, 50), st.sampled_from(["reported", "partial"])),
    st.builds(Count, st.none(), st.sampled_from(["suppressed", "missing", "pending"])),
)


@given(st.lists(st.builds(stages, counts, counts, counts), max_size=12))
def test_what_is_summed_and_what_is_left_out_are_all_there_is(rows: list[Stages]) -> None:
    sums = summary(rows)
    for each in sums.stages.values():
        assert each.municipalities + sum(each.left_out.values()) == len(rows)
    assert sum(sums.answers.values()) == len(rows)
    assert sums.beyond - sums.short == sums.decided_compared - sums.requested_compared


# -- counties, classes, ranking, trend -------------------------------------------------------------


@pytest.mark.parametrize(("year", "asked"), [(2014, 10973), (2016, 18517), (2024, 37000)])
def test_the_counties_add_up_to_the_nation(year: int, asked: int) -> None:
    found = follow_up(PANEL, year)
    assert persons(found, "requested") == asked
    for stage in found.stages:
        parts = [county.total.stages[stage] for county in found.counties]
        whole = found.whole.total.stages[stage]
        assert sum(part.persons or 0 for part in parts) == (whole.persons or 0)
        assert sum(part.municipalities for part in parts) == whole.municipalities
    assert sum(county.municipalities for county in found.counties) == len(found.rows)


@pytest.mark.parametrize("classes", ["sizes", "centralities"])
def test_the_classes_hold_every_municipality_once(classes: str) -> None:
    found = follow_up(PANEL, 2024)
    areas = getattr(found, classes)
    assert sum(area.municipalities for area in areas) == len(found.rows) == 357
    assert sum(area.total.requested_compared for area in areas) == (
        found.whole.total.requested_compared
    )


def test_in_2024_the_most_central_accepted_99_per_cent_and_the_least_central_71() -> None:
    """70 only if the pending are taken as 0; they are left out on both sides."""
    areas = {area.code: area.total for area in follow_up(PANEL, 2024).centralities}
    assert round(areas["1"].acceptance or 0) == 99
    assert round(areas["6"].acceptance or 0) == 71
    decided, asked = (areas["6"].stages[name].persons or 0 for name in ("decided", "requested"))
    assert round(100 * decided / asked) == 70
    assert areas["6"].answers["pending"] > 0


def test_the_county_says_more_than_its_municipalities_where_cells_are_hidden() -> None:
    found = follow_up(PANEL, 2024)
    more = {
        county.name: (county.own("settled") or 0) - (county.total.stages["settled"].persons or 0)
        for county in found.counties
    }
    assert sum(more.values()) == 42
    assert sum(gap > 0 for gap in more.values()) == 5


@pytest.mark.parametrize(
    ("people", "size"),
    [(4_999, 0), (5_000, 1), (9_999, 1), (10_000, 2), (20_000, 3), (49_999, 3), (50_000, 4)],
)
def test_a_size_class_begins_at_its_lower_bound(people: int, size: int) -> None:
    assert size_class(people) == SIZES[size]


def test_centrality_is_of_the_grouping_that_fits_the_year() -> None:
    assert centrality(PANEL, 2016).indicator == "ssb_centrality_2008_0to3"
    assert centrality(PANEL, 2016).order == ("3", "2", "1", "0")
    assert centrality(PANEL, 2026).indicator == "ssb_centrality_1to6"
    assert centrality(PANEL, 2026).order == ("1", "2", "3", "4", "5", "6")


def test_a_tiny_request_cannot_win_the_ranking(spring: FollowUp) -> None:
    assert spring.ranked_by == "decided"
    assert [one.name for one in spring.ranked[:2]] == ["Fredrikstad", "Sarpsborg"]
    assert all(one.requested >= 20 for one in spring.ranked)
    low = follow_up(PANEL, 2015, county="01", vintage="ostfold-report", floor=1)
    assert {one.name for one in low.ranked} > {one.name for one in spring.ranked}


def test_equal_efforts_share_a_place() -> None:
    def of(asked: int, done: int) -> Stages:
        return stages(Count(asked, "reported"), Count(done, "reported"))

    _, ranked = ranking(
        [("1", "A", "", of(20, 20)), ("2", "B", "", of(40, 40)), ("3", "C", "", of(20, 10))]
    )
    assert [(one.place, one.name) for one in ranked] == [(1, "B"), (1, "A"), (3, "C")]


def test_a_figure_of_part_of_the_year_is_not_ranked() -> None:
    assert follow_up(PANEL, 2026).ranked_by == "decided"
    assert follow_up(PANEL, 2024).ranked_by == "settled"


def test_the_trend_has_the_national_requests_of_2014_to_2026() -> None:
    found = follow_up(PANEL, 2026, years=range(2014, 2027)).years
    asked = [year.area.total.stages["requested"].persons for year in found if year.area]
    assert asked == [
        10973, 11185, 18517, 12714, 5350, 5350, 3602, 5025, 35000, 38000, 37000, 12640, 13000,
    ]  # fmt: skip


def test_a_year_without_the_county_says_why_and_has_no_figures() -> None:
    found = follow_up(PANEL, 2019, county="Østfold", years=[2019, 2020]).years
    assert found[0].area is not None
    assert found[1].area is None
    assert "no county 'Østfold' in 2020" in found[1].why


def test_a_county_may_be_said_by_name_or_code() -> None:
    by_name, by_code = (follow_up(PANEL, 2016, county=county) for county in ("østfold", "01"))
    assert by_name.as_dict() == by_code.as_dict()


@pytest.mark.parametrize(
    ("year", "county", "vintage", "told"),
    [
        (2016, "99", "final", "there is no county '99' in 2016"),
        (2016, "", "ostfold-reprt", "did you mean 'ostfold-report'"),
        (2013, "", "final", "no requests for 2013"),
        (2016, "02", "ostfold-report", "no figures of vintage 'ostfold-report' for county 02"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(
    year: int, county: str, vintage: str, told: str
) -> None:
    with pytest.raises(BadDataError, match=told):
        follow_up(PANEL, year, county=county, vintage=vintage)


def test_a_follow_up_cannot_be_changed(spring: FollowUp) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        spring.year = 2016  # type: ignore[misc]
