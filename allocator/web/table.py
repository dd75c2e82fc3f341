"""The rows of the page's table: what is shown of each request, filtered, sorted and in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from allocator.audit import fairness
from allocator.audit.carried import Carried
from allocator.present.carried import beside as beside_cells
from allocator.present.carried import beside_total
from allocator.present.language import alphabetical, say
from allocator.present.tables import count, decimal, signed
from allocator.present.text import held
from allocator.proposal import Proposal, Request
from allocator.web.links import Links
from allocator.web.local import Local
from allocator.web.state import FALLING, SORTS

__all__ = ["Column", "Line", "Table", "columns_of", "table_of"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading; with a ``link`` it can be sorted by, and ``order`` says if it is."""

    title: str
    name: str = ""
    link: str = ""
    order: str = ""
    n: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One municipality as it is shown. ``was`` is the old name by which it was found."""

    request: Request
    cells: Mapping[str, str]
    held: str
    was: str
    local: Local | None
    lock: Literal["", "own", "held"]
    other: str
    difference: str


@dataclass(frozen=True, slots=True)
class Table:
    """The rows that are shown, and the sums of all and of those."""

    lines: tuple[Line, ...]
    of: int
    sums: Mapping[str, str]
    minors: bool
    years: bool
    counties: bool


_KEYS: dict[str, Callable[[fairness.Row], Any]] = {
    "code": lambda row: row.request.code,
    "name": lambda row: alphabetical(row.request.name),
    "county": lambda row: (alphabetical(row.request.county_name), alphabetical(row.request.name)),
    "asked": lambda row: row.request.total,
    "minors": lambda row: row.request.em,
    "per_1000": lambda row: row.request.per_1000,
    "last": lambda row: row.request.last_year,
    "change": lambda row: row.request.change,
    "load": lambda row: row.load,
}


def table_of(
    proposal: Proposal,
    rows: Iterable[fairness.Row],
    *,
    sort: str = "",
    county: str = "",
    among: Mapping[str, str] | None = None,
    local: Iterable[Local] = (),
    own: Iterable[Local] = (),
    beside: Carried | None = None,
) -> Table:
    """The table of a proposal.

    ``local`` is what is said of single municipalities, ``own`` the part of it that the URL says.
    ``among`` are the codes that a search found, with the old name that matched; ``beside`` the
    numbers of the other state on the same borders. Rows without the number sorted by come last
    either way.
    """
    all_rows = list(rows)
    if proposal.years:  # what is measured is of the first year; the later years follow it
        first = {row.request for row in all_rows}
        all_rows += [
            fairness.Row(request, "", "", None)
            for request in proposal.municipalities
            if request not in first
        ]
    shown = [
        row
        for row in all_rows
        if (not county or row.request.county == county)
        and (among is None or row.request.code in among)
    ]
    name, down = sort.removeprefix("-"), sort.startswith("-")
    key = _KEYS[name if name in SORTS else "code"]
    known = [row for row in shown if key(row) is not None]
    known.sort(key=key, reverse=down)
    shown = known + [row for row in shown if key(row) is None]
    said = {each.code: each for each in local}
    locked = {each.code for each in said.values() if each.lock is not None}
    owned = {each.code for each in own if each.lock is not None}
    lines = tuple(
        Line(
            row.request,
            _cells(row),
            held(row.request),
            (among or {}).get(row.request.code, ""),
            said.get(row.request.code),
            "own" if row.request.code in owned else "held" if row.request.code in locked else "",
            *(("", "") if beside is None else beside_cells(row.request, beside)),
        )
        for row in shown
    )
    return Table(
        lines,
        len(all_rows),
        _sums([row.request for row in shown], beside),
        minors=any(request.em for request in proposal.municipalities),
        years=bool(proposal.years),
        counties=len({request.county for request in proposal.municipalities}) > 1,
    )


def columns_of(table: Table, links: Links, beside: bool) -> list[Column]:
    """The columns that a table has."""
    columns = []
    for name in SORTS:
        if (name == "county" and not table.counties) or (name == "minors" and not table.minors):
            continue
        title, n = say(f"web.col.{name}"), name in FALLING
        columns.append(Column(title, name, links.sort(name), links.order(name), n))
        if name == "code" and table.years:
            columns.append(Column(say("year")))
        if name == "asked" and beside:
            columns += [
                Column(say(f"web.col.{other}"), n=True) for other in ("other", "difference")
            ]
    columns.append(Column(say("web.col.held")))
    return columns if table.years else [*columns, Column(say("web.col.lock"))]


def _cells(row: fairness.Row) -> dict[str, str]:
    request = row.request
    return {
        "asked": count(request.total),
        "minors": count(request.em),
        "per_1000": decimal(request.per_1000),
        "last": count(request.last_year),
        "change": signed(request.change),
        "load": decimal(row.load, 2),
    }


def _sums(requests: list[Request], beside: Carried | None) -> dict[str, str]:
    """The sums of the rows shown; a change is of those whose last year is known."""
    total = sum(request.total for request in requests)
    people = sum(request.population or 0 for request in requests)
    entitled = sum(request.entitlement for request in requests)
    known = [request for request in requests if request.last_year is not None]
    told = {
        "asked": count(total),
        "minors": count(sum(request.em for request in requests)),
        "per_1000": decimal(1000 * total / people if people else None),
        "last": count(sum(request.last_year or 0 for request in known)),
        "change": signed(sum(request.change or 0 for request in known)),
        "load": decimal(total / entitled if entitled else None, 2),
    }
    if beside is not None:
        other, difference = beside_total(requests, beside)
        told |= {"other": other, "difference": difference}
    return told
