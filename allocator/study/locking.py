"""All but the fewest keep what stands: the problem of a revision in which the rest is locked.

Nobody's number moves by more than a part of it, nor the minors in it. Whoever was not asked, or not
for minors, may be asked anew – at most for the lot, or for its entitlement under the new need as
the rule has it before anything of the year stood: not at all, only where the others cannot take it,
or wherever that changes fewer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from allocator.documents import Case
from allocator.documents.model import Band, Goals
from allocator.documents.scenario import Local
from allocator.panel import View
from allocator.program.prepare import Prepared, prepare
from allocator.program.problem import Bound, Floats, Problem
from allocator.study.choice import Chosen, fewest
from allocator.study.reach import changed, with_fields
from allocator.study.standing import Standing, Stands

__all__ = ["Locked", "locked"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Locked:
    """The problem before anybody is locked, with those who may be asked anew, and the one in which
    all but the fewest are."""

    opened: Prepared
    prepared: Prepared


def locked(
    case: Case,
    view: Standing,
    stands: Stands,
    *,
    could: Mapping[str, Local],
    anew: str,
    within: float,
    within_minors: float,
) -> Locked:
    """The revised case with all but the fewest locked. ``could`` are those who were not asked and
    might be, with what the scenario says of them; in ``case`` they are exempt."""
    case = _banded(case, stands, within)
    closed = _limited(prepare(case, view), stands, within_minors)
    wide = case if anew == "never" else _with_new(case, could)
    if anew != "free":
        chosen = _chosen(closed, stands)
        if chosen is not None or anew == "never":
            prepared = _without_others(case, closed, chosen, view, stands)
            return Locked(prepare(wide, view), _limited(prepared, stands, within_minors))
    before = prepare(wide, View(view.panel, view.year, view.as_of)).problem
    opened = _limited(prepare(wide, view), stands, within_minors, before)
    chosen = _chosen(opened, stands, anew_last=anew != "free")
    if chosen is not None:
        wide = _with_new(case, {c: could[c] for c in could if _is_in(opened, chosen, c)}, lot=True)
    prepared = _without_others(wide, opened, chosen, view, stands)
    return Locked(opened, _limited(prepared, stands, within_minors, before))


def _banded(case: Case, stands: Stands, within: float) -> Case:
    """Nobody's number moves by more than ``within`` of it, and none below its decision."""
    local = {
        code: own
        if own.band_least is None
        else changed(
            own, band_least=max(own.band_least, ceil((1 - within) * stands.total.get(code, 0)))
        )
        for code, own in case.scenario.municipality.items()
    }
    rule = changed(
        case.rule,
        band=Band(down=min(within, 1.0), up=within),
        goals=Goals(order=("place", "steady", "even"), even=case.rule.goals.even),
    )
    return replace(with_fields(case, municipality=local), rule=rule)


def _with_new(case: Case, could: Mapping[str, Local], *, lot: bool = False) -> Case:
    """The case in which these may be asked; where a rule asks all, the lot waits (``lot``: holds)
    until it is known who is."""
    rule = case.rule.lot
    waits = {} if lot else {"lot": 0} if rule.every else {}
    if rule.every_minors:
        waits = {**waits, "lot_minors": 0}
    local = dict(case.scenario.municipality)
    local |= {code: changed(own, **waits) for code, own in could.items()}
    return with_fields(case, municipality=local)


def _limited(
    prepared: Prepared, stands: Stands, within_minors: float, before: Problem | None = None
) -> Prepared:
    """The problem in which minors move by no more than a part, and who is asked anew, if anybody
    is, has no more than the problem ``before`` entitles it to."""
    problem, codes = prepared.problem, prepared.units.codes
    total, em = (
        np.array([of.get(code, 0) for code in codes], float) for of in (stands.total, stands.minors)
    )
    free, free_em = np.ones(len(codes), dtype=bool), np.ones(len(codes), dtype=bool)
    for bound in problem.bounds:
        if bound.family == "exempt":
            free[bound.index] = free_em[bound.index] = False
        elif bound.family == "lock":
            (free if bound.measure == "total" else free_em)[bound.index] = False

    def most(entitlement: Floats, lot: int) -> Floats:
        return np.maximum(np.ceil(entitlement - 1e-9), float(max(lot, 1)))

    nothing, new = np.zeros(len(codes)), total == 0
    top = top_em = nothing
    if before is not None:
        top = most(before.entitlement, problem.lots.persons)
        top_em = most(before.entitlement_minors, problem.lots.minors)
    lower = np.where(em > 0, (1 - within_minors) * em, 0.0)
    upper = np.where(em > 0, (1 + within_minors) * em, top_em)
    bounds = [Bound.make("band", "total", nothing, top, keep=free & new)]
    if problem.minors:
        bounds.append(Bound.make("band", "minors", lower, upper, keep=free_em))
    return replace(prepared, problem=replace(problem, bounds=(*problem.bounds, *bounds)))


def _chosen(prepared: Prepared, stands: Stands, *, anew_last: bool = False) -> Chosen | None:
    codes = prepared.units.codes
    total = np.array([stands.total[code] for code in codes], dtype=np.int64)
    minors = np.array([stands.minors[code] for code in codes], dtype=np.int64)
    return fewest(prepared.problem, total, minors, anew_last=anew_last)


def _is_in(prepared: Prepared, chosen: Chosen, code: str) -> bool:
    return bool(chosen.total[prepared.units.codes.index(code)])


def _without_others(
    case: Case,
    opened: Prepared,
    chosen: Chosen | None,
    view: Standing,
    stands: Stands,
) -> Prepared:
    """The problem in which all but the chosen keep what stands."""
    if chosen is None:
        return opened  # the engine says why, and what would help
    local, minors_asked = dict(case.scenario.municipality), case.scenario.need.minors
    for place, code in enumerate(opened.units.codes):
        was, was_em = stands.total[code], stands.minors[code]
        own = local.get(code, Local())
        if own.exempt:
            continue
        keep = {} if chosen.minors[place] or not minors_asked else {"lock_minors": was_em}
        if chosen.total[place]:
            local[code] = changed(own, **keep) if keep else own
        elif was:
            own = changed(own, lock=was, **keep)
            local[code] = changed(own, capacity=None, band_least=None)
        else:
            local[code] = Local(exempt=True)
    return prepare(with_fields(case, municipality=local), view)
