"""The registry: phases, the contenders of each, and why one does not run on a case.

To add a contender, write one function in a module of :mod:`benchmarks.phases` and decorate it::

    SWEEP = Phase("sweep", "a thousand needs, one after the other", reference="warm")

    @SWEEP.contender("PuLP, rebuilt", unless=larger_than(2_000, "an hour"))
    def rebuilt(case: Case) -> Work:
        problem = case.problem()      # not timed
        return lambda: ...            # timed

What the function does is preparation and is not timed; what it returns is: a call, or a command
line that is run as a process of its own. A call may return :class:`Told`: the value of its answer,
which must be the reference's, and figures that belong beside the times. A target is written beside
the contender it is for: ``@SWEEP.contender("PuLP, rebuilt", targets=(Target("CPU", "≥", 60),))``.
A new phase has only to be named in ``benchmarks/phases/__init__.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec

from benchmarks.cases import Case
from benchmarks.measure import Command, Told, Work
from benchmarks.targets import Target

__all__ = [
    "Command",
    "Contender",
    "Phase",
    "Target",
    "Told",
    "Unless",
    "Work",
    "first_of",
    "larger_than",
    "only_on",
    "without",
]

Unless = Callable[[Case], str | None]
"""The reason why a contender does not run on a case, or None where it does."""


def larger_than(size: int, reason: str) -> Unless:
    """Not on cases of more municipalities than this."""
    return lambda case: reason if case.size > size else None


def only_on(names: tuple[str, ...], reason: str = "the target is for another case") -> Unless:
    """Only on the cases of these names."""
    return lambda case: None if case.name in names else reason


def without(module: str) -> Unless:
    """Not where an optional library is not installed."""
    found = find_spec(module) is not None
    return lambda _: None if found else f"{module} is not installed"


def first_of(*unless: Unless) -> Unless:
    """The first reason of several."""
    return lambda case: next((reason for each in unless if (reason := each(case))), None)


def _always(_: Case) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to do a phase's work."""

    name: str
    prepare: Callable[[Case], Work]
    about: str
    unless: Unless
    slow: bool
    targets: tuple[Target, ...]


@dataclass(slots=True)
class Phase:
    """One part of the work. Its contenders are compared with the one named ``reference``.

    ``unless`` says why the whole phase does not run on a case; ``once`` marks a phase that is the
    same for every case, so that it is measured once, beside the case named ``-``.

    ``alone`` runs each contender in a process of its own, so that its peak memory is known, and
    stops it after so many seconds: its ratios are then "at least". ``agree`` is how far,
    relatively, the values that contenders tell may be from the reference's.
    """

    name: str
    about: str
    reference: str
    unless: Unless = _always
    once: bool = False
    alone: float | None = None
    agree: float = 1e-6
    contenders: list[Contender] = field(default_factory=list)

    def contender(
        self,
        name: str,
        *,
        unless: Unless = _always,
        slow: bool = False,
        targets: tuple[Target, ...] = (),
    ) -> Callable[[Callable[[Case], Work]], Callable[[Case], Work]]:
        """Register a contender. A ``slow`` one is left out of smoke runs."""

        def register(prepare: Callable[[Case], Work]) -> Callable[[Case], Work]:
            if any(other.name == name for other in self.contenders):
                raise ValueError(f"phase '{self.name}' has two contenders '{name}'")
            about = (prepare.__doc__ or "").strip().splitlines()[0]
            self.contenders.append(Contender(name, prepare, about, unless, slow, targets))
            return prepare

        return register

    def missing(self, contender: Contender, case: Case, *, smoke: bool = False) -> str | None:
        """Why a contender does not run on a case; None where it does."""
        if self.once != case.is_any:
            return "the same for every case" if self.once else "needs a case"
        if case.phases and self.name not in case.phases:
            return f"the case is for {', '.join(case.phases)}"
        if smoke and contender.slow:
            return "slow: not in a smoke run"
        return self.unless(case) or contender.unless(case)
