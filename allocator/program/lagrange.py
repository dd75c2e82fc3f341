r"""Lower bounds in exact fractions from any multipliers; standard library only.

Every stage of a proposal minimises a sum of costs of single municipalities, tied together by a few
sums: the nation's total N and the counties' limits C_lo ≤ Σ x ≤ C_hi. With any multipliers μ (of
the nation) and ν_c (of the counties)

    g(μ, ν) = Σ_m min { cost_m(x) − (μ + ν_c(m))·x : x in m's own set }
              + μ·N + Σ_c (ν_c⁺·C_lo − ν_c⁻·C_hi)

is below the cost of every allocation that keeps the sums (Lagrangean relaxation: Geoffrion 1974,
doi:10.1007/BFb0120690). The multipliers come from floating point; g is worked out in fractions of
the doubles as they are, so the bound is rigorous whatever they are (Neumaier & Shcherbina 2004,
doi:10.1007/s10107-003-0433-3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from math import ceil, floor
from typing import Any

from allocator.program.stated import Box, Link, exact, exacts

__all__ = ["Grid", "Prices", "least_choice", "least_distance", "least_square"]


def least_square(
    weight: Fraction, low: Fraction, high: Fraction | None, price: Fraction
) -> Fraction:
    """min { (x − w)²/w − price·x : low ≤ x ≤ high }, at x = clip(w·(1 + price/2), low, high).

    >>> least_square(Fraction(4), Fraction(0), None, Fraction(1))
    Fraction(-5, 1)
    """
    x = max(weight * (1 + price / 2), low)
    x = x if high is None else min(x, high)
    return (x - weight) ** 2 / weight - price * x


def least_distance(target: Fraction, low: int, high: int, step: int, price: Fraction) -> Fraction:
    """min { |X − target| − price·X : X = low, low + step, …, high }.

    The cost is convex with its only corner at the target, so an end or a neighbour is best.

    >>> least_distance(Fraction(12), 0, 20, 5, Fraction(1, 2))
    Fraction(-9, 2)
    """
    below = low + floor((target - low) / step) * step
    places = {low, high, *(min(max(near, low), high) for near in (below, below + step))}
    return min(abs(place - target) - price * place for place in places)


def least_choice(
    weight: Fraction,
    target: Fraction,
    places: Iterable[tuple[Fraction, Fraction]],
    price: Fraction,
) -> Fraction:
    """min { weight·|x − target| − price·x : x in one of the intervals ``places`` }.

    >>> least_choice(Fraction(1, 4), Fraction(4), [(Fraction(0),) * 2,
    ...                                            (Fraction(5), Fraction(9))], Fraction(0))
    Fraction(1, 4)
    """
    corners = {x for low, high in places for x in (low, high, min(max(target, low), high))}
    return min(weight * abs(x - target) - price * x for x in corners)


@dataclass(frozen=True, slots=True)
class Prices:
    """Multipliers of the sums that tie municipalities together."""

    nation: Fraction
    counties: list[Fraction]
    links: list[Fraction] = field(default_factory=list)

    @classmethod
    def read(cls, stated: Mapping[str, Any], counties: int, links: int = 0) -> Prices:
        """From a stage of ``certificate.json``; its links have prices where it has any."""
        of_links = exacts(stated.get("links", [0] * links))
        prices = cls(exact(stated["nation"]), exacts(stated["counties"]), of_links)
        if len(prices.counties) != counties or len(prices.links) != links:
            raise ValueError(f"there is not one price for each of {counties} counties and {links}")
        return prices

    def of_each(self, county_of: Sequence[int], links: Sequence[Link] = ()) -> list[Fraction]:
        """μ + ν_c(m), and what m has in each link times its price, for each municipality."""
        each = [self.nation + self.counties[county] for county in county_of]
        for price, link in zip(self.links, links, strict=True):
            for unit, value in zip(link.units, link.values, strict=True):
                each[unit] += price * value
        return each

    def on_sums(self, total: int, county: Box, links: Sequence[Link] = ()) -> Fraction | None:
        """μ·N + Σ_c (ν_c⁺·C_lo − ν_c⁻·C_hi), and the same of links, whose lower limit may be
        absent too; None where a limit that is priced does not exist.

        >>> Prices(Fraction(2), [Fraction(-1)]).on_sums(10, Box([Fraction(0)], [Fraction(4)]))
        Fraction(16, 1)
        """
        value = self.nation * total
        of_links = ((p, ln.lower, ln.upper) for p, ln in zip(self.links, links, strict=True))
        of_counties = zip(self.counties, county.lower, county.upper, strict=True)
        for price, low, high in chain(of_counties, of_links):
            limit = low if price > 0 else high
            if price != 0:
                if limit is None:
                    return None
                value += price * limit
        return value


@dataclass(frozen=True, slots=True)
class Grid:
    """The whole numbers each municipality may be asked for: low, low + step, …, high.

    One without a multiple of the step within its limits stands at the whole number nearest to its
    target. What the total leaves beyond the steps is on top of one municipality's: the first by
    ``first`` of those with room.
    """

    step: int
    low: list[int]
    high: list[int]
    off: frozenset[int]
    remainder_at: int | None

    @classmethod
    def make(
        cls,
        target: Sequence[Fraction],
        box: Box,
        total: int,
        step: int,
        first: Sequence[Fraction],
    ) -> Grid:
        """The grid that limits, total and step make.

        >>> box = Box([Fraction(0), Fraction(11)], [None, Fraction(14)])
        >>> grid = Grid.make([Fraction(6), Fraction(12)], box, 20, 5, [Fraction(1)] * 2)
        >>> grid.low, grid.high, sorted(grid.off), grid.remainder_at
        ([3, 12], [18, 12], [1], 0)
        """
        upper = [Fraction(total) if h is None else min(h, Fraction(total)) for h in box.upper]
        pairs = list(zip(box.lower, upper, strict=True))
        off = frozenset(m for m, (low, high) in enumerate(pairs) if high // step * step < low)
        shift = [0] * len(pairs)
        for m in off:
            shift[m] = int(min(max(Fraction(round(target[m])), pairs[m][0]), pairs[m][1]))
        spare, remainder_at = (total - sum(shift)) % step, None
        if spare:
            room = [
                m
                for m, (low, high) in enumerate(pairs)
                if m not in off and high >= spare and (high - spare) // step * step + spare >= low
            ]
            if not room:
                raise ValueError(f"{spare} persons beyond the steps of {step} fit nowhere")
            remainder_at = min(room, key=lambda m: (-first[m], m))
            shift[remainder_at] = spare
        lows, highs = [], []
        for m, (low, high) in enumerate(pairs):
            start = shift[m]
            lows.append(start if m in off else start + step * max(ceil((low - start) / step), 0))
            highs.append(start if m in off else start + step * floor((high - start) / step))
        return cls(step, lows, highs, off, remainder_at)

    def holds(self, place: int, persons: int) -> bool:
        """Whether a municipality may be asked for so many."""
        low, high = self.low[place], self.high[place]
        return low <= persons <= high and (persons - low) % self.step == 0

    def sums(self, county_of: Sequence[int], county: Box) -> Box:
        """Limits of counties moved in to sums that their municipalities' grids can have."""
        lower, upper = list(county.lower), list(county.upper)
        rest = [0] * len(lower)
        for low, place in zip(self.low, county_of, strict=True):
            rest[place] += low
        for place, start in enumerate(rest):
            high = upper[place]
            lower[place] = start + Fraction(ceil((lower[place] - start) / self.step) * self.step)
            if high is not None:
                upper[place] = start + Fraction(floor((high - start) / self.step) * self.step)
        return Box(lower, upper)

    def bound(
        self, target: Sequence[Fraction], prices: Sequence[Fraction], sums: Fraction | None
    ) -> Fraction | None:
        """g for the distance Σ |X − target| over the grid; None where there is no bound."""
        if sums is None or any(low > high for low, high in zip(self.low, self.high, strict=True)):
            return None
        rows = zip(target, self.low, self.high, prices, strict=True)
        return sums + sum(
            (least_distance(t, low, high, self.step, price) for t, low, high, price in rows),
            Fraction(0),
        )
