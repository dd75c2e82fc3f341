"""IMDi's tables of requests, decisions and settlement: the long form and the older crosstab.

Long, one figure a row: ``Enhet;År;Kommunenummer;Kommune;Bosetting;Antall``; newer files head the
fifth column "Anmodning, vedtak og faktisk bosetting", and those of counties have ``Fylkesnummer``.
Crosstab: three header rows (stage, unit, year), regions as K or F and four digits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from allocator.panel.figures import Status
from allocator.panel.importers.batch import Batch, Row
from allocator.panel.importers.codes import UNPLACED, Codes, bare_code, resolve
from allocator.panel.importers.decode import Sheet
from allocator.panel.importers.signs import read_count

__all__ = ["is_crosstab", "is_long", "read_crosstab", "read_long"]

_STAGES = {
    "anmodning om bosetting": "requested",
    "opprinnelig anmodning": "requested_original",
    "faktisk bosetting": "settled",
    "vedtak om bosetting": "decided",
}
_OVERLAP = "faktisk bosetting (sammenslått for tidligere fylker)"
_MINORS = "enslige"


def is_long(header: Sequence[str]) -> bool:
    """Whether a header row is that of the long form."""
    names = {name.strip().lower() for name in header}
    place = {"kommunenummer", "fylkesnummer"} & names
    return bool(place) and {"år", "antall"} <= names and _stage_column(header) is not None


def is_crosstab(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first rows are the three header rows of the crosstab."""
    if len(rows) < 3 or len(rows[0]) < 3:
        return False
    lead = [cell.strip().lower() for cell in rows[0][:2]]
    return lead == ["region", "navn"] and all(
        re.match(r"(bosetting|enhet|år)", row[2].strip().lower()) if len(row) > 2 else False
        for row in rows[:3]
    )


def _stage_column(header: Sequence[str]) -> int | None:
    for at, name in enumerate(header):
        if "bosetting" in name.lower() or name.strip().lower() == "stage":
            return at
    return None


def read_long(sheet: Sheet, name: str, batch: Batch) -> None:
    """The long form: one figure a row."""
    _credit(batch)
    header = [cell.strip() for cell in sheet.rows[0]]
    low = [cell.lower() for cell in header]
    at = {column: low.index(column) for column in ("år", "antall")}
    place = "kommunenummer" if "kommunenummer" in low else "fylkesnummer"
    of_counties, at_code = place == "fylkesnummer", low.index(place)
    at_stage, at_unit = _stage_column(header) or 0, low.index("enhet") if "enhet" in low else None
    minors = _MINORS in header[at_stage].lower() or _MINORS in name.lower()
    reader = _Reader(batch, "em" if minors else "total", header[at_code], header[at["antall"]])
    width, at_year, at_count = len(header), at["år"], at["antall"]
    stage_column, year_column = header[at_stage], header[at_year]
    for row, cells in enumerate(sheet.rows[1:], start=2):
        if len(cells) != width:
            if any(cells):
                batch.wrong_width(cells, width, row)
            continue
        batch.read += 1
        if at_unit is not None and cells[at_unit].strip().lower() == "prosent":
            batch.left_out["percent"] += 1
            continue
        stage = reader.stage(cells[at_stage], row, stage_column)
        year = reader.year(cells[at_year], row, year_column)
        if stage is not None and year is not None:
            reader.figure(cells[at_code], year, stage, cells[at_count], row, of_counties)


def read_crosstab(sheet: Sheet, name: str, batch: Batch) -> None:
    """The crosstab: a municipality a row, a column for each stage, unit and year."""
    _credit(batch)
    labels = [sheet.rows[at] for at in range(3)]
    width = len(labels[0])
    minors = _MINORS in labels[0][2].lower() or _MINORS in name.lower()
    reader = _Reader(batch, "em" if minors else "total", labels[0][0].strip(), "")
    columns: list[tuple[int, str, int]] = []
    for at in range(2, width):
        label = " · ".join(cells[at].strip() if at < len(cells) else "" for cells in labels)
        parts = {}
        for cells in labels:
            dimension, colon, value = (cells[at] if at < len(cells) else "").partition(":")
            parts["stage" if "bosetting" in dimension.lower() else dimension.strip().lower()] = (
                value.strip() if colon else ""
            )
        if parts.get("enhet", "").lower() == "prosent":
            batch.left_out["percent_columns"] += 1
            continue
        stage = reader.stage(parts.get("stage", ""), 1, label)
        year = reader.year(parts.get("år", ""), 3, label)
        if stage is not None and year is not None:
            columns.append((at, stage, year))
    for row, cells in enumerate(sheet.rows[3:], start=4):
        if len(cells) != width:
            if any(cells):
                batch.wrong_width(cells, width, row)
            continue
        batch.read += 1
        of_counties = cells[0].strip().upper().startswith("F")
        for at, stage, year in columns:
            reader.column = f"{stage} {year}"
            reader.figure(cells[0], year, stage, cells[at], row, of_counties)


