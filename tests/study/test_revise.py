"""A change within the year: the fewest changed, or all alike; what was decided is honoured."""

import itertools
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.documents import load_case
from allocator.documents.midyear import ANEW
from allocator.engine import propose_case
from allocator.errors import BadDataError, InfeasibleError, UsageError
from allocator.panel import Panel
from allocator.program.examples import three
from allocator.program.problem import Bound
from allocator.study.choice import fewest
from allocator.study.reach import with_need
from allocator.study.revise import Revision, revise

Run = Callable[..., Result]
PANEL = Panel()
OSTFOLD = load_case("ostfold-2016")


def of(found: Revision, code: str) -> tuple[int, int]:
    return next((c.was, c.now) for c in found.municipalities if c.code == code)


# -- what was really done --------------------------------------------------------------------------


def test_the_cut_of_2020_is_reproduced_for_200_of_211_municipalities() -> None:
    found = revise(
        load_case("norway-2020"),
        PANEL,
        start="requested_original",
        how="proportional",
        factor=0.655,
        floor=10,
    )
    asked = [c for c in found.municipalities if c.was]
    exact = sum(c.now == c.done for c in asked)
    assert (len(asked), exact) == (211, 200)
    assert exact / len(asked) >= 0.9478
    assert found.done is not None
    assert found.unknown == {"suppressed": 145}
    assert all(c.now == max(10, int(0.655 * c.was + 0.5)) for c in asked)


def test_the_cut_of_july_2025_stands_beside_what_was_done_in_telemark() -> None:
    case = load_case("norway-2025", ["area.county=40"])
    found = revise(case, PANEL, start="requested_original", how="proportional", need=395)
    assert (found.was, found.now) == (605, 395)
    assert sum(c.done or 0 for c in found.municipalities) == 395
    assert found.done is not None
    assert 0.85 < (found.done.overlap or 0) < 1


# -- the fewest ------------------------------------------------------------------------------------


def brute(stands: list[int], upper: list[int], need: int) -> int | None:
    """The fewest that must change, by trying every set; 0 to the upper limit is allowed."""
    for size in range(len(stands) + 1):
        for chosen in itertools.combinations(range(len(stands)), size):
            fixed = sum(n for place, n in enumerate(stands) if place not in chosen)
            if fixed <= need <= fixed + sum(upper[place] for place in chosen):
                return size
    return None


@settings(max_examples=40)
@given(st.data())
def test_as_few_change_as_by_trying_every_set(data: st.DataObject) -> None:
    upper = data.draw(st.lists(st.integers(0, 40), min_size=3, max_size=3))
    stands = [data.draw(st.integers(0, most)) for most in upper]
    need = data.draw(st.integers(0, sum(upper) + 5))
    limits = Bound("capacity", "total", np.arange(3), np.zeros(3), np.array(upper, float))
    tried = three(limits, need=(need, 0))
    found = fewest(tried, np.array(stands), np.zeros(3, dtype=np.int64))
    assert (None if found is None else found.count) == brute(stands, upper, need)


@settings(max_examples=15)
@given(st.integers(500, 1100))
def test_a_revision_meets_the_need_and_leaves_all_others_as_they_are(need: int) -> None:
    found = revise(OSTFOLD, PANEL, need=need, within=0.9)
    assert found.now == need
    assert found.em == found.was_em
    assert all(abs(c.change) <= 0.9 * c.was for c in found.municipalities)
    assert {c.why for c in found.changed} <= {"cut", "raised", "minors"}


def test_no_change_changes_nobody() -> None:
    assert revise(OSTFOLD, PANEL).changed == ()


def test_who_falls_out_gets_nothing_and_others_take_its_places() -> None:
    found = revise(OSTFOLD, PANEL, out=["0105"])
    assert of(found, "0105")[1] == 0
    assert found.now == found.was == 780
    assert found.em == found.was_em
    assert found.changed[0].why == "out"


