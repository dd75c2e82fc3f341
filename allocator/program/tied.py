"""Bounds where minors must fit inside totals, from any multipliers; standard library only.

Totals x and minors E of each municipality, in intervals, are tied together by the nation's sums,
the counties', links, and by two rows of its own: E ≤ x and E − share·x ≤ beyond. With multipliers
of all of them – any will do – what is left falls apart into single numbers (:mod:`lagrange`).

A largest load t has the rows x[m] ≤ t·e[m] besides, with multipliers π ≥ 0. Whatever x is feasible,
Σ π·x ≤ t·Σ π·e, so that min Σ π·x / Σ π·e is below every largest load.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from allocator.program.lagrange import Prices, least_choice, least_square
from allocator.program.stated import Box, Limit, Stated, exact, exacts

__all__ = [
    "LEAST",
    "Choice",
    "Square",
    "choices",
    "intervals",
    "least_load",
    "least_of_both",
    "limits",
]

_NOTHING, _ONE = Fraction(0), Fraction(1)
LEAST = exact(0.01)
"""Below a hundredth of a person an entitlement is as good as none."""
_NEAR = Fraction(1, 10**9)


@dataclass(frozen=True, slots=True)
class Choice:
    """Where a number may be, and what its distance from the target weighs."""

    weight: Fraction
    target: Fraction
    places: list[tuple[Fraction, Fraction]]

    def least(self, price: Fraction) -> Fraction | None:
        """The least of its cost less the price of what it is; None where it may be nowhere."""
        if not self.places:
            return None
        return least_choice(self.weight, self.target, self.places, price)


@dataclass(frozen=True, slots=True)
class Square:
    """A number within limits, whose cost is (x − weight)²/weight."""

    weight: Fraction
    low: Fraction
    high: Fraction

    def least(self, price: Fraction) -> Fraction | None:
        """The least of its cost less the price of what it is."""
        return least_square(self.weight, self.low, self.high, price)


def choices(stated: Stated, measure: str) -> list[Choice]:
    """x[m] = 0 or least ≤ x[m] ≤ most, as the lots and the limits have it; all of those are hard.

    A distance counts relative to the key, but for totals under ``l1``, which are in persons.
    """
    minors = measure == "minors"
    lots, key = stated.lots, stated.entitlement_minors if minors else stated.entitlement
    chooses = lots["choose_minors"] if minors else lots["choose"]
    lot = Fraction(lots["minors"] if minors else lots["persons"])
    need = stated.minors if minors else stated.persons
    fixed = {
        p for limit in stated.of(measure) if limit.family in ("lock", "exempt") for p in limit.index
    }
    box = stated.box(measure)
    found = []
    for m, (low, high, share) in enumerate(zip(box.lower, box.upper, key, strict=True)):
        open_ = bool(chooses) and m not in fixed
        least, most = max(lot, low) if open_ else low, _low(high, need)
        can = most >= max(least, _ONE)
        places = [(least, most)] if can else []
        if (open_ and low <= 0) or (not can and low <= 0):
            places.append((_NOTHING, _NOTHING))
        weight = 1 / max(share, LEAST) if not minors or chooses else _NOTHING
        if stated.even == "l1" and not minors:
            weight = _ONE
        found.append(Choice(weight, share, places))
    return found


def limits(stated: Stated, totals: Sequence[Fraction]) -> Box:
    """The limits on totals, raised to the whole persons that hold the minors who must be there; as
    they are where totals in fractions stand below that, which the ties to the minors hold."""
    raised, near = stated.totals_box(), _NEAR * max(1, stated.persons)
    kept = all(x >= low - near for x, low in zip(totals, raised.lower, strict=True))
    return raised if kept else stated.box("total")


def intervals(stated: Stated, totals: Sequence[Fraction]) -> tuple[list[Choice], list[Choice]]:
    """Where totals and minors may be once it is settled who is asked.

    Under ``minimax`` who has no entitlement is asked for no more than must be, where the totals
    keep to that.
    """
    box, minors = limits(stated, totals), stated.box("minors")
    most = [_low(high, stated.persons) for high in box.upper]
    if stated.even == "minimax":
        near = _NEAR * max(1, stated.persons)
        least = {m: box.lower[m] for m, e in enumerate(stated.entitlement) if e <= 0}
        if all(totals[m] <= low + near for m, low in least.items()):
            most = [min(high, least.get(m, high)) for m, high in enumerate(most)]
    inside = [_low(high, stated.minors) for high in minors.upper]
    for limit in stated.of("share"):
        for m, beyond in zip(limit.index, limit.upper, strict=True):
            inside[m] = min(inside[m], stated.share * most[m] + (beyond or _NOTHING))
    return (
        [
            Choice(_ONE, e, [(low, high)])
            for e, low, high in zip(stated.entitlement, box.lower, most, strict=True)
        ],
        [Choice(_NOTHING, _NOTHING, [pair]) for pair in zip(minors.lower, inside, strict=True)],
    )


def _low(high: Fraction | None, number: Fraction | int) -> Fraction:
    return Fraction(number) if high is None else min(high, Fraction(number))


def least_of_both(
    stated: Stated,
    said: Mapping[str, Any],
    totals: Sequence[Choice | Square],
    minors: Sequence[Choice],
    loads: Sequence[Fraction] = (),
) -> Fraction | None:
    """A bound below the costs of totals and minors; None where there is none.

    ``said`` are the multipliers as ``certificate.json`` has them: μ (all persons), ρ (all minors)
    and ν_c, α_m ≥ 0 of E ≤ x, β_m ≥ 0 of E − share·x ≤ beyond. ``loads`` is what a person of each
    municipality costs besides.
    """
    size = len(stated.codes)
    prices = Prices.read(said, len(stated.counties), len(stated.links))
    of_minors = Prices.read(said["minors"], len(stated.counties))
    inside, share = ([max(p, _NOTHING) for p in exacts(said[n])] for n in ("inside", "share"))
    if not len(inside) == len(share) == size:
        raise ValueError("there is not one price of minors for each municipality")
    beyond = {m: high for limit in stated.of("share") for m, high in _pairs(limit)}
    share = [price if m in beyond else _NOTHING for m, price in enumerate(share)]
    sums = (
        prices.on_sums(stated.persons, stated.box("county"), stated.links),
        of_minors.on_sums(stated.minors, stated.box("county_minors")),
    )
    least = list(sums)
    each_minors = of_minors.of_each(stated.county_of)
    for m, nation in enumerate(prices.of_each(stated.county_of, stated.links)):
        least.append(-share[m] * beyond.get(m, _NOTHING))
        up = nation + inside[m] + stated.share * share[m] - (loads[m] if loads else 0)
        least += totals[m].least(up), minors[m].least(each_minors[m] - inside[m] - share[m])
    found = [number for number in least if number is not None]
    return sum(found, _NOTHING) if len(found) == len(least) else None


def _pairs(limit: Limit) -> list[tuple[int, Fraction]]:
    return [(m, high or _NOTHING) for m, high in zip(limit.index, limit.upper, strict=True)]


def least_load(
    stated: Stated, said: Mapping[str, Any], totals: Sequence[Choice], minors: Sequence[Choice]
) -> Fraction | None:
    """A bound below max x[m]/e[m] over those with an entitlement; None where there is none."""
    key = stated.entitlement
    loads = [max(price, _NOTHING) for price in exacts(said["loads"])]
    if len(loads) != len(key):
        raise ValueError("there is not one price of a load for each municipality")
    loads = [price if e > 0 else _NOTHING for price, e in zip(loads, key, strict=True)]
    weighed = sum((price * e for price, e in zip(loads, key, strict=True)), _NOTHING)
    free = [Choice(_NOTHING, _NOTHING, choice.places) for choice in totals]
    bound = least_of_both(stated, said, free, minors, loads)
    return bound / weighed if bound is not None and weighed > 0 else None
