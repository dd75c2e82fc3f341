"""Tables with the project's own columns, or the words that a planner's sheet has for them.

Long: ``year, code, persons`` with ``group``, ``stage``, ``vintage``, ``status`` and ``note`` as far
as they are needed; ``period, code, value`` for an indicator. Wide: a column for each stage, such as
``year, code, requested, decided, settled``. A sheet of population has no stage.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from allocator.errors import did_you_mean
from allocator.panel.facts import GROUPS, STAGES
from allocator.panel.figures import Status
from allocator.panel.importers.batch import Batch, Row
from allocator.panel.importers.codes import UNPLACED, Codes, bare_code, resolve
from allocator.panel.importers.decode import Sheet
from allocator.panel.importers.signs import Read, read_count, read_number

__all__ = ["is_own", "read_own"]

# What planners call the columns, in bokmål, nynorsk and English.
_ALIASES = {
    "kommunenummer": "code",
    "kommunenr": "code",
    "knr": "code",
    "komm.nr": "code",
    "kommune nr": "code",
    "municipality code": "code",
    "år": "year",
    "periode": "period",
    "måned": "period",
    "gruppe": "group",
    "årgang": "vintage",
    "kilde": "source",
    "merknad": "note",
    "verdi": "value",
    "indikator": "indicator",
    "personer": "persons",
    "antall": "persons",
    "folketall": "persons",
    "folketal": "persons",
    "folkemengde": "persons",
    "innbyggere": "persons",
    "innbyggjarar": "persons",
    "population": "persons",
    "anmodning": "requested",
    "anmodet": "requested",
    "oppmoding": "requested",
    "opprinnelig anmodning": "requested_original",
    "vedtak": "decided",
    "vedtatt": "decided",
    "bosatt": "settled",
    "busett": "settled",
    "avtalt": "agreed",
}
_KNOWN = {
    *("year", "period", "code", "group", "stage", "vintage", "persons", "value", "status"),
    *("source", "note", "indicator", *STAGES),
}
_BESIDE = {
    "name",
    "navn",
    "kommune",
    "county",
    "fylke",
    "municipality",
    "county_name",
    "kommunenavn",
}
_STATUSES = {status.value: status for status in Status}


def is_own(header: Sequence[str]) -> bool:
    """Whether a header row has a code and a figure by the project's names or a planner's."""
    names = set(_names(header))
    return "code" in names and bool(names & {"persons", "value", *STAGES})


def _names(header: Sequence[str]) -> list[str]:
    low = [" ".join(cell.split()).lower() for cell in header]
    return [_ALIASES.get(name, name) for name in low]


def read_own(sheet: Sheet, header_at: int, name: str, batch: Batch) -> None:
    """A table of the project's own columns."""
    header, names = sheet.rows[header_at], _names(sheet.rows[header_at])
    batch.publisher, batch.what = "", f"own figures, {name}"
    if not _sound_header(header, names, header_at, batch):
        return
    at = {column: names.index(column) for column in _KNOWN if column in names}
    reader = _Reader(batch, at, header)
    wide = [stage for stage in STAGES if stage in at]
    if "value" in at and not reader.is_indicator(name):
        return
    width = len(header)
    for row, cells in enumerate(sheet.rows[header_at + 1 :], start=header_at + 2):
        if not any(cell.strip() for cell in cells):
            continue
        batch.read += 1
        if len(cells) > width and any(cells[width:]):
            batch.wrong_width(cells, width, row)
            continue
        cells = [*cells, *[""] * (width - len(cells))]
        if "value" in at:
            reader.indicator(cells, row)
        elif wide:
            for stage in wide:
                reader.request(cells, row, stage, stage)
        elif "stage" in at or batch.options.group or "group" in at:
            reader.request(cells, row, None, "persons")
        else:
            reader.population(cells, row)


def _sound_header(header: Sequence[str], names: list[str], at: int, batch: Batch) -> bool:
    sound = True
    for name in _KNOWN:
        if names.count(name) > 1:
            both = " and ".join(f"'{header[p]}'" for p, n in enumerate(names) if n == name)
            batch.fault("columns", f"{both} are both '{name}'", "one of them", "", at + 1, None)
            sound = False
    strange = [
        cell
        for cell, name in zip(header, names, strict=True)
        if cell.strip() and name not in _KNOWN | _BESIDE
    ]
    requests = any(name in names for name in ("stage", *STAGES))
    for cell in strange:
        near = did_you_mean(cell.lower(), _KNOWN)
        expected = "columns such as year, code, group, stage, persons, status, note"
        if near.startswith("did you mean"):
            batch.fault("columns", f"unknown column '{cell[:40]}'", expected, near, at + 1, None)
            sound = False
        elif not requests:
            found = f"the column '{cell[:40]}' may tell figures apart that would be taken for one"
            remedy = "leave it out; a table of inhabitants has year, code and persons"
            batch.fault("columns", found, expected, remedy, at + 1, None)
            sound = False
        else:
            batch.left_out[f"column:{cell[:40]}"] += 1
    return sound


