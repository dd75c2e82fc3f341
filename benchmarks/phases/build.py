"""From a problem to the matrix HiGHS takes. Both contenders make the same one, row by row."""

from __future__ import annotations

from allocator.program import arrays
from benchmarks.cases import Case, anew
from benchmarks.registry import Phase, Work, larger_than

__all__ = ["BUILD"]

BUILD = Phase("build", "a problem to a matrix", reference="arrays")


@BUILD.contender("arrays")
def from_arrays(case: Case) -> Work:
    """Straight from numpy."""
    problem = case.problem()
    return lambda: arrays.build(anew(problem))


@BUILD.contender("PuLP", unless=larger_than(11_000, "out of scope: PuLP is compared up to 11 000"))
def from_pulp(case: Case) -> Work:
    """The readable program in PuLP, then its matrix."""
    from allocator.program.linear import program, to_matrix

    problem = case.problem()
    return lambda: to_matrix(program(anew(problem)))
