"""The problem as a run folder states it, in exact fractions; standard library only.

:mod:`verify` reads what was written, not what the program holds in memory, so the rules by which
limits meet are written here a second time, from the documents' meaning and without numpy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor
from typing import Any

__all__ = ["Box", "Limit", "Link", "Stated", "exact", "exacts"]

_NEAR = Fraction(1, 10**9)
_NEAR_STEP = Fraction(1, 10**6)


def exact(number: object) -> Fraction:
    """A number of a JSON file as the fraction it is, to the last bit.

    >>> exact(0.1) == Fraction(1, 10)
    False
    >>> exact("0.1")
    Traceback (most recent call last):
    ...
    ValueError: '0.1' is no number
    """
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise ValueError(f"{number!r} is no number")
    return Fraction(number)


def exacts(numbers: Iterable[object]) -> list[Fraction]:
    """Numbers of a JSON file as fractions."""
    return [exact(number) for number in numbers]


@dataclass(frozen=True, slots=True)
class Limit:
    """One constraint family's limits on a measure; no upper limit is None."""

    family: str
    measure: str
    hard: bool
    index: tuple[int, ...]
    lower: tuple[Fraction, ...]
    upper: tuple[Fraction | None, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """The tightest limits of each unit (or county)."""

    lower: list[Fraction]
    upper: list[Fraction | None]

    def clip(self, place: int, value: Fraction) -> Fraction:
        """A value moved inside the limits."""
        value, high = max(value, self.lower[place]), self.upper[place]
        return value if high is None else min(value, high)


@dataclass(frozen=True, slots=True)
class Link:
    """A limit that ties totals together: lower ≤ Σ values · X[units] ≤ upper."""

    family: str
    name: str
    units: tuple[int, ...]
    values: tuple[Fraction, ...]
    lower: Fraction | None
    upper: Fraction | None

    def of(self, totals: Sequence[Fraction | int]) -> Fraction:
        """Σ values · totals."""
        rows = zip(self.units, self.values, strict=True)
        return sum((value * totals[unit] for unit, value in rows), Fraction(0))


@dataclass(frozen=True, slots=True)
class Stated:
    """The numbers of ``problem.json``: as asked, or with the lots settled."""

    codes: tuple[str, ...]
    counties: tuple[str, ...]
    county_of: tuple[int, ...]
    groups: tuple[str, ...]
    need: tuple[int, ...]
    entitlement: list[Fraction]
    entitlement_minors: list[Fraction]
    limits: tuple[Limit, ...]
    lots: Mapping[str, Any]
    order: tuple[str, ...]
    even: str
    share: Fraction
    step: int
    minors_step: int
    method: str
    links: tuple[Link, ...]

    @classmethod
    def read(cls, problem: Mapping[str, Any], which: str) -> Stated:
        """From the parsed file; ``which`` is "asked" or "settled"."""
        part = problem[which]
        stated = cls(
            codes=tuple(problem["codes"]),
            counties=tuple(problem["counties"]),
            county_of=tuple(problem["county_of"]),
            groups=tuple(problem["groups"]),
            need=tuple(part["need"]),
            entitlement=exacts(problem["entitlement"]),
            entitlement_minors=exacts(problem["entitlement_minors"]),
            limits=tuple(_limit(bound) for bound in part["bounds"]),
            lots=part["lots"],
            order=tuple(problem["goals"]["order"]),
            even=problem["goals"]["even"],
            share=exact(problem["minors_share"]),
            step=problem["step"],
            minors_step=problem["minors_step"],
            method=problem["method"],
            links=tuple(_link(link) for link in problem["links"]),
        )
        stated._refuse_nonsense()
        return stated

    def _refuse_nonsense(self) -> None:
        size = len(self.codes)
        for name in ("county_of", "entitlement", "entitlement_minors"):
            if len(getattr(self, name)) != size:
                raise ValueError(f"{name} has not one number for each of {size} municipalities")
        if not all(place in range(len(self.counties)) for place in self.county_of):
            raise ValueError("county_of names a county that is not there")
        whole = (*self.need, self.step, self.minors_step, *self.lots.values())
        if not all(isinstance(number, int) and number >= 0 for number in whole):
            raise ValueError("need, lots and steps are whole numbers")
        if min(self.step, self.minors_step) < 1 or len(self.need) != len(self.groups):
            raise ValueError("a step is at least 1, and every group has its need")
        for limit in self.limits:
            places = len(self.counties) if limit.measure.startswith("county") else size
            if not all(place in range(places) for place in limit.index):
                raise ValueError(f"{limit.family} limits a unit that is not there")
        for link in self.links:
            if not all(unit in range(size) for unit in link.units):
                raise ValueError(f"{link.family} ties a unit that is not there")

    @property
    def persons(self) -> int:
        """All persons to settle."""
        return sum(self.need)

    @property
    def minors(self) -> int:
        """Of whom unaccompanied minors."""
        return sum(self.need[1:])

    def of(self, *measures: str) -> Iterator[Limit]:
        """The limits on some measures."""
        return (limit for limit in self.limits if limit.measure in measures)

    def box(self, measure: str, *, soft: bool = True) -> Box:
        """All families' limits on one measure, intersected."""
        size = len(self.counties) if measure.startswith("county") else len(self.codes)
        lower = [Fraction(0)] * size
        upper: list[Fraction | None] = [None] * size
        for limit in self.of(measure):
            if limit.hard or soft:
                for place, low, high in zip(limit.index, limit.lower, limit.upper, strict=True):
                    lower[place] = max(lower[place], low)
                    upper[place] = _least(upper[place], high)
        return Box(lower, upper)

    def in_county(self, numbers: Sequence[Fraction | int]) -> list[Fraction]:
        """Numbers of municipalities summed by county."""
        sums = [Fraction(0)] * len(self.counties)
        for county, number in zip(self.county_of, numbers, strict=True):
            sums[county] += number
        return sums

    def totals_box(self) -> Box:
        """Limits on totals, raised to hold the minors that must be there."""
        box, minors = self.box("total"), self.box("minors")
        lower = [max(pair) for pair in zip(box.lower, minors.lower, strict=True)]
        for limit in self.of("share"):
            for place, beyond in zip(limit.index, limit.upper, strict=True):
                if self.share > 0 and beyond is not None:
                    needed = ceil((minors.lower[place] - beyond) / self.share - _NEAR)
                    lower[place] = max(lower[place], Fraction(needed))
        return Box(lower, box.upper)

    def widened(self, target: Sequence[Fraction]) -> Stated:
        """Soft limits on totals and counties moved out, in steps, to where the target is; and soft
        shares to where totals a person or more below can hold the minors who must be there."""
        in_county, least = self.in_county(target), self.box("minors").lower
        raised = self.totals_box().lower
        limits = []
        for limit in self.limits:
            if not limit.hard and limit.measure == "share":
                wider = [
                    max(beyond, least[m] - self.share * floor(target[m] + _NEAR_STEP))
                    if beyond is not None and target[m] <= raised[m] - 1
                    else beyond
                    for m, beyond in zip(limit.index, limit.upper, strict=True)
                ]
                limit = replace(limit, upper=tuple(wider))
            if not limit.hard and limit.measure in ("total", "county"):
                values = in_county if limit.measure == "county" else target
                here = [values[place] / self.step for place in limit.index]
                down = [Fraction(floor(value + _NEAR_STEP) * self.step) for value in here]
                up = [Fraction(ceil(value - _NEAR_STEP) * self.step) for value in here]
                limit = replace(
                    limit,
                    hard=True,
                    lower=tuple(map(min, limit.lower, down)),
                    upper=tuple(
                        None if high is None else max(high, top)
                        for high, top in zip(limit.upper, up, strict=True)
                    ),
                )
            limits.append(limit)
        return replace(self, limits=tuple(limits))

    def minors_box(self, totals: Sequence[int]) -> Box:
        """Limits on minors inside whole totals; soft ones give way evenly where they must."""
        box = self._within(totals)
        room = [high for high in box.upper if high is not None]
        if sum(room) >= self.minors:
            return box
        hard = replace(self, limits=tuple(limit for limit in self.limits if limit.hard))
        wide = hard._within(totals)
        lower = [
            min(pair) for pair in zip(room, [h for h in wide.upper if h is not None], strict=True)
        ]
        return Box(lower, wide.upper)

    def _within(self, totals: Sequence[int]) -> Box:
        box = self.box("minors")
        upper = [
            Fraction(total) if high is None else min(high, Fraction(total))
            for high, total in zip(box.upper, totals, strict=True)
        ]
        for limit in self.of("share"):
            for place, beyond in zip(limit.index, limit.upper, strict=True):
                if beyond is not None:
                    allowed = self.share * totals[place] + beyond
                    upper[place] = min(upper[place], allowed)
        return Box(box.lower, [Fraction(floor(high + _NEAR)) for high in upper])


def _limit(bound: Mapping[str, Any]) -> Limit:
    lower, upper = exacts(bound["lower"]), bound["upper"]
    if not len(bound["index"]) == len(lower) == len(upper):
        raise ValueError(f"{bound['family']} has not one limit for each of its units")
    return Limit(
        bound["family"],
        bound["measure"],
        bound["hard"],
        tuple(bound["index"]),
        tuple(lower),
        tuple(None if high is None else exact(high) for high in upper),
    )


def _link(link: Mapping[str, Any]) -> Link:
    values = exacts(link["values"])
    if len(values) != len(link["units"]):
        raise ValueError(f"{link['family']} has not one value for each of its units")
    lower, upper = (None if n is None else exact(n) for n in (link["lower"], link["upper"]))
    return Link(link["family"], link["name"], tuple(link["units"]), tuple(values), lower, upper)


def _least(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return min((number for number in (one, other) if number is not None), default=None)
