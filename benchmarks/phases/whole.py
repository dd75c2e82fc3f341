"""From fractions of persons to whole ones, with the nation's total and everybody's limits kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.program.fill import fill_nested
from allocator.program.problem import Box, Floats, Ints
from allocator.program.solver import Engine, Matrix
from allocator.program.whole import nearest_whole
from benchmarks.cases import Case
from benchmarks.registry import Phase, Work

__all__ = ["WHOLE", "Shares", "largest_remainder", "shares", "whole_program"]

WHOLE = Phase("whole", "water-filled shares to whole persons", reference="bosett")


@dataclass(frozen=True, slots=True)
class Shares:
    """A water-filled total in fractions of persons, and the limits it was filled within."""

    target: Floats
    box: Box
    total: int


def shares(case: Case) -> Shares:
    """The case's totals, water-filled within the municipalities' own limits."""
    problem = case.problem()
    box, counties = problem.box("total"), len(problem.counties)
    target = fill_nested(
        problem.entitlement,
        box.lower,
        box.upper,
        float(problem.persons),
        problem.units.county_of,
        np.zeros(counties),
        np.full(counties, np.inf),
    )
    return Shares(target, box, problem.persons)


@WHOLE.contender("bosett")
def margins(case: Case) -> Work:
    """By marginal costs; ties found and told."""
    given = shares(case)
    box = given.box
    return lambda: nearest_whole(given.target, box.lower, box.upper, given.total)


@WHOLE.contender("HiGHS MILP")
def integers(case: Case) -> Work:
    """Nearest whole numbers as an integer program: up or down for each, the total kept."""
    given = shares(case)

    def solve() -> Ints:
        floor, matrix = whole_program(given)
        answer = Engine(matrix).solve()
        if not answer.optimal:
            raise RuntimeError(f"no whole numbers for {case.name}")
        return floor + np.round(answer.columns).astype(np.int64)

    return solve


@WHOLE.contender("largest remainder")
def remainder(case: Case) -> Work:
    """Six lines of numpy; looks at nobody's limits: a floor."""
    given = shares(case)
    return lambda: largest_remainder(given.target, given.total)


def whole_program(given: Shares) -> tuple[Ints, Matrix]:
    """Floors, and the program that chooses who gets one person more."""
    floor = np.floor(given.target + 1e-7)
    part, size = given.target - floor, len(given.target)
    room = (floor + 1 <= given.box.upper).astype(float)
    left = np.array([given.total - floor.sum()])
    every = np.arange(size, dtype=np.int64)
    matrix = Matrix.from_triples(
        np.abs(1 - part) - np.abs(part),
        np.zeros(size),
        room,
        left,
        left,
        np.zeros(size, dtype=np.int64),
        every,
        np.ones(size),
        np.ones(size, dtype=bool),
    )
    return floor.astype(np.int64), matrix


def largest_remainder(target: Floats, total: int) -> Ints:
    """Whole numbers with the total kept, by largest remainder."""
    whole = np.floor(target + 1e-9).astype(np.int64)
    first = np.argsort(whole - target, kind="stable")
    whole[first[: total - int(whole.sum())]] += 1
    return whole
