"""The vocabulary of facts: a figure, its status, and the units it is about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Figure", "Municipality", "Series", "Status"]


class Status(StrEnum):
    """Why a figure is what it is. These are never folded into each other, or into 0."""

    REPORTED = "reported"
    SUPPRESSED = "suppressed"
    MISSING = "missing"
    PENDING = "pending"
    NOT_REQUESTED = "not_requested"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class Figure:
    """One fact with its status and source. ``value`` is None unless something was given."""

    value: float | None
    status: Status = Status.REPORTED
    source: str = ""
    estimated: bool = False

    @property
    def reported(self) -> float | None:
        """The value if it is a final, reported one, else None."""
        return self.value if self.status is Status.REPORTED else None


Series = dict[str, Figure]
"""Municipality code → figure, for one measure and one period."""


@dataclass(frozen=True, slots=True)
class Municipality:
    """A unit that can be asked, as it was in one year."""

    code: str
    name: str
    county: str
    county_name: str
