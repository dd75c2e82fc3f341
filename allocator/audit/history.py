"""What was asked, decided and settled before: each municipality's years, carried across mergers.

Figures of an earlier year stand on the borders of that year; here they are on those of one later
year, by the table of changes. A sum is known only if all its parts are, and what was split is an
estimate; a figure that is hidden, missing or pending stays so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from allocator.audit.answers import Count, count_of
from allocator.panel import Panel

__all__ = ["STAGES", "History", "Past", "history"]

STAGES = ("requested", "decided", "settled")
"""The stages a history has."""


@dataclass(frozen=True, slots=True)
class Past:
    """A figure of an earlier year; ``estimated`` where a split makes it one."""

    count: Count
    estimated: bool = False

    @property
    def persons(self) -> int | None:
        """The persons, if a figure was given."""
        return self.count.persons


@dataclass(frozen=True, slots=True)
class History:
    """Stage → municipality code → its figure in each of ``years``, on the borders of ``year``."""

    year: int
    years: tuple[int, ...]
    of: Mapping[str, Mapping[str, tuple[Past, ...]]]

    def row(self, stage: str, code: str) -> tuple[Past, ...]:
        """One stage of one municipality, year by year."""
        none = tuple(Past(count_of(None)) for _ in self.years)
        return self.of[stage].get(code, none)


def history(
    panel: Panel,
    year: int,
    *,
    stages: Sequence[str] = STAGES,
    group: str = "total",
    vintage: str = "final",
) -> History:
    """The figures of all years up to and with ``year``, whose own are of ``vintage``.

    >>> found = history(Panel(), 2026)
    >>> found.years[0], [past.persons for past in found.row("requested", "3107")][:3]
    (2014, [100, 90, 180])
    """
    years = tuple(of for of in panel.years("requests") if of <= year)
    codes = [unit.code for unit in panel.municipalities(year)]
    found: dict[str, dict[str, tuple[Past, ...]]] = {}
    for stage in stages:
        rows: dict[str, list[Past]] = {code: [] for code in codes}
        for of in years:
            series = panel.requests(of, stage, group, vintage if of == year else "final")
            carried = panel.borders.carry(series, of, year)
            for code in codes:
                figure = carried.get(code)
                whole = None if figure is None or figure.value is None else round(figure.value)
                told = count_of(figure, bool(series))
                rows[code].append(
                    Past(Count(whole, told.status), figure is not None and figure.estimated)
                )
        found[stage] = {code: tuple(row) for code, row in rows.items()}
    return History(year, years, found)
