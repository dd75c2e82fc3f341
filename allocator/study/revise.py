"""A change in the middle of a year: who gets another number, from what to what, and why.

What stands is the scenario's proposal, the panel's first or last request, or a CSV. The case is
revised as a document would be: another need, ``exempt`` for who falls out, ``[band]`` around what
stands, ``band_least`` for a decision that is honoured. Then

* ``fewest``: the fewest municipalities change (:mod:`allocator.study.choice`); all others are
  locked at what stands (:mod:`allocator.study.locking`), and the engine finds the numbers of those
  that change: place everyone, then least change, then even loads.
* ``proportional``: every number by the same factor, none below the floor: the key is what stands,
  ``lot.every`` the floor. With ``factor`` each number is worked out by itself, max(floor,
  round(factor · h)), as in Norway's cut of 2020, and the need is their sum; else the numbers meet
  the need to the person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from allocator.audit.compare import Metrics, metrics
from allocator.documents import Case
from allocator.documents.key import KeyPart
from allocator.documents.model import Band, Goals, Lot, Whole
from allocator.documents.scenario import Local
from allocator.engine import panel_of
from allocator.errors import BadDataError, Fault, UsageError
from allocator.panel import Panel, Status, View
from allocator.program.goals import solve
from allocator.program.prepare import Prepared, members_of, prepare
from allocator.program.problem import Floats
from allocator.study.locking import locked
from allocator.study.reach import changed, with_fields, with_persons
from allocator.study.standing import Standing, Stands, decisions, standing

__all__ = ["Change", "Revision", "revise"]


@dataclass(frozen=True, slots=True)
class Change:
    """One municipality: what stands, what it becomes, and why.

    ``why``: "out", "cut", "raised", "anew" (not asked before), "minors", "decided" (held at its
    decision), "floor" or "" where nothing changes. ``room`` is capacity − what stands, None where
    no capacity is known. ``done`` is what was really asked for in the end.
    """

    code: str
    name: str
    county: str
    county_name: str
    was: int
    now: int
    was_em: int
    em: int
    why: str
    decided: int | None
    room: int | None
    done: int | None

    @property
    def change(self) -> int:
        """Persons more or fewer."""
        return self.now - self.was

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, and the change."""
        return {**asdict(self), "change": self.change}


