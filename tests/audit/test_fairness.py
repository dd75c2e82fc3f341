"""How fair a proposal is: measures by hand, equals treated alike, the price of the county split."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.audit.equal import alike
from allocator.audit.evenness import evenness, loosemore_hanby
from allocator.audit.fairness import Fairness, fairness
from allocator.documents import load_case
from allocator.engine import propose
from allocator.errors import BadDataError
from allocator.panel import Panel
from allocator.proposal import Request

PANEL = Panel()
NATION_2018 = """
title = "Norway 2018 by the rule of its year"
source = "the national request for 2018, 5 350 (IMDi)"
year = 2018
model = "imdi-2018"
[need]
total = 5350
"""


@pytest.fixture(scope="module")
def norway() -> Fairness:
    return fairness(load_case("norway-2026"), PANEL)


@pytest.fixture(scope="module")
def norway_2018(tmp_path_factory: pytest.TempPathFactory) -> Fairness:
    path: Path = tmp_path_factory.mktemp("case") / "norway-2018.toml"
    path.write_text(NATION_2018, encoding="utf-8")
    return fairness(load_case(str(path)), PANEL)


def request(code: str, county: str, total: int, people: int, key: float) -> Request:
    return Request(
        code=code,
        name=code,
        year=2026,
        county=county,
        county_name=county,
        population=people,
        entitlement=key,
        total=total,
        ordinary=total,
        em_under15=None,
        em_15_17=None,
        em=0,
        last_year=None,
        binding=(),
    )


# -- measures --------------------------------------------------------------------------------------


def test_the_measures_of_four_municipalities_are_those_worked_out_by_hand() -> None:
    found = evenness("entitlement", ["A", "B", "C", "D"], [0, 10, 20, 30], [10, 10, 20, 20])
    # Loads 0, 1, 1, 1.5; along the yardstick 1/6, 1/3, 2/3, 1 the persons are 0, 1/6, 1/2, 1.
    assert [(p.yardstick_share, p.persons_share) for p in found.lorenz] == [
        (0.0, 0.0),
        (0.166667, 0.0),
        (0.333333, 0.166667),
        (0.666667, 0.5),
        (1.0, 1.0),
    ]
    area = (1 / 6) * (1 / 6) / 2 + (1 / 3) * (1 / 6 + 1 / 2) / 2 + (1 / 3) * (1 / 2 + 1) / 2
    assert found.gini == pytest.approx(1 - 2 * area, abs=1e-6)
    assert found.loosemore_hanby == pytest.approx(1 / 6, abs=1e-6)
    assert (found.least, found.least_asked, found.most) == (0.0, 1.0, 1.5)
    assert (found.least_code, found.least_asked_code, found.most_code) == ("A", "B", "D")


sizes = st.lists(st.integers(1, 500), min_size=1, max_size=12)


@given(sizes, st.integers(1, 9))
def test_persons_in_proportion_to_the_yardstick_are_perfectly_even(
    yardstick: list[int], times: int
) -> None:
    codes = [f"{at:04}" for at in range(len(yardstick))]
    found = evenness("entitlement", codes, [times * b for b in yardstick], [*map(float, yardstick)])
    assert found.gini == pytest.approx(0, abs=1e-6)
    assert found.loosemore_hanby == pytest.approx(0, abs=1e-6)
    assert found.least == found.most == times


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(1, 500)), min_size=1, max_size=12))
def test_loosemore_hanby_is_the_largest_distance_of_the_lorenz_curve_from_the_diagonal(
    pairs: list[tuple[int, int]],
) -> None:
    persons, yardstick = [p for p, _ in pairs], [float(b) for _, b in pairs]
    found = evenness("entitlement", [f"{at:04}" for at in range(len(pairs))], persons, [*yardstick])
    if not sum(persons):
        assert found.gini is found.loosemore_hanby is None
        return
    farthest = max(p.yardstick_share - p.persons_share for p in found.lorenz)
    assert found.loosemore_hanby == pytest.approx(farthest, abs=3e-6)
    assert 0 <= (found.loosemore_hanby or 0) <= (found.gini or 0) + 1e-6 <= 1 + 1e-6


def test_who_has_no_yardstick_is_left_out_and_counted() -> None:
    found = evenness("inhabitants", ["A", "B", "C"], [5, 5, 5], [1000, None, 0], per=1000)
    assert (found.municipalities, found.left_out, found.mean) == (1, 2, 5.0)
    assert loosemore_hanby([0], [1]) is None


# -- a proposal ------------------------------------------------------------------------------------


def test_the_groups_add_up_to_the_proposal(norway: Fairness) -> None:
    for groups in (norway.counties, norway.sizes, norway.centralities):
        assert sum(group.total for group in groups) == norway.proposal.total == 13_000
        assert sum(group.em for group in groups) == norway.proposal.minors == 651
        assert sum(group.municipalities for group in groups) == 357
        assert sum(group.over for group in groups) == pytest.approx(0, abs=1e-3)


def test_minors_are_measured_by_inhabitants_aged_0_to_17_where_these_were_known(
    norway: Fairness,
) -> None:
    assert norway.children == "2025"
    of = {row.request.code: row for row in norway.rows}
    oslo = of["0301"]
    assert oslo.children is not None
    assert oslo.minors_per_1000 == pytest.approx(1000 * oslo.request.em / oslo.children, abs=1e-6)
    assert [each.by for each in norway.measures] == ["entitlement", "inhabitants", "minors_0_17"]


def test_where_nobody_knew_how_many_are_0_to_17_minors_have_no_yardstick() -> None:
    found = fairness(load_case("ostfold-2016"), PANEL)
    assert found.children == ""
    assert [each.by for each in found.measures] == ["entitlement", "inhabitants"]
    assert {row.minors_per_1000 for row in found.rows} == {None}


def test_the_price_of_the_goals_is_the_proposals(norway: Fairness) -> None:
    assert norway.as_dict()["goals"] == list(propose("norway-2026").goals)


# -- a county --------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["31", "56"])
def test_a_countys_part_is_what_is_said_of_it_among_all(norway: Fairness, code: str) -> None:
    part = fairness(load_case("norway-2026"), PANEL, county=code, eps=0.1)
    (own,) = part.counties
    assert own in norway.counties
    assert part.rows == tuple(row for row in norway.rows if row.request.county == code)
    for groups in (part.sizes, part.centralities):
        assert sum(group.total for group in groups) == own.total
        assert sum(group.over for group in groups) == pytest.approx(own.over, abs=1e-4)
    assert part.everywhere is not None
    assert (part.everywhere.total, part.everywhere.municipalities) == (13_000, 357)
    of = {row.request.code: row.request.county for row in norway.rows}
    assert all(code in (of[pair.more], of[pair.fewer]) for pair in part.equal.worst)
    abroad = {pair for pair in part.equal.worst if of[pair.more] != of[pair.fewer]}
    assert abroad >= {p for p in norway.equal.worst if code in (of[p.more], of[p.fewer])}
    assert {county["code"] for county in part.split.counties} == {code}
    assert part.freedom is not None
    assert [band.request.county for band in part.freedom.bands] == [code] * len(part.rows)


def test_a_county_outside_the_case_is_refused_with_those_in_it() -> None:
    with pytest.raises(BadDataError, match="expected one of its counties: 01 Østfold"):
        fairness(load_case("ostfold-2016"), PANEL, county="03")


# -- equals ----------------------------------------------------------------------------------------


def test_equals_are_near_in_inhabitants_and_key_in_different_counties_and_as_central() -> None:
    a = request("0101", "01", 20, 10_000, 15.0)
    others = {
        "alike": request("0201", "02", 10, 10_400, 15.5),
        "same county": request("0102", "01", 10, 10_000, 15.0),
        "too many inhabitants": request("0202", "02", 10, 10_600, 15.0),
        "another entitlement": request("0203", "02", 10, 10_000, 17.0),
    }
    for what, other in others.items():
        assert (alike([a, other], {}).pairs == 1) == (what == "alike"), what
    near = others["alike"]
    assert alike([a, near], {"0101": "1", "0201": "2"}).pairs == 0
    assert alike([a, near], {"0101": "1"}).pairs == 1
    pair = alike([near, a], {}).worst[0]
    assert (pair.more, pair.fewer, pair.gap, pair.key_gap) == ("0101", "0201", 10, 0.5)


def test_the_equals_of_a_county_are_anywhere_in_the_county_too() -> None:
    own = [request(f"010{at}", "01", 10 + at, 10_000, 15.0) for at in (1, 2)]
    others = [request(f"020{at}", "02", 10, 10_000, 15.0) for at in range(8)]
    found = alike([*own, *others], {}, of="01")
    assert {(pair.more, pair.fewer) for pair in found.worst if pair.fewer < "02"} == {
        ("0102", "0101")
    }
    assert found.pairs == len(found.worst) == 1 + 2 * 8
    assert (found.largest_gap, alike([*own, *others], {}).pairs) == (2, 2 * 8)
    crowd = [request(f"03{at:02}", "03", 10, 10_000, 15.0) for at in range(60)]
    assert len(alike([*own, *crowd], {}, of="01").worst) == 1 + 2 * 60


def test_who_gets_nothing_from_the_key_is_equal_to_nobody() -> None:
    none, other = request("0101", "01", 0, 900, 0.0), request("0201", "02", 9, 900, 0.0)
    found = alike([none, other], {})
    assert (found.pairs, found.largest_gap, found.mean_gap) == (0, None, None)


def test_the_rule_of_2018_treats_like_municipalities_unlike_across_counties(
    norway_2018: Fairness,
) -> None:
    """The fourth finding of the evaluation (ideas2evidence for IMDi, 2020), as persons."""
    equal, worst = norway_2018.equal, norway_2018.equal.worst[0]
    assert equal.largest_gap == worst.gap == 10
    assert (worst.more_asked, worst.fewer_asked) == (10, 0)
    assert worst.more_county != worst.fewer_county
    assert worst.key_gap < 1
    sums = {each.measure: each for each in norway_2018.split.sums}
    assert sums["largest_gap"].with_split == 10
    assert (sums["largest_gap"].change or 0) > 0
    assert (sums["mean_gap"].change or 0) > 0


# -- the county split ------------------------------------------------------------------------------


def test_the_split_is_compared_with_the_same_case_set_free(norway_2018: Fairness) -> None:
    split = norway_2018.split
    assert (split.own, split.compared, split.why) == ("first", "free", "")
    changes = [county["change"] for county in split.counties]
    assert sum(changes) == 0
    assert sum(max(0, change) for change in changes) == split.between
    assert 0 < (split.between or 0) <= (split.moved or 0)


def test_a_free_case_is_compared_with_the_county_first(norway: Fairness) -> None:
    split = norway.split
    assert (split.own, split.compared) == ("free", "first")
    other = propose("norway-2026", ["county.split=first"])
    own = {one.code: one.total for one in norway.proposal.municipalities}
    moved = sum(max(0, one.total - own[one.code]) for one in other.municipalities)
    assert split.moved == moved
    goals = {goal["goal"]: goal["value"] for goal in other.goals}
    found = {each.measure: each.with_split for each in split.sums}
    assert {name: found[name] for name in goals} == goals


def test_one_county_has_no_price_of_a_split() -> None:
    split = fairness(load_case("ostfold-2016"), PANEL).split
    assert (split.why, split.moved, split.sums) == ("one-county", None, ())


def test_where_the_other_split_has_no_proposal_it_says_why() -> None:
    case = load_case("norway-2026", ['municipality."0301".lock=9000'])
    split = fairness(case, PANEL).split
    assert split.moved is None or split.why == ""
    assert (split.why == "") == (split.moved is not None)


def test_a_proposal_is_not_changed_by_looking_at_it(norway: Fairness) -> None:
    assert norway.proposal == replace(norway.proposal)
    assert norway.proposal == propose("norway-2026")
