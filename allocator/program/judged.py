"""What a stage's numbers and its bound come to: proven, open, or wrong; standard library only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from allocator.program.stated import Box, Stated

__all__ = ["EVEN_GAP", "HELD_GAP", "NEAR", "WHOLE_GAP", "Proof", "judged", "kept", "shown"]

EVEN_GAP = Fraction(1, 10**9)
"""A stage in fractions is proven when value − bound ≤ EVEN_GAP · max(1, value)."""
HELD_GAP = Fraction(2, 10**7)
"""The same for a linear goal that was held while the next was sought, which takes some slack."""
WHOLE_GAP = Fraction(1, 10**6)
"""Whole persons are proven when value − bound ≤ WHOLE_GAP persons: closer claims count as tied."""
NEAR = Fraction(1, 10**9)
"""A stage in fractions keeps its limits to so much of a person, relative to the need."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A stage's value and its bound, what is wrong with it, or why it has no bound.

    ``proven`` is None for a stage that is solved in integers with a bound from its relaxation: the
    gap is what it is.
    """

    value: Fraction | None = None
    bound: Fraction | None = None
    proven: bool | None = None
    faults: tuple[str, ...] = ()
    reason: str = ""

    @property
    def gap(self) -> Fraction | None:
        """value − bound."""
        return None if self.value is None or self.bound is None else self.value - self.bound


def judged(
    value: Fraction,
    bound: Fraction | None,
    allowed: Fraction,
    faults: list[str],
    *,
    exact_gap: bool = True,
) -> Proof:
    """Proven, open by a gap that may be, or wrong: no bound, above the value, or too far below."""
    faults = list(faults)
    if bound is None:
        faults.append("the multipliers give no bound")
        return Proof(value, None, False, tuple(faults))
    gap = value - bound
    if gap < -allowed:
        faults.append(f"the value {float(value):.9g} is below its bound {float(bound):.9g}")
    if gap > allowed and exact_gap:
        faults.append(f"the gap {float(gap):.3g} is more than {float(allowed):.3g}")
    proven = abs(gap) <= allowed
    return Proof(value, bound, proven if proven or exact_gap else None, tuple(faults))


def kept(stated: Stated, x: Sequence[Fraction], box: Box, county: Box, total: int) -> list[str]:
    """What numbers in fractions do not keep, beyond rounding."""
    near, faults = NEAR * max(1, total), []
    everyone = sum(x, Fraction(0))
    if abs(everyone - total) > near:
        faults.append(f"the numbers sum to {float(everyone):g}, not to {total}")
    for names, values, limits in (
        (stated.codes, x, box),
        (stated.counties, stated.in_county(x), county),
    ):
        for name, value, low, high in zip(names, values, limits.lower, limits.upper, strict=True):
            if value < low - near or (high is not None and value > high + near):
                faults.append(f"{name}: {float(value):g} is not within {shown(low, high)}")
    return faults


def shown(low: Fraction, high: Fraction | None) -> str:
    """Limits as they are told.

    >>> shown(Fraction(1, 2), Fraction(4)), shown(Fraction(3), None)
    ('0.5–4', '3–')
    """
    return f"{float(low):g}–{'' if high is None else f'{float(high):g}'}"
