"""When it cannot be done: why, and the smallest changes that would make it possible.

One relaxation is sought for all families together, and one for each family alone, so that there are
alternatives.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from allocator.errors import Fault, InfeasibleError, StoppedError
from allocator.program.problem import Bound, Problem
from allocator.program.relax import Relaxation, chooses, lower_lot, relax
from allocator.program.room import limits_with_minors

__all__ = ["Infeasibility", "NoProposalError", "explain"]


@dataclass(frozen=True, slots=True)
class Infeasibility:
    """What cannot be done, and the alternatives, the smallest first.

    ``soft`` are the settings that let one family give way, each of which makes a proposal possible.
    """

    summary: str
    relaxations: tuple[Relaxation, ...]
    soft: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready fields."""
        return asdict(self)


class NoProposalError(InfeasibleError):
    """No proposal meets every hard constraint; ``infeasibility`` says what would help."""

    def __init__(self, infeasibility: Infeasibility) -> None:
        self.infeasibility = infeasibility
        faults = [Fault("infeasible", f"no proposal: {infeasibility.summary}")]
        for place, relaxation in enumerate(infeasibility.relaxations):
            lead = "or" if place else "the smallest change that works"
            faults.append(Fault("infeasible.relaxation", f"  {lead}: {relaxation}"))
        if infeasibility.soft:
            settings = ", ".join(f"--set {setting}" for setting in infeasibility.soft)
            told = f"  or let a limit give way, and see how far: {settings}"
            faults.append(Fault("infeasible.soft", told))
        super().__init__(faults)

    def as_dict(self) -> dict[str, Any]:
        """The alternatives as JSON-ready fields."""
        return self.infeasibility.as_dict()


def explain(problem: Problem, reason: str = "", *, brief: bool = False) -> Infeasibility:
    """Why a problem is infeasible, and the smallest relaxations, over all families and by each.

    What was found by then is told when the clock runs out. ``brief`` seeks no more than the same
    summary needs: often that is the need alone.
    """
    families = list(dict.fromkeys(bound.family for bound in problem.bounds if bound.hard))
    # A year's own need falls only together with the need of all years.
    need = ("year", "need") if "year" in families else ("need",)
    every = (*families, "need")
    alone = [*((family,) for family in families if family != "year"), need]
    found: list[Relaxation] = []
    in_time = True
    if brief:
        found = _one(relax(problem, need))
        if need == ("need",) and found:
            return Infeasibility(_summary(problem, found, reason), tuple(found))
    # Where fractions fit and whole persons do not, the minors who must be there may be why.
    stricter = [_in_whole_persons(problem)] if reason and problem.minors else []
    try:
        found = []
        for names in alone:
            for sought in (problem, *stricter):
                one = relax(sought, names)
                if one is not None:
                    found.append(one)
                    break
        if not chooses(problem):
            together = relax(problem, every)
            # Worth telling only where all together do with fewer than any alone.
            if together is not None and all(together.persons < one.persons for one in found):
                found.append(together)
        elif not found:
            found += _one(relax(problem, tuple(families)))
            if not found:
                found += _one(relax(problem, every))
        if not found:
            some = tuple(families) if chooses(problem) else every
            found += _one(relax(problem, some, whole=True))
        found += _one(lower_lot(problem))
    except StoppedError:
        in_time = False
    distinct = {relaxation.changes: relaxation for relaxation in reversed(found)}
    ordered = sorted(distinct.values(), key=lambda r: (r.persons, len(r.changes), r.families))
    summary = _summary(problem, ordered, reason)
    if not in_time:
        summary += "; time ran out while the smallest changes were sought"
    return Infeasibility(summary, tuple(ordered))


def _in_whole_persons(problem: Problem) -> Problem:
    """The problem whose totals hold the least minors in whole persons, which a program in fractions
    does not see: what makes it possible makes the problem possible."""
    of_minors = tuple(bound for bound in problem.bounds if bound.measure != "total")
    lower = limits_with_minors(replace(problem, bounds=of_minors)).lower
    held = Bound.make("held", "total", lower, np.full(len(lower), np.inf))
    return replace(problem, bounds=(*problem.bounds, held))


def _one(relaxation: Relaxation | None) -> list[Relaxation]:
    return [] if relaxation is None else [relaxation]


def _summary(problem: Problem, found: list[Relaxation], reason: str) -> str:
    need = next((r for r in found if r.families == ("need",)), None)
    where = problem.units.county_names[0] if len(problem.counties) == 1 else "the municipalities"
    if need is not None:
        short = need.persons
        what = ", ".join(f"{c.persons} {c.name}" for c in need.changes)
        has = "has" if short == 1 else "have"
        return (
            f"{where} can take {problem.persons - short} of {problem.persons} persons; "
            f"{what} {has} no place"
        )
    if reason:
        return reason
    clashes = _clashes(problem)
    if clashes:
        return "; ".join(clashes)
    # Each of these alone would mend it, so each is in the way of the others.
    against = [one.families[0] for one in found if len(one.families) == 1]
    if len(against) > 1:
        return f"the limits by {', '.join(against[:-1])} and {against[-1]} contradict each other"
    if against:
        return f"the limits by {against[0]} and the need contradict each other"
    return "the limits contradict each other"


def _clashes(problem: Problem) -> list[str]:
    """Municipalities whose own limits leave them no number, the lot among them."""
    box, told = problem.box("total"), []
    lot = float(problem.lots.persons) if problem.lots.choose else 0.0
    for unit in np.flatnonzero((box.lower > 0) & (np.maximum(box.lower, lot) > box.upper)):
        least, by = float(box.lower[unit]), str(box.lower_by[unit])
        if lot > least:
            least, by = lot, f"lot, for {by} asks it for {least:.0f}"
        told.append(
            f"{problem.units.names[unit]} must be asked for at least {least:.0f} ({by}) "
            f"and at most {box.upper[unit]:.0f} ({box.upper_by[unit]})"
        )
    return told if len(told) <= 5 else [*told[:5], f"and {len(told) - 5} more such"]
