"""Sums over municipalities that say what they leave out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from allocator.audit.answers import GIVEN, Answer, Count, Stages
from allocator.panel import Status

__all__ = ["STAGE_NAMES", "Summary", "Total", "summary", "total"]

STAGE_NAMES = tuple(Stages.__dataclass_fields__)
_OPEN = (Answer.NONE_REGISTERED, Answer.PENDING)


@dataclass(frozen=True, slots=True)
class Total:
    """A sum of the figures there are. ``left_out`` counts the other municipalities by status.

    ``persons`` is None where there is no figure at all; ``partial`` counts the figures in it that
    are of a part of the year or were still incomplete.
    """

    persons: int | None
    municipalities: int
    partial: int
    left_out: dict[str, int]


def total(counts: Iterable[Count]) -> Total:
    """The sum of counts, of which those without a number are counted and never taken as 0.

    >>> total([Count(10, "reported"), Count(0, "reported"), Count(None, "pending")])
    Total(persons=10, municipalities=2, partial=0, left_out={'pending': 1})
    """
    given, left_out, partial = [], Counter[str](), 0
    for count in counts:
        if count.status in GIVEN and count.persons is not None:
            given.append(count.persons)
            partial += count.status == Status.PARTIAL.value
        else:
            left_out[count.status] += 1
    persons = sum(given) if given else None
    return Total(persons, len(given), partial, dict(sorted(left_out.items())))


@dataclass(frozen=True, slots=True)
class Summary:
    """Request, decision and settlement of several municipalities, for one group of persons.

    * ``compared``: municipalities whose request and decision are both known, with the persons
      asked for and decided there; ``short`` and ``beyond`` are Σ max(0, r − d), Σ max(0, d − r).
    * ``open_requested``: asked for where no decision is registered or it is pending.
    * ``hidden_requested``: asked for where the publisher hides the decision.
    * ``too_few`` = Σ r − Σ d over those compared, + ``open_requested``: the places asked for that
      no decision covers. Negative when more was decided than asked for. None where a decision is
      hidden or nothing is compared, for then nobody can say.
    * ``used`` and ``used_of``: settled and decided where both are known.
    """

    stages: dict[str, Total]
    compared: int
    requested_compared: int
    decided_compared: int
    short: int
    beyond: int
    open: int
    open_requested: int
    hidden: int
    hidden_requested: int
    used: int
    used_of: int
    answers: dict[str, int]

    @property
    def too_few(self) -> int | None:
        """Places asked for that no decision covers; see the class."""
        if self.hidden or not self.compared:
            return None
        return self.requested_compared - self.decided_compared + self.open_requested

    @property
    def acceptance(self) -> float | None:
        """100 · decided / requested over those compared."""
        asked = self.requested_compared
        return round(100 * self.decided_compared / asked, 2) if asked else None

    @property
    def utilisation(self) -> float | None:
        """100 · settled / decided over those where both are known."""
        return round(100 * self.used / self.used_of, 2) if self.used_of else None

    def as_dict(self, before: str = "") -> dict[str, Any]:
        """Flat fields, ``before`` each name."""
        found: dict[str, Any] = {}
        for name, stage in self.stages.items():
            found |= {
                f"{before}{name}": stage.persons,
                f"{before}{name}_municipalities": stage.municipalities,
                f"{before}{name}_partial": stage.partial,
                f"{before}{name}_left_out": dict(stage.left_out),
            }
        for name in self.__dataclass_fields__:
            if name not in ("stages", "answers"):
                found[f"{before}{name}"] = getattr(self, name)
        return found | {
            f"{before}too_few": self.too_few,
            f"{before}acceptance_pct": self.acceptance,
            f"{before}utilisation_pct": self.utilisation,
            f"{before}answers": dict(self.answers),
        }


def summary(rows: Sequence[Stages]) -> Summary:
    """The summary of some municipalities' stages."""
    answers = [row.answer for row in rows]
    both = [
        (row.requested.persons, row.decided.persons)
        for row in rows
        if row.requested.persons is not None and row.decided.persons is not None
    ]
    open_ = [row for row, said in zip(rows, answers, strict=True) if said in _OPEN]
    hidden = [
        row
        for row, said in zip(rows, answers, strict=True)
        if said is Answer.HIDDEN and row.requested.persons
    ]
    used = [
        (row.settled.persons, row.decided.persons)
        for row in rows
        if row.settled.persons is not None and row.decided.persons is not None
    ]
    counted = Counter(answers)
    return Summary(
        stages={name: total(getattr(row, name) for row in rows) for name in STAGE_NAMES},
        compared=len(both),
        requested_compared=sum(r for r, _ in both),
        decided_compared=sum(d for _, d in both),
        short=sum(max(0, r - d) for r, d in both),
        beyond=sum(max(0, d - r) for r, d in both),
        open=len(open_),
        open_requested=sum(row.requested.persons or 0 for row in open_),
        hidden=len(hidden),
        hidden_requested=sum(row.requested.persons or 0 for row in hidden),
        used=sum(s for s, _ in used),
        used_of=sum(d for _, d in used),
        answers={said.value: counted[said] for said in Answer if counted[said]},
    )
