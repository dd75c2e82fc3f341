"""The points of a sweep solved, a few at a time, in whatever process this is.

Each point is the case that ``propose`` would solve alone and goes through the same engine, so its
numbers are the same to the last bit. What makes it fast is what is not done again: documents are
read once, figures are read and carried across borders once, whatever of the problem does not depend
on the point's own values is kept (:mod:`allocator.program.memory`), and points whose answer is a
closed form are worked out together (:mod:`allocator.program.nested`).
"""

from __future__ import annotations

import csv
import io
import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import repeat
from threading import Lock

import numpy as np
import numpy.typing as npt

from allocator.documents import Case
from allocator.engine import prepare_case
from allocator.errors import BadDataError, BosettError, Fault, InfeasibleError, StoppedError
from allocator.panel import Panel, View
from allocator.program.families import FAMILIES
from allocator.program.goals import Solution, solve, solve_together
from allocator.program.memory import Remembered
from allocator.program.problem import Problem
from allocator.study.cases import Cases
from allocator.study.plan import Plan, panel_digest

__all__ = ["BINDING", "FAILED", "Answered", "Chunk", "Packed", "Solver", "heads", "solve_range"]

_ALL = (*FAMILIES, "year", "change", "together", "held")
BINDING = tuple(f"{family}{of}" for of in ("", "_em") for family in _ALL)
"""The names in a binding set; the place of a name is its bit."""
FAILED = -1
_BIT = {name: 1 << place for place, name in enumerate(BINDING)}
_Binding = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Points ``start`` to ``stop`` solved: rows of two tables, and numbers for the summary.

    ``totals`` and ``held`` are int32 of shape (points, units) as bytes: persons asked for, or
    ``FAILED``, and the families that hold them as bits of ``BINDING``. ``failed`` counts the points
    without a proposal by status.
    """

    start: int
    stop: int
    rows: bytes
    runs: bytes
    totals: bytes
    held: bytes
    failed: dict[str, int]


def heads(plan: Plan) -> tuple[bytes, bytes]:
    """The headings of the two tables."""
    keys = ["run", *plan.columns]
    year = ["year"] if plan.several_years else []
    numbers = ["total", "ordinary", "em_under15", "em_15_17", "em", "binding", "status", "reason"]
    rows = [*keys, "code", *year, *numbers]
    runs = [*keys, "status", "reason", "need", "asked", "unplaced"]
    return _line(rows), _line(runs)


@dataclass(frozen=True, slots=True)
class Packed:
    """A plan on its way to who solves; it is unpacked once there, and known by its id from then."""

    id: str
    plan: bytes

    @classmethod
    def of(cls, plan: Plan) -> Packed:
        """A plan as it travels."""
        return cls(plan.id, pickle.dumps(plan))


def solve_range(packed: Packed, start: int, stop: int) -> Chunk:
    """Some points of a plan: the task that executors are given."""
    with _TURN:  # a solver remembers as it goes; threads take turns
        if packed.id not in _SOLVERS:
            while len(_SOLVERS) >= 2:
                _SOLVERS.pop(next(iter(_SOLVERS)))
            _SOLVERS[packed.id] = Solver(pickle.loads(packed.plan))
        return _SOLVERS[packed.id].chunk(start, stop)


_SOLVERS: dict[str, Solver] = {}
_TURN = Lock()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Answered:
    """A point's case, its problem and its solution."""

    case: Case
    problem: Problem
    solution: Solution


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Asked:
    """A point's case and its problem."""

    case: Case
    problem: Problem

    def answered(self, solution: Solution | None) -> Answered | Exception:
        """With its solution, worked out here if it is not yet; or what went wrong."""
        try:
            solution = solution or solve(self.problem, brief=True)
        except Exception as error:
            return error
        return Answered(self.case, self.problem, solution)


