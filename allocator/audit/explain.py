"""Why this number: each municipality's way from a plain share by head to its request, step by step.

:mod:`criteria` goes from the share by head to the entitlement, :mod:`waterfall` from there to whole
persons. Levels are kept in millionths of a person, so that the changes add up exactly to the
request. The same solves serve all municipalities, but those of the search for the smallest change
that would move a number (:mod:`effects`), which is for one, or where it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from allocator.audit.classes import centrality
from allocator.audit.counties import check_county
from allocator.audit.criteria import Change, criteria
from allocator.audit.effects import Price, Solver, moves, one_more, prices
from allocator.audit.similar import similar
from allocator.audit.waterfall import Stage, cumulated, fall
from allocator.audit.why import Alike, Explanation, Step, Why
from allocator.documents import Case
from allocator.engine import prepare_case, proposal_of, solve_case
from allocator.errors import BadDataError, Fault
from allocator.panel import Panel, View
from allocator.panel.facts import STAGES
from allocator.panel.names import find
from allocator.program.goals import Solution
from allocator.program.prepare import Prepared
from allocator.program.problem import Ints
from allocator.proposal import Proposal

__all__ = ["explain"]


def explain(
    case: Case,
    panel: Panel,
    municipality: str | None = None,
    *,
    county: str = "",
    changes: bool = False,
    tell: Callable[[int, int], None] | None = None,
) -> Explanation:
    """Why a municipality's number is what it is, named by code or in any spelling; or everyone's.

    ``county`` is the code of the one whose municipalities are told of, of several; with ``changes``
    the smallest change that moves a number is looked for there too. ``tell`` is told how many of
    how many are done.

    Raises :class:`~allocator.errors.BadDataError` where the name is nobody's or several's, or the
    municipality is outside the scenario's area, and what
    :func:`allocator.engine.propose_case` raises.

    >>> from allocator.documents import load_case
    >>> (row,) = explain(load_case("ostfold-2016"), Panel(), "hvaler").rows
    >>> [(step.name, round(step.change, 1)) for step in row.steps if abs(step.change) > 0.1]
    [('population', 12.2), ('criterion.requested', 7.4), ('whole', 0.5)]
    >>> sum(step.micro for step in row.steps) == row.request.total * 1_000_000
    True
    """
    found = None if municipality is None else find(panel, municipality, case.scenario.year)
    prepared = prepare_case(case, panel)
    if found is not None and found.unit.code not in prepared.units.codes:
        told = f"{found.unit.code} {found.unit.name} is outside the area of {case.name}"
        inside = f"one of its {len(prepared.units.codes)} municipalities"
        raise BadDataError(Fault("explain.outside", told, inside))
    check_county(case, prepared.units, county)
    solution = solve_case(case, prepared, panel)
    proposal = proposal_of(case, prepared, solution)
    rows = _Rows.make(case, panel, prepared, solution, proposal)
    wanted = [
        place
        for place, request in enumerate(proposal.municipalities)
        if (request.code == found.unit.code if found else county in ("", request.county))
    ]
    totals: dict[tuple[str, int], int] = {}
    people: dict[tuple[str, int], int] = {}
    for request in proposal.municipalities:
        at = request.county, request.year
        totals[at] = totals.get(at, 0) + request.total
        people[at] = people.get(at, 0) + (request.population or 0)
    return Explanation(
        case,
        proposal,
        tuple(rows.each(wanted, changes or found is not None, tell)),
        round(float(np.nan_to_num(prepared.units.population).sum())),
        _units(panel, rows.changes + rows.em_changes),
        found,
        totals,
        people,
    )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Rows:
    """What every municipality's row is made of, worked out once for all."""

    case: Case
    solver: Solver
    proposal: Proposal
    size: int
    changes: list[Change]
    stages: list[Stage]
    levels: list[Ints]
    em_changes: list[Change]
    em_stages: list[Stage]
    em_levels: list[Ints]
    unknown: dict[tuple[str, str], frozenset[str]]
    prices: list[Price | None]
    more: tuple[int, Mapping[str, int]]
    classes: dict[str, str]

    @classmethod
    def make(
        cls,
        case: Case,
        panel: Panel,
        prepared: Prepared,
        solution: Solution,
        proposal: Proposal,
    ) -> _Rows:
        size = len(prepared.units)
        years = len(solution.totals) // size
        needs = [(plan["total"], plan["em"]) for plan in proposal.years] or [(1, 1)]
        changes, stages = criteria(case, prepared), fall(prepared.problem, solution)
        start = np.zeros(size * years)
        spread = [np.concatenate([c.persons * _part(needs, y, 0) for y in range(years)])
                  for c in changes]  # fmt: skip
        em_changes: list[Change] = []
        em_stages: list[Stage] = []
        em_levels: list[Ints] = []
        if prepared.problem.minors:
            em_changes = criteria(case, prepared, minors=True)
            em_stages = _of_minors(prepared, solution)
            em_spread = [np.concatenate([c.persons * _part(needs, y, 1) for y in range(years)])
                         for c in em_changes]  # fmt: skip
            em_levels = cumulated(start, em_spread, em_stages)
        solver = Solver(case, panel)
        return cls(
            case,
            solver,
            proposal,
            size,
            changes,
            stages,
            cumulated(start, spread, stages),
            em_changes,
            em_stages,
            em_levels,
            _unknown(case, panel, changes + em_changes),
            prices(solution),
            one_more(case, solver),
            dict(centrality(panel, case.scenario.year).of),
        )

    def each(
        self, places: Sequence[int], search: bool, tell: Callable[[int, int], None] | None
    ) -> Iterator[Why]:
        """The rows of several."""
        for done, place in enumerate(places, 1):
            yield self.why(place, search=search)
            if tell is not None:
                tell(done, len(places))

    def why(self, place: int, *, search: bool) -> Why:
        """The row of one municipality in one year."""
        request = self.proposal.municipalities[place]
        first = request.year == self.proposal.year
        found = None
        if search and first:
            held = set(request.binding)
            price = self.prices[place]
            found = moves(self.case, self.solver, request.code, request.total, held, price)
        return Why(
            request,
            self.steps(place),
            self.em_steps(place),
            self.prices[place],
            self.more[0],
            self.more[1].get(request.code) if first else None,
            found,
            self.alike(place),
        )

    def steps(self, place: int) -> tuple[Step, ...]:
        """From the share by head to the request."""
        return tuple(self._steps(place, self.changes, self.stages, self.levels))

    def em_steps(self, place: int) -> tuple[Step, ...]:
        """The same for its unaccompanied minors; empty where there are none."""
        return tuple(self._steps(place, self.em_changes, self.em_stages, self.em_levels))

    def _steps(
        self,
        place: int,
        changes: Sequence[Change],
        stages: Sequence[Stage],
        levels: Sequence[Ints],
    ) -> Iterable[Step]:
        unit, before = place % self.size, 0
        code = self.proposal.municipalities[place].code
        for number, level in enumerate(int(level[place]) for level in levels):
            micro, before = level - before, level
            if number >= len(changes):
                stage = stages[number - len(changes)]
                limit = float(stage.limit[place])
                yield Step(
                    stage.step,
                    micro,
                    level,
                    str(stage.acts[place]),
                    None if np.isnan(limit) else limit,
                )
                continue
            change = changes[number]
            c = change.criterion
            if c is None:
                yield Step(change.step, micro, level)
                continue
            value = float(c.values[unit])
            yield Step(
                change.step,
                micro,
                level,
                criterion=c,
                value=None if np.isnan(value) else value,
                share=float(c.shares[unit]),
                by_head=float(c.by_head[unit]),
                known=code not in self.unknown.get((c.indicator, c.period), frozenset()),
            )

    def alike(self, place: int) -> tuple[Alike, ...]:
        """Those most like it in the same year, and where they differ."""
        own, asked = self.proposal.municipalities[place], self.proposal.municipalities
        start = place // self.size * self.size
        same_year = asked[start : start + self.size]
        at = {request.code: start + number for number, request in enumerate(same_year)}
        mine, found = self.steps(place), []
        for other in similar(own, same_year, self.classes):
            pairs = zip(self.steps(at[other.code]), mine, strict=True)
            gaps = [(abs(theirs.micro - here.micro), theirs, here) for theirs, here in pairs]
            _, theirs, here = max(gaps, key=lambda gap: gap[0])
            difference = other.total - own.total
            found.append(Alike(other, difference, here, theirs.micro - here.micro))
        return tuple(found)


