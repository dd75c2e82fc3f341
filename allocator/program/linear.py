"""The linear program, written to be read: variables, families and goals in PuLP.

Sets: units *m*, counties *c*, groups *g* (ordinary, then the minors' groups).
Variables: x[m, g] ≥ 0 persons, u[g] ≥ 0 unplaced, y[m] ∈ {0, 1} asked.

This is the program that ``bosett propose --lp FILE`` writes. :mod:`arrays` builds the same rows
straight from numpy for speed. Variables are named by municipality code, never by name.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pulp

from allocator.program.arrays import sides
from allocator.program.problem import Bound, Problem
from allocator.program.solver import Matrix

__all__ = ["Program", "lp_text", "program", "to_matrix"]


@dataclass(slots=True)
class Program:
    """A PuLP problem with its variables at hand."""

    pulp: pulp.LpProblem
    x: dict[tuple[str, str], pulp.LpVariable] = field(default_factory=dict)
    unplaced: dict[str, pulp.LpVariable] = field(default_factory=dict)
    asked: dict[str, pulp.LpVariable] = field(default_factory=dict)
    takes_minors: dict[str, pulp.LpVariable] = field(default_factory=dict)
    gives: list[pulp.LpVariable] = field(default_factory=list)


Goal = Literal["place", "minimax", "l1", "steady"]


def program(problem: Problem, goal: Goal = "place", *, given: float | None = None) -> Program:
    """The program with one goal as its objective.

    A goal after ``place`` holds what comes before it: nobody is left unplaced, and soft families
    give no more than ``given`` persons in all, where that is said.

    >>> from allocator.program.examples import three
    >>> print(program(three()).pulp.objective)
    unplaced_em + unplaced_ordinary
    """
    made = Program(pulp.LpProblem("bosett", pulp.LpMinimize))
    codes, groups = problem.units.codes, problem.groups
    for code in codes:
        for group in groups:
            made.x[code, group] = made.pulp.add_variable(f"x_{code}_{group}", 0)
    for group, need in zip(groups, problem.need.tolist(), strict=True):
        most = need if goal == "place" else 0
        made.unplaced[group] = made.pulp.add_variable(f"unplaced_{group}", 0, most)
    _need(made, problem)
    for bound in problem.bounds:
        _limits(made, problem, bound)
    _links(made, problem)
    _lots(made, problem)
    if made.gives and given is not None:
        made.pulp.addConstraint(pulp.lpSum(made.gives) <= given, "held_soft")
    made.pulp.setObjective(_goal(made, problem, goal))
    return made


def _total(made: Program, problem: Problem, code: str) -> pulp.LpAffineExpression:
    return pulp.LpAffineExpression([(made.x[code, group], 1) for group in problem.groups])


def _minors(made: Program, problem: Problem, code: str) -> pulp.LpAffineExpression:
    return pulp.LpAffineExpression([(made.x[code, group], 1) for group in problem.groups[1:]])


def _need(made: Program, problem: Problem) -> None:
    """Σ_m x[m, g] + u[g] = N[g]."""
    for group, need in zip(problem.groups, problem.need.tolist(), strict=True):
        terms = [(made.x[code, group], 1) for code in problem.units.codes]
        placed = pulp.LpAffineExpression([*terms, (made.unplaced[group], 1)])
        made.pulp.addConstraint(placed == need, f"need_{group}")


def _limits(made: Program, problem: Problem, bound: Bound) -> None:
    """lower ≤ measure ≤ upper, one family, for each of its units."""
    for side, places, limits in sides(bound):
        for place, limit in zip(places.tolist(), limits.tolist(), strict=True):
            unit = int(bound.index[place])
            label, expression = _measure(made, problem, bound, unit)
            row = label if side == "equal" else f"{label}_{side}"
            if not bound.hard:
                signs = {"equal": (1, -1), "least": (1,), "most": (-1,)}[side]
                for sign in signs:
                    word = "more" if sign < 0 else "fewer"
                    give = made.pulp.add_variable(f"give_{label}_{word}", 0)
                    made.gives.append(give)
                    expression = expression + sign * give
            constraint = (
                expression == limit
                if side == "equal"
                else expression >= limit
                if side == "least"
                else expression <= limit
            )
            made.pulp.addConstraint(constraint, row)


def _measure(
    made: Program, problem: Problem, bound: Bound, unit: int
) -> tuple[str, pulp.LpAffineExpression]:
    """The name of a bound's row and the expression it limits."""
    units = problem.units
    if bound.measure in ("county", "county_minors"):
        inside = (units.codes[m] for m in np.flatnonzero(units.county_of == unit))
        groups, of = (
            (problem.groups, "") if bound.measure == "county" else (problem.groups[1:], "em_")
        )
        terms = [(made.x[code, group], 1) for code in inside for group in groups]
        return f"{bound.family}_{of}{units.counties[unit]}", pulp.LpAffineExpression(terms)
    code = units.codes[unit]
    if bound.measure == "total":
        return f"{bound.family}_{code}", _total(made, problem, code)
    if bound.measure == "minors":
        return f"{bound.family}_em_{code}", _minors(made, problem, code)
    share = problem.minors_share
    part = [
        (made.x[code, group], float(place > 0) - share)
        for place, group in enumerate(problem.groups)
    ]
    return f"{bound.family}_share_{code}", pulp.LpAffineExpression(part)


