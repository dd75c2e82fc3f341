"""What became of a request: a figure with its status for each stage, and the answer it amounts to.

A status is never folded into another, and never into 0: a decided 0 is a refusal, no decision is
none registered, pending, hidden or not asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from allocator.panel import Figure, Status

__all__ = ["GIVEN", "NOT_GIVEN", "Answer", "Count", "Stages", "count_of"]

NOT_GIVEN = "not_given"
"""The status of a stage that the vintage does not have for anybody."""

GIVEN = (Status.REPORTED.value, Status.PARTIAL.value)


class Answer(StrEnum):
    """What a municipality answered, in one word."""

    BEYOND = "beyond"
    AS_ASKED = "as_asked"
    SHORT = "short"
    REFUSED = "refused"
    PENDING = "pending"
    NONE_REGISTERED = "none_registered"
    PARTIAL = "partial"
    HIDDEN = "hidden"
    UNASKED = "unasked"
    NOT_ASKED = "not_asked"
    REQUEST_UNKNOWN = "request_unknown"
    NO_FIGURES = "no_figures"
    NOT_GIVEN = "not_given"


@dataclass(frozen=True, slots=True)
class Count:
    """Persons with their status. ``persons`` is None unless a figure was given."""

    persons: int | None
    status: str

    @property
    def final(self) -> int | None:
        """The persons if the figure is a whole and final one."""
        return self.persons if self.status == Status.REPORTED.value else None


def count_of(figure: Figure | None, given: bool = True) -> Count:
    """A figure of the panel as a count; one without a row is missing.

    >>> count_of(Figure(None, Status.PENDING)), count_of(None), count_of(None, given=False)
    (Count(persons=None, status='pending'),
     Count(persons=None, status='missing'),
     Count(persons=None, status='not_given'))
    """
    if not given:
        return Count(None, NOT_GIVEN)
    if figure is None:
        return Count(None, Status.MISSING.value)
    return Count(None if figure.value is None else int(figure.value), figure.status.value)


@dataclass(frozen=True, slots=True)
class Stages:
    """Request → decision → agreed → settled, for all persons or for the minors among them.

    ``requested_original`` is the first request of a year that was changed later.
    """

    requested: Count
    decided: Count
    agreed: Count
    settled: Count
    requested_original: Count

    @property
    def answer(self) -> Answer:
        """What the decision amounts to, beside the request.

        >>> def of(decided): return Stages(*(Count(10, "reported"), decided, *[NONE] * 3)).answer
        >>> NONE = Count(None, "not_given")
        >>> of(Count(0, "reported")).value, of(Count(None, "missing")).value
        ('refused', 'none_registered')
        >>> of(Count(12, "reported")).value, of(Count(4, "partial")).value
        ('beyond', 'partial')
        """
        requested, decided = self.requested, self.decided
        if decided.persons is None:
            return self._without_decision
        if requested.persons is None:
            return Answer.REQUEST_UNKNOWN
        if Status.PARTIAL.value in (requested.status, decided.status):
            return Answer.PARTIAL
        if requested.persons == 0:
            return Answer.UNASKED if decided.persons else Answer.NOT_ASKED
        if decided.persons == 0:
            return Answer.REFUSED
        if decided.persons == requested.persons:
            return Answer.AS_ASKED
        return Answer.BEYOND if decided.persons > requested.persons else Answer.SHORT

    @property
    def _without_decision(self) -> Answer:
        asked, status = self.requested, self.decided.status
        if status == NOT_GIVEN:
            return Answer.NOT_GIVEN
        if status == Status.NOT_REQUESTED.value:
            return Answer.NOT_ASKED
        if status == Status.SUPPRESSED.value:
            return Answer.HIDDEN
        if status == Status.PENDING.value:
            return Answer.PENDING
        if asked.persons is None:
            return Answer.NO_FIGURES
        return Answer.NONE_REGISTERED if asked.persons else Answer.NOT_ASKED

    @property
    def difference(self) -> int | None:
        """decided − requested, where both are known."""
        return _minus(self.decided, self.requested)

    @property
    def acceptance(self) -> float | None:
        """100 · decided / requested, in per cent."""
        return _per_cent(self.decided, self.requested)

    @property
    def utilisation(self) -> float | None:
        """100 · settled / decided, in per cent; of a part of the year if settled is partial.

        >>> NONE = Count(None, "not_given")
        >>> Stages(Count(40, "reported"), Count(40, "reported"), NONE, Count(50, "reported"), NONE
        ...     ).utilisation
        125.0
        """
        return _per_cent(self.settled, self.decided)

    def as_dict(self, before: str = "") -> dict[str, Any]:
        """Each stage as persons and status, then what they amount to; ``before`` each name."""
        found: dict[str, Any] = {}
        for name in self.__dataclass_fields__:
            stage: Count = getattr(self, name)
            found |= {f"{before}{name}": stage.persons, f"{before}{name}_status": stage.status}
        return found | {
            f"{before}answer": self.answer.value,
            f"{before}difference": self.difference,
            f"{before}acceptance_pct": self.acceptance,
            f"{before}utilisation_pct": self.utilisation,
        }


def _minus(first: Count, second: Count) -> int | None:
    if first.persons is None or second.persons is None:
        return None
    return first.persons - second.persons


def _per_cent(part: Count, whole: Count) -> float | None:
    if part.persons is None or not whole.persons:
        return None
    return round(100 * part.persons / whole.persons, 2)
