"""Reading a CSV table: typed cells, every fault gathered with file, row and column."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from allocator.errors import Fault, MissingInputError, did_you_mean

__all__ = [
    "Cell",
    "code4",
    "county2",
    "decode",
    "number",
    "one_of",
    "persons",
    "read_table",
    "text",
    "year",
]

Cell = Callable[[str], Any]
"""Turns a cell into a value, or raises ValueError(found, expected, remedy)."""


def text(cell: str) -> str:
    """Any text."""
    return cell


def code4(cell: str) -> str:
    """A municipality code: text of four digits."""
    if len(cell) == 4 and cell.isascii() and cell.isdigit():
        return cell
    if cell.isascii() and cell.isdigit() and len(cell) < 4:
        raise ValueError(
            f"'{cell}' is not a municipality code",
            f"text of four digits such as '{cell.zfill(4)}'",
            "a spreadsheet may have cut the leading zero: format the column as text",
        )
    raise ValueError(f"'{cell}' is not a municipality code", "text of four digits such as '0301'")


def county2(cell: str) -> str:
    """A county code: text of two digits."""
    if re.fullmatch(r"[0-9]{2}", cell):
        return cell
    raise ValueError(f"'{cell}' is not a county code", "text of two digits such as '03'")


def year(cell: str) -> int:
    """A calendar year."""
    if re.fullmatch(r"(1[6-9]|20)[0-9]{2}", cell):
        return int(cell)
    raise ValueError(f"'{cell}' is not a year", "four digits such as 2026")


def persons(cell: str) -> int | None:
    """A whole, non-negative number of persons; empty is None."""
    if cell.isascii() and cell.isdigit():
        return int(cell)
    if not cell:
        return None
    value = _float(cell)
    if value is None:
        raise ValueError(f"'{cell}' is not a number of persons", "digits only, such as 25")
    if value < 0:
        raise ValueError(f"{cell} persons is negative", "0 or more")
    raise ValueError(f"{cell} persons is not a whole number", "digits only, such as 25")


def number(cell: str) -> float | None:
    """A finite number with a decimal point; empty is None."""
    value = _float(cell)
    if cell and value is None:
        raise ValueError(f"'{cell}' is not a number", "digits with a decimal point, such as 2.4")
    return value


def _float(cell: str) -> float | None:
    return float(cell) if re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", cell) else None


def one_of(*allowed: str) -> Cell:
    """One of some words."""
    known = frozenset(allowed)

    def parse(cell: str) -> str:
        if cell not in known:
            raise ValueError(f"'{cell}' is not known", "one of " + ", ".join(allowed))
        return cell

    return parse


def decode(path: Path) -> str:
    """A file's text: BOM or UTF-8, else Windows-1252 (which every byte-writer of old used)."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise MissingInputError(
            Fault("panel.missing-file", f"there is no file '{path}'", file=str(path))
        ) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def read_table(
    path: Path,
    cells: Mapping[str, Cell],
    faults: list[Fault],
    *,
    optional: frozenset[str] = frozenset(),
) -> Iterator[tuple[int, list[Any]]]:
    """Yield ``(row number, values in the order of cells)`` for each sound row of a CSV table.

    A row with a bad cell is left out and each of its faults added to ``faults``; the caller raises
    when it has read everything. Row 1 is the header, as a spreadsheet counts. Columns are found
    by name, in any order; ``optional`` ones may be absent and are then read as empty.
    """
    lines = csv.reader(decode(path).splitlines(), strict=True)
    shown = str(path)
    header = next(lines, [])
    absent = [name for name in cells if name not in header and name not in optional]
    for name in absent:
        faults.append(
            Fault(
                "table.column-missing",
                f"the column '{name}' is missing",
                "the columns " + ", ".join(cells),
                did_you_mean(name, header),
                file=shown,
                row=1,
            )
        )
    if absent:
        return
    places = [header.index(name) if name in header else -1 for name in cells]
    # Most cells of a column repeat, so each is parsed once and remembered.
    seen: list[dict[str, Any]] = [{} for _ in cells]
    columns = list(zip(places, seen, strict=True))
    row = 1
    try:
        for row, line in enumerate(lines, start=2):
            if not line:
                continue
            if len(line) != len(header):
                found, expected = f"{len(line)} cells", f"{len(header)}, as the header has"
                faults.append(Fault("table.width", found, expected, file=shown, row=row))
                continue
            try:
                values = [known[line[at] if at >= 0 else ""] for at, known in columns]
            except KeyError:
                values = _parse(line, cells, columns, faults, shown, row)
            if len(values) == len(columns):
                yield row, values
    except csv.Error as error:
        faults.append(Fault("table.csv", f"is not CSV: {error}", file=shown, row=row + 1))


def _parse(
    line: list[str],
    cells: Mapping[str, Cell],
    columns: list[tuple[int, dict[str, Any]]],
    faults: list[Fault],
    shown: str,
    row: int,
) -> list[Any]:
    """The values of one row, remembered for the next; a bad cell is a fault and leaves a gap."""
    values = []
    for (name, parse), (at, known) in zip(cells.items(), columns, strict=True):
        cell = line[at] if at >= 0 else ""
        if cell in known:
            values.append(known[cell])
            continue
        try:
            value = parse(cell)
        except ValueError as error:
            found, expected, remedy = (*error.args, "", "")[:3]
            faults.append(
                Fault("table.cell", found, expected, remedy, file=shown, row=row, column=name)
            )
            continue
        known[cell] = value
        values.append(value)
    return values
