"""From one case's document to another's, one family of differences at a time.

The first case is solved, then the first with one family of the second's, then with one more, until
it is the second. What a family changes is the difference of two proposals in whole persons, so the
changes add up exactly. The order of :data:`FAMILIES` is a convention, that of the explanation of a
single number: what a family changes is what it changes after those before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from allocator.documents import Case
from allocator.documents.scenario import Local
from allocator.errors import BosettError
from allocator.proposal import Proposal

__all__ = ["FAMILIES", "Family", "Step", "differing", "steps", "with_family"]


@dataclass(frozen=True, slots=True)
class Family:
    """What of a document a family is: fields of the scenario, its need, its local knowledge and
    its effective rule."""

    name: str
    scenario: tuple[str, ...] = ()
    need: tuple[str, ...] = ()
    local: tuple[str, ...] = ()
    rule: tuple[str, ...] = ()


FAMILIES = (
    Family("case", scenario=("year", "as_of", "area", "panel")),
    Family("total", need=("total", "hard"), scenario=("horizon",)),
    Family("key", rule=("key", "fitted", "share", "size")),
    Family("eligible", rule=("eligible",), local=("exempt",)),
    Family("lot", local=("lot", "lot_minors"), rule=("lot",)),
    Family("capacity", rule=("capacity",), local=("capacity", "together_capacity")),
    Family("band", local=("band_least", "band_most"), rule=("band",)),
    Family("ceiling", local=("ceiling", "ceiling_minors"), rule=("ceiling",)),
    Family("county", rule=("county",)),
    Family(
        "minors",
        need=("em", "em_under15", "em_15_17"),
        local=("minors_service", "capacity_minors", "minors_beyond"),
        rule=("minors",),
    ),
    Family("lock", local=("lock", "lock_minors", "together")),
    Family("goals", rule=("goals",)),
    Family("rounding", rule=("whole",)),
)
"""The families in the order in which they are switched from the first case to the second."""


@dataclass(frozen=True, slots=True)
class Step:
    """The families that were switched together, and the proposal after it.

    There are several where the first of them has no proposal without the others.
    """

    families: tuple[str, ...]
    proposal: Proposal

    @property
    def name(self) -> str:
        """The families' names, with + between."""
        return "+".join(self.families)


def differing(first: Case, second: Case) -> tuple[Family, ...]:
    """The families in which two cases differ.

    >>> from allocator.documents import load_case
    >>> both = load_case("ostfold-2016"), load_case("ostfold-2016", ["need.total=800"])
    >>> [family.name for family in differing(*both)]
    ['total']
    """
    return tuple(family for family in FAMILIES if _of(first, family) != _of(second, family))


def steps(
    first: Case, second: Case, solve: Callable[[Case], Proposal], last: Proposal
) -> tuple[Step, ...]:
    """The proposals on the way from the first case, which is not among them, to the second.

    ``last`` is the second's own. A family that has no proposal by itself, because the limits of
    both cases together cannot be met or a document contradicts itself, goes with the next.
    """
    found, waiting, families = [], list[Family](), differing(first, second)
    at = first
    for family in families:
        waiting.append(family)
        if family is families[-1]:
            proposal = last
        else:
            try:
                at = reduce(lambda case, one: with_family(case, second, one), waiting, at)
                proposal = solve(at)
            except (BosettError, ValueError):
                continue
        found.append(Step(tuple(one.name for one in waiting), proposal))
        waiting = []
    return tuple(found)


def with_family(case: Case, other: Case, family: Family) -> Case:
    """A case with one family of another's.

    Raises ValueError when the two documents contradict each other.
    """
    mine, theirs = case.scenario, other.scenario
    need = replace(mine.need, **_named(theirs.need, family.need))
    local = _locals(mine.municipality, theirs.municipality, family.local)
    given = {**_named(theirs, family.scenario), "need": need, "municipality": local}
    return replace(
        case,
        scenario=replace(mine, **given),
        rule=replace(case.rule, **_named(other.rule, family.rule)),
    )


def _locals(
    mine: Mapping[str, Local], theirs: Mapping[str, Local], names: tuple[str, ...]
) -> dict[str, Local]:
    if not names:
        return dict(mine)
    plain = Local()
    return {
        code: replace(mine.get(code, plain), **_named(theirs.get(code, plain), names))
        for code in sorted({*mine, *theirs})
    }


def _named(document: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(document, name) for name in names}


def _of(case: Case, family: Family) -> tuple[Any, ...]:
    """All that a family is in a case; local knowledge only of those who have any."""
    scenario, plain = case.scenario, tuple(_named(Local(), family.local).values())
    local = {
        code: tuple(_named(one, family.local).values())
        for code, one in scenario.municipality.items()
    }
    return (
        _named(scenario, family.scenario),
        _named(scenario.need, family.need),
        {code: values for code, values in local.items() if values != plain},
        _named(case.rule, family.rule),
    )