class Solver:
    """All that the points of a plan share, in this process.

    Raises :class:`BadDataError` where the figures here are not those the sweep was planned on.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan, self.panel = plan, Panel(plan.panel)
        if panel_digest(str(self.panel.folder)) != plan.figures:
            told = f"the figures in '{self.panel.folder}' are not those the sweep was planned on"
            raise BadDataError(
                Fault("sweep.figures", told, remedy="install the same on each machine")
            )
        self._cases = Cases(plan)
        self._known: dict[tuple[int, date], Remembered] = {}
        self._years = [f",{unit.year}" if plan.several_years else "" for unit in plan.units]
        self._codes = [
            f"{_cell(unit.code)}{year}," for unit, year in zip(plan.units, self._years, strict=True)
        ]
        self._held: dict[_Binding, _Told] = {}

    def chunk(self, start: int, stop: int) -> Chunk:
        """The points from ``start`` to before ``stop``."""
        size = (stop - start, len(self.plan.units))
        totals, held = np.full(size, FAILED, dtype=np.int32), np.zeros(size, dtype=np.int32)
        rows: list[str] = []
        runs: list[bytes] = []
        failed: dict[str, int] = {}
        points = range(start, stop)
        for place, (point, answer) in enumerate(zip(points, self.solved(points), strict=True)):
            given = [str(point), *self.plan.values_of(point)]
            if isinstance(answer, Exception):
                status, reason = _why(answer)
                failed[status] = failed.get(status, 0) + 1
                blank = [""] * (7 + self.plan.several_years)
                rows.append(_line([*given, *blank, status, reason]).decode())
                runs.append(_line([*given, status, reason, "", "", ""]))
                continue
            case, problem, solution = answer.case, answer.problem, answer.solution
            found: npt.NDArray[np.int64] = solution.totals
            totals[place] = found
            told = self._told(solution.binding)
            held[place] = told.bits
            ages = case.scenario.need.by_age
            lead = ",".join(map(_cell, given)) + ","
            status = "optimal" if solution.gap is None else "stopped"
            rows.append(_rows(lead, told, self._codes, solution, ages, status))
            asked, unplaced = int((found > 0).sum()), int(solution.unplaced.sum())
            runs.append(
                _line([*given, status, "", str(problem.persons), str(asked), str(unplaced)])
            )
        return Chunk(
            start,
            stop,
            "".join(rows).encode(),
            b"".join(runs),
            totals.tobytes(),
            held.tobytes(),
            failed,
        )

    def solved(self, points: Sequence[int]) -> list[Answered | Exception]:
        """Some points solved, or what went wrong with them.

        Those whose answer is a closed form are worked out together, the others one by one.
        """
        asked = [self._asked(point) for point in points]
        problems = [one.problem for one in asked if not isinstance(one, Exception)]
        try:
            together = iter(solve_together(problems))
        except Exception:  # a defect is told of the point that has it: each is solved alone
            together = repeat(None)
        return [
            one if isinstance(one, Exception) else one.answered(next(together)) for one in asked
        ]

    def _asked(self, point: int) -> _Asked | Exception:
        """A point's case and its problem, or what went wrong."""
        try:
            case = self._cases.case(point)
            day = (case.scenario.year, case.scenario.knows_until)
            known = self._known.get(day)
            if known is None:
                known = self._known[day] = Remembered(View(self.panel, *day))
            return _Asked(case, prepare_case(case, self.panel, known).problem)
        except Exception as error:
            return error

    def _told(self, binding: _Binding) -> _Told:
        """The families that hold each; many points have the same."""
        if binding not in self._held:
            if len(self._held) >= 64:
                self._held.clear()
            bits = [sum(_BIT[name] for name in names) for names in binding]
            texts = tuple(" ".join(names) for names in binding)
            self._held[binding] = _Told(texts, np.array(bits, dtype=np.int32))
        return self._held[binding]


@dataclass(frozen=True, slots=True, eq=False)
class _Told:
    """What holds each unit, as text and as bits, and the lines that say so."""

    texts: tuple[str, ...]
    bits: npt.NDArray[np.int32]
    kept: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def lines(self, codes: Sequence[str], slots: str, status: str) -> tuple[str, ...]:
        """See :func:`_lines`."""
        if (slots, status) not in self.kept:
            self.kept[slots, status] = _lines(codes, self.texts, slots, status)
        return self.kept[slots, status]


def _lines(codes: Sequence[str], held: Sequence[str], slots: str, end: str) -> tuple[str, ...]:
    """A line for each unit, in the order of the plan's, with places for its numbers."""
    return tuple(
        f"{code.replace('%', '%%')}{slots},{names},{end},\n"
        for code, names in zip(codes, held, strict=True)
    )


_SLOTS = {True: "%d,%d,%d,%d,%d", False: "%d,%d,,,%d"}


class _NoMinors(dict[int, str]):
    """The numbers of a unit without minors as text, by its total; each is written once."""

    def __init__(self, ages: bool) -> None:
        super().__init__()
        self.rest = "0,0,0" if ages else ",,0"

    def __missing__(self, total: int) -> str:
        self[total] = text = f"{total},{total},{self.rest}"
        return text


def _rows(
    lead: str, told: _Told, codes: Sequence[str], solution: Solution, ages: bool, status: str
) -> str:
    """The lines of a point, filled in; each begins with ``lead``."""
    persons, totals, minors = solution.persons, solution.totals, solution.minors
    lead = lead.replace("%", "%%")
    if not minors.any():
        lines = told.lines(codes, "%s", status)
        texts = _ALONE[ages]
        return (lead + lead.join(lines)) % tuple([texts[total] for total in totals.tolist()])
    lines = told.lines(codes, _SLOTS[ages], status)
    between = persons.T if ages else persons[:, :1].T
    numbers = np.stack((totals, *between, minors), axis=1)
    return (lead + lead.join(lines)) % tuple(numbers.ravel().tolist())


_ALONE = {ages: _NoMinors(ages) for ages in (False, True)}


def _why(error: Exception) -> tuple[str, str]:
    """The status of a point without a proposal, and the reason in words, on one line."""
    if not isinstance(error, BosettError):
        return "defect", f"unexpected {type(error).__name__}: {error}".replace("\n", " ")
    first, more = str(error.faults[0]), len(error.faults) - 1
    if isinstance(error, InfeasibleError):  # the further faults are remedies
        return "infeasible", first.removeprefix("no proposal: ")
    status = "stopped" if isinstance(error, StoppedError) else "refused"
    return status, f"{first} (and {more} more)" if more else first


def _line(cells: Sequence[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue().encode()


def _cell(text: str) -> str:
    """A cell of a CSV line."""
    return _line([text, ""]).decode()[:-2]
