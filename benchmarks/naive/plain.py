"""The contenders: the same programs as anyone would write them, in PuLP or for HiGHS directly.

Nothing here is deliberately slow: terms are handed over in lists, warnings are silenced outside
the loops, and HiGHS runs in this process. Nothing is clever either: goal rows, a model a round.
"""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any

import highspy
import numpy as np
import pulp

from allocator.program.builder import Builder
from allocator.program.problem import Floats, Ints
from allocator.program.reduced import Reduced
from allocator.program.solver import Engine, Matrix
from benchmarks.nested import Nested

__all__ = [
    "by_cvxpy_leximin",
    "goal_rows",
    "highs_by_default",
    "incremental",
    "iterated",
    "l1_pulp",
    "load_program",
    "up_or_down",
]

Names = dict[int, Any]


def _model(given: Nested, *, whole: bool = False) -> tuple[Any, Names]:
    """Totals within their limits, the counties' limits, everyone placed."""
    model = pulp.LpProblem("plain", pulp.LpMinimize)
    kind = pulp.LpInteger if whole else pulp.LpContinuous
    x: Names = {}
    inside: dict[int, list[int]] = {}
    limits = zip(given.lower.tolist(), given.upper.tolist(), strict=True)
    for unit, (low, high) in enumerate(limits):
        x[unit] = model.add_variable(f"x_{unit}", low, high, kind)
    for unit, county in enumerate(given.county_of.tolist()):
        inside.setdefault(county, []).append(unit)
    for county, units in inside.items():
        held = pulp.LpAffineExpression([(x[unit], 1) for unit in units])
        model.addConstraint(held >= float(given.county_lower[county]), f"least_{county}")
        model.addConstraint(held <= float(given.county_upper[county]), f"most_{county}")
    everyone = pulp.LpAffineExpression([(one, 1) for one in x.values()])
    model.addConstraint(everyone == given.total, "everyone")
    return model, x


