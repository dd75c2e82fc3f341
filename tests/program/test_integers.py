"""Whole persons against every rule of a problem: what does not hold is named, number by number."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from allocator.program.certificate import certify
from allocator.program.examples import three
from allocator.program.goals import solve
from allocator.program.integers import feasibility
from allocator.program.problem import Bound, Goals, Link, Lots, Problem

Change = Callable[[Any, Any, Any], None]


def found(problem: Problem, *changes: Change) -> dict[str, list[str]]:
    """What each check says of a run's files, some of them changed, where it says anything."""
    solution = solve(problem)
    made = certify(problem, solution)
    stated, certificate = (
        json.loads(json.dumps(part)) for part in (made.problem, made.certificate)
    )
    by_age = len(problem.groups) == 3
    rows = []
    for code, persons in zip(problem.units.codes, solution.persons.tolist(), strict=True):
        ages = persons[1:] if by_age else [None, None]
        rows.append(
            {
                "code": code,
                "year": 2026,
                "ordinary": persons[0],
                "em": sum(persons[1:]),
                "em_under15": ages[0],
                "em_15_17": ages[1],
                "total": sum(persons),
            }
        )
    left = dict.fromkeys(problem.groups, 0)
    proposal: dict[str, Any] = {
        "municipalities": rows,
        "unplaced": {**left, "total": 0},
        "need": {"total": problem.persons, "em": problem.minors},
        "years": [],
        "gave": [
            {
                "family": gave.family,
                "measure": gave.measure,
                "code": (
                    problem.counties if gave.measure.startswith("county") else problem.units.codes
                )[gave.unit],
                "by": gave.persons,
            }
            for gave in solution.gave
        ],
        "goals": [
            {
                "goal": goal.goal,
                "value": round(goal.value, 6),
                "price": None
                if None in (goal.in_fractions, goal.alone)
                else round(abs((goal.in_fractions or 0.0) - (goal.alone or 0.0)), 6),
            }
            for goal in solution.goals
        ],
    }
    for change in changes:
        change(stated, proposal, certificate)
    told = {}
    for name, check in feasibility(stated, proposal, certificate):
        faults = list(check())
        if faults:
            told[name] = faults
    return told


def by_age(**changes: object) -> Problem:
    return three(
        groups=("ordinary", "em_under15", "em_15_17"),
        need=(80, 8, 12),  # type: ignore[arg-type]
        entitlement=np.array([88.0, 4.0, 8.0]),
        entitlement_minors=np.array([17.0, 1.0, 2.0]),
        **changes,
    )


def limited(measure: str, place: int, low: float, high: float | None) -> Change:
    """One hard limit more, as the files would state it."""

    def change(problem: Any, proposal: Any, certificate: Any) -> None:
        for part in ("asked", "settled"):
            problem[part]["bounds"].append(
                {
                    "family": "rule", "measure": measure, "hard": True,
                    "index": [place], "lower": [low], "upper": [high],
                }
            )  # fmt: skip

    return change


def test_nothing_is_said_where_all_is_well() -> None:
    assert found(three()) == {}
    assert found(by_age()) == {}
    assert found(three(lots=Lots(5, 2, choose=True, choose_minors=True))) == {}


PLACES = [
    ("total", "0301", "total"),
    ("minors", "0301, minors", "em"),
    ("county", "county 03", "total"),
    ("county_minors", "county 03, minors", "em"),
]


@pytest.mark.parametrize(("measure", "name", "part"), PLACES)
def test_a_limit_is_kept_at_it_and_passed_by_one_person(measure: str, name: str, part: str) -> None:
    numbers: list[int] = []

    def read(problem: Any, proposal: Any, certificate: Any) -> None:
        numbers.append(proposal["municipalities"][0][part])

    found(three(), read)
    (has,) = numbers
    assert found(three(), limited(measure, 0, has, has)) == {}
    assert found(three(), limited(measure, 0, has, None)) == {}
    over = found(three(), limited(measure, 0, 0, has - 1))
    assert over == {"limits": [f"rule: {name} is {has}, not 0–{has - 1}"]}
    under = found(three(), limited(measure, 0, has + 1, None))
    assert under == {"limits": [f"rule: {name} is {has}, not {has + 1}–any"]}


