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
from allocator.errors import BadDataError, InfeasibleError, UsageError
from allocator.panel import Panel
from allocator.program.examples import three
from allocator.program.problem import Bound
from allocator.study.choice import fewest
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
