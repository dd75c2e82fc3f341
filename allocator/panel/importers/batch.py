"""What a reader makes of a file: rows for the panel's tables, what it left out, what it refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from allocator.errors import Fault
from allocator.panel.store import Panel

__all__ = ["KINDS", "Batch", "Kind", "Options", "Row", "kind_of"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of table: what a row is about, what is known of it, and what else it carries."""

    key: tuple[str, ...]
    known: tuple[str, ...]
    rest: tuple[str, ...] = ("source", "note")

    @property
    def header(self) -> tuple[str, ...]:
        """The columns of a new table."""
        return self.key + self.known + self.rest


_FACT = ("persons", "status")
_REQUEST = ("group", "stage", "vintage")
KINDS = {
    "requests": Kind(("year", "code", *_REQUEST), _FACT),
    "requests_county": Kind(("year", "county", *_REQUEST), _FACT),
    "requests_unplaced": Kind(("year", "code", *_REQUEST), _FACT),
    "population": Kind(("year", "code"), _FACT),
    "indicators": Kind(("period", "code"), ("value", "status"), ("source",)),
    "municipalities": Kind(("code", "valid_from"), ("name", "county", "valid_to"), ("source",)),
    "changes": Kind(
        ("year", "old_code", "new_code"), ("kind", "weight", "restores", "basis"), ("source",)
    ),
    "stages": Kind(("stage", "year"), ("known_month_day", "year_offset"), ("note",)),
    "vintages": Kind(("vintage",), ("title", "known")),
    "sources": Kind(
        ("source",),
        ("what", "publisher", "where", "path", "revision", "licence"),
        ("note",),
    ),
}
"""The tables that an import may write, by the first part of their path."""


def kind_of(table: str) -> Kind:
    """The kind of a table such as ``requests/2016`` or ``changes``."""
    return KINDS[table.partition("/")[0]]


class Row(NamedTuple):
    """One row for a table: its key, what is known, a note, and the place it comes from."""

    table: str
    key: tuple[str, ...]
    known: tuple[str, ...]
    note: str
    row: int
    column: str


@dataclass(frozen=True, slots=True)
class Options:
    """What the file itself does not say, and what of it is wanted."""

    year: int | None = None
    group: str | None = None
    vintage: str = "final"
    indicator: str | None = None
    since: int | None = None


@dataclass(slots=True)
class Batch:
    """What came out of one table of a file, gathered row by row.

    A refused row has its fault; a row that is no fact of a municipality (a percentage, a county's
    sum) is left out, and its reason counted. ``gone`` holds codes that a register no longer has,
    with its year: a change must say what became of each.
    """

    panel: Panel
    options: Options
    shown: str
    publisher: str = ""
    what: str = ""
    licence: str = "not stated"
    read: int = 0
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)
    gone: dict[str, int] = field(default_factory=dict)

    def fault(
        self, code: str, found: str, expected: str, remedy: str, row: int | None, column: str | None
    ) -> None:
        """Refuse a row, or the whole table where there is no row."""
        self.faults.append(
            Fault(f"import.{code}", found, expected, remedy, self.shown, row, column)
        )

    def wrong_width(self, cells: Sequence[str], width: int, row: int) -> None:
        """Refuse a row that has not as many cells as the header."""
        self.fault("width", f"{len(cells)} cells", f"{width}, as the header has", "", row, None)

    def wrong_cell(self, error: ValueError, row: int, column: str) -> None:
        """Refuse a row for what a cell reader said: ValueError(found, expected, remedy)."""
        found, expected, remedy = (*map(str, error.args), "", "", "")[:3]
        self.fault("cell", found, expected, remedy, row, column)
