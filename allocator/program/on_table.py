"""A rule on a plain table: any units with a code, such as the states of a published key."""

from __future__ import annotations

import numpy as np

from allocator.documents import Case, Model, Need, Scenario
from allocator.program.goals import solve
from allocator.program.known import Table
from allocator.program.prepare import prepare

__all__ = ["numbers_on", "persons_on", "shares_on"]


def shares_on(model: Model, table: Table) -> dict[str, float]:
    """The shares of a rule's key by code, summing to 1.

    >>> from allocator.documents import load_model
    >>> table = Table({"A": {"population": 3}, "B": {"population": 1}})
    >>> shares_on(load_model("population"), table)
    {'A': 0.75, 'B': 0.25}
    """
    prepared = prepare(_case(model, 1_000_000, 0), table)  # so many that no floor is above them
    return dict(zip(prepared.units.codes, prepared.key.share.tolist(), strict=True))


def persons_on(model: Model, table: Table, need: int, minors: int = 0) -> dict[str, float]:
    """The entitlement in persons by code, before limits and before whole persons."""
    prepared = prepare(_case(model, need, minors), table)
    return dict(zip(prepared.units.codes, prepared.problem.entitlement.tolist(), strict=True))


def numbers_on(model: Model, table: Table, need: int, minors: int = 0) -> dict[str, int]:
    """The requests by code: the whole engine, with every limit and whole persons.

    >>> from allocator.documents import load_model
    >>> table = Table({"A": {"population": 2}, "B": {"population": 1}})
    >>> numbers_on(load_model("population"), table, 100)
    {'A': 67, 'B': 33}
    """
    prepared = prepare(_case(model, need, minors), table)
    totals = np.asarray(solve(prepared.problem).totals)
    return dict(zip(prepared.units.codes, totals.tolist(), strict=True))


def _case(model: Model, need: int, minors: int) -> Case:
    scenario = Scenario(
        title="a table",
        source="a table",
        year=2100,
        model="table",
        need=Need(total=need, em=minors),
    )
    return Case("table", scenario, "table", model)
