"""A relaxation written as settings: what to put into the document, and whether that works.

A relaxation moves limits in the problem. In a document the same is said by other numbers – a
capacity of 145 where it was 120 – and a document does more with them: a lower need lowers every
county's part too. So every set of settings is tried before it is advised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from allocator.documents import Case
from allocator.documents.change import changed
from allocator.errors import BosettError
from allocator.program.infeasible import Infeasibility
from allocator.program.problem import Measure, Problem
from allocator.program.relax import Change, Relaxation, works

__all__ = ["advised", "settings_of"]

# Where a limit on one municipality or county stands in a document: (family, measure) → the key when
# the number may be more, and when it may be fewer.
_KEYS: dict[tuple[str, str], tuple[str, str]] = {
    ("capacity", "total"): ("municipality.{}.capacity", ""),
    ("capacity", "minors"): ("municipality.{}.capacity_minors", ""),
    ("band", "total"): ("municipality.{}.band_most", "municipality.{}.band_least"),
    ("ceiling", "total"): ("municipality.{}.ceiling", ""),
    ("ceiling", "minors"): ("municipality.{}.ceiling_minors", ""),
    ("lot", "total"): ("", "municipality.{}.lot"),
    ("lot", "minors"): ("", "municipality.{}.lot_minors"),
    ("lock", "total"): ("municipality.{}.lock", "municipality.{}.lock"),
    ("lock", "minors"): ("municipality.{}.lock_minors", "municipality.{}.lock_minors"),
    ("county", "county"): ("county.most.{}", "county.least.{}"),
    ("minors", "share"): ("municipality.{}.minors_beyond", ""),
}
# What is said by yes or no.
_SWITCHES = {
    ("exempt", "total"): "municipality.{}.exempt=false",
    ("minors", "minors"): "municipality.{}.minors_service=true",
}
# The families whose table says whether they are hard.
_SOFT = {
    "capacity": "capacity.hard=false",
    "band": "band.hard=false",
    "ceiling": "ceiling.hard=false",
    "county": "county.hard=false",
    "need": "need.hard=false",
}


def advised(
    found: Infeasibility, case: Case, problem: Problem, prepared: Callable[[Case], Problem]
) -> Infeasibility:
    """The alternatives with the settings that make them, as far as those work.

    ``prepared`` makes the problem of a changed case.
    """

    def do(settings: tuple[str, ...]) -> bool:
        try:
            return works(prepared(changed(case, settings)))
        except BosettError:
            return False

    relaxations = []
    for relaxation in found.relaxations:
        settings = settings_of(problem, relaxation)
        keep = settings and do(settings)
        relaxations.append(replace(relaxation, settings=settings if keep else ()))
    alone = {r.families[0] for r in found.relaxations if len(r.families) == 1}
    soft = tuple(setting for family, setting in _SOFT.items() if family in alone)
    return replace(found, relaxations=tuple(relaxations), soft=soft)


def settings_of(problem: Problem, relaxation: Relaxation) -> tuple[str, ...]:
    """The changes as ``key=value`` texts; none when one of them cannot be said in a document.

    In a plan of several years a limit is of all years: the widest is taken.
    """
    told: dict[str, int] = {}
    switched: list[str] = []
    for change in relaxation.changes:
        key = (change.family, change.measure)
        code = change.code.partition("_")[0]
        if change.family in ("need", "year"):
            continue
        if change.measure == "lot":
            told["lot.persons"] = problem.lots.persons - change.persons
        elif key in _SWITCHES:
            switched.append(_SWITCHES[key].format(code))
        else:
            more = change.side == "more"
            name = _KEYS.get(key, ("", ""))[0 if more else 1].format(code)
            if not name:
                return ()
            value = _limit(problem, change) + (change.persons if more else -change.persons)
            widest = max if more else min
            told[name] = widest(value, told.get(name, value))
    told |= dict(_needs(problem, relaxation))
    return (*(f"{name}={value}" for name, value in sorted(told.items())), *sorted(set(switched)))


def _limit(problem: Problem, change: Change) -> int:
    """The limit that a change moves, as it stands."""
    measure: Measure = change.measure  # type: ignore[assignment]
    codes = problem.counties if measure.startswith("county") else problem.units.codes
    unit = codes.index(change.code)
    for bound in problem.of_measure(measure):
        if bound.family == change.family and unit in bound.index:
            place = bound.index.tolist().index(unit)
            return int((bound.upper if change.side == "more" else bound.lower)[place])
    raise KeyError(f"no limit of {change.family} on {change.code}")


def _needs(problem: Problem, relaxation: Relaxation) -> Iterator[tuple[str, int]]:
    """The need as it would be said, of one year or of each."""
    fewer = {c.code: c.persons for c in relaxation.changes if c.family == "need"}
    years = {
        (c.code, c.measure): _limit(problem, c) + (c.persons if c.side == "more" else -c.persons)
        for c in relaxation.changes
        if c.family == "year"
    }
    for (year, measure), value in years.items():
        table = "need" if year == problem.counties[0] else f"horizon.need.{year}"
        yield f"{table}.{'total' if measure == 'county' else 'em'}", value
    if years or not fewer:
        return
    yield "need.total", problem.persons - sum(fewer.values())
    for group, need in zip(problem.groups[1:], problem.need[1:].tolist(), strict=True):
        if group in fewer:
            yield f"need.{group}", need - fewer[group]
