"""How many to ask for when the need is not known: ask now, top up or cut in summer, at a price.

What is not known are the cases of the scenario's ``[uncertain]`` table and, with ``answers =
"learnt"``, the part of a request that councils decide: every case of the need with every case of
the answers is a state of the program (:mod:`allocator.study.two_stage`). The answers are those of
:mod:`allocator.study.answering`: the year's share of all, in cases of equal probability, times what
the cells of those who are asked decide beside it, in the proportions of the proposal of the mean
need. Who is asked is the rule's to say, not the program's: the number that the program gives is
shared by the scenario's own rule. Single councils, who even out, are left out.

The value of the stochastic solution is what it costs to plan for the mean need instead, VSS = EEV −
RP; the expected value of perfect information is EVPI = RP − WS (Birge & Louveaux 2011, ch. 4).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from allocator.documents import Case
from allocator.documents.uncertain import Uncertain
from allocator.engine import panel_of, prepare_case, propose_case
from allocator.errors import Fault, UsageError
from allocator.panel import Panel, View
from allocator.program.problem import Floats, Measure, Problem
from allocator.proposal import Proposal
from allocator.study.answering import learn
from allocator.study.history import cells_of, people_of, regime_of
from allocator.study.reach import asked_of, with_persons
from allocator.study.two_stage import Room, State, ends, least_cost, measured, whole_plan

__all__ = ["Answering", "Hedge", "Outcome", "case_settings", "hedge"]

PRICES = ("unplaced", "idle", "top_up", "cut", "most_up", "most_cut")
_MOVED = ("unplaced", "idle", "topped_up", "cut")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of the number asked for in one state, persons with minors among them.

    ``share`` is the part of all requests that is decided, 1 where all are taken as decided.
    """

    case: str
    need: int
    em: int
    share: float
    probability: float
    decided: int
    topped_up: int
    cut: int
    unplaced: int
    idle: int
    cost: float
    unplaced_em: int
    idle_em: int


