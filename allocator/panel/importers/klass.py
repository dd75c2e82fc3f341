"""SSB's register of municipalities, KLASS 131: what there is on a day, and what became of what.

``codesAt`` and the CSV download say which codes there are; neither names the day, so ``--year``
does. ``changes`` says which code became which; a split has no weights there, and is refused until
``changes.csv`` of the panel states them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from allocator.panel.importers.batch import Batch, Row
from allocator.panel.importers.decode import Sheet
from allocator.panel.units import Version

__all__ = ["is_klass", "is_klass_table", "read_changes", "read_codes", "read_codes_table"]

_NOWHERE = "9999"
_BRACKET = re.compile(r"\s*\((?!f\.o\.m|t\.o\.m)[^)]*\)$")


def is_klass(value: Any) -> bool:
    """Whether it is an answer of KLASS."""
    return isinstance(value, dict) and bool(
        {"codes", "codeChanges", "correspondenceItems"} & set(value)
    )


def is_klass_table(header: Sequence[str]) -> bool:
    """Whether a header row is that of the CSV download."""
    names = {name.strip().lower() for name in header}
    return {"code", "parentcode", "level", "name"} <= names


def read_codes(value: dict[str, Any], batch: Batch) -> None:
    """The answer of ``codesAt``."""
    _credit(batch)
    units: dict[str, tuple[str, int]] = {}
    items = value.get("codes")
    for row, item in enumerate(items if isinstance(items, list) else [], start=1):
        batch.read += 1
        code = item.get("code") if isinstance(item, dict) else None
        name = item.get("name") if isinstance(item, dict) else None
        if not isinstance(code, str) or not isinstance(name, str):
            batch.fault("klass", "an item has no code or no name", "both", "", row, "code")
        else:
            units[code] = (name, row)
    _compare(units, batch)


def read_codes_table(sheet: Sheet, batch: Batch) -> None:
    """The CSV download; its notes stand wherever the row ends."""
    _credit(batch)
    low = [name.strip().lower() for name in sheet.rows[0]]
    at_code, at_name = low.index("code"), low.index("name")
    units: dict[str, tuple[str, int]] = {}
    for row, cells in enumerate(sheet.rows[1:], start=2):
        if len(cells) > max(at_code, at_name):
            batch.read += 1
            units[cells[at_code].strip()] = (cells[at_name], row)
    _compare(units, batch)


def _compare(units: dict[str, tuple[str, int]], batch: Batch) -> None:
    """What a year's register changes in the panel's: new codes and names, codes that are gone."""
    year = batch.options.year
    if year is None:
        found = "it is not said of which year these codes are"
        batch.fault("year", found, "--year YEAR", "the answer itself does not say", None, None)
        return
    units = {code: unit for code, unit in units.items() if code != _NOWHERE}
    if not units or not all(re.fullmatch("[0-9]{4}", code) for code in units):
        found = f"{len(units)} codes, not all of four digits"
        remedy = "counties are KLASS 104, municipalities 131"
        batch.fault("klass", found, "municipalities, KLASS 131", remedy, None, None)
        return
    there = {unit.code: unit for unit in batch.panel.units_of(year)}
    counties = {unit.county for unit in there.values()}
    versions = {each.code: each for each in batch.panel.versions() if each.lived(year)}
    for code, (name, row) in sorted(units.items()):
        bare = _BRACKET.sub("", " ".join(name.split()))
        if code not in there:
            if code[:2] not in counties:
                found = f"{code} {bare[:40]} would be in county {code[:2]}, which is not there"
                remedy = "add the county to counties.csv first"
                batch.fault("county", found, "a county of the panel", remedy, row, "code")
            else:
                _add(batch, code, year, bare, code[:2], row)
        elif there[code].name != bare:
            _close(batch, versions[code], year, row)
            _add(batch, code, year, bare, there[code].county, row)
    for code in sorted(set(there) - set(units)):
        _close(batch, versions[code], year, 0)
        batch.gone[code] = year


def _add(batch: Batch, code: str, year: int, name: str, county: str, row: int) -> None:
    known = (name, county, "")
    batch.rows.append(Row("municipalities", (code, str(year)), known, "", row, "code"))


def _close(batch: Batch, version: Version, year: int, row: int) -> None:
    """A version of a code ends the year before."""
    if version.first == year:
        return  # it began this very year: the new row takes its place
    known = (version.name, version.county, str(year - 1))
    key = (version.code, str(version.first))
    batch.rows.append(Row("municipalities", key, known, "", row, "valid_to"))


def read_changes(value: dict[str, Any], batch: Batch) -> None:
    """The answer of ``changes``."""
    _credit(batch)
    items = value.get("codeChanges")
    found: dict[int, list[tuple[str, str, int]]] = defaultdict(list)
    for row, item in enumerate(items if isinstance(items, list) else [], start=1):
        batch.read += 1
        old, new, day = (
            item.get(name) if isinstance(item, dict) else None
            for name in ("oldCode", "newCode", "changeOccurred")
        )
        day_found = (
            re.fullmatch(r"((?:19|20)[0-9]{2})-[0-9]{2}-[0-9]{2}", day or "")
            if (isinstance(day, str))
            else None
        )
        if not (isinstance(old, str) and isinstance(new, str) and day_found):
            told = "a change lacks its old code, new code or day"
            batch.fault("klass", told, "all three", "", row, "codeChanges")
        elif not (re.fullmatch("[0-9]{4}", old) and re.fullmatch("[0-9]{4}", new)):
            batch.left_out["county_changes"] += 1
        elif old == new:
            batch.left_out["names"] += 1
        else:
            found[int(day_found[1])].append((old, new, row))
    for year, changes in sorted(found.items()):
        _changes_of_year(year, changes, batch)


def _changes_of_year(year: int, changes: list[tuple[str, str, int]], batch: Batch) -> None:
    news: dict[str, set[str]] = defaultdict(set)
    olds: dict[str, set[str]] = defaultdict(set)
    for old, new, _ in changes:
        news[old].add(new)
        olds[new].add(old)
    known = {change.old for change in batch.panel.borders.of_year(year)}
    for old, new, row in changes:
        if old in known:
            batch.left_out["known_changes"] += 1
        elif len(news[old]) > 1:
            told = f"{old} was split in {year}, and KLASS does not say in what shares"
            remedy = "write the split with its weights, and where they come from, into changes.csv"
            batch.fault("split", told, "weights that add up to 1", remedy, row, "oldCode")
        else:
            kind = "renumber" if len(olds[new]) == 1 else "merge"
            key, what = (str(year), old, new), (kind, "1", "", "the whole municipality")
            batch.rows.append(Row("changes", key, what, "", row, "newCode"))


def _credit(batch: Batch) -> None:
    batch.publisher, batch.licence = "SSB", "SSB data NLOD 2.0 / CC BY 4.0"
    batch.what = "SSB KLASS 131: municipalities"
