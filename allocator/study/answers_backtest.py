"""How councils answer, back-tested: each year foretold from what was known the autumn before.

For every year that is known now, the shares are learnt from the years known on the day a scenario
of it would have, its own requests are answered many times, and what was really decided ÷ requested
(or settled ÷ decided) is looked for in the interval that holds 90 per cent of the draws.
``municipal`` and ``county`` are the parts of the municipalities and counties whose own figure is
within its own interval; ``county_given`` is that of the counties had the year's share of all been
known, which says whether their intervals hold what is their own. A year whose figures are of a part
of the year is shown and not counted.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from allocator.audit.classes import UNKNOWN
from allocator.errors import BadDataError
from allocator.panel import Panel, View
from allocator.program.problem import Floats
from allocator.study.answering import Learnt, Whole, interval, learn
from allocator.study.history import STEPS, Past, cells_of, history, past_of
from allocator.study.national import autumn_before

__all__ = ["Foretold", "backtest_answers", "coverage"]


@dataclass(frozen=True, slots=True)
class Foretold:
    """One year of one step: the share as it was and as it was foretold."""

    answer: str
    year: int
    regime: str
    actual: float
    low: float | None
    median: float | None
    high: float | None
    years: int
    inside: bool | None
    counted: bool
    municipal: float | None
    county: float | None
    county_given: float | None
    why: str = ""

    @property
    def width(self) -> float | None:
        """How wide the interval is."""
        if self.low is None or self.high is None:
            return None
        return round(self.high - self.low, 4)

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, and the width."""
        return {**asdict(self), "width": self.width}


def backtest_answers(
    panel: Panel,
    as_of: dt.date,
    *,
    year: int | None = None,
    draws: int = 1000,
    seed: int = 1,
) -> tuple[Foretold, ...]:
    """Every year that was known on a day, foretold from what was known the autumn before it.

    ``year`` is foretold too and laid beside what the panel holds of it now, if anything: the one
    thing here that is later than the day, and nothing is learnt from it.

    >>> rows = backtest_answers(Panel(), dt.date(2025, 1, 31), draws=400)
    >>> [(row.answer, row.low < row.actual < row.high) for row in rows if row.year == 2024]
    [('decided', True), ('settled', True)]
    """
    found = []
    for answer in STEPS:
        years = {past.year: past for past in history(panel, as_of, answer)}
        if year is not None and year not in years and year in panel.years("requests"):
            now = past_of(panel, year, answer, dt.date.max)
            years |= {year: now} if now is not None else {}
        for past in years.values():
            day = min(autumn_before(panel, past.year).as_of, as_of)
            try:
                step = learn(panel, day, answer, past.regime)
            except BadDataError as error:
                found.append(_unknown(past, answer, error.faults[0].found))
            else:
                known = cells_of(View(panel, past.year, day))
                cell = np.array([known.get(code, UNKNOWN) for code in past.codes], dtype=object)
                found.append(_foretold(replace(past, cell=cell), step, draws, seed))
    return tuple(found)


def coverage(rows: tuple[Foretold, ...], answer: str) -> tuple[int, int]:
    """In how many of the years that count the share was within its interval, and of how many."""
    counted = [row for row in rows if row.answer == answer and row.counted]
    return sum(bool(row.inside) for row in counted), len(counted)


def _unknown(past: Past, answer: str, why: str) -> Foretold:
    nothing = (None, None, None)
    share = round(past.share, 4)
    return Foretold(answer, past.year, past.regime, share, *nothing, 0, None, False, *nothing, why)


def _foretold(past: Past, step: Learnt, draws: int, seed: int) -> Foretold:
    municipal = county = given = None
    if past.codes:
        answers = step.draw(past.asked, past.cell, past.county, draws, seed)
        drawn, known = answers.persons, answers.ratio * past.asked
        known *= past.share / answers.share[:, None]
        shares = drawn.sum(axis=1) / past.all_asked
        ends = np.quantile(drawn, [0.05, 0.95], axis=0)
        municipal = float(np.mean((past.given >= ends[0]) & (past.given <= ends[1])))
        county, given = _counties(past, drawn), _counties(past, known)
    else:
        shares = step.level.draw(np.random.default_rng(seed), draws)
    low, median, high = (round(value, 4) for value in interval(shares))
    return Foretold(
        answer=step.answer,
        year=past.year,
        regime=past.regime,
        actual=round(past.share, 4),
        low=low,
        median=median,
        high=high,
        years=len(step.years),
        inside=low <= past.share <= high,
        counted=not past.partial,
        municipal=None if municipal is None else round(municipal, 4),
        county=None if county is None else round(county, 4),
        county_given=None if given is None else round(given, 4),
        why="part of the year" if past.partial else "",
    )


def _counties(past: Past, drawn: Floats | Whole) -> float:
    """The part of the counties whose own sum is within the interval of what was drawn."""
    inside = []
    for code in sorted(set(past.county.tolist())):
        here = past.county == code
        low, _, high = interval(drawn[:, here].sum(axis=1))
        inside.append(low <= past.given[here].sum() <= high)
    return float(np.mean(inside))
