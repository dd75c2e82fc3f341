"""The registry: phases, the contenders of each, and why one does not run on a case.

To add a contender, write one function in a module of :mod:`benchmarks.phases` and decorate it::

    SWEEP = Phase("sweep", "a thousand needs, one after the other", reference="warm")

    @SWEEP.contender("PuLP, rebuilt", unless=larger_than(2_000, "an hour"))
    def rebuilt(case: Case) -> Work:
        problem = case.problem()      # not timed
        return lambda: ...            # timed

What the function does is preparation and is not timed; what it returns is: a call, or a command
line that is run as a process of its own. A new phase has only to be named in
``benchmarks/phases/__init__.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.cases import Case

__all__ = ["Command", "Contender", "Phase", "Unless", "Work", "larger_than"]


@dataclass(frozen=True, slots=True)
class Command:
    """A process to start: its arguments, the first of which is the path of a program."""

    argv: tuple[str, ...]


Work = Callable[[], object] | Command
"""What is timed."""

Unless = Callable[[Case], str | None]
"""The reason why a contender does not run on a case, or None where it does."""


def larger_than(size: int, reason: str) -> Unless:
    """Not on cases of more municipalities than this."""
    return lambda case: reason if case.size > size else None


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


@dataclass(slots=True)
class Phase:
    """One part of the work. Its contenders are compared with the one named ``reference``.

    ``unless`` says why the whole phase does not run on a case; ``once`` marks a phase that is the
    same for every case, so that it is measured once, beside the case named ``-``.
    """

    name: str
    about: str
    reference: str
    unless: Unless = _always
    once: bool = False
    contenders: list[Contender] = field(default_factory=list)

    def contender(
        self, name: str, *, unless: Unless = _always, slow: bool = False
    ) -> Callable[[Callable[[Case], Work]], Callable[[Case], Work]]:
        """Register a contender. A ``slow`` one is left out of smoke runs."""

        def register(prepare: Callable[[Case], Work]) -> Callable[[Case], Work]:
            if any(other.name == name for other in self.contenders):
                raise ValueError(f"phase '{self.name}' has two contenders '{name}'")
            about = (prepare.__doc__ or "").strip().splitlines()[0]
            self.contenders.append(Contender(name, prepare, about, unless, slow))
            return prepare

        return register

    def missing(self, contender: Contender, case: Case, *, smoke: bool = False) -> str | None:
        """Why a contender does not run on a case; None where it does."""
        if self.once != case.is_any:
            return "the same for every case" if self.once else "needs a case"
        if smoke and contender.slow:
            return "slow: not in a smoke run"
        return self.unless(case) or contender.unless(case)
