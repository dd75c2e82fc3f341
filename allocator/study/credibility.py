"""Shares learnt from few years: what is known of a group, shrunk towards what is known of all.

**Level.** The year's own share, in logarithms, z_y = ln(given / asked), varies from year to year by
more than anything else. In a regime with n years, mean z̄ and sample variance s²,

    m = (n·z̄ + κ·z̄₀) / (n + κ),  σ² = (d·s² + d₀·s₀²) / (d + d₀),  d = n − 1

where z̄₀ is the mean over the regimes' means, s₀² the variance within regimes pooled over them
(Smyth 2004, doi 10.2202/1544-6115.1027: a moderated variance), κ = s₀² / variance between the
regimes (Bühlmann 1967, doi 10.1017/S0515036100008989). A new year is

    z = m + σ·√(1 + 1/(n + κ))·t,  t Student with d + d₀ degrees of freedom.

**Cells.** A cell's share against the year's, ρ_ky, weighted by persons asked, is shrunk towards 1:
Z = a / (a + s²/w) with the variances within (s²) and between (a) by moments (Bühlmann & Straub
1970).

**Groups.** What the members of a group have in common in one year, by the same moments: ratios r_m
with weights w_m, the variance between groups a, and each group's mean shrunk towards that of all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

import numpy as np

from allocator.program.problem import Floats, Names

__all__ = ["PRIOR", "Cell", "Groups", "Level", "cells", "groups", "level"]

PRIOR = 2.0
"""d₀: the pooled variance counts as much as three years of one's own."""


@dataclass(frozen=True, slots=True)
class Level:
    """What a new year's logarithm of the share is: mean + scale · t(freedom)."""

    mean: float
    scale: float
    freedom: float
    years: int

    def draw(self, stream: np.random.Generator, count: int) -> Floats:
        """Shares of ``count`` new years, > 0: one out of each of as many equally probable parts, in
        random order, so that few draws tell the width too (McKay, Beckman & Conover 1979)."""
        drawn: Floats = stream.permutation(np.array(self.cases(count)))
        return drawn

    def cases(self, count: int) -> tuple[float, ...]:
        """``count`` shares of equal probability: the middle of each part of the distribution.

        >>> [round(share, 2) for share in Level(0.0, 0.1, 4.0, 5).cases(3)]
        [0.9, 1.0, 1.12]
        """
        middles = np.quantile(_student(self.freedom), (np.arange(count) + 0.5) / count)
        return tuple(np.exp(self.mean + self.scale * middles).tolist())


@lru_cache(maxsize=32)
def _student(freedom: float) -> Floats:
    """Student's t as a large sample of it, symmetric and sorted."""
    half = np.random.default_rng(1).standard_t(freedom, 100_000)
    sample: Floats = np.sort(np.concatenate((half, -half)))
    return sample


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's share against the year's: its mean, and the spread of what is not known of it.

    ``scatter`` is the variance of one person's worth: of a new year in which w persons are asked,
    scatter / w.
    """

    mean: float
    spread: float
    scatter: float
    years: int
    credibility: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Groups:
    """How far groups lie apart in one year: the standard deviation, and each one's shrunk mean."""

    spread: float
    means: dict[str, float]


def level(shares: Mapping[str, Sequence[float]], regime: str) -> Level:
    """The level of a regime, from the shares of the known years by regime.

    Raises ValueError with fewer than two years in all: there is no variation to learn.

    >>> found = level({"few": [0.99, 0.98, 1.0], "many": [0.8, 1.0]}, "many")
    >>> found.years, round(float(np.exp(found.mean)), 2), found.freedom
    (2, 0.93, 3.0)
    """
    logs = {name: np.log(np.asarray(values, float)) for name, values in shares.items() if values}
    every = np.concatenate(list(logs.values())) if logs else np.zeros(0)
    if len(every) < 2:
        raise ValueError("fewer than two years")
    grand = float(np.mean([values.mean() for values in logs.values()]))
    inside = sum(len(values) - 1 for values in logs.values())
    if inside:
        pooled = sum(float(((v - v.mean()) ** 2).sum()) for v in logs.values()) / inside
    else:
        pooled = float(every.var(ddof=1))
    between = _between(
        [float(v.mean()) for v in logs.values()], [len(v) for v in logs.values()], pooled
    )
    own = logs.get(regime, np.zeros(0))
    kappa = pooled / between if between > 0 else float(len(every))
    if len(logs) == 1 and len(own):
        kappa = 0.0  # there is nothing else to lean on
    known = len(own) + kappa
    mean = (float(own.sum()) + kappa * grand) / known
    freedom = max(len(own) - 1, 0)
    spread = float(((own - own.mean()) ** 2).sum()) if len(own) else 0.0
    variance = (spread + PRIOR * pooled) / (freedom + PRIOR)
    return Level(mean, sqrt(variance * (1 + 1 / known)), freedom + PRIOR, len(own))


