"""Is a proposal fair? Relative load, persons per 1 000, equals treated alike, what it all costs.

The yardsticks are the key's own entitlement, inhabitants, and for unaccompanied minors those aged
0–17 (the United Kingdom shares minors by them: 0.1 % of inhabitants under 18). What one goal costs
the next, the price of the goals before it, is in the proposal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from allocator.audit.classes import SIZES, UNKNOWN, centrality, size_class
from allocator.audit.counties import check_county
from allocator.audit.equal import Alike, alike
from allocator.audit.evenness import Evenness, evenness
from allocator.audit.freedom import Freedom, bands
from allocator.audit.overrides import Cost, costs
from allocator.audit.split import Split, price_of_split
from allocator.documents import Case
from allocator.engine import prepare_case, proposal_of, solve_case
from allocator.errors import BadDataError
from allocator.panel import Panel, Series, View
from allocator.proposal import Proposal, Request

__all__ = ["Evenly", "Fairness", "Group", "Row", "evenly", "fairness"]

_ALL = "all"
_NO_CHILDREN = ("panel.none-known", "panel.indicator-unknown")


@dataclass(frozen=True, slots=True)
class Row:
    """One municipality's request, and how it looks by every yardstick."""

    request: Request
    size: str
    centrality: str
    children: int | None

    @property
    def load(self) -> float | None:
        """x / e, the request relative to the entitlement; None where the key gives nothing."""
        key = self.request.entitlement
        return round(self.request.total / key, 6) if key > 0 else None

    @property
    def minors_per_1000(self) -> float | None:
        """Unaccompanied minors per 1 000 inhabitants aged 0–17."""
        return round(1000 * self.request.em / self.children, 6) if self.children else None

    def as_dict(self) -> dict[str, Any]:
        """The request's own fields, and the yardsticks."""
        per_1000 = self.request.per_1000
        return {
            **self.request.as_dict(),
            "size": self.size,
            "centrality": self.centrality,
            "load": self.load,
            "per_1000": None if per_1000 is None else round(per_1000, 6),
            "population_0_17": self.children,
            "em_per_1000_0_17": self.minors_per_1000,
        }


