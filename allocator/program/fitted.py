"""A rule whose weights are not written but found: those that best explain the earlier years.

For each earlier year Y that had every criterion, the criteria are read as they were known on the
same day of the year before it, and would alone give municipality *m* G[Y, m, p] of that year's
persons. With a[Y, m] the actual numbers, each year counting the same,

    min  Σ_Y Σ_m |a[Y, m] − Σ_p w_p G[Y, m, p]| / Σ_m a[Y, m]      w ≥ 0, Σ_p w_p = 1

so that w has the highest mean overlap with the earlier years, in fractions of persons. Nothing of
the case's own year, or later than its day, is looked at.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from allocator.documents import KeyPart, Model
from allocator.errors import BadDataError, Fault
from allocator.panel import View
from allocator.program.entitlement import entitlement
from allocator.program.problem import Floats
from allocator.program.weights import best_weights

__all__ = ["Fitted", "fitted"]


@dataclass(frozen=True, slots=True)
class Fitted:
    """The rule with its weights, and the years they come from: none where the written ones hold."""

    rule: Model
    years: tuple[int, ...]

    def __str__(self) -> str:
        told = ", ".join(f"{name} {part.weight:.3g}" for name, part in self.rule.key.items())
        ends = "–".join(dict.fromkeys(map(str, (self.years[:1] + self.years[-1:]))))
        return f"weights: {told}, " + (f"fitted on {ends}" if ends else "set in advance")


def fitted(rule: Model, view: View) -> Fitted:
    """A rule's weights from what was known on the view's day of the years before it.

    >>> import datetime as dt
    >>> from allocator.documents import load_model
    >>> from allocator.panel import Panel
    >>> rule = load_model("earlier-rounds")
    >>> fitted(rule, View(Panel(), 2017, dt.date(2016, 10, 31))).years
    (2015, 2016)
    >>> str(fitted(rule, View(Panel(), 2015, dt.date(2014, 10, 31))))
    'weights: population 0.5, requested 0.5, set in advance'
    """
    stage = rule.fitted or "requested"
    odd = [n for n, part in rule.key.items() if part.as_ in ("amount", "extra") or part.weight < 0]
    if odd:
        told = f"{', '.join(odd)}: amounts and weights below 0 cannot be fitted"
        raise BadDataError(Fault("key.fitted", told, "criteria with a share of the whole"))
    years, given, actual, cost = [], [], [], []
    for year in sorted(view.stage_years(stage)):
        earlier = View(view.panel, year, _same_day(view, year))
        if not all(earlier.periods(part.indicator or name) for name, part in rule.key.items()):
            continue
        persons = _reported(view, year, stage)
        total = sum(persons.values())
        if total:
            codes = tuple(unit.code for unit in earlier.municipalities())
            kept = [codes.index(code) for code in persons if code in codes]
            years.append(year)
            given.append(total * _shares(rule.key, rule, earlier, codes)[kept])
            actual.append(np.array([persons[codes[at]] for at in kept]))
            cost.append(np.full(len(kept), 1 / total))
    if not years:
        return Fitted(rule, ())
    found = best_weights(
        np.concatenate(given), np.concatenate(actual), cost=np.concatenate(cost)
    ).values
    weights = dict(zip(rule.key, found.tolist(), strict=True))
    key = {name: replace(part, weight=weights[name]) for name, part in rule.key.items()}
    return Fitted(replace(rule, key=key), tuple(years))


def _same_day(view: View, year: int) -> dt.date:
    """The view's day as long before ``year`` as it is before the view's own year."""
    day = view.as_of
    last = 28 if day.month == 2 else 31
    return day.replace(year=day.year - (view.year - year), day=min(day.day, last))


def _reported(view: View, year: int, stage: str) -> dict[str, float]:
    """The reported figures of an earlier year on its own municipalities, in order of code."""
    series = view.requests(year, stage)
    return {code: f.reported for code, f in sorted(series.items()) if f.reported is not None}


def _shares(key: Mapping[str, KeyPart], rule: Model, view: View, codes: tuple[str, ...]) -> Floats:
    """Shares of each criterion alone, (municipalities, criteria)."""
    alone = (
        entitlement({name: replace(part, weight=1.0)}, view, codes, sizes=rule.size).share
        for name, part in key.items()
    )
    return np.column_stack(list(alone))
