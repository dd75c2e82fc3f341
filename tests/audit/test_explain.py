"""Why a number is what it is: steps that add up to the person, and changes that do move it."""

from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import permutations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from allocator.audit.criteria import criteria
from allocator.audit.effects import prices
from allocator.audit.explain import explain
from allocator.audit.similar import similar
from allocator.audit.waterfall import fall
from allocator.audit.why import Explanation, Why
from allocator.documents import load_case
from allocator.engine import prepare_case, propose
from allocator.errors import BadDataError, BosettError
from allocator.panel import Panel
from allocator.program.goals import solve
from allocator.program.problem import Problem
from tests.program.problems import LOTS, nested, with_minors

PANEL = Panel()
MILLION = 1_000_000
TIGHT = [
    "whole.step=5", "lot.persons=10", "band.down=0.4", "band.up=1.0", "band.scaled=true",
    "capacity.factor=0.9", "county.split=band", "county.within=0.02", "minors.share=0.1",
    "municipality.3103.capacity=60", "municipality.3110.lock=25", "municipality.3101.exempt=true",
]  # fmt: skip
CASES: dict[str, tuple[str, list[str]]] = {
    "norway": ("norway-2026", []),
    "ostfold": ("ostfold-2016", []),
    "every family": ("norway-2026", TIGHT),
    "ceiling": ("norway-2026", ["ceiling.per_1000=4"]),
    "two years": ("sor-trondelag-2015-2016", []),
    "own total": ("norway-2026", ["model=imdi-2020-cut"]),
    "each rounded up": ("norway-2026", ["model=netherlands", "need.em=0"]),
    "rates": ("norway-2026", ["model=imdi-2018"]),
    "three criteria": ("norway-2026", ["model=imdi-2024"]),
    "apportioned": ("ostfold-2015", ["model=population", "whole.method=webster"]),
    "steady first": ("ostfold-2016", ["goals.order=['place', 'steady', 'even']"]),
    "soft need": ("ostfold-2016", ["need.hard=false", "band.up=0.1"]),
    "soft capacity": ("ostfold-2016", ["capacity.factor=1", "capacity.hard=false"]),
    "amounts": (
        "ostfold-2016",
        ["key={population=1.0,settled={weight=-0.5,as='amount',missing='zero'}}"],
    ),
    "full": ("ostfold-2016", ["municipality.0104.capacity=60", "municipality.0106.lock=200"]),
    "a cap": ("ostfold-2016", ["share.cap={factor=1.1,basis='population',excess='iterate'}"]),
}


@cache
def told(name: str, municipality: str | None = None) -> Explanation:
    scenario, settings_ = CASES[name]
    return explain(load_case(scenario, settings_), PANEL, municipality)


def row(name: str, code: str) -> Why:
    """A row of all that were explained at once."""
    return next(why for why in told(name).rows if why.request.code == code)


@pytest.mark.parametrize("name", CASES)
def test_the_steps_add_up_to_the_person_for_every_municipality(name: str) -> None:
    answer = told(name)
    scenario, settings_ = CASES[name]
    asked = propose(scenario, settings_).municipalities
    assert [why.request for why in answer.rows] == list(asked)
    for why in answer.rows:
        assert sum(step.micro for step in why.steps) == MILLION * why.request.total
        assert sum(step.micro for step in why.em_steps) == MILLION * why.request.em


def test_the_two_cases_of_the_house_have_all_their_municipalities() -> None:
    assert len(told("norway").rows) == 357
    assert len(told("ostfold").rows) == 18


@pytest.mark.parametrize("name", ["norway", "ostfold", "every family"])
def test_the_changes_of_the_trace_add_up_as_decimal_numbers(name: str) -> None:
    for each in told(name).as_dict()["municipalities"]:
        for steps, total in ((each["steps"], each["request"]), (each["em_steps"], each["em"])):
            assert sum(Decimal(str(step["change"])) for step in steps) == total


