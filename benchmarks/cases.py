"""The named cases: two real ones, read through documents, and seeded synthetic ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from allocator.documents import Case as Document
from allocator.documents import load_case
from allocator.engine import prepare_case
from allocator.program.ask import choose
from allocator.program.problem import Problem
from benchmarks.synthetic import synthetic

__all__ = ["ANY", "CASES", "Case", "anew", "cases"]


@dataclass(frozen=True, slots=True)
class Case:
    """A case by name: a shipped scenario with settings, or a synthetic size and seed.

    ``minors`` is the part of a synthetic case's persons who are minors, ``counties`` whether its
    counties' totals are limited. ``phases`` are those it is
    for; none names all.
    """

    name: str
    about: str
    size: int
    scenario: str | None = None
    seed: int = 0
    settings: tuple[str, ...] = ()
    minors: float = 0.05
    counties: bool = True
    phases: tuple[str, ...] = ()

    @property
    def is_any(self) -> bool:
        """Whether this stands for no case: the place of phases that are the same for all."""
        return self.size == 0

    def takes(self, phase: str, *, once: bool) -> bool:
        """Whether a phase, by name, is run on this case at all."""
        return self.is_any == once and (not self.phases or phase in self.phases)

    def document(self) -> Document:
        """The scenario with its settings, read anew."""
        return load_case(str(self.scenario), self.settings)

    def problem(self) -> Problem:
        """The case as a problem. Built once and never changed: contenders share it."""
        return _problem(self)

    def settled(self) -> Problem:
        """The same with who is asked already chosen, as limits: what the linear goals work on."""
        return _settled(self)


def anew(problem: Problem) -> Problem:
    """The same problem, of which nothing is known yet: what it keeps for when it is asked again
    must not pass for quick work."""
    return replace(problem)


@cache
def _problem(case: Case) -> Problem:
    if case.scenario is None:
        return synthetic(case.size, case.seed, minors=case.minors, counties=case.counties)
    return prepare_case(case.document()).problem


@cache
def _settled(case: Case) -> Problem:
    return choose(case.problem())[0]


ANY = Case("-", "no case: the same for all", 0)

_REAL = (
    Case("ostfold-2016", "18 municipalities, steps of 5, all asked", 18, "ostfold-2016"),
    Case("norway-2026", "357 municipalities, who is asked is chosen", 357, "norway-2026"),
    Case(
        "norway-2026-full",
        "the same with lots, steps of 5, bands, capacities, county bands, minors by age",
        357,
        "norway-2026",
        settings=(
            "whole.step=5",
            "lot.persons=10",
            "lot.minors=5",
            "band.down=0.4",
            "band.up=1.0",
            "band.scaled=true",
            "capacity.factor=0.7",
            "county.split=band",
            "county.within=0.02",
            "minors.share=0.1",
        ),
    ),
)
_SWEEP = Case(
    "norway-2027-sweep",
    "357 municipalities, all may be asked, capacities; needs and capacities vary",
    357,
    "norway-2027",
    settings=("need.em=0", "lot.persons=0", "goals.order=['place', 'even']"),
    phases=("sweep",),
)
_SEED = 20260
_SIZES = (2_000, 11_000, 100_000)
_SMOKE_SIZES = (60, 120, 240)
_LEXIMIN = (
    Case("synthetic-40", "40 municipalities, seeded", 40, seed=_SEED, phases=("leximin",)),
    Case(
        "network-357",
        "357 municipalities, seeded; many minors, who fit only where there is a service",
        357,
        seed=_SEED,
        minors=0.36,
        counties=False,
        phases=("network",),
    ),
    Case(
        "network-357-counties",
        "the same with county bands, which cross the services, and a third minors",
        357,
        seed=_SEED,
        minors=0.33,
        phases=("network",),
    ),
)


def cases(*, smoke: bool = False) -> dict[str, Case]:
    """The cases by name. A smoke run keeps the names and shrinks the synthetic ones."""
    made = tuple(
        Case(f"synthetic-{size}", f"{used} municipalities, seeded", used, seed=_SEED)
        for size, used in zip(_SIZES, _SMOKE_SIZES if smoke else _SIZES, strict=True)
    )
    sweep = replace(_SWEEP, size=70) if smoke else _SWEEP
    small = tuple(replace(case, size=min(case.size, 70)) for case in _LEXIMIN)
    return {
        case.name: case for case in (ANY, *_REAL, sweep, *(small if smoke else _LEXIMIN), *made)
    }


CASES = cases()
"""Every case at full size."""