def test_a_share_of_minors_is_of_the_municipalitys_own_total() -> None:
    problem = three(minors_share=0.25)
    assert found(problem, limited("share", 0, 0, 0)) == {}

    def more(problem: Any, proposal: Any, certificate: Any) -> None:
        row = proposal["municipalities"][0]
        row["em"], row["ordinary"] = row["total"], 0

    (told,) = found(problem, limited("share", 0, 0, 0), more)["limits"]
    assert told.startswith("rule: 0301, minors beyond their share is ")


@pytest.mark.parametrize(("low", "high"), [(-np.inf, 92.0), (92.5, np.inf)])
def test_a_link_is_named_with_what_it_holds(low: float, high: float) -> None:
    tie = Link("link", "Oslo and half of Moss", np.array([0, 2]), np.array([1.0, 0.5]), low, high)
    problem = three(links=(tie,))
    assert found(problem) == {}
    beyond = (None, 40) if np.isinf(low) else (150, None)

    def tighter(problem: Any, proposal: Any, certificate: Any) -> None:
        problem["links"][0]["lower"], problem["links"][0]["upper"] = beyond

    def holds(problem: Any, proposal: Any, certificate: Any) -> None:
        rows = proposal["municipalities"]
        has = rows[0]["total"] + rows[2]["total"] / 2
        problem["links"][0]["lower"] = problem["links"][0]["upper"] = has

    (told,) = found(problem, tighter)["limits"]
    assert told.startswith("link: Oslo and half of Moss is ")
    assert told.endswith(", outside its limits")
    assert float(told.split(" is ")[1].split(",")[0]) > 50
    assert found(problem, holds) == {}


def test_ages_that_do_not_make_up_the_minors_are_told_one_by_one() -> None:
    def swap(problem: Any, proposal: Any, certificate: Any) -> None:
        row = proposal["municipalities"][0]
        row["em_under15"], row["em_15_17"] = 3, 4

    (told,) = found(by_age(), swap)["minors"]
    assert told.startswith("0301: under 15 3 and 15–17 4 are not ")


def test_ages_are_told_only_where_the_problem_has_them() -> None:
    def age(problem: Any, proposal: Any, certificate: Any) -> None:
        proposal["municipalities"][1]["em_15_17"] = 0

    told = found(three(), age)["minors"]
    assert told == ["3101: has ages of minors that the problem does not know"]


@pytest.mark.parametrize(
    ("number", "fits"), [(0, True), (1, True), (-1, False), (1.5, False), (True, False)]
)
def test_a_number_of_persons_is_whole_and_not_below_0(number: Any, fits: bool) -> None:
    def put(problem: Any, proposal: Any, certificate: Any) -> None:
        proposal["municipalities"][2]["ordinary"] = number

    told = found(three(), put).get("whole numbers", [])
    wanted = [f"proposal.json, 3103, ordinary: {number} is no number of persons"]
    assert told == ([] if fits else wanted)


def test_a_number_below_the_lot_is_told_but_not_of_who_is_locked() -> None:
    problem = three(lots=Lots(5, 2, choose=True, choose_minors=True))

    def few(problem: Any, proposal: Any, certificate: Any) -> None:
        for row, total, em in zip(proposal["municipalities"], (4, 5, 4), (2, 1, 0), strict=True):
            row["total"], row["em"] = total, em

    assert found(problem, few)["lots"] == [
        "lot: 0301 is asked for 4 (total), fewer than 5",
        "lot: 3103 is asked for 4 (total), fewer than 5",
        "lot: 3101 is asked for 1 (em), fewer than 2",
    ]

    def lock(problem: Any, proposal: Any, certificate: Any) -> None:
        limited("total", 0, 0, None)(problem, proposal, certificate)
        problem["asked"]["bounds"][-1]["family"] = "lock"
        limited("minors", 1, 0, None)(problem, proposal, certificate)
        problem["asked"]["bounds"][-1]["family"] = "exempt"

    assert found(problem, few, lock)["lots"] == [
        "lot: 3103 is asked for 4 (total), fewer than 5",
    ]


