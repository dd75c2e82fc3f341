"""One proposal's linear program: built, solved, read. In each phase all solve the same problem."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np

from allocator.program import arrays
from allocator.program.even import best_alone
from allocator.program.problem import Goals
from allocator.program.solver import Engine, Matrix
from benchmarks.cases import Case, anew
from benchmarks.phases.read import synthetic_has_no_files
from benchmarks.registry import Phase, Target, Told, Work

__all__ = ["NATIONAL", "PLACE"]

_NORWAY = ("norway-2026", "norway-2026-full")

NATIONAL = Phase(
    "national",
    "limits to totals and minors nearest to the entitlements, Σ|x − e|, everyone placed",
    reference="arrays",
    unless=synthetic_has_no_files,
)


@NATIONAL.contender("arrays")
def nearest_from_arrays(case: Case) -> Work:
    """The program that the goal runs, straight from numpy into HiGHS."""
    problem = replace(case.settled(), goals=Goals(order=("place", "even"), even="l1"))
    return lambda: Told(best_alone(anew(problem), "even"))


@NATIONAL.contender("PuLP")
def nearest_from_pulp(case: Case) -> Work:
    """The same program written to be read in PuLP, its matrix into HiGHS."""
    from allocator.program.compact import compact
    from allocator.program.linear import to_matrix

    problem = case.settled()

    def solve() -> Told:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # names that PuLP 4 will drop
            made = compact(anew(problem))
            answer = Engine(to_matrix(made)).solve()
            if not answer.optimal:
                raise RuntimeError("no optimum")
            return Told(answer.objective + float(made.pulp.objective.constant))

    return solve


@NATIONAL.contender(
    "PuLP + CBC",
    targets=(
        Target("wall", "≥", 30, on=_NORWAY),
        Target("wall", "≥", 4, on=_NORWAY, to="PuLP"),
    ),
)
def nearest_by_cbc(case: Case) -> Work:
    """Family by family with goal rows, as plain PuLP does it: a file, CBC, a file."""
    from allocator.program.linear import program

    problem = case.settled()
    return lambda: _by_cbc(lambda: program(anew(problem), "l1"))


PLACE = Phase(
    "place",
    "limits to the persons of every group: the program by families that places everyone",
    reference="arrays",
    unless=synthetic_has_no_files,
)


@PLACE.contender("arrays")
def from_arrays(case: Case) -> Work:
    """Straight from numpy into HiGHS."""
    problem = case.settled()
    return lambda: _read(*arrays.build(anew(problem)))


@PLACE.contender("PuLP")
def from_pulp(case: Case) -> Work:
    """The readable program in PuLP, its matrix into HiGHS."""
    from allocator.program.linear import program, to_matrix

    problem = case.settled()
    at = arrays.layout(problem)

    def solve() -> Told:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(to_matrix(program(anew(problem))), at)

    return solve


@PLACE.contender("PuLP + CBC")
def pulp_cbc(case: Case) -> Work:
    """The same program, solved the way PuLP does by itself: a file, CBC, a file."""
    from allocator.program.linear import program

    problem = case.settled()
    return lambda: _by_cbc(lambda: program(anew(problem)))


def _read(matrix: Matrix, at: arrays.Layout) -> Told:
    answer = Engine(matrix).solve()
    if not answer.optimal:
        raise RuntimeError("no optimum")
    at.by_group(answer.columns)
    return Told(answer.objective)


def _by_cbc(make: Any) -> Told:
    import pulp

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = make()
        if made.pulp.solve(pulp.PULP_CBC_CMD(msg=False)) != 1:
            raise RuntimeError("CBC found no optimum")
        np.array([one.varValue for one in made.x.values()])
        return Told(float(pulp.value(made.pulp.objective)))
