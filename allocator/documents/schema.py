"""JSON Schema of the documents, for editors and for other programs."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any, Literal

from allocator.documents.base import Document
from allocator.documents.kinds import Kind, fields_of, kind_of, loaded
from allocator.documents.model import Model
from allocator.documents.scenario import Need, Scenario

__all__ = ["schema"]

Schema = dict[str, Any]
TYPES = {int: "integer", float: "number", str: "string", bool: "boolean"}


def schema(kind: Literal["model", "scenario"]) -> str:
    """The JSON Schema of a document kind, as text with a final newline.

    >>> body = json.loads(schema("scenario"))
    >>> body["properties"]["year"]["minimum"], body["properties"]["need"]
    (1990, {'$ref': '#/$defs/Need'})
    """
    cls: type[Document] = Model if kind == "model" else Scenario
    tables: dict[str, Schema] = {}
    _reference(cls, tables)
    body = tables.pop(cls.__name__)
    named = {"$schema": {"type": "string", "description": "the schema of this document"}}
    body["properties"] = {**named, **body["properties"]}
    if kind == "scenario":
        _differences(body, tables[Need.__name__])
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **body}
    return json.dumps({**whole, "$defs": tables}, indent=1, ensure_ascii=False) + "\n"


def _differences(body: Schema, need: Schema) -> None:
    """A scenario with a base says only what is different: nothing is missing from it."""
    told = {
        "required": body.pop("required"),
        "properties": {"need": {"required": need["required"]}},
    }
    del need["required"]
    body |= {"if": {"required": ["base"]}, "else": told}


def _reference(cls: type[Document], tables: dict[str, Schema]) -> Schema:
    """A reference to the table of a document class, which is added to ``tables``."""
    if cls.__name__ not in tables:
        table = tables[cls.__name__] = {}
        required, properties = [], {}
        for key, field, kind in fields_of(cls):
            properties[key] = _of(kind, tables)
            if field.default is not dataclasses.MISSING and field.default is not None:
                properties[key]["default"] = field.default
            if field.default is field.default_factory is dataclasses.MISSING:
                required.append(key)
        table |= {
            "title": cls.__name__,
            "description": cls.__doc__,
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
        }
        if required:
            table["required"] = required
    return {"$ref": f"#/$defs/{cls.__name__}"}


def _of(kind: Kind, tables: dict[str, Schema]) -> Schema:
    """The schema of a value. There is no null in TOML: what is optional is left out."""
    kind = loaded(kind)
    found = _value(kind, tables)
    short = kind.get("short")
    if short:
        found = {"anyOf": [_of(kind_of(short.of), tables), found]}
    limits = {"minimum": kind.get("ge"), "maximum": kind.get("le"), "pattern": kind.get("pattern")}
    if kind.inner is str:
        limits["minLength"] = kind.get("least")
    elif kind.origin is dict:
        limits["minProperties"] = kind.get("least")
    said = {"description": kind.get("says")}
    return found | {name: value for name, value in (limits | said).items() if value is not None}


def _value(kind: Kind, tables: dict[str, Schema]) -> Schema:
    if kind.is_table:
        return _reference(kind.inner, tables)
    if kind.origin is Literal:
        return {"enum": list(kind.arguments), "type": "string"}
    if kind.origin is tuple:
        return {"type": "array", "items": _of(kind_of(kind.arguments[0]), tables)}
    if kind.origin is dict:
        name, entry = map(kind_of, kind.arguments)
        names = {"propertyNames": {"pattern": name.get("pattern")}} if name.get("pattern") else {}
        return {"type": "object", "additionalProperties": _of(entry, tables), **names}
    if kind.inner is dt.date:
        return {"type": "string", "format": "date"}
    return {"type": TYPES[kind.inner]}
