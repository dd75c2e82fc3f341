"""What every document class shares: frozen, strict, described; and how its fields are described.

A document class is a standard dataclass whose annotations say everything: the types, the limits,
and one line for the person who writes the document. From the same annotations
:mod:`allocator.documents.check` makes pydantic's validator, and :mod:`allocator.documents.schema`
the JSON Schema. Pydantic's own model classes would do the same, but building them took longer than
solving a scenario of the whole country.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple, Self, TypeVar, dataclass_transform

__all__ = ["ContradictionError", "Document", "Field", "Short", "document"]

T = TypeVar("T")


class Short(NamedTuple):
    """A short way to write a value: what may be written, and how it is spelled out."""

    of: Any
    spell_out: Callable[[Any], Any]


class Field(NamedTuple):
    """What stands beside a type in ``Annotated``: a description, limits, another name.

    >>> Field("all persons", ge=0).ge
    0
    """

    says: str = ""
    alias: str | None = None
    ge: float | None = None
    le: float | None = None
    least: int | None = None  # characters of a text, entries of a table
    pattern: str | None = None
    expected: str = ""  # the pattern in plain words
    width: int | None = None  # shorter numbers are filled with zeros in the remedy
    short: Short | None = None
    apart: bool = False  # checked by those who read it, and only where it is written
    later: str = ""  # the module of the class that is named, loaded only where it is written


class ContradictionError(ValueError):
    """Values that are right one by one and wrong together; each is told at the key it names.

    >>> str(ContradictionError(("lock", "is 5"), ("", "too many")))
    'lock: is 5; too many'
    """

    def __init__(self, *told: tuple[str, str]) -> None:
        self.told = told
        super().__init__("; ".join(f"{key}: {text}" if key else text for key, text in told))


class Document:
    """A frozen piece of a document. Text in a number's place is refused, not converted.

    The methods that ``dataclass`` would write out and compile for each class, 5 ms for all of them,
    are here once.
    """

    __slots__ = ()
    __dataclass_fields__: dict[str, dataclasses.Field[Any]]

    def __init__(self, **given: Any) -> None:
        from allocator.documents.check import validator

        validator(type(self)).validate_python(
            given, self_instance=self, by_alias=True, by_name=True
        )

    def __post_init__(self) -> None:
        """Raises :class:`ContradictionError` when the values do not go together."""

    def having(self, **pieces: Any) -> Self:
        """A copy with other values that were validated before; what must go together is checked.

        >>> from allocator.documents.model import Goals, Lot
        >>> Lot(persons=3).having(minors=5)
        Lot(persons=3, minors=5, every=False, every_minors=False)
        >>> Goals().having(order=("even",))
        Traceback (most recent call last):
        allocator.documents.base.ContradictionError: order: the first goal is always 'place'
        """
        made = object.__new__(type(self))
        for name in self.__dataclass_fields__:
            value = pieces[name] if name in pieces else getattr(self, name)
            object.__setattr__(made, name, value)
        made.__post_init__()
        return made

    def as_dict(self) -> dict[str, Any]:
        """The document as JSON-ready fields, named as in a document, with every default said.

        >>> from allocator.documents.model import KeyPart
        >>> KeyPart(weight=0.5).as_dict()["as"]
        'share'
        """
        from allocator.documents.kinds import fields_of

        found = ((key, getattr(self, field.name)) for key, field, _ in fields_of(type(self)))
        return {key: _plain(value) for key, value in found}

    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in self.__dataclass_fields__)
        return f"{type(self).__name__}({', '.join(shown)})"

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, at) == getattr(other, at) for at in self.__dataclass_fields__)

    def __hash__(self) -> int:
        values = (getattr(self, name) for name in self.__dataclass_fields__)
        parts = (frozenset(v.items()) if isinstance(v, dict) else v for v in values)
        return hash((type(self), *parts))

    def __setattr__(self, name: str, value: object) -> None:
        raise dataclasses.FrozenInstanceError(f"cannot assign to field '{name}'")

    def __delattr__(self, name: str) -> None:
        raise dataclasses.FrozenInstanceError(f"cannot delete field '{name}'")

    def __setstate__(self, state: tuple[None, dict[str, Any]]) -> None:
        for name, value in state[1].items():
            object.__setattr__(self, name, value)


@dataclass_transform(
    kw_only_default=True, frozen_default=True, field_specifiers=(dataclasses.field,)
)
def document(cls: type[T]) -> type[T]:
    """A class of documents: a dataclass with slots whose fields are named when it is made.

    >>> from allocator.documents.model import Lot
    >>> Lot(persons=3)
    Lot(persons=3, minors=0, every=False, every_minors=False)
    >>> Lot(persons="3")
    Traceback (most recent call last):
    pydantic_core._pydantic_core.ValidationError: 1 validation error for Lot...
    """
    decorate = dataclasses.dataclass(
        init=False, repr=False, eq=False, match_args=False, slots=True, kw_only=True
    )
    return decorate(cls)


def _plain(value: Any) -> Any:
    if isinstance(value, Document):
        return value.as_dict()
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
