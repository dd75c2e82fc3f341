"""The named cases: two real ones, read through documents, and seeded synthetic ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from allocator.documents import load_case
from allocator.program.problem import Problem
from allocator.engine import prepare_case
from benchmarks.synthetic import synthetic

__all__ = ["ANY", "CASES", "Case", "cases"]


@dataclass(frozen=True, slots=True)
class Case:
    """A case by name: a shipped scenario, or a synthetic size and seed."""

    name: str
    about: str
    size: int
    scenario: str | None = None
    seed: int = 0

    @property
    def is_any(self) -> bool:
        """Whether this stands for no case: the place of phases that are the same for all."""
        return self.size == 0

    def problem(self) -> Problem:
        """The case as a problem. Built once and never changed: contenders share it."""
        return _problem(self)


@cache
def _problem(case: Case) -> Problem:
    if case.scenario is None:
        return synthetic(case.size, case.seed)
    return prepare_case(load_case(case.scenario)).problem


ANY = Case("-", "no case: the same for all", 0)

_REAL = (
    Case("ostfold-2016", "18 municipalities, steps of 5, all asked", 18, "ostfold-2016"),
    Case("norway-2026", "357 municipalities, who is asked is chosen", 357, "norway-2026"),
)
_SEED = 20260
_SIZES = (2_000, 11_000, 100_000)
_SMOKE_SIZES = (60, 120, 240)


def cases(*, smoke: bool = False) -> dict[str, Case]:
    """The cases by name. A smoke run keeps the names and shrinks the synthetic ones."""
    made = tuple(
        Case(f"synthetic-{size}", f"{used} municipalities, seeded", used, seed=_SEED)
        for size, used in zip(_SIZES, _SMOKE_SIZES if smoke else _SIZES, strict=True)
    )
    return {case.name: case for case in (ANY, *_REAL, *made)}


CASES = cases()
"""Every case at full size."""
