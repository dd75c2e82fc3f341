"""Local knowledge typed in a sheet: capacities, locks, exemptions, notes and reasons.

The header names the columns, in any of three languages and in any order; other columns are left
alone. Every cell that cannot be used is told, with its row and column, and then nothing is.

In a sheet of one's own an empty cell says nothing. In one that bosett has written, which says so
above its header, all that the scenario says stands in the cells: one that was emptied lifts it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from pydantic_core import ValidationError

from allocator.documents import Case
from allocator.documents.base import ContradictionError
from allocator.documents.local import COUNTS, MOST, TEXTS, Local
from allocator.documents.scenario import Local as Known
from allocator.errors import BadDataError, BosettError, Fault
from allocator.panel import Panel, Status
from allocator.panel.importers.decode import Sheet, Source
from allocator.panel.importers.signs import read_count
from allocator.panel.names import find, folded

__all__ = ["LONGEST", "MARK", "find_in", "read_local"]

MARK = "bosett:input"
"""Stands above the header of a sheet that bosett has written: its input cells are complete."""
LONGEST = 300
"""So many letters a note or a reason has at most."""

_MINORS = ("minors", "em", "mindrearige", "einslegemindrearige", "enslige", "ensligemindrearige")
_NAMES: dict[str, tuple[str, ...]] = {
    "code": ("code", "kode", "nummer", "kommunenummer", "kommunenr", "knr", "municipalitycode"),
    "name": ("name", "navn", "namn", "municipality", "kommune", "kommunenavn", "kommunenamn"),
    "lock": ("lock", "locked", "las", "last", "lasttal", "lasttall"),
    "capacity": ("capacity", "kapasitet", "takesatmost", "kantahoyst"),
    "exempt": ("exempt", "unntak", "unntatt", "unnatak", "notasked"),
    "note": ("note", "notes", "merknad", "merknader", "notat", "kommentar"),
    "reason": ("reason", "reasons", "begrunnelse", "grunngiving", "grunngjeving"),
}
_NAMES["lock_minors"] = tuple(f"{of}{em}" for of in _NAMES["lock"] for em in _MINORS)
_NAMES["capacity_minors"] = tuple(f"{of}{em}" for of in _NAMES["capacity"] for em in _MINORS)
_COLUMNS = {folded(name): column for column, names in _NAMES.items() for name in names}
_VALUES = (*COUNTS, "exempt", *TEXTS)
_YES = {folded(word) for word in ("x", "yes", "ja", "true", "sann", "1")}
_ANYWAY = {folded(word) for word in ("asked anyway", "anmodes likevel", "oppmodast likevel")}
_NO = {folded(word) for word in ("no", "nei", "false", "usann", "0", "-")}
_SUMS = {folded(word) for word in ("i alt", "in all", "sum", "total", "totalt", "hele landet")}
_AS_TEXT = re.compile(r'="((?:[^"]|"")*)"')
_HEADER_WITHIN = 15
_MOST_FAULTS = 50


def find_in(panel: Panel, case: Case, text: str) -> tuple[str, str]:
    """The code and name of the one municipality of a case that a text means.

    Raises :class:`~allocator.errors.BadDataError` where it is none, several, or outside the area.

    >>> from allocator.documents import load_case
    >>> find_in(Panel(), load_case("norway-2026"), "Askim")
    ('3118', 'Indre Østfold')
    """
    unit, area = find(panel, text, case.scenario.year).unit, case.scenario.area
    if (area.county or area.municipality) and not (
        unit.county in area.county or unit.code in area.municipality
    ):
        told = f"{unit.name} ({unit.code}) is outside the scenario's area"
        raise BadDataError(Fault("local.outside", told))
    return unit.code, unit.name


def read_local(source: Source, panel: Panel, case: Case) -> tuple[Local, ...]:
    """The local knowledge in a CSV, XLSX or ODS file, by code.

    Raises :class:`~allocator.errors.BadDataError` with every fault.

    >>> from allocator.documents import load_case
    >>> from allocator.panel.importers.decode import source_of
    >>> raw = "kommune;kapasitet;merknad\\nMoss;60;mottaket er fullt\\n".encode("latin-1")
    >>> read_local(source_of(raw, "tall.csv"), Panel(), load_case("ostfold-2016"))[0].says
    {'capacity': 60, 'note': 'mottaket er fullt'}
    """
    for sheet in source.sheets:
        for at, header in enumerate(sheet.rows[:_HEADER_WITHIN]):
            columns = _columns(header)
            if {"code", "name"} & columns.keys() and set(_VALUES) & columns.keys():
                own = any(MARK in row for row in sheet.rows[:at])
                return _Reader(sheet, sheet.shown(source.shown), columns, panel, case, own).read(at)
    raise BadDataError(_no_header(source.sheets, source.shown))


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
        "lock_minors, exempt, note, reason",
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
    own: bool
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
        if not found and not self.faults and not self.own:
            told = "no row says a capacity, lock, exemption, note or reason"
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
        """What a row says; None where it says nothing, or what cannot be used."""
        faults = len(self.faults)
        values: dict[str, Any] = {}
        for column in _VALUES:
            text = self._cell(cells, column)
            if column in COUNTS:
                value: int | bool | str | None = self._count(text, at, column)
            elif column == "exempt":
                value = self._flag(text, at)
            else:
                value = self._text(text, at, column)
            if value is not None:
                values[column] = value
        code, name = self._cell(cells, "code"), self._cell(cells, "name")
        if folded(code or name) in _SUMS:
            return None
        if not values and not (self.own and code in self.case.scenario.municipality):
            return None
        if not code and not name:
            self._fault("there is no code or name", "a municipality", at, "code")
            return None
        found = self._who(code, name, at)
        if found is None or len(self.faults) > faults:
            return None
        local = Local(found, **values, lifts=self._lifts(found, values))
        self._contradictions(local, at)
        return local if local.says or local.lifts else None

    def _who(self, code: str, name: str, at: int) -> str | None:
        """The code of the row's municipality; where it has a name too, they must be one."""
        try:
            # A spreadsheet takes the zero off a code that it believes to be a number.
            who = code.zfill(4) if code.isdecimal() else code or name
            found, called = find_in(self.panel, self.case, who)
        except BosettError as error:
            for fault in error.faults:
                self._fault(fault.found, fault.expected, at, "code" if code else "name", fault)
            return None
        if code and name and folded(name) != folded(called):
            try:
                other = find(self.panel, name, self.case.scenario.year).unit
            except BosettError:  # spelled in a way of its own, or by a name that several bear
                return found
            if other.code != found:
                told = f"{found} is {called}, and the row says {other.name} ({other.code})"
                hint = "were some columns sorted without the others?"
                self._fault(told, "", at, "name", remedy=hint)
                return None
        return found

    def _lifts(self, code: str, values: dict[str, Any]) -> tuple[str, ...]:
        """The fields of which the scenario says something, and a sheet of bosett's no longer."""
        known = self.case.scenario.municipality.get(code)
        if known is None or not self.own:
            return ()
        there = [name for name in _VALUES if name in self.columns and name not in values]
        return tuple(sorted(name for name in there if getattr(known, name) not in (None, "")))

    def _contradictions(self, local: Local, at: int) -> None:
        """What does not go together with the rest of the row, or with what the scenario says."""
        known = self.case.scenario.municipality.get(local.code) or Known()
        plain = Known()
        says = {**{name: getattr(plain, name) for name in local.lifts}, **local.says}
        if local.lock and known.exempt:
            says.setdefault("exempt", False)
        for column, told in _wrong_together(known, says):
            place = column if column in self.columns else next(iter(local.says), "code")
            hint = "" if column in local.says else f"the scenario says this of {local.code}"
            self._fault(f"{column} of {local.code}: {told}", "", at, place, remedy=hint)

    def _cell(self, cells: Sequence[str], column: str) -> str:
        place = self.columns.get(column)
        cell = cells[place].strip() if place is not None and place < len(cells) else ""
        formula = _AS_TEXT.fullmatch(cell)  # so a CSV for Excel keeps the zeros of a code
        return formula[1].replace('""', '"') if formula else cell

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
        if folded(text) in _ANYWAY:
            return False
        if text and folded(text) not in _NO and text != "-":
            self._fault(f"'{text[:40]}' is neither yes nor no", "yes, or empty", at, "exempt")
        return None

    def _text(self, text: str, at: int, column: str) -> str | None:
        words = " ".join(text.split())
        if len(words) > LONGEST:
            told = f"'{words[:20]}…' has {len(words)} letters"
            self._fault(told, f"at most {LONGEST}", at, column, remedy="say it shorter")
        return words or None

    def _fault(
        self,
        found: str,
        expected: str,
        row: int,
        column: str,
        of: Fault | None = None,
        remedy: str = "",
    ) -> None:
        remedy = of.remedy if of is not None else remedy
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


def _wrong_together(known: Known, says: dict[str, Any]) -> list[tuple[str, str]]:
    """What contradicts itself once a document says it: the key, and why."""
    try:
        replace(known, **says)
    except ValidationError as error:
        found = [each.get("ctx", {}).get("error") for each in error.errors()]
        return [
            told for each in found if isinstance(each, ContradictionError) for told in each.told
        ]
    return []
