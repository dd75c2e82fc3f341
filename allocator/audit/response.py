"""What one per cent more of an indicator does to a municipality's own number, by trying it.

The whole key is worked out again with one figure of one municipality a hundredth larger: an exact
difference in persons, before limits and whole persons, with no derivative in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import fsum
from typing import Any

import numpy as np

from allocator.documents import Model
from allocator.panel import Figure, Reading
from allocator.program.entitlement import entitlement_of
from allocator.program.known import Figures
from allocator.program.problem import Floats

__all__ = ["STEP", "Response", "indicators_of", "responses"]

STEP = 0.01


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Response:
    """Persons that one per cent more of an indicator gives each unit, (units,).

    ``elasticity`` is the mean per cent more persons for it, each person counting once.
    """

    indicator: str
    persons: Floats
    elasticity: float

    def as_dict(self, codes: tuple[str, ...]) -> dict[str, Any]:
        """The JSON form: the elasticity, and the units with the largest and the middle change."""
        order = np.argsort(self.persons, kind="stable")
        middle, most = int(order[len(order) // 2]), int(np.argmax(np.abs(self.persons)))
        return {
            "indicator": self.indicator,
            "elasticity": self.elasticity,
            "middle": codes[middle],
            "middle_persons": round(float(self.persons[middle]), 4),
            "most": codes[most],
            "most_persons": round(float(self.persons[most]), 4),
        }


class _Nudged:
    """Figures read once, one of them of one unit a hundredth larger."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self._read: dict[tuple[str, str | None, bool], Reading] = {}
        self.name, self.code = "", ""

    def periods(self, name: str, /) -> tuple[str, ...]:
        return self._figures.periods(name)

    def newest(
        self, name: str, period: str | None = None, /, *, blank_is_zero: bool = False
    ) -> Reading:
        asked = (name, period, blank_is_zero)
        if asked not in self._read:
            self._read[asked] = self._figures.newest(name, period, blank_is_zero=blank_is_zero)
        reading = self._read[asked]
        figure = reading.series.get(self.code) if name == self.name else None
        if figure is None or figure.value is None:
            return reading
        more = Figure(figure.value * (1 + STEP), figure.status, figure.source, figure.estimated)
        return Reading(name, reading.period, {**reading.series, self.code: more})


def indicators_of(model: Model) -> tuple[str, ...]:
    """Every indicator a rule's key looks at, sizes taken apart, in the order of the document.

    >>> from allocator.documents import load_model
    >>> indicators_of(load_model("grech"))
    ('population', 'gdp', 'asylum_per_million', 'unemployment_pct')
    """

    def named() -> Iterator[str]:
        for name, part in model.key.items():
            yield part.indicator or name
            yield from (part.of,) if part.of else ()
            yield from part.modulated
            yield from (part.cap.basis,) if part.cap else ()
        yield from (model.share.cap.basis,) if model.share.cap else ()

    found: dict[str, None] = {}
    for name in named():
        found.update(dict.fromkeys(model.size[name].of if name in model.size else (name,)))
    return tuple(found)


def responses(
    model: Model, figures: Figures, codes: tuple[str, ...], need: int
) -> tuple[Response, ...]:
    """The response of every unit to one per cent more of each indicator of the key.

    >>> from allocator.documents import load_model
    >>> from allocator.program.known import Table
    >>> table = Table({"A": {"population": 60}, "B": {"population": 40}})
    >>> responses(load_model("population"), table, table.codes, 1000)[0].persons.round(3).tolist()
    [2.386, 2.39]
    """
    tried = _Nudged(figures)
    before = entitlement_of(model, tried, codes).persons(need)
    found = []
    for tried.name in indicators_of(model):
        persons = np.zeros(len(codes))
        for place, tried.code in enumerate(codes):
            after = entitlement_of(model, tried, codes).persons(need)
            persons[place] = after[place] - before[place]
        mean = fsum(persons) / (STEP * fsum(before)) if fsum(before) > 0 else 0.0
        found.append(Response(tried.name, persons, round(mean, 6)))
    return tuple(found)
