"""One table, three forms: aligned text, JSON fields, CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Column", "as_csv", "as_json", "as_text", "count", "decimal", "signed"]

_THIN = "\u00a0"  # no-break space between thousands, as Norwegian and ISO 31-0 have it


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading, and whether its cells are numbers (set to the right)."""

    title: str
    number: bool = False


def count(value: int | None) -> str:
    """A whole number with its thousands apart; – where there is none."""
    return "–" if value is None else f"{value:,}".replace(",", _THIN)


def signed(value: int | None) -> str:
    """A change with its sign: +5, −5, 0."""
    if value is None:
        return "–"
    return "0" if value == 0 else ("+" if value > 0 else "−") + count(abs(value))


def decimal(value: float | None, places: int = 1) -> str:
    """A number with a fixed count of decimals; – where there is none."""
    return "–" if value is None else f"{value:.{places}f}"


def as_text(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> str:
    """An aligned table; the last column is not padded."""
    widths = [
        max(len(column.title), *(len(row[place]) for row in rows)) if rows else len(column.title)
        for place, column in enumerate(columns)
    ]
    lines = []
    for row in [[column.title for column in columns], *rows]:
        cells = [
            cell.rjust(width) if column.number else cell.ljust(width)
            for cell, width, column in zip(row, widths, columns, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines) + "\n"


def as_csv(rows: Sequence[dict[str, Any]]) -> str:
    """Rows of one shape as CSV with a header; None is an empty cell, lists are joined by space."""
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({key: _cell(value) for key, value in row.items()})
    return out.getvalue()


def as_json(fields: dict[str, Any]) -> str:
    """Fields as JSON, in their own order, letters as they are."""
    return json.dumps(fields, ensure_ascii=False, indent=1) + "\n"


def _cell(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return " ".join(str(part) for part in value)
    return value
