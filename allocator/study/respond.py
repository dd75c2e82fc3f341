"""A proposal answered: what the councils would decide and settle, and how many must be asked for.

What was known on the scenario's day is all that is learnt from. The answers are drawn many times
(:mod:`allocator.study.answering`); every figure that is told is a quantile of the draws.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from allocator.documents import Case
from allocator.engine import panel_of, propose_case
from allocator.errors import Fault, UsageError
from allocator.panel import Panel, View
from allocator.proposal import Proposal
from allocator.study.answering import Learnt, Whole, interval, learn
from allocator.study.history import STEPS, cells_of, people_of, regime_of
from allocator.study.reach import AGAIN, Council, Reach, asked_of, reaches

__all__ = ["Response", "Row", "day_of", "respond"]


@dataclass(frozen=True, slots=True)
class Row:
    """An area and what it would answer: quantiles of the draws, 5, 50 and 95 per cent.

    ``short`` is the share of draws in which fewer are decided than asked for, ``refused`` in which
    none are; both None for an area that is asked for nobody.
    """

    area: str
    code: str
    name: str
    asked: int
    decided_low: int
    decided: int
    decided_high: int
    settled_low: int
    settled: int
    settled_high: int
    short: float | None
    refused: float | None

    def as_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Response:
    """How a proposal would be answered."""

    proposal: Proposal
    trained_to: str
    regime: str
    draws: int
    seed: int
    nation: Row
    counties: tuple[Row, ...]
    municipalities: tuple[Row, ...]
    reaches: tuple[Reach, ...]
    learnt: tuple[dict[str, Any], ...]
    again: float

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, ``"schema": 1``."""
        return {
            "schema": 1,
            "scenario": self.proposal.scenario,
            "model": self.proposal.model,
            "year": self.proposal.year,
            "need": self.proposal.need,
            "trained_to": self.trained_to,
            "regime": self.regime,
            "draws": self.draws,
            "seed": self.seed,
            "again": self.again,
            "nation": self.nation.as_dict(),
            "counties": [row.as_dict() for row in self.counties],
            "municipalities": [row.as_dict() for row in self.municipalities],
            "reach": [asdict(found) for found in self.reaches],
            "learnt": list(self.learnt),
        }


def respond(
    case: Case,
    panel: Panel | str | None = None,
    *,
    trained_to: int | None = None,
    draws: int = 2000,
    seed: int = 1,
    reach: float | None = 0.9,
    again: float = AGAIN,
) -> Response:
    """How councils would answer the case's proposal, by what was known on its day.

    ``trained_to`` lets less be known: nothing later than that year. ``reach`` is the probability
    with which decisions are to reach the need, None for not asking. Raises :class:`UsageError` for
    a plan of several years and for a day after the scenario's own, :class:`BadDataError` where too
    few years were known, and what ``propose`` raises.

    >>> from allocator.documents import load_case
    >>> found = respond(load_case("ostfold-2016", ["as_of=2016-10-31"]), draws=200, reach=None)
    >>> found.nation.asked, found.nation.decided_low < 780 < found.nation.decided_high
    (780, True)
    """
    if case.scenario.horizon is not None:
        told = f"{case.name} decides several years at once; answers are drawn for one"
        raise UsageError(Fault("respond.horizon", told, remedy="take [horizon] out"))
    figures = panel_of(case, panel)
    day = day_of(case, trained_to)
    proposal = propose_case(case, figures)
    view = View(figures, case.scenario.year, day)
    people = people_of(view)
    mine = sum(people[r.code].value or 0 for r in proposal.municipalities if r.code in people)
    regime = regime_of(proposal.total, mine)
    cells = cells_of(view)
    cell = np.array([cells[r.code] for r in proposal.municipalities], dtype=object)
    decided, settled = (learn(figures, day, answer, regime) for answer in STEPS)
    county = np.array([r.county for r in proposal.municipalities], dtype=object)
    council = Council(decided, cell, county, draws, seed)
    first = council.decide(asked_of(proposal))
    then = settled.draw(first.persons, cell, county, draws, seed)
    found: tuple[Reach, ...] = ()
    if reach is not None:
        found = tuple(reaches(case, figures, council, proposal, reach, again))
    rows = _rows(proposal, first.persons, then.persons)
    return Response(
        proposal=proposal,
        trained_to=day.isoformat(),
        regime=regime,
        draws=draws,
        seed=seed,
        nation=rows[0],
        counties=tuple(row for row in rows if row.area == "county"),
        municipalities=tuple(row for row in rows if row.area == "municipality"),
        reaches=found,
        learnt=tuple(_told(step) for step in (decided, settled)),
        again=again,
    )


