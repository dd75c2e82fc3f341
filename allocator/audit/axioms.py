r"""Axioms of apportionment as functions: each looks at one instance and shows where it fails.

A rule is anything that takes weights and a total and gives whole numbers:
``rule(weights, total) -> numbers``; :func:`method` makes one of a method's name. Each function
returns a :class:`Counterexample`, or None where the instance holds. One instance that holds proves
nothing of the rule; one that fails settles it (Balinski & Young 2001, *Fair Representation*, ISBN
978-0-8157-0111-8, where no method keeps both quota and population monotonicity).

| axiom | says |
|---|---|
| quota | nobody gets less than the quota w·n/Σw rounded down, or more than it rounded up |
| house monotonicity | with one person more in all nobody gets fewer (no Alabama paradox) |
| population monotonicity | who grows faster never gives to who grows slower |
| consistency | any of them, sharing alone what they got together, get the same |
| new states | who comes with the numbers that are its due changes nobody else's |
| equal treatment | equals differ by one at most |
| anonymity | the order in which units are written does not matter |
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise
from math import inf
from typing import Any

from allocator.program.apportion import Exact, apportion, exact

__all__ = [
    "Counterexample",
    "Rule",
    "anonymity",
    "consistency",
    "equal_treatment",
    "house_monotonicity",
    "lower_quota",
    "method",
    "new_states",
    "population_monotonicity",
    "quota",
    "upper_quota",
]

Rule = Callable[[Sequence[Exact], int], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Where an axiom fails: the units it is about, and what each had and got.

    ``first`` and ``second`` are (total, numbers of those units); for an axiom about one
    apportionment ``second`` is what the axiom would allow.
    """

    axiom: str
    units: tuple[int, ...]
    weights: tuple[Fraction, ...]
    first: tuple[int, tuple[int, ...]]
    second: tuple[int, tuple[int, ...]]

    def as_dict(self, names: Sequence[str] | None = None) -> dict[str, Any]:
        """JSON-ready fields, with the units' names where they are given."""
        return {
            "axiom": self.axiom,
            "units": [names[unit] if names else unit for unit in self.units],
            "weights": [float(weight) for weight in self.weights],
            "total": self.first[0],
            "numbers": list(self.first[1]),
            "other_total": self.second[0],
            "other_numbers": list(self.second[1]),
        }


def method(name: str) -> Rule:
    """A method of apportionment as a rule.

    >>> method("webster")([53, 24, 23], 7)
    (3, 2, 2)
    """
    return lambda weights, total: apportion(weights, total, name).seats


def lower_quota(rule: Rule, weights: Sequence[Exact], total: int) -> Counterexample | None:
    """A unit below its quota rounded down.

    >>> found = lower_quota(method("adams"), [9, 1, 1, 1], 6)
    >>> found.first, found.second
    ((6, (3,)), (6, (4,)))
    """
    return _beyond("lower-quota", rule, weights, total, above=False)


def upper_quota(rule: Rule, weights: Sequence[Exact], total: int) -> Counterexample | None:
    """A unit above its quota rounded up.

    >>> upper_quota(method("largest-remainder"), [90, 5, 5], 10) is None
    True
    """
    return _beyond("upper-quota", rule, weights, total, above=True)


def quota(rule: Rule, weights: Sequence[Exact], total: int) -> Counterexample | None:
    """A unit outside its quota rounded down and up."""
    return lower_quota(rule, weights, total) or upper_quota(rule, weights, total)


def house_monotonicity(
    rule: Rule, weights: Sequence[Exact], total: int, to: int | None = None
) -> Counterexample | None:
    """A unit that loses when there is one person more to give, from ``total`` up to ``to``.

    Alabama had 8 of 299 seats and would have had 7 of 300; the least such case has three units:

    >>> house_monotonicity(method("hamilton"), [6, 6, 2], 10).second
    (11, (1,))
    """
    totals = range(total, (total + 1 if to is None else to) + 1)
    numbers = ((n, tuple(rule(weights, n))) for n in totals)
    for (n, before), (more, after) in pairwise(numbers):
        for unit, (had, has) in enumerate(zip(before, after, strict=True)):
            if has < had:
                return _made("house-monotonicity", (unit,), weights, (n, before), (more, after))
    return None


def population_monotonicity(
    rule: Rule, weights: Sequence[Exact], later: Sequence[Exact], total: int
) -> Counterexample | None:
    """One that grew faster and lost, beside one that grew slower and gained; the total is the same.

    >>> weights, later = [501, 394, 156, 149], [501, 394, 157, 148]
    >>> population_monotonicity(method("webster"), weights, later, 5) is None
    True
    """
    before, after = tuple(rule(weights, total)), tuple(rule(later, total))
    growth = [
        (now / was if was else inf, unit)
        for unit, (was, now) in enumerate(zip(_fractions(weights), _fractions(later), strict=True))
        if was or now
    ]
    lost = [(grew, unit) for grew, unit in growth if after[unit] < before[unit]]
    gained = [(grew, unit) for grew, unit in growth if after[unit] > before[unit]]
    if not lost or not gained or max(lost)[0] <= min(gained)[0]:
        return None
    units = (max(lost)[1], min(gained)[1])
    return _made("population-monotonicity", units, later, (total, before), (total, after))


