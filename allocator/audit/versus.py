"""Two allocations beside each other: who is asked for more, who for fewer, and by what.

Proposal against proposal, of two scenarios or of one with two models or settings; and vintage
against vintage of the figures of one year. Differences are the second's less the first's. Where
the borders of the two differ, the older is carried to those of the newer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any

from allocator.audit.answers import count_of
from allocator.audit.carried import Carried, Part, carried
from allocator.audit.compare import Metrics, metrics
from allocator.audit.switch import steps
from allocator.documents import Case
from allocator.engine import propose_case
from allocator.errors import BadDataError, Fault, did_you_mean
from allocator.panel import Panel, Status
from allocator.proposal import Proposal, Request

__all__ = ["Borders", "County", "Row", "Side", "Versus", "proposals", "vintages"]

_ABSENT, _IN_PART = "not_in_case", "part_in_case"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: a proposal by its scenario, model and settings, or figures by a vintage."""

    scenario: str
    year: int
    model: str = ""
    settings: tuple[str, ...] = ()
    stage: str = ""
    vintage: str = ""
    overrides: tuple[dict[str, Any], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The fields that say anything."""
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True, slots=True)
class Row:
    """One municipality in both, with the status of each number, and what each step changed.

    A number is None where there is none, never 0: the municipality is not in the case, or its
    figure is suppressed, missing, pending, not asked for or of part of the year. ``parts`` are the
    municipalities of before that a carried number is made of, where it is not what it was;
    ``estimated`` says that one of them was split. Of a merger that is only in part in its case the
    number is shown, and not compared.
    """

    request: Request
    first: int | None
    second: int | None
    first_status: str
    second_status: str
    steps: tuple[int, ...]
    parts: tuple[Part, ...] = ()
    estimated: bool = False

    @property
    def difference(self) -> int | None:
        """Second − first, where both are final."""
        return (self.second or 0) - (self.first or 0) if self.compared else None

    @property
    def compared(self) -> bool:
        """Whether both numbers are there and final."""
        both = (self.first_status, self.second_status)
        return both == (Status.REPORTED.value, Status.REPORTED.value)

    @property
    def fate(self) -> str:
        """What becomes of it: enters, leaves, more, fewer, same; or not_compared."""
        if self.difference is None:
            return "not_compared"
        if not self.difference:
            return "same"
        if not self.first:
            return "enters"
        return "leaves" if not self.second else "more" if self.difference > 0 else "fewer"


@dataclass(frozen=True, slots=True)
class County:
    """A county's sums over the municipalities that are compared."""

    code: str
    name: str
    first: int
    second: int
    steps: tuple[int, ...]

    @property
    def difference(self) -> int:
        """Second − first."""
        return self.second - self.first


@dataclass(frozen=True, slots=True)
class Borders:
    """Which of the two was carried, "first" or "second", from which year's to which's, and how."""

    carried: str
    start: int
    end: int
    moved: Carried

    def as_dict(self) -> dict[str, Any]:
        """The JSON form; what each number is made of stands with it."""
        return {"carried": self.carried, "start": self.start, "end": self.end}


@dataclass(frozen=True, slots=True)
class Versus:
    """Two allocations, municipality by municipality and county by county.

    ``moved`` persons are in another municipality, ``between`` in another county: the smaller of
    what is gained and what is lost, so that persons more or fewer in all have not moved. ``steps``
    are the families that explain the differences, in order. ``borders`` says what was carried; it
    is None where both have the same municipalities.
    """

    kind: str
    group: str
    first: Side
    second: Side
    rows: tuple[Row, ...]
    counties: tuple[County, ...]
    steps: tuple[str, ...]
    metrics: Metrics
    moved: int
    between: int
    warnings: tuple[str, ...]
    borders: Borders | None = None

    def left_out(self, side: str) -> int:
        """Persons of one of the two, "first" or "second", in municipalities not compared."""
        return sum(getattr(row, side) or 0 for row in self.rows if not row.compared)

    def of_fate(self, *fates: str) -> list[Row]:
        """The municipalities with one of these fates, the furthest changed first."""
        found = [row for row in self.rows if row.fate in fates]
        return sorted(found, key=lambda row: (-abs(row.difference or 0), row.request.code))

    def moved_in(self, place: int) -> int:
        """Persons that a step moves to another municipality."""
        return _moved(row.steps[place] for row in self.rows if row.compared)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, ``"schema": 1``."""
        fates = ("enters", "leaves", "more", "fewer", "same", "not_compared")
        return {
            "schema": 1,
            "kind": self.kind,
            "group": self.group,
            "first": self.first.as_dict(),
            "second": self.second.as_dict(),
            "first_total": sum(county.first for county in self.counties),
            "second_total": sum(county.second for county in self.counties),
            "first_left_out": self.left_out("first"),
            "second_left_out": self.left_out("second"),
            "borders": None if self.borders is None else self.borders.as_dict(),
            "moved": self.moved,
            "moved_between_counties": self.between,
            "metrics": _metrics(self.metrics),
            **{fate: [row.request.code for row in self.of_fate(fate)] for fate in fates},
            "steps": [
                {
                    "step": name,
                    "families": name.split("+"),
                    "change": sum(row.steps[place] for row in self.rows if row.compared),
                    "moved": self.moved_in(place),
                }
                for place, name in enumerate(self.steps)
            ],
            "counties": [
                {
                    "code": county.code,
                    "name": county.name,
                    "first": county.first,
                    "second": county.second,
                    "difference": county.difference,
                    "by": dict(zip(self.steps, county.steps, strict=True)),
                }
                for county in self.counties
            ],
            "municipalities": [
                {
                    **_plain(row),
                    "carried_from": [part.as_dict() for part in row.parts],
                    "by": dict(zip(self.steps, row.steps, strict=True)),
                }
                for row in self.rows
            ],
            "warnings": list(self.warnings),
        }

    def as_rows(self) -> list[dict[str, Any]]:
        """The municipalities as flat rows: each step's change in a column of its own."""
        return [
            {
                **_plain(row),
                "carried_from": "+".join(part.unit.code for part in row.parts),
                **{
                    f"by_{name}": change if row.compared else None
                    for name, change in zip(self.steps, row.steps, strict=True)
                },
            }
            for row in self.rows
        ]


def proposals(
    first: Case,
    second: Case,
    panel: Panel,
    *,
    group: str = "total",
    settings: tuple[Sequence[str], Sequence[str]] = ((), ()),
) -> Versus:
    """The proposals of two cases, and the families of the documents that explain the differences.

    Of a plan of several years the first is compared. Where the years have other borders, the older
    proposal, and each on the way from the one to the other, is carried to those of the newer year
    (:func:`allocator.audit.carried.carried`). Raises what :func:`allocator.engine.propose_case`
    raises.

    >>> from allocator.documents import load_case
    >>> both = load_case("ostfold-2016"), load_case("ostfold-2016", ["need.total=800"])
    >>> found = proposals(*both, Panel())
    >>> found.moved, found.steps, sum(row.difference or 0 for row in found.rows)
    (0, ('total',), 20)
    """
    here, there = (propose_case(case, panel) for case in (first, second))
    newer, older = (here, there) if here.year > there.year else (there, here)
    way = steps(first, second, lambda case: propose_case(case, panel), there)
    levels = [_level(one, group, newer.year, panel) for one in (here, *(s.proposal for s in way))]
    ends = (levels[0], _level(there, group, newer.year, panel))
    codes = sorted({code for end in ends for code in end.persons})
    moved = ends[older is there]
    known = _requests(newer, older, moved, panel)
    rows = []
    for code in codes:
        changes = tuple(b - a for a, b in pairwise(one.persons.get(code, 0) for one in levels))
        rows.append(
            Row(
                known[code],
                ends[0].persons.get(code),
                ends[1].persons.get(code),
                _status(ends[0], code),
                _status(ends[1], code),
                changes,
                moved.parts.get(code, ()),
                code in moved.estimated,
            )
        )
    sides = tuple(
        Side(one.scenario, one.year, one.model, tuple(said), overrides=one.overrides)
        for one, said in zip((here, there), settings, strict=True)
    )
    told = tuple(dict.fromkeys((*here.warnings, *there.warnings)))
    found = _versus("proposals", group, sides, rows, tuple(step.name for step in way), told)
    if not moved.parts:
        return found
    side = "first" if older is here else "second"
    return replace(found, borders=Borders(side, older.year, newer.year, moved))


def _level(proposal: Proposal, group: str, year: int, panel: Panel) -> Carried:
    """A proposal's persons on the borders of a year not before its own."""
    asked = proposal.of_year(proposal.year)
    persons = {one.code: one.total if group == "total" else one.em for one in asked}
    return carried(panel, persons, proposal.year, year)


def _status(end: Carried, code: str) -> str:
    if code not in end.persons:
        return _ABSENT
    return _IN_PART if code in end.lacking else Status.REPORTED.value


def _requests(newer: Proposal, older: Proposal, moved: Carried, panel: Panel) -> dict[str, Request]:
    """Who each is, as the newer has it; who only the other has, by its name in the newer's year."""
    known = {one.code: one for each in (older, newer) for one in each.of_year(each.year)}
    mine = {one.code for one in newer.of_year(newer.year)}
    for unit in panel.municipalities(newer.year):
        if unit.code in moved.parts and unit.code not in mine:
            known[unit.code] = Request(
                unit.code, unit.name, newer.year, unit.county, unit.county_name, None,
                0.0, 0, 0, None, None, 0, None, (),
            )  # fmt: skip
    return known


def vintages(
    case: Case, panel: Panel, stage: str, first: str, second: str, *, group: str = "total"
) -> Versus:
    """Two vintages of what was requested, decided or settled in the case's year and area.

    Raises :class:`~allocator.errors.BadDataError` for a vintage that the panel does not have.
    """
    proposal = propose_case(case, panel)
    asked = proposal.of_year(proposal.year)
    series = []
    for vintage in (first, second):
        found = panel.requests(proposal.year, stage, group, vintage)
        if not any(one.code in found for one in asked):
            known = panel.vintages(proposal.year)
            told = f"the panel has no {stage} figures ({group}, vintage '{vintage}') for "
            remedy = did_you_mean(vintage, known) if vintage not in known else ""
            raise BadDataError(Fault("compare.none", f"{told}{proposal.year}", remedy=remedy))
        series.append(found)
    rows = []
    for one in asked:
        a, b = (count_of(figures.get(one.code)) for figures in series)
        rows.append(Row(one, a.persons, b.persons, a.status, b.status, ()))
    sides = tuple(
        Side(proposal.scenario, proposal.year, stage=stage, vintage=vintage)
        for vintage in (first, second)
    )
    return _versus("vintages", group, sides, rows, (), ())


def _versus(
    kind: str,
    group: str,
    sides: tuple[Side, ...],
    rows: Sequence[Row],
    names: tuple[str, ...],
    warnings: tuple[str, ...],
) -> Versus:
    compared = [row for row in rows if row.compared]
    second, first = ([getattr(row, at) or 0 for row in compared] for at in ("second", "first"))
    people = [float(row.request.population or 0) for row in compared]
    counties = _counties(compared, len(names))
    return Versus(
        kind,
        group,
        sides[0],
        sides[1],
        tuple(rows),
        counties,
        names,
        metrics(second, first, people),
        _moved(row.difference or 0 for row in compared),
        _moved(county.difference for county in counties),
        warnings,
    )


def _counties(rows: Sequence[Row], width: int) -> tuple[County, ...]:
    names = {row.request.county: row.request.county_name for row in rows}
    found = []
    for code in sorted(names):
        inside = [row for row in rows if row.request.county == code]
        sums = tuple(sum(row.steps[place] for row in inside) for place in range(width))
        ends = (sum(row.first or 0 for row in inside), sum(row.second or 0 for row in inside))
        found.append(County(code, names[code], *ends, sums))
    return tuple(found)


def _moved(changes: Iterable[int]) -> int:
    found = list(changes)
    return min(sum(c for c in found if c > 0), -sum(c for c in found if c < 0))


def _metrics(found: Metrics) -> Mapping[str, Any]:
    names = {"gini_proposal": "gini_second", "gini_actual": "gini_first"}
    return {names.get(name, name): value for name, value in asdict(found).items()}


def _plain(row: Row) -> dict[str, Any]:
    one = row.request
    return {
        "code": one.code,
        "name": one.name,
        "county": one.county,
        "county_name": one.county_name,
        "population": one.population,
        "first": row.first,
        "first_status": row.first_status,
        "second": row.second,
        "second_status": row.second_status,
        "difference": row.difference,
        "fate": row.fate,
        "estimated": row.estimated,
    }
