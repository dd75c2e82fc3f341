"""Two allocations beside each other: every difference explained, to the person."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.audit.switch import FAMILIES, differing, with_family
from allocator.audit.versus import Versus, proposals, vintages
from allocator.documents import Case, load_case
from allocator.documents.model import Rule
from allocator.documents.scenario import Local, NeedPart, Scenario
from allocator.engine import propose_case
from allocator.errors import BadDataError, BosettError
from allocator.panel import Panel

PANEL = Panel()

# What a document says that no number of a proposal depends on, or that is a part of its own.
WORDS = {
    "scenario": {"base", "title", "source", "model", "vintage", "override"}
    | {"need", "municipality", "uncertain", "revision"},
    "need": {"assumption"},
    "local": {"note", "reason"},
}


def between(*others: str, first: Case | None = None) -> Versus:
    a = first or load_case("ostfold-2016")
    return proposals(a, load_case("ostfold-2016", others), PANEL)


@pytest.mark.parametrize(
    ("part", "document"), [("scenario", Scenario), ("need", NeedPart), ("local", Local)]
)
def test_every_field_that_numbers_depend_on_is_in_one_family(part: str, document: type) -> None:
    named = [name for family in FAMILIES for name in getattr(family, part)]
    fields = {field.name for field in dataclasses.fields(document)} - WORDS[part]
    if document is Scenario:  # its rule tables are in the effective rule
        fields -= {field.name for field in dataclasses.fields(Rule)}
    assert sorted(named) == sorted(fields)


def test_every_table_of_a_rule_is_in_one_family() -> None:
    named = [name for family in FAMILIES for name in family.rule]
    assert sorted(named) == sorted(field.name for field in dataclasses.fields(Rule))


def test_a_case_with_every_family_of_another_proposes_what_the_other_does() -> None:
    first, second = load_case("ostfold-2016"), load_case("ostfold-2015", model="population")
    for family in FAMILIES:
        first = with_family(first, second, family)
    assert differing(first, second) == ()
    numbers = [
        [one.total for one in propose_case(case, PANEL).municipalities] for case in (first, second)
    ]
    assert numbers[0] == numbers[1]


def exact(found: Versus) -> None:
    for row in found.rows:
        assert row.difference == sum(row.steps)
    for county in found.counties:
        inside = [row for row in found.rows if row.request.county == county.code]
        assert county.difference == sum(county.steps) == sum(row.difference or 0 for row in inside)


def test_model_against_model_is_explained_for_all_357_by_families_that_add_up() -> None:
    first, second = (
        load_case("norway-2026", model=name) for name in ("population-history", "imdi-2018")
    )
    found = proposals(first, second, PANEL)
    assert len(found.rows) == 357
    assert found.steps[:2] == ("key", "eligible")
    exact(found)
    assert len(found.of_fate("leaves")) > 100
    assert found.moved == sum(max(0, row.difference or 0) for row in found.rows)


SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "need.total": st.integers(500, 1200),
        "need.em": st.integers(0, 300),
        "lot.persons": st.sampled_from([0, 5, 10, 20]),
        "whole.step": st.sampled_from([1, 5]),
        "band.up": st.sampled_from([0.5, 1.0, 3.0]),
        "key.population": st.sampled_from([0.2, 1.0]),
        "goals.even": st.sampled_from(["leximin", "minimax", "l1"]),
        'municipality."0104".lock': st.integers(0, 150),
        'municipality."0106".capacity': st.integers(50, 200),
        'municipality."0111".exempt': st.just("true"),
    },
)


@settings(max_examples=25)
@given(SETTINGS, SETTINGS)
def test_whatever_two_documents_say_the_families_add_up(
    mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    try:
        cases = [
            load_case("ostfold-2016", [f"{key}={value}" for key, value in said.items()])
            for said in (mine, theirs)
        ]
        found = proposals(cases[0], cases[1], PANEL)
    except BosettError:
        return
    exact(found)
    assert {name for step in found.steps for name in step.split("+")} == {
        family.name for family in differing(*cases)
    }


def test_nothing_that_is_solved_differs_between_a_case_and_itself() -> None:
    found = between()
    assert (found.steps, found.moved, found.between) == ((), 0, 0)
    assert {row.fate for row in found.rows} == {"same"}


def test_persons_more_in_all_have_not_moved() -> None:
    found = between("need.total=880")
    assert found.moved == 0
    assert sum(row.difference or 0 for row in found.rows) == 100


def test_a_family_without_a_proposal_by_itself_goes_with_the_next() -> None:
    first = load_case("ostfold-2016")
    found = between("band.up=0.1", "need.total=450", "need.em=100", first=first)
    assert found.steps == ("total", "band", "minors")
    other = between(
        first=load_case("ostfold-2016", ["band.up=0.1", "need.total=450", "need.em=100"])
    )
    assert other.steps == ("total+band", "minors")
    exact(other)


def test_who_enters_and_who_leaves_is_told() -> None:
    found = between('municipality."0104".exempt=true')
    assert [row.request.name for row in found.of_fate("leaves")] == ["Moss"]
    back = proposals(
        load_case("ostfold-2016", ['municipality."0104".exempt=true']),
        load_case("ostfold-2016"),
        PANEL,
    )
    assert [row.request.name for row in back.of_fate("enters")] == ["Moss"]
    assert back.steps == ("eligible",)


def test_a_municipality_of_one_case_only_is_not_compared_and_never_0() -> None:
    oslo_alone, ostfold = (
        load_case("norway-2026", ["need.total=1000", "need.em=0", f'area.county="{county}"'])
        for county in ("03", "31")
    )
    found = proposals(oslo_alone, ostfold, PANEL)
    assert {row.fate for row in found.rows} == {"not_compared"}
    oslo = next(row for row in found.rows if row.request.code == "0301")
    assert (oslo.second, oslo.second_status, oslo.difference) == (None, "not_in_case", None)


def test_an_older_case_is_carried_to_newer_borders_and_nobody_is_lost() -> None:
    older, newer = load_case("norway-2017"), load_case("norway-2026")
    found = proposals(older, newer, PANEL)
    exact(found)
    assert len(found.rows) == 357
    totals = [sum(getattr(row, side) or 0 for row in found.rows) for side in ("first", "second")]
    assert totals == [propose_case(case, PANEL).total for case in (older, newer)]
    assert found.borders is not None
    assert found.borders.as_dict() == {"carried": "first", "start": 2017, "end": 2026}
    merged = next(row for row in found.rows if row.request.name == "Indre Østfold")
    was = {one.name: one.total for one in propose_case(older, PANEL).municipalities}
    towns = ("Askim", "Eidsberg", "Hobøl", "Spydeberg", "Trøgstad")
    assert merged.first == sum(was[name] for name in towns)
    assert not merged.estimated
    assert {part.unit.name: part.persons for part in merged.parts} == {n: was[n] for n in towns}


def test_only_what_was_split_is_an_estimate() -> None:
    found = proposals(load_case("norway-2017"), load_case("norway-2026"), PANEL)
    assert {row.request.code for row in found.rows if row.estimated} == {
        "1806", "1875",  # Tysfjord, split between Narvik and Hamarøy
        "5055", "5056", "5059",  # Snillfjord, split between Heim, Hitra and Orkland
    }  # fmt: skip
    nobody = proposals(load_case("norway-2018"), load_case("norway-2026"), PANEL)
    assert not any(row.estimated for row in nobody.rows), "of 0 persons every part is 0"


def test_either_way_round_the_older_is_carried() -> None:
    older, newer = load_case("norway-2018"), load_case("norway-2026")
    one, other = proposals(older, newer, PANEL), proposals(newer, older, PANEL)
    exact(other)
    assert other.borders is not None
    assert other.borders.carried == "second"
    assert [(row.first, row.second) for row in one.rows] == [
        (row.second, row.first) for row in other.rows
    ]


def test_a_merger_with_a_part_outside_the_case_is_shown_and_not_compared() -> None:
    found = proposals(load_case("ostfold-2016"), load_case("norway-2026"), PANEL)
    assert {row.request.county_name for row in found.rows if row.compared} == {"Østfold"}
    row = next(row for row in found.rows if row.request.name == "Aurskog-Høland")
    assert (row.first_status, row.difference, row.fate) == ("part_in_case", None, "not_compared")
    assert [part.unit.name for part in row.parts] == ["Rømskog"]
    assert found.left_out("first") == row.first
    assert sum(row.first or 0 for row in found.rows) == 780


def test_the_two_vintages_of_ostfold_2016_differ_by_ten_in_two_cities() -> None:
    found = vintages(load_case("ostfold-2016"), PANEL, "requested", "ostfold-report", "final")
    changed = {row.request.name: row.difference for row in found.rows if row.difference}
    assert changed == {"Sarpsborg": 10, "Fredrikstad": -10}
    assert found.moved == 10


def test_an_unknown_vintage_is_told_with_those_there_are() -> None:
    with pytest.raises(BadDataError, match="did you mean"):
        vintages(load_case("ostfold-2016"), PANEL, "requested", "final", "ostfold-reprot")
