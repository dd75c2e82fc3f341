"""Any table by municipality, carried from the borders of one year to those of another."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from allocator.errors import BadDataError, Fault, UsageError
from allocator.panel.figures import Figure, Municipality, Series, Status
from allocator.panel.importers.batch import Batch, Options
from allocator.panel.importers.codes import Codes, resolve
from allocator.panel.importers.decode import Sheet, open_source
from allocator.panel.importers.persons import person_faults
from allocator.panel.importers.signs import read_number
from allocator.panel.names import find
from allocator.panel.store import Panel

__all__ = ["Carried", "CarriedRow", "Step", "carry_file", "follow", "trail"]

How = Literal["sum", "mean", "same"]
_CODE = {"code", "kommunenummer", "kommunenr", "knr", "region", "municipality"}
_BESIDE = {"name", "navn", "kommune", "kommunenavn", "county", "county_name", "fylke", "note"}
_KEYS = {"year", "år", "period", "group", "stage", "vintage", "status"}


@dataclass(frozen=True, slots=True)
class CarriedRow:
    """A municipality of the year that is carried to: its figures, and what they are made of."""

    unit: Municipality
    figures: tuple[Figure, ...]
    parts: tuple[tuple[str, float], ...]

    @property
    def estimated(self) -> bool:
        """Whether a split's weight is in any of its figures."""
        return any(figure.estimated for figure in self.figures)