def test_the_need_of_each_year_is_met_in_that_year() -> None:
    def two_years(problem: Any, proposal: Any, certificate: Any) -> None:
        rows = proposal["municipalities"]
        rows[2]["year"] = 2027
        proposal["years"] = [
            {
                "year": year,
                **{n: sum(r[n] for r in rows if r["year"] == year) for n in ("total", "em")},
            }
            for year in (2026, 2027)
        ]
        proposal["need"] = {"total": 1, "em": 1}  # the need of the first year, say

    def moved(problem: Any, proposal: Any, certificate: Any) -> None:
        proposal["years"][0]["em"] += 1

    assert found(three(), two_years) == {}
    told = found(three(), two_years, moved)["need"]
    assert told[0].startswith("proposal.json, need, em: 21 is not 20")
    assert told[1].startswith("need: em of 2026 sum to ")


def test_a_goals_value_and_price_that_are_not_its_own_are_told_with_what_they_are() -> None:
    def better(problem: Any, proposal: Any, certificate: Any) -> None:
        for goal in proposal["goals"]:
            goal["value"], goal["price"] = goal["value"] + 1, 5

    told = found(three(), better)["goals"]
    assert told[0] == "proposal.json, goals, place: 1.0 is not 0.000000"
    for name in ("place", "even", "steady"):
        assert any(fault.startswith(f"proposal.json, goals, {name}: ") for fault in told)
        assert any(f"goals, {name}, price: 5 is not " in fault for fault in told)


def test_what_was_settled_is_what_was_asked() -> None:
    def open_(problem: Any, proposal: Any, certificate: Any) -> None:
        problem["settled"]["lots"]["choose_minors"] = 1
        problem["settled"]["lots"]["minors"] = 7
        problem["settled"]["need"][0] -= 2
        limited("total", 0, 0, 999)(problem, proposal, certificate)
        problem["asked"]["bounds"][0]["upper"] = [998]
        proposal["unplaced"]["total"] = 1

    told = found(three(), open_)["problem"]
    assert told == [
        "unplaced: 0 of ordinary, but 78 of 80 are placed",
        "unplaced: the total 1 is not the sum of the groups",
        "problem.json: the limits as settled are not those as asked",
        "problem.json, lots, minors: 7 is not what was asked",
        "problem.json: who is asked is still open",
    ]


SOFT = (
    Bound.make("capacity", "total", np.zeros(3), np.array([80.0, 9, 9]), hard=False),
    Bound.make("county", "county", np.array([0.0, 30.0]), np.array([99.0, 99.0]), hard=False),
)


def test_every_soft_limit_that_gave_way_is_told_with_its_persons() -> None:
    problem = three(*SOFT)
    gave: list[Any] = []

    def read(stated: Any, proposal: Any, certificate: Any) -> None:
        gave.extend(dict(one) for one in proposal["gave"])

    assert found(problem, read) == {}
    assert {one["measure"] for one in gave} >= {"total"}
    first = gave[0]

    def silent(stated: Any, proposal: Any, certificate: Any) -> None:
        proposal["gave"] = []

    def wrong(stated: Any, proposal: Any, certificate: Any) -> None:
        proposal["gave"][0]["by"] += 1

    untold = [
        f"proposal.json, gave: {one['family']} of {one['code']} gave way by {one['by']}, untold"
        for one in gave
    ]
    assert sorted(found(problem, silent)["gave way"]) == sorted(untold)
    named = f"proposal.json, gave: {first['family']} of {first['code']}"
    assert found(problem, wrong)["gave way"] == [
        f"{named} did not give way by {first['by'] + 1}",
        f"{named} gave way by {first['by']}, untold",
    ]


