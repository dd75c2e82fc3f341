"""An uncertain need: the two-stage program against theory, and against programs written out."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.documents import load_case
from allocator.documents.uncertain import Terms
from allocator.engine import propose_case
from allocator.errors import BadDataError, UsageError
from allocator.panel import Panel
from allocator.program.builder import Builder
from allocator.program.solver import Engine
from allocator.study.hedge import Hedge, case_settings, hedge
from allocator.study.two_stage import Room, State, ends, least_cost, measured, whole_plan

Run = Callable[..., Result]
PANEL = Panel()
NEEDS = st.lists(st.integers(0, 60), min_size=2, max_size=4, unique=True)
PRICE = st.integers(1, 12).map(float)
PRICES = st.fixed_dictionaries(
    dict.fromkeys(("unplaced", "idle", "top_up", "cut"), PRICE)
    | {"most_up": st.sampled_from([0.0, 0.5, 1.0]), "most_cut": st.sampled_from([0.0, 0.35, 1.0])}
)


def even(needs: list[int]) -> list[State]:
    return [State((need, 0), 1 / len(needs)) for need in sorted(needs)]


def without_summer(under: float, over: float) -> Terms:
    return Terms(unplaced=under, idle=over, top_up=99, cut=99, most_up=0, most_cut=0)


def hedged(name: str, *cases: str, over: tuple[str, ...] = ()) -> Hedge:
    return hedge(load_case(name, [*case_settings(cases), *over]), PANEL)


# -- the program -----------------------------------------------------------------------------------


@settings(max_examples=40)
@given(NEEDS, PRICE, PRICE)
def test_one_municipality_is_the_newsvendor(needs: list[int], under: float, over: float) -> None:
    states = even(needs)
    _, (asked, _) = least_cost(states, Room.free(np.full(1, 100.0)), without_summer(under, over))
    critical = under / (under + over)
    along = np.cumsum([state.probability for state in states])
    quantile = next(s.need[0] for s, p in zip(states, along, strict=True) if p >= critical - 1e-9)
    assert asked == pytest.approx(quantile, abs=1e-3)


@settings(max_examples=25)
@given(NEEDS, PRICES, st.lists(st.integers(0, 20), min_size=2, max_size=3))
def test_no_whole_number_costs_less_by_trying_every_one(
    needs: list[int], prices: dict[str, Any], upper: list[int]
) -> None:
    terms, room = Terms(**prices), Room.free(np.array(upper, float))
    states = even(needs)
    best, asked, _ = whole_plan(states, room, terms)
    tried = []
    for total in range(sum(upper) + 1):
        spread = np.diff(np.minimum(np.concatenate(([0], np.cumsum(upper))), total))
        persons = np.stack((spread, 0 * spread), axis=1)
        told = [ends(state, persons, room, terms).cost for state in states]
        tried.append(sum(told) / len(told))
    assert best <= min(tried) + 1e-6
    each = [least_cost(states, room, terms, (n, 0))[0] for n in range(min(3, sum(upper)) + 1)]
    assert least_cost(states, room, terms, asked)[0] <= min(each) + 1e-6


@settings(max_examples=25)
@given(NEEDS, PRICE, PRICE)
def test_a_program_without_summer_is_as_cheap_as_the_best_of_all_whole_numbers(
    needs: list[int], under: float, over: float
) -> None:
    best, _ = least_cost(even(needs), Room.free(np.full(1, 100.0)), without_summer(under, over))
    tried = (
        sum(under * max(need - n, 0) + over * max(n - need, 0) for need in needs) / len(needs)
        for n in range(61)
    )
    assert best == pytest.approx(min(tried), abs=1e-6)


@settings(max_examples=25)
@given(NEEDS, PRICE, PRICE)
def test_all_weight_on_the_worst_is_the_best_worst_case(
    needs: list[int], under: float, over: float
) -> None:
    terms = without_summer(under, over)
    worst = terms.having(cvar=0.95, weight=1.0)
    best, _ = least_cost(even(needs), Room.free(np.full(1, 100.0)), worst)
    low, high = min(needs), max(needs)
    assert best == pytest.approx(under * over * (high - low) / (under + over), abs=1e-5)


def written_out(states: list[State], room: Room, terms: Terms) -> float:
    """The same program with the summer's changes of every municipality and group as columns."""
    build, size = Builder(), len(room.upper)
    groups = (
        build.columns(size),
        build.columns(size, lower=room.lower_em, upper=room.upper_em),
    )
    rows, shares = build.rows(size, room.lower, room.upper), build.rows(size, -np.inf, room.beyond)
    for columns, value in zip(groups, (-room.share, 1 - room.share), strict=True):
        build.enter(rows, columns, 1.0)
        build.enter(shares, columns, value)
    parts = []
    for state in states:
        ratio, part = state.ratio, min(state.ratio, 1.0)
        together = build.rows(size, -np.inf, part * room.upper)
        loss: list[tuple[np.ndarray, float]] = []
        for group, x in enumerate(groups):
            up, cut, rest = build.columns(size), build.columns(size), build.columns(2)
            row = build.sum_row(x, state.need[group], state.need[group], ratio)
            for columns, sign in ((up, 1.0), (cut, -1.0)):
                build.enter(row, columns, sign)
            build.enter(row, rest, np.array([1.0, -1.0]))
            for columns, most in ((up, terms.most_up * part), (cut, terms.most_cut * ratio)):
                limit = build.rows(size, -np.inf, 0.0)
                build.enter(limit, columns, 1.0)
                build.enter(limit, x, -most)
            own = build.rows(size, -np.inf, part * (room.upper, room.upper_em)[group])
            for limit in (own, together):
                build.enter(limit, up, 1.0)
                build.enter(limit, x, part)
            loss += [(up, terms.top_up), (cut, terms.cut)]
            loss += [(rest[:1], terms.unplaced), (rest[1:], terms.idle)]
        parts.append(loss)
    cost = np.zeros(build.column_count)
    for state, loss in zip(states, parts, strict=True):
        for columns, price in loss:
            cost[columns] += state.probability * price
    engine = Engine(build.matrix(), presolve=True)
    engine.set_costs(cost)
    return engine.solve().objective


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[State], Room]:
    size = draw(st.integers(1, 3))
    whole = st.lists(st.integers(0, 30), min_size=size, max_size=size)
    upper, upper_em = (np.array(draw(whole), float) for _ in range(2))
    none = np.zeros(size)
    share = draw(st.sampled_from([0.3, 0.5, 1.0]))
    room = Room(
        none, upper, none, np.minimum(upper, upper_em), none + draw(st.integers(0, 3)), share
    )
    states = []
    count = draw(st.integers(1, 3))
    for _ in range(count):
        need = (draw(st.integers(0, 60)), draw(st.integers(0, 15)))
        ratio = draw(st.sampled_from([0.0, 0.6, 0.9, 1.0, 1.2]))
        states.append(State(need, 1 / count, ratio))
    return states, room


