"""Synthetic problems of any size, the same for the same seed, that have an answer by design.

Inhabitants are lognormal, as municipalities are: many small, a few large. About 2.4 persons in
1 000 inhabitants are to be settled, one in twenty of them a minor unless told otherwise, one minor
in eight under 15, in counties of about 24. Last year's requests are the key with noise, and bands,
capacities and county totals are laid around them as wide as they are in the real rules.
"""

from __future__ import annotations

import hashlib
from dataclasses import fields

import numpy as np

from allocator.program.problem import Bound, Floats, Problem, Units

__all__ = ["digest", "synthetic"]


def synthetic(size: int, seed: int, *, minors: float = 0.05, counties: bool = True) -> Problem:
    """A problem of ``size`` municipalities with ordinary persons and two groups of minors, who are
    the part ``minors`` of all. Without ``counties`` their totals are free.

    >>> problem = synthetic(60, seed=1)
    >>> len(problem.units), problem.groups
    (60, ('ordinary', 'em_under15', 'em_15_17'))
    """
    random = np.random.default_rng([seed, size])
    units = _units(size, np.round(random.lognormal(np.log(6_000), 1.1, size)) + 200)
    persons = round(0.0024 * float(units.population.sum()))
    children = round(minors * persons)
    under15 = round(children / 8)

    by_size = units.population / units.population.sum()
    noisy = by_size * random.lognormal(0.0, 0.25, size)
    last: Floats = np.round(noisy / noisy.sum() * persons * 0.97)
    entitlement = persons * (by_size + last / last.sum()) / 2
    entitlement_minors = children * by_size

    zero, free = np.zeros(size), np.full(size, np.inf)
    takes_minors = random.random(size) < 0.6
    by_county = np.bincount(units.county_of, entitlement).astype(np.float64)
    capacity_minors = np.where(takes_minors, np.ceil(4 * entitlement_minors + 3), 0.0)
    held_counties = Bound.make("county", "county", 0.98 * by_county - 1, 1.02 * by_county + 1)
    return Problem(
        units=units,
        groups=("ordinary", "em_under15", "em_15_17"),
        need=np.array([persons - children, under15, children - under15], dtype=np.int64),
        entitlement=entitlement,
        entitlement_minors=entitlement_minors,
        last=last,
        bounds=(
            Bound.make("capacity", "total", zero, np.ceil(1.4 * np.maximum(entitlement, last) + 2)),
            Bound.make("minors", "minors", zero, capacity_minors),
            Bound.make("band", "total", 0.7 * last, 1.5 * last + 3),
            *((held_counties,) if counties else ()),
            Bound.make("minors", "share", zero, np.where(takes_minors, 0.0, free)),
        ),
        minors_share=0.5,
    )


def _units(size: int, population: Floats) -> Units:
    counties = max(2, size // 24)
    width = len(str(size - 1))
    return Units(
        codes=tuple(f"{place:0{width}}" for place in range(size)),
        names=tuple(f"Municipality {place}" for place in range(size)),
        counties=tuple(f"{county:05}" for county in range(counties)),
        county_of=np.arange(size, dtype=np.int64) * counties // size,
        county_names=tuple(f"County {county}" for county in range(counties)),
        population=population,
    )


def digest(problem: Problem) -> str:
    """A fingerprint of everything in a problem, for telling whether two are the same."""
    found = hashlib.sha256()

    def add(value: object) -> None:
        if isinstance(value, np.ndarray):
            found.update(value.tobytes())
        elif isinstance(value, Bound | Units):
            for part in fields(value):
                add(getattr(value, part.name))
        elif isinstance(value, tuple):
            for item in value:
                add(item)
        else:
            found.update(repr(value).encode())

    for part in fields(problem):
        add(getattr(problem, part.name))
    return found.hexdigest()
