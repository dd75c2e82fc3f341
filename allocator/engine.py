"""From a scenario's name to its proposal: the walk through every room of the engine."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from allocator.documents import Case, load_case
from allocator.errors import InfeasibleError
from allocator.panel import Panel, View
from allocator.program.goals import Build, Gave, Solution, program_of, solve
from allocator.program.known import Known
from allocator.program.memory import Memory, Remembered
from allocator.program.prepare import Prepared, prepare
from allocator.program.problem import Problem
from allocator.program.whole import Tie
from allocator.proposal import Proposal, Request

__all__ = [
    "lp_of",
    "panel_of",
    "prepare_case",
    "proposal_of",
    "propose",
    "propose_case",
    "solve_case",
]


def propose(
    scenario: str,
    settings: Iterable[str] = (),
    *,
    model: str | None = None,
    panel: Panel | Path | str | None = None,
    build: Build = "arrays",
    time_limit: float | None = None,
) -> Proposal:
    """The requests of a scenario: a shipped name or the path of a document.

    ``settings`` are ``key=value`` texts laid over the scenario, ``model`` another model than the
    scenario's own, ``panel`` another folder of figures, ``build`` how the linear program is built
    (the answer is the same), and ``time_limit`` the seconds after which an answer that is not yet
    proven optimal is returned as it stands, its status saying so.

    Raises :class:`~allocator.errors.BosettError` subclasses: missing input, bad data, infeasible.

    >>> proposal = propose("ostfold-2016", ["need.total=800"])
    >>> proposal.total, proposal.minors, proposal.status
    (800, 197, 'optimal')
    """
    case = load_case(scenario, settings, model)
    return propose_case(case, panel, build=build, time_limit=time_limit)


def panel_of(case: Case, panel: Panel | Path | str | None = None) -> Panel:
    """The figures a case stands on: those given, or its own ``[panel]``, or the shipped."""
    if isinstance(panel, Panel):
        return panel
    own = case.scenario.panel
    return Panel(panel if panel is not None or own is None else own.folder)


def propose_case(
    case: Case,
    panel: Panel | Path | str | None = None,
    *,
    build: Build = "arrays",
    time_limit: float | None = None,
) -> Proposal:
    """The requests of a case that is already read."""
    figures = panel_of(case, panel)
    prepared = prepare_case(case, figures)
    return proposal_of(case, prepared, solve_case(case, prepared, figures, build, time_limit))


def solve_case(
    case: Case,
    prepared: Prepared,
    panel: Panel,
    build: Build = "arrays",
    time_limit: float | None = None,
) -> Solution:
    """The numbers of a case; where there are none, what to write in its document."""
    try:
        return solve(prepared.problem, build=build, time_limit=time_limit)
    except InfeasibleError as error:
        from allocator.program.advice import advised
        from allocator.program.infeasible import NoProposalError

        if not isinstance(error, NoProposalError):
            raise
        found = advised(
            error.infeasibility,
            case,
            prepared.problem,
            lambda other: prepare_case(other, panel).problem,
        )
        raise NoProposalError(found) from None


def prepare_case(
    case: Case, panel: Panel | Path | str | None = None, known: Remembered | None = None
) -> Prepared:
    """The problem of a case, from what was known on its day.

    ``known`` remembers that, and what was made of it for other cases of the same day.
    """
    panel = panel_of(case, panel)
    view = View(panel, case.scenario.year, case.scenario.knows_until)
    asked: Known = view if known is None else known
    if case.rule.fitted is None:
        return panel.gather(lambda: prepare(case, asked))
    from allocator.program.fitted import fitted

    memory = Memory() if known is None else known.memory
    found = memory.once("fitted", memory.token(case.rule), [], lambda _: fitted(case.rule, view))
    prepared = panel.gather(lambda: prepare(replace(case, rule=found.rule), asked))
    return replace(prepared, warnings=(*prepared.warnings, str(found)))


def proposal_of(case: Case, prepared: Prepared, solution: Solution) -> Proposal:
    """The proposal that a solution of the case's problem makes."""
    scenario, problem = case.scenario, prepared.problem
    need = scenario.need
    overrides = _overrides(case, prepared)
    unplaced = dict(zip(problem.groups, solution.unplaced.tolist(), strict=True))
    return Proposal(
        scenario=case.name,
        title=scenario.title,
        model=case.model,
        year=scenario.year,
        as_of=scenario.knows_until.isoformat(),
        status="optimal" if solution.gap is None else f"stopped: gap {solution.gap:.2%}",
        need={
            "total": need.total if scenario.horizon else prepared.problem.persons,
            "em": need.minors,
            "em_under15": need.em_under15,
            "em_15_17": need.em_15_17,
        },
        years=_years(case),
        assumption=need.assumption,
        unplaced={"total": sum(unplaced.values()), **unplaced},
        goals=tuple(
            {
                "goal": g.goal,
                "value": round(g.value, 6),
                "measure": g.measure,
                "price": None if g.price is None else round(g.price, 6),
            }
            for g in solution.goals
        ),
        municipalities=tuple(_requests(case, prepared, solution)),
        inputs=_inputs(prepared),
        gave=tuple(
            {"family": g.family, "measure": g.measure, "code": _code(g, problem), "by": g.persons}
            for g in solution.gave
        ),
        ties=tuple(_tie(tie, problem.units.codes) for tie in solution.ties),
        warnings=(
            *prepared.warnings,
            *_step_warnings(prepared, solution),
            *solution.warnings,
            *_without_reason(overrides),
        ),
        overrides=overrides,
    )


