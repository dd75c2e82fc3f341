"""Rows laid into the tables that are there: what is new, filled, changed, or the same.

A figure that takes the place of ``missing`` or ``pending`` fills it. Any other difference is a
change, shown as old → new, and only made when it is accepted.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from allocator.errors import Fault
from allocator.panel.figures import Status
from allocator.panel.importers.batch import Row, kind_of

__all__ = ["Difference", "Merged", "merge"]

What = Literal["added", "filled", "changed"]
_OPEN = {Status.MISSING.value, Status.PENDING.value}


@dataclass(frozen=True, slots=True)
class Difference:
    """What an import makes of one row of a table, and where the new figure stands."""

    what: What
    table: str
    key: tuple[str, ...]
    old: tuple[str, ...]
    new: tuple[str, ...]
    file: str
    row: int
    column: str
    source: str


@dataclass(slots=True)
class Merged:
    """The tables as they would be, and how they differ from those that are there."""

    tables: dict[str, str] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)

    def of(self, what: What) -> list[Difference]:
        """The differences of one sort."""
        return [each for each in self.differences if each.what == what]


def merge(folder: Path, rows: Iterable[tuple[Row, str, str]]) -> Merged:
    """Lay rows, each with the file and the source it is from, over the tables of a folder."""
    merged = Merged()
    by_table: dict[str, dict[tuple[str, ...], tuple[Row, str, str]]] = {}
    for given in rows:
        row, file, _ = given
        first = by_table.setdefault(row.table, {}).setdefault(row.key, given)
        if first is not given and _differ(first[0].known, row.known):
            other, of_file, _ = first
            found = f"{_spoken(row)} is given twice: {_value(other.known)} and {_value(row.known)}"
            remedy = f"keep one; the other is in {of_file}, row {other.row}"
            fault = Fault("import.twice", found, "once", remedy, file, row.row, row.column)
            merged.faults.append(fault)
    for table, news in sorted(by_table.items()):
        _merge_table(folder, table, news, merged)
    return merged


def _merge_table(
    folder: Path, table: str, news: dict[tuple[str, ...], tuple[Row, str, str]], merged: Merged
) -> None:
    kind, path = kind_of(table), folder / f"{table}.csv"
    header, body = _read(path) if path.is_file() else (list(kind.header), [])
    at_key = [header.index(name) for name in kind.key]
    at_known = [header.index(name) for name in kind.known]
    at_rest = {name: header.index(name) for name in ("source", "note") if name in header}
    places = {tuple(line[at] for at in at_key): place for place, line in enumerate(body)}
    touched = False
    for key, (row, file, source) in news.items():
        place = places.get(key)
        old = tuple(body[place][at] for at in at_known) if place is not None else ()
        if place is not None and not _differ(old, row.known):
            merged.unchanged += 1
            continue
        what: What = "added"
        if place is not None:
            fills = "status" in kind.known and old[1] in _OPEN and not old[0] and row.known[0]
            what = "filled" if fills else "changed"
        else:
            place = len(body)
            body.append([""] * len(header))
        for at, cell in zip([*at_key, *at_known], [*key, *row.known], strict=True):
            body[place][at] = cell
        for name, at in at_rest.items():
            body[place][at] = source if name == "source" and table != "sources" else row.note
        if table == "sources":
            body[place][header.index("source")] = key[0]
        where = (file, row.row, row.column, source)
        merged.differences.append(Difference(what, table, key, old, row.known, *where))
        touched = True
    if touched:
        body.sort(key=lambda line: [line[at] for at in at_key])
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([header, *body])
        merged.tables[f"{table}.csv"] = out.getvalue()


def _read(path: Path) -> tuple[list[str], list[list[str]]]:
    """A table of the panel, which was checked before."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *body = csv.reader(file)
    return header, [line for line in body if line]


def _differ(old: Sequence[str], new: Sequence[str]) -> bool:
    return any(
        one != other and not _same_number(one, other) for one, other in zip(old, new, strict=True)
    )


def _same_number(one: str, other: str) -> bool:
    try:
        return float(one) == float(other)
    except ValueError:
        return False


def _spoken(row: Row) -> str:
    return f"{row.table.partition('/')[0]} {' '.join(row.key)}"


def _value(known: Sequence[str]) -> str:
    return known[0] or known[1] if len(known) == 2 else "; ".join(known)
