"""What can go wrong, as data: a code, where it is, what was found, what was expected, what to do.

A :class:`Fault` is one wrong thing. Readers gather every fault they meet and raise one error that
holds them all, so that a person with three wrong cells is told of three.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

__all__ = [
    "BadDataError",
    "BosettError",
    "Fault",
    "InfeasibleError",
    "MissingInputError",
    "StoppedError",
    "UsageError",
    "did_you_mean",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong thing, on one line: ``row`` of a table, or ``line`` of a text by its ``unit``.

    >>> print(Fault("code", "'101' is no code", "four digits", file="a.csv", row=3, column="code"))
    a.csv, row 3, column code: '101' is no code; expected four digits
    >>> print(Fault("code", "unknown key 'titel'", file="a.toml", row=2, unit="line"))
    a.toml, line 2: unknown key 'titel'
    """

    code: str
    found: str
    expected: str = ""
    remedy: str = ""
    file: str | None = None
    row: int | None = None
    column: str | None = None
    unit: Literal["row", "line"] = "row"

    @property
    def place(self) -> str:
        """Where it is: file, row or line, column, as far as they are known."""
        parts = [self.file] if self.file else []
        if self.row is not None:
            parts.append(f"{self.unit} {self.row}")
        if self.column:
            parts.append(f"column {self.column}" if self.row is not None else self.column)
        return ", ".join(parts)

    def __str__(self) -> str:
        text = f"{self.place}: {self.found}" if self.place else self.found
        if self.expected:
            text += f"; expected {self.expected}"
        if self.remedy:
            text += f" – {self.remedy}"
        return text

    def as_dict(self) -> dict[str, str | int | None]:
        """The fault as JSON-ready fields."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


class BosettError(Exception):
    """Anything the user can be told in words. ``exit_code`` is what the command ends with."""

    exit_code: ClassVar[int] = 1

    def __init__(self, faults: Iterable[Fault] | Fault) -> None:
        self.faults = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class UsageError(BosettError):
    """The command line itself is wrong."""

    exit_code = 2


class InfeasibleError(BosettError):
    """No proposal can meet every hard constraint."""

    exit_code = 3
    status = "infeasible"

    def as_dict(self) -> dict[str, Any]:
        """What is known of why, as JSON-ready fields."""
        return {"summary": str(self), "relaxations": []}


class StoppedError(BosettError):
    """Time ran out before there was any answer."""

    exit_code = 4
    status = "stopped"

    def as_dict(self) -> dict[str, Any]:
        """What is known, as JSON-ready fields."""
        return {"summary": str(self)}


class BadDataError(BosettError):
    """An input was read and cannot be used."""

    exit_code = 65


class MissingInputError(BosettError):
    """An input that was named does not exist."""

    exit_code = 66


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The nearest known words as a remedy, or the whole list when it is short and none is near.

    >>> did_you_mean("popluation", ["population", "last-year"])
    "did you mean 'population'?"
    """
    from difflib import get_close_matches  # only those who err wait for it

    known = sorted(known)
    near = get_close_matches(word, known, n=2, cutoff=0.6)
    if near:
        return "did you mean " + " or ".join(f"'{name}'" for name in near) + "?"
    return "known: " + ", ".join(known) if 0 < len(known) <= 20 else ""