def _requests(case: Case, prepared: Prepared, solution: Solution) -> Iterator[Request]:
    """One request for each municipality, and in a plan of several years for each year."""
    scenario, problem, units = case.scenario, prepared.problem, prepared.units
    by_age = scenario.need.by_age
    before = [_whole(value) for value in problem.last[: len(units)]]
    for place, persons in enumerate(solution.persons.tolist()):
        later, unit = divmod(place, len(units))
        code, county = units.codes[unit], int(units.county_of[unit])
        local = scenario.municipality.get(code)
        yield Request(
            code=code,
            name=units.names[unit],
            year=scenario.year + later,
            county=units.counties[county],
            county_name=units.county_names[county],
            population=_whole(units.population[unit]),
            entitlement=round(float(problem.entitlement[place]), 6),
            total=sum(persons),
            ordinary=persons[0],
            em_under15=persons[1] if by_age else None,
            em_15_17=persons[2] if by_age else None,
            em=sum(persons[1:]),
            last_year=before[unit],
            binding=solution.binding[place],
            note=local.note or local.reason if local else "",
        )
        before[unit] = sum(persons)


def _years(case: Case) -> tuple[dict[str, int], ...]:
    """The years of a plan of several, each with its need; empty for a single year."""
    scenario = case.scenario
    if scenario.horizon is None:
        return ()
    needs = {scenario.year: scenario.need}
    needs |= {int(year): need for year, need in scenario.horizon.need.items()}
    return tuple(
        {"year": year, "total": need.total, "em": need.minors}
        for year, need in sorted(needs.items())
    )


def _overrides(case: Case, prepared: Prepared) -> tuple[dict[str, Any], ...]:
    """What the scenario says of single municipalities, by code; one entry for each thing said."""
    names = dict(zip(prepared.units.codes, prepared.units.names, strict=True))
    told: list[dict[str, Any]] = []
    for code, local in sorted(case.scenario.municipality.items()):
        who = {"code": code, "name": names.get(code, code)}
        told += [
            {**who, "what": what, "value": value, "reason": local.reason}
            for what, value in local.settings.items()
        ]
        if local.note:
            told.append({**who, "what": "note", "value": None, "reason": local.note})
    return tuple(told)


def _without_reason(overrides: Iterable[dict[str, Any]]) -> Iterator[str]:
    for one in overrides:
        if not one["reason"] and one["what"] != "minors_service":
            yield f"{one['what']} of {one['name']} ({one['code']}) is set without a reason"


def _inputs(prepared: Prepared) -> tuple[dict[str, str], ...]:
    keys = [("total", prepared.key)]
    if prepared.minors_key is not prepared.key:
        keys.append(("minors", prepared.minors_key))
    return tuple(
        {
            "key": name,
            "criterion": part.name,
            "indicator": part.indicator,
            "period": part.period,
            "weight": f"{part.weight:g}",
        }
        for name, key in keys
        for part in key.parts
    )


def _code(gave: Gave, problem: Problem) -> str:
    codes = problem.counties if gave.measure == "county" else problem.units.codes
    return codes[gave.unit]


def _tie(tie: Tie, codes: tuple[str, ...]) -> dict[str, list[str]]:
    return {
        "got": [codes[unit] for unit in tie.got],
        "not_got": [codes[unit] for unit in tie.not_got],
    }


def _step_warnings(prepared: Prepared, solution: Solution) -> list[str]:
    problem, told = prepared.problem, []
    if solution.off_step:
        codes = ", ".join(problem.units.codes[unit] for unit in solution.off_step)
        told.append(f"no multiple of {problem.step} within the limits of {codes}")
    told += [
        f"the need in {left.measure} is no multiple of {left.step}: "
        f"{problem.units.names[left.unit]} takes the remainder"
        for left in solution.remainders
    ]
    return told


def _whole(value: float) -> int | None:
    return None if math.isnan(value) else round(value)


def lp_of(case: Case, panel: Panel | Path | str | None = None) -> str:
    """The case's linear program as text in the LP format: its first goal after ``place``."""
    return program_of(prepare_case(case, panel).problem)
