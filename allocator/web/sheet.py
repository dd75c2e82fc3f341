"""Local knowledge typed in a sheet: capacities, locks, exemptions and notes by municipality.

The header names the columns, in any of three languages and in any order; other columns are left
alone. Every cell that cannot be used is told, with its row and column, and then nothing is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from allocator.documents import Case
from allocator.errors import BadDataError, BosettError, Fault
from allocator.panel import Panel, Status
from allocator.panel.importers.decode import Sheet, source_of
from allocator.panel.importers.signs import read_count
from allocator.panel.names import folded
from allocator.web.local import COUNTS, MOST, Local
from allocator.web.places import find_in

__all__ = ["read_sheet"]

_MINORS = ("minors", "em", "mindrearige", "einslegemindrearige", "enslige", "ensligemindrearige")
_NAMES: dict[str, tuple[str, ...]] = {
    "code": ("code", "kode", "nummer", "kommunenummer", "kommunenr", "knr", "municipalitycode"),
    "name": ("name", "navn", "namn", "municipality", "kommune", "kommunenavn", "kommunenamn"),
    "lock": ("lock", "locked", "las", "last", "lasttal", "lasttall"),
    "capacity": ("capacity", "kapasitet", "takesatmost", "kantahoyst"),
    "exempt": ("exempt", "unntak", "unntatt", "unnatak", "notasked"),
    "note": ("note", "notes", "merknad", "merknader", "notat", "kommentar", "reason"),
}
_NAMES["lock_minors"] = tuple(f"{of}{em}" for of in _NAMES["lock"] for em in _MINORS)
_NAMES["capacity_minors"] = tuple(f"{of}{em}" for of in _NAMES["capacity"] for em in _MINORS)
_COLUMNS = {folded(name): column for column, names in _NAMES.items() for name in names}
_VALUES = (*COUNTS, "exempt", "note")
_YES = {folded(word) for word in ("x", "yes", "ja", "true", "sann", "1")}
_NO = {folded(word) for word in ("no", "nei", "false", "usann", "0", "-")}
_SUMS = {folded(word) for word in ("i alt", "in all", "sum", "total", "totalt", "hele landet")}
_HEADER_WITHIN = 15
_MOST_FAULTS = 50


def read_sheet(raw: bytes, shown: str, panel: Panel, case: Case) -> tuple[Local, ...]:
    """The local knowledge in the bytes of a CSV, XLSX or ODS file.

    ``shown`` is how faults name the file; nothing is opened by it. Raises
    :class:`~allocator.errors.BadDataError` with every fault.

    >>> from allocator.documents import load_case
    >>> raw = "kommune;kapasitet;merknad\\nMoss;60;mottaket er fullt\\n".encode("latin-1")
    >>> read_sheet(raw, "tall.csv", Panel(), load_case("ostfold-2016"))[0].says
    {'capacity': 60, 'note': 'mottaket er fullt'}
    """
    sheets = source_of(raw, shown).sheets
    for sheet in sheets:
        for at, header in enumerate(sheet.rows[:_HEADER_WITHIN]):
            columns = _columns(header)
            if {"code", "name"} & columns.keys() and set(_VALUES) & columns.keys():
                return _Reader(sheet, sheet.shown(shown), columns, panel, case).read(at)
    raise BadDataError(_no_header(sheets, shown))


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Column → its place; of two with one name the first."""
    found: dict[str, int] = {}
    for place, cell in enumerate(header):
        column = _COLUMNS.get(folded(cell))
        if column is not None:
            found.setdefault(column, place)
    return found


def _no_header(sheets: Sequence[Sheet], shown: str) -> Fault:
    cells = [cell for sheet in sheets for row in sheet.rows[:_HEADER_WITHIN] for cell in row]
    near = [get_close_matches(folded(cell), _COLUMNS, 1, 0.8) for cell in cells[:200] if cell]
    meant = sorted({_COLUMNS[words[0]] for words in near if words} - {"code", "name"})
    return Fault(
        "local.header",
        "no row of the first 15 names the columns",
        "a column 'code' or 'municipality', and one of capacity, capacity_minors, lock, "
        "lock_minors, exempt, note",
        f"is a column meant to be {' or '.join(meant)}?" if meant else "",
        shown,
    )