@dataclass(frozen=True, slots=True)
class Revision:
    """A revised year. ``done`` is how near what was really done it is, over those with a figure."""

    scenario: str
    year: int
    how: str
    start: str
    was: int
    now: int
    was_em: int
    em: int
    within: float | None
    within_minors: float | None
    anew: str | None
    factor: float | None
    municipalities: tuple[Change, ...]
    unknown: dict[str, int]
    done: Metrics | None
    warnings: tuple[str, ...]

    @property
    def changed(self) -> tuple[Change, ...]:
        """Those whose number changes, the largest change first."""
        found = [c for c in self.municipalities if c.change or c.em != c.was_em]
        return tuple(sorted(found, key=lambda c: (-abs(c.change), -abs(c.em - c.was_em), c.code)))

    @property
    def new(self) -> tuple[Change, ...]:
        """Those who are asked anew."""
        return tuple(c for c in self.municipalities if c.now and not c.was)

    @property
    def new_minors(self) -> tuple[Change, ...]:
        """Those who are asked for minors and were not before."""
        return tuple(c for c in self.municipalities if c.em and not c.was_em)

    @property
    def reserve(self) -> tuple[Change, ...]:
        """Those with room, the most first: capacity − request, as revised."""
        found = [c for c in self.municipalities if c.room is not None and c.room > c.change]
        return tuple(sorted(found, key=lambda c: (c.change - (c.room or 0), c.code)))

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, ``"schema": 1``."""
        own = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {
            "schema": 1,
            **own,
            "changed": len(self.changed),
            "done": None if self.done is None else asdict(self.done),
            "municipalities": [change.as_dict() for change in self.municipalities],
            "reserve": [
                {"code": c.code, "name": c.name, "room": (c.room or 0) - c.change}
                for c in self.reserve
            ],
            "warnings": list(self.warnings),
        }


def revise(
    case: Case,
    panel: Panel | str | None = None,
    *,
    how: str = "fewest",
    start: str = "proposal",
    need: int | None = None,
    factor: float | None = None,
    minors_to_ordinary: int = 0,
    out: Sequence[str] = (),
    decided: str | None = None,
    within: float = 0.5,
    within_minors: float | None = None,
    anew: str = "needed",
    floor: int = 0,
) -> Revision:
    """The case's year revised. ``need`` is the new one in all (default: what stands), ``decided`` a
    day or a CSV file of decisions that are honoured, ``within`` how far a number may move under
    ``fewest`` (0.5: by half) and ``within_minors`` the minors in it (default: as far), ``anew``
    whether those who were not asked are asked now: "never", "needed" (only where the others cannot
    take it) or "free"; ``floor`` the least that is asked for under ``proportional``.

    Raises :class:`UsageError`, :class:`BadDataError`, and where it cannot be done
    :class:`~allocator.errors.InfeasibleError` with the smallest changes that would help.

    >>> from allocator.documents import load_case
    >>> found = revise(load_case("ostfold-2016"), need=700)
    >>> found.was, found.now, len(found.changed)
    (780, 700, 1)
    """
    if case.scenario.horizon is not None:
        told = f"{case.name} decides several years at once; one is revised"
        raise UsageError(Fault("revise.horizon", told, remedy="take [horizon] out"))
    if factor is not None and (how != "proportional" or need is not None or decided is not None):
        told = "--factor works out each number by itself: it needs --how proportional"
        raise UsageError(Fault("revise.factor", f"{told}, and neither --need nor --decided"))
    if how == "proportional" and anew == "free":
        told = "--anew free asks those who were not asked: it needs --how fewest"
        raise UsageError(Fault("revise.anew", told))
    figures = panel_of(case, panel)
    stands = standing(case, figures, start)
    case, stands, could = _known_only(case, figures, stands)
    made = {} if decided is None else decisions(figures, case.scenario.year, decided)
    _refuse_out(out, stands, case)
    em = sum(stands.minors.values())
    if minors_to_ordinary > em:
        told = f"{minors_to_ordinary} minors' places are more than the {em} there are"
        raise UsageError(Fault("revise.minors", told, f"at most {em}"))
    total = sum(stands.total.values()) if need is None else need
    revised = with_persons(case, total, em - minors_to_ordinary)
    floors = {code: min(made[code], stands.total[code]) for code in made if code in stands.total}
    view = Standing(figures, case.scenario.year, case.scenario.knows_until, stands)
    if how == "proportional":
        revised = _proportional(revised, stands, out, floors, factor, floor)
        opened = prepared = prepare(revised, view)
    else:
        revised = with_fields(revised, municipality=_local(revised, out, floors))
        minors = within if within_minors is None else within_minors
        limits = {"within": within, "within_minors": minors}
        found = locked(revised, view, stands, could=could, anew=anew, **limits)
        opened, prepared = found.opened, found.prepared
    persons = solve(prepared.problem).persons
    return _told(
        case,
        figures,
        stands,
        prepared,
        _room(opened),
        persons,
        made,
        floors,
        out,
        how,
        start,
        within,
        within if within_minors is None else within_minors,
        anew,
        factor,
        floor,
    )


def _known_only(case: Case, panel: Panel, stands: Stands) -> tuple[Case, Stands, dict[str, Local]]:
    """The case's own municipalities: those who are asked for nothing are exempt. The last are those
    of them who might be asked anew – their 0 is known, and nobody exempts them – with what the
    scenario says of them."""
    scenario = case.scenario
    view = View(panel, scenario.year, scenario.knows_until)
    codes = [unit.code for unit in members_of(scenario, view)]
    total = {code: stands.total.get(code, 0) for code in codes}
    if not any(total.values()):
        told = f"nobody of {case.name} is asked for anything by what stands"
        raise BadDataError(Fault("revise.nobody", told, remedy="--from names what stands"))
    minors = {code: stands.minors.get(code, 0) for code in codes}
    local = dict(case.scenario.municipality)
    could = {}
    for code in codes:
        own = local.get(code, Local())
        if not total[code]:
            local[code] = Local(exempt=True, reason=own.reason)
            if code in stands.total and not own.exempt and own.lock != 0:
                could[code] = own
    known = replace(stands, total=total, minors=minors)
    return with_fields(case, municipality=local), known, could


def _refuse_out(out: Sequence[str], stands: Stands, case: Case) -> None:
    faults = [
        Fault("revise.out", f"--out-of {code}: it is asked for nothing in {case.name}")
        for code in out
        if not stands.total.get(code)
    ]
    if faults:
        raise UsageError(faults)


def _local(case: Case, out: Sequence[str], floors: dict[str, int]) -> dict[str, Local]:
    """Who falls out is exempt; who has decided has that as the least, in place of the band's."""
    local = dict(case.scenario.municipality)
    for code, least in floors.items():
        if code not in out and least:
            local[code] = changed(local.get(code, Local()), band_least=least)
    for code in out:
        local[code] = Local(exempt=True)
    return local