def l1_pulp(given: Nested, *, whole: bool = False, solver: Any = None) -> Floats:
    """The totals that minimise Σ|x − e|, by goal rows with over and under."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names that PuLP 4 will drop
        model, x = _model(given, whole=whole)
        moves = []
        for unit, wanted in enumerate(given.weight.tolist()):
            over = model.add_variable(f"over_{unit}", 0)
            under = model.add_variable(f"under_{unit}", 0)
            goal = pulp.LpAffineExpression([(x[unit], 1), (over, -1), (under, 1)])
            model.addConstraint(goal == wanted, f"goal_{unit}")
            moves += [(over, 1), (under, 1)]
        model.setObjective(pulp.LpAffineExpression(moves))
        # HiGHS calls a gap of 0.0001 optimal unless it is told otherwise.
        _solve(model, solver or pulp.HiGHS(msg=False, threads=1, gapRel=0.0))
        return np.array([one.varValue for one in x.values()])


def iterated(given: Nested) -> tuple[Floats, int]:
    """Leximin as the textbook has it: raise the lowest load, fix who cannot rise, build anew."""
    free = set(range(len(given.weight)))
    fixed, rounds = dict[int, float](), 0
    shares = given.weight.tolist()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        while free:
            model, x = _model(given)
            lowest = model.add_variable("lowest", 0)
            for unit in x:
                if unit in free:
                    row = pulp.LpAffineExpression([(x[unit], 1), (lowest, -shares[unit])])
                    model.addConstraint(row >= 0, f"load_{unit}")
                else:
                    model.addConstraint(x[unit] >= fixed[unit], f"fixed_{unit}")
            model.setObjective(pulp.LpAffineExpression([(lowest, -1)]))
            _solve(model, pulp.HiGHS(msg=False, threads=1))
            rounds += 1
            rows = {c.name: c.pi for c in model.constraints()}
            held = [unit for unit in free if abs(rows[f"load_{unit}"]) > 1e-9]
            for unit in held or list(free):
                fixed[unit] = float(x[unit].varValue)
                free.discard(unit)
    return np.array([fixed[unit] for unit in range(len(shares))]), rounds


def _solve(model: Any, solver: Any) -> None:
    if model.solve(solver) != pulp.LpStatusOptimal:
        raise RuntimeError(f"{solver.name} found no optimum")


def incremental(reduced: Reduced, weight: Floats) -> tuple[Floats, int]:
    """The same rounds over one program that stays loaded: only bounds change, HiGHS starts warm."""
    b, size = reduced.builder, len(weight)
    lowest, slack = b.columns(1, cost=-1.0), b.columns(size, upper=0.0)
    rows = b.rows(size, 0.0, np.inf)
    b.enter(rows, reduced.totals, 1.0)
    b.enter(rows, np.full(size, lowest[0]), -weight)
    b.enter(rows, slack, 1.0)
    engine = Engine(b.matrix())
    fixed, free, rounds = np.zeros(size), np.ones(size, dtype=bool), 0
    while free.any():
        answer = engine.solve()
        rounds += 1
        if not answer.optimal:
            raise RuntimeError(f"a round ended {answer.status}")
        held = free & (np.abs(answer.row_duals[rows]) > 1e-9)
        held = held if held.any() else free.copy()
        found = np.flatnonzero(held)
        fixed[found] = answer.columns[reduced.totals[found]]
        free &= ~held
        columns = reduced.totals[found].astype(np.int32)
        # A little room, or the rounding of one round leaves none for the next.
        least = np.maximum(fixed[found] - 1e-7, reduced.lower[found])
        engine.set_column_bounds(columns, least, reduced.upper[found])
        nothing, endless = np.zeros(len(found)), np.full(len(found), np.inf)
        engine.set_column_bounds(slack[found].astype(np.int32), nothing, endless)
    return fixed, rounds


def by_cvxpy_leximin(given: Nested) -> Floats:
    """The library for the purpose, by its fastest way."""
    cvxpy, library = import_module("cvxpy"), import_module("cvxpy_leximin")
    size = len(given.weight)
    x = cvxpy.Variable(size)
    held = [x >= given.lower, x <= given.upper, cvxpy.sum(x) == given.total]
    for county in range(len(given.county_lower)):
        inside = np.flatnonzero(given.county_of == county)
        held += [cvxpy.sum(x[inside]) >= given.county_lower[county]]
        held += [cvxpy.sum(x[inside]) <= given.county_upper[county]]
    loads = [x[unit] / given.weight[unit] for unit in range(size)]
    # With the tolerances it comes with it finds nobody saturated here, and stops.
    near = {"upper_tolerance": 1 + 1e-6, "lower_tolerance": 1 - 1e-10}
    problem = library.Problem(library.Leximin(loads), held, **near)
    problem.solve(method="saturation", solver=cvxpy.HIGHS)
    return np.array(x.value)


def load_program(given: Nested) -> tuple[Matrix, Ints]:
    """min load, with x ≤ e · load for each: the plain program, as a matrix; and its totals."""
    b, size = Builder(), len(given.weight)
    x = b.columns(size, lower=given.lower, upper=given.upper)
    load = b.columns(1, cost=1.0)
    b.sum_row(x, given.total, given.total)
    b.enter(
        b.rows(len(given.county_lower), given.county_lower, given.county_upper)[given.county_of],
        x,
        1.0,
    )
    rows = b.rows(size, -np.inf, 0.0)
    b.enter(rows, x, 1.0)
    b.enter(rows, np.full(size, load[0]), -given.weight)
    return b.matrix(), x


def up_or_down(target: Floats, given: Nested) -> tuple[Ints, Matrix]:
    """Floors, and the program that chooses who gets one person more: all county totals kept."""
    floor = np.floor(target + 1e-7)
    part = target - floor
    b = Builder()
    up = b.columns(
        len(target),
        cost=np.abs(1 - part) - np.abs(part),
        upper=(floor + 1 <= given.upper).astype(float),
        integer=True,
    )
    b.sum_row(up, given.total - floor.sum(), given.total - floor.sum())
    has = np.bincount(given.county_of, floor, len(given.county_lower))
    rows = b.rows(len(has), given.county_lower - has, given.county_upper - has)
    b.enter(rows[given.county_of], up, 1.0)
    return floor.astype(np.int64), b.matrix()


def goal_rows(target: Floats, given: Nested) -> tuple[Matrix, Ints]:
    """The same choice as whole totals with over and under; and the columns of the totals."""
    b, size = Builder(), len(target)
    floor = np.floor(target + 1e-7)
    upper = np.minimum(np.maximum(np.ceil(target - 1e-7), floor), given.upper)
    x = b.columns(size, lower=floor, upper=upper, integer=True)
    over, under = b.columns(size, cost=1.0), b.columns(size, cost=1.0)
    b.sum_row(x, given.total, given.total)
    rows = b.rows(len(given.county_lower), given.county_lower, given.county_upper)
    b.enter(rows[given.county_of], x, 1.0)
    goal = b.rows(size, target, target)
    b.enter(goal, x, 1.0)
    b.enter(goal, over, -1.0)
    b.enter(goal, under, 1.0)
    return b.matrix(), x


def highs_by_default(matrix: Matrix) -> Floats:
    """HiGHS with its own options on a matrix, but for silence and a gap of 0."""
    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("mip_rel_gap", 0.0)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(matrix.cost), len(matrix.row_lower)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = matrix.cost, matrix.col_lower, matrix.col_upper
    lp.row_lower_, lp.row_upper_ = matrix.row_lower, matrix.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = matrix.starts
    lp.a_matrix_.index_ = matrix.index
    lp.a_matrix_.value_ = matrix.value
    if matrix.integer is not None:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(flag)] for flag in matrix.integer]
    highs.passModel(lp)
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError("HiGHS found no optimum")
    return np.array(highs.getSolution().col_value)