@dataclass(slots=True)
class _Reader:
    sheet: Sheet
    shown: str
    columns: dict[str, int]
    panel: Panel
    case: Case
    faults: list[Fault] = field(default_factory=list)

    def read(self, header_at: int) -> tuple[Local, ...]:
        self._near_misses(header_at)
        found: dict[str, tuple[Local, int]] = {}
        for at, cells in enumerate(self.sheet.rows[header_at + 1 :], header_at + 2):
            local = self._row(cells, at)
            if local is None:
                continue
            if local.code in found:
                told = f"{local.code} is in row {found[local.code][1]} already"
                self._fault(told, "one row a municipality", at, "code")
            found[local.code] = local, at
        if not found and not self.faults:
            told = "no row says a capacity, lock, exemption or note"
            raise BadDataError(Fault("local.empty", told, file=self.shown))
        if self.faults:
            more = len(self.faults) - _MOST_FAULTS
            rest = [Fault("local.more", f"and {more} more faults")] if more > 0 else []
            raise BadDataError([*self.faults[:_MOST_FAULTS], *rest])
        return tuple(local for _, (local, _) in sorted(found.items()))

    def _near_misses(self, header_at: int) -> None:
        """A column whose name is nearly one that is known is told, not passed by."""
        for cell in self.sheet.rows[header_at]:
            name = folded(cell)
            near = get_close_matches(name, _COLUMNS, 1, 0.75)
            if name and name not in _COLUMNS and near and _COLUMNS[near[0]] not in self.columns:
                told = f"the column '{cell[:40]}' is not known"
                remedy = f"did you mean '{_COLUMNS[near[0]]}'? Rename it, or leave it out"
                self.faults.append(
                    Fault("local.column", told, "", remedy, self.shown, header_at + 1)
                )

    def _row(self, cells: Sequence[str], at: int) -> Local | None:
        values: dict[str, Any] = {}
        for column in _VALUES:
            text = self._cell(cells, column)
            if column in COUNTS:
                value: int | bool | str | None = self._count(text, at, column)
            elif column == "exempt":
                value = self._flag(text, at)
            else:
                value = " ".join(text.split())[:300] or None
            if value is not None:
                values[column] = value
        code, name = self._cell(cells, "code"), self._cell(cells, "name")
        if folded(code or name) in _SUMS:
            return None
        if not values:
            return None
        if not code and not name:
            self._fault("there is no code or name", "a municipality", at, "code")
            return None
        try:
            who = code.zfill(4) if code.isdecimal() else code or name
            return Local(find_in(self.panel, self.case, who)[0], **values)
        except BosettError as error:
            for fault in error.faults:
                self._fault(fault.found, fault.expected, at, "code" if code else "name", fault)
            return None

    def _cell(self, cells: Sequence[str], column: str) -> str:
        place = self.columns.get(column)
        return cells[place].strip() if place is not None and place < len(cells) else ""

    def _count(self, text: str, at: int, column: str) -> int | None:
        if not text:
            return None
        try:
            digits, status = read_count(text)
        except ValueError as error:
            told = [*map(str, error.args), "", ""]
            self._fault(told[0], told[1], at, column)
            return None
        if status is not Status.REPORTED or int(digits) > MOST:
            self._fault(f"'{text[:40]}' is no number of persons to hold to", "digits", at, column)
            return None
        return int(digits)

    def _flag(self, text: str, at: int) -> bool | None:
        if folded(text) in _YES:
            return True
        if text and folded(text) not in _NO and text != "-":
            self._fault(f"'{text[:40]}' is neither yes nor no", "yes, or empty", at, "exempt")
        return None

    def _fault(
        self, found: str, expected: str, row: int, column: str, of: Fault | None = None
    ) -> None:
        remedy = of.remedy if of is not None else ""
        self.faults.append(
            Fault("local.cell", found, expected, remedy, self.shown, row, self._title(column))
        )

    def _title(self, column: str) -> str:
        """The column as the sheet's own letter, such as B."""
        place = self.columns.get(column, 0)
        letters = ""
        while place >= 0:
            letters = chr(65 + place % 26) + letters
            place = place // 26 - 1
        return letters
