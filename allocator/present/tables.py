"""One table, three forms: aligned text, JSON fields, CSV."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from json.encoder import encode_basestring
from math import isfinite
from typing import Any

__all__ = [
    "Column",
    "as_csv",
    "as_json",
    "as_text",
    "count",
    "cut",
    "decimal",
    "hundredths",
    "measured",
    "percent",
    "signed",
    "without",
    "wrapped",
]

_JOINED = "\ue000"  # stands for a blank that no line ends at
_THIN = "\u00a0"  # no-break space between thousands, as Norwegian and ISO 31-0 have it


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading, and whether its cells are numbers (set to the right).

    Where a table must be narrower, words may be cut to ``least`` letters, what has parts that
    end with ``below``, such as ", ", may go on below, and a ``spare`` column, which the others
    tell, be left out. Numbers are never cut.
    """

    title: str
    number: bool = False
    least: int | None = None
    spare: bool = False
    below: str = ""


def count(value: int | None) -> str:
    """A whole number with its thousands apart; – where there is none."""
    return "–" if value is None else f"{value:,}".replace(",", _THIN)


def measured(value: float) -> str:
    """A measure's value to six digits, thousands apart.

    >>> measured(3552), measured(0.9239151), measured(3186.18)
    ('3\\xa0552', '0.923915', '3\\xa0186.18')
    """
    text = f"{value:g}"
    whole, dot, rest = text.partition(".")
    return _localised(count(int(whole)) + dot + rest) if "e" not in text else _localised(text)


def signed(value: int | None) -> str:
    """A change with its sign: +5, −5, 0."""
    if value is None:
        return "–"
    return "0" if value == 0 else ("+" if value > 0 else "−") + count(abs(value))


def decimal(value: float | None, places: int = 1) -> str:
    """A number with a fixed count of decimals; – where there is none."""
    return "–" if value is None else _localised(f"{value:.{places}f}".replace("-", "−"))


def hundredths(share: float | None) -> str:
    """A share in per cent without the sign, for a column that says so; – where there is none.

    >>> hundredths(0.9488)
    '94.9'
    """
    return decimal(None if share is None else 100 * share)


def percent(value: float | None, places: int = 1) -> str:
    """A number of per cent, such as 94.9 %; – where there is none.

    >>> percent(94.88)
    '94.9 %'
    """
    return "–" if value is None else _localised(f"{value:.{places}f} %")


def _localised(number: str) -> str:
    from allocator.present.language import localised  # JSON and CSV speak no language

    return localised(number)


def as_text(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None = None
) -> str:
    """An aligned table, fitted to ``width`` where it can be; the last column is not padded.

    >>> print(as_text([Column("name", least=4), Column("n", True)], [["Unjárga", "15"]], 9), end="")
    name    n
    Unjá…  15
    """
    lines = [[column.title for column in columns], *rows]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    if width is not None and not _fit(columns, lines, widths, width):
        spare = {place for place, column in enumerate(columns) if column.spare}
        if spare:
            kept = [[cell for at, cell in enumerate(row) if at not in spare] for row in rows]
            return as_text([column for column in columns if not column.spare], kept, width)
    text = []
    for line in lines:
        told = [
            _below(cell, space, column.below)
            if column.below
            else [cell if column.number else cut(cell, space)]
            for cell, space, column in zip(line, widths, columns, strict=True)
        ]
        for cells in zip_longest(*told, fillvalue=""):
            set_ = [
                cell.rjust(space) if column.number else cell.ljust(space)
                for cell, space, column in zip(cells, widths, columns, strict=True)
            ]
            text.append("  ".join(set_).rstrip())
    return "\n".join(text) + "\n"


def _below(cell: str, width: int, end: str) -> list[str]:
    """The parts of a cell as lines that go on below; no part is broken.

    >>> _below("band, capacity, lot", 14, ", ")
    ['band,', 'capacity, lot']
    """
    lines: list[str] = []
    for part in _parts(cell, end):
        if lines and len(lines[-1]) + 1 + len(part) <= width:
            lines[-1] += f" {part}"
        else:
            lines.append(part)
    return lines


def _parts(cell: str, end: str) -> list[str]:
    *others, last = cell.split(end)
    return [*(other + end.rstrip() for other in others), last]


def _least(column: Column, cells: Iterable[str]) -> int | None:
    """The width that a column of words must have; None where it cannot be narrowed."""
    if not column.below:
        return column.least
    return max(len(part) for cell in cells for part in _parts(cell, column.below))


