"""What a cell may hold: each kind turns text into a value, or tells what is wrong with it.

A kind is a function of the cell's text. It raises ``ValueError(found, expected, remedy)``.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from typing import Any

from allocator.panel.figures import Status

__all__ = [
    "Cell",
    "code4",
    "county2",
    "date_or_empty",
    "hint",
    "month_day",
    "number",
    "one_of",
    "period",
    "persons",
    "status",
    "text",
    "weight",
    "whole",
    "word",
    "year",
    "year_or_open",
]

Cell = Callable[[str], Any]
"""Turns a cell into a value, or raises ValueError(found, expected, remedy)."""


def text(cell: str) -> str:
    """Any text."""
    return cell


def word(cell: str) -> str | None:
    """Any text; empty is None."""
    return cell or None


def code4(cell: str) -> str:
    """A municipality code: text of four digits.

    >>> code4("301")
    Traceback (most recent call last):
    ...
    ValueError: ("'301' is not a municipality code", "text of four digits such as '0301'", ...)
    """
    if len(cell) == 4 and cell.isascii() and cell.isdigit():
        return cell
    if cell.isascii() and cell.isdigit() and len(cell) < 4:
        raise ValueError(
            f"'{cell}' is not a municipality code",
            f"text of four digits such as '{cell.zfill(4)}'",
            "a spreadsheet may have cut the leading zero: format the column as text",
        )
    raise ValueError(f"'{cell}' is not a municipality code", "text of four digits such as '0301'")


def county2(cell: str) -> str:
    """A county code: text of two digits."""
    if re.fullmatch(r"[0-9]{2}", cell):
        return cell
    raise ValueError(f"'{cell}' is not a county code", "text of two digits such as '03'")


def year(cell: str) -> int:
    """A calendar year."""
    if re.fullmatch(r"(1[6-9]|20)[0-9]{2}", cell):
        return int(cell)
    raise ValueError(f"'{cell}' is not a year", "four digits such as 2026")


def year_or_open(cell: str) -> int | None:
    """A calendar year; empty is None, for what still lasts."""
    return year(cell) if cell else None


def period(cell: str) -> str:
    """A year or a month: 2026 or 2026-03."""
    if re.fullmatch(r"(1[6-9]|20)[0-9]{2}(-(0[1-9]|1[0-2]))?", cell):
        return cell
    raise ValueError(f"'{cell}' is not a period", "a year or a month, such as 2026 or 2026-03")


def persons(cell: str) -> int | None:
    """A whole, non-negative number of persons; empty is None."""
    if cell.isascii() and cell.isdigit() and len(cell) <= 15:
        return int(cell)
    if not cell:
        return None
    value, digits = _float(cell), "digits only, such as 25"
    if value is None:
        raise ValueError(f"'{cell}' is not a number of persons", digits)
    if value < 0:
        raise ValueError(f"{cell} persons is negative", "0 or more")
    if not value.is_integer():
        raise ValueError(f"{cell} persons is not a whole number", digits)
    if re.search("[.eE]", cell):
        found = f"{cell} persons is written as a decimal, not as a whole number"
        raise ValueError(found, digits, f"write {value:.0f}" if value < 1e9 else "")
    raise ValueError(f"'{cell}' is not a number of persons", digits)


def number(cell: str) -> float | None:
    """A finite number with a decimal point; empty is None.

    >>> number("2.4"), number("")
    (2.4, None)
    """
    if cell.isascii() and cell.isdigit() and len(cell) <= 15:
        return float(cell)
    value = _float(cell)
    if cell and value is None:
        raise ValueError(f"'{cell}' is not a number", "digits with a decimal point, such as 2.4")
    return value


def _float(cell: str) -> float | None:
    if not re.fullmatch(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?", cell):
        return None
    value = float(cell)
    return value if math.isfinite(value) else None


def weight(cell: str) -> float:
    """A share from 0 to 1; empty is the whole."""
    value = number(cell)
    if value is None:
        return 1.0
    if value < 0:
        raise ValueError(f"the weight {cell} is negative", "a share from 0 to 1")
    return value


def whole(cell: str) -> int:
    """A whole number, which may be negative."""
    if re.fullmatch(r"-?[0-9]{1,6}", cell):
        return int(cell)
    raise ValueError(f"'{cell}' is not a whole number", "digits only, such as 3")


def one_of(*allowed: str) -> Cell:
    """One of some words."""
    known = frozenset(allowed)

    def parse(cell: str) -> str:
        if cell not in known:
            raise ValueError(f"'{cell}' is not known", "one of " + ", ".join(allowed))
        return cell

    return parse


_STATUS_WORD = one_of(*(status.value for status in Status))


def status(cell: str) -> Status:
    """One of the six words that say why a figure is what it is."""
    return Status(_STATUS_WORD(cell))


def month_day(cell: str) -> str:
    """A month and a day that every year has: 10-31."""
    if re.fullmatch(r"[0-9]{2}-[0-9]{2}", cell):
        _date(f"2001-{cell}")
        return cell
    raise ValueError(f"'{cell}' is not a month and day", "such as 10-31")


def date_or_empty(cell: str) -> dt.date | None:
    """A date, 2015-10-31; empty is None."""
    return _date(cell) if cell else None


def _date(cell: str) -> dt.date:
    try:
        return dt.date.fromisoformat(cell)
    except ValueError:
        raise ValueError(f"'{cell}' is not a date", "such as 2015-10-31") from None


def hint(cell: str) -> str:
    """What is the matter with a cell that looks right.

    >>> hint(" 30"), hint("٣٠"), hint("1 030")
    ('there is a blank before it',
     'these digits are not 0 to 9',
     'leave out the blank between the digits')
    """
    if cell.strip() and cell != cell.strip():
        before, after = cell != cell.lstrip(), cell != cell.rstrip()
        at = "before and after" if before and after else "before" if before else "after"
        return f"there is a blank {at} it"
    if any(letter.isdigit() and not letter.isascii() for letter in cell):
        return "these digits are not 0 to 9"
    if re.fullmatch(r"[0-9]+(\s[0-9]+)+", cell):
        return "leave out the blank between the digits"
    return ""
