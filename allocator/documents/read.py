"""From a TOML file to a typed document, with every fault named by file, line and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from allocator.documents.base import Document
from allocator.errors import BadDataError, Fault, MissingInputError, did_you_mean

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
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        what = str(error).split(" (at ")[0]
        raise BadDataError(
            Fault(
                "document.not-toml",
                f"is not TOML: {what[:1].lower()}{what[1:]}",
                'TOML such as  total = 780  or  title = "…"',
                file=str(path),
                row=int(where[1]) if where else None,
                column=where[2] if where else None,
            )
        ) from None


def validated(cls: type[D], raw: Mapping[str, Any], path: Path | str) -> D:
    """``raw`` as a ``cls``, or one :class:`BadDataError` that holds every fault."""
    try:
        return cls.model_validate(raw)
    except ValidationError as error:
        text = path.read_text(encoding="utf-8-sig") if isinstance(path, Path) else ""
        raise BadDataError(
            _fault(cls, raw, str(path), text, detail) for detail in error.errors(include_url=False)
        ) from None


def _fault(cls: type[Document], raw: Mapping[str, Any], file: str, text: str, detail: Any) -> Fault:
    loc = tuple(str(part) for part in detail["loc"] if not str(part).startswith("function-"))
    kind, key = detail["type"], ".".join(loc)
    row = line_of(text, loc)
    if kind == "extra_forbidden":
        remedy = did_you_mean(loc[-1], known_keys(cls, loc[:-1]))
        return Fault(
            "document.unknown-key", f"unknown key '{key}'", remedy=remedy, file=file, row=row
        )
    if kind == "missing":
        return Fault(
            "document.missing-key",
            f"the key '{key}' is missing",
            file=file,
            remedy=f"add {key} = …",
        )
    if kind == "value_error":
        found = str(detail["ctx"]["error"])
        return Fault("document.value", f"{key}: {found}" if key else found, file=file, row=row)
    return Fault(
        "document.value",
        f"{key} is {detail['input']!r}",
        detail["msg"].removeprefix("Input should be ").replace("a valid ", ""),
        file=file,
        row=row,
    )


def known_keys(cls: type[BaseModel], loc: Iterable[str]) -> list[str]:
    """The keys allowed in the table at ``loc`` of a document class."""
    current: Any = cls
    for part in loc:
        if isinstance(current, type) and issubclass(current, BaseModel):
            named = {field.alias or name: field for name, field in current.model_fields.items()}
            current = _inner(named[part].annotation) if part in named else None
        # A free-named table (criteria, municipalities) or a list: its entries share one class.
    if isinstance(current, type) and issubclass(current, BaseModel):
        return [field.alias or name for name, field in current.model_fields.items()]
    return []


def _inner(annotation: Any) -> Any:
    """The document class inside Annotated[…], X | None, dict[str, X] or tuple[X, …]."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        inside = inside[:1]
    for part in inside:
        found = _inner(part)
        if found is not None:
            return found
    return None


def line_of(text: str, loc: tuple[str, ...]) -> int | None:
    """The line where the key path ``loc`` stands, or its table's header, or None.

    >>> line_of('title = "x"\\n[lot]\\nperson = 5\\n', ("lot", "person"))
    3
    """
    table: tuple[str, ...] = ()
    best: int | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[+([^\]]+)\]+", line)
        if header:
            table = _dotted(header[1])
            if table == loc[: len(table)]:
                best = number
            continue
        assignment = re.match(r"""\s*([\w."'-]+)\s*=""", line)
        if assignment:
            key = table + _dotted(assignment[1])
            if key == loc[: len(key)]:
                return number
    return best


def _dotted(text: str) -> tuple[str, ...]:
    parts = re.findall(r'"([^"]*)"|\'([^\']*)\'|([\w-]+)', text)
    return tuple(next(filter(None, part), "") for part in parts)