@pytest.mark.parametrize("name", CASES)
def test_a_step_moves_persons_between_municipalities_and_makes_none(name: str) -> None:
    answer = told(name)
    rows = [why for why in answer.rows if why.request.year == answer.proposal.year]
    for number, step in enumerate(rows[0].steps):
        moved = sum(why.steps[number].micro for why in rows)
        if step.step in ("eligible", "exempt", "share_limits", "lot", "band", "ceiling", "county"):
            assert abs(moved) <= len(rows) or name in ("soft need", "own total", "two years")


def test_the_key_ends_at_the_entitlement_of_the_proposal() -> None:
    for name in CASES:
        for why in told(name).rows:
            ends = [step.level for step in why.steps if step.step in ("criterion", "own")]
            extra = [s.micro for s in why.steps if s.step in ("share_limits", "key_limits")]
            if not extra:
                assert abs(ends[-1] / MILLION - why.request.entitlement) < 2e-6


# -- the key ---------------------------------------------------------------------------------------


def test_a_criterion_gives_its_shapley_value_in_place_of_inhabitants() -> None:
    case = load_case("norway-2026", ["model=imdi-2024"])
    prepared = prepare_case(case, PANEL)
    parts, need = prepared.key.parts, case.scenario.need.total
    heads = prepared.units.population / prepared.units.population.sum()
    value = np.zeros((len(parts), len(heads)))
    orders = list(permutations(range(len(parts))))
    for order in orders:  # the definition: the mean over all orders of what it adds
        share = heads.copy()
        for at in order:
            value[at] += need * parts[at].weight * (parts[at].shares - heads) / len(orders)
            share += parts[at].weight * (parts[at].shares - heads)
        assert np.allclose(need * share, prepared.problem.entitlement)
    found = [change for change in criteria(case, prepared) if change.criterion]
    assert np.allclose([change.persons for change in found], value)


def test_a_criterion_says_the_same_wherever_it_stands_in_the_key() -> None:
    def by_name(key: str) -> dict[str, list[int]]:
        rows = explain(load_case("ostfold-2016", [f"key={key}"]), PANEL).rows
        found: dict[str, list[int]] = {}
        for why in rows:
            before = 0
            for step in why.steps:
                if step.criterion:
                    found.setdefault(step.name, []).append(step.level - before)
                before = step.level
        return found

    one = by_name("{population=0.5, requested={weight=0.3,missing='zero'}, decided={weight=0.2,"
                  "missing='zero'}}")  # fmt: skip
    two = by_name("{decided={weight=0.2,missing='zero'}, requested={weight=0.3,missing='zero'},"
                  " population=0.5}")  # fmt: skip
    assert set(one) == set(two)
    for name in one:
        assert np.abs(np.array(one[name]) - np.array(two[name])).max() <= 1  # of a millionth


def test_population_alone_leaves_nothing_to_explain_but_rounding() -> None:
    answer = explain(load_case("ostfold-2015", ["model=population"]), PANEL, "Moss")
    assert [step.step for step in answer.rows[0].steps if step.micro] == ["population", "whole"]


def test_who_is_exempt_is_taken_out_before_the_key_and_the_others_take_the_part() -> None:
    gone = {step.step: step for step in row("every family", "3101").steps}["exempt"]
    assert gone.micro < 0
    assert gone.level == 0
    taken = {step.step: step for step in row("every family", "3110").steps}["exempt"]
    assert taken.micro > 0


# -- the families ----------------------------------------------------------------------------------


def test_each_family_is_a_step_in_the_documented_order() -> None:
    steps = [step.step for step in row("every family", "0301").steps]
    assert steps == [
        "population", "exempt", "criterion", "criterion",
        "lot", "capacity", "band", "county", "minors", "lock", "whole", "step",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "step", "limit"), [("3103", "capacity", 60.0), ("3110", "lock", 25.0)]
)
def test_a_limit_acts_on_its_own_and_names_itself(code: str, step: str, limit: float) -> None:
    found = {each.step: each for each in row("every family", code).steps}[step]
    assert (found.acts, found.limit) == ("own", limit)