@pytest.mark.parametrize("county", ["03", "31"])
def test_a_soft_county_that_is_below_its_least_or_above_its_most_gave_way(county: str) -> None:
    least, most = ([0.0, 40.0], [99.0, 99.0]) if county == "31" else ([0.0, 0.0], [50.0, 99.0])
    soft = Bound.make("county", "county", np.array(least), np.array(most), hard=False)
    caps = Bound.make("capacity", "total", np.array([70.0, 0, 0]), np.full(3, 99.0))
    problem = three(caps, soft)

    def silent(stated: Any, proposal: Any, certificate: Any) -> None:
        proposal["gave"] = []

    assert found(problem) == {}
    (told,) = found(problem, silent)["gave way"]
    assert told == f"proposal.json, gave: county of {county} gave way by " + (
        "10, untold" if county == "31" else "20, untold"
    )


def test_a_number_off_its_step_is_told_but_for_those_declared() -> None:
    problem = three(step=5)

    def off(stated: Any, proposal: Any, certificate: Any) -> None:
        for row in proposal["municipalities"]:
            row["total"] = 12

    def declared(stated: Any, proposal: Any, certificate: Any) -> None:
        certificate["whole"]["off_step"] = [0]
        certificate["whole"]["remainder_at"] = 2

    def other(stated: Any, proposal: Any, certificate: Any) -> None:
        certificate["whole"]["step"] = 4

    told = [f"steps: {code}, total: 12 is no multiple of 5" for code in ("0301", "3101", "3103")]
    assert found(problem, off)["steps"] == told
    assert found(problem, off, declared)["steps"] == told[1:2]
    assert found(problem, off, other)["steps"] == [
        "certificate.json: the step 4 of total is neither 5 nor 1"
    ]


@pytest.mark.parametrize("even", ["leximin", "minimax", "l1", "l2"])
def test_evenness_is_measured_as_the_goals_say(even: str) -> None:
    caps = Bound.make("capacity", "total", np.array([0.0, 7, 0]), np.array([80.0, 99, 99]))
    problem = three(caps, goals=Goals(("place", "even", "steady"), even))
    values: list[float] = []

    def worse(stated: Any, proposal: Any, certificate: Any) -> None:
        (goal,) = (goal for goal in proposal["goals"] if goal["goal"] == "even")
        values.append(goal["value"])
        goal["value"] += 0.25

    assert found(problem) == {}
    (told,) = found(problem, worse)["goals"]
    (value,) = values
    assert told == f"proposal.json, goals, even: {value + 0.25} is not {value:.6f}"

    def apart(stated: Any, proposal: Any, certificate: Any) -> None:
        (goal,) = (goal for goal in certificate["goals"] if goal["goal"] == "even")
        values.append(goal["in_fractions"])
        goal["in_fractions"] += 0.25
        if goal["alone"] is not None:
            goal["alone"] += 0.25

    (told,) = found(problem, apart)["goals"]
    assert told == f"certificate.json, goals, even: {values[1] + 0.25} is not {values[1]:.6f}"


@pytest.mark.parametrize("even", ["leximin", "l1"])
def test_who_is_asked_is_a_goal_of_its_own_with_its_value_in_fractions(even: str) -> None:
    problem = three(
        lots=Lots(5, 2, choose=True, choose_minors=True),
        goals=Goals(("place", "even", "steady"), even),
    )
    said: list[float] = []

    def at(place: int, more: float | None) -> Change:
        def change(stated: Any, proposal: Any, certificate: Any) -> None:
            (goal,) = (goal for goal in certificate["goals"] if goal["goal"] == "asked")
            (whole,) = (goal for goal in proposal["goals"] if goal["goal"] == "asked")
            said[:] = [whole["value"], goal["in_fractions"]]
            if place == 0:
                whole["value"] += more
            else:
                goal["in_fractions"] = None if more is None else goal["in_fractions"] + more

        return change

    assert found(problem) == {}
    (told,) = found(problem, at(0, 0.5))["goals"]
    assert told == f"proposal.json, goals, asked: {said[0] + 0.5} is not {said[0]:.6f}"
    (told,) = found(problem, at(1, 0.5))["goals"]
    assert told == f"certificate.json, goals, asked: {said[1] + 0.5} is not {said[1]:.6f}"
    (told,) = found(problem, at(1, None))["goals"]
    assert told == "certificate.json, goals, asked: None goes with numbers of the choice"
