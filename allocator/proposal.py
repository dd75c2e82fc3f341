"""The answer: one frozen object that everything after the program reads."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

__all__ = ["Proposal", "Request"]

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Request:
    """What one municipality is asked for, and what it stands on.

    ``em`` is all minors; the two age fields are None where the scenario knows only one number.
    ``entitlement`` is what the key alone gives, ``last_year`` None where no figure is known; in a
    plan of several years a later year's is the number planned for the year before.
    """

    code: str
    name: str
    year: int
    county: str
    county_name: str
    population: int | None
    entitlement: float
    total: int
    ordinary: int
    em_under15: int | None
    em_15_17: int | None
    em: int
    last_year: int | None
    binding: tuple[str, ...]
    note: str = ""

    @property
    def per_1000(self) -> float | None:
        """Persons asked for per 1 000 inhabitants."""
        return 1000 * self.total / self.population if self.population else None

    @property
    def change(self) -> int | None:
        """Against last year's request."""
        return None if self.last_year is None else self.total - self.last_year

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, in their order."""
        return dict(zip(_NAMES, _VALUES(self), strict=True))


_NAMES = tuple(field.name for field in fields(Request))
_VALUES = attrgetter(*_NAMES)


@dataclass(frozen=True, slots=True)
class Proposal:
    """The requests of one case, sorted by code, with what they were made of.

    ``overrides`` are all that the scenario says of single municipalities: what is set, to which
    value, and the reason; a note by itself is one too.
    """

    scenario: str
    title: str
    model: str
    year: int
    as_of: str
    status: str
    need: dict[str, int | None]
    years: tuple[dict[str, int], ...]
    assumption: str
    unplaced: dict[str, int]
    goals: tuple[dict[str, Any], ...]
    municipalities: tuple[Request, ...]
    inputs: tuple[dict[str, str], ...]
    gave: tuple[dict[str, Any], ...]
    ties: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...]
    overrides: tuple[dict[str, Any], ...] = ()

    @property
    def total(self) -> int:
        """All persons asked for."""
        return sum(request.total for request in self.municipalities)

    @property
    def minors(self) -> int:
        """All unaccompanied minors asked for."""
        return sum(request.em for request in self.municipalities)

    def of_year(self, year: int) -> tuple[Request, ...]:
        """The requests of one year: all of them, unless the plan spans several."""
        return tuple(request for request in self.municipalities if request.year == year)

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON form, ``"schema": 1``."""
        rows = tuple(request.as_dict() for request in self.municipalities)
        own = {
            name: rows if name == "municipalities" else deepcopy(getattr(self, name))
            for name in self.__dataclass_fields__
        }
        return {"schema": SCHEMA, **own}

    def to_frame(self) -> Any:
        """The requests as a pandas DataFrame indexed by code (and year, in a plan of several)."""
        import pandas as pd

        index = ["code", "year"] if self.years else "code"
        return pd.DataFrame([r.as_dict() for r in self.municipalities]).set_index(index)