def test_what_one_cannot_take_the_others_take() -> None:
    case = load_case("ostfold-2016", ["municipality.0104.capacity=60"])
    rows = explain(case, PANEL).rows
    found = {why.request.code: {s.step: s for s in why.steps}["capacity"] for why in rows}
    assert found["0104"].acts == "own"
    assert found["0106"].acts == "others"
    assert found["0104"].micro < 0 < found["0106"].micro
    assert abs(sum(step.micro for step in found.values())) <= len(rows)


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.booleans(), st.booleans(), st.sampled_from([1, 1, 5]))
def test_random_problems_add_up_whatever_their_families(
    seed: int, minors: bool, lots: bool, step: int
) -> None:
    rng = np.random.default_rng(seed)
    problem = nested(rng, int(rng.integers(3, 14)))
    problem = with_minors(rng, problem) if minors else problem
    problem = replace(problem, step=step, lots=LOTS if lots else problem.lots)
    try:
        solution = solve(problem)
    except BosettError:
        assume(False)
    stages = fall(problem, solution)
    assert np.array_equal(stages[-1].totals, solution.totals)
    assert [name for stage in stages for name in stage.families] == wanted(problem)
    for stage in stages:
        assert abs(stage.totals.sum() - problem.persons) < 1e-6
        moved = {str(how) for how in stage.acts}
        assert moved <= {"", "own", "others"}


def wanted(problem: Problem) -> list[str]:
    there = {bound.family for bound in problem.bounds} & {"capacity", "band", "county"}
    there |= ({"lot"} if problem.lots.choose else set()) | ({"minors"} if problem.minors else set())
    return [f for f in ("lot", "capacity", "band", "county", "minors") if f in there]


FLOORS = [
    "area={municipality=['0101','0104']}", "municipality={'0101'={lock=2},'0104'={lock=6}}",
    "lot.persons=10",
    "lot.every=false", "lot.minors=0", "need.total=8", "need.em=0", "whole.step=1",
]  # fmt: skip
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "need.total": st.integers(500, 1200),
        "need.em": st.integers(90, 230),
        "whole.step": st.sampled_from([1, 2, 5]),
        "lot.persons": st.integers(0, 20),
        "lot.every": st.sampled_from(["true", "false"]),
        "band.up": st.sampled_from([1.0, 1.5, 3.0]),
        "band.down": st.sampled_from([0.0, 0.2]),
        "ceiling.per_1000": st.sampled_from([4.0, 6.0, 20.0]),
        "capacity.factor": st.sampled_from([2.0, 4.0]),
        "minors.share": st.sampled_from([0.3, 0.5, 1.0]),
        "eligible.min_population": st.sampled_from([1000, 4000]),
        "municipality.0104.lock": st.integers(0, 120),
        "municipality.0106.capacity": st.integers(50, 300),
        "municipality.0101.exempt": st.just("true"),
        "goals.even": st.sampled_from(["leximin", "l1", "minimax", "l2"]),
    },
)


@settings(max_examples=40)
@given(DOCUMENTS)
def test_random_documents_add_up_or_are_refused_in_words(document: dict[str, object]) -> None:
    try:
        case = load_case("ostfold-2016", [f"{name}={value}" for name, value in document.items()])
        answer = explain(case, PANEL)
    except BosettError:
        return
    for why in answer.rows:
        assert sum(step.micro for step in why.steps) == MILLION * why.request.total
        assert sum(step.micro for step in why.em_steps) == MILLION * why.request.em
        assert why.steps[0].step == "population"


def test_a_family_that_has_no_answer_alone_is_told_with_the_next() -> None:
    # Nobody may be asked for fewer than 10, and there are 8: only the locks make it possible.
    case = load_case("ostfold-2016", FLOORS)
    answer = explain(case, PANEL)
    steps = [step.step for step in answer.rows[0].steps]
    assert "lot+lock" in steps
    assert sum(why.request.total for why in answer.rows) == 8


