"""One municipality's explanation: its steps, what holds it, what would move it, and its likes."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from allocator.audit.criteria import Criterion
from allocator.audit.effects import Move, Price
from allocator.documents import Case
from allocator.panel.names import Found
from allocator.proposal import Proposal, Request

__all__ = ["Alike", "Explanation", "Step", "Why"]

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a municipality's waterfall; ``micro`` is its change in millionths of a person.

    ``acts`` says how a constraint family works: "own" limit, through the "others", or "" for a step
    of the key and for no change. ``limit`` is the limit an own one sets. Of a criterion, ``value``
    and ``share`` are the municipality's, ``known`` whether the figure is its own.
    """

    step: str
    micro: int
    level: int
    acts: str = ""
    limit: float | None = None
    criterion: Criterion | None = None
    value: float | None = None
    share: float | None = None
    by_head: float | None = None
    known: bool = True

    @property
    def change(self) -> float:
        """The change in persons, to six decimals; as decimal numbers they add up exactly."""
        return self.micro / MILLION

    @property
    def name(self) -> str:
        """The step, and of a criterion which."""
        return self.step if self.criterion is None else f"{self.step}.{self.criterion.name}"

    def as_dict(self) -> dict[str, Any]:
        """The JSON fields, without the text."""
        fields: dict[str, Any] = {
            "step": self.step,
            "change": self.change,
            "level": self.level / MILLION,
            "acts": self.acts or None,
            "limit": self.limit,
            "criterion": None,
        }
        if self.criterion is not None:
            c = self.criterion
            fields["criterion"] = {
                "name": c.name,
                "indicator": c.indicator,
                "period": c.period,
                "as": c.how,
                "weight": round(c.weight, 6),
                "value": _six(self.value),
                "known": self.known,
                "mean": _six(c.mean),
                "share": _six(self.share, 9),
                "population_share": _six(self.by_head, 9),
            }
        return fields


@dataclass(frozen=True, slots=True)
class Alike:
    """A municipality much like another, and the step in which the two differ most."""

    request: Request
    difference: int
    step: Step
    micro: int

    def as_dict(self) -> dict[str, Any]:
        """``step_difference`` is how much more the step gives to this one than to the other."""
        return {
            "code": self.request.code,
            "name": self.request.name,
            "county_name": self.request.county_name,
            "population": self.request.population,
            "entitlement": self.request.entitlement,
            "total": self.request.total,
            "difference": self.difference,
            "step": self.step.name,
            "step_difference": self.micro / MILLION,
        }


@dataclass(frozen=True, slots=True)
class Why:
    """One municipality's number of one year, and all that is known of why.

    ``with_more`` is its request if the need were ``more`` persons larger, one step of the rule;
    None where that has no proposal, and for the later years of a plan. ``moves`` are None where
    they were not looked for.
    """

    request: Request
    steps: tuple[Step, ...]
    em_steps: tuple[Step, ...]
    price: Price | None
    more: int
    with_more: int | None
    moves: tuple[Move, ...] | None
    alike: tuple[Alike, ...]

    def as_dict(self) -> dict[str, Any]:
        """The JSON fields, without the texts."""
        request = self.request
        kept = ("code", "name", "year", "county", "county_name", "population", "last_year")
        return {
            **{name: getattr(request, name) for name in kept},
            "entitlement": request.entitlement,
            "request": request.total,
            "em": request.em,
            "steps": [step.as_dict() for step in self.steps],
            "em_steps": [step.as_dict() for step in self.em_steps],
            "binding": list(request.binding),
            "level": None if self.price is None else _six(self.price.level),
            "without_limits": None if self.price is None else _six(self.price.free),
            "shadow_price": None if self.price is None else _six(self.price.price),
            "more_need": self.more,
            "with_more_need": self.with_more,
            "moves": None if self.moves is None else [move.as_dict() for move in self.moves],
            "alike": [other.as_dict() for other in self.alike],
            "note": request.note,
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the numbers of a case are what they are: of one municipality, or of all.

    ``people`` are all inhabitants that the share by head is taken of, ``units`` the unit in which
    each indicator is measured ("persons", "percent", …). ``county_totals`` and ``county_people``
    are by county and year, over all municipalities of the case.
    """

    case: Case
    proposal: Proposal
    rows: tuple[Why, ...]
    people: int
    units: dict[str, str]
    found: Found | None = None
    county_totals: dict[tuple[str, int], int] = field(default_factory=dict)
    county_people: dict[tuple[str, int], int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, ``"schema": 1``, without the texts."""
        answer = self.proposal
        return {
            "schema": 1,
            "scenario": answer.scenario,
            "model": answer.model,
            "year": answer.year,
            "status": answer.status,
            "asked_for": None if self.found is None else self._found(self.found),
            "municipalities": [row.as_dict() for row in self.rows],
            "warnings": list(answer.warnings),
        }

    @staticmethod
    def _found(found: Found) -> dict[str, Any]:
        """Which municipality was named, how it leads here, and who else bore the name."""
        return {
            "code": found.meant.code,
            "name": found.meant.name,
            "how": found.how,
            "merged_with": list(found.with_it),
            "also": [
                {"code": other.code, "name": other.name, "now": to} for other, to in found.also
            ],
        }


def _six(value: float | None, places: int = 6) -> float | None:
    return None if value is None or not isfinite(value) else round(value, places)