def _proportional(
    case: Case,
    stands: Stands,
    out: Sequence[str],
    floors: dict[str, int],
    factor: float | None,
    floor: int,
) -> Case:
    """Every number by the same factor, none below the floor: what stands is the key."""
    part = {"weight": 1.0} if factor is None else {"weight": factor, "as_": "amount"}
    rule = changed(
        case.rule,
        key={"requested": KeyPart(missing="zero", **part)},
        lot=Lot(persons=floor, every=True, minors=0),
        band=Band(down=1.0) if floors else Band(),
        whole=Whole(total="need" if factor is None else "own"),
        goals=Goals(order=("place", "even", "steady")),
    )
    return replace(with_fields(case, municipality=_local(case, out, floors)), rule=rule)


def _told(
    case: Case,
    panel: Panel,
    stands: Stands,
    prepared: Prepared,
    room: Floats,
    persons: Any,
    made: dict[str, int],
    floors: dict[str, int],
    out: Sequence[str],
    how: str,
    start: str,
    within: float,
    within_minors: float | None,
    anew: str,
    factor: float | None,
    floor: int,
) -> Revision:
    units, year = prepared.units, case.scenario.year
    last = panel.requests(year, "requested")
    found = []
    for place, code in enumerate(units.codes):
        was, now = stands.total[code], int(persons[place].sum())
        was_em, em = stands.minors[code], int(persons[place][1:].sum())
        done = last.get(code)
        known = done is not None and done.status is Status.REPORTED and done.value is not None
        county = int(units.county_of[place])
        found.append(
            Change(
                code=code,
                name=units.names[place],
                county=units.counties[county],
                county_name=units.county_names[county],
                was=was,
                now=now,
                was_em=was_em,
                em=em,
                why=_why(code, was, now, was_em, em, out, floors, floor),
                decided=made.get(code),
                room=int(room[place]) - was if np.isfinite(room[place]) else None,
                done=int(done.value)
                if known and done is not None and done.value is not None
                else None,
            )
        )
    beside = None
    if start == "requested_original":
        both = [(c.now, c.done) for c in found if c.done is not None and c.was]
        beside = metrics([b[0] for b in both], [b[1] for b in both], [1.0] * len(both))
    return Revision(
        scenario=case.name,
        year=year,
        how=how,
        start=start,
        was=sum(stands.total.values()),
        now=sum(c.now for c in found),
        was_em=sum(stands.minors.values()),
        em=sum(c.em for c in found),
        within=within if how == "fewest" else None,
        within_minors=within_minors if how == "fewest" else None,
        anew=anew if how == "fewest" else None,
        factor=factor,
        municipalities=tuple(found),
        unknown=stands.unknown,
        done=beside,
        warnings=tuple(w for w in prepared.warnings if "last year" not in w),
    )


def _room(prepared: Prepared) -> Floats:
    """What each can take by its capacity, inf where none is known."""
    most = np.full(len(prepared.units), np.inf)
    for bound in prepared.problem.of_measure("total"):
        if bound.family == "capacity":
            most[bound.index] = np.minimum(most[bound.index], bound.upper)
    return most


def _why(
    code: str,
    was: int,
    now: int,
    was_em: int,
    em: int,
    out: Sequence[str],
    floors: dict[str, int],
    floor: int,
) -> str:
    if code in out:
        return "out"
    if now and not was:
        return "anew"
    if now == was:
        return "minors" if em != was_em else ""
    if now < was and now == floors.get(code):
        return "decided"
    if now < was and floor and now == floor:
        return "floor"
    return "cut" if now < was else "raised"