def consistency(
    rule: Rule, weights: Sequence[Exact], total: int, pairs: Sequence[tuple[int, int]] | None = None
) -> Counterexample | None:
    """Two that share alone what they got together and do not get the same.

    All ``pairs`` of units by default. Larger parts of the whole are not looked at.

    >>> consistency(method("webster"), [53, 24, 23], 7) is None
    True
    """
    numbers = tuple(rule(weights, total))
    for i, j in combinations(range(len(numbers)), 2) if pairs is None else pairs:
        together = numbers[i] + numbers[j]
        alone = tuple(rule([weights[i], weights[j]], together)) if together else (0, 0)
        if alone != (numbers[i], numbers[j]):
            shown = _fractions((weights[i], weights[j]))
            first = (together, (numbers[i], numbers[j]))
            return Counterexample("consistency", (i, j), shown, first, (together, alone))
    return None


def new_states(
    rule: Rule, weights: Sequence[Exact], total: int, newest: int
) -> Counterexample | None:
    """A number that changes when unit ``newest`` comes, and the total grows by what is its due.

    Without it the others share what is left of ``total`` (Oklahoma 1907).

    >>> new_states(method("huntington-hill"), [53, 24, 23], 7, 2) is None
    True
    """
    numbers = tuple(rule(weights, total))
    others = [unit for unit in range(len(numbers)) if unit != newest]
    left = total - numbers[newest]
    if not left:
        return None
    before = tuple(rule([weights[unit] for unit in others], left))
    for unit, had in zip(others, before, strict=True):
        if had != numbers[unit]:
            shown = _fractions((weights[unit], weights[newest]))
            first = (left, (had, 0))
            second = (total, (numbers[unit], numbers[newest]))
            return Counterexample("new-states", (unit, newest), shown, first, second)
    return None


def equal_treatment(rule: Rule, weights: Sequence[Exact], total: int) -> Counterexample | None:
    """Two of the same weight whose numbers differ by more than one.

    >>> equal_treatment(lambda weights, total: (total, 0), [5, 5], 3).first
    (3, (3, 0))
    """
    numbers = tuple(rule(weights, total))
    for alike in _classes(weights):
        least = min(alike, key=lambda unit: numbers[unit])
        most = max(alike, key=lambda unit: numbers[unit])
        if numbers[most] - numbers[least] > 1:
            return _made(
                "equal-treatment", (most, least), weights, (total, numbers), (total, numbers)
            )
    return None


def anonymity(
    rule: Rule, weights: Sequence[Exact], total: int, order: Sequence[int]
) -> Counterexample | None:
    """A number that changes when the units are written in another ``order``.

    Equals may change places among themselves: which of them gets the odd one is a tie.

    >>> anonymity(method("webster"), [53, 24, 23], 7, [2, 0, 1]) is None
    True
    """
    numbers = tuple(rule(weights, total))
    moved = tuple(rule([weights[unit] for unit in order], total))
    back = dict(zip(order, moved, strict=True))
    for alike in _classes(weights):
        had, has = sorted(numbers[unit] for unit in alike), sorted(back[unit] for unit in alike)
        if had != has:
            units, shown = tuple(alike), _fractions([weights[unit] for unit in alike])
            first, second = (total, tuple(had)), (total, tuple(has))
            return Counterexample("anonymity", units, shown, first, second)
    return None


def _beyond(
    axiom: str, rule: Rule, weights: Sequence[Exact], total: int, *, above: bool
) -> Counterexample | None:
    numbers, parts = tuple(rule(weights, total)), _fractions(weights)
    whole = sum(parts, Fraction())
    for unit, (part, number) in enumerate(zip(parts, numbers, strict=True)):
        share = part * total / whole
        allowed = -int(-share // 1) if above else int(share // 1)
        if (number > allowed) if above else (number < allowed):
            first, second = (total, (number,)), (total, (allowed,))
            return Counterexample(axiom, (unit,), (part,), first, second)
    return None


def _made(
    axiom: str,
    units: tuple[int, ...],
    weights: Sequence[Exact],
    first: tuple[int, tuple[int, ...]],
    second: tuple[int, tuple[int, ...]],
) -> Counterexample:
    """A counterexample cut to the units it is about."""
    shown = _fractions([weights[unit] for unit in units])
    cut = [(total, tuple(numbers[unit] for unit in units)) for total, numbers in (first, second)]
    return Counterexample(axiom, units, shown, *cut)


def _fractions(weights: Sequence[Exact]) -> tuple[Fraction, ...]:
    return tuple(exact(weight, f"weight {unit}") for unit, weight in enumerate(weights))


def _classes(weights: Sequence[Exact]) -> list[list[int]]:
    """The units of each weight."""
    found: dict[Fraction, list[int]] = defaultdict(list)
    for unit, weight in enumerate(_fractions(weights)):
        found[weight].append(unit)
    return list(found.values())
