"""Reading a CSV table: typed columns, every fault gathered with file, row and column."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import Any

from allocator.errors import Fault, MissingInputError, did_you_mean
from allocator.panel.cells import Cell, hint, text

__all__ = ["Columns", "decode", "read_columns", "read_table"]

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Columns:
    """The sound rows of a table: their numbers, and the values of each column."""

    rows: Sequence[int]
    values: list[Sequence[Any]]

    def without(self, bad: frozenset[int] | set[int]) -> Columns:
        """The same but for some places."""
        if not bad:
            return self
        keep = [place not in bad for place in range(len(self.rows))]
        return Columns(
            list(compress(self.rows, keep)),
            [list(compress(values, keep)) for values in self.values],
        )


def decode(path: Path) -> str:
    """A file's text: BOM or UTF-8, else Windows-1252 (which every byte-writer of old used)."""
    return _decode(_bytes(path))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        found = f"there is no file '{path}'" if missing else f"cannot read: {error.strerror}"
        raise MissingInputError(Fault("panel.missing-file", found, file=str(path))) from None


def _decode(raw: bytes) -> str:
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

    Faults and rows are as in :func:`read_columns`.
    """
    table = read_columns(path, cells, faults, optional=optional)
    for row, *values in zip(table.rows, *table.values, strict=True):
        yield row, values


def read_columns(
    path: Path,
    cells: Mapping[str, Cell],
    faults: list[Fault],
    *,
    optional: frozenset[str] = frozenset(),
) -> Columns:
    """The sound rows of a CSV table, column by column in the order of ``cells``.

    A row with a bad cell is left out and each of its faults added to ``faults``; the caller raises
    when it has read everything. Row 1 is the header, as a spreadsheet counts. Columns are found
    by name, in any order; ``optional`` ones may be absent and are then read as empty.
    """
    shown, raw = str(path), _bytes(path)
    lines: list[list[str]] = []
    if raw.startswith(_UTF16):
        faults.append(_not_utf8(shown))
        return _none(cells)
    try:
        for line in csv.reader(io.StringIO(_decode(raw), newline=""), strict=True):
            lines.append(line)
    except csv.Error as error:
        fault = Fault("table.csv", f"is not CSV: {error}", file=shown, row=len(lines) + 1)
        faults.append(fault)
        if not lines:
            return _none(cells)
    header = lines[0] if lines else []
    wrong = _header_faults(header, cells, optional, shown)
    if wrong:
        faults.extend(wrong)
        return _none(cells)
    rows, body = _of_width(lines, len(header), shown, faults)
    columns = list(zip(*body, strict=True)) if body else [()] * len(header)
    blank = [""] * len(body)
    bad: set[int] = set()
    values: list[Sequence[Any]] = []
    for name, parse in cells.items():
        column = columns[header.index(name)] if name in header else blank
        values.append(_parsed(column, name, parse, rows, bad, faults, shown))
    return Columns(rows, values).without(bad)


def _parsed(
    column: Sequence[str],
    name: str,
    parse: Cell,
    rows: Sequence[int],
    bad: set[int],
    faults: list[Fault],
    shown: str,
) -> Sequence[Any]:
    """The values of a column. Most cells repeat, so each text is parsed once."""
    if parse is text:
        return column
    known: dict[str, Any] = {}
    wrong: dict[str, tuple[str, str, str]] = {}
    for cell in dict.fromkeys(column):
        try:
            known[cell] = parse(cell)
        except ValueError as error:
            known[cell] = None
            found, expected, remedy = (*error.args, "", "")[:3]
            wrong[cell] = (found, expected, remedy or hint(cell))
    if wrong:
        for place, cell in enumerate(column):
            if cell in wrong:
                bad.add(place)
                faults.append(Fault("table.cell", *wrong[cell], shown, rows[place], name))
    return [known[cell] for cell in column]


def _of_width(
    lines: list[list[str]], width: int, shown: str, faults: list[Fault]
) -> tuple[Sequence[int], list[list[str]]]:
    """The rows under the header that have its width, and their numbers; blank ones are nothing."""
    body = lines[1:]
    if set(map(len, body)) <= {width}:
        return range(2, len(lines) + 1), body
    rows, sound = [], []
    for row, line in enumerate(body, start=2):
        if len(line) == width:
            rows.append(row)
            sound.append(line)
        elif line:
            found, expected = f"{len(line)} cells", f"{width}, as the header has"
            faults.append(Fault("table.width", found, expected, file=shown, row=row))
    return rows, sound


def _header_faults(
    header: list[str], cells: Mapping[str, Cell], optional: frozenset[str], shown: str
) -> list[Fault]:
    needed = [name for name in cells if name not in optional]
    absent = [name for name in needed if name not in header]
    columns = "the columns " + ", ".join(cells)
    if absent and len(absent) == len(needed):
        given = ",".join(header)
        given = given if len(given) <= 60 else given[:59] + "…"
        apart = any(mark in given for mark in ";\t")
        found = f"the header is '{given}'" if given.strip() else "there is no header"
        remedy = "save it as CSV in UTF-8, with commas between the cells" if apart else ""
        expected = f"{columns}, separated by commas"
        return [Fault("table.header", found, expected, remedy, file=shown, row=1)]
    faults = [
        Fault(
            "table.column-missing",
            f"the column '{name}' is missing",
            columns,
            did_you_mean(name, header),
            file=shown,
            row=1,
        )
        for name in absent
    ]
    for name, count in Counter(header).items():
        if name and count > 1:
            found = f"{count} columns are called '{name}'"
            faults.append(Fault("table.column-twice", found, "one", file=shown, row=1, column=name))
    return faults


def _not_utf8(shown: str) -> Fault:
    remedy = "save it as CSV in UTF-8, with commas between the cells"
    return Fault("table.encoding", "the file is in UTF-16", "UTF-8", remedy, file=shown, row=1)


def _none(cells: Mapping[str, Cell]) -> Columns:
    return Columns([], [[] for _ in cells])