@settings(max_examples=60)
@given(worlds(), PRICES)
def test_the_summer_without_municipalities_costs_what_it_costs_with_every_one_written_out(
    world: tuple[list[State], Room], prices: dict[str, Any]
) -> None:
    terms = Terms(**prices)
    assert least_cost(*world, terms)[0] == pytest.approx(written_out(*world, terms), abs=1e-5)


@settings(max_examples=40)
@given(worlds(), PRICES, st.sampled_from([0.0, 0.5, 1.0]))
def test_planning_for_the_mean_costs_no_less_and_knowing_no_more(
    world: tuple[list[State], Room], prices: dict[str, Any], weight: float
) -> None:
    (states, room), terms = world, Terms(**prices, weight=weight, cvar=0.8)
    cost, plan, _ = whole_plan(states, room, terms)
    known = [least_cost([State(s.need, 1.0, s.ratio)], room, terms)[0] for s in states]
    assert measured(known, [s.probability for s in states], terms) <= cost + 1e-6
    chances = np.array([s.probability for s in states])
    mean = State(
        tuple(chances @ np.array([s.need for s in states])),
        1.0,
        float(chances @ [s.ratio for s in states]),
    )
    mean_plan = least_cost([mean], room, terms)[1]
    assert least_cost(states, room, terms, mean_plan)[0] >= cost - 1e-4
    assert least_cost(states, room, terms, plan)[0] >= cost - 1e-6


@settings(max_examples=40)
@given(worlds(), PRICES)
def test_what_becomes_of_whole_persons_adds_up_in_every_state(
    world: tuple[list[State], Room], prices: dict[str, Any]
) -> None:
    (states, room), terms = world, Terms(**prices)
    minors = np.floor(np.minimum(room.upper_em, room.upper / 2))
    persons = np.stack((np.floor(room.upper / 3), minors), axis=1).astype(np.int64)
    for state in states:
        end = ends(state, persons, room, terms)
        for group in (0, 1):
            placed = end.decided[group] + end.topped_up[group] - end.cut[group]
            assert placed + end.unplaced[group] - end.idle[group] == state.need[group]
            assert min(end.topped_up[group], end.unplaced[group], end.cut[group]) >= 0
        assert sum(end.decided) == pytest.approx(state.ratio * persons.sum(), abs=1.01)


def test_who_fears_the_worst_asks_for_another_number_and_is_better_off_by_that_measure() -> None:
    of = (even([500, 780, 1500]), Room.free(np.full(5, 400.0)))
    wary = Terms(weight=0.9)
    calm, feared = least_cost(*of, Terms()), least_cost(*of, wary)
    assert feared[1] != calm[1]
    assert feared[0] <= least_cost(*of, wary, calm[1])[0]
    assert calm[0] <= least_cost(*of, Terms(), feared[1])[0]