def test_places_of_minors_become_ordinary_ones_and_the_total_stays() -> None:
    found = revise(OSTFOLD, PANEL, minors_to_ordinary=40)
    assert (found.now, found.was_em - found.em) == (780, 40)
    assert all(c.change == 0 for c in found.municipalities)


def test_minors_of_two_age_groups_become_ordinary_too() -> None:
    found = revise(load_case("norway-2026"), PANEL, minors_to_ordinary=200)
    assert (found.now, found.was_em, found.em) == (13000, 651, 451)


def test_decisions_are_honoured_as_far_as_they_were_asked_for(tmp_path: Path) -> None:
    table = tmp_path / "decided.csv"
    table.write_text("code,total\n0106,185\n0105,100\n", encoding="utf-8")
    found = revise(OSTFOLD, PANEL, need=600, decided=str(table))
    assert of(found, "0106")[1] == of(found, "0106")[0]
    assert of(found, "0105")[1] >= 100
    assert found.now == 600
    alike = revise(OSTFOLD, PANEL, need=600, decided=str(table), how="proportional", floor=10)
    assert of(alike, "0106")[1] >= 185
    assert alike.now == 600


def test_decisions_that_were_not_known_yet_are_refused() -> None:
    with pytest.raises(BadDataError, match="may be used from 2017-01-15"):
        revise(OSTFOLD, PANEL, need=700, decided="2016-06-30")


# -- who was not asked -----------------------------------------------------------------------------

NORWAY = load_case("norway-2026")


def test_nobody_is_asked_anew_where_those_who_were_asked_can_take_it() -> None:
    needed, never = (revise(NORWAY, PANEL, need=13400, within=0.1, anew=how) for how in ANEW[1::-1])
    assert needed.new == never.new == ()
    assert needed.municipalities == never.municipalities


def test_where_they_cannot_as_few_as_can_be_are_asked_anew_for_a_lot_or_their_entitlement() -> None:
    with pytest.raises(InfeasibleError, match="can take 13486 of 13550"):
        revise(NORWAY, PANEL, need=13550, within=0.05, anew="never")
    found = revise(NORWAY, PANEL, need=13550, within=0.05)
    assert found.now == 13550
    assert len(found.new) == 13  # 64 persons, in lots of 5, as none is entitled to more
    assert {c.why for c in found.new} == {"anew"}
    assert {c.now for c in found.new} == {5}
    assert all(abs(c.change) <= 0.05 * c.was for c in found.municipalities if c.was)


def test_free_to_ask_anew_changes_no_more_than_asking_nobody_anew() -> None:
    asked = load_case("norway-2025")
    never, free = (
        revise(asked, PANEL, start="requested", need=12700, within=0.02, anew=anew)
        for anew in ("never", "free")
    )
    assert len(free.changed) < len(never.changed)
    assert [c.name for c in free.new] == ["Fredrikstad"]


@settings(max_examples=8)
@given(st.integers(12_641, 14_600), st.sampled_from([0.02, 0.1]))
def test_whoever_is_asked_anew_gets_no_more_than_entitlement_or_lot(need: int, by: float) -> None:
    case = load_case("norway-2025")
    try:
        found = revise(case, PANEL, start="requested", need=need, within=by)
    except InfeasibleError:
        return
    assert found.now == need
    entitled = {
        r.code: r.entitlement
        for r in propose_case(with_need(case, total=need), PANEL).municipalities
    }
    for change in found.new:
        assert 10 <= change.now <= max(10, np.ceil(entitled[change.code] * 1.1))
    assert all(abs(c.change) <= by * c.was for c in found.municipalities if c.was)


def test_a_municipality_whose_request_is_not_known_is_never_asked_anew() -> None:
    with pytest.raises(InfeasibleError):
        revise(load_case("norway-2020"), PANEL, start="requested", need=6000, within=0.2)
    case = load_case("norway-2020")
    found = revise(case, PANEL, start="requested", need=4000, within=0.2, anew="free")
    assert found.new == ()
    assert found.unknown == {"suppressed": 145}