def cut(word: str, width: int) -> str:
    """A word of at most ``width`` letters; … says that there were more.

    >>> cut("Unjárga - Nesseby", 10)
    'Unjárga -…'
    """
    return word if len(word) <= width else word[: width - 1].rstrip() + "…"


def without(
    place: int, columns: list[Column], rows: list[list[str]]
) -> tuple[list[Column], list[list[str]]]:
    """A table's columns and rows without the column at this place."""
    return (
        columns[:place] + columns[place + 1 :],
        [row[:place] + row[place + 1 :] for row in rows],
    )


def wrapped(texts: Iterable[str], width: int = 80) -> list[str]:
    """Texts as lines of at most ``width``; what follows a dash or an indent hangs under it.

    A number stays with its per cent sign.

    >>> wrapped(["– one two three"], 9)
    ['– one two', '  three']
    >>> wrapped(["  – one two three"], 11)
    ['  – one two', '    three']
    """
    import textwrap  # only what is told in sentences needs it

    lines: list[str] = []
    for text in texts:
        told = text.lstrip(" ")
        hang = text[: len(text) - len(told)] + ("  " if told.startswith("– ") else "")
        found = textwrap.wrap(
            text.replace(" %", _JOINED + "%"),
            width,
            subsequent_indent=hang,
            break_on_hyphens=False,
            break_long_words=False,
        )
        lines += [line.replace(_JOINED, " ") for line in found]
    return lines


def _fit(
    columns: Sequence[Column], lines: Sequence[Sequence[str]], widths: list[int], width: int
) -> bool:
    """Narrow the columns of words, each time where the fewest cells are cut; whether it fits."""
    least = {
        place: found
        for place, column in enumerate(columns)
        if (found := _least(column, (line[place] for line in lines))) is not None
    }
    lengths = {place: Counter(len(line[place]) for line in lines) for place in least}
    for _ in range(sum(widths) + 2 * (len(widths) - 1) - width):
        open_ = [place for place, found in least.items() if widths[place] > found]
        if not open_:
            return False
        losing = min(open_, key=lambda at: (_longer(lengths[at], widths[at] - 1), -widths[at]))
        widths[losing] -= 1
    return True


def _longer(lengths: Counter[int], width: int) -> int:
    return sum(count for length, count in lengths.items() if length > width)


def as_csv(rows: Sequence[dict[str, Any]]) -> str:
    """Rows of one shape as CSV with a header; None is an empty cell, lists are joined by space."""
    out = io.StringIO()
    if rows:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(rows[0])
        names = list(rows[0])
        writer.writerows([_cell(row[name]) for name in names] for row in rows)
    return out.getvalue()


def as_json(fields: dict[str, Any]) -> str:
    """Fields as JSON, in their own order, letters as they are.

    The bytes are those of ``json.dumps(fields, ensure_ascii=False, indent=1)``, which is slower
    by half: with an indent it takes no help from C.

    >>> print(as_json({"name": "Rømskog", "binding": ["lot"], "note": None}), end="")
    {
     "name": "Rømskog",
     "binding": [
      "lot"
     ],
     "note": null
    }
    """
    return _json(fields, "\n ") + "\n"


def _json(value: Any, pad: str) -> str:
    """A value as JSON; ``pad`` is the line end and indent of what stands in it."""
    plain = _PLAIN.get(type(value))
    if plain is not None:
        return plain(value)
    if isinstance(value, dict) and value:
        deeper, parts = pad + " ", []
        for key, part in value.items():
            plain = _PLAIN.get(type(part))
            parts.append(_key(key) + (_json(part, deeper) if plain is None else plain(part)))
        return f"{{{pad}{f',{pad}'.join(parts)}{pad[:-1]}}}"
    if isinstance(value, list | tuple) and value:
        deeper = pad + " "
        return f"[{pad}{f',{pad}'.join([_json(part, deeper) for part in value])}{pad[:-1]}]"
    return json.dumps(value, ensure_ascii=False)


@lru_cache(maxsize=256)
def _key(name: Any) -> str:
    return encode_basestring(name if isinstance(name, str) else json.dumps(name)) + ": "


_PLAIN: dict[type, Callable[[Any], str]] = {
    str: encode_basestring,
    int: repr,
    float: lambda value: repr(value) if isfinite(value) else json.dumps(value),
    type(None): lambda _: "null",
}


def _cell(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return " ".join(str(part) for part in value)
    return value
