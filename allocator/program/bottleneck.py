"""Leximin totals shown by their bottlenecks, in exact fractions; standard library only.

Totals are max-min fair when nobody can be raised without lowering somebody no better off, relative
to the entitlement; on a convex set such totals are the leximin ones (Radunović & Le Boudec 2007,
doi:10.1109/TNET.2007.896231). A sum that no totals pass, Σ π·X ≤ R, holds whoever is in it: to
raise m by δ takes δ·π_m from what is left of R and from the others in it. So m can gain at most

    δ = (R − Σ π·x + Σ π_j·(x_j − low_j) over those better off) / π_m

without anybody no better off losing. That R is passed by nobody is shown from multipliers, as every
bound is (:mod:`tied`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from allocator.program.stated import Box, Stated, exact
from allocator.program.tied import Choice, least_of_both

__all__ = ["Sum", "most_gained", "sums"]

_NOTHING = Fraction(0)
_BETTER = 1 + Fraction(1, 10**9)
"""So much more is better off; what differs by less is rounding."""


@dataclass(frozen=True, slots=True)
class Sum:
    """What no totals pass: Σ part·X ≤ reach."""

    part: dict[int, Fraction]
    reach: Fraction


def sums(
    stated: Stated,
    said: Sequence[Mapping[str, Any]],
    totals: Sequence[Choice],
    minors: Sequence[Choice],
) -> list[Sum]:
    """The sums as ``certificate.json`` has them, each with the reach that its multipliers show;
    those whose multipliers show none are left out."""
    free = [Choice(_NOTHING, _NOTHING, choice.places) for choice in totals]
    found = []
    for one in said:
        part = {int(m): max(exact(number), _NOTHING) for m, number in one["parts"]}
        costs = [-part.get(m, _NOTHING) for m in range(len(free))]
        least = least_of_both(stated, one["prices"], free, minors, costs)
        if least is not None:
            found.append(Sum({m: number for m, number in part.items() if number > 0}, -least))
    return found


def most_gained(
    totals: Sequence[Fraction], weight: Sequence[Fraction], box: Box, sums: Sequence[Sum]
) -> list[Fraction | None]:
    """By how many persons each could be raised at most without lowering somebody no better off;
    None where nothing is known to hold it.

    >>> one, free = [Fraction(1)] * 2, Box([Fraction(0)] * 2, [None] * 2)
    >>> both = Sum({0: Fraction(1), 1: Fraction(1)}, Fraction(4))
    >>> [str(most) for most in most_gained([Fraction(2), Fraction(2)], one, free, [both])]
    ['0', '0']
    >>> [str(most) for most in most_gained([Fraction(1), Fraction(3)], one, free, [both])]
    ['3', '0']
    """
    load = [x / w for x, w in zip(totals, weight, strict=True)]
    most = [
        None if high is None else max(high - x, _NOTHING)
        for x, high in zip(totals, box.upper, strict=True)
    ]
    for held in sums:
        ranked = sorted(held.part, key=lambda m: load[m], reverse=True)
        rest = held.reach - sum((p * totals[m] for m, p in held.part.items()), _NOTHING)
        better = 0
        for m in ranked:
            while load[ranked[better]] > load[m] * _BETTER:
                other = ranked[better]
                rest += held.part[other] * max(totals[other] - box.lower[other], _NOTHING)
                better += 1
            gained, before = max(rest, _NOTHING) / held.part[m], most[m]
            most[m] = gained if before is None else min(gained, before)
    return most