def day_of(case: Case, trained_to: int | None) -> dt.date:
    """The last day whose facts are learnt from: the scenario's own, or an earlier year's end."""
    day = case.scenario.knows_until
    if trained_to is None:
        return day
    if trained_to > day.year:
        told = f"--trained-to {trained_to}: {case.name} knows nothing after {day.isoformat()}"
        remedy = f"--set as_of={trained_to}-12-31 lets it know more"
        raise UsageError(Fault("respond.day", told, f"{day.year} or earlier", remedy))
    return min(day, dt.date(trained_to, 12, 31))


def _rows(proposal: Proposal, decided: Whole, settled: Whole) -> list[Row]:
    """The whole area, then its counties, then its municipalities."""
    requests = proposal.municipalities
    every = np.arange(len(requests))
    codes = np.array([request.county for request in requests])
    rows = [_row("area", "", "", every, proposal, decided, settled)]
    names = {request.county: request.county_name for request in requests}
    for code in sorted(names):
        here = np.flatnonzero(codes == code)
        rows.append(_row("county", code, names[code], here, proposal, decided, settled))
    for place, request in enumerate(requests):
        here = every[place : place + 1]
        found = _row("municipality", request.code, request.name, here, proposal, decided, settled)
        rows.append(found)
    return rows


def _row(
    area: str, code: str, name: str, here: Any, proposal: Proposal, decided: Whole, settled: Whole
) -> Row:
    asked = sum(proposal.municipalities[place].total for place in here)
    d, s = decided[:, here].sum(axis=1), settled[:, here].sum(axis=1)
    found = [round(value) for values in (d, s) for value in interval(values)]
    odds = (float(np.mean(d < asked)), float(np.mean(d == 0))) if asked else (None, None)
    return Row(area, code, name, asked, *found, *odds)


def _told(step: Learnt) -> dict[str, Any]:
    """What was learnt of a step, in numbers: the level, the years and the cells."""
    low, middle, high = interval(step.level.cases(20_000))
    return {
        "answer": step.answer,
        "regime": step.regime,
        "share_low": round(low, 4),
        "share": round(middle, 4),
        "share_high": round(high, 4),
        "years_of_regime": step.level.years,
        "years": _years(step),
        "cells": [
            {
                "cell": name,
                "share_of_national": round(cell.mean, 4),
                "spread": round(cell.spread, 4),
                "credibility": round(cell.credibility, 4),
                "years": cell.years,
            }
            for name, cell in sorted(step.cells.items())
        ],
    }


def _years(step: Learnt) -> Sequence[dict[str, Any]]:
    return [
        {
            "year": past.year,
            "regime": past.regime,
            "share": round(past.share, 4),
            "asked": round(past.all_asked),
            "given": round(past.all_given),
            "left_out": past.left_out,
            "left_out_persons": past.left_out_persons,
            "used": not past.partial,
            "municipal": bool(past.codes),
            "counties_apart": round(step.apart[past.year], 4) if past.year in step.apart else None,
        }
        for past in sorted((*step.years, *step.unused), key=lambda past: past.year)
    ]
