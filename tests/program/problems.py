"""Random problems for the program's tests: seeded, small, with every family at hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocator.program.problem import Bound, Floats, Ints, Lots, Problem, Units

__all__ = ["nested", "shuffled", "units", "with_minors"]


def units(rng: np.random.Generator, size: int, counties: int) -> Units:
    """Municipalities with lognormal populations, spread over counties that all have somebody."""
    county_of = np.sort(np.concatenate([np.arange(counties), rng.integers(0, counties, size)]))
    county_of = county_of[:size] if size >= counties else np.arange(size)
    county_of = np.unique(county_of, return_inverse=True)[1].astype(np.int64)
    found = int(county_of.max()) + 1
    return Units(
        codes=tuple(f"{place + 101:04}" for place in range(size)),
        names=tuple(f"Kommune {place}" for place in range(size)),
        counties=tuple(f"{county + 1:02}" for county in range(found)),
        county_of=county_of,
        county_names=tuple(f"Fylke {county}" for county in range(found)),
        population=np.round(rng.lognormal(8.5, 1.0, size)),
    )


def nested(rng: np.random.Generator, size: int, counties: int = 3) -> Problem:
    """Bounds on municipalities and counties only, with room for the need: feasible by making."""
    who = units(rng, size, counties)
    need = int(rng.integers(max(2 * size, 10), 12 * size + 10))
    share = who.population / who.population.sum()
    key = share * need
    # A feasible point first; the limits are put around it.
    point = rng.multinomial(need, share).astype(float)
    lower = np.floor(point * rng.uniform(0.2, 1.0, size))
    upper = np.ceil(point * rng.uniform(1.0, 1.8, size)) + 1
    in_county = np.bincount(who.county_of, point)
    low, high = np.floor(in_county * 0.95), np.ceil(in_county * 1.05)
    return Problem(
        units=who,
        groups=("ordinary",),
        need=np.array([need]),
        entitlement=key,
        entitlement_minors=np.zeros(size),
        last=np.round(point * rng.uniform(0.5, 1.5, size)),
        bounds=(
            Bound.make("capacity", "total", np.zeros(size), upper),
            Bound.make("band", "total", lower, np.full(size, np.inf)),
            Bound.make("county", "county", low, high),
        ),
    )


def with_minors(rng: np.random.Generator, problem: Problem, *, by_age: bool = False) -> Problem:
    """The same with a part of the need as minors, some municipalities without a service."""
    size = len(problem.units)
    box = problem.box("total")
    none = rng.random(size) < 0.3
    room = np.where(none, 0, np.minimum(np.floor(box.upper * 0.5), problem.persons))
    minors = int(min(problem.persons // 5, room.sum() // 3))
    ages = [minors // 3, minors - minors // 3] if by_age else [minors]
    groups = ("em_under15", "em_15_17") if by_age else ("em",)
    return replace(
        problem,
        groups=("ordinary", *groups),
        need=np.array([problem.persons - minors, *ages]),
        entitlement_minors=problem.entitlement / problem.persons * minors,
        minors_share=0.5,
        bounds=(
            *problem.bounds,
            Bound.make("minors", "minors", np.zeros(size), np.where(none, 0.0, np.inf)),
            Bound.make("minors", "share", np.zeros(size), np.zeros(size)),
        ),
    )


def shuffled(problem: Problem, order: Ints) -> Problem:
    """The same problem with its units in another order."""
    place = np.argsort(order)
    who = problem.units

    def moved(values: Floats) -> Floats:
        return values[order]

    return replace(
        problem,
        units=replace(
            who,
            codes=tuple(who.codes[unit] for unit in order),
            names=tuple(who.names[unit] for unit in order),
            county_of=who.county_of[order],
            population=moved(who.population),
        ),
        entitlement=moved(problem.entitlement),
        entitlement_minors=moved(problem.entitlement_minors),
        last=moved(problem.last),
        bounds=tuple(
            bound if bound.measure == "county" else replace(bound, index=place[bound.index])
            for bound in problem.bounds
        ),
    )


LOTS = Lots(5, 3, choose=True, choose_minors=True)