def _between(means: Sequence[float], counts: Sequence[int], within: float) -> float:
    """The variance between groups by moments; 0 where they differ by no more than chance."""
    if len(means) < 2:
        return 0.0
    return max(float(np.var(means, ddof=1)) - within * float(np.mean([1 / n for n in counts])), 0.0)


def cells(ratios: Mapping[str, Sequence[tuple[float, float]]]) -> dict[str, Cell]:
    """Each cell's (weight, ratio) over years, shrunk towards 1.

    >>> high, low = [(100, 1.2), (100, 1.2)], [(100, 0.8), (100, 0.8)]
    >>> found = cells({"a": high, "b": low, "c": [(1, 3.0)]})
    >>> round(found["a"].mean, 2), round(found["b"].mean, 2), found["c"].years
    (1.2, 0.8, 1)
    """
    weight = {name: sum(w for w, _ in rows) for name, rows in ratios.items()}
    kept = {name: rows for name, rows in ratios.items() if weight[name] > 0}
    mean = {name: sum(w * r for w, r in rows) / weight[name] for name, rows in kept.items()}
    freedom = sum(len(rows) - 1 for rows in kept.values())
    off = sum(w * (r - mean[name]) ** 2 for name, rows in kept.items() for w, r in rows)
    scatter = off / freedom if freedom else 0.0
    total = sum(weight[name] for name in kept)
    spread = 0.0
    if len(kept) > 1:
        outer = sum(weight[name] * (mean[name] - 1) ** 2 for name in kept)
        spread = max((outer - len(kept) * scatter) / total, 0.0)
    found = {}
    for name, rows in kept.items():
        rest = spread + scatter / weight[name]
        z = spread / rest if rest > 0 else 0.0
        left = sqrt(spread * (1 - z))
        found[name] = Cell(1 + z * (mean[name] - 1), left, scatter, len(rows), z)
    return found


def groups(ratio: Floats, weight: Floats, of: Names) -> Groups:
    """What the members of each group have in common beside all: ``ratio``, ``weight`` and group of
    each, shape (members,). Means are against that of all.

    >>> of = np.array(["a", "a", "b", "b"], dtype=object)
    >>> found = groups(np.array([1.2, 1.2, 0.8, 0.8]), np.ones(4), of)
    >>> round(found.spread, 2), {name: round(mean, 2) for name, mean in found.means.items()}
    (0.28, {'a': 1.2, 'b': 0.8})
    """
    names, place = np.unique(of.astype(str), return_inverse=True)
    heavy = np.bincount(place, weight)
    means = np.bincount(place, weight * ratio) / heavy
    total = float(weight.sum())
    mean = float(weight @ ratio) / total
    freedom = len(ratio) - len(names)
    within = float((weight * (ratio - means[place]) ** 2).sum()) / freedom if freedom > 0 else 0.0
    spread, apart = 0.0, total - float((heavy**2).sum()) / total
    if apart > 0:
        outer = float((heavy * (means - mean) ** 2).sum())
        spread = max((outer - (len(names) - 1) * within) / apart, 0.0)
    rest = spread + within / heavy
    z = np.divide(spread, rest, out=np.zeros(len(names)), where=rest > 0)
    shrunk = 1 + z * (means / mean - 1) if mean > 0 else np.ones(len(names))
    return Groups(sqrt(spread), dict(zip(names.tolist(), shrunk.tolist(), strict=True)))
