"""SSB: answers of PxWebApi v2 (JSON-stat 2, its status field kept) and tab-separated exports.

Population (table 07459) becomes inhabitants, and the age groups that the panel has as indicators
(``population_0_17``, ``population_67_plus``) as far as every single age of them is there. Any other
table with municipalities and one measure goes into the indicator that ``--indicator`` names.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from allocator.panel.figures import Status
from allocator.panel.importers.batch import Batch, Row
from allocator.panel.importers.codes import Codes, bare_code
from allocator.panel.importers.decode import Sheet
from allocator.panel.importers.people import People
from allocator.panel.importers.signs import Read, plain, read_count, read_number

__all__ = ["header_of_export", "is_jsonstat", "read_export", "read_jsonstat"]

_PEOPLE = {"Personer1", "Personer", "Folkemengde"}
_MOST = 20_000_000  # figures in one answer
_ZERO = "-"  # SSB's sign for none at all
_MARKS = {":": Status.SUPPRESSED, ".": Status.MISSING, "..": Status.MISSING}


@dataclass(frozen=True, slots=True)
class _Cube:
    """A JSON-stat data set: its dimensions, and the value and mark at each place."""

    ids: tuple[str, ...]
    codes: tuple[tuple[str, ...], ...]
    values: Any
    marks: Any

    def figures(self) -> Iterator[tuple[int, tuple[str, ...], Any, str]]:
        """Place, codes, value and mark of each figure, the last dimension the fastest."""
        at = [0] * len(self.ids)
        for place in range(math.prod(map(len, self.codes))):
            where = tuple(codes[n] for codes, n in zip(self.codes, at, strict=True))
            yield place, where, _of(self.values, place), _of(self.marks, place) or ""
            for dimension in reversed(range(len(at))):
                at[dimension] += 1
                if at[dimension] < len(self.codes[dimension]):
                    break
                at[dimension] = 0


def _of(many: Any, place: int) -> Any:
    """The entry at a place of a list, of a sparse object, or of one mark for all."""
    if isinstance(many, list):
        return many[place] if place < len(many) else None
    if isinstance(many, dict):
        return many.get(str(place))
    return many


def is_jsonstat(value: Any) -> bool:
    """Whether it is a JSON-stat data set, or the error that PxWebApi answers with."""
    return isinstance(value, dict) and (
        value.get("class") == "dataset" or {"title", "status"} <= set(value)
    )


def read_jsonstat(value: dict[str, Any], name: str, batch: Batch) -> None:
    """A data answer of PxWebApi v2."""
    _credit(batch, str(value.get("label", ""))[:80])
    if value.get("class") != "dataset":
        told = f"{str(value['title'])[:80]} ({str(value['status'])[:20]})"
        remedy = "mend the request: this is SSB's answer to a wrong one"
        batch.fault("answer", f"is no data but an error: {told}", "", remedy, None, None)
        return
    cube = _cube(value, batch)
    if cube is None:
        return
    role = value.get("role") if isinstance(value.get("role"), dict) else {}
    place = _dimension(cube, role, "geo", r".*(region|kommune)")
    time = _dimension(cube, role, "time", r"tid|år|year")
    metric = _dimension(cube, role, "metric", r"contentscode")
    if place is None or time is None:
        missing = "regions" if place is None else "years"
        expected = "a table by municipality and year"
        batch.fault("table", f"the table has no dimension of {missing}", expected, "", None, None)
        return
    measures = cube.codes[metric] if metric is not None else ("",)
    if metric is not None and len(measures) == 1 and measures[0] in _PEOPLE:
        _people(cube, place, time, metric, batch)
    else:
        _indicator(cube, (place, time, metric), value, batch)


def _cube(value: dict[str, Any], batch: Batch) -> _Cube | None:
    """The data set, if its parts agree."""

    def refuse(found: str, remedy: str = "the answer may have been cut off") -> _Cube | None:
        batch.fault("jsonstat", found, "JSON-stat 2 as PxWebApi v2 writes it", remedy, None, None)
        return None

    ids, sizes, dimensions = value.get("id"), value.get("size"), value.get("dimension")
    if not (isinstance(ids, list) and isinstance(sizes, list) and isinstance(dimensions, dict)):
        return refuse("id, size or dimension is missing")
    codes = []
    for at, name in enumerate(ids):
        dimension = dimensions.get(name) if isinstance(name, str) else None
        category = dimension.get("category") if isinstance(dimension, dict) else None
        index = category.get("index") if isinstance(category, dict) else None
        if index is None and isinstance(category, dict) and isinstance(category.get("label"), dict):
            index = list(category["label"])
        if isinstance(index, dict) and all(isinstance(n, int) for n in index.values()):
            index = [code for _, code in sorted((n, str(code)) for code, n in index.items())]
        if not isinstance(index, list) or not all(isinstance(code, str) for code in index):
            return refuse(f"dimension {str(name)[:40]!r} has no categories")
        if at >= len(sizes) or sizes[at] != len(index):
            return refuse(f"dimension {str(name)[:40]!r} has another size than is said")
        codes.append(tuple(index))
    values, marks = value.get("value"), value.get("status")
    size = math.prod(map(len, codes))
    if values == [] and size:
        return refuse("is a description of the table: it holds no figures", "fetch …/data instead")
    if size > _MOST:
        return refuse(f"holds {size} figures", f"ask for at most {_MOST} at a time")
    listed = isinstance(values, list) and len(values) == size
    if not (listed or isinstance(values, dict)):
        return refuse(
            f"holds {len(values) if isinstance(values, list) else 'no'} of {size} figures"
        )
    if not isinstance(marks, list | dict | str | None):
        return refuse("the status field is neither list nor object")
    return _Cube(tuple(map(str, ids)), tuple(codes), values, marks)


def _dimension(cube: _Cube, role: Any, kind: str, pattern: str) -> int | None:
    """The place of the dimension of a role, by what the answer says or else by its name."""
    given = role.get(kind) if isinstance(role, dict) else None
    named = [at for at, name in enumerate(cube.ids) if isinstance(given, list) and name in given]
    if not named:
        named = [at for at, name in enumerate(cube.ids) if re.match(pattern, name.lower())]
    return named[0] if named else None


def _read(value: Any, mark: str, *, whole: bool) -> Read:
    """A figure of an answer: its value, or what its mark says in the place of one."""
    if isinstance(value, bool) or not isinstance(value, int | float | None):
        raise ValueError(f"'{str(value)[:30]}' is not a number", "a number or null")
    if value is None:
        if mark == _ZERO:
            return "0", Status.REPORTED
        return "", _MARKS.get(mark, Status.MISSING)
    if mark in _MARKS:
        raise ValueError(f"the figure {value} is marked '{mark}'", "a figure or a mark")
    if not math.isfinite(value):
        raise ValueError("the figure is not finite", "a number or null")
    text = plain(Decimal(repr(value)))
    return read_count(text, None) if whole else (text, Status.REPORTED)


def _people(cube: _Cube, place: int, time: int, metric: int, batch: Batch) -> None:
    """Inhabitants, by sex and age as far as the answer has them."""
    names = [name.lower() for name in cube.ids]
    sex = next((at for at, n in enumerate(names) if n in ("kjonn", "kjønn", "sex")), None)
    age = next((at for at, n in enumerate(names) if n in ("alder", "age")), None)
    others = [name for at, name in enumerate(cube.ids) if at not in (place, time, metric, sex, age)]
    if others:
        found = f"population by {', '.join(others)[:60]} cannot be added up safely"
        remedy = "ask for it without that dimension"
        batch.fault("table", found, "region, year, sex and age", remedy, None, None)
        return
    people = People(batch)
    for at, codes, value, mark in cube.figures():
        batch.read += 1
        try:
            read = _read(value, mark, whole=True)
        except ValueError as error:
            batch.wrong_cell(error, at + 1, "value")
            continue
        of_sex = codes[sex] if sex is not None else ""
        of_age = codes[age] if age is not None else ""
        people.add(codes[place], codes[time], of_sex, of_age, read, at + 1, "value")
    people.close()


def _indicator(
    cube: _Cube, at: tuple[int, int, int | None], value: dict[str, Any], batch: Batch
) -> None:
    """One measure by municipality and year, for the indicator that is named."""
    place, time, _ = at
    catalogue, name = batch.panel.catalogue, batch.options.indicator
    if name is None or name not in catalogue:
        label = str(value.get("label", ""))[:80]
        found = f"'{label}' is no table of population" if name is None else f"no indicator '{name}'"
        remedy = "give --indicator NAME, one of indicators.csv in the panel"
        batch.fault("indicator", found, "an indicator for its figures", remedy, None, None)
        return
    wide = [
        cube.ids[n]
        for n, codes in enumerate(cube.codes)
        if n not in (place, time) and len(codes) > 1
    ]
    if wide:
        found = f"there are several figures for each municipality: {', '.join(wide)[:60]}"
        batch.fault("table", found, "one", "ask for one category of each", None, None)
        return
    codes_of = Codes(batch.panel)
    for n, codes, given, mark in cube.figures():
        batch.read += 1
        period, region = _period(codes[time]), bare_code(codes[place])
        if period is None:
            found = f"'{codes[time][:20]}' is not a year or month"
            batch.fault("period", found, "such as 2026 or 2026M03", "", n + 1, cube.ids[time])
        elif _is_municipal(region, batch):
            try:
                read = _read(given, mark, whole=False)
                year = batch.panel.borders_year(period)
                code, repair = codes_of.of_year(region, year)
            except ValueError as error:
                if given in (None, 0):
                    batch.left_out["no_unit"] += 1
                else:
                    batch.wrong_cell(error, n + 1, cube.ids[place])
                continue
            batch.repaired[repair] += bool(repair)
            key, known = (period, code), (read[0], read[1].value)
            batch.rows.append(Row(f"indicators/{name}", key, known, "", n + 1, "value"))


def _is_municipal(region: str, batch: Batch) -> bool:
    municipal = len(region) == 4 and region.isascii() and region.isdigit() and region != "9999"
    if not municipal:
        batch.left_out["regions"] += 1
    return municipal


def _period(code: str) -> str | None:
    found = re.fullmatch(r"((?:19|20)[0-9]{2})(?:M(0[1-9]|1[0-2]))?", code)
    return None if found is None else found[1] + (f"-{found[2]}" if found[2] else "")


# -- tab-separated exports -------------------------------------------------------------------------


def header_of_export(rows: Sequence[Sequence[str]]) -> int | None:
    """Where the header row of an export is: it begins with "region" and has columns of years."""
    for at, row in enumerate(rows[:8]):
        if row and row[0].strip().lower() == "region" and any(_year_of(cell) for cell in row[1:]):
            return at
    return None


def _year_of(title: str) -> str | None:
    found = re.search(r"(?:^|\s)((?:19|20)[0-9]{2})$", title.strip())
    return found[1] if found else None


def read_export(sheet: Sheet, header_at: int, batch: Batch) -> None:
    """An export of population: region, age, sex, and a column for each year."""
    _credit(batch, "07459")
    header = [cell.strip() for cell in sheet.rows[header_at]]
    low = [cell.lower() for cell in header]
    sex = next((at for at, n in enumerate(low) if n in ("sex", "kjønn")), None)
    age = next((at for at, n in enumerate(low) if n in ("age", "alder")), None)
    years = {at: year for at, cell in enumerate(header) if (year := _year_of(cell))}
    titles = {re.sub(r"\s*(19|20)[0-9]{2}$", "", header[at]).lower() for at in years}
    strange = titles - {"persons", "personer", "personar", "folkemengde", "population", ""}
    if strange:
        _series(sheet, header_at, years, strange, batch)
        return
    people = People(batch)
    for row, cells in enumerate(sheet.rows[header_at + 1 :], start=header_at + 2):
        if len(cells) != len(header):
            if sum(bool(cell.strip()) for cell in cells) > 1:
                batch.wrong_width(cells, len(header), row)
            continue
        batch.read += 1
        for at, year in years.items():
            try:
                read = ("0", Status.REPORTED) if cells[at].strip() == _ZERO else _count(cells[at])
            except ValueError as error:
                batch.wrong_cell(error, row, header[at])
                continue
            of_sex = cells[sex] if sex is not None else ""
            of_age = cells[age] if age is not None else ""
            people.add(cells[0], year, of_sex, of_age, read, row, header[at])
    people.close()


def _count(cell: str) -> Read:
    return read_count(cell, None)


def _series(
    sheet: Sheet, header_at: int, years: dict[int, str], titles: set[str], batch: Batch
) -> None:
    """An export of another measure, for the indicator that is named."""
    name, header = batch.options.indicator, sheet.rows[header_at]
    if name not in batch.panel.catalogue or len(titles) > 1:
        told = ", ".join(sorted(titles))[:80]
        found = f"an export of {told} is no table of population"
        remedy = "give --indicator NAME, one of indicators.csv in the panel, and one measure"
        batch.fault("indicator", found, "persons", remedy, header_at + 1, None)
        return
    codes = Codes(batch.panel)
    for row, cells in enumerate(sheet.rows[header_at + 1 :], start=header_at + 2):
        batch.read += 1
        for at, year in years.items():
            region = bare_code(cells[0]) if cells else ""
            if at >= len(cells) or not _is_municipal(region, batch):
                continue
            try:
                given = "0" if cells[at].strip() == _ZERO else cells[at]
                value, status = read_number(given, None)
                code, repair = codes.of_year(region, batch.panel.borders_year(year))
            except ValueError as error:
                batch.wrong_cell(error, row, header[at])
                continue
            batch.repaired[repair] += bool(repair)
            known = (value, status.value)
            batch.rows.append(Row(f"indicators/{name}", (year, code), known, "", row, header[at]))


def _credit(batch: Batch, what: str) -> None:
    batch.publisher = "SSB"
    batch.licence = "SSB data NLOD 2.0 / CC BY 4.0"
    batch.what = f"SSB: {what}"