class _Reader:
    """Figures of one table, each to the table of the panel that it belongs in."""

    def __init__(self, batch: Batch, group: str, code_column: str, column: str) -> None:
        self._batch, self._codes = batch, Codes(batch.panel)
        self._group = batch.options.group or group
        self._code_column, self.column = code_column, column
        self._vintage, self._since = batch.options.vintage, batch.options.since
        self._counties: dict[int, set[str]] = {}

    def stage(self, cell: str, row: int, column: str) -> str | None:
        """A stage by IMDi's name for it; None after it was refused or left out."""
        low = cell.strip().lower()
        stage = _STAGES.get(low)
        if stage is None and low == _OVERLAP:
            self._batch.left_out["overlap"] += 1
        elif stage is None:
            expected = "one of " + ", ".join(f"'{name.capitalize()}'" for name in _STAGES)
            self._batch.fault("stage", f"'{cell[:60]}' is no stage", expected, "", row, column)
        return stage

    def year(self, cell: str, row: int, column: str) -> int | None:
        """A year; None after it was refused or left out."""
        bare = cell.strip()
        if not re.fullmatch(r"(19|20)[0-9]{2}", bare):
            found = f"'{bare[:20]}' is not a year"
            self._batch.fault("year", found, "four digits such as 2026", "", row, column)
            return None
        year = int(bare)
        if self._since is not None and year < self._since:
            self._batch.left_out[f"since:{self._since}"] += 1
            return None
        return year

    def figure(
        self, cell: str, year: int, stage: str, given: str, row: int, of_counties: bool
    ) -> None:
        """One figure, for a municipality, a county, or those whose municipality is not known."""
        batch = self._batch
        if not given.strip():
            batch.left_out["blank"] += 1
            return
        try:
            value, status = read_count(given, Status.NOT_REQUESTED)
        except ValueError as error:
            batch.wrong_cell(error, row, self.column)
            return
        if not value and stage == "requested_original" and status is Status.MISSING:
            batch.left_out["no_first"] += 1
            return
        bare = bare_code(cell)
        if of_counties:
            self._of_county(bare, year, stage, (value, status.value), row)
            return
        if bare == UNPLACED:
            if not value and status is Status.MISSING:
                batch.left_out["unplaced_blank"] += 1
            else:
                key = (str(year), UNPLACED, self._group, stage, self._vintage)
                known = (value, status.value)
                batch.rows.append(Row("requests_unplaced", key, known, "", row, self.column))
            return
        code = resolve_or_blank(batch, self._codes, cell, year, row, self._code_column, value)
        if code is not None:
            key = (str(year), code, self._group, stage, self._vintage)
            known = (value, status.value)
            batch.rows.append(Row(f"requests/{year}", key, known, "", row, self.column))

    def _of_county(
        self, bare: str, year: int, stage: str, known: tuple[str, str], row: int
    ) -> None:
        code = bare.zfill(2)[-2:] if bare.isdigit() and int(bare) < 100 else bare
        if year not in self._counties:
            self._counties[year] = {unit.county for unit in self._batch.panel.units_of(year)}
        if code not in self._counties[year]:
            if known[0] in ("", "0"):
                self._batch.left_out["county_gone"] += 1
                return
            found = f"there was no county {bare[:20]} in {year}"
            expected = "a county code of that year"
            self._batch.fault("county", found, expected, "", row, self._code_column)
            return
        key = (str(year), code, self._group, stage, self._vintage)
        self._batch.rows.append(Row("requests_county", key, known, "", row, self.column))


def resolve_or_blank(
    batch: Batch, codes: Codes, cell: str, year: int, row: int, column: str, value: str
) -> str | None:
    """The code a cell means; without a figure, one that was no municipality then is left out."""
    if value:
        return resolve(batch, codes, cell, year, row, column)
    try:
        return codes.of_year(cell, year)[0]
    except ValueError as error:
        if not bare_code(cell).isdigit():
            batch.wrong_cell(error, row, column)
        else:
            batch.left_out["no_unit"] += 1
        return None


def _credit(batch: Batch) -> None:
    batch.publisher = "IMDi"
    batch.licence = "none stated"
    batch.what = "IMDi: requests, decisions and settlement by municipality"