# -- a case of a scenario --------------------------------------------------------------------------


def test_the_values_of_planning_and_of_knowing_are_never_negative_and_ordered() -> None:
    found = hedged("ostfold-2016", "500:0.3", "780:0.5", "1200:0.2")
    assert found.wait_cost <= found.cost <= found.mean_cost
    assert found.vss >= 0
    assert found.evpi >= 0
    assert found.proposal.total == found.asked
    for outcome in found.outcomes:
        placed = outcome.decided + outcome.topped_up - outcome.cut
        assert placed + outcome.unplaced - outcome.idle == outcome.need


def test_one_case_is_the_proposal_of_it_and_nothing_is_worth_knowing() -> None:
    found = hedged("norway-2026", "13000:1")
    plain = propose_case(load_case("norway-2026"), PANEL)
    assert (found.asked, found.asked_em, found.vss, found.evpi, found.cost) == (13000, 651, 0, 0, 0)
    assert found.proposal.municipalities == plain.municipalities


def test_a_case_of_no_probability_is_as_if_it_were_not_there() -> None:
    cases = ("700:0.5", "900:0.5")
    without = hedged("ostfold-2016", *cases)
    given = ("uncertain.case.never={ total = 9000, probability = 0 }",)
    beside = hedge(load_case("ostfold-2016", [*case_settings(cases), *given]), PANEL)
    assert (beside.asked, beside.outcomes) == (without.asked, without.outcomes)


def test_minors_who_are_in_the_cases_are_asked_for_and_placed_by_themselves() -> None:
    found = hedged("ostfold-2016", "600/20:0.5", "900/250:0.5")
    assert 20 <= found.asked_em <= 250
    assert sum(r.em for r in found.proposal.municipalities) == found.asked_em
    low, high = found.outcomes
    assert (low.em, high.em) == (20, 250)
    assert low.idle_em <= low.idle
    sure = hedged("ostfold-2016", "600/197:0.5", "900/197:0.5")
    assert sure.asked_em == 197
    assert {o.idle_em + o.unplaced_em for o in sure.outcomes} == {0}


def test_a_case_that_says_nothing_of_minors_has_the_share_of_them_in_the_need() -> None:
    plain, doubled = (
        [o.em for o in hedge(load_case(name), PANEL).outcomes]
        for name in ("norway-2027", "norway-2027+minors-doubled")
    )
    assert plain == [252, 651, 946]
    assert doubled == [503, 1302, 1893]


# -- what councils answer --------------------------------------------------------------------------


def test_answers_as_they_were_learnt_ask_for_more_and_cost_no_less_than_when_they_are_trusted() -> (
    None
):
    plain = hedge(load_case("norway-2027"), PANEL)
    found = hedge(load_case("norway-2027", ["uncertain.answers=learnt"]), PANEL)
    assert found.answering is not None
    assert found.answering.regime == "many"
    assert max(found.answering.years) <= 2026
    assert len(found.outcomes) == 3 * 5
    assert found.answering.shares == tuple(sorted(found.answering.shares))
    assert found.trust_asked == plain.asked
    assert found.cost <= (found.trust_cost or 0)
    assert found.wait_cost <= found.cost <= found.mean_cost
    assert sum(o.probability for o in found.outcomes) == pytest.approx(1)


def test_no_answer_later_than_the_scenarios_day_is_learnt_from() -> None:
    case = load_case("norway-2024", [*case_settings(["37000:1"]), "uncertain.answers=learnt"])
    found = hedge(case, PANEL)
    assert found.answering is not None
    assert max(found.answering.years) < 2024
    assert found.answering.trained_to == "2023-10-31"


def test_a_sure_answer_of_less_is_asked_for_so_much_more() -> None:
    """With one case of need and one of answers, decisions meet the need without a summer."""
    over = ("uncertain.answers=learnt", "uncertain.answer_cases=1")
    found = hedged("norway-2026", "13000:1", over=over)
    (only,) = found.outcomes
    assert found.asked > 13000
    assert only.decided == pytest.approx(13000, abs=2)
    assert only.topped_up + only.unplaced + only.idle + only.cut <= 2


# -- the document ----------------------------------------------------------------------------------

DOCUMENT = """\
base = "norway-2027"
title = "A guess"
[uncertain]
top_up = 4
weight = 0.25
[uncertain.case.high]
total = 20000
[override.calm]
title = "nobody fears the worst"
source = "A guess"
uncertain = { weight = 0, case = { low = { probability = 0.6 }, high = { probability = 0 } } }
"""


