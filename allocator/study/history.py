"""What councils answered before: request and decision, decision and settlement, year by year.

A pair counts only where both numbers are whole and final. A decision that is missing, pending,
hidden or from the middle of a year is neither 0 nor a yes: it is left out, and counted as that.

The request that a council answered is the first one where the year's request was cut afterwards
(2020: 5 120, later 3 602), else the last. For 2025 only the national first request is known: that
year tells how much councils decided in all, and nothing of single municipalities.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from allocator.audit.classes import UNKNOWN, size_class
from allocator.audit.published import NATION, published
from allocator.panel import Figure, Panel, Series, Status, View
from allocator.program.problem import Floats, Names

__all__ = [
    "FEW",
    "STEPS",
    "Past",
    "cells_of",
    "counties_of",
    "history",
    "past_of",
    "people_of",
    "regime_of",
]

STEPS = {"decided": "requested", "settled": "decided"}
"""What is answered → what it answers."""

FEW = 1.5
"""Persons asked for per 1 000 inhabitants: fewer are the regime ``few``, as in 2018–2021."""

_FIRST = (NATION, "requested_original", "total")
_OLD = {"3": "central", "2": "between", "1": "between", "0": "remote"}
_NEW = {
    "1": "central",
    "2": "central",
    "3": "central",
    "4": "between",
    "5": "remote",
    "6": "remote",
}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Past:
    """One year of one step: ``given[m]`` persons answered ``asked[m]``, in order of code.

    ``all_asked`` and ``all_given`` are the nation's; they are the sums of the municipalities unless
    only the nation is known (then the arrays are empty). ``left_out`` counts the municipalities
    whose answer is not known by the status of it, ``left_out_persons`` what they were asked for.
    """

    year: int
    regime: str
    codes: tuple[str, ...]
    asked: Floats
    given: Floats
    cell: Names
    all_asked: float
    all_given: float
    left_out: dict[str, int]
    left_out_persons: int
    partial: bool = False

    @property
    def county(self) -> Names:
        """The county of each municipality."""
        return counties_of(self.codes)

    @property
    def share(self) -> float:
        """All that was given ÷ all that was asked, over those whose answer is known."""
        return self.all_given / self.all_asked


def counties_of(codes: Iterable[str]) -> Names:
    """The county of each code: its first two digits.

    >>> counties_of(["0301", "3107"]).tolist()
    ['03', '31']
    """
    return np.array([code[:2] for code in codes], dtype=object)


def regime_of(persons: float, population: float) -> str:
    """``few`` or ``many`` asked for, per 1 000 inhabitants.

    >>> regime_of(5_350, 5_300_000), regime_of(13_000, 5_600_000)
    ('few', 'many')
    """
    return "few" if 1000 * persons < FEW * population else "many"


def cells_of(view: View) -> dict[str, str]:
    """Code → ``size/centrality`` as known on the view's day: 5 size classes, 3 of centrality.

    Statistics Norway's classes of 2008 (3 most central … 0) and of 2024 (1 … 6) are made one:
    central (3; 1–3), between (2, 1; 4), remote (0; 5–6). That is an assumption.
    """
    people = people_of(view)
    merged: dict[str, str] = {}
    classes: Series = {}
    for name, made in (("ssb_centrality_1to6", _NEW), ("ssb_centrality_2008_0to3", _OLD)):
        if name in view.panel.indicators() and view.periods(name):
            merged, classes = made, view.newest(name).series
            break
    found = {}
    for unit in view.municipalities():
        figure = classes.get(unit.code)
        kind = UNKNOWN if figure is None else merged.get(str(figure.value), UNKNOWN)
        known = people.get(unit.code)
        found[unit.code] = f"{size_class(None if known is None else known.value)}/{kind}"
    return found


def people_of(view: View) -> Series:
    """Inhabitants of the view's municipalities in the newest year known that is not after it."""
    return _inhabitants(view.panel, view.year, view.as_of)


def _inhabitants(panel: Panel, year: int, as_of: dt.date) -> Series:
    """Inhabitants of the newest known year up to ``year``, on that year's municipalities."""
    for of in reversed(panel.years("population")):
        if of <= year and panel.known("population", of) <= as_of:
            return panel.borders.carry(panel.population(of), of, year)
    return {}


def history(panel: Panel, as_of: dt.date, answer: str) -> tuple[Past, ...]:
    """Every year of a step that was known on a day, oldest first; nothing later is read.

    >>> [past.year for past in history(Panel(), dt.date(2018, 10, 31), "decided")]
    [2014, 2015, 2016, 2017]
    >>> round(history(Panel(), dt.date(2021, 10, 31), "decided")[-1].share, 3)  # of the first 5 120
    0.982
    """
    found = []
    for year in panel.years("requests"):
        if max(panel.known(stage, year) for stage in (answer, STEPS[answer])) <= as_of:
            past = past_of(panel, year, answer, as_of)
            if past is not None:
                found.append(past)
    return tuple(found)


def past_of(panel: Panel, year: int, answer: str, as_of: dt.date) -> Past | None:
    """One year of a step; None where no answer of it is known."""
    given = panel.requests(year, answer)
    asked, national = _asked(panel, year, STEPS[answer], as_of)
    if not given or not asked:
        return None
    kept, left, persons = [], Counter[str](), 0
    for code in sorted(asked):
        wanted, got = asked[code].value, given.get(code, Figure(None, Status.MISSING))
        if not wanted:
            continue
        if got.value is None or asked[code].status is not Status.REPORTED:
            left[got.status.value] += 1
            persons += int(wanted)
        else:
            kept.append((code, wanted, got.value))
    partial = any(figure.status is Status.PARTIAL for figure in given.values())
    if not kept:
        return None
    cells = cells_of(View(panel, year, as_of))
    codes = tuple(code for code, _, _ in kept)
    x, d = np.array([k[1] for k in kept], float), np.array([k[2] for k in kept], float)
    people = sum(figure.value or 0 for figure in _inhabitants(panel, year, as_of).values())
    regime = regime_of(national or x.sum() + persons, people)
    cell = np.array([cells.get(code, UNKNOWN) for code in codes], dtype=object)
    all_asked, all_given = float(x.sum()), float(d.sum())
    if national is not None:  # single municipalities were cut after they had answered
        codes, x, d, cell = (), np.zeros(0), np.zeros(0), cell[:0]
        all_asked = float(national - persons)
    return Past(
        year,
        regime,
        codes,
        x,
        d,
        cell,
        all_asked,
        all_given,
        dict(sorted(left.items())),
        persons,
        partial,
    )


def _asked(panel: Panel, year: int, stage: str, as_of: dt.date) -> tuple[Series, float | None]:
    """What was answered; and the nation's first request where only that is known of a cut."""
    last = panel.requests(year, stage)
    if stage != "requested":
        return last, None
    first = panel.requests(year, "requested_original")
    total = sum(figure.value or 0 for figure in last.values())
    known = sum(figure.value or 0 for figure in first.values())
    if known > total:
        return first, None
    for figure in published(panel, year):
        first_of_all = (figure.area, figure.stage, figure.group) == _FIRST
        if first_of_all and figure.persons is not None and figure.persons > total:
            return last, float(figure.persons)
    return last, None