def test_a_municipality_that_the_scenario_exempts_is_not_asked_anew(tmp_path: Path) -> None:
    table = tmp_path / "stands.csv"
    table.write_text("code,total\n0101,50\n0104,0\n0105,0\n0106,50\n", encoding="utf-8")
    over = ["need.total=100", "need.em=0", "lot.every=false"]

    def revised() -> Revision:
        case = load_case("ostfold-2016", over)
        return revise(case, PANEL, start=str(table), need=125, within=0.1)

    assert [c.code for c in revised().new] == ["0105"]
    over.append("municipality.0105.exempt=true")
    found = revised()
    assert [c.code for c in found.new] == ["0104"]


@settings(max_examples=40)
@given(st.data())
def test_as_few_are_asked_anew_as_by_trying_every_set(data: st.DataObject) -> None:
    upper = data.draw(st.lists(st.integers(1, 30), min_size=3, max_size=3))
    stands = [data.draw(st.sampled_from([0, most])) for most in upper]
    need = data.draw(st.integers(0, sum(upper)))
    limits = Bound("capacity", "total", np.arange(3), np.zeros(3), np.array(upper, float))
    found = fewest(
        three(limits, need=(need, 0)), np.array(stands), np.zeros(3, dtype=np.int64), anew_last=True
    )
    assert found is not None
    tried = [
        sum(stands[place] == 0 for place in chosen)
        for size in range(4)
        for chosen in itertools.combinations(range(3), size)
        if (fixed := sum(n for place, n in enumerate(stands) if place not in chosen)) <= need
        and need <= fixed + sum(upper[place] for place in chosen)
        and need - fixed >= sum(stands[place] == 0 for place in chosen)
    ]
    assert int((found.total & (np.array(stands) == 0)).sum()) == min(tried)


# -- minors ----------------------------------------------------------------------------------------


@settings(max_examples=5)
@given(st.integers(0, 100), st.sampled_from([0.3, 0.5, 1.0]), st.integers(12_500, 13_500))
def test_no_municipalitys_minors_move_by_more_than_the_part(
    convert: int, within: float, need: int
) -> None:
    found = revise(NORWAY, PANEL, minors_to_ordinary=convert, need=need, within_minors=within)
    assert (found.now, found.em) == (need, 651 - convert)
    assert all(abs(c.em - c.was_em) <= within * c.was_em for c in found.municipalities if c.was_em)


def test_what_holds_for_totals_holds_for_minors_unless_they_have_a_part_of_their_own() -> None:
    with pytest.raises(InfeasibleError):
        revise(NORWAY, PANEL, minors_to_ordinary=200, within=0.2)
    found = revise(NORWAY, PANEL, minors_to_ordinary=200, within=0.2, within_minors=0.5)
    assert (found.within, found.within_minors) == (0.2, 0.5)
    assert found.em == 451


# -- the document ----------------------------------------------------------------------------------


def test_a_scenario_says_what_its_revision_is_and_options_lie_over_it(bosett: Run) -> None:
    told = json.loads(bosett("revise", "norway-2020+cut", "--format", "json").stdout)
    assert (told["how"], told["factor"], told["now"]) == ("proportional", 0.655, 3554)
    over = bosett("revise", "norway-2020+cut", "--floor", "0", "--format", "json")
    assert json.loads(over.stdout)["now"] < 3554
    wrong = bosett(
        "revise", "norway-2020", "--set", "revision.anew=often", "--set", "lot.persons=x"
    )
    assert wrong.exit_code == 65
    assert "revision.anew is 'often'; expected 'never', 'needed' or 'free'" in wrong.stderr
    assert "lot.persons" in wrong.stderr


def test_asking_anew_is_of_the_fewest() -> None:
    with pytest.raises(UsageError, match="needs --how fewest"):
        revise(OSTFOLD, PANEL, how="proportional", anew="free")


@pytest.mark.parametrize("lang", ["en", "nb", "nn"])
def test_who_is_asked_anew_is_told_in_every_language(bosett: Run, lang: str) -> None:
    told = bosett("revise", "norway-2026", "--need", "13550", "--within", "0.05", "--lang", lang)
    assert told.exit_code == 0, told.stderr
    assert max(map(len, told.stdout.splitlines())) <= 80
    assert "13, for 65" in told.stdout