def test_a_document_lies_over_its_base_an_override_over_both_and_a_setting_over_all(
    tmp_path: Path,
) -> None:
    path = tmp_path / "own.toml"
    path.write_text(DOCUMENT, encoding="utf-8")
    terms = load_case(str(path)).scenario.uncertain
    assert terms is not None
    assert (terms.top_up, terms.weight, terms.cut) == (4, 0.25, 2)
    assert (terms.case["high"].total, terms.case["high"].probability) == (20000, 0.3)
    calm = load_case(f"{path}+calm", ["uncertain.top_up=5"]).scenario.uncertain
    assert calm is not None
    assert (calm.top_up, calm.weight) == (5, 0)
    assert [case.probability for case in calm.case.values()] == [0.6, 0.4, 0]


def test_options_lie_over_the_document_and_its_cases_are_replaced_together(bosett: Run) -> None:
    told = bosett("hedge", "norway-2027", "--top-up", "4", "--format", "json")
    prices = json.loads(told.stdout)
    assert (prices["prices"]["top_up"], len(prices["outcomes"])) == (4, 3)
    one = bosett("hedge", "norway-2027", "--case", "9000/90:1", "--format", "json")
    (outcome,) = json.loads(one.stdout)["outcomes"]
    assert (outcome["case"], outcome["need"], outcome["em"]) == ("9000-90", 9000, 90)


def test_every_fault_of_the_table_is_told_at_once_with_its_line(
    bosett: Run, tmp_path: Path
) -> None:
    path = tmp_path / "own.toml"
    text = """\
title = ""
source = "A letter"
year = 2016
model = "population"
need = { total = 100 }
[uncertain]
unplaced = -1
answers = "maybe"
most_cutt = 1
[uncertain.case.low]
total = 5
em = 9
probability = 0.2
[uncertain.case.High]
total = 5
probability = 2
"""
    path.write_text(text, encoding="utf-8")
    told = bosett("propose", path)
    assert (told.exit_code, told.stdout) == (65, "")
    assert [f"line {n}:" in told.stderr for n in (1, 7, 8, 9, 12, 14, 16)] == [True] * 7
    assert "did you mean 'most_cut'" in told.stderr
    assert "9 minors are more than the total of 5" in told.stderr


def test_the_shipped_probabilities_are_near_to_how_often_each_case_was_the_nearest() -> None:
    terms = load_case("norway-2027").scenario.uncertain
    assert terms is not None
    names = list(terms.case)
    counts = dict.fromkeys(names, 0)
    for year in range(2014, 2027):
        asked = sum(figure.value or 0 for figure in PANEL.requests(year, "requested").values())
        counts[min(names, key=lambda name: abs(terms.case[name].total - asked))] += 1
    assert counts == {"low": 4, "mid": 5, "high": 4}
    for name in names:
        assert terms.case[name].probability == pytest.approx(counts[name] / 13, abs=0.02)


def test_a_proposal_is_the_same_with_the_table_and_without() -> None:
    case = load_case("ostfold-2016", case_settings(["700:1"]))
    assert (
        propose_case(case, PANEL).as_dict()
        == propose_case(load_case("ostfold-2016"), PANEL).as_dict()
    )


# -- the command -----------------------------------------------------------------------------------


def test_cases_that_are_none_are_refused_all_at_once(bosett: Run) -> None:
    with pytest.raises(BadDataError, match=r"sum to 0\.9, not to 1"):
        hedged("ostfold-2016", "700:0.4", "800:0.5")
    with pytest.raises(UsageError, match="names no cases of the need"):
        hedge(load_case("ostfold-2016"), PANEL)
    told = bosett("hedge", "ostfold-2016", "--case", "many:often", "--case", "5:2")
    assert (told.exit_code, told.stdout) == (2, "")
    assert [word in told.stderr for word in ("14000:0.5", "many:often", "5:2")] == [True] * 3


@pytest.mark.parametrize("lang", ["en", "nb", "nn"])
@pytest.mark.parametrize("answers", ["as-asked", "learnt"])
def test_the_table_fits_a_terminal_in_every_language(bosett: Run, lang: str, answers: str) -> None:
    told = bosett("hedge", "norway-2027", "--weight", "0.5", "--answers", answers, "--lang", lang)
    assert told.exit_code == 0, told.stderr
    assert max(map(len, told.stdout.splitlines())) <= 80
    assert "…" not in told.stdout


def test_json_is_the_same_twice_and_names_its_prices(bosett: Run) -> None:
    arguments = ("hedge", "ostfold-2016", "--case", "700:0.5", "--case", "900:0.5")
    one, two = (bosett(*arguments, "--format", "json") for _ in range(2))
    assert one.stdout_bytes == two.stdout_bytes
    told = json.loads(one.stdout)
    assert told["schema"] == 1
    assert told["prices"]["unplaced"] == 10
    assert len(told["municipalities"]) == 18
