"""The scenario document: one what-if case – a year, an area, a need, and local knowledge."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, NonNegativeInt, model_validator

from allocator.documents.base import Document, Entries
from allocator.documents.model import Rule

__all__ = ["Area", "Local", "Need", "Scenario"]


class Need(Document):
    """Persons to settle. Minors are a part of the total, in one number or in two age groups."""

    total: NonNegativeInt = Field(description="all persons, minors included")
    em: NonNegativeInt | None = Field(None, description="unaccompanied minors")
    em_under15: NonNegativeInt | None = Field(None, description="of whom under 15")
    em_15_17: NonNegativeInt | None = Field(None, description="of whom 15–17")
    hard: bool = Field(True, description="false: some may be left unplaced, and the result says so")
    assumption: str = Field("", description="said beside the result when the need is not a fact")

    @property
    def minors(self) -> int:
        """All unaccompanied minors."""
        if self.em is not None:
            return self.em
        return (self.em_under15 or 0) + (self.em_15_17 or 0)

    @property
    def by_age(self) -> bool:
        """Whether the minors are given in two age groups."""
        return self.em_under15 is not None

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if (self.em_under15 is None) != (self.em_15_17 is None):
            raise ValueError("em_under15 and em_15_17 go together: give both, or only em")
        ages = (self.em_under15 or 0) + (self.em_15_17 or 0)
        if self.by_age and self.em is not None and self.em != ages:
            raise ValueError(f"em is {self.em}, but em_under15 + em_15_17 is {ages}")
        if self.minors > self.total:
            raise ValueError(f"{self.minors} minors are more than the total of {self.total}")
        return self


def _as_tuple(value: Any) -> Any:
    return (
        (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value
    )


Codes = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]


class Area(Document):
    """The part of the country a scenario is about. Empty: all of it."""

    county: Codes = Field((), description="county codes of two digits, as of the scenario's year")
    municipality: Codes = Field((), description="municipality codes of four digits")


class Local(Document):
    """What is known about one municipality and no table shows. A reason goes with it."""

    note: str = Field("", description="said beside the number")
    reason: str = Field("", description="why an exemption, lock or capacity is set")
    exempt: bool = Field(False, description="not asked")
    lock: NonNegativeInt | None = Field(None, description="asked for exactly this many")
    lock_minors: NonNegativeInt | None = Field(None, description="of whom exactly so many minors")
    capacity: NonNegativeInt | None = Field(None, description="can take at most this many")
    capacity_minors: NonNegativeInt | None = Field(
        None, description="of whom at most so many minors"
    )
    minors_service: bool | None = Field(None, description="whether it can take minors")


class Scenario(Rule):
    """One case for the engine. Its rule tables lie over those of the model it names."""

    title: str = Field(min_length=1, description="one line that says what the case is")
    source: str = Field(min_length=1, description="where its figures come from")
    year: int = Field(ge=1990, le=2100, description="the year the requests are for")
    model: str = Field(description="a shipped model's name, or the path of a model document")
    as_of: dt.date | None = Field(
        None, description="nothing known later is used; default: 31 October of the year before"
    )
    vintage: str = Field("final", description="the vintage of figures it is compared with")
    area: Area = Field(default_factory=Area)
    need: Need
    municipality: Entries[Local] = Field(default_factory=dict, description="code → local knowledge")

    @property
    def knows_until(self) -> dt.date:
        """The last day whose facts the scenario may use."""
        return self.as_of or dt.date(self.year - 1, 10, 31)
