"""Leximin totals: by closed form where totals are nested, by cuts where they are not."""

from __future__ import annotations

from importlib import import_module

from allocator.program.leximin import leximin
from allocator.program.reduced import reduce
from allocator.program.room import weights
from benchmarks.cases import Case, anew
from benchmarks.nested import nested
from benchmarks.registry import Phase, Target, Told, Work, first_of, larger_than, only_on, without

__all__ = ["LEXIMIN", "NETWORK"]

_HERE = ("synthetic-40", "norway-2026-full", "synthetic-2000", "synthetic-11000")
_NORWAY = ("norway-2026-full",)

LEXIMIN = Phase(
    "leximin",
    "nested limits to leximin totals; error is to the closed form",
    reference="water-filling",
    alone=120.0,
    unless=only_on(_HERE, "leximin is compared where it is nested, up to 11 000"),
)


@LEXIMIN.contender("water-filling", targets=(Target("seconds", "<", 0.1, on=_NORWAY),))
def filled(case: Case) -> Work:
    """The closed form."""
    given, _ = nested(case)
    return lambda: Told(given.squares(given.filled()))


@LEXIMIN.contender(
    "by cuts",
    targets=(
        Target("seconds", "<", 0.1, on=_NORWAY),
        Target("error", "<", 1e-6, on=_NORWAY),
    ),
)
def cuts(case: Case) -> Work:
    """The general way, which needs no nesting."""
    given, problem = nested(case)
    oracle = given.filled()

    def solve() -> Told:
        found = leximin(reduce(anew(problem)), given.weight)
        error = given.error(found.totals, oracle)
        return Told(given.squares(found.totals), {"LPs": found.programs, "error": error})

    return solve


@LEXIMIN.contender(
    "PuLP + HiGHS, iterated",
    unless=larger_than(400, "out of scope: hundreds of models of this size"),
    targets=(Target("wall", "≥", 1000, on=_NORWAY),),
)
def iterated(case: Case) -> Work:
    """Raise the lowest, fix who cannot rise, build the next model, until all are fixed."""
    from benchmarks.naive import plain

    given, _ = nested(case)
    oracle = given.filled()

    def solve() -> Told:
        totals, rounds = plain.iterated(given)
        error = given.error(totals, oracle)
        return Told(given.squares(totals), {"LPs": rounds, "error": error})

    return solve


@LEXIMIN.contender(
    "cvxpy_leximin",
    slow=True,
    unless=first_of(
        without("cvxpy_leximin"), larger_than(60, "out of scope: compared at 40 municipalities")
    ),
    targets=(Target("wall", "≥", 1000, on=("synthetic-40",)),),
)
def by_library(case: Case) -> Work:
    """The library for the purpose, over the same limits, with HiGHS."""
    from benchmarks.naive import plain

    import_module("cvxpy_leximin")
    given, _ = nested(case)
    oracle = given.filled()

    def solve() -> Told:
        totals = plain.by_cvxpy_leximin(given)
        return Told(given.squares(totals), {"error": given.error(totals, oracle)})

    return solve


NETWORK = Phase(
    "network",
    "limits that are not nested to leximin totals: minors only where there is a service",
    reference="by cuts",
    alone=120.0,
    unless=only_on(("network-357", "network-357-counties"), "the network cases are made for it"),
)


@NETWORK.contender("by cuts", targets=(Target("LPs", "≤", 12),))
def network_cuts(case: Case) -> Work:
    """Bosett's way: one warm program, a level found by its duals."""
    problem = case.settled()
    weight = weights(problem.entitlement, problem.units.population)

    def solve() -> Told:
        found = leximin(reduce(anew(problem)), weight)
        return Told(float((found.totals**2 / weight).sum()), {"LPs": found.programs})

    return solve


@NETWORK.contender("incremental LPs")
def network_incremental(case: Case) -> Work:
    """One program in HiGHS, warm: raise the lowest, fix who cannot rise, solve again."""
    from benchmarks.naive import plain

    problem = case.settled()
    weight = weights(problem.entitlement, problem.units.population)

    def solve() -> Told:
        totals, rounds = plain.incremental(reduce(anew(problem)), weight)
        return Told(float((totals**2 / weight).sum()), {"LPs": rounds})

    return solve
