"""From a problem to whole persons, and what plain PuLP asks for a lesser answer.

The PuLP contenders minimise Σ|x − e| over the same constraints. They stop at fractions of persons,
choose one of many equal optima, and neither split minors evenly nor say what binds.
"""

from __future__ import annotations

import warnings
from typing import Any

from allocator.program import goals
from benchmarks.cases import Case, anew
from benchmarks.registry import Phase, Target, Told, Work, larger_than

__all__ = ["SOLVE"]

SOLVE = Phase("solve", "a problem to whole persons", reference="bosett")


@SOLVE.contender(
    "bosett",
    unless=larger_than(11_000, "out of scope: a minute for each sample"),
    targets=(
        Target("status", "=", "optimal", on=("norway-2026-full",)),
        Target("seconds", "<", 1, on=("norway-2026-full",)),
    ),
)
def bosett(case: Case) -> Work:
    """All goals in order: place, ask, even, whole."""
    problem = case.problem()

    def solve() -> Told:
        gap = goals.solve(anew(problem)).gap
        return Told(figures={"status": "optimal" if gap is None else f"gap {gap:.2%}"})

    return solve


@SOLVE.contender(
    "PuLP + HiGHS, L1", unless=larger_than(11_000, "out of scope: PuLP is compared up to 11 000")
)
def pulp_highs(case: Case) -> Work:
    """Model built in PuLP and solved in this process."""
    import pulp

    return _l1(case, pulp.HiGHS(msg=False, threads=1))


@SOLVE.contender(
    "PuLP + CBC, L1", unless=larger_than(11_000, "out of scope: PuLP is compared up to 11 000")
)
def pulp_cbc(case: Case) -> Work:
    """Model built in PuLP, written to a file, solved by the CBC that comes with it."""
    import pulp

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        solver = pulp.PULP_CBC_CMD(msg=False)
    return _l1(case, solver)


def _l1(case: Case, solver: Any) -> Work:
    from allocator.program.linear import program

    problem = case.problem()

    def solve() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # names that PuLP 4 will drop
            made = program(anew(problem), "l1").pulp
            if made.solve(solver) != 1:
                raise RuntimeError(f"{solver.name} found no optimum for {case.name}")

    return solve
