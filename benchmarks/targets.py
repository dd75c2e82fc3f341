"""Targets: what a contender's figures are to reach, written beside it and judged by a run.

A target is never a test: a miss is told in the table, with everything else.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from benchmarks.measure import Sample, Summary, ratio_of

__all__ = ["Target", "Verdict", "judge"]

Sense = Literal["≥", "≤", "<", "="]
_HOLDS: dict[str, Callable[[float, float], bool]] = {
    "≥": operator.ge,
    "≤": operator.le,
    "<": operator.lt,
}
_TIMES = ("wall", "CPU", "peak")
_UNITS = {"wall": "×", "CPU": "× CPU", "peak": "× memory"}


@dataclass(frozen=True, slots=True)
class Target:
    """A figure, and what it is to be: ``Target("CPU", "≥", 20, on=("synthetic-100000",))``.

    ``figure`` is ``wall``, ``CPU`` or ``peak``: the contender's ratio to the reference, or to the
    contender ``to``; ``seconds``: its own median; else something the contender tells of its answer
    (see :class:`~benchmarks.registry.Told`). ``on`` names the cases; none names all.
    """

    figure: str
    sense: Sense
    bound: float | str
    on: tuple[str, ...] = ()
    to: str = ""

    def __str__(self) -> str:
        if self.sense == "=":
            return f"{self.figure} {self.bound}"
        bound = f"{self.bound:g}"
        if self.figure in _TIMES:
            return f"{self.sense} {bound} {_UNITS[self.figure]}" + (f" {self.to}" * bool(self.to))
        unit = "s" if self.figure == "seconds" else self.figure
        return f"{self.sense} {bound} {unit}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target and what was found: ``met``, ``missed``, or ``open`` where the run was stopped."""

    target: str
    found: str
    verdict: Literal["met", "missed", "open"]

    def __str__(self) -> str:
        return f"{self.target}: {self.verdict} ({self.found})"


def judge(
    target: Target,
    case: str,
    mine: Summary,
    samples: list[Sample],
    others: Mapping[str, list[Sample]],
    reference: str,
) -> Verdict | None:
    """What became of a target on a case; None where it is not one of the target's cases."""
    if target.on and case not in target.on:
        return None
    value: float | str | None
    if target.figure in _TIMES:
        its = others.get(target.to or reference)
        value = ratio_of(samples, its, target.figure.lower()) if its else None
    elif target.figure == "seconds":
        value = mine.wall
    else:
        value = dict(mine.told).get(target.figure)
    if value is None or mine.differs:
        return Verdict(str(target), mine.differs or "nothing found", "missed")
    if isinstance(value, str) or isinstance(target.bound, str):
        same = str(value) == str(target.bound)
        return Verdict(str(target), str(value), "met" if same else "missed")
    told = f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    if mine.stopped:
        # Stopped early: what was found is the least it can be.
        told, sure = f"at least {told}", target.sense == "≥" and value >= target.bound
        return Verdict(str(target), told, "met" if sure else "open")
    return Verdict(
        str(target), told, "met" if _HOLDS[target.sense](value, target.bound) else "missed"
    )
