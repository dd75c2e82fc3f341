"""What is wrong with a document, in the words of the person who writes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from allocator.documents.base import ContradictionError, Document
from allocator.documents.kinds import known_keys
from allocator.documents.lines import line_of
from allocator.errors import Fault, did_you_mean

__all__ = ["faults_of"]

EXPECTED = {
    "bool_type": "true or false",
    "dataclass_type": "a table",
    "date_type": "a date such as 2015-10-31",
    "dict_type": "a table",
    "finite_number": "a finite number",
    "float_type": "a number",
    "int_from_float": "a whole number",
    "int_type": "a whole number",
    "string_too_short": "some text",
    "string_type": "some text",
    "too_short": "at least one criterion",  # the only table that must not be empty is the key
    "tuple_type": "a list",
}
NAMES = {2: "county code", 4: "municipality code"}


def faults_of(
    cls: type[Document],
    raw: Mapping[str, Any],
    file: str,
    text: str,
    details: list[Any],
) -> list[Fault]:
    """Every fault pydantic found in ``raw``, in the order of the lines of ``text``."""
    faults = [fault for detail in details for fault in _faults(cls, raw, file, text, detail)]
    return sorted(faults, key=lambda fault: (fault.row is None, fault.row or 0))


def _faults(
    cls: type[Document], raw: Mapping[str, Any], file: str, text: str, detail: Any
) -> Iterator[Fault]:
    kind, loc = detail["type"], tuple(str(part) for part in detail["loc"])
    if kind == "value_error":
        error = detail["ctx"]["error"]
        told = error.told if isinstance(error, ContradictionError) else (("", str(error)),)
        for key, found in told:
            at = (*loc, key) if key else loc
            yield _fault("value", f"{'.'.join(at)}: {found}", file, text, at)
    elif kind == "unexpected_keyword_argument":
        remedy = did_you_mean(loc[-1], known_keys(cls, loc[:-1]))
        found = f"unknown key '{'.'.join(loc)}'"
        yield _fault("unknown-key", found, file, text, loc, remedy=remedy)
    elif kind == "missing":
        key = ".".join(loc)
        yield _fault(
            "missing-key", f"the key '{key}' is missing", file, text, loc, remedy=f"add {key} = …"
        )
    else:
        yield _wrong_value(raw, file, text, loc, detail)


def _wrong_value(
    raw: Mapping[str, Any], file: str, text: str, loc: tuple[str, ...], detail: Any
) -> Fault:
    kind, found = detail["type"], detail["input"]
    width = detail.get("ctx", {}).get("width")
    remedy = ""
    if width and str(found).isdecimal() and len(str(found)) <= width:
        remedy = f"write it as '{str(found).zfill(width)}'"
    expected = EXPECTED.get(kind) or _expected(kind, detail)
    if loc[-1] == "[key]":
        loc = loc[:-1]
        told = f'{".".join(loc[:-1])}."{found}" is no {NAMES.get(width, "key here")}'
    else:
        told = f"{_written(raw, loc)} is {_shown(found)}"
    return _fault("value", told, file, text, loc, expected=expected, remedy=remedy)


def _expected(kind: str, detail: Any) -> str:
    limits = detail.get("ctx", {})
    if kind == "greater_than_equal":
        return f"at least {_number(limits['ge'])}"
    if kind == "less_than_equal":
        return f"at most {_number(limits['le'])}"
    return str(detail["msg"]).removeprefix("Input should be ")


def _number(value: float) -> str:
    """
    >>> _number(1_000_000), _number(2100)
    ('1 000 000', '2100')
    """
    return f"{value:,}".replace(",", " ") if value >= 10_000 else f"{value:g}"


def _written(raw: Any, loc: tuple[str, ...]) -> str:
    """The key as far as it is written: of a short form, the parts it stands for are not.

    >>> _written({"key": {"population": "much"}}, ("key", "population", "weight"))
    'key.population'
    >>> _written({"area": {"county": ["31", 2]}}, ("area", "county", "1"))
    'area.county[1]'
    """
    told = ""
    for part in loc:
        if isinstance(raw, Mapping):
            told += f".{part}" if told else part
            raw = raw.get(part)
        elif isinstance(raw, list) and part.isdecimal():
            told += f"[{part}]"
            raw = raw[int(part)]
        else:
            break
    return told


def _shown(value: Any) -> str:
    """A value as it is told: short, and in the words of TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table" if value else "empty"
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    shown = repr(value) if not isinstance(value, int) or value < 10**40 else "too large a number"
    return shown if len(shown) <= 80 else f"{shown[:77]}…"


def _fault(
    code: str,
    found: str,
    file: str,
    text: str,
    loc: tuple[str, ...],
    expected: str = "",
    remedy: str = "",
) -> Fault:
    return Fault(
        f"document.{code}",
        found.removeprefix(": "),
        expected,
        remedy,
        file=file,
        row=line_of(text, loc),
        unit="line",
    )
