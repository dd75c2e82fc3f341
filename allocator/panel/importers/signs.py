"""What a published figure may look like, and what the signs in its place mean.

Five things are never folded into each other: a number (0 is one), hidden, not at hand, not decided
yet, not asked. Each reader says what its publisher's dash means; where it does not, a dash is
refused.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from allocator.panel.figures import Status

__all__ = ["Read", "plain", "read_count", "read_number"]

Read = tuple[str, Status]
"""A figure as the panel writes it – empty where there is none – and its status."""

# IMDi, SSB: ":" is hidden and "." or ".." is not at hand. NAV: "*" is fewer than four.
_SIGNS = {
    ":": Status.SUPPRESSED,
    "*": Status.SUPPRESSED,
    ".": Status.MISSING,
    "..": Status.MISSING,
    "...": Status.MISSING,
    "avventer vedtak": Status.PENDING,
    "avventar vedtak": Status.PENDING,
    "pending": Status.PENDING,
    "suppressed": Status.SUPPRESSED,
    "missing": Status.MISSING,
    "not requested": Status.NOT_REQUESTED,
    "not_requested": Status.NOT_REQUESTED,
    "ikke anmodet": Status.NOT_REQUESTED,
    "ikkje oppmoda": Status.NOT_REQUESTED,
}
_UNDER = re.compile(r"(<|under)\s*[0-9]{1,2}")
_DASHES = frozenset("-–—−‐‑")
_BLANKS = "[ \u00a0\u202f\u2009'’]"
_WHOLE = rf"[0-9]+|[0-9]{{1,3}}(?:{_BLANKS}[0-9]{{3}})+"
_NUMBER = re.compile(rf"([-−–+]?)({_WHOLE})(?:[.,]([0-9]+))?|([-−–+]?)[.,]([0-9]+)")


@lru_cache(maxsize=65536)
def read_count(cell: str, dash: Status | None = None) -> Read:
    """A number of persons, or the sign in its place. ``dash`` is what a lone dash means.

    >>> read_count("1\\u00a0250"), read_count("20,0"), read_count(":"), read_count("< 5")
    (('1250', <Status.REPORTED: 'reported'>), ('20', <Status.REPORTED: 'reported'>),
     ('', <Status.SUPPRESSED: 'suppressed'>), ('', <Status.SUPPRESSED: 'suppressed'>))

    Raises ValueError(found, expected, remedy).

    >>> read_count("1.250")
    Traceback (most recent call last):
    ...
    ValueError: ("'1.250' can be 1250 or 1 and a quarter", 'digits only, such as 1250', ...)
    """
    sign = _sign(cell, dash)
    if sign is not None:
        return "", sign
    value = _decimal(cell, "a number of persons")
    bare = cell.strip()
    if re.search(r"[.,][0-9]{3}$", bare):
        as_whole = re.sub(r"[^0-9]", "", bare)
        raise ValueError(
            f"'{_short(bare)}' can be {as_whole} or {_spoken(value)}",
            f"digits only, such as {as_whole}",
            "a point or comma for thousands cannot be told from a decimal one; leave it out",
        )
    if value != value.to_integral_value():
        raise ValueError(f"'{_short(bare)}' persons is not a whole number", "digits, such as 25")
    if value < 0:
        raise ValueError(f"'{_short(bare)}' persons is negative", "0 or more")
    return str(int(value)), Status.REPORTED


@lru_cache(maxsize=65536)
def read_number(cell: str, dash: Status | None = None) -> Read:
    """A number with or without decimals, or the sign in its place.

    >>> read_number("2,40"), read_number("−1\\u202f250.5")[0], read_number("..")[1].value
    (('2.4', <Status.REPORTED: 'reported'>), '-1250.5', 'missing')
    """
    sign = _sign(cell, dash)
    if sign is not None:
        return "", sign
    return plain(_decimal(cell, "a number")), Status.REPORTED


def plain(value: Decimal) -> str:
    """A number as the panel writes it: a point, no exponent, no zeros that say nothing.

    >>> plain(Decimal("61.0")), plain(Decimal("0.50")), plain(Decimal("1200"))
    ('61', '0.5', '1200')
    """
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _sign(cell: str, dash: Status | None) -> Status | None:
    bare = cell.strip()
    if not bare:
        return Status.MISSING
    if bare in _DASHES:
        if dash is None:
            raise ValueError(
                f"'{bare}' can be nothing asked, none, or no figure",
                "a number, or one of the signs : . * <5",
                "write 0 where it is 0, leave the cell empty where there is no figure",
            )
        return dash
    low = bare.lower()
    if _UNDER.fullmatch(low):
        return Status.SUPPRESSED
    return _SIGNS.get(low)


def _decimal(cell: str, what: str) -> Decimal:
    found = _NUMBER.fullmatch(cell.strip()) if len(cell) <= 60 else None
    if found is None:
        raise ValueError(f"'{_short(cell)}' is not {what}", "digits, or one of the signs : . * <5")
    sign, whole, part, bare_sign, bare_part = found.groups()
    digits = re.sub(_BLANKS, "", whole or "0")
    minus = "-" if (sign or bare_sign or "") in {"-", "−", "–"} else ""
    return Decimal(f"{minus}{digits}.{part or bare_part or 0}")


def _short(cell: str) -> str:
    shown = "".join(letter if letter.isprintable() else " " for letter in cell)
    return shown if len(shown) <= 40 else shown[:39] + "…"


def _spoken(value: Decimal) -> str:
    if value == Decimal("1.25"):
        return "1 and a quarter"
    return f"{plain(value)} with decimals"
