"""The panel: municipal facts by year, read from a folder of CSV tables as they are asked for."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from allocator.errors import BadDataError, Fault, MissingInputError, did_you_mean
from allocator.locate import shipped
from allocator.panel import rows
from allocator.panel.borders import Borders, Change
from allocator.panel.figures import Figure, Municipality, Series, Status

__all__ = ["Indicator", "Panel"]

GROUPS = ("total", "em", "em_under15", "em_15_17")
STAGES = ("requested", "requested_original", "decided", "settled", "agreed")
_WITH_VALUE = frozenset({Status.REPORTED, Status.PARTIAL})


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


class Panel:
    """Facts of a folder of tables; nothing is read before it is asked for.

    >>> panel = Panel()
    >>> panel.requests(2016, "requested")["0301"].status.value
    'reported'
    """

    def __init__(self, folder: Path | str | None = None) -> None:
        self.folder = Path(folder) if folder is not None else shipped("scenarios") / "panel"
        if not self.folder.is_dir():
            raise MissingInputError(
                Fault("panel.missing", f"there is no panel folder '{self.folder}'")
            )
        self.files_read: set[str] = set()
        self._requests: dict[int, dict[tuple[str, str, str], Series]] = {}
        self._population: dict[int, Series] = {}
        self._indicators: dict[str, dict[str, Series]] = {}

    # -- units ---------------------------------------------------------------------------------

    def municipalities(self, year: int) -> tuple[Municipality, ...]:
        """The municipalities of a year, in order of code."""
        counties = self._county_names(year)
        found = tuple(
            Municipality(code, name, county, counties.get(county, county))
            for code, name, county, start, end in self._municipalities
            if start <= year and (end is None or year <= end)
        )
        if not found:
            raise BadDataError(
                Fault(
                    "panel.no-municipalities",
                    f"no municipalities are known for {year}",
                    f"a year within {self._years_text}",
                    file=self._shown("municipalities.csv"),
                )
            )
        return found

    def _county_names(self, year: int) -> dict[str, str]:
        return {
            code: name
            for code, name, start, end in self._counties
            if start <= year and (end is None or year <= end)
        }

    @property
    def _years_text(self) -> str:
        starts = [row[3] for row in self._municipalities]
        return f"{min(starts)} and later" if starts else "none"

    @cached_property
    def _municipalities(self) -> list[list[Any]]:
        cells: dict[str, rows.Cell] = {
            "code": rows.code4,
            "name": rows.text,
            "county": rows.county2,
            "valid_from": rows.year,
            "valid_to": _year_or_open,
        }
        return sorted(self._table("municipalities.csv", cells), key=lambda row: (row[0], row[3]))

    @cached_property
    def _counties(self) -> list[list[Any]]:
        cells: dict[str, rows.Cell] = {
            "code": rows.county2,
            "name": rows.text,
            "valid_from": rows.year,
            "valid_to": _year_or_open,
        }
        return self._table("counties.csv", cells)

    @cached_property
    def borders(self) -> Borders:
        """How municipalities became others."""
        cells: dict[str, rows.Cell] = {
            "year": rows.year,
            "old_code": rows.code4,
            "new_code": rows.code4,
            "kind": rows.text,
            "weight": rows.number,
            "restores": rows.text,
        }
        table = self._table("changes.csv", cells, optional=frozenset({"restores"}))
        return Borders(
            [
                Change(
                    year,
                    old,
                    new,
                    kind,
                    1.0 if weight is None else weight,
                    frozenset(restores.split(";")) if restores else frozenset(),
                )
                for year, old, new, kind, weight, restores in table
            ]
        )

    # -- figures -------------------------------------------------------------------------------

    def requests(
        self, year: int, stage: str, group: str = "total", vintage: str = "final"
    ) -> Series:
        """One stage of one year, by municipality code; empty if the panel has none of it."""
        if year not in self._requests:
            self._requests[year] = self._read_requests(year)
        return self._requests[year].get((vintage, stage, group), {})

    def vintages(self, year: int) -> tuple[str, ...]:
        """The vintages in which a year's figures are given."""
        self.requests(year, "requested")
        return tuple(sorted({vintage for vintage, _, _ in self._requests[year]}))

    def population(self, year: int) -> Series:
        """Inhabitants on 1 January; empty if the panel has none of that year."""
        if year not in self._population:
            self._population[year] = self._read_population(year)
        return self._population[year]

    def indicator_periods(self, name: str) -> dict[str, Series]:
        """Every period of an indicator."""
        self.indicator(name)
        if name not in self._indicators:
            self._indicators[name] = self._read_indicator(name)
        return self._indicators[name]

    def indicator(self, name: str) -> Indicator:
        """What an indicator measures."""
        if name in self._catalogue:
            return self._catalogue[name]
        raise BadDataError(
            Fault(
                "panel.indicator-unknown",
                f"there is no indicator '{name}' in the panel",
                remedy=did_you_mean(name, [*self._catalogue, "population", *STAGES]),
                file=self._shown("indicators.csv"),
            )
        )

    def borders_year(self, period: str) -> int:
        """The year whose codes a period stands on: its own, or the panel's first if it is older."""
        return max(int(period[:4]), self._first_year)

    @cached_property
    def _first_year(self) -> int:
        years = (path.stem for path in (self.folder / "population").glob("*.csv"))
        return min((int(stem) for stem in years if stem.isdigit()), default=0)

    # -- when it was known ---------------------------------------------------------------------

    def known(self, stage: str, year: int, vintage: str = "final") -> dt.date:
        """The first day a stage's figures of a year may be used (stages.csv, vintages.csv)."""
        if vintage != "final" and stage != "population":
            if vintage not in self._vintages:
                raise BadDataError(
                    Fault(
                        "panel.vintage-unknown",
                        f"there is no vintage '{vintage}' in the panel",
                        remedy=did_you_mean(vintage, self._vintages),
                        file=self._shown("vintages.csv"),
                    )
                )
            fixed = self._vintages[vintage]
            if fixed is not None:
                return fixed
        month_day, offset = self._stages.get((stage, year)) or self._stages[stage, None]
        return dt.date.fromisoformat(f"{year + offset:04}-{month_day}")

    @cached_property
    def _stages(self) -> dict[tuple[str, int | None], tuple[str, int]]:
        cells: dict[str, rows.Cell] = {
            "stage": rows.text,
            "year": _year_or_open,
            "known_month_day": _month_day,
            "year_offset": _whole,
        }
        return {
            (stage, year): (month_day, offset)
            for stage, year, month_day, offset in self._table("stages.csv", cells)
        }

    @cached_property
    def _vintages(self) -> dict[str, dt.date | None]:
        cells: dict[str, rows.Cell] = {"vintage": rows.text, "known": _date_or_empty}
        return {row[0]: row[1] for row in self._table("vintages.csv", cells)}

    # -- reading -------------------------------------------------------------------------------

    @cached_property
    def _catalogue(self) -> dict[str, Indicator]:
        cells: dict[str, rows.Cell] = {
            "indicator": rows.text,
            "title": rows.text,
            "unit": rows.text,
            "kind": rows.text,
            "lag_months": _whole,
            "reference": rows.one_of("start", "end"),
        }
        return {row[0]: Indicator(*row) for row in self._table("indicators.csv", cells)}

    def _read_population(self, year: int) -> Series:
        cells: dict[str, rows.Cell] = {
            "year": rows.year,
            "code": rows.code4,
            "persons": rows.persons,
            "status": _status,
            "source": rows.text,
        }
        name = f"population/{year}.csv"
        if not (self.folder / name).is_file():
            return {}
        faults: list[Fault] = []
        series: Series = {}
        for row, (of, code, persons, status, source) in self._sound(name, cells, faults):
            if self._of_year(of, year, name, row, faults):
                self._add(series, code, year, Figure(persons, status, source), name, row, faults)
        _raise(faults)
        return series

    def _read_requests(self, year: int) -> dict[tuple[str, str, str], Series]:
        cells: dict[str, rows.Cell] = {
            "year": rows.year,
            "code": rows.code4,
            "group": rows.one_of(*GROUPS),
            "stage": rows.one_of(*STAGES),
            "vintage": rows.text,
            "persons": rows.persons,
            "status": _status,
            "source": rows.text,
        }
        name = f"requests/{year}.csv"
        if not (self.folder / name).is_file():
            return {}
        faults: list[Fault] = []
        series: dict[tuple[str, str, str], Series] = defaultdict(dict)
        for row, (of, code, group, stage, vintage, persons, status, source) in self._sound(
            name, cells, faults
        ):
            if self._of_year(of, year, name, row, faults):
                figure = Figure(persons, status, source)
                self._add(series[vintage, stage, group], code, year, figure, name, row, faults)
        _raise(faults)
        return dict(series)

    def _read_indicator(self, indicator: str) -> dict[str, Series]:
        kind = self.indicator(indicator).kind
        cells: dict[str, rows.Cell] = {
            "period": rows.text,
            "code": rows.code4,
            "value": rows.text if kind == "class" else rows.number,
            "status": _status,
            "source": rows.text,
        }
        name = f"indicators/{indicator}.csv"
        faults: list[Fault] = []
        series: dict[str, Series] = defaultdict(dict)
        for row, (period, code, value, status, source) in self._sound(name, cells, faults):
            year = self.borders_year(period)
            self._add(series[period], code, year, Figure(value, status, source), name, row, faults)
        _raise(faults)
        return dict(series)

    def _add(
        self,
        series: Series,
        code: str,
        year: int,
        figure: Figure,
        name: str,
        row: int,
        faults: list[Fault],
    ) -> None:
        """Put one sound figure in its series, or say why it cannot stand there."""
        if code in series:
            wrong = ("panel.duplicate", f"{code} is given twice", "one row for each", "")
            column = "code"
        elif code not in self._codes(year):
            found = f"no municipality had code {code} in {year}"
            wrong = ("panel.code-unknown", found, "", self._code_remedy(code, year))
            column = "code"
        elif figure.value is None and figure.status in _WITH_VALUE:
            found = f"{code} is {figure.status.value} without a number"
            wrong = ("panel.status", found, "a number, or a status that says why there is none", "")
            column = "status"
        elif figure.value is not None and figure.status not in _WITH_VALUE:
            found = f"{code} is {figure.status.value} with a number"
            wrong = ("panel.status", found, "no number, or the status reported or partial", "")
            column = "status"
        else:
            series[code] = figure
            return
        faults.append(Fault(*wrong, file=self._shown(name), row=row, column=column))

    def _of_year(self, of: int, year: int, name: str, row: int, faults: list[Fault]) -> bool:
        """Whether a row is of its file's year; a fault if not."""
        if of != year:
            found, expected = f"year {of}", f"{year}, as the file's name says"
            faults.append(
                Fault("panel.year", found, expected, file=self._shown(name), row=row, column="year")
            )
        return of == year

    def _codes(self, year: int) -> frozenset[str]:
        if year not in self._codes_by_year:
            self._codes_by_year[year] = frozenset(
                code
                for code, _, _, start, end in self._municipalities
                if start <= year and (end is None or year <= end)
            )
        return self._codes_by_year[year]

    @cached_property
    def _codes_by_year(self) -> dict[int, frozenset[str]]:
        return {}

    def _code_remedy(self, code: str, year: int) -> str:
        lives = [(start, end) for other, _, _, start, end in self._municipalities if other == code]
        if not lives:
            return "the code is not in municipalities.csv for any year"
        start, end = lives[0]
        if end is not None and end < year:
            after = ", ".join(self.borders.successors(code, end, year))
            return f"it was in use to {end}; its successor is {after}"
        return f"it came into use in {start}"

    def _table(
        self, name: str, cells: dict[str, rows.Cell], optional: frozenset[str] = frozenset()
    ) -> list[list[Any]]:
        faults: list[Fault] = []
        table = [
            row for _, row in rows.read_table(self.folder / name, cells, faults, optional=optional)
        ]
        _raise(faults)
        return table

    def _sound(self, name: str, cells: dict[str, rows.Cell], faults: list[Fault]) -> Any:
        return rows.read_table(self.folder / name, cells, faults)

    def _shown(self, name: str) -> str:
        return str(self.folder / name)


def _raise(faults: list[Fault]) -> None:
    if faults:
        raise BadDataError(sorted(faults, key=lambda fault: (fault.file or "", fault.row or 0)))


_STATUS_WORD = rows.one_of(*(status.value for status in Status))


def _status(cell: str) -> Status:
    return Status(_STATUS_WORD(cell))


def _whole(cell: str) -> int:
    if not cell.lstrip("-").isdigit():
        raise ValueError(f"'{cell}' is not a whole number", "digits only, such as 3")
    return int(cell)


def _year_or_open(cell: str) -> int | None:
    return rows.year(cell) if cell else None


def _month_day(cell: str) -> str:
    _date(f"2000-{cell}")
    return cell


def _date_or_empty(cell: str) -> dt.date | None:
    return _date(cell) if cell else None


def _date(cell: str) -> dt.date:
    try:
        return dt.date.fromisoformat(cell)
    except ValueError:
        raise ValueError(f"'{cell}' is not a date", "such as 2015-10-31") from None
