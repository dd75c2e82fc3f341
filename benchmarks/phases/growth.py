"""How time and peak memory of the parts grow with the number of municipalities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from allocator.program.even import even_totals
from allocator.program.problem import Goals
from allocator.program.whole import Limits, nearest_whole
from benchmarks.cases import Case, anew
from benchmarks.nested import nested
from benchmarks.registry import Phase, Work

__all__ = ["GROWTH"]


def _not_synthetic(case: Case) -> str | None:
    return None if case.seed else "growth is measured on synthetic cases"


GROWTH = Phase(
    "growth",
    "each part alone, in a process of its own, with its peak memory",
    reference="fill",
    alone=120.0,
    unless=_not_synthetic,
)


@GROWTH.contender("fill")
def fill(case: Case) -> Work:
    """Water-filling under nested totals."""
    return nested(case)[0].filled


def _even(even: str) -> Callable[[Case], Work]:
    def prepare(case: Case) -> Work:
        problem = replace(case.settled(), goals=Goals(even=even))
        return lambda: even_totals(anew(problem))

    return prepare


@GROWTH.contender("even, l1")
def l1(case: Case) -> Work:
    """Totals nearest to the entitlements, then to last year's requests, then leximin."""
    return _even("l1")(case)


@GROWTH.contender("even, minimax")
def minimax(case: Case) -> Work:
    """The smallest largest load, then near to last year's requests, then leximin."""
    return _even("minimax")(case)


@GROWTH.contender("even, leximin")
def leximin(case: Case) -> Work:
    """Leximin totals, minors inside."""
    return _even("leximin")(case)


@GROWTH.contender("whole")
def whole(case: Case) -> Work:
    """The filled totals in whole persons, every county within its limits."""
    given, _ = nested(case)
    target = given.filled()
    limits = Limits(given.county_of, np.ceil(given.county_lower), np.floor(given.county_upper))
    return lambda: nearest_whole(target, given.lower, given.upper, given.total, groups=limits)