@dataclass(frozen=True, slots=True)
class Answering:
    """What was taken of how councils answer: the regime, the years known, the cases' shares."""

    regime: str
    trained_to: str
    years: tuple[int, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Hedge:
    """The number to ask for now, what it costs in each case, and what knowing more is worth.

    Costs are in the unit of the prices: ``cost`` the objective of the plan, ``mean_cost`` (EEV)
    that of asking as if the mean need and answer were sure, ``wait_cost`` (WS) that of knowing
    both, ``trust_cost`` that of asking as if every request were decided as asked.
    """

    proposal: Proposal
    asked: int
    asked_em: int
    fraction: float
    terms: Uncertain
    outcomes: tuple[Outcome, ...]
    cost: float
    mean_asked: int
    mean_cost: float
    wait_cost: float
    answering: Answering | None = None
    trust_asked: int | None = None
    trust_cost: float | None = None

    @property
    def vss(self) -> float:
        """Value of the stochastic solution."""
        return round(self.mean_cost - self.cost, 6)

    @property
    def evpi(self) -> float:
        """Expected value of perfect information."""
        return round(self.cost - self.wait_cost, 6)

    def expected(self, what: str) -> float:
        """Σ p · persons of one outcome: unplaced, idle, topped_up, cut."""
        persons = (o.probability * float(getattr(o, what)) for o in self.outcomes)
        return round(sum(persons), 6)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, ``"schema": 1``."""
        return {
            "schema": 1,
            "scenario": self.proposal.scenario,
            "model": self.proposal.model,
            "year": self.proposal.year,
            "asked": self.asked,
            "asked_em": self.asked_em,
            "asked_fraction": round(self.fraction, 6),
            "cost": self.cost,
            "mean_asked": self.mean_asked,
            "mean_cost": self.mean_cost,
            "wait_cost": self.wait_cost,
            "vss": self.vss,
            "evpi": self.evpi,
            "expected": {name: self.expected(name) for name in _MOVED},
            "assumption": self.terms.assumption,
            "prices": {name: getattr(self.terms, name) for name in PRICES},
            "risk": {"alpha": self.terms.cvar, "weight": self.terms.weight},
            "answers": None if self.answering is None else asdict(self.answering),
            "trust_asked": self.trust_asked,
            "trust_cost": self.trust_cost,
            "outcomes": [asdict(outcome) for outcome in self.outcomes],
            "municipalities": [request.as_dict() for request in self.proposal.municipalities],
        }


def hedge(case: Case, panel: Panel | str | None = None) -> Hedge:
    """How many to ask for now, and of whom: the program's number, in whole persons, shared by the
    scenario's own rule. What is not known is what the scenario's ``[uncertain]`` says.

    Raises :class:`UsageError` where it names no case, :class:`BadDataError` where too few years of
    answers were known.

    >>> from allocator.documents import load_case
    >>> cases = case_settings(["600:0.3", "780:0.5", "1000:0.2"])
    >>> found = hedge(load_case("ostfold-2016", cases))
    >>> found.asked, found.proposal.total, found.vss >= 0 <= found.evpi
    (780, 780, True)
    """
    terms = _terms(case)
    figures = panel_of(case, panel)
    needs = _needs(case, terms)
    most = [max(need[at] for need in needs.values()) for at in (0, 1)]
    problem = prepare_case(with_persons(case, *most), figures).problem
    room = _room(problem, *most)
    chances = {name: terms.case[name].probability for name in needs}
    answering: Answering | None = None
    shares: tuple[float, ...] = (1.0,)
    if terms.answers == "learnt":
        mean = _mean([_state(needs[name], chances[name]) for name in needs])
        answering = _answering(case, figures, terms, mean)
        shares = answering.shares
    told = [(name, share) for name in needs for share in shares]
    states = [_state(needs[name], chances[name] / len(shares), share) for name, share in told]
    cost, plan, fraction = whole_plan(states, room, terms)
    asked, asked_em = sum(plan), plan[1]
    mean_plan = whole_plan([_mean(states)], room, terms)[1]
    trust, trust_cost = None, None
    if answering is not None:
        trusting = [_state(needs[name], chances[name]) for name in needs]
        trust = whole_plan(trusting, room, terms)[1]
        trust_cost = round(least_cost(states, room, terms, trust)[0], 6)
    known = [least_cost([State(s.need, 1.0, s.ratio)], room, terms)[0] for s in states]
    proposal = propose_case(with_persons(case, asked, asked_em), figures)
    return Hedge(
        proposal=proposal,
        asked=asked,
        asked_em=asked_em,
        fraction=sum(fraction),
        terms=terms,
        outcomes=_outcomes([name for name, _ in told], states, proposal, room, terms),
        cost=round(cost, 6),
        mean_asked=sum(mean_plan),
        mean_cost=round(least_cost(states, room, terms, mean_plan)[0], 6),
        wait_cost=round(measured(known, [s.probability for s in states], terms), 6),
        answering=answering,
        trust_asked=None if trust is None else sum(trust),
        trust_cost=trust_cost,
    )


def case_settings(cases: Sequence[str]) -> list[str]:
    """Cases as they are written on a command line, as the setting of a scenario that holds them.

    Raises :class:`UsageError` with every one that is none.

    >>> case_settings(["14000/700:0.5", "9000:0.5"])[0].startswith("uncertain.case={14000-700 = {")
    True
    >>> case_settings([])
    []
    """
    tables: dict[str, str] = {}
    faults = []
    for text in cases:
        found = re.fullmatch(r"([0-9]{1,7})(?:/([0-9]{1,7}))?:([0-9.eE-]+)", text.strip())
        try:
            chance = float(found[3]) if found else -1.0
        except ValueError:
            chance = -1.0
        if found is None or not 0 < chance <= 1:
            told = f"--case {text} is no case"
            example = "NEED:PROBABILITY, such as 14000:0.5, or NEED/MINORS:PROBABILITY"
            faults.append(Fault("hedge.case", told, example))
            continue
        total, em = int(found[1]), found[2]
        name = f"{total}" if em is None else f"{total}-{int(em)}"
        if name in tables:
            told = f"--case {text}: two cases have the same need"
            faults.append(Fault("hedge.twice", told, "one of each"))
        minors = "" if em is None else f"em = {int(em)}, "
        tables[name] = f"{{ total = {total}, {minors}probability = {chance!r} }}"
    if faults:
        raise UsageError(faults)
    inner = ", ".join(f"{name} = {table}" for name, table in tables.items())
    return [f"uncertain.case={{{inner}}}"] if tables else []


def _terms(case: Case) -> Uncertain:
    terms, faults = case.scenario.uncertain, []
    if case.scenario.horizon is not None:
        faults.append(Fault("hedge.horizon", f"{case.name} decides several years at once"))
    if terms is None or not terms.case:
        remedy = "--case NEED:PROBABILITY once for each, or [uncertain.case.NAME] in the scenario"
        faults.append(Fault("hedge.cases", f"{case.name} names no cases of the need", "", remedy))
    if faults or terms is None:
        raise UsageError(faults)
    return terms


def _needs(case: Case, terms: Uncertain) -> dict[str, tuple[int, int]]:
    """Name → persons and minors among them, of the cases that can be."""
    need = case.scenario.need
    share = need.minors / max(need.total, 1)
    return {
        name: (one.total, round(share * one.total) if one.em is None else one.em)
        for name, one in terms.case.items()
        if one.probability > 0
    }


def _room(problem: Problem, total: int, em: int) -> Room:
    """The limits of single municipalities; a floor holds only where the number is fixed."""

    def limits(measure: Measure, most: int) -> tuple[Floats, Floats]:
        box = problem.box(measure)
        fixed = np.where(box.lower == box.upper, box.lower, 0.0)
        return fixed, np.minimum(box.upper, float(most))

    beyond = np.full(len(problem.units), float(em))
    for bound in problem.of_measure("share"):
        beyond[bound.index] = np.minimum(beyond[bound.index], bound.upper)
    all_, minors = limits("total", total), limits("minors", em)
    return Room(*all_, *minors, beyond, problem.minors_share)


def _state(need: tuple[int, int], probability: float, ratio: float = 1.0) -> State:
    return State((need[0] - need[1], need[1]), probability, ratio)


def _mean(states: Sequence[State]) -> State:
    """The state as if the mean need, in whole persons, and the mean answer were sure."""
    chances = np.array([state.probability for state in states])
    total, em = (
        round(float(chances @ np.array(persons)))
        for persons in ([sum(s.need) for s in states], [s.need[1] for s in states])
    )
    return State((total - em, em), 1.0, float(chances @ [s.ratio for s in states]))


def _answering(case: Case, panel: Panel, terms: Uncertain, mean: State) -> Answering:
    """The cases of the answers: what part of all requests is decided, those asked by the rule."""
    day, need = case.scenario.knows_until, sum(mean.need)
    view = View(panel, case.scenario.year, day)
    people, cells = people_of(view), cells_of(view)
    asked = propose_case(with_persons(case, round(need), round(mean.need[1])), panel)
    codes = [request.code for request in asked.municipalities]
    mine = sum(people[code].value or 0 for code in codes if code in people)
    step = learn(panel, day, "decided", regime_of(need, mine))
    usual = [step.cells[cells[c]].mean if cells[c] in step.cells else 1.0 for c in codes]
    part = float(np.average(usual, weights=asked_of(asked))) if asked.total else 1.0
    return Answering(
        step.regime,
        day.isoformat(),
        tuple(past.year for past in step.years),
        tuple(round(share * part, 4) for share in step.level.cases(terms.answer_cases)),
    )


def _outcomes(
    names: Sequence[str],
    states: Sequence[State],
    proposal: Proposal,
    room: Room,
    terms: Uncertain,
) -> tuple[Outcome, ...]:
    requests = proposal.municipalities
    persons = np.array([(r.total - r.em, r.em) for r in requests], dtype=np.int64)
    upper, upper_em = np.maximum(room.upper, persons.sum(axis=1)), room.upper_em
    room = Room(room.lower, upper, room.lower_em, np.maximum(upper_em, persons[:, 1]), room.beyond)
    found = []
    for name, state in zip(names, states, strict=True):
        end = ends(state, persons, room, terms)
        found.append(
            Outcome(
                case=name,
                need=int(sum(state.need)),
                em=int(state.need[1]),
                share=state.ratio,
                probability=round(state.probability, 9),
                decided=sum(end.decided),
                topped_up=sum(end.topped_up),
                cut=sum(end.cut),
                unplaced=sum(end.unplaced),
                idle=sum(end.idle),
                cost=end.cost,
                unplaced_em=end.unplaced[1],
                idle_em=end.idle[1],
            )
        )
    return tuple(found)