@dataclass(frozen=True, slots=True)
class Group:
    """A county or a class: what its municipalities are asked for together.

    ``load``, ``per_1000`` and ``em_per_1000_0_17`` are of the sums, over the municipalities whose
    yardstick is known; ``over`` is Σ x − Σ e · X/E, persons more than by the key's share.
    """

    code: str
    name: str
    municipalities: int
    total: int
    em: int
    entitlement: float
    load: float | None
    least_load: float | None
    most_load: float | None
    per_1000: float | None
    em_per_1000_0_17: float | None
    over: float

    def as_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Fairness:
    """A proposal by every yardstick. Of a plan of several years it is about the first.

    ``children`` is the period of the inhabitants aged 0–17, empty where none was known on the
    case's day; ``centrality`` the grouping of Statistics Norway that was used. ``freedom`` and
    ``costs``, what the overrides cost the others, are there if they were asked for.

    With a ``county`` it is the part about that: its rows, their measures and groups, and its pairs
    with equals anywhere, in the county too. ``everywhere`` is all of the case as one group. The
    goals, what the split moves and what the overrides cost are those of the whole case.
    """

    proposal: Proposal
    centrality: str
    children: str
    rows: tuple[Row, ...]
    measures: tuple[Evenness, ...]
    counties: tuple[Group, ...]
    sizes: tuple[Group, ...]
    centralities: tuple[Group, ...]
    equal: Alike
    split: Split
    freedom: Freedom | None = None
    costs: tuple[Cost, ...] = ()
    county: str = ""
    everywhere: Group | None = None

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, ``"schema": 1``."""
        answer = self.proposal
        part: dict[str, Any] = {"county": self.county}
        part |= {"everywhere": self.everywhere.as_dict()} if self.everywhere else {}
        return {
            "schema": 1,
            "scenario": answer.scenario,
            "model": answer.model,
            "year": answer.year,
            **(part if self.county else {}),
            "status": answer.status,
            "centrality": self.centrality or None,
            "population_0_17": self.children or None,
            "measures": [each.as_dict() for each in self.measures],
            "lorenz": [
                {"by": each.by, **point.as_dict()}
                for each in self.measures
                for point in each.lorenz
            ],
            "counties": [group.as_dict() for group in self.counties],
            "sizes": [group.as_dict() for group in self.sizes],
            "centralities": [group.as_dict() for group in self.centralities],
            "equal_treatment": self.equal.as_dict(),
            "county_split": self.split.as_dict(),
            "goals": [dict(goal) for goal in answer.goals],
            "freedom": None if self.freedom is None else self.freedom.as_dict(),
            "overrides": [cost.as_dict() for cost in self.costs]
            or [dict(one) for one in answer.overrides],
            "municipalities": [row.as_dict() for row in self.rows],
            "warnings": answer.warnings,
        }


@dataclass(frozen=True, slots=True)
class Evenly:
    """The part of :class:`Fairness` that takes no further solve."""

    children: str
    rows: tuple[Row, ...]
    measures: tuple[Evenness, ...]
    counties: tuple[Group, ...]


def fairness(
    case: Case,
    panel: Panel,
    *,
    county: str = "",
    eps: float | None = None,
    overrides: bool = False,
) -> Fairness:
    """The fairness of what the case proposes, or the part of it about the county of a code.

    With ``eps`` also the freedom bands within so much of relative load, and with ``overrides`` what
    each override of a single municipality costs the others.

    Raises what :func:`allocator.engine.propose_case` raises: infeasible, bad data; the latter too
    where the case has no municipality in the county.

    >>> from allocator.documents import load_case
    >>> found = fairness(load_case("ostfold-2016"), Panel())
    >>> [each.by for each in found.measures], found.equal.pairs, found.split.why
    (['entitlement', 'inhabitants'], 0, 'one-county')
    >>> found = fairness(load_case("norway-2026"), Panel(), county="31")
    >>> len(found.rows), [group.name for group in found.counties]
    (12, ['Østfold'])
    """
    prepared = prepare_case(case, panel)
    check_county(case, prepared.units, county)
    solution = solve_case(case, prepared, panel)
    proposal = proposal_of(case, prepared, solution)
    vintage = case.scenario.vintage
    found = evenly(case, proposal, panel)
    classes = centrality(panel, proposal.year)
    rows = tuple(row for row in found.rows if county in ("", row.request.county))
    freedom = None
    if eps is not None:
        freedom = bands(proposal, solution, _requested(panel, proposal, vintage), eps, vintage)
    return Fairness(
        proposal=proposal,
        centrality=classes.indicator,
        children=found.children,
        rows=rows,
        measures=tuple(_measures(rows)) if county else found.measures,
        counties=tuple(one for one in found.counties if county in ("", one.code)),
        sizes=_groups(rows, lambda row: row.size, SIZES, whole=found.rows),
        centralities=_groups(rows, lambda row: row.centrality, classes.order, whole=found.rows)
        if classes.indicator
        else (),
        equal=alike(proposal.of_year(proposal.year), classes.of, of=county),
        split=price_of_split(case, proposal, panel, classes.of).part(county),
        freedom=None if freedom is None else freedom.part(county),
        costs=costs(case, proposal, panel) if overrides else (),
        county=county,
        everywhere=_groups(found.rows, lambda _: _ALL, [_ALL])[0] if county else None,
    )


def evenly(case: Case, proposal: Proposal, panel: Panel) -> Evenly:
    """How even a proposal is, by municipality and by county; nothing more is solved for it.

    >>> from allocator.documents import load_case
    >>> from allocator.engine import propose_case
    >>> panel, case = Panel(), load_case("ostfold-2016")
    >>> evenly(case, propose_case(case, panel), panel).counties[0].total
    780
    """
    asked = proposal.of_year(proposal.year)
    classes = centrality(panel, proposal.year)
    period, children = _children(case, panel)
    rows = tuple(
        Row(one, size_class(one.population), classes[one.code], children.get(one.code))
        for one in asked
    )
    names = {one.county: one.county_name for one in asked}
    counties = _groups(rows, lambda row: row.request.county, sorted(names), names)
    return Evenly(period, rows, tuple(_measures(rows)), counties)


def _requested(panel: Panel, proposal: Proposal, vintage: str) -> Series:
    """What was asked in the year, or nothing where the panel does not have it."""
    return panel.requests(proposal.year, "requested", "total", vintage)


def _children(case: Case, panel: Panel) -> tuple[str, dict[str, int]]:
    """Inhabitants aged 0–17 as known on the case's day, with their period; empty if none were."""
    try:
        view = View(panel, case.scenario.year, case.scenario.knows_until)
        reading = view.newest("population_0_17")
    except BadDataError as error:
        if all(fault.code in _NO_CHILDREN for fault in error.faults):
            return "", {}
        raise
    series = reading.series
    return reading.period, {
        code: round(f.value) for code, f in series.items() if f.value is not None
    }


def _measures(rows: Sequence[Row]) -> list[Evenness]:
    codes = [row.request.code for row in rows]
    total, em = [row.request.total for row in rows], [row.request.em for row in rows]
    found = [
        evenness("entitlement", codes, total, [row.request.entitlement for row in rows]),
        evenness("inhabitants", codes, total, [row.request.population for row in rows], 1000),
    ]
    if sum(em) and any(row.children for row in rows):
        found.append(evenness("minors_0_17", codes, em, [row.children for row in rows], 1000))
    return found


def _groups(
    rows: Sequence[Row],
    of: Callable[[Row], str],
    order: Sequence[str],
    names: dict[str, str] | None = None,
    whole: Sequence[Row] = (),
) -> tuple[Group, ...]:
    """The groups in their order, those of unknown class last; empty ones are left out.

    ``over`` is by the share of ``whole``, where the rows are only a part.
    """
    all_asked = sum(row.request.total for row in whole or rows)
    all_key = sum(row.request.entitlement for row in whole or rows)
    members: dict[str, list[Row]] = {}
    for row in rows:
        members.setdefault(of(row), []).append(row)
    found = []
    for code in (*order, UNKNOWN):
        among = members.get(code)
        if not among:
            continue
        total, key = _sum(among, "total"), sum(row.request.entitlement for row in among)
        loads = [row.load for row in among if row.load is not None]
        people = [row for row in among if row.request.population]
        children = [row for row in among if row.children]
        found.append(
            Group(
                code,
                (names or {}).get(code, code),
                len(among),
                total,
                _sum(among, "em"),
                round(key, 6),
                _ratio(total, key),
                min(loads, default=None),
                max(loads, default=None),
                _ratio(1000 * _sum(people, "total"), _sum(people, "population")),
                _ratio(1000 * _sum(children, "em"), sum(row.children or 0 for row in children)),
                round(total - (key * all_asked / all_key if all_key else 0.0), 6),
            )
        )
    return tuple(found)


def _sum(rows: Sequence[Row], name: str) -> int:
    return sum(getattr(row.request, name) or 0 for row in rows)


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, 6) if whole else None
