"""Paradoxes of how a rule rounds, searched for on its own key with real figures.

The rule's way to whole persons is run again on what its key gives: with one person more (Alabama),
on the figures of another year (population), and without one municipality or another (new states). A
paradox that is found is an example; one that is not found was not there in what was searched, which
is told. Divisor methods have none, as is known; the numbers nearest to the fractions that keep the
total are those of largest remainder, which has all three.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from allocator.audit import axioms
from allocator.audit.axioms import Counterexample
from allocator.program.apportion import Exact
from allocator.program.problem import Floats

__all__ = ["Found", "paradoxes", "rounds_by"]

_EXACT = 10**9  # shares become whole weights; their ninth decimal gives nobody a person
_LATER = 25
_NEWEST = 60  # municipalities, evenly spread over the codes


@dataclass(frozen=True, slots=True)
class Found:
    """One paradox: what was searched, and an example where there was one.

    ``tried`` counts the comparisons made until the first example or to the end.
    """

    paradox: str
    tried: int
    example: Counterexample | None

    def as_dict(self, codes: Sequence[str]) -> dict[str, Any]:
        """The JSON form."""
        example = None if self.example is None else self.example.as_dict(codes)
        return {"paradox": self.paradox, "tried": self.tried, "example": example}


def rounds_by(method: str) -> str:
    """The method of apportionment that a way to whole persons is, by a key and a total alone.

    >>> rounds_by("nearest"), rounds_by("adams")
    ('largest-remainder', 'adams')
    """
    return {"nearest": "largest-remainder", "biproportional": "webster"}.get(method, method)


def paradoxes(
    method: str, share: Floats, need: int, earlier: Floats | None = None
) -> tuple[Found, ...]:
    """The three paradoxes of a method on shares of a key; ``earlier`` are those of another year.

    >>> import numpy as np
    >>> found = paradoxes("hamilton", np.array([6, 6, 2]) / 14, 10)
    >>> [(each.paradox, each.example is not None) for each in found]
    [('alabama', True), ('new-states', True)]
    """
    rule, weights = axioms.method(rounds_by(method)), _weights(share)
    searched = [
        _first(
            "alabama",
            [
                lambda n=n: axioms.house_monotonicity(rule, weights, n)  # type: ignore[misc]
                for n in range(need, need + _LATER)
            ],
        )
    ]
    if earlier is not None:
        before = _weights(earlier)
        searched.append(
            _first(
                "population",
                [
                    lambda n=n: axioms.population_monotonicity(  # type: ignore[misc]
                        rule, before, weights, n
                    )
                    for n in range(need, need + _LATER)
                ],
            )
        )
    searched.append(
        _first(
            "new-states",
            [
                lambda unit=unit: axioms.new_states(rule, weights, need, unit)  # type: ignore[misc]
                for unit in range(0, len(weights), 1 + len(weights) // _NEWEST)
            ],
        )
    )
    return tuple(searched)


def _first(paradox: str, tries: Sequence[Callable[[], Counterexample | None]]) -> Found:
    """The first example, and how many were looked at."""
    for tried, attempt in enumerate(tries, 1):
        example = attempt()
        if example is not None:
            return Found(paradox, tried, example)
    return Found(paradox, len(tries), None)


def _weights(share: Floats) -> list[Exact]:
    return [round(_EXACT * float(part)) for part in share]
