r"""From a plain share by head to the entitlement, one criterion of the key after the other.

A key of shares is linear, e[m] = N · Σ_p w_p s_p[m] with Σ w_p = 1, so what a criterion does to a
number does not depend on the order in which the criteria are looked at. Where π[m] is the share of
the inhabitants, criterion *p* gives

    N · w_p · (s_p[m] − π[m])

persons more than its weight would by head: its Shapley value (Shapley 1953, doi:10.1515/
9781400881970-018) in the game in which each criterion is either the rule's or inhabitants. What is
not linear – limits on shares, numbers below 0, a rule's own rounding – comes after, in the order in
which the rule applies it, so that the sum is the entitlement and nothing is left over.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum

import numpy as np

from allocator.documents import Case
from allocator.program.entitlement import Entitlement, Part
from allocator.program.prepare import Prepared
from allocator.program.problem import Floats, Mask

__all__ = ["Change", "Criterion", "criteria", "eligible_of"]

_NOTHING = 1e-9


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Criterion:
    """What a criterion says of every unit; nan and 0 where a unit cannot be asked.

    ``weight`` is its part of the key's weights, ``values`` the figures, ``shares`` what they give,
    ``known`` whether the unit has a figure of its own in the period.
    """

    name: str
    indicator: str
    period: str
    how: str
    exponent: float
    weight: float
    values: Floats
    shares: Floats
    by_head: Floats
    mean: float
    total: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Change:
    """One step of a waterfall for every unit: its code, persons (units,), and its criterion."""

    step: str
    persons: Floats
    criterion: Criterion | None = None


def eligible_of(case: Case, prepared: Prepared) -> tuple[Mask, Mask]:
    """Who can be asked by the rule alone, and who by the scenario as well."""
    units, exempt = prepared.units, np.zeros(len(prepared.units), dtype=bool)
    for bound in prepared.problem.of_measure("total"):
        if bound.family == "exempt":
            exempt[bound.index[bound.index < len(units)]] = True
    by_scenario = np.zeros(len(units), dtype=bool)
    for code, local in case.scenario.municipality.items():
        by_scenario[units.codes.index(code)] = local.exempt or local.lock == 0
    return ~exempt | by_scenario, ~exempt


def criteria(case: Case, prepared: Prepared, *, minors: bool = False) -> list[Change]:
    """The steps from a share by head to the entitlement, for the first year's units.

    With ``minors`` those of the unaccompanied minors, by their own key where they have one.
    """
    need = case.scenario.need
    persons = need.minors if minors else need.total
    key = prepared.minors_key if minors else prepared.key
    by_rule, eligible = eligible_of(case, prepared)
    people = np.nan_to_num(prepared.units.population)
    everyone = np.ones(len(people), dtype=bool)
    heads = [_shares(people, mask) for mask in (everyone, by_rule, eligible)]
    found = [Change("population", persons * heads[0])]
    found.append(Change("eligible", persons * (heads[1] - heads[0])))
    found.append(Change("exempt", persons * (heads[2] - heads[1])))
    found += _of_key(case, key, persons, heads[2], eligible, minors=minors)
    own = case.rule.whole.total == "own" and not minors
    by_key = key.own(persons) if own else key.persons(persons)
    found.append(Change("key_limits", by_key - _sum(found)))
    if own:
        entitled = prepared.problem.entitlement[: len(people)]
        found.append(Change("own", entitled - by_key))
    always = ("population",)
    return [
        change
        for change in found
        if change.criterion or change.step in always or np.abs(change.persons).max() > _NOTHING
    ]


def _of_key(
    case: Case, key: Entitlement, persons: int, head: Floats, eligible: Mask, *, minors: bool
) -> list[Change]:
    """What each criterion changes, and limits on the shares of the whole key."""
    shared = [part for part in key.parts if not part.amount]
    amounts = [part for part in key.parts if part.amount]
    documents = case.rule.minors.key if minors and case.rule.minors.key else case.rule.key
    weight = fsum(part.weight for part in shared)

    def criterion(part: Part, by: float) -> Criterion:
        said = documents[part.name]
        return Criterion(
            part.name,
            part.indicator,
            part.period,
            said.as_,
            said.exponent,
            by,
            _spread(part.values, eligible, np.nan),
            _spread(part.shares, eligible),
            head,
            fsum(part.values) / max(len(part.values), 1),
            fsum(part.values),
        )

    found, linear = [], np.zeros(len(head))
    for part in shared:
        share, by = _spread(part.shares, eligible), part.weight / weight
        found.append(Change("criterion", persons * by * (share - head), criterion(part, by)))
        linear += by * share
    if shared:
        found.append(Change("share_limits", persons * (key.signed - linear)))
    outside = [part.weight * _spread(part.shares, eligible) for part in amounts]
    whole = fsum(
        float(numbers.sum())
        for part, numbers in zip(amounts, outside, strict=True)
        if not part.extra
    )
    for part, numbers in zip(amounts, outside, strict=True):
        if part.extra:  # beside the need: nobody else gives it
            change = numbers
        elif shared:  # taken off what is shared, and given as it is
            change = numbers - float(numbers.sum()) * key.signed
        else:
            own = case.rule.whole.total == "own" and not minors
            scale = 1.0 if own or whole <= 0 else persons / whole
            of_head = float(numbers.sum()) / whole if whole > 0 else 0.0
            change = scale * numbers - of_head * persons * head
        found.append(Change("criterion", change, criterion(part, part.weight)))
    return found


def _shares(people: Floats, mask: Mask) -> Floats:
    kept = np.where(mask, people, 0.0)
    total = fsum(kept)
    return kept / total if total > 0 else kept


def _spread(values: Floats, eligible: Mask, blank: float = 0.0) -> Floats:
    found = np.full(len(eligible), blank)
    found[eligible] = values
    return found


def _sum(changes: list[Change]) -> Floats:
    total: Floats = np.sum([change.persons for change in changes], axis=0)
    return total
