"""The price of splitting the need by county first: the same case with the split and without it.

The county split is a constraint, so what it costs is what the goals lose by it: a price of
fairness in the sense of Bertsimas, Farias & Trichakis (2011, doi 10.1287/opre.1100.0865), turned
round – what a rule of order costs in fairness.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from allocator.audit.equal import alike
from allocator.audit.evenness import evenness
from allocator.documents import Case
from allocator.documents.model import County
from allocator.engine import propose_case
from allocator.errors import BosettError
from allocator.panel import Panel
from allocator.proposal import Proposal

__all__ = ["Split", "Sum", "price_of_split"]


@dataclass(frozen=True, slots=True)
class Sum:
    """One measure with the split and without it."""

    measure: str
    unit: str
    with_split: float | None
    without: float | None

    @property
    def change(self) -> float | None:
        """With − without."""
        if self.with_split is None or self.without is None:
            return None
        return round(self.with_split - self.without, 6)

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, and the change."""
        return {
            "measure": self.measure,
            "unit": self.unit,
            "with_split": self.with_split,
            "without": self.without,
            "change": self.change,
        }


@dataclass(frozen=True, slots=True)
class Split:
    """What the split moves and changes. ``why`` says why there is no answer, else it is empty.

    ``own`` is the case's own split, ``compared`` the one it is compared with; ``moved`` persons
    are in another municipality with the split than without it, ``between`` in another county.
    """

    own: str
    compared: str
    why: str = ""
    moved: int | None = None
    between: int | None = None
    sums: tuple[Sum, ...] = ()
    counties: tuple[dict[str, Any], ...] = ()

    def part(self, county: str) -> Split:
        """With the totals of one county only; of all where it is empty."""
        found = tuple(one for one in self.counties if county in ("", one["code"]))
        return replace(self, counties=found)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        own = ("own", "compared", "why", "moved", "between")
        return {
            **{name: getattr(self, name) for name in own},
            "sums": [each.as_dict() for each in self.sums],
            "counties": [dict(county) for county in self.counties],
        }


def price_of_split(
    case: Case, proposal: Proposal, panel: Panel, classes: Mapping[str, str]
) -> Split:
    """The case with its county split against without; a free one against ``split = "first"``."""
    own = case.rule.county.split
    other: Literal["first", "free"] = "first" if own == "free" else "free"
    if len({request.county for request in proposal.municipalities}) < 2:
        return Split(own, other, "one-county")
    try:
        county = County(split=other, within=case.rule.county.within, hard=case.rule.county.hard)
        second = propose_case(replace(case, rule=replace(case.rule, county=county)), panel)
    except BosettError as error:
        return Split(own, other, "; ".join(str(fault) for fault in error.faults))
    split, free = (second, proposal) if own == "free" else (proposal, second)
    here, there = (_counties(each) for each in (split, free))
    names = {request.county: request.county_name for request in proposal.municipalities}
    return Split(
        own,
        other,
        "",
        _moved(_persons(split), _persons(free)),
        _moved(here, there),
        tuple(_sums(split, free, classes)),
        tuple(
            {
                "code": code,
                "name": names[code],
                "with_split": here[code],
                "without": there[code],
                "change": here[code] - there[code],
            }
            for code in sorted(names)
        ),
    )


def _persons(proposal: Proposal) -> Counter[str]:
    return Counter({one.code: one.total for one in proposal.of_year(proposal.year)})


def _counties(proposal: Proposal) -> Counter[str]:
    found = Counter[str]()
    for one in proposal.of_year(proposal.year):
        found[one.county] += one.total
    return found


def _moved(first: Counter[str], second: Counter[str]) -> int:
    """Persons that are elsewhere: the larger of what is gained and what is lost."""
    gained = sum(max(0, first[code] - second[code]) for code in {*first, *second})
    lost = sum(max(0, second[code] - first[code]) for code in {*first, *second})
    return max(gained, lost)


def _sums(split: Proposal, free: Proposal, classes: Mapping[str, str]) -> list[Sum]:
    both = [{goal["goal"]: goal for goal in each.goals} for each in (split, free)]
    found = [
        Sum(name, goal["measure"], goal["value"], both[1].get(name, {}).get("value"))
        for name, goal in both[0].items()
    ]
    even, pairs = [], []
    for each in (split, free):
        asked = each.of_year(each.year)
        even.append(
            evenness(
                "entitlement",
                [one.code for one in asked],
                [one.total for one in asked],
                [one.entitlement for one in asked],
            )
        )
        pairs.append(alike(asked, classes))
    names = {"gini": "", "loosemore_hanby": "", "least_asked": "x / e", "most": "x / e"}
    found += [Sum(name, u, *(getattr(each, name) for each in even)) for name, u in names.items()]
    names = {"largest_gap": "persons", "mean_gap": "persons", "beyond_key": "pairs"}
    found += [Sum(name, u, *(getattr(each, name) for each in pairs)) for name, u in names.items()]
    return found
