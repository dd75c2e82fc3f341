"""Several years decided at once: one problem whose units are municipalities in years.

Each year keeps its own need and its own limits. Years are tied together by how far a number may
move from one year to the next, and by what a council has decided for all years together
(Trondheim decided 1 100 for 2015 and 2016 at once: 450 + 650).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from allocator.errors import BadDataError, Fault
from allocator.program.problem import Bound, Floats, Link, Problem

__all__ = ["Together", "YearNeed", "over_years"]


@dataclass(frozen=True, slots=True)
class YearNeed:
    """The need of one year."""

    year: int
    total: int
    minors: int


@dataclass(frozen=True, slots=True)
class Together:
    """What is decided for one municipality over all years: at least and at most."""

    lower: float = 0.0
    upper: float = np.inf


def over_years(
    problem: Problem,
    needs: Sequence[YearNeed],
    *,
    down: float | None = None,
    up: float | None = None,
    together: Mapping[str, Together] | None = None,
) -> Problem:
    """The problem of several years, from that of the first.

    The units of year k stand after those of year k − 1, in order of code; years stand where
    counties stood, each with its own need: Σ_m x[m, y] = N[y]. From year to year
    (1 − down)·x[m, y−1] ≤ x[m, y] ≤ (1 + up)·x[m, y−1], and ``together`` limits Σ_y x[m, y]. Last
    year's request is known for the first year only, and a lock is of the first year.

    Raises :class:`BadDataError` where the rule splits by county, or minors come by age: years take
    that place.
    """
    if next(problem.of_measure("county"), None) is not None:
        raise BadDataError(
            Fault(
                "horizon.county",
                "several years at once cannot also be split by county",
                'county.split = "free"',
            )
        )
    if len(problem.groups) > 2:
        raise BadDataError(
            Fault("horizon.ages", "several years at once know minors as one number", "need.em")
        )
    size, years = len(problem.units), len(needs)
    minors = sum(need.minors for need in needs)
    total = sum(need.total for need in needs)
    share = problem.entitlement / max(problem.persons, 1)
    share_em = problem.entitlement_minors / max(problem.minors, 1)
    who = problem.units
    unknown = np.full(size, np.nan)
    return replace(
        problem,
        units=replace(
            who,
            codes=tuple(f"{code}_{need.year}" for need in needs for code in who.codes),
            names=tuple(f"{name} {need.year}" for need in needs for name in who.names),
            counties=tuple(str(need.year) for need in needs),
            county_names=tuple(str(need.year) for need in needs),
            county_of=np.repeat(np.arange(years), size),
            population=np.tile(who.population, years),
        ),
        groups=("ordinary", "em") if minors else ("ordinary",),
        need=np.array([total - minors, minors] if minors else [total]),
        entitlement=np.concatenate([share * need.total for need in needs]),
        entitlement_minors=np.concatenate([share_em * need.minors for need in needs]),
        last=np.concatenate([problem.last] + [unknown] * (years - 1)),
        bounds=(*_each_year(problem, size, years), *_needs(needs)),
        links=(*_changes(who.codes, needs, down, up), *_together(who.codes, needs, together or {})),
    )


def _each_year(problem: Problem, size: int, years: int) -> list[Bound]:
    """Every limit again in every year; a lock in the first only."""
    bounds = []
    for bound in problem.bounds:
        # A lock and a band around last year are of the first year; later years follow by change.
        count = 1 if bound.family in ("lock", "band") else years
        bounds.append(
            replace(
                bound,
                index=np.concatenate([bound.index + size * year for year in range(count)]),
                lower=np.tile(bound.lower, count),
                upper=np.tile(bound.upper, count),
            )
        )
    return bounds


def _needs(needs: Sequence[YearNeed]) -> list[Bound]:
    every = np.arange(len(needs))

    def exactly(numbers: list[int]) -> tuple[Floats, Floats]:
        return np.array(numbers, dtype=float), np.array(numbers, dtype=float)

    bounds = [Bound("year", "county", every, *exactly([need.total for need in needs]))]
    if any(need.minors for need in needs):
        minors = exactly([need.minors for need in needs])
        bounds.append(Bound("year", "county_minors", every, *minors))
    return bounds


def _changes(
    codes: Sequence[str], needs: Sequence[YearNeed], down: float | None, up: float | None
) -> list[Link]:
    """x[m, y] − (1 + up)·x[m, y−1] ≤ 0 and x[m, y] − (1 − down)·x[m, y−1] ≥ 0."""
    size, links = len(codes), []
    for later, need in enumerate(needs[1:], start=1):
        for unit, code in enumerate(codes):
            pair = np.array([unit + size * later, unit + size * (later - 1)])
            name = f"{code}_{need.year}"
            if up is not None:
                rise = np.array([1.0, -(1 + up)])
                links.append(Link("change", f"{name}_up", pair, rise, -np.inf, 0.0))
            if down is not None:
                fall = np.array([1.0, -(1 - down)])
                links.append(Link("change", f"{name}_down", pair, fall, 0.0, np.inf))
    return links


def _together(
    codes: Sequence[str], needs: Sequence[YearNeed], together: Mapping[str, Together]
) -> list[Link]:
    size, links = len(codes), []
    for code, limit in sorted(together.items()):
        unit = codes.index(code)
        units, ones = unit + size * np.arange(len(needs)), np.ones(len(needs))
        if limit.lower == limit.upper:
            links.append(Link("together", code, units, ones, limit.lower, limit.upper))
            continue
        if limit.lower > 0:
            links.append(Link("together", f"{code}_floor", units, ones, limit.lower, np.inf))
        if np.isfinite(limit.upper):
            links.append(Link("together", f"{code}_cap", units, ones, -np.inf, limit.upper))
    return links
