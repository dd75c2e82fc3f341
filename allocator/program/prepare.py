"""From a case and what was known to the problem: units, entitlement, bounds."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from allocator.documents import Case, Scenario
from allocator.errors import BadDataError, Fault
from allocator.panel import Figure, Municipality
from allocator.program.entitlement import Entitlement, entitlement_of
from allocator.program.families import Setting, bounds
from allocator.program.known import Known
from allocator.program.memory import Memory, Remembered
from allocator.program.own import entitled
from allocator.program.problem import Floats, Goals, Lots, Measure, Problem, Units, intersect

__all__ = ["Prepared", "members_of", "prepare"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Prepared:
    """The problem, and where its entitlements come from."""

    problem: Problem
    units: Units
    key: Entitlement
    minors_key: Entitlement
    last_year: int | None
    warnings: tuple[str, ...]


def prepare(case: Case, view: Known) -> Prepared:
    """The problem of a case, from what is known: nothing later than the view's day.

    Raises :class:`BadDataError` with every fault: codes that do not exist in the scenario's year,
    missing figures the key refuses, locks and floors above the need.
    """
    scenario, rule = case.scenario, case.rule
    memory = view.memory if isinstance(view, Remembered) else Memory()
    warnings: list[str] = []
    here = memory.token((memory.token(scenario.area), memory.token(scenario.municipality)))
    units = memory.once("units", here, warnings, lambda _: _units(members_of(scenario, view), view))
    _refuse_idle(case, units)
    who = memory.token((here, memory.token(rule.eligible)))
    eligible = memory.once(
        "eligible", who, warnings, lambda told: _eligible(case, view, units, told)
    )
    if not eligible.any():
        raise BadDataError(Fault("problem.nobody", f"{case.name}: no municipality can be asked"))

    def key_of(*, minors: bool) -> Entitlement:
        def work(_: list[str]) -> Entitlement:
            askable = [code for code, ask in zip(units.codes, eligible, strict=True) if ask]
            return _spread(entitlement_of(rule, view, askable, minors=minors), eligible)

        parts = rule.minors.key if minors else rule.key
        of = (who, *map(memory.token, (parts, rule.size, rule.share)))
        return memory.once("key", of, [], work)

    key = key_of(minors=False)
    minors_key = key_of(minors=True) if rule.minors.key else key
    last, last_year = memory.once("last", here, warnings, lambda _: _last(view, units))
    if last_year is not None and last_year < scenario.year - 1:
        warnings.append(
            f"the request of {scenario.year - 1} is not in the panel: "
            f"last year's is that of {last_year}"
        )
    persons = entitled(case, key, eligible, warnings)
    need = _need(scenario, round(float(persons.sum())))
    setting = Setting(case, view, units, eligible, persons, last, warnings, memory, who)
    found = bounds(setting)
    problem = Problem(
        units=units,
        groups=tuple(need),
        need=np.array(list(need.values()), dtype=np.int64),
        entitlement=setting.entitlement,
        entitlement_minors=minors_key.persons(scenario.need.minors),
        last=last,
        bounds=found,
        lots=Lots(
            rule.lot.persons,
            rule.lot.minors if scenario.need.minors else 0,
            choose=rule.lot.persons > 1 and not rule.lot.every,
            choose_minors=rule.lot.minors > 1
            and not rule.lot.every_minors
            and scenario.need.minors > 0,
        ),
        goals=Goals(rule.goals.order, rule.goals.even),
        minors_share=1.0 if rule.minors.share is None else rule.minors.share,
        need_is_hard=scenario.need.hard,
        step=rule.whole.step,
        minors_step=rule.whole.minors_step or rule.whole.step,
        method="nearest" if rule.whole.total == "own" else rule.whole.method,
    )
    if isinstance(view, Remembered):
        _share_limits(problem, memory, here)
    _refuse_floors_above_need(case, problem)
    _refuse_method_with_more_than_a_key(case, problem)
    problem = _with_horizon(scenario, problem)
    told = (*key.warnings, *(() if minors_key is key else minors_key.warnings), *warnings)
    return Prepared(problem, units, key, minors_key, last_year, told)


def _share_limits(problem: Problem, memory: Memory, here: int) -> None:
    """What a problem makes of its bounds alone is made once for all that have the same."""
    from allocator.program.held import names_of_limits

    def work(_: list[str]) -> dict[Hashable, Any]:
        names_of_limits(problem), problem.box("county"), problem.box("county_minors")
        return dict(problem.kept)

    of = (here, problem.minors_share, *map(memory.token, problem.bounds))
    problem.kept.update(memory.once("limits", of, [], work))


def _with_horizon(scenario: Scenario, problem: Problem) -> Problem:
    """The problem of all years of the horizon at once, where the scenario has one."""
    plan = scenario.horizon
    if plan is None:
        return problem
    from allocator.program.horizon import Together, YearNeed, over_years

    needs = [YearNeed(scenario.year, scenario.need.total, scenario.need.minors)]
    needs += [YearNeed(int(y), need.total, need.minors) for y, need in sorted(plan.need.items())]
    together = {
        code: Together(
            float(local.together or 0),
            float(next(n for n in (local.together, local.together_capacity) if n is not None)),
        )
        for code, local in scenario.municipality.items()
        if local.together is not None or local.together_capacity is not None
    }
    return over_years(problem, needs, down=plan.down, up=plan.up, together=together)


def _refuse_method_with_more_than_a_key(case: Case, problem: Problem) -> None:
    """An apportionment method knows a key and limits on single municipalities, and no more."""
    if case.rule.whole.total == "own" and case.scenario.horizon is not None:
        told = f"{case.name}: whole.total = 'own' is for one year, and the scenario has a horizon"
        raise BadDataError(Fault("problem.method", told, "total = 'need'"))
    if problem.method == "nearest":
        return
    clash = [
        name
        for name, there in (
            ("whole.step", problem.step > 1 or problem.minors_step > 1),
            ("a lot that is chosen", problem.lots.choose or problem.lots.choose_minors),
            ("county.split", case.rule.county.split != "free"),
            ("horizon", case.scenario.horizon is not None),
        )
        if there
    ]
    if clash:
        found = f"{case.name}: whole.method = '{problem.method}' cannot go with {', '.join(clash)}"
        remedy = "use 'nearest', or take these out"
        raise BadDataError(Fault("problem.method", found, "a key and limits", remedy))


def members_of(scenario: Scenario, view: Known) -> list[Municipality]:
    """The municipalities the scenario is about; every code it names must exist in its year."""
    everyone = view.municipalities()
    codes, counties = {m.code for m in everyone}, {m.county for m in everyone}
    faults = []
    for key, known, given in (
        ("area.county", counties, scenario.area.county),
        ("area.municipality", codes, scenario.area.municipality),
    ):
        faults += [
            Fault("scenario.code-unknown", f"{key}: {code} did not exist in {scenario.year}")
            for code in given
            if code not in known
        ]
    area = [
        m
        for m in everyone
        if (not scenario.area.county and not scenario.area.municipality)
        or m.county in scenario.area.county
        or m.code in scenario.area.municipality
    ]
    inside = {m.code for m in area}
    for code in scenario.municipality:
        at = f'municipality."{code}"'
        if not (len(code) == 4 and code.isdigit()):
            faults.append(
                Fault(
                    "scenario.code",
                    f"{at} is not a municipality code",
                    f"text of four digits such as '{code.zfill(4)}'",
                )
            )
        elif code not in codes:
            faults.append(
                Fault(
                    "scenario.code-unknown",
                    f"{at} did not exist in {scenario.year}",
                    remedy="municipalities.csv of the panel has the codes of a year",
                )
            )
        elif code not in inside:
            faults.append(Fault("scenario.code-outside", f"{at} is outside the scenario's area"))
    if faults:
        raise BadDataError(faults)
    return area


def _refuse_idle(case: Case, units: Units) -> None:
    """What is said in place of a limit needs that limit, and a county that is there."""
    rule, faults = case.rule, []
    needed = {
        "band_least": ("band", rule.band.down is not None or rule.band.up is not None),
        "band_most": ("band", rule.band.down is not None or rule.band.up is not None),
        "ceiling": ("ceiling.per_1000", rule.ceiling.per_1000 is not None),
        "ceiling_minors": ("ceiling.minors", rule.ceiling.minors is not None),
        "lot": ("lot.every", rule.lot.every),
        "lot_minors": ("lot.every_minors", rule.lot.every_minors),
        "minors_beyond": ("minors.share", rule.minors.share is not None),
    }
    for code, local in case.scenario.municipality.items():
        faults += [
            Fault(
                "scenario.idle",
                f'municipality."{code}".{name} stands in place of a limit that the rule has not',
                f"a rule with {family}",
                "take it out, or set that limit",
            )
            for name, (family, there) in needed.items()
            if getattr(local, name) is not None and not there
        ]
    for name, given in (("least", rule.county.least), ("most", rule.county.most)):
        faults += [
            Fault(
                "scenario.code-unknown",
                f'county.{name}."{code}" is no county of the case',
                ", ".join(units.counties),
            )
            for code in given
            if code not in units.counties
        ]
    if faults:
        raise BadDataError(faults)


def _units(members: list[Municipality], view: Known) -> Units:
    counties = tuple(sorted({m.county for m in members}))
    place = {county: index for index, county in enumerate(counties)}
    names = {m.county: m.county_name for m in members}
    population = view.newest("population").series
    return Units(
        codes=tuple(m.code for m in members),
        names=tuple(m.name for m in members),
        counties=counties,
        county_of=np.array([place[m.county] for m in members], dtype=np.int64),
        county_names=tuple(names[county] for county in counties),
        population=np.array([_value(population.get(m.code)) for m in members]),
    )


def _eligible(case: Case, view: Known, units: Units, warnings: list[str]) -> npt.NDArray[np.bool_]:
    """Who can be asked: by size, by other indicators, and by what the scenario exempts."""
    rule = case.rule.eligible
    eligible = np.ones(len(units), dtype=bool)
    if rule.min_population:
        eligible &= ~(units.population < rule.min_population)
    for condition in rule.where:
        reading = view.newest(condition.indicator, condition.period)
        values = np.array([_value(reading.series.get(code)) for code in units.codes])
        blank = np.isnan(values)
        if blank.any():
            warnings.append(
                f"{condition.indicator} {reading.period} is unknown for {int(blank.sum())} "
                f"municipalities: taken as {condition.missing}"
            )
        low = -np.inf if condition.min is None else condition.min
        high = np.inf if condition.max is None else condition.max
        within = (values >= low) & (values <= high)
        eligible &= np.where(blank, condition.missing == "eligible", within)
    for code, local in case.scenario.municipality.items():
        place = units.codes.index(code)
        if local.lock is not None:
            eligible[place] = local.lock > 0
        elif local.exempt is not None:
            eligible[place] = not local.exempt
    return eligible


def _spread(found: Entitlement, eligible: npt.NDArray[np.bool_]) -> Entitlement:
    """The shares of the eligible on the places of all units, 0 for the others."""
    size = len(eligible)

    def spread(values: Floats | None) -> Floats | None:
        if values is None:
            return None
        placed = np.zeros(size)
        placed[eligible] = values
        return placed

    signed = np.zeros(size)
    signed[eligible] = found.signed
    return Entitlement(
        signed, found.parts, found.warnings, spread(found.amounts), spread(found.extra)
    )


def _last(view: Known, units: Units) -> tuple[Floats, int | None]:
    year = next(view.stage_years("requested"), None)
    if year is None:
        return np.full(len(units), np.nan), None
    series = view.history("requested", year)
    return np.array([_value(series.get(code)) for code in units.codes]), year


def _need(scenario: Scenario, total: int) -> dict[str, int]:
    """Persons of each group, ``total`` in all: the ordinary, then the minors' groups there are."""
    need = scenario.need
    minors: dict[str, int] = {}
    if need.by_age:
        minors = {"em_under15": need.em_under15 or 0, "em_15_17": need.em_15_17 or 0}
    elif need.minors:
        minors = {"em": need.minors}
    return {"ordinary": total - need.minors, **minors}


def _refuse_floors_above_need(case: Case, problem: Problem) -> None:
    """Floors and locks are numbers somebody wrote: above the need they contradict it."""
    measures: tuple[tuple[Measure, int, str], ...] = (
        ("total", problem.persons, "persons"),
        ("minors", problem.minors, "minors"),
    )
    for measure, need, word in measures:
        demanding = [b for b in problem.of_measure(measure) if b.family in ("lot", "lock")]
        floors = float(intersect(demanding, len(problem.units)).lower.sum()) if demanding else 0.0
        if floors > need:
            raise BadDataError(
                Fault(
                    "problem.floors",
                    f"{case.name}: the need is {need} {word}, but the floors and locks of those "
                    f"who must be asked sum to {floors:.0f}",
                    f"a need of at least {floors:.0f}",
                    "raise the need, lower the lot, or do not ask every municipality",
                )
            )


def _value(figure: Figure | None) -> float:
    return float("nan") if figure is None or figure.value is None else float(figure.value)
