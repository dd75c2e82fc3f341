"""The tables of figures: checked as a whole, made into series as they are asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allocator.errors import Fault, did_you_mean
from allocator.panel import cells
from allocator.panel.cells import Cell
from allocator.panel.figures import Figure, Series, Status
from allocator.panel.rows import Columns, read_columns
from allocator.panel.units import Units

__all__ = ["GROUPS", "STAGES", "Facts", "Ground", "read_indicator", "read_year"]

GROUPS = ("total", "em", "em_under15", "em_15_17")
STAGES = ("requested", "requested_original", "decided", "settled", "agreed")

_POPULATION: dict[str, Cell] = {
    "year": cells.year,
    "code": cells.code4,
    "persons": cells.persons,
    "status": cells.status,
    "source": cells.text,
}
_REQUESTS: dict[str, Cell] = {
    **_POPULATION,
    "vintage": cells.text,
    "stage": cells.one_of(*STAGES),
    "group": cells.one_of(*GROUPS),
}
_INDICATOR: dict[str, Cell] = {
    "period": cells.period,
    "code": cells.code4,
    "value": cells.number,
    "status": cells.status,
    "source": cells.text,
}

_MISMATCH = {
    True: ("without a number", "a number, or a status that says why there is none"),
    False: ("with a number", "no number, or the status reported or partial"),
}


@dataclass(frozen=True, slots=True)
class Ground:
    """What a table of figures stands on: the units, and what becomes of an unknown code."""

    units: Units
    remedy: Callable[[str, int], str]
    vintages: Iterable[str] | None = None


class Facts:
    """One table of figures, by key: (), (vintage, stage, group) or the period."""

    def __init__(self, keys: Sequence[Hashable], columns: list[Sequence[Any]]) -> None:
        self._code, self._value, self._status, self._source = columns
        self._places: dict[Hashable, list[int]] = defaultdict(list)
        for place, key in enumerate(keys):
            self._places[key].append(place)
        self._series: dict[Hashable, Series] = {}
        self.stand_in: frozenset[str] | None = None

    @property
    def keys(self) -> tuple[Any, ...]:
        """The keys there are figures for, in order."""
        return tuple(self._places)

    def series(self, key: Hashable) -> Series:
        """The figures of a key by code, in the order of their rows; empty if there are none."""
        if key not in self._series:
            code, value, status, source = self._code, self._value, self._status, self._source
            found = {
                code[at]: Figure(value[at], status[at], source[at])
                for at in self._places.get(key, ())
            }
            if self.stand_in is not None:
                found = {code: Figure(1) for code in self.stand_in} | found
            self._series[key] = found
        return self._series[key]

    def check(
        self,
        rows: Sequence[int],
        ground: Ground,
        year_of: Callable[[Any], int],
        shown: str,
        faults: list[Fault],
    ) -> None:
        """Each code once and of its year, and a number exactly where the status has one."""
        told: set[int] = set()

        def tell(place: int, code: str, found: str, expected: str, remedy: str, at: str) -> None:
            if place not in told:
                told.add(place)
                row = rows[place]
                faults.append(Fault(code, found, expected, remedy, shown, row, at))

        for key, places in self._places.items():
            codes, year = [self._code[place] for place in places], year_of(key)
            known = ground.units.codes(year)
            if known is not None and not known.issuperset(codes):
                for place, code in zip(places, codes, strict=True):
                    if code not in known:
                        found = f"no municipality had code {code} in {year}"
                        remedy = ground.remedy(code, year)
                        tell(place, "panel.code-unknown", found, "", remedy, "code")
            if len(set(codes)) < len(codes):
                first: dict[str, int] = {}
                for place, code in zip(places, codes, strict=True):
                    if code in first:
                        found = f"{code} is given twice, first in row {rows[first[code]]}"
                        tell(place, "panel.duplicate", found, "one row for each", "", "code")
                    first.setdefault(code, place)
        reported, partial = Status.REPORTED, Status.PARTIAL
        for place, (value, status) in enumerate(zip(self._value, self._status, strict=True)):
            if (value is None) is (status is reported or status is partial):
                found, expected = _MISMATCH[value is None]
                found = f"{self._code[place]} is {status.value} {found}"
                tell(place, "panel.status", found, expected, "", "status")


def read_year(path: Path, year: int, ground: Ground, faults: list[Fault]) -> Facts:
    """population/<year>.csv, or requests/<year>.csv where the ground has vintages."""
    kinds, before, shown = _POPULATION, len(faults), str(path)
    if path.parent.name == "requests":
        kinds = _REQUESTS
    table = read_columns(path, kinds, faults)
    table = _of_year(table, year, shown, faults)
    _, *columns = table.values
    keys: Sequence[Hashable] = [()] * len(table.rows)
    if kinds is _REQUESTS:
        columns, parts = columns[:4], columns[4:]
        _known_vintages(table.rows, parts[0], ground.vintages, shown, faults)
        keys = list(zip(*parts, strict=True))
    facts = Facts(keys, columns)
    facts.check(table.rows, ground, lambda _: year, shown, faults)
    return _with_stand_in(facts, len(faults) > before, ground, year)


def read_indicator(
    path: Path, kind: str, borders_year: Callable[[str], int], ground: Ground, faults: list[Fault]
) -> Facts:
    """indicators/<name>.csv; a class is a word, all else a number."""
    kinds = {**_INDICATOR, "value": cells.word} if kind == "class" else _INDICATOR
    before, shown = len(faults), str(path)
    table = read_columns(path, kinds, faults)
    keys, *columns = table.values
    facts = Facts(keys, columns)
    facts.check(table.rows, ground, borders_year, shown, faults)
    newest = max((borders_year(key) for key in facts.keys), default=0)
    return _with_stand_in(facts, len(faults) > before, ground, newest)


def _with_stand_in(facts: Facts, faulty: bool, ground: Ground, year: int) -> Facts:
    """Where a table has faults and reading goes on to find more, 1 stands for what is not there."""
    if faulty:
        facts.stand_in = ground.units.codes(year) or frozenset()
    return facts


def _of_year(table: Columns, year: int, shown: str, faults: list[Fault]) -> Columns:
    """The rows of their file's year; a fault for each of another."""
    bad = {place for place, of in enumerate(table.values[0]) if of != year}
    for place in sorted(bad):
        found, expected = f"year {table.values[0][place]}", f"{year}, as the file's name says"
        faults.append(Fault("panel.year", found, expected, "", shown, table.rows[place], "year"))
    return table.without(bad)


def _known_vintages(
    rows: Sequence[int],
    given: Sequence[str],
    known: Iterable[str] | None,
    shown: str,
    faults: list[Fault],
) -> None:
    if known is None:
        return
    wrong = set(given) - set(known)
    for row, vintage in zip(rows, given, strict=True) if wrong else ():
        if vintage in wrong:
            found, remedy = f"'{vintage}' is not a vintage", did_you_mean(vintage, known)
            expected = "one of vintages.csv"
            fault = Fault("panel.vintage", found, expected, remedy, shown, row, "vintage")
            faults.append(fault)
