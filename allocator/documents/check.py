"""Pydantic's validator, made from the annotations of a document class.

Only ``pydantic_core`` is imported: the part of pydantic that validates.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any, Literal

from pydantic_core import SchemaValidator
from pydantic_core.core_schema import (
    CoreSchema,
    bool_schema,
    custom_error_schema,
    dataclass_args_schema,
    dataclass_field,
    dataclass_schema,
    date_schema,
    dict_schema,
    float_schema,
    int_schema,
    literal_schema,
    no_info_before_validator_function,
    no_info_plain_validator_function,
    nullable_schema,
    str_schema,
    tuple_variable_schema,
    with_default_schema,
)

from allocator.documents.base import Document
from allocator.documents.kinds import Kind, fields_of, kind_of, loaded

__all__ = ["validator"]


_made: dict[type[Document], SchemaValidator] = {}


def validator(cls: type[Document]) -> SchemaValidator:
    """The validator of a document class: it gives the document, or every fault at once.

    >>> from allocator.documents.model import Lot
    >>> validator(Lot).validate_python({"persons": 10}).persons
    10
    """
    if cls not in _made:
        _made[cls] = SchemaValidator(_table(cls))
    return _made[cls]


def _table(cls: type[Document]) -> CoreSchema:
    fields = []
    for key, field, kind in fields_of(cls):
        schema = _of(kind)
        if kind.is_table and field.default_factory is not dataclasses.MISSING:
            schema = with_default_schema(schema, default_factory=dict, validate_default=True)
        elif field.default_factory is not dataclasses.MISSING:
            schema = with_default_schema(schema, default_factory=field.default_factory)
        elif field.default is not dataclasses.MISSING:
            schema = with_default_schema(schema, default=field.default)
        alias = key if key != field.name else None
        fields.append(dataclass_field(field.name, schema, kw_only=True, validation_alias=alias))
    inside = dataclass_args_schema(cls.__name__, fields, extra_behavior="forbid")
    names = list(cls.__dataclass_fields__)
    # Each value is strict by itself; a strict dataclass would refuse the raw tables.
    return dataclass_schema(cls, inside, names, post_init=True, slots=True)


def _of(kind: Kind) -> CoreSchema:
    if kind.get("apart"):
        return dict_schema()
    schema = _value(kind)
    if kind.get("expected"):
        width = kind.get("width")
        schema = custom_error_schema(
            schema,
            custom_error_type="form",
            custom_error_message=kind.get("expected"),
            custom_error_context={"width": width} if width else None,
        )
    if kind.get("short"):
        schema = no_info_before_validator_function(kind.get("short").spell_out, schema)
    return nullable_schema(schema) if kind.optional else schema


def _value(kind: Kind) -> CoreSchema:
    inner, least = kind.inner, kind.get("least")
    if kind.is_table:
        return _table(inner)
    if kind.get("later"):  # what is wrong inside is told with what is wrong elsewhere
        return no_info_plain_validator_function(
            lambda raw: validator(loaded(kind).inner).validate_python(raw)
        )
    if kind.origin is Literal:
        return literal_schema(list(kind.arguments))
    if kind.origin is tuple:
        return tuple_variable_schema(_of(kind_of(kind.arguments[0])), min_length=least)
    if kind.origin is dict:
        keys, values = (_of(kind_of(part)) for part in kind.arguments)
        return dict_schema(keys, values, min_length=least, strict=True)
    if inner is int:
        return int_schema(ge=kind.get("ge"), le=kind.get("le"), strict=True)
    if inner is float:
        limits: dict[str, Any] = {"ge": kind.get("ge"), "le": kind.get("le")}
        return float_schema(**limits, allow_inf_nan=False, strict=True)
    if inner is str:
        return str_schema(min_length=least, pattern=kind.get("pattern"), strict=True)
    if inner is bool:
        return bool_schema(strict=True)
    if inner is dt.date:
        return date_schema(strict=True)
    raise TypeError(f"no validator is known for {inner!r}")