# -- what would move it ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "municipality"),
    [("ostfold", "Moss"), ("ostfold", "Rømskog"), ("norway", "Utsira"), ("full", "Moss")],
)
def test_the_smallest_change_moves_the_number_and_one_unit_less_does_not(
    name: str, municipality: str
) -> None:
    (why,) = told(name, municipality).rows
    scenario, given_ = CASES[name]
    moved = [move for move in why.moves or () if move.ends == "moved"]
    assert moved

    def asked(setting: str, value: float) -> int:
        text = f"{setting}={value:g}"
        requests = propose(scenario, [*given_, text]).municipalities
        return next(r.total for r in requests if r.code == why.request.code)

    for move in moved:
        assert move.to is not None
        unit = {"share": 0.01, "up": 0.01, "within": 0.01}.get(move.setting.split(".")[-1], 1)
        back = unit if move.to > move.at else -unit
        assert asked(move.setting, move.to) == move.request != why.request.total
        assert asked(move.setting, round(move.to - back, 6)) == why.request.total


@pytest.mark.parametrize(("name", "more"), [("ostfold", 5), ("norway", 1)])
def test_one_step_more_in_the_need_is_what_solving_again_gives(name: str, more: int) -> None:
    rows, (scenario, given_) = told(name).rows, CASES[name]
    total = sum(why.request.total for why in rows) + more
    again = propose(scenario, [*given_, f"need.total={total}"]).municipalities
    assert [why.with_more for why in rows] == [request.total for request in again]
    assert {why.more for why in rows} == {more}


def test_a_price_is_the_distance_from_the_level_of_those_who_are_free() -> None:
    case = load_case("ostfold-2016", ["municipality.0104.capacity=60", "whole.step=1"])
    solution = solve(prepare_case(case, PANEL).problem)
    found = dict(zip(solution.problem.units.codes, prices(solution), strict=True))
    moss, free = found["0104"], found["0106"]
    assert moss is not None
    assert free is not None
    assert moss.price < -0.1
    assert abs(free.price) < 1e-9
    assert moss.free == pytest.approx(moss.level * solution.problem.entitlement[1])


def test_a_number_that_the_scenario_sets_is_not_searched_for() -> None:
    assert told("full", "Fredrikstad").rows[0].moves == ()


def test_for_all_municipalities_at_once_nothing_is_searched_for() -> None:
    assert {why.moves for why in told("ostfold").rows} == {None}


# -- its likes -------------------------------------------------------------------------------------


def test_the_nearest_are_of_like_size_and_the_difference_names_its_largest_step() -> None:
    (why,) = told("norway", "Hvaler").rows
    assert len(why.alike) == 3
    for other in why.alike:
        assert other.difference == other.request.total - why.request.total
        assert 0.5 < (other.request.population or 0) / (why.request.population or 1) < 2
        theirs = {
            step.name: step.micro for step in told("norway", other.request.code).rows[0].steps
        }
        mine = {step.name: step.micro for step in why.steps}
        gaps = {name: theirs[name] - mine[name] for name in mine}
        assert abs(other.micro) == max(map(abs, gaps.values()))
        assert gaps[other.step.name] == other.micro


def test_oslo_is_like_nobody() -> None:
    assert told("norway", "Oslo").rows[0].alike == ()


def test_centrality_counts_among_equals() -> None:
    requests = propose("ostfold-2016").municipalities
    base = requests[0]
    twins = [replace(base, code=code) for code in ("0001", "0002")]
    classes = {base.code: "1", "0001": "4", "0002": "1"}
    assert [other.code for other in similar(base, twins, classes)] == ["0002", "0001"]


def test_a_municipality_outside_the_area_is_refused_in_words() -> None:
    with pytest.raises(BadDataError, match="0301 Oslo is outside the area of ostfold-2016"):
        explain(load_case("ostfold-2016"), PANEL, "Oslo")
