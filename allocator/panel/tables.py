"""The tables that say how to read the figures: changes, stages, vintages, indicators."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum
from pathlib import Path

from allocator.errors import BadDataError, Fault
from allocator.panel import cells
from allocator.panel.borders import Borders, Change
from allocator.panel.cells import Cell
from allocator.panel.rows import read_columns
from allocator.panel.units import Units

__all__ = [
    "Indicator",
    "Stages",
    "read_borders",
    "read_catalogue",
    "read_stages",
    "read_vintages",
]

_CHANGES: dict[str, Cell] = {
    "year": cells.year,
    "old_code": cells.code4,
    "new_code": cells.code4,
    "kind": cells.text,
    "weight": cells.weight,
    "restores": cells.text,
}
_STAGES: dict[str, Cell] = {
    "stage": cells.text,
    "year": cells.year_or_open,
    "known_month_day": cells.month_day,
    "year_offset": cells.whole,
}
_VINTAGES: dict[str, Cell] = {"vintage": cells.text, "known": cells.date_or_empty}
_INDICATORS: dict[str, Cell] = {
    "indicator": cells.text,
    "title": cells.text,
    "unit": cells.text,
    "kind": cells.one_of("size", "rate", "index", "class", "money"),
    "lag_months": cells.whole,
    "reference": cells.one_of("start", "end"),
}


@dataclass(frozen=True, slots=True)
class Indicator:
    """What an indicator measures, and when a figure of it may first be used."""

    name: str
    title: str
    unit: str
    kind: str
    lag_months: int
    reference: str

    def known(self, period: str) -> dt.date:
        """The first day the figure of a period ("2014" or "2022-03") may be used."""
        year, _, month = period.partition("-")
        first = int(year) * 12 + (int(month) - 1 if month else 0)
        if self.reference == "end":
            first += 1 if month else 12
        first += self.lag_months
        return dt.date(first // 12, first % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Stages:
    """The rule of each stage: when the figures of a year were known."""

    rules: Mapping[tuple[str, int | None], tuple[str, int]]
    path: Path

    def known(self, stage: str, year: int) -> dt.date:
        """The first day a stage's figures of a year may be used."""
        rule = self.rules.get((stage, year)) or self.rules.get((stage, None))
        if rule is None:
            raise BadDataError(
                Fault(
                    "panel.stage-rule",
                    f"there is no rule for when '{stage}' is known",
                    f"a row with the stage {stage} and no year",
                    file=str(self.path),
                )
            )
        month_day, offset = rule
        return dt.date.fromisoformat(f"{year + offset:04}-{month_day}")


def read_borders(path: Path, units: Units, faults: list[Fault]) -> Borders:
    """changes.csv: codes that were there, and shares that add up."""
    table = read_columns(path, _CHANGES, faults, optional=frozenset({"restores"}))
    shares: dict[tuple[int, str], list[float]] = defaultdict(list)
    last: dict[tuple[int, str], int] = {}
    changes = []
    for row, year, old, new, kind, weight, restores in zip(table.rows, *table.values, strict=True):
        former = restores.split(";") if restores else ()
        for column, code, of in (("old_code", old, year - 1), ("new_code", new, year)):
            if not units.existed(code, of):
                _fault(faults, path, row, column, f"no municipality had code {code} in {of}")
        for code in former:
            if not any(units.existed(code, life[0]) for life in units.lives.get(code, [(0, 0)])):
                _fault(faults, path, row, "restores", f"no municipality ever had code '{code}'")
        shares[year, old].append(weight)
        last[year, old] = row
        changes.append(Change(year, old, new, kind, weight, frozenset(former)))
    for (year, old), given in shares.items():
        total = fsum(given)
        if abs(total - 1) > 1e-6:
            found = f"the weights of {old} in {year} sum to {total:g}"
            _fault(faults, path, last[year, old], "weight", found, "a sum of 1")
    return Borders(changes)


def _fault(
    faults: list[Fault], path: Path, row: int, column: str, found: str, expected: str = ""
) -> None:
    expected = expected or "a code of municipalities.csv"
    faults.append(Fault("panel.changes", found, expected, file=str(path), row=row, column=column))


def read_stages(path: Path, faults: list[Fault]) -> Stages:
    """stages.csv."""
    table = read_columns(path, _STAGES, faults)
    rules = {
        (stage, year): (month_day, offset)
        for stage, year, month_day, offset in zip(*table.values, strict=True)
    }
    return Stages(rules, path)


def read_vintages(path: Path, faults: list[Fault]) -> dict[str, dt.date | None]:
    """vintages.csv: the day of each, or None where the stage rule holds."""
    table = read_columns(path, _VINTAGES, faults)
    return dict(zip(*table.values, strict=True))


def read_catalogue(path: Path, faults: list[Fault]) -> dict[str, Indicator]:
    """indicators.csv, by name."""
    table = read_columns(path, _INDICATORS, faults)
    return {row[0]: Indicator(*row) for row in zip(*table.values, strict=True)}
