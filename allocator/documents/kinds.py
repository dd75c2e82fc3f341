"""Annotations taken apart: what is inside ``Annotated``, ``… | None``, a tuple or a table."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from typing import Annotated, Any, ForwardRef, get_args, get_origin

from allocator.documents.base import Document, Field

__all__ = [
    "Kind",
    "fields_of",
    "is_known",
    "kind_of",
    "known_keys",
    "loaded",
    "takes_text",
    "takes_whole",
]


@dataclasses.dataclass(slots=True)
class Kind:
    """A type with its descriptions: ``int | None`` from 0 is inner ``int``, optional, ``ge=0``."""

    inner: Any
    optional: bool
    fields: tuple[Field, ...]

    @property
    def origin(self) -> Any:
        """``tuple``, ``dict`` or ``Literal`` where the type has arguments, else None."""
        return get_origin(self.inner)

    @property
    def arguments(self) -> tuple[Any, ...]:
        """The arguments of the type: of ``dict[str, int]`` they are ``str`` and ``int``."""
        return get_args(self.inner)

    @property
    def is_table(self) -> bool:
        """Whether it is a document class of its own."""
        return isinstance(self.inner, type) and issubclass(self.inner, Document)

    def get(self, name: str) -> Any:
        """What the nearest description says of ``name``, such as ``ge``."""
        found = (getattr(field, name) for field in self.fields)
        return next((value for value in found if value not in (None, "")), None)


def kind_of(annotation: Any) -> Kind:
    """An annotation taken apart.

    >>> kind_of(Annotated[int | None, Field("persons", ge=0)])
    Kind(inner=<class 'int'>, optional=True, fields=(Field(says='persons', ...),))
    """
    fields: tuple[Field, ...] = ()
    optional = False
    while True:
        arguments = get_args(annotation)
        if get_origin(annotation) is Annotated:
            annotation, *beside = arguments
            fields += tuple(part for part in beside if isinstance(part, Field))
        elif type(None) in arguments and len(arguments) == 2:
            optional = True
            annotation = arguments[0] if arguments[1] is type(None) else arguments[1]
        elif isinstance(annotation, ForwardRef):
            return Kind(annotation, annotation.__forward_arg__.endswith("| None"), fields)
        else:
            return Kind(annotation, optional, fields)


def loaded(kind: Kind) -> Kind:
    """A kind with the document class that is loaded only where a document has it.

    >>> from allocator.documents.scenario import Scenario
    >>> (kind,) = [kind for key, _, kind in fields_of(Scenario) if key == "uncertain"]
    >>> kind.is_table, loaded(kind).is_table
    (False, True)
    """
    if not isinstance(kind.inner, ForwardRef):
        return kind
    name = kind.inner.__forward_arg__.partition(" ")[0]
    inner = getattr(import_module(f"allocator.documents.{kind.get('later')}"), name)
    return dataclasses.replace(kind, inner=inner)


def fields_of(cls: type[Document]) -> Iterator[tuple[str, dataclasses.Field[Any], Kind]]:
    """The fields of a document class: the key in the document, the field, its kind."""
    for field in cls.__dataclass_fields__.values():
        kind = kind_of(field.type)
        yield kind.get("alias") or field.name, field, kind


def known_keys(cls: type[Document], loc: tuple[str, ...]) -> list[str]:
    """The keys allowed in the table at ``loc`` of a document class.

    >>> from allocator.documents.model import Model
    >>> known_keys(Model, ("key", "population", "cap"))
    ['factor', 'basis', 'excess']
    """
    kind = _at(cls, loc)
    if kind is None or not kind.is_table:
        return []
    return [key for key, _, _ in fields_of(kind.inner)]


@lru_cache(maxsize=1024)
def takes_text(cls: type[Document], loc: tuple[str, ...]) -> tuple[type, ...]:
    """What stays as it is where text stands: ``str``, and ``list`` in a list of texts.

    >>> from allocator.documents.scenario import Scenario
    >>> takes_text(Scenario, ("area", "county"))
    (<class 'str'>, <class 'list'>)
    >>> takes_text(Scenario, ("need", "total"))
    ()
    """
    kind = _at(cls, loc)
    if kind is None:
        return ()
    if kind.origin is tuple and kind_of(kind.arguments[0]).inner is str:
        return (str, list)
    return (str,) if kind.inner is str else ()


@lru_cache(maxsize=1024)
def takes_whole(cls: type[Document], loc: tuple[str, ...]) -> bool:
    """Whether a whole number stands at ``loc``.

    >>> from allocator.documents.scenario import Scenario
    >>> takes_whole(Scenario, ("need", "total")), takes_whole(Scenario, ("capacity", "factor"))
    (True, False)
    """
    kind = _at(cls, loc)
    return kind is not None and kind.inner is int


def is_known(cls: type[Document], loc: tuple[str, ...]) -> bool:
    """Whether a document may say anything at ``loc``.

    >>> from allocator.documents.scenario import Scenario
    >>> is_known(Scenario, ("need", "total")), is_known(Scenario, ("need", "totl"))
    (True, False)
    """
    return _at(cls, loc) is not None


def _at(cls: type[Document], loc: tuple[str, ...]) -> Kind | None:
    """The kind of what stands at ``loc``, or None where no such place is known."""
    kind = kind_of(cls)
    for part in loc:
        if kind.is_table:
            inside = {key: found for key, _, found in fields_of(kind.inner)}
            if part not in inside:
                return None
            kind = loaded(inside[part])
        elif kind.origin is dict:
            kind = kind_of(kind.arguments[1])
        elif kind.origin is tuple:
            kind = kind_of(kind.arguments[0])
        else:
            return None
    return kind
