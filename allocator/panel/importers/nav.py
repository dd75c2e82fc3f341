"""NAV's workbook HL060: registered unemployed by municipality and month.

A block for each county: its bare name, the months, "I alt <county>", then "1101 Eigersund" rows.
The sheet of percentages is the indicator ``registered_unemployed_rate``; the sheet of counts is
read to see that the municipalities of a county do not exceed its sum. "*" hides fewer than four.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from allocator.panel.importers.batch import Batch, Row
from allocator.panel.importers.codes import Codes, bare_code
from allocator.panel.importers.decode import Sheet
from allocator.panel.importers.signs import read_count, read_number

__all__ = ["INDICATOR", "is_hl060", "is_used", "read_hl060"]

INDICATOR = "registered_unemployed_rate"
_MONTHS = (
    *("januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september"),
    *("oktober", "november", "desember"),
)
_SVALBARD = "2100"


def is_hl060(sheets: Sequence[Sheet]) -> bool:
    """Whether a workbook has a sheet of percentages by municipality, as HL060 has."""
    return any(_is_share(sheet) for sheet in sheets)


def is_used(sheet: Sheet) -> bool:
    """Whether a sheet is by municipality."""
    return _is_share(sheet) or _is_count(sheet)


def _is_share(sheet: Sheet) -> bool:
    return bool(re.match(r"(\d+\.\s*)?kommune prosent", sheet.name.lower()))


def _is_count(sheet: Sheet) -> bool:
    return bool(re.match(r"(\d+\.\s*)?kommune antall", sheet.name.lower()))


def read_hl060(sheet: Sheet, batch: Batch) -> None:
    """One sheet of the workbook; only the two by municipality are of use."""
    batch.publisher, batch.licence = "NAV", "CC BY 4.0"
    batch.what = "NAV HL060: registered unemployed by municipality and month"
    if _is_share(sheet):
        _shares(sheet, batch)
    elif _is_count(sheet):
        _counts(sheet, batch)


def _blocks(sheet: Sheet, batch: Batch) -> Iterator[tuple[int, str, dict[int, str], list[str]]]:
    """Each row under a row of months: its number, label, column → period, cells."""
    year = _year(sheet)
    if year is None:
        expected = "a year, as in 'Januar - oktober 2022'"
        batch.fault("year", "no row says the year", expected, "", None, None)
        return
    periods: dict[int, str] = {}
    at_label = -1
    for row, cells in enumerate(sheet.rows, start=1):
        low = [cell.strip().lower() for cell in cells]
        months = {at: _MONTHS.index(cell) + 1 for at, cell in enumerate(low) if cell in _MONTHS}
        if months:
            periods = {at: f"{year}-{month:02}" for at, month in months.items()}
            at_label = min(months) - 1
        elif periods and len(cells) > at_label >= 0 and low[at_label] and any(low[at_label + 1 :]):
            yield row, cells[at_label].strip(), periods, cells


def _year(sheet: Sheet) -> int | None:
    for cells in sheet.rows[:12]:
        for cell in cells:
            found = re.fullmatch(r"\s*\w+(?:\s*[-–]\s*\w+)?\s+(20[0-9]{2})\s*", cell)
            if found:
                return int(found[1])
    return None


def _shares(sheet: Sheet, batch: Batch) -> None:
    codes = Codes(batch.panel)
    if INDICATOR not in batch.panel.catalogue:
        found, remedy = f"the panel has no indicator {INDICATOR}", "add it to indicators.csv"
        batch.fault("indicator", found, "", remedy, None, None)
        return
    for row, label, periods, cells in _blocks(sheet, batch):
        code = bare_code(label)
        if not code.isdigit() or code == _SVALBARD:
            batch.left_out["sums"] += 1
            continue
        batch.read += 1
        for at, period in periods.items():
            try:
                value, status = read_number(cells[at] if at < len(cells) else "", None)
                year = batch.panel.borders_year(period)
                of_year, repair = codes.of_year(code, year)
            except ValueError as error:
                batch.wrong_cell(error, row, period)
                continue
            batch.repaired[repair] += bool(repair)
            key, known = (period, of_year), (value, status.value)
            batch.rows.append(Row(f"indicators/{INDICATOR}", key, known, "", row, period))


def _counts(sheet: Sheet, batch: Batch) -> None:
    """The municipalities of a county do not exceed its sum, and make it where none is hidden."""
    county = ""
    total: dict[str, int] = {}
    parts: dict[str, list[int | None]] = {}

    def compare(row: int) -> None:
        for period, whole in total.items():
            known = [value for value in parts.get(period, []) if value is not None]
            complete = bool(known) and len(known) == len(parts[period])
            if sum(known) > whole or (complete and sum(known) != whole):
                found = f"{county}: the municipalities sum to {sum(known)}, the county has {whole}"
                batch.fault("sum", found, "the same", "", row, period)

    for row, label, periods, cells in _blocks(sheet, batch):
        sums = label.lower().startswith("i alt ")
        batch.read += not sums
        if sums:
            compare(row)
            county, total, parts = label[6:], {}, {}
        for at, period in periods.items():
            try:
                value, _ = read_count(cells[at] if at < len(cells) else "", None)
            except ValueError as error:
                batch.wrong_cell(error, row, period)
                continue
            if sums and value:
                total[period] = int(value)
            elif not sums:
                batch.left_out["counts"] += 1
                parts.setdefault(period, []).append(int(value) if value else None)
    compare(len(sheet.rows))
