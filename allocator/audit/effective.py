r"""What each criterion of a key really does, beside the weight it is stated with.

**Effective weight.** The key moves persons away from an equal number a head; by how much is
v = ½·Σ|e[m]/N − P[m]|, with P the population shares. Let v(S) be the same when only the criteria
in S stand as they are and every other is population with the same weight. The effective weight of a
criterion is its Shapley share of v, exact over all 2^k sets (Shapley 1953):

    φ_p = Σ_{S ∌ p} |S|!·(k − |S| − 1)!/k! · (v(S ∪ {p}) − v(S)),    effective = φ_p / Σ φ

A criterion that is population under another name moves nobody and has 0, whatever its weight; one
that pulls the others back is below 0. What the limits on shares alone do, v(∅), is told apart.

**Spread.** Cov(w_p·s_p, s)/Var(s), each criterion's part in why shares differ between
municipalities; it is the Shapley value of the variance, in closed form. Where every criterion
follows size, this is nearly its stated weight, and says little.

**Population in disguise.** Of each criterion's shares s_p: R² with the population shares, and
1 − ½·Σ|s_p − P|, the part of all persons it alone places as population does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import factorial, fsum
from typing import Any

import numpy as np

from allocator.documents.key import Shares
from allocator.errors import BadDataError, Fault
from allocator.program.entitlement import Part, combined
from allocator.program.problem import Floats

__all__ = ["MOST", "Criterion", "criteria", "shapley"]

MOST = 12
"""Criteria that exact Shapley shares are worked out for: 4 096 sets."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: stated and effective weight, and how much of it is population.

    ``stated`` is its part of the sum of weights, ``persons`` what an amount sums to (one of the two
    is None). ``effective`` and ``spread`` are None where the key is population and nothing else.
    ``moved`` is φ: the part of all persons it moves away from equal a head.
    """

    criterion: str
    indicator: str
    period: str
    stated: float | None
    persons: float | None
    effective: float | None
    moved: float
    spread: float | None
    r2: float | None
    as_population: float | None

    def as_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def criteria(
    parts: Sequence[Part], population: Floats, need: int, limits: Shares, basis: Floats | None
) -> tuple[tuple[Criterion, ...], float, float]:
    """Every criterion, what the limits on shares move by themselves, and what all move together.

    ``population`` are shares over the same units as the parts.

    >>> half = Part("size", "population", "2025", 0.5, np.ones(2), np.array([0.75, 0.25]))
    >>> other = Part("work", "jobs", "2025", 0.5, np.ones(2), np.array([0.25, 0.75]))
    >>> found, limits, moved = criteria([half, other], half.shares, 100, Shares(), None)
    >>> [(each.stated, each.effective) for each in found], moved
    ([(0.5, 0.0), (0.5, 1.0)], 0.25)
    """
    if len(parts) > MOST:
        told = f"the key has {len(parts)} criteria: exact shares are worked out for {MOST}"
        raise BadDataError(Fault("audit.criteria", told, f"at most {MOST} criteria"))

    def moved(real: frozenset[int]) -> float:
        mixed = [
            part if place in real else replace(part, shares=_neutral(part, population))
            for place, part in enumerate(parts)
        ]
        found = combined(mixed, limits, basis).own(need)
        total = fsum(found)
        return float(np.abs(found / total - population).sum()) / 2 if total > 0 else 0.0

    values = shapley(len(parts), moved)
    whole, weight = fsum(values), fsum(part.weight for part in parts if not part.amount)
    shared = [part.weight / weight * part.shares for part in parts if not part.amount]
    together = sum(shared, np.zeros(len(population)))
    rows = tuple(
        Criterion(
            criterion=part.name,
            indicator=part.indicator,
            period=part.period,
            stated=None if part.amount else round(part.weight / weight, 6),
            persons=round(part.weight * fsum(part.shares), 3) if part.amount else None,
            effective=round(value / whole, 6) + 0.0 if whole > 1e-12 else None,
            moved=round(value, 6) + 0.0,
            spread=None if part.amount else _covariance(part.weight / weight, part, together),
            r2=_r2(part.shares, population),
            as_population=_same(part.shares, population),
        )
        for part, value in zip(parts, values, strict=True)
    )
    alone = moved(frozenset())
    return rows, round(alone, 6), round(whole + alone, 6)


def shapley(players: int, value: Any) -> list[float]:
    """The Shapley value of each player in a game that gives ``value(frozenset)``; exact, 2^n calls.

    >>> shapley(2, lambda some: len(some) ** 2)
    [2.0, 2.0]
    >>> shapley(2, lambda some: float({0, 1} <= some))
    [0.5, 0.5]
    """
    worth = [
        value(frozenset(p for p in range(players) if some >> p & 1)) for some in range(1 << players)
    ]
    found = []
    for player in range(players):
        bit, total = 1 << player, 0.0
        for some in range(1 << players):
            if not some & bit:
                size = some.bit_count()
                odds = factorial(size) * factorial(players - size - 1) / factorial(players)
                total += odds * (worth[some | bit] - worth[some])
        found.append(total)
    return found


def _neutral(part: Part, population: Floats) -> Floats:
    """What a criterion would be if it were population: of an amount, as many persons."""
    return population * fsum(part.shares) if part.amount else population


def _covariance(weight: float, part: Part, together: Floats) -> float | None:
    spread = float(np.var(together))
    if spread < 1e-18:
        return None
    own = weight * part.shares
    return round(float(np.mean((own - own.mean()) * (together - together.mean()))) / spread, 6)


def _r2(shares: Floats, population: Floats) -> float | None:
    if np.ptp(shares) < 1e-15 or np.ptp(population) < 1e-15:
        return None
    return round(float(np.corrcoef(shares, population)[0, 1]) ** 2, 6)


def _same(shares: Floats, population: Floats) -> float | None:
    """The part of all persons that both place the same; of amounts, by their shares."""
    total = fsum(shares)
    if total <= 0 or (shares < 0).any():
        return None
    return round(1 - float(np.abs(shares / total - population).sum()) / 2, 6)
