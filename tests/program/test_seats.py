"""Apportionment methods as the way to whole persons."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allocator.program.goals import solve
from allocator.program.infeasible import NoProposalError
from allocator.program.problem import Bound, Problem
from allocator.program.seats import METHOD_NAMES
from tests.program.problems import nested, with_minors


def key_only(seed: int, method: str, *, minors: bool = False) -> Problem:
    rng = np.random.default_rng(seed)
    problem = nested(rng, 20)
    caps = Bound.make("capacity", "total", np.zeros(20), np.ceil(problem.entitlement * 1.5) + 2)
    problem = replace(problem, bounds=(caps,), method=method)
    return with_minors(rng, problem) if minors else problem


@pytest.mark.parametrize("minors", [False, True])
@pytest.mark.parametrize("method", METHOD_NAMES)
def test_every_method_is_exact_and_within_limits(method: str, minors: bool) -> None:
    problem = key_only(3, method, minors=minors)
    if method == "biproportional":  # shares of minors are no part of a table of keys
        problem = replace(problem, minors_share=1.0)
    solution = solve(problem)
    assert solution.persons.sum(axis=0).tolist() == problem.need.tolist()
    assert (solution.totals <= problem.box("total").upper).all()
    assert (solution.persons >= 0).all()


def test_jefferson_favours_the_large_and_adams_the_small() -> None:
    totals = {m: solve(key_only(3, m)).totals for m in ("jefferson", "webster", "adams")}
    large = np.argsort(-key_only(3, "webster").entitlement)[:5]
    given = {method: int(persons[large].sum()) for method, persons in totals.items()}
    assert given["jefferson"] >= given["webster"] >= given["adams"]
    assert given["jefferson"] > given["adams"]


def test_limits_that_cannot_hold_the_total_are_no_proposal() -> None:
    problem = key_only(3, "webster")
    caps = Bound.make("capacity", "total", np.zeros(20), np.ones(20))
    with pytest.raises(NoProposalError):
        solve(replace(problem, bounds=(caps,)))
