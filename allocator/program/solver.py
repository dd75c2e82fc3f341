"""The one place that talks to HiGHS: a matrix in, a checked status and arrays out.

HiGHS runs in this process on one thread, always minimises, and raises nothing by itself, so every
answer is read together with its status here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt

from allocator.program.clock import keep_to, left, out_of_time
from allocator.program.problem import Floats

__all__ = ["Answer", "Engine", "Matrix", "NoRoomError", "SolverError", "Status", "unsolved"]

Indices = npt.NDArray[np.int32]


class Status(StrEnum):
    """How a solve ended."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    STOPPED = "stopped"


class SolverError(RuntimeError):
    """HiGHS ended in a way that has no meaning for us; a defect, not a user's fault."""


class NoRoomError(SolverError):
    """A program that was thought to have a solution has none. Where persons without a place were
    rounded to whole ones, limits that could be kept in fractions may be passed."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Matrix:
    """min cost·x with row_lower ≤ A x ≤ row_upper and col_lower ≤ x ≤ col_upper; A by rows."""

    cost: Floats
    col_lower: Floats
    col_upper: Floats
    row_lower: Floats
    row_upper: Floats
    starts: Indices
    index: Indices
    value: Floats
    integer: npt.NDArray[np.bool_] | None = None

    @classmethod
    def from_triples(
        cls,
        cost: Floats,
        col_lower: Floats,
        col_upper: Floats,
        row_lower: Floats,
        row_upper: Floats,
        rows: npt.NDArray[np.integer],
        columns: npt.NDArray[np.integer],
        values: Floats,
        integer: npt.NDArray[np.bool_] | None = None,
    ) -> Matrix:
        """From (row, column, value) entries in any order."""
        order = np.lexsort((columns, rows))
        starts = np.zeros(len(row_lower) + 1, dtype=np.int32)
        np.cumsum(np.bincount(rows, minlength=len(row_lower)), out=starts[1:])
        return cls(
            cost,
            col_lower,
            col_upper,
            row_lower,
            row_upper,
            starts,
            columns[order].astype(np.int32),
            values[order],
            integer,
        )

    def with_row(self, columns: npt.NDArray[np.integer], upper: float) -> Matrix:
        """The same with one more row: Σ of some columns ≤ upper."""
        return replace(
            self,
            row_lower=np.append(self.row_lower, -np.inf),
            row_upper=np.append(self.row_upper, upper),
            starts=np.append(self.starts, self.starts[-1] + len(columns)).astype(np.int32),
            index=np.concatenate((self.index, columns)).astype(np.int32),
            value=np.concatenate((self.value, np.ones(len(columns)))),
        )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Answer:
    """What a solve gave. Values are only there to be read when the status is optimal."""

    status: Status
    objective: float
    columns: Floats
    row_duals: Floats
    column_duals: Floats
    bound: float
    feasible: bool

    @property
    def optimal(self) -> bool:
        return self.status is Status.OPTIMAL

    @property
    def found(self) -> bool:
        """Whether there are values to be read: optimal, or stopped with an incumbent."""
        return self.optimal or (self.status is Status.STOPPED and self.feasible)

    @property
    def gap(self) -> float:
        """How far the incumbent can be from the optimum, relative to its objective."""
        return abs(self.objective - self.bound) / max(abs(self.objective), 1e-9)


class Engine:
    """A model held by HiGHS. Change bounds or costs and solve again, warm.

    >>> import numpy as np
    >>> one = np.ones(1)
    >>> matrix = Matrix.from_triples(one, 0 * one, np.inf * one, 3 * one, np.inf * one,
    ...                              np.array([0]), np.array([0]), one)
    >>> Engine(matrix).solve().objective
    3.0
    """

    def __init__(self, matrix: Matrix, *, presolve: bool = False) -> None:
        self.matrix = matrix
        self._highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in {
            "output_flag": False,
            "threads": 1,
            "presolve": "on" if presolve else "off",
            "mip_rel_gap": 0.0,
            "mip_abs_gap": 1e-9,
            "primal_feasibility_tolerance": 1e-9,
            "dual_feasibility_tolerance": 1e-9,
        }.items():
            self._check(self._highs.setOptionValue(option, value))
        whole = np.zeros(len(matrix.cost), dtype=np.int32)
        if matrix.integer is not None:
            whole[matrix.integer] = 1
        # As arrays: handed over in a HighsLp, every number would be turned into a Python object.
        self._check(
            self._highs.passModel(
                len(matrix.cost),
                len(matrix.row_lower),
                len(matrix.value),
                int(highspy.MatrixFormat.kRowwise),
                int(highspy.ObjSense.kMinimize),
                0.0,
                np.ascontiguousarray(matrix.cost, dtype=np.float64),
                np.ascontiguousarray(matrix.col_lower, dtype=np.float64),
                np.ascontiguousarray(matrix.col_upper, dtype=np.float64),
                np.ascontiguousarray(matrix.row_lower, dtype=np.float64),
                np.ascontiguousarray(matrix.row_upper, dtype=np.float64),
                matrix.starts,
                matrix.index,
                matrix.value,
                whole,
            )
        )

    def set_costs(self, cost: Floats) -> None:
        """Replace the objective."""
        every = np.arange(len(cost), dtype=np.int32)
        self._check(self._highs.changeColsCost(len(cost), every, cost))

    def set_column_bounds(self, columns: Indices, lower: Floats, upper: Floats) -> None:
        """Replace the bounds of some columns."""
        self._check(self._highs.changeColsBounds(len(columns), columns, lower, upper))

    def set_row_bounds(self, rows: Indices, lower: Floats, upper: Floats) -> None:
        """Replace the bounds of some rows."""
        for row, low, high in zip(rows.tolist(), lower.tolist(), upper.tolist(), strict=True):
            self._check(self._highs.changeRowBounds(row, low, high))

    def add_rows(self, lower: Floats, columns: npt.NDArray[np.integer], values: Floats) -> None:
        """New rows ≥ lower, each with the same count of entries; ``columns`` (rows, entries)."""
        count, width = columns.shape
        starts = (np.arange(count) * width).astype(np.int32)
        index, value = columns.ravel().astype(np.int32), values.ravel().astype(np.float64)
        self._check(
            self._highs.addRows(
                count, lower, np.full(count, np.inf), count * width, starts, index, value
            )
        )

    def solve(self, *, time_limit: float = inf, may_stop: bool = False) -> Answer:
        """Minimise, within ``time_limit`` seconds and what :mod:`allocator.program.clock` leaves.

        Raises :class:`SolverError` on an ending that means nothing, and
        :class:`~allocator.errors.StoppedError` when time runs out, unless the caller says that it
        ``may_stop`` and reads the status.
        """
        if not may_stop:
            keep_to()
        seconds = min(time_limit, left())
        if seconds < inf:
            # HiGHS counts all the runs of a model.
            seconds += self._highs.getRunTime()
            self._check(self._highs.setOptionValue("time_limit", seconds))
        status = self._run()
        if status is None:
            # A warm start can end in numerical trouble; one cold solve settles it.
            self._check(self._highs.clearSolver())
            status = self._run()
        if status is None:
            ending = self._highs.modelStatusToString(self._highs.getModelStatus())
            raise SolverError(f"HiGHS ended with '{ending}'")
        if status is Status.STOPPED and not may_stop:
            raise out_of_time()
        solution, info = self._highs.getSolution(), self._highs.getInfo()
        return Answer(
            status=status,
            objective=float(info.objective_function_value),
            columns=np.array(solution.col_value),
            row_duals=np.array(solution.row_dual),
            column_duals=np.array(solution.col_dual),
            bound=float(info.mip_dual_bound),
            feasible=info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible,
        )

    def _run(self) -> Status | None:
        self._check(self._highs.run())
        kind = highspy.HighsModelStatus
        return {
            kind.kOptimal: Status.OPTIMAL,
            kind.kModelEmpty: Status.OPTIMAL,
            kind.kInfeasible: Status.INFEASIBLE,
            kind.kUnboundedOrInfeasible: Status.INFEASIBLE,
            kind.kUnbounded: Status.UNBOUNDED,
            kind.kTimeLimit: Status.STOPPED,
            kind.kSolutionLimit: Status.STOPPED,
            kind.kInterrupt: Status.STOPPED,
        }.get(self._highs.getModelStatus())

    @staticmethod
    def _check(status: highspy.HighsStatus) -> None:
        if status == highspy.HighsStatus.kError:
            raise SolverError("HiGHS refused a call")


def unsolved(what: str, answer: Answer) -> SolverError:
    """The error of a program that has no optimum."""
    kind = NoRoomError if answer.status is Status.INFEASIBLE else SolverError
    return kind(f"{what} ended {answer.status}")
