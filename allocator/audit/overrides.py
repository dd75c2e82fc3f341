"""What each override of a single municipality costs the others.

The case is solved again without it. What its own number loses or gains by the override the others
take up, so the difference of the two proposals is the cost, in persons and in the even goal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from allocator.documents import Case
from allocator.documents.scenario import Local
from allocator.engine import propose_case
from allocator.errors import BosettError
from allocator.panel import Panel
from allocator.proposal import Proposal

__all__ = ["Cost", "costs"]


@dataclass(frozen=True, slots=True)
class Cost:
    """One override and what it costs; ``why`` says why there is no answer, else it is empty.

    ``own`` is what the municipality is asked for, ``without`` what it would be without the
    override; ``others`` the persons that the others take more (or fewer) because of it, ``moved``
    the persons that are in another of these because of it, ``county`` those of ``others`` that fall
    on its own county. ``even`` and ``even_without`` are the value of the even goal. An override of
    code "" is all of them at once.
    """

    override: Mapping[str, Any]
    own: int
    without: int | None = None
    others: int | None = None
    county: int | None = None
    moved: int | None = None
    even: float | None = None
    even_without: float | None = None
    why: str = ""

    @property
    def even_change(self) -> float | None:
        """With − without."""
        if self.even is None or self.even_without is None:
            return None
        return round(self.even - self.even_without, 6)

    def as_dict(self) -> dict[str, Any]:
        """The override's own fields, and the cost."""
        names = ("own", "without", "others", "county", "moved", "even", "even_without")
        mine = {name: getattr(self, name) for name in names}
        return {**self.override, **mine, "even_change": self.even_change, "why": self.why}


def costs(case: Case, proposal: Proposal, panel: Panel) -> tuple[Cost, ...]:
    """The cost of each override of a proposal, and last of all at once where there are several.

    A note costs nothing and is left out. In a plan of several years it is about the first.

    >>> from allocator.documents import load_case
    >>> moss = 'municipality."0104".capacity=60'
    >>> case = load_case("ostfold-2016", [moss])
    >>> [cost] = costs(case, propose_case(case), Panel())
    >>> cost.own, cost.without, cost.others
    (60, 80, 20)
    """
    known = [one for one in proposal.overrides if one["what"] != "note"]
    found = [_cost(case, proposal, panel, one, [one]) for one in known]
    if len(known) > 1:
        every = {"code": "", "name": "", "what": "all", "value": len(known), "reason": ""}
        found.append(_cost(case, proposal, panel, every, known))
    return tuple(found)


def _cost(
    case: Case,
    proposal: Proposal,
    panel: Panel,
    override: Mapping[str, Any],
    dropped: Iterable[Mapping[str, Any]],
) -> Cost:
    dropped = list(dropped)
    codes = {one["code"] for one in dropped}
    asked = proposal.of_year(proposal.year)
    own = sum(one.total for one in asked if one.code in codes)
    try:
        other = propose_case(_without(case, dropped), panel)
    except (BosettError, ValueError) as error:
        told = "; ".join(map(str, error.faults)) if isinstance(error, BosettError) else str(error)
        return Cost(override, own, why=told)
    before = {one.code: one.total for one in other.of_year(other.year)}
    change = {one.code: one.total - before[one.code] for one in asked}
    elsewhere = [one for one in asked if one.code not in codes]
    counties = {one.county for one in asked if one.code in codes}
    gained = sum(max(0, number) for number in change.values())
    lost = sum(max(0, -number) for number in change.values())
    return Cost(
        override,
        own,
        sum(before[code] for code in codes),
        sum(change[one.code] for one in elsewhere),
        sum(change[one.code] for one in elsewhere if one.county in counties),
        min(gained, lost),
        _even(proposal),
        _even(other),
    )


def _without(case: Case, dropped: Iterable[Mapping[str, Any]]) -> Case:
    """The case in which some overrides are not said."""
    local = dict(case.scenario.municipality)
    for one in dropped:
        plain = {one["what"]: getattr(Local(), one["what"])}
        local[one["code"]] = replace(local[one["code"]], **plain)
    return replace(case, scenario=replace(case.scenario, municipality=local))


def _even(proposal: Proposal) -> float | None:
    return next((goal["value"] for goal in proposal.goals if goal["goal"] == "even"), None)
