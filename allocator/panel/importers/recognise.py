"""Which reader a file is for: told from what it holds, never from its name."""

from __future__ import annotations

from allocator.errors import BadDataError
from allocator.panel.importers import imdi, klass, nav, own, ssb
from allocator.panel.importers.batch import Batch, Options
from allocator.panel.importers.decode import Sheet, Source
from allocator.panel.importers.persons import person_faults
from allocator.panel.store import Panel

__all__ = ["read"]

_FORMS = (
    "IMDi's tables (long or crosstab), SSB's (JSON-stat 2, tab-separated export, KLASS), NAV's "
    "HL060, or a table with the columns year, code and persons"
)


def read(source: Source, panel: Panel, options: Options) -> list[Batch]:
    """What a file holds for the panel, a batch for each of its tables.

    Raises :class:`~allocator.errors.BadDataError` for a file about persons, whatever else is in it.
    """
    faults = person_faults(source)
    if faults:
        raise BadDataError(faults)
    if source.json is not None:
        return [_json(source, panel, options)]
    if nav.is_hl060(source.sheets):
        return [
            _nav(source, sheet, panel, options) for sheet in source.sheets if nav.is_used(sheet)
        ]
    batches = [_sheet(source, sheet, panel, options) for sheet in source.sheets]
    known = [batch for batch in batches if batch is not None]
    if known:
        return known
    return [_unknown(source, panel, options)]


def _json(source: Source, panel: Panel, options: Options) -> Batch:
    batch, value = Batch(panel, options, source.shown), source.json
    if klass.is_klass(value):
        if "codes" in value:
            klass.read_codes(value, batch)
        elif "codeChanges" in value:
            klass.read_changes(value, batch)
        else:
            found = "a correspondence between classifications holds no figures"
            batch.fault("kind", found, "codesAt or changes", "", None, None)
    elif ssb.is_jsonstat(value):
        ssb.read_jsonstat(value, source.name, batch)
    else:
        batch.fault("kind", "is JSON of an unknown kind", _FORMS, "", None, None)
    return batch


def _nav(source: Source, sheet: Sheet, panel: Panel, options: Options) -> Batch:
    batch = Batch(panel, options, sheet.shown(source.shown))
    nav.read_hl060(sheet, batch)
    return batch


def _sheet(source: Source, sheet: Sheet, panel: Panel, options: Options) -> Batch | None:
    """What a table holds; None where no reader knows it."""
    rows = sheet.rows
    if not any(any(row) for row in rows):
        return None
    batch, name = Batch(panel, options, sheet.shown(source.shown)), source.name
    export_at = ssb.header_of_export(rows)
    own_at = next((at for at, row in enumerate(rows[:10]) if own.is_own(row)), None)
    if imdi.is_crosstab(rows):
        imdi.read_crosstab(sheet, name, batch)
    elif imdi.is_long(rows[0]):
        imdi.read_long(sheet, name, batch)
    elif klass.is_klass_table(rows[0]):
        klass.read_codes_table(sheet, batch)
    elif export_at is not None:
        ssb.read_export(sheet, export_at, batch)
    elif own_at is not None:
        own.read_own(sheet, own_at, name, batch)
    else:
        return None
    return batch


def _unknown(source: Source, panel: Panel, options: Options) -> Batch:
    batch = Batch(panel, options, source.shown)
    first = next((row for sheet in source.sheets for row in sheet.rows if any(row)), [])
    header = ", ".join(cell.strip()[:30] for cell in first if cell.strip())
    header = header if len(header) <= 100 else header[:99] + "…"
    found = f"is a table of an unknown kind; it begins: {header}" if header else "holds no cells"
    batch.fault("kind", found, _FORMS, "", 1, None)
    return batch
