"""Many what-ifs: needs × capacities over 357 municipalities, in one process and in two.

The sweep starts from the figures and the settings of each point and ends with whole persons, what
holds each, and the lines of its files. The others are given each point's limits ready-made and stop
at fractions of persons; all must reach the same Σ|x − e|. One sample is all 1 000 points, and knows
nothing of the sample before.
"""

from __future__ import annotations

import atexit
import warnings
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from itertools import count
from multiprocessing import get_context
from typing import Any

import numpy as np
import pulp

from allocator.program.builder import Builder
from allocator.program.room import limits_with_minors, weights
from allocator.program.solver import Engine
from allocator.study.executors import CHUNK, chunks, given
from allocator.study.plan import Plan, plan_of
from allocator.study.points import Packed, Solver, solve_range
from benchmarks.cases import Case
from benchmarks.naive.plain import l1_pulp
from benchmarks.nested import Nested
from benchmarks.registry import Phase, Target, Told, Work

__all__ = ["SWEEP"]

SWEEP = Phase(
    "sweep",
    "needs × capacities: 1 000 points",
    reference="sweep",
    unless=lambda case: None if "sweep" in case.phases else "the case is no sweep",
    agree=1e-5,  # CBC's answer comes through a file, in eight digits
)
_VARY = ("need.total=10000:19900:100", "capacity.factor=1.5:2.4:0.1")
_SMOKE = ("need.total=10000", "capacity.factor=1.5,2.4")


@cache
def _plan(case: Case) -> Plan:
    vary = _SMOKE if case.size < 300 else _VARY
    return plan_of(str(case.scenario), vary, settings=case.settings)


@cache
def _points(case: Case) -> tuple[tuple[Nested, ...], float]:
    """The limits of each point as the engine prepares them, and Σ|x − e| of the sweep's answers."""
    solver, found, distance = Solver(_plan(case)), [], 0.0
    for answer in solver.solved(range(len(_plan(case)))):
        if isinstance(answer, Exception):
            raise answer
        problem, solution = answer.problem, answer.solution
        box, county = limits_with_minors(problem), problem.box("county")
        found.append(
            Nested(
                weight=weights(problem.entitlement, problem.units.population),
                lower=box.lower,
                upper=np.minimum(box.upper, problem.persons),
                total=problem.persons,
                county_of=problem.units.county_of,
                county_lower=county.lower,
                county_upper=np.minimum(county.upper, problem.persons),
            )
        )
        distance += found[-1].away(solution.target)
    return tuple(found), distance


@SWEEP.contender("sweep")
def sweep(case: Case) -> Work:
    """bosett's own, in one process, the figures' reading included."""
    plan, (_, distance) = _plan(case), _points(case)

    def work() -> Told:
        for _ in chunks(plan, 0, given(None)):
            pass
        return Told(distance)

    return work


@SWEEP.contender("sweep, two processes", slow=True)
def two_processes(case: Case) -> Work:
    """The same on two processes that are there already; its CPU time is not seen from here."""
    plan, (_, distance) = _plan(case), _points(case)
    pool = ProcessPoolExecutor(2, mp_context=get_context("spawn"))
    atexit.register(pool.shutdown)
    packed, sample = Packed.of(plan), count()
    for ready in [pool.submit(solve_range, packed, 0, CHUNK) for _ in range(8)]:
        ready.result()

    def work() -> Told:
        """By another name each time, so that nobody there knows the plan."""
        anew = replace(packed, id=f"{packed.id}-{next(sample)}")
        parts = ((at, min(at + CHUNK, len(plan))) for at in range(0, len(plan), CHUNK))
        for done in [pool.submit(solve_range, anew, *part) for part in parts]:
            done.result()
        return Told(distance)

    return work


@SWEEP.contender("highspy, warm", targets=(Target("CPU", "≥", round(1 / 1.3, 3)),))
def warm(case: Case) -> Work:
    """The program in its smallest form, loaded once: bounds change and HiGHS starts warm.

    x = e + over − under, so that a point is bounds of columns and of the sums.
    """
    points, _ = _points(case)
    size, counties = len(points[0].weight), len(points[0].county_lower)
    b = Builder()
    over, under = b.columns(size, cost=1.0), b.columns(size, cost=1.0)
    everyone = b.rows(1, 0.0, 0.0)
    inside = b.rows(counties, -np.inf, np.inf)
    for moved, sign in ((over, 1.0), (under, -1.0)):
        b.enter(np.full(size, everyone[0]), moved, sign)
        b.enter(inside[points[0].county_of], moved, sign)
    engine = Engine(b.matrix())
    columns: Any = np.concatenate((over, under)).astype(np.int32)
    rows = np.concatenate((everyone, inside)).astype(np.int32)
    bounds = []
    for point in points:
        e, held = point.weight, np.bincount(point.county_of, point.weight, counties)
        lower = np.concatenate((np.maximum(point.lower - e, 0), np.maximum(e - point.upper, 0)))
        upper = np.concatenate((np.maximum(point.upper - e, 0), np.maximum(e - point.lower, 0)))
        short = float(point.total - e.sum())
        rows_lower = np.concatenate(([short], point.county_lower - held))
        rows_upper = np.concatenate(([short], point.county_upper - held))
        bounds.append((lower, upper, rows_lower, rows_upper))

    def work() -> Told:
        found = 0.0
        for lower, upper, rows_lower, rows_upper in bounds:
            engine.set_column_bounds(columns, lower, upper)
            engine.set_row_bounds(rows, rows_lower, rows_upper)
            answer = engine.solve()
            if not answer.optimal:
                raise RuntimeError("no optimum")
            found += answer.objective
        return Told(found)

    return work


def _rebuilt(case: Case, solver: Any) -> Work:
    points, _ = _points(case)

    def work() -> Told:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Told(sum(point.away(l1_pulp(point, solver=solver)) for point in points))

    return work


@SWEEP.contender(
    "PuLP + CBC, rebuilt",
    slow=True,
    targets=(
        Target("CPU", "≥", 60),
        Target("wall", "≥", 90, to="sweep, two processes"),
    ),
)
def cbc(case: Case) -> Work:
    """Each point built anew in PuLP and handed to CBC through a file."""
    return _rebuilt(case, pulp.PULP_CBC_CMD(msg=False))


@SWEEP.contender("PuLP + HiGHS, rebuilt", slow=True)
def highs(case: Case) -> Work:
    """The same with HiGHS in this process."""
    return _rebuilt(case, pulp.HiGHS(msg=False, threads=1))
