"""Whole persons with the counties' totals kept, against integer programs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocator.program.problem import Floats
from allocator.program.whole import nearest_whole
from benchmarks.cases import Case
from benchmarks.nested import Nested, nested
from benchmarks.registry import Phase, Target, Told, Work, larger_than, only_on

__all__ = ["ROUNDING", "WHOLE_L1"]

WHOLE_L1 = Phase(
    "whole-l1",
    "entitlements to the nearest whole totals, every county within its limits",
    reference="bosett",
    alone=120.0,
    unless=larger_than(400, "compared at 357 municipalities: the integer program does not end"),
)


@WHOLE_L1.contender("bosett")
def whole_l1(case: Case) -> Work:
    """By marginal costs, within nested totals."""
    given, _ = nested(case)
    limits = given.limits()

    def solve() -> Told:
        found = nearest_whole(given.weight, given.lower, given.upper, given.total, groups=limits)
        return Told(given.away(found.persons))

    return solve


@WHOLE_L1.contender(
    "PuLP + HiGHS MILP", targets=(Target("wall", "≥", 40, on=("norway-2026-full",)),)
)
def whole_l1_milp(case: Case) -> Work:
    """Plain PuLP with whole totals and goal rows, to gap 0."""
    from benchmarks.naive import plain

    given, _ = nested(case)
    return lambda: Told(given.away(np.round(plain.l1_pulp(given, whole=True))))


ROUNDING = Phase(
    "rounding",
    "water-filled totals to whole ones, every county's total rounded up or down",
    reference="bosett",
    alone=120.0,
    unless=only_on(
        ("norway-2026-full", "synthetic-2000", "synthetic-11000"),
        "rounding is compared up to 11 000 municipalities",
    ),
)


def _between(case: Case) -> tuple[Floats, Nested]:
    """Filled totals, and limits that leave each county its total rounded up or down."""
    given, _ = nested(case)
    target = given.filled()
    in_county = np.bincount(given.county_of, target, len(given.county_lower))
    return target, replace(
        given,
        county_lower=np.floor(in_county + 1e-7),
        county_upper=np.ceil(in_county - 1e-7),
    )


@ROUNDING.contender("bosett")
def rounding(case: Case) -> Work:
    """By marginal costs, within nested totals."""
    target, given = _between(case)
    limits = given.limits()

    def solve() -> Told:
        found = nearest_whole(target, given.lower, given.upper, given.total, groups=limits)
        return Told(float(np.abs(found.persons - target).sum()))

    return solve


_FAR = (Target("wall", "≥", 300, on=("synthetic-11000",)),)


@ROUNDING.contender("HiGHS MILP", targets=_FAR)
def rounding_milp(case: Case) -> Work:
    """Up or down for each municipality, as HiGHS comes, to gap 0."""
    from benchmarks.naive import plain

    target, given = _between(case)

    def solve() -> Told:
        floor, matrix = plain.up_or_down(target, given)
        found = floor + np.round(plain.highs_by_default(matrix))
        return Told(float(np.abs(found - target).sum()))

    return solve


@ROUNDING.contender("HiGHS MILP, goal rows", slow=True, targets=_FAR)
def rounding_goal_rows(case: Case) -> Work:
    """Whole totals between down and up, with over and under: the same answer, written plainly."""
    from benchmarks.naive import plain

    target, given = _between(case)

    def solve() -> Told:
        matrix, totals = plain.goal_rows(target, given)
        found = np.round(plain.highs_by_default(matrix)[totals])
        return Told(float(np.abs(found - target).sum()))

    return solve