# -- what cannot be done ---------------------------------------------------------------------------


def test_what_cannot_be_done_says_what_would_help() -> None:
    with pytest.raises(InfeasibleError, match="have no place"):
        revise(OSTFOLD, PANEL, need=900, within=0.05)


def test_proportional_meets_the_need_to_the_person_and_keeps_the_floor() -> None:
    found = revise(OSTFOLD, PANEL, need=511, how="proportional", floor=12)
    assert found.now == 511
    assert min(c.now for c in found.municipalities) >= 12


def test_the_reserve_list_is_ranked_by_room_under_the_stated_capacity() -> None:
    case = load_case("norway-2026", ["capacity.factor=2"])
    found = revise(case, PANEL, need=13500, within=0.2)
    rooms = [(c.room or 0) - c.change for c in found.reserve]
    assert rooms == sorted(rooms, reverse=True)
    assert len(rooms) > 50
    assert min(rooms) > 0


def test_the_reserve_list_has_those_who_were_not_asked_unless_nobody_is_to_be_asked_anew() -> None:
    case = load_case("norway-2025", ["capacity.factor=2"])
    needed, never = (
        revise(case, PANEL, start="requested", need=12700, anew=anew)
        for anew in ("needed", "never")
    )
    assert needed.new == ()
    assert any(c.was == 0 for c in needed.reserve)
    assert {c.code for c in never.reserve} == {c.code for c in needed.reserve if c.was}


def test_nonsense_is_refused_in_words() -> None:
    with pytest.raises(UsageError, match="0301: it is asked for nothing"):
        revise(OSTFOLD, PANEL, out=["0301"])
    with pytest.raises(UsageError, match="more than the 197"):
        revise(OSTFOLD, PANEL, minors_to_ordinary=500)
    with pytest.raises(UsageError, match="--factor"):
        revise(OSTFOLD, PANEL, factor=0.5)


# -- the command -----------------------------------------------------------------------------------


def test_every_fault_of_a_table_is_told_with_its_row(bosett: Run, tmp_path: Path) -> None:
    table = tmp_path / "stands.csv"
    table.write_text("code,total,em\n0101,5,9\n9999,5,\n0104,,\n0105,x,\n", encoding="utf-8")
    told = bosett("revise", "ostfold-2016", "--from", table)
    assert told.exit_code == 65
    assert [f"row {n}" in told.stderr for n in (2, 3, 4, 5)] == [True] * 4


def test_a_table_of_ones_own_is_what_stands(bosett: Run, tmp_path: Path) -> None:
    table = tmp_path / "stands.csv"
    table.write_text("code,total\n0101,50\n0104,50\n0105,100\n", encoding="utf-8")
    arguments = ("--from", table, "--need", "190", "--format", "csv", "--part", "changes")
    told = bosett("revise", "ostfold-2016", *arguments)
    assert told.exit_code == 0, told.stderr
    assert len(told.stdout.splitlines()) == 2


@pytest.mark.parametrize("lang", ["en", "nb", "nn"])
def test_the_table_is_at_most_80_wide_in_every_language(bosett: Run, lang: str) -> None:
    arguments = ("--how", "proportional", "--floor", "10", "--factor", "0.655", "--lang", lang)
    told = bosett("revise", "norway-2020", "--from", "requested_original", *arguments)
    assert told.exit_code == 0, told.stderr
    assert max(map(len, told.stdout.splitlines())) <= 80


def test_json_holds_everything_and_is_the_same_twice(bosett: Run) -> None:
    arguments = ("revise", "ostfold-2016", "--need", "850", "--format", "json")
    one, two = bosett(*arguments), bosett(*arguments)
    assert one.stdout_bytes == two.stdout_bytes
    told = json.loads(one.stdout)
    assert (told["schema"], told["was"], told["now"]) == (1, 780, 850)
