"""That totals in fractions of persons are as even as can be; standard library only.

Where totals are nested, the levels of water-filling are the multipliers of Σ (x − w)²/w. Where
minors, links or other goals tie them otherwise, evenness by ``l1``, ``minimax`` and ``l2`` has a
bound from the row duals of its program (:mod:`tied`), and leximin totals have bottlenecks
(:mod:`bottleneck`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from allocator.program.bottleneck import most_gained, sums
from allocator.program.judged import EVEN_GAP, HELD_GAP, NEAR, WHOLE_GAP, Proof, judged, kept
from allocator.program.lagrange import Prices, least_square
from allocator.program.stated import Box, Stated, exacts
from allocator.program.tied import LEAST, Square, intervals, least_load, least_of_both, limits

__all__ = ["even"]

_ONE = Fraction(1)


def even(stated: Stated, stage: Mapping[str, Any], box: Box, total: int, counties: str) -> Proof:
    """Σ (x − w)²/w over the limits: water-filling, and its bound from the levels."""
    if stage["reason"]:
        return Proof(reason=stage["reason"])
    if "measure" in stage:
        return _tied(stated, stage)
    x, weight = exacts(stage["totals"]), exacts(stage["weights"])
    key = stated.entitlement if counties == "county" else stated.entitlement_minors
    county = stated.box(counties)
    faults = _no_weights(stated, weight, key)
    if faults:
        return Proof(faults=tuple(faults))
    faults += kept(stated, x, box, county, total)
    prices = Prices.read(stage["prices"], len(stated.counties))
    on_sums = prices.on_sums(total, county)
    value = sum(((t - w) ** 2 / w for t, w in zip(x, weight, strict=True)), Fraction(0))
    bound = None
    if on_sums is not None:
        rows = zip(weight, box.lower, box.upper, prices.of_each(stated.county_of), strict=True)
        bound = on_sums + sum((least_square(*row) for row in rows), Fraction(0))
    return judged(value, bound, EVEN_GAP * max(_ONE, abs(value)), faults)


def _no_weights(stated: Stated, weight: Sequence[Fraction], key: Sequence[Fraction]) -> list[str]:
    """Weights that are not the key; where that is nothing, next to nothing."""
    return [
        f"{code}: weight {float(w):g} is not the entitlement {float(e):g}"
        for code, w, e in zip(stated.codes, weight, key, strict=True)
        if (w != e if e > 0 else not 0 < w <= NEAR)
    ]


def _tied(stated: Stated, stage: Mapping[str, Any]) -> Proof:
    """Evenness that a program found, where it is the first goal and measured as the rule says."""
    measure, near = stage["measure"], NEAR * max(1, stated.persons)
    goals = [goal for goal in stated.order if goal != "place"]
    if goals[:1] != ["even"] or measure != stated.even:
        return Proof(faults=(f"the first goal is not evenness measured by '{measure}'",))
    x = exacts(stage["totals"])
    faults = kept(stated, x, limits(stated, x), stated.box("county"), stated.persons)
    for link in stated.links:
        low, value, high = link.lower, link.of(x), link.upper
        if (low is not None and value < low - near) or (high is not None and value > high + near):
            faults.append(f"{link.name}: {float(value):g} is not within its limits")
    if measure == "leximin":
        return _bottlenecks(stated, stage, x, faults)
    if measure == "l2":
        return _least_squares(stated, stage, x, faults)
    return _linear(stated, stage, x, faults)


def _bottlenecks(
    stated: Stated, stage: Mapping[str, Any], x: Sequence[Fraction], faults: list[str]
) -> Proof:
    """By how many persons somebody could be raised at most, and nobody no better off lowered: 0 in
    leximin totals. The sums that hold them are shown from their programs' duals."""
    weight = exacts(stage["weights"])
    faults = faults + _no_weights(stated, weight, stated.entitlement)
    if faults:
        return Proof(faults=tuple(faults))
    held = sums(stated, stage["cuts"], *intervals(stated, x))
    most = most_gained(x, weight, limits(stated, x), held)
    free = [code for code, gained in zip(stated.codes, most, strict=True) if gained is None]
    if free:
        return Proof(faults=(f"{free[0]}: nothing is shown to hold it",))
    value = max((gained for gained in most if gained is not None), default=Fraction(0))
    return judged(value, Fraction(0), WHOLE_GAP, [])


def _least_squares(
    stated: Stated, stage: Mapping[str, Any], x: Sequence[Fraction], faults: list[str]
) -> Proof:
    """Σ (x − w)²/w where no closed form is, and its bound from the program's row duals."""
    weight = [max(e, LEAST) for e in stated.entitlement]
    total, minors = intervals(stated, x)
    squares = [Square(w, *choice.places[0]) for w, choice in zip(weight, total, strict=True)]
    value = sum(((t - w) ** 2 / w for t, w in zip(x, weight, strict=True)), Fraction(0))
    bound = least_of_both(stated, stage["prices"], squares, minors)
    return judged(value, bound, HELD_GAP * max(_ONE, value), faults)


def _linear(
    stated: Stated, stage: Mapping[str, Any], x: Sequence[Fraction], faults: list[str]
) -> Proof:
    """Σ |x − e| or max x/e where no closed form is, and its bound from the program's row duals."""
    key = stated.entitlement
    total, minors = intervals(stated, x)
    if stage["measure"] == "l1":
        value = sum((abs(t - e) for t, e in zip(x, key, strict=True)), Fraction(0))
        bound = least_of_both(stated, stage["prices"], total, minors)
    else:
        value = max((t / e for t, e in zip(x, key, strict=True) if e > 0), default=Fraction(0))
        bound = least_load(stated, stage["prices"], total, minors)
    sure = not (stated.minors or stated.links)
    return judged(value, bound, HELD_GAP * max(_ONE, value), faults, exact_gap=sure)