class _Reader:
    def __init__(self, batch: Batch, at: dict[str, int], header: Sequence[str]) -> None:
        self._batch, self._at, self._header = batch, at, header
        self._codes = Codes(batch.panel)
        self._indicator = ""
        self._class = False

    def _cell(self, cells: Sequence[str], column: str) -> str:
        return cells[self._at[column]].strip() if column in self._at else ""

    def _name(self, column: str) -> str:
        return self._header[self._at[column]] if column in self._at else column

    def _year(self, cells: Sequence[str], row: int) -> int | None:
        cell = self._cell(cells, "year")
        if not cell and "year" not in self._at:
            cell = str(self._batch.options.year or "")
        if re.fullmatch(r"(19|20)[0-9]{2}", cell):
            year = int(cell)
            if self._batch.options.since is not None and year < self._batch.options.since:
                self._batch.left_out[f"since:{self._batch.options.since}"] += 1
                return None
            return year
        found = f"'{cell[:20]}' is not a year" if cell else "there is no year"
        remedy = "" if cell else "give a column 'year', or --year YEAR for the whole file"
        self._batch.fault("year", found, "such as 2026", remedy, row, self._name("year"))
        return None

    def _given(
        self, cells: Sequence[str], row: int, column: str, *, whole: bool, dash: Status | None
    ) -> Read | None:
        """A figure with its status: its own column's where there is one."""
        try:
            read = read_count if whole else read_number
            value, status = read(self._cell(cells, column), dash)
            word = self._cell(cells, "status").lower()
            if word and word not in _STATUSES:
                raise ValueError(f"'{word[:30]}' is no status", "one of " + ", ".join(_STATUSES))
            if word:
                given = _STATUSES[word]
                has = given in (Status.REPORTED, Status.PARTIAL)
                if has is not bool(value):
                    found = f"{word} with '{value}'" if value else f"{word} with no number"
                    raise ValueError(found, "a number exactly where there is one")
                status = given
        except ValueError as error:
            self._batch.wrong_cell(error, row, self._name(column))
            return None
        return value, status

    def _one_of(
        self, cells: Sequence[str], row: int, column: str, allowed: Sequence[str], default: str
    ) -> str | None:
        word = self._cell(cells, column).lower() or default
        if word in allowed:
            return word
        found = f"'{word[:30]}' is not a {column}" if word else f"there is no {column}"
        expected = "one of " + ", ".join(allowed)
        self._batch.fault(column, found, expected, did_you_mean(word, allowed), row, column)
        return None

    def request(self, cells: Sequence[str], row: int, stage: str | None, column: str) -> None:
        """One figure of a stage."""
        options = self._batch.options
        year = self._year(cells, row)
        stage = stage or self._one_of(cells, row, "stage", STAGES, "")
        group = self._one_of(cells, row, "group", GROUPS, options.group or "total")
        if year is None or stage is None or group is None:
            return
        if column != "persons" and not self._cell(cells, column):
            self._batch.left_out["empty"] += 1
            return
        dash = None if stage.startswith("requested") else Status.NOT_REQUESTED
        given = self._given(cells, row, column, whole=True, dash=dash)
        if given is None:
            return
        vintage = self._cell(cells, "vintage") or options.vintage
        table, code = "requests_unplaced", bare_code(self._cell(cells, "code"))
        if code != UNPLACED:
            found = resolve(
                self._batch, self._codes, self._cell(cells, "code"), year, row, self._name("code")
            )
            if found is None:
                return
            table, code = f"requests/{year}", found
        key = (str(year), code, group, stage, vintage)
        self._add(table, key, given, cells, row, column)

    def population(self, cells: Sequence[str], row: int) -> None:
        """Inhabitants on 1 January."""
        year = self._year(cells, row)
        if year is None:
            return
        given = self._given(cells, row, "persons", whole=True, dash=None)
        code = resolve(
            self._batch, self._codes, self._cell(cells, "code"), year, row, self._name("code")
        )
        if given is not None and code is not None:
            self._add(f"population/{year}", (str(year), code), given, cells, row, "persons")

    def is_indicator(self, name: str) -> bool:
        """Whether it is known which indicator the values are of; else the table is refused."""
        stem = name.rpartition(".")[0]
        catalogue = self._batch.panel.catalogue
        given = self._batch.options.indicator or (stem if stem in catalogue else "")
        if given in catalogue:
            self._indicator, self._class = given, catalogue[given].kind == "class"
            return True
        found = f"'{given}' is no indicator" if given else "it is not said which indicator this is"
        near = did_you_mean(given, catalogue) if given else ""
        remedy = near or "give --indicator NAME, one of indicators.csv in the panel"
        self._batch.fault("indicator", found, "an indicator of the panel", remedy, None, None)
        return False

    def indicator(self, cells: Sequence[str], row: int) -> None:
        """One value of an indicator."""
        period = self._cell(cells, "period") or self._cell(cells, "year")
        period = period or str(self._batch.options.year or "")
        if not re.fullmatch(r"(19|20)[0-9]{2}(-(0[1-9]|1[0-2]))?", period):
            found = f"'{period[:20]}' is not a period" if period else "there is no period"
            self._batch.fault("period", found, "such as 2026 or 2026-03", "", row, "period")
            return
        given = (
            self._word(cells)
            if self._class
            else self._given(cells, row, "value", whole=False, dash=None)
        )
        year = self._batch.panel.borders_year(period)
        code = resolve(
            self._batch, self._codes, self._cell(cells, "code"), year, row, self._name("code")
        )
        if given is not None and code is not None:
            table = f"indicators/{self._indicator}"
            self._add(table, (period, code), given, cells, row, "value")

    def _word(self, cells: Sequence[str]) -> Read:
        word = self._cell(cells, "value")
        return (word, Status.REPORTED) if word else ("", Status.MISSING)

    def _add(
        self,
        table: str,
        key: tuple[str, ...],
        given: Read,
        cells: Sequence[str],
        row: int,
        column: str,
    ) -> None:
        known = (given[0], given[1].value)
        note = self._cell(cells, "note")
        self._batch.rows.append(Row(table, key, known, note, row, self._name(column)))
