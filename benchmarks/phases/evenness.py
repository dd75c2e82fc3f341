"""Even totals in fractions of persons: the goals as bosett takes them, and one goal at a time."""

from __future__ import annotations

from dataclasses import replace

from allocator.program.even import even_totals
from allocator.program.problem import Goals
from benchmarks.cases import Case, anew
from benchmarks.nested import nested
from benchmarks.phases.read import synthetic_has_no_files
from benchmarks.registry import Phase, Target, Told, Work, larger_than

__all__ = ["GOALS", "L1", "MINIMAX"]

_FAST = (Target("seconds", "<", 0.1, on=("norway-2026-full",)),)

GOALS = Phase(
    "goals",
    "limits to even and steady totals in fractions, who is asked already chosen",
    reference="l1, then steady",
    unless=synthetic_has_no_files,
)


def _goals(case: Case, even: str) -> Work:
    problem = replace(case.settled(), goals=Goals(even=even))
    return lambda: even_totals(anew(problem))


@GOALS.contender("l1, then steady", targets=_FAST)
def l1_steady(case: Case) -> Work:
    """Near to the entitlements in persons, then near to last year's requests."""
    return _goals(case, "l1")


@GOALS.contender("minimax, then steady", targets=_FAST)
def minimax_steady(case: Case) -> Work:
    """The largest load as small as can be, then near to last year's requests."""
    return _goals(case, "minimax")


@GOALS.contender("leximin, then steady")
def leximin_steady(case: Case) -> Work:
    """The goal as it comes."""
    return _goals(case, "leximin")


L1 = Phase(
    "l1",
    "nested limits to totals nearest to the entitlements, Σ|x − e|",
    reference="water-filling",
    alone=300.0,
)


@L1.contender("water-filling")
def l1_filled(case: Case) -> Work:
    """The closed form; under nested totals it is an optimum of Σ|x − e| too."""
    given, _ = nested(case)
    return lambda: Told(given.away(given.filled()))


@L1.contender(
    "PuLP + HiGHS",
    targets=(
        Target("CPU", "≥", 20, on=("synthetic-100000",)),
        Target("peak", "≥", 3, on=("synthetic-100000",)),
    ),
)
def l1_pulp(case: Case) -> Work:
    """Plain PuLP with goal rows: built, solved, read."""
    from benchmarks.naive import plain

    given, _ = nested(case)
    return lambda: Told(given.away(plain.l1_pulp(given)))


MINIMAX = Phase(
    "minimax",
    "nested limits to the smallest largest load",
    reference="closed form",
    alone=120.0,
    unless=larger_than(11_000, "minutes: HiGHS on the plain program"),
)


@MINIMAX.contender("closed form")
def minimax_filled(case: Case) -> Work:
    """The water level: leximin totals have the smallest largest load too."""
    given, _ = nested(case)
    return lambda: Told(given.largest_load(given.filled()))


@MINIMAX.contender("bosett, the goal")
def minimax_goal(case: Case) -> Work:
    """What a rule with even = "minimax" runs, the last freedom used for leximin."""
    given, problem = nested(case)
    problem = replace(problem, goals=Goals(order=("place", "even"), even="minimax"))
    return lambda: Told(given.largest_load(even_totals(anew(problem)).totals))


@MINIMAX.contender(
    "HiGHS by default",
    targets=(
        Target("wall", "≥", 5, on=("synthetic-11000",)),
        Target("wall", "≥", 5, on=("synthetic-11000",), to="bosett, the goal"),
    ),
)
def minimax_highs(case: Case) -> Work:
    """The plain program, x ≤ e · load, solved as HiGHS comes."""
    from benchmarks.naive import plain

    given, _ = nested(case)

    def solve() -> Told:
        matrix, totals = plain.load_program(given)
        return Told(given.largest_load(plain.highs_by_default(matrix)[totals]))

    return solve