@dataclass(frozen=True, slots=True)
class Carried:
    """A table on the borders of another year."""

    start: int
    end: int
    how: How
    columns: tuple[str, ...]
    rows: tuple[CarriedRow, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """What a municipality is from a year on: each part with its share, and its basis if known."""

    year: int
    parts: tuple[tuple[Municipality, float], ...]


def carry_file(path: Path, panel: Panel, start: int, end: int, how: How = "sum") -> Carried:
    """A table by municipality of ``start``, on the municipalities of ``end``.

    The table has a column of codes and one or more of figures; names beside the codes are not
    read. Mergers add up (``sum``), are weighted by inhabitants (``mean``, for rates) or are kept
    where all parts agree (``same``); where the table lacks a part, the whole has no figure. A split
    goes by the panel's stated weights and is an estimate.

    Raises :class:`~allocator.errors.BadDataError` with every fault of the table, and
    :class:`~allocator.errors.UsageError` for years that cannot be.
    """
    if end < start:
        found = f"cannot carry back in time, from {start} to {end}"
        remedy = "what was merged cannot be told apart; carry the older table forward"
        raise UsageError(Fault("carry.back", found, "", remedy))
    for year in (start, end):
        panel.municipalities(year)
    source = open_source(path)
    faults = person_faults(source)
    if faults:
        raise BadDataError(faults)
    sheet = next((sheet for sheet in source.sheets if any(map(any, sheet.rows))), None)
    if sheet is None:
        raise BadDataError(Fault("carry.kind", "is no table", "CSV, XLSX or ODS", "", str(path)))
    batch = Batch(panel, Options(), sheet.shown(source.shown))
    columns, table = _read(sheet, start, batch)
    if batch.faults:
        raise BadDataError(batch.faults)
    _lacking(panel, table, start, end)
    weights = {c: f.value for c, f in panel.population(start).items() if f.value is not None}
    moved = [panel.borders.carry(s, start, end, how=how, weights=weights) for s in table]
    parts: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for code in sorted(table[0]):
        for new, share in panel.borders.successors(code, start, end).items():
            parts[new].append((code, share))
    units = {unit.code: unit for unit in panel.municipalities(end)}
    rows = [
        CarriedRow(units[code], tuple(series[code] for series in moved), tuple(parts[code]))
        for code in sorted(parts)
    ]
    return Carried(start, end, how, columns, tuple(rows))


def _lacking(panel: Panel, table: list[Series], start: int, end: int) -> None:
    """A part of a merger that the table does not have makes the whole missing, not smaller."""
    leads = {
        unit.code: set(panel.borders.successors(unit.code, start, end))
        for unit in panel.municipalities(start)
    }
    reached = {new for code in table[0] for new in leads[code]}
    for code, news in leads.items():
        if code not in table[0] and news & reached:
            for series in table:
                series[code] = Figure(None, Status.MISSING)


def _read(sheet: Sheet, year: int, batch: Batch) -> tuple[tuple[str, ...], list[Series]]:
    """The columns of figures, and the series of each."""
    at_header = next(at for at, row in enumerate(sheet.rows) if any(row))
    header = [" ".join(cell.split()) for cell in sheet.rows[at_header]]
    low = [cell.lower() for cell in header]
    at_code = next((at for at, name in enumerate(low) if name in _CODE), None)
    if at_code is None:
        told = ", ".join(header)[:80]
        found = f"no column has the codes: {told}"
        batch.fault("columns", found, "a column 'code'", "", at_header + 1, None)
        return (), [{}]
    body = [
        (row, [*cells, *[""] * (len(header) - len(cells))])
        for row, cells in enumerate(sheet.rows[at_header + 1 :], start=at_header + 2)
        if any(cell.strip() for cell in cells)
    ]
    beside = _BESIDE | _KEYS
    chosen = [at for at, name in enumerate(low) if at != at_code and name and name not in beside]
    for at, name in enumerate(low):
        kinds = {cells[at].strip() for _, cells in body}
        if name in _KEYS - {"status"} and len(kinds) > 1:
            found = f"the column '{header[at]}' holds {len(kinds)} different ones"
            remedy = "carry one year, stage and group at a time"
            batch.fault("columns", found, "one", remedy, at_header + 1, header[at])
    if not chosen:
        batch.fault("columns", "no column has figures", "one at least", "", at_header + 1, None)
    return tuple(header[at] for at in chosen), _series(body, header, at_code, chosen, year, batch)


def _series(
    body: Sequence[tuple[int, list[str]]],
    header: Sequence[str],
    at_code: int,
    chosen: Sequence[int],
    year: int,
    batch: Batch,
) -> list[Series]:
    codes, rows = Codes(batch.panel), dict[str, int]()
    series: list[Series] = [{} for _ in chosen] or [{}]
    for row, cells in body:
        code = resolve(batch, codes, cells[at_code], year, row, header[at_code])
        if code is None:
            continue
        if code in rows:
            found = f"{code} is given twice, first in row {rows[code]}"
            batch.fault("twice", found, "one row for each municipality", "", row, header[at_code])
        rows.setdefault(code, row)
        for own, at in zip(series, chosen, strict=False):
            try:
                value, status = read_number(cells[at])
            except ValueError as error:
                batch.wrong_cell(error, row, header[at])
                continue
            own[code] = Figure(float(value) if value else None, status)
    return series


def follow(panel: Panel, name: str, year: int | None, end: int | None) -> tuple[Step, ...]:
    """What became of the municipality that a name or code means in a year.

    The year is the one given, else the one in the name ("Haram 2016"), else the panel's last.

    Raises :class:`~allocator.errors.BadDataError` where none or several may be meant.
    """
    newest = max((*panel.years("population"), *panel.years("requests")), default=2026)
    said = re.search(r"\b(19[0-9]{2}|20[0-9]{2})$", name.strip())
    alone = said is not None and said[0] == name.strip()
    start = year or (int(said[0]) if said and not alone else newest)
    unit = find(panel, name, start).unit
    return trail(panel, unit.code, start, max(end or newest, start))


def trail(panel: Panel, code: str, start: int, end: int) -> tuple[Step, ...]:
    """What became of a municipality, year by year of change; every branch is named.

    >>> [(step.year, [unit.code for unit, _ in step.parts]) for step in
    ...  trail(Panel(), "1534", 2016, 2026)]
    [(2016, ['1534']), (2020, ['1507']), (2024, ['1580'])]
    """
    steps: list[Step] = []
    for year in range(start, end + 1):
        shares = panel.borders.successors(code, start, year)
        units = {unit.code: unit for unit in panel.units_of(year)}
        parts = tuple((units[new], share) for new, share in sorted(shares.items()) if new in units)
        same = steps and [(u.name, u.code, s) for u, s in parts] == [
            (u.name, u.code, s) for u, s in steps[-1].parts
        ]
        if not same:
            steps.append(Step(year, parts))
    return tuple(steps)
