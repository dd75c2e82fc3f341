"""The problem: everything the program needs, as numbers, with no document or panel left in it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = [
    "Bound",
    "Box",
    "Floats",
    "Goals",
    "Ints",
    "Link",
    "Lots",
    "Mask",
    "Measure",
    "Names",
    "Problem",
    "Units",
    "intersect",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Names = npt.NDArray[np.object_]

# What holds arrays has no == and no repr: two arrays are equal element by element, and hundreds of
# numbers tell nobody anything. Making neither also halves what the class costs at start-up.

T = TypeVar("T")
Measure = Literal["total", "minors", "county", "county_minors", "share"]
"""What a bound is on: a municipality's total, its minors, a county's total or its minors, or the
minors of a municipality beyond their allowed share of its total."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Units:
    """Who can be asked. Sorted by code; every array of the problem is in this order."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    counties: tuple[str, ...]
    county_of: Ints
    county_names: tuple[str, ...]
    population: Floats

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Bound:
    """One constraint family's limits, lower ≤ measure ≤ upper, for the units in ``index``."""

    family: str
    measure: Measure
    index: Ints
    lower: Floats
    upper: Floats
    hard: bool = True

    @classmethod
    def make(
        cls,
        family: str,
        measure: Measure,
        lower: Floats,
        upper: Floats,
        *,
        hard: bool = True,
        keep: npt.NDArray[np.bool_] | None = None,
    ) -> Bound:
        """Limits in whole persons, only where there is a limit (and ``keep`` holds)."""
        lower, upper = np.ceil(lower - 1e-9), np.floor(upper + 1e-9)
        limited = np.isfinite(upper) | (np.isfinite(lower) & (lower > 0))
        if keep is not None:
            limited &= keep
        index = np.flatnonzero(limited)
        return cls(family, measure, index, lower[index], upper[index], hard)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Link:
    """A limit that ties totals together: lower ≤ Σ values · X[units] ≤ upper. Always hard."""

    family: str
    name: str
    units: Ints
    values: Floats
    lower: float
    upper: float

    def of(self, totals: Floats | Ints) -> float:
        """Σ values · totals."""
        return float(self.values @ totals[self.units])

    def holds(self, totals: Floats | Ints) -> bool:
        """Whether some totals keep it, up to rounding."""
        return self.lower - 1e-6 <= self.of(totals) <= self.upper + 1e-6


@dataclass(frozen=True, slots=True)
class Lots:
    """Nobody asked is asked for fewer than ``persons`` (or ``minors`` of them)."""

    persons: int = 0
    minors: int = 0
    choose: bool = False
    choose_minors: bool = False


@dataclass(frozen=True, slots=True)
class Goals:
    """What is optimised in which order, and how unevenness is measured."""

    order: tuple[str, ...] = ("place", "even", "steady")
    even: str = "leximin"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Box:
    """The tightest limits of single municipalities, with the family that sets each."""

    lower: Floats
    upper: Floats
    lower_by: Names
    upper_by: Names


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Problem:
    """The allocation problem of one year.

    ``groups`` is ("ordinary",), or ordinary followed by the minors' groups; ``need[g]`` the persons
    of each. ``entitlement`` (units,) sums to all persons, ``entitlement_minors`` to all minors.
    ``last`` is last year's request, nan where there is none.
    """

    units: Units
    groups: tuple[str, ...]
    need: Ints
    entitlement: Floats
    entitlement_minors: Floats
    last: Floats
    bounds: tuple[Bound, ...]
    lots: Lots = field(default_factory=Lots)
    goals: Goals = field(default_factory=Goals)
    minors_share: float = 1.0
    need_is_hard: bool = True
    step: int = 1
    minors_step: int = 1
    method: str = "nearest"
    links: tuple[Link, ...] = ()
    kept: dict[Hashable, Any] = field(default_factory=dict, init=False)

    @property
    def persons(self) -> int:
        """All persons to settle."""
        return sum(self.need.tolist())

    @property
    def minors(self) -> int:
        """Of whom unaccompanied minors."""
        return sum(self.need[1:].tolist())

    def of_measure(self, *measures: Measure) -> Iterator[Bound]:
        """The bounds on some measures, in document order."""
        return (bound for bound in self.bounds if bound.measure in measures)

    @property
    def all_hard(self) -> Problem:
        """The problem in which no family gives way."""
        if all(bound.hard for bound in self.bounds):
            return self
        return replace(self, bounds=tuple(replace(bound, hard=True) for bound in self.bounds))

    def by_county(self, totals: Floats | Ints) -> Floats:
        """Totals summed by county, shape (counties,)."""
        return np.bincount(self.units.county_of, totals, len(self.counties)).astype(np.float64)

    def box(self, measure: Measure, *, soft: bool = True) -> Box:
        """All families' limits on one measure of single municipalities, intersected.

        It is worked out once; nobody changes its arrays.
        """

        def work() -> Box:
            limits = (b for b in self.of_measure(measure) if soft or b.hard)
            return intersect(
                limits, len(self.counties) if measure.startswith("county") else len(self.units)
            )

        return self.once((measure, soft), work)

    def once(self, key: Hashable, work: Callable[[], T]) -> T:
        """What ``work`` makes of this problem, which never changes; kept under ``key``."""
        if key not in self.kept:
            self.kept[key] = work()
        found: T = self.kept[key]
        return found

    @property
    def counties(self) -> tuple[str, ...]:
        """County codes in order; ``units.county_of`` points into it."""
        return self.units.counties


def intersect(bounds: Iterable[Bound], size: int) -> Box:
    """The tightest of several families' limits, and who sets it (the first, when they tie)."""
    lower, upper = np.zeros(size), np.full(size, np.inf)
    lower_by, upper_by = np.full(size, "", dtype=object), np.full(size, "", dtype=object)
    for bound in bounds:
        raises = bound.lower > lower[bound.index]
        lowers = bound.upper < upper[bound.index]
        lower[bound.index[raises]] = bound.lower[raises]
        upper[bound.index[lowers]] = bound.upper[lowers]
        lower_by[bound.index[raises]] = bound.family
        upper_by[bound.index[lowers]] = bound.family
    return Box(lower, upper, lower_by, upper_by)
