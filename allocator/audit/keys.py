"""The audit of a rule's key: does each criterion bite, is it what it says, does its rounding hold?

The evaluation of the Norwegian model of 2019 (ideas2evidence for IMDi, 2020) found that inhabitants
were in almost every criterion, so that the stated weights did not bite. This looks for the same in
any rule, on the figures it would have known.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from math import fsum
from typing import Any

from allocator.audit.effective import Criterion, criteria
from allocator.audit.pairs import Pairs, paradox_pairs
from allocator.audit.response import Response, responses
from allocator.audit.rounding import Found, paradoxes, rounds_by
from allocator.documents import Case, Model
from allocator.engine import prepare_case
from allocator.errors import BosettError
from allocator.panel import Panel, View
from allocator.program.entitlement import entitlement_of
from allocator.program.prepare import Prepared
from allocator.program.problem import Floats
from allocator.program.readings import Reader

__all__ = ["Audit", "audit_key"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Audit:
    """A rule's key on the figures of one case.

    ``moved`` is how far the key is from equal a head, as a part of all persons; of it ``limits`` by
    the limits on shares alone. ``rounds`` is the method of apportionment its rounding is, empty
    where each number is rounded by itself and no total is met.
    """

    model: str
    year: int
    as_of: str
    need: int
    codes: tuple[str, ...]
    names: dict[str, str]
    share: Floats
    population: Floats
    criteria: tuple[Criterion, ...]
    moved: float
    limits: float
    responses: tuple[Response, ...]
    pairs: Pairs | None
    rounds: str
    paradoxes: tuple[Found, ...]
    warnings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, ``"schema": 1``."""
        return {
            "schema": 1,
            "model": self.model,
            "year": self.year,
            "as_of": self.as_of,
            "need": self.need,
            "municipalities": len(self.codes),
            "moved": self.moved,
            "moved_by_limits": self.limits,
            "rows": [row.as_dict() for row in self.criteria],
            "responses": [each.as_dict(self.codes) for each in self.responses],
            "pairs": None if self.pairs is None else self.pairs.as_dict(),
            "rounds_by": self.rounds or None,
            "paradoxes": [each.as_dict(self.codes) for each in self.paradoxes],
            "warnings": list(self.warnings),
        }

    def response_rows(self) -> list[dict[str, Any]]:
        """Persons that one per cent more gives, one row for each municipality and indicator."""
        return [
            {
                "code": code,
                "name": self.names[code],
                "indicator": response.indicator,
                "persons": round(float(persons), 6),
            }
            for response in self.responses
            for code, persons in zip(self.codes, response.persons, strict=True)
        ]


def audit_key(case: Case, panel: Panel) -> Audit:
    """The audit of a case's rule, on the municipalities it can ask and the figures it knows.

    Raises :class:`~allocator.errors.BadDataError` where the rule cannot be run.

    >>> from allocator.documents import load_case
    >>> found = audit_key(load_case("ostfold-2016"), Panel())
    >>> [(row.criterion, row.stated, row.effective) for row in found.criteria]
    [('population', 0.5, 0.0), ('requested', 0.5, 1.0)]
    """
    prepared = prepare_case(case, panel)
    view = View(panel, case.scenario.year, case.scenario.knows_until)
    codes, rule, need = _askable(prepared), _as_used(case.rule, prepared), case.scenario.need.total
    read = Reader(view, codes, rule.size)
    people = read.values("population", None, "earlier")[1]
    cap = rule.share.cap
    basis = None if cap is None else _shares(read.values(cap.basis, None, "earlier")[1])
    share, population = _shares(entitlement_of(rule, view, codes).persons(need)), _shares(people)
    rows, limits, moved = criteria(prepared.key.parts, population, need, rule.share, basis)
    own = rule.whole.total == "own"
    names = dict(zip(prepared.units.codes, prepared.units.names, strict=True))
    return Audit(
        model=case.model,
        year=case.scenario.year,
        as_of=case.scenario.knows_until.isoformat(),
        need=need,
        codes=codes,
        names=names,
        share=share,
        population=population,
        criteria=rows,
        moved=moved,
        limits=limits,
        responses=responses(rule, view, codes, need),
        pairs=paradox_pairs(rule, view, codes, share),
        rounds="" if own else rounds_by(rule.whole.method),
        paradoxes=()
        if own
        else paradoxes(rule.whole.method, share, need, _year_before(rule, view, need, codes)),
        warnings=prepared.key.warnings,
    )


def _askable(prepared: Prepared) -> tuple[str, ...]:
    """Those the key is shared among: all but the exempt."""
    out = {
        int(unit)
        for bound in prepared.problem.bounds
        if bound.family == "exempt"
        for unit in bound.index
    }
    return tuple(code for at, code in enumerate(prepared.units.codes) if at not in out)


def _as_used(rule: Model, prepared: Prepared) -> Model:
    """The rule with the criteria and weights it was run with, which may have been fitted."""
    key = {
        part.name: replace(rule.key[part.name], weight=part.weight) for part in prepared.key.parts
    }
    return replace(rule, key=key)


def _year_before(rule: Model, view: View, need: int, codes: tuple[str, ...]) -> Floats | None:
    """What the key gives the same municipalities from what was known a year before, if anything."""
    earlier = View(view.panel, view.year, view.as_of - dt.timedelta(days=365))
    try:
        return _shares(entitlement_of(rule, earlier, codes).persons(need))
    except BosettError:  # nothing was known then
        return None


def _shares(values: Floats) -> Floats:
    return values / max(fsum(values), 1e-300)
