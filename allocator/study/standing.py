"""What stands when a year is revised: what the scenario asks of the revision, the requests as they
were made, and the view that knows them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allocator.documents import Case
from allocator.engine import propose_case
from allocator.errors import BadDataError, Fault
from allocator.panel import Figure, Panel, Series, Status, View, cells
from allocator.panel.rows import read_table
from allocator.program.prepare import members_of

__all__ = ["STARTS", "Standing", "Stands", "decisions", "of_document", "standing"]

STARTS = ("proposal", "requested", "requested_original")


@dataclass(frozen=True, slots=True)
class Stands:
    """The requests as they stand, by code; ``unknown`` are those without a figure, by status."""

    total: dict[str, int]
    minors: dict[str, int]
    unknown: dict[str, int]


class Standing(View):
    """What was known, and what stands as the newest request: bands and steadiness look at it."""

    def __init__(self, panel: Panel, year: int, as_of: dt.date, stands: Stands) -> None:
        super().__init__(panel, year, as_of)
        self._stands = stands

    def stage_years(self, stage: str, group: str = "total") -> Iterator[int]:
        """The years of a stage, newest first; of requests the year itself is the newest."""
        if (stage, group) == ("requested", "total"):
            yield self.year
        yield from super().stage_years(stage, group)

    def history(
        self, stage: str, year: int, group: str = "total", *, blank_is_zero: bool = False
    ) -> Series:
        """A stage of a year on the view's municipalities; of this year, what stands."""
        if (stage, group, year) == ("requested", "total", self.year):
            return {code: Figure(persons) for code, persons in self._stands.total.items()}
        return super().history(stage, year, group, blank_is_zero=blank_is_zero)


def standing(case: Case, panel: Panel, start: str) -> Stands:
    """The requests of the scenario's year: its own proposal, a stage of the panel, or a CSV file
    with the columns code, total and, if there are minors, em.

    A municipality whose figure is hidden or missing is not taken as 0: it stays as it is, unknown,
    and is asked for nothing by the revision. Raises :class:`BadDataError` where nothing is known.
    """
    if start == "proposal":
        made = propose_case(case, panel).municipalities
        return Stands({r.code: r.total for r in made}, {r.code: r.em for r in made}, {})
    year = case.scenario.year
    codes = {unit.code for unit in panel.municipalities(year)}
    if start in STARTS:
        mine = {unit.code for unit in members_of(case.scenario, View(panel, year, dt.date.max))}
        return _of_stage(case, panel, start, mine)
    total, minors = _table(Path(start), codes, year)
    return Stands(total, minors, {})


def of_document(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """What :func:`~allocator.study.revise.revise` is asked: the scenario's ``[revision]`` with what
    is given laid over it; None and () are not given.

    >>> from allocator.documents import load_case
    >>> asked = of_document(load_case("ostfold-2016", ["revision.need=700"]), {"within": 0.2})
    >>> asked["need"], asked["within"], asked["how"]
    (700, 0.2, 'fewest')
    """
    terms = case.scenario.revision
    if terms is None:
        from allocator.documents.midyear import MidYear

        terms = MidYear()
    asked = {name: getattr(terms, name) for name in terms.__dataclass_fields__}
    if terms.decided is not None:
        asked["decided"] = terms.decided.isoformat()
    asked |= {name: value for name, value in given.items() if value not in (None, ())}
    return {("out" if name == "out_of" else name): value for name, value in asked.items()}


def _of_stage(case: Case, panel: Panel, stage: str, codes: set[str]) -> Stands:
    year = case.scenario.year
    given = panel.requests(year, stage)
    em = panel.requests(year, stage, "em")
    total, minors, unknown = {}, {}, dict[str, int]()
    for code in sorted(codes):
        figure = given.get(code, Figure(None, Status.MISSING))
        if figure.reported is None:
            unknown[figure.status.value] = unknown.get(figure.status.value, 0) + 1
            continue
        total[code] = int(figure.reported)
        of_whom = em.get(code)
        if of_whom is not None and of_whom.reported is not None:
            minors[code] = int(of_whom.reported)
    if not any(total.values()):
        told = f"the panel has no {stage} figures of {year}"
        raise BadDataError(Fault("revise.none", told, remedy="--from FILE.csv gives them"))
    return Stands(total, minors, unknown)


def decisions(panel: Panel, year: int, given: str) -> dict[str, int]:
    """Decisions already made: those of the panel as of a day, or of a CSV file (code, total)."""
    codes = {unit.code for unit in panel.municipalities(year)}
    try:
        day = dt.date.fromisoformat(given)
    except ValueError:
        return _table(Path(given), codes, year)[0]
    known = panel.known("decided", year)
    if known > day:
        told = f"decisions of {year} were not known on {day}; they may be used from {known}"
        raise BadDataError(Fault("revise.later", told, remedy="give them as a CSV: code,total"))
    found = panel.requests(year, "decided")
    return {code: int(f.value) for code, f in sorted(found.items()) if f.value is not None}


def _table(path: Path, codes: set[str], year: int) -> tuple[dict[str, int], dict[str, int]]:
    """Code → persons, and of whom minors, of a CSV file; every fault of it is told together."""
    faults: list[Fault] = []
    kinds = {"code": cells.code4, "total": cells.persons, "em": cells.persons}
    total: dict[str, int] = {}
    minors: dict[str, int] = {}
    for row, (code, persons, em) in read_table(path, kinds, faults, optional=frozenset({"em"})):
        wrong = ""
        if code not in codes:
            wrong = f"no municipality had code {code} in {year}"
        elif code in total:
            wrong = f"{code} is given twice"
        elif persons is None:
            wrong = f"{code} has no number"
        elif em is not None and em > persons:
            wrong = f"{em} minors are more than the {persons} of {code}"
        if wrong:
            faults.append(Fault("revise.row", wrong, file=str(path), row=row, column="code"))
            continue
        total[code] = persons
        if em is not None:
            minors[code] = em
    if faults:
        raise BadDataError(sorted(faults, key=lambda fault: fault.row or 0))
    return total, minors
