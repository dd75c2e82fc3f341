"""The municipalities most like one: inhabitants, entitlement by head, centrality.

The distance is |ln(p/p')| + |ln(q/q')| + 0.1·|class − class'|, with p inhabitants and q the
entitlement by head: a tenth more inhabitants, a tenth more entitlement by head and one class of
centrality count alike. Whoever is farther than twice the inhabitants away is not much like it, and
Oslo is like nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log

from allocator.proposal import Request

__all__ = ["similar"]

_CLASS = 0.1
_FARTHEST = log(2)


def similar(
    of: Request, requests: Sequence[Request], classes: Mapping[str, str], count: int = 3
) -> tuple[Request, ...]:
    """The ``count`` nearest to one municipality, the nearest first, then by code.

    ``classes`` gives the centrality of a code where it is known. Whoever has no inhabitants in the
    panel is like nobody.
    """
    if not of.population:
        return ()
    near = []
    for other in requests:
        if other.code != of.code and other.population:
            distance = round(_distance(of, other, classes), 9)
            if distance <= _FARTHEST:
                near.append((distance, other.code, other))
    return tuple(other for _, _, other in sorted(near, key=lambda one: one[:2])[:count])


def _distance(one: Request, other: Request, classes: Mapping[str, str]) -> float:
    assert one.population is not None
    assert other.population is not None
    people = log(one.population / other.population)
    by_head = 0.0
    if one.entitlement > 0 and other.entitlement > 0:
        by_head = log(one.entitlement / one.population) - log(other.entitlement / other.population)
    elif (one.entitlement > 0) != (other.entitlement > 0):
        by_head = 1.0  # one is asked by the key and the other is not
    here, there = classes.get(one.code, ""), classes.get(other.code, "")
    apart = abs(int(here) - int(there)) if here.isdecimal() and there.isdecimal() else 0
    return abs(people) + abs(by_head) + _CLASS * apart