def _links(made: Program, problem: Problem) -> None:
    """lower ≤ Σ values · x[m] ≤ upper, over totals that are tied together; one side is free."""
    for link in problem.links:
        terms = [
            (made.x[problem.units.codes[unit], group], value)
            for unit, value in zip(link.units.tolist(), link.values.tolist(), strict=True)
            for group in problem.groups
        ]
        total = pulp.LpAffineExpression(terms)
        if link.lower == link.upper:
            made.pulp.addConstraint(total == link.lower, f"{link.family}_{link.name}")
        elif np.isfinite(link.upper):
            made.pulp.addConstraint(total <= link.upper, f"{link.family}_{link.name}_most")
        else:
            made.pulp.addConstraint(total >= link.lower, f"{link.family}_{link.name}_least")


def _lots(made: Program, problem: Problem) -> None:
    """lot · y[m] ≤ x[m] ≤ N · y[m]; likewise for minors."""
    lots, codes = problem.lots, problem.units.codes
    for chooses, binaries, name, row, measure, lot, need in (
        (lots.choose, made.asked, "asked", "lot", _total, lots.persons, problem.persons),
        (lots.choose_minors, made.takes_minors, "takes", "lot_em", _minors, lots.minors,
         problem.minors),
    ):  # fmt: skip
        for code in codes if chooses else ():
            binaries[code] = made.pulp.add_variable(f"{name}_{code}", cat=pulp.LpBinary)
        for code, y in binaries.items():
            least = measure(made, problem, code) - lot * y >= 0
            made.pulp.addConstraint(least, f"{row}_{code}_least")
        for code, y in binaries.items():
            most = measure(made, problem, code) - need * y <= 0
            made.pulp.addConstraint(most, f"{row}_{code}_most")


def _goal(made: Program, problem: Problem, goal: str) -> pulp.LpAffineExpression:
    """What is minimised: persons unplaced, the largest load, or Σ|x[m] − target[m]|."""
    codes = problem.units.codes
    if goal == "place":
        return pulp.lpSum(made.unplaced.values())
    if goal == "minimax":
        load = made.pulp.add_variable("load", 0)
        for code, share in zip(codes, problem.entitlement.tolist(), strict=True):
            if share > 0:
                made.pulp.addConstraint(
                    _total(made, problem, code) - share * load <= 0, f"even_{code}"
                )
        return pulp.LpAffineExpression([(load, 1)])
    target = problem.entitlement if goal == "l1" else np.nan_to_num(problem.last)
    moves = []
    for code, wanted in zip(codes, target.tolist(), strict=True):
        over = made.pulp.add_variable(f"over_{code}", 0)
        under = made.pulp.add_variable(f"under_{code}", 0)
        made.pulp.addConstraint(
            _total(made, problem, code) - over + under == wanted, f"{goal}_{code}"
        )
        moves += [(over, 1), (under, 1)]
    return pulp.LpAffineExpression(moves)


def lp_text(problem: Problem, goal: Goal = "place", *, given: float | None = None) -> str:
    """The program in the LP format that every solver reads."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bosett.lp"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program(problem, goal, given=given).pulp.writeLP(str(path))
        return path.read_text(encoding="utf-8")


def to_matrix(made: Program) -> Matrix:
    """The PuLP problem as the matrix HiGHS takes, columns in the order they were made."""
    columns = list(made.x.values()) + list(made.unplaced.values()) + made.gives
    columns += [*made.asked.values(), *made.takes_minors.values()]
    place = {variable.name: index for index, variable in enumerate(columns)}
    cost = np.zeros(len(columns))
    for variable, value in made.pulp.objective.items():
        cost[place[variable.name]] = value
    rows, index, values, lower, upper = [], [], [], [], []
    for number, constraint in enumerate(made.pulp.constraints()):
        low, high = constraint.getLb(), constraint.getUb()
        lower.append(-np.inf if low is None else low)
        upper.append(np.inf if high is None else high)
        for variable, value in constraint.items():
            rows.append(number)
            index.append(place[variable.name])
            values.append(float(value))
    integer = np.array([variable.cat == pulp.LpInteger for variable in columns])
    return Matrix.from_triples(
        cost,
        np.array([variable.lowBound or 0.0 for variable in columns]),
        np.array([np.inf if v.upBound is None else float(v.upBound) for v in columns]),
        np.array(lower),
        np.array(upper),
        np.array(rows, dtype=np.int64),
        np.array(index, dtype=np.int64),
        np.array(values),
        integer if integer.any() else None,
    )
