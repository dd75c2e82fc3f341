"""Classes that municipalities are told apart by: inhabitants, and how central they are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from allocator.errors import BadDataError
from allocator.panel import Panel, Series

__all__ = [
    "CENTRALITY",
    "SIZES",
    "UNKNOWN",
    "Centrality",
    "centrality",
    "inhabitants",
    "size_class",
]

UNKNOWN = "unknown"
SIZES = ("0-4999", "5000-9999", "10000-19999", "20000-49999", "50000-")
CENTRALITY = ("ssb_centrality_1to6", "ssb_centrality_2008_0to3")
_BOUNDS = (5_000, 10_000, 20_000, 50_000)


@dataclass(frozen=True, slots=True)
class Centrality:
    """Statistics Norway's classes of a year: which grouping, and the class of each code.

    ``indicator`` is empty where there is none on the borders of the year.
    """

    indicator: str
    period: str
    of: Mapping[str, str]

    def __getitem__(self, code: str) -> str:
        return self.of.get(code, UNKNOWN)

    @property
    def order(self) -> tuple[str, ...]:
        """The classes there are, the most central first."""
        found = sorted(set(self.of.values()))
        return tuple(found if self.indicator == "ssb_centrality_1to6" else found[::-1])


def size_class(population: float | None) -> str:
    """The size class of so many inhabitants, lower bound included.

    >>> size_class(4999), size_class(5000), size_class(709_000), size_class(None)
    ('0-4999', '5000-9999', '50000-', 'unknown')
    """
    return UNKNOWN if population is None else SIZES[bisect_right(_BOUNDS, population)]


def inhabitants(panel: Panel, year: int) -> Series:
    """Inhabitants on 1 January of the year, or of the newest year before it, carried to it."""
    given = [of for of in panel.years("population") if of <= year]
    return panel.borders.carry(panel.population(given[-1]), given[-1], year) if given else {}


def centrality(panel: Panel, year: int) -> Centrality:
    """The centrality classes on the municipalities of a year.

    The grouping of 2024 (1 most central … 6) from 2024 on, before it that of 2008 (3 … 0 least),
    carried through mergers where all parts are of one class and unknown elsewhere. A class says
    what a municipality is like, not when that was known: it is for audits, never for a proposal.

    >>> centrality(Panel(), 2026)["0301"], centrality(Panel(), 2016)["0101"]
    ('1', '3')
    """
    for name in CENTRALITY:
        if not _given(panel, name):
            continue
        periods = [period for period in panel.periods(name) if panel.borders_year(period) <= year]
        if periods:
            series, of = panel.of_period(name, periods[-1]), panel.borders_year(periods[-1])
            carried = panel.borders.carry(series, of, year, how="same")
            return Centrality(
                name,
                periods[-1],
                {code: str(f.value) for code, f in carried.items() if f.value is not None},
            )
    return Centrality("", "", {})


def _given(panel: Panel, name: str) -> bool:
    try:
        panel.indicator(name)
    except BadDataError as error:
        if all(fault.code == "panel.indicator-unknown" for fault in error.faults):
            return False
        raise
    return True
