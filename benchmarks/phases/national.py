"""One proposal's linear program: built, solved, read. All contenders solve the same program."""

from __future__ import annotations

import warnings

import numpy as np

from allocator.program import arrays
from allocator.program.solver import Engine, Matrix
from benchmarks.cases import Case
from benchmarks.phases.read import synthetic_has_no_files
from benchmarks.registry import Phase, Target, Told, Work

__all__ = ["NATIONAL"]

NATIONAL = Phase(
    "national",
    "limits to the persons of every group: the linear program that places everyone",
    reference="arrays",
    unless=synthetic_has_no_files,
)
_NORWAY = ("norway-2026", "norway-2026-full")


def _read(matrix: Matrix, at: arrays.Layout) -> Told:
    answer = Engine(matrix).solve()
    if not answer.optimal:
        raise RuntimeError("no optimum")
    at.by_group(answer.columns)
    return Told(answer.objective)


@NATIONAL.contender("arrays")
def from_arrays(case: Case) -> Work:
    """Straight from numpy into HiGHS."""
    problem = case.settled()
    return lambda: _read(*arrays.build(problem))


@NATIONAL.contender("PuLP")
def from_pulp(case: Case) -> Work:
    """The readable program in PuLP, its matrix into HiGHS."""
    from allocator.program.linear import program, to_matrix

    problem = case.settled()
    at = arrays.layout(problem)

    def solve() -> Told:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(to_matrix(program(problem)), at)

    return solve


@NATIONAL.contender(
    "PuLP + CBC",
    targets=(
        Target("wall", "≥", 30, on=_NORWAY),
        Target("wall", "≥", 4, on=_NORWAY, to="PuLP"),
    ),
)
def pulp_cbc(case: Case) -> Work:
    """The same program, solved the way PuLP does by itself: a file, CBC, a file."""
    import pulp

    from allocator.program.linear import program

    problem = case.settled()

    def solve() -> Told:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = program(problem)
            if made.pulp.solve(pulp.PULP_CBC_CMD(msg=False)) != 1:
                raise RuntimeError("CBC found no optimum")
            np.array([one.varValue for one in made.x.values()])
            return Told(float(pulp.value(made.pulp.objective)))

    return solve
