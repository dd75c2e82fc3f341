"""Every rule is solved by two solvers that know nothing of each other, to the same goal values."""

from __future__ import annotations

import warnings
import zlib
from dataclasses import replace
from typing import get_args

import numpy as np
import pulp
import pytest

from allocator.documents import Case, Need, Scenario, load_model, shipped_names
from allocator.panel import Figure, Municipality, Reading
from allocator.program.ask import choose
from allocator.program.even import entitled_first
from allocator.program.goals import solve
from allocator.program.known import Table
from allocator.program.linear import Goal, program
from allocator.program.prepare import prepare
from allocator.program.problem import Goals, Problem

CODES = [f"{place + 101:04}" for place in range(24)]


class Anything(Table):
    """24 units in three counties, with a figure for whatever a rule asks for."""

    def __init__(self) -> None:
        super().__init__({code: {} for code in CODES})

    def municipalities(self) -> tuple[Municipality, ...]:
        return tuple(Municipality(c, c, f"{1 + int(c) % 3:02}", "county") for c in CODES)

    def newest(
        self, name: str, period: str | None = None, *, blank_is_zero: bool = False
    ) -> Reading:
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        scale = 9000.0 if name.startswith("population") else 2.0 if "there" in name else 40.0
        values = np.round(scale * rng.lognormal(0.0, 0.7, len(CODES)) + 1)
        if name == "immigrants_pct":
            values = np.minimum(values / 4, 29.0)
        return Reading(name, "given", dict(zip(CODES, map(Figure, values.tolist()), strict=True)))


def problem_of(name: str) -> Problem:
    """A rule's problem on those units, with who is asked settled."""
    minors = 60 if name == "uk-minors" else 0
    scenario = Scenario(
        title="a table", source="a table", year=2100, model=name, need=Need(total=1500, em=minors)
    )
    problem = prepare(Case("table", scenario, name, load_model(name)), Anything()).problem
    last = np.round(problem.entitlement * np.linspace(0.5, 1.5, len(CODES)))
    return choose(replace(problem, last=last))[0]


@pytest.mark.parametrize("goal", get_args(Goal))
@pytest.mark.parametrize("name", shipped_names("models"))
def test_highs_and_cbc_agree_on_every_goal_of_every_rule(name: str, goal: Goal) -> None:
    problem = problem_of(name)
    if goal == "minimax":
        problem = entitled_first(replace(problem, goals=Goals(("place", "even"), goal)))
    made = program(problem, goal)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PuLP announces its next version
        if not pulp.PULP_CBC_CMD(msg=False).available():
            pytest.skip("this machine has no CBC")
        values = []
        for solver in (pulp.PULP_CBC_CMD(msg=False), pulp.HiGHS(msg=False)):
            made.pulp.solve(solver)
            assert made.pulp.status == pulp.LpStatusOptimal
            values.append(pulp.value(made.pulp.objective))
    assert values[0] == pytest.approx(values[1], rel=1e-5, abs=1e-5)
    if goal in ("minimax", "l1"):
        told = solve(replace(problem, goals=Goals(("place", "even"), goal)))
        (even,) = [g for g in told.goals if g.goal == "even"]
        assert even.in_fractions == pytest.approx(values[1], rel=1e-5, abs=1e-5)
