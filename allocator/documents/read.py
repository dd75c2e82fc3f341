"""From a TOML file to a typed document, with every fault named by file, line and key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic_core import ValidationError

from allocator.documents.base import Document
from allocator.documents.check import validator
from allocator.errors import BadDataError, Fault, MissingInputError

__all__ = ["read_toml", "validated"]

D = TypeVar("D", bound=Document)


def read_toml(path: Path) -> dict[str, Any]:
    """The raw tables of a TOML file; a syntax error is told with its line and column."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise MissingInputError(
            Fault("document.missing", f"there is no file '{path}'", file=str(path))
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadDataError(
            Fault("document.unreadable", f"cannot be read as UTF-8 text ({error})", file=str(path))
        ) from None
    try:
        return tomllib.loads(text)
    except RecursionError:
        told = Fault("document.not-toml", "is nested too deeply", file=str(path))
        raise BadDataError(told) from None
    except ValueError as error:  # also what int() refuses to read: thousands of digits
        raise BadDataError(_not_toml(path, str(error))) from None


def _not_toml(path: Path, error: str) -> Fault:
    import re

    where = re.search(r"\(at line (\d+), column (\d+)\)", error)
    what = error.split(" (at ")[0]
    return Fault(
        "document.not-toml",
        f"is not TOML: {what[:1].lower()}{what[1:]}",
        'TOML such as  total = 780  or  title = "…"',
        file=str(path),
        row=int(where[1]) if where else None,
        column=where[2] if where else None,
        unit="line",
    )


def validated(cls: type[D], raw: Mapping[str, Any], path: Path | str) -> D:
    """``raw`` as a ``cls``, or one :class:`BadDataError` that holds every fault.

    >>> from allocator.documents.model import Lot
    >>> validated(Lot, {"person": 5}, "rule.toml")
    Traceback (most recent call last):
    allocator.errors.BadDataError: rule.toml: unknown key 'person' – did you mean 'persons'?
    """
    try:
        document: D = validator(cls).validate_python(raw, by_alias=True, by_name=False)
    except ValidationError as error:
        from allocator.documents.words import faults_of

        text = path.read_text(encoding="utf-8-sig") if isinstance(path, Path) else ""
        details = error.errors(include_url=False)
        raise BadDataError(faults_of(cls, raw, str(path), text, details)) from None
    return document