def _part(needs: Sequence[tuple[int, int]], year: int, group: int) -> float:
    """A year's need as a part of the first's."""
    first = needs[0][group]
    return needs[year][group] / first if first else 0.0


def _of_minors(prepared: Prepared, solution: Solution) -> list[Stage]:
    """Minors: what limits and totals change of the key's numbers, and whole persons."""
    key = prepared.problem.entitlement_minors
    target, last = solution.target_minors, solution.minors.astype(np.float64)
    held = np.array([any(f.endswith("_em") for f in families) for families in solution.binding])
    moved = np.abs(target - key) > 1e-6
    acts = np.where(moved, np.where(held, "own", "others"), "").astype(object)
    nothing = np.full(len(key), np.nan)
    return [
        Stage("limits", (), target, acts, nothing),
        Stage("whole", (), last, np.full(len(key), "", dtype=object), nothing),
    ]


def _unknown(
    case: Case, panel: Panel, changes: Iterable[Change]
) -> dict[tuple[str, str], frozenset[str]]:
    """By indicator and period, the municipalities that have no figure of their own in it."""
    view = View(panel, case.scenario.year, case.scenario.knows_until)
    found = {}
    for c in (change.criterion for change in changes):
        if c is not None and c.indicator not in case.rule.size:
            series = view.newest(c.indicator, c.period).series
            blank = (m.code for m in view.municipalities() if _blank(series.get(m.code)))
            found[c.indicator, c.period] = frozenset(blank)
    return found


def _blank(figure: Any) -> bool:
    return figure is None or figure.value is None


def _units(panel: Panel, changes: Iterable[Change]) -> dict[str, str]:
    """The unit of each indicator; "" for sizes made of several."""
    units = {}
    for c in (change.criterion for change in changes):
        if c is None:
            continue
        if c.indicator == "population" or c.indicator in STAGES:
            units[c.indicator] = "persons"
        else:
            try:
                units[c.indicator] = panel.indicator(c.indicator).unit
            except BadDataError:
                units[c.indicator] = ""
    return units
