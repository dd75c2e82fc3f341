"""Apportionment: whole seats in proportion to weights, in exact arithmetic.

Every method here is one auction. It puts a price on each unit's next seat, the price rises with the
seats the unit has, and the ``total`` cheapest seats of all are given. The methods differ in the
price of the seat after the first k of a unit with weight w:

    largest remainder    k − q                     q = w·total / Σ w, the unit's quota
    divisor methods      s(k) / w                  s(k) in [k, k + 1], the method's signpost

A divisor method so gives each unit w/d, rounded at its signposts, where 1/d is the price at which
the auction closes (Balinski & Young 2001, *Fair Representation*, ISBN 978-0-8157-0111-8).

**Why limits go inside the auction, from the floor up.** A unit that must have ``lower`` and may
have ``upper`` puts up its seats after the first ``lower``, as far as ``upper``. Its prices rise, so
a cheapest seat overall is always some unit's next one, and taking the cheapest next seat until the
total is reached takes the cheapest seats overall: no given seat costs more than one not given. That
is the condition for Σ of prices, hence the method's own measure of inequality, to be least among
all apportionments within the limits. One more seat in the house is then one more unit served, and
nobody loses any. Rounding first and raising to the floor after would break the total, and taking
the excess back is the same auction run in reverse.

Largest remainder is the exception to the house's growth: its quotas, hence its prices, move with
the total, and a unit may lose a seat when there is one more to give (Alabama, 1880). Where limits
bind, it gives the apportionment with the least Σ (seats − quota)², so that what a limit moves is
spread evenly by unit; to spread it by weight, fill first and give the filled shares as weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from heapq import heapify, heappop, heapreplace
from math import isqrt, lcm
from numbers import Rational

from allocator.errors import did_you_mean

__all__ = [
    "ALSO_CALLED",
    "METHODS",
    "RULES",
    "Apportionment",
    "ApportionmentTie",
    "Exact",
    "NoApportionmentError",
    "Rule",
    "apportion",
    "divisor_method",
    "exact",
    "largest_remainder",
    "shortest_decimal",
]

Exact = int | Fraction


class NoApportionmentError(ValueError):
    """The total is outside what the limits allow; ``total``, ``least`` and ``most`` tell how."""

    def __init__(self, total: int, least: int, most: int, whose: str = "the limits") -> None:
        self.total, self.least, self.most = total, least, most
        allowed = f"at least {least}" if total < least else f"at most {most}"
        super().__init__(f"{total} to give, and {whose} allow {allowed}")


@dataclass(frozen=True, slots=True)
class ApportionmentTie:
    """Units with the same claim to a seat more, of whom only some could have it."""

    got: tuple[int, ...]
    not_got: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Apportionment:
    """Seats by unit; the ties that were broken; a divisor that gives the seats, if there is one.

    The divisor has as few decimals as can be. There is none for largest remainder, none when units
    with a claim to a first seat go without (a signpost at 0 asks for an infinite divisor), and none
    when a tie under Huntington–Hill closes at an irrational number.
    """

    seats: tuple[int, ...]
    ties: tuple[ApportionmentTie, ...]
    divisor: Fraction | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A divisor method: where a quotient between k and k + 1 is rounded up.

    ``signpost(k)`` is the pair (numerator, denominator) of s(k) to the ``power`` of 1 or 2, the
    latter for signposts whose squares alone are rational. s(k) lies in [k, k + 1] and rises.
    """

    name: str
    signpost: Callable[[int], tuple[int, int]]
    power: int = 1

    def price(self, weight: int, seats: int) -> Fraction:
        """s(seats) / weight, to the power of the rule."""
        over, under = self.signpost(seats)
        return Fraction(over, under * weight**self.power)

    def below(self, weights: Sequence[int], level: Exact) -> list[int]:
        """How many seats of each unit cost less than ``level`` > 0 (without the power)."""
        up, down, power = level.numerator, level.denominator, self.power
        signpost, unit, counts = self.signpost, down**self.power, []
        for weight in weights:
            quotient = weight * up
            seats = (quotient - 1) // down
            over, under = signpost(seats)
            counts.append(seats + (over * unit < under * quotient**power))
        return counts


RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule("webster", lambda k: (2 * k + 1, 2)),
        Rule("jefferson", lambda k: (k + 1, 1)),
        Rule("adams", lambda k: (k, 1)),
        Rule("huntington-hill", lambda k: (k * (k + 1), 1), power=2),
        Rule("dean", lambda k: (2 * k * (k + 1), 2 * k + 1)),
    )
}
"""Signposts: arithmetic mean of k and k + 1, the upper, the lower, geometric, harmonic mean."""


def largest_remainder(
    weights: Sequence[Exact],
    total: int,
    *,
    lower: Sequence[int] | None = None,
    upper: Sequence[int] | None = None,
) -> Apportionment:
    """Hamilton's and Hare's method: quotas rounded down, what is left to the largest remainders.

    >>> largest_remainder([6, 6, 2], 10).seats
    (4, 4, 2)
    >>> largest_remainder([6, 6, 2], 11).seats  # one more to give, and the last loses one
    (5, 5, 1)

    Raises :class:`NoApportionmentError` when the limits do not allow the total, and
    :class:`ValueError` for weights that are negative, not exact or all 0.
    """
    case = _Case.read(weights, total, lower, upper)
    whole = sum(case.weights)

    def price(unit: int, seats: int) -> int:
        return seats * whole - case.weights[unit] * total

    def below(level: Exact) -> list[int]:
        up, down = level.numerator, level.denominator
        return [-((-up - down * weight * total) // (down * whole)) for weight in case.weights]

    # From the lowest price there is, by way of quotas rounded down, to above the highest.
    levels = (-max(case.weights) * total, -whole, total * whole)
    return Apportionment(*_auction(case, price, below, levels)[:2], divisor=None)


def divisor_method(
    weights: Sequence[Exact],
    total: int,
    rule: str | Rule,
    *,
    first: Fraction | None = None,
    lower: Sequence[int] | None = None,
    upper: Sequence[int] | None = None,
) -> Apportionment:
    """Quotients weight/divisor rounded at the rule's signposts, with a divisor that fits the total.

    ``rule`` names one of ``RULES`` or is one. ``first`` replaces Webster's first divisor of 1, 3,
    5, …; in the modified Sainte-Laguë method of Norway's elections it is 7/5. Of units with equal
    claims, the heavier, then the earlier in order, are served first, and the tie is reported.

    >>> divisor_method([53, 24, 23], 7, "webster")
    Apportionment(seats=(3, 2, 2), ties=(), divisor=Fraction(76, 5))
    >>> divisor_method([53, 24, 23], 7, "jefferson").seats
    (4, 2, 1)
    >>> divisor_method([1, 1, 1], 4, "adams").ties
    (ApportionmentTie(got=(0,), not_got=(1, 2)),)
    >>> divisor_method([0.5, 0.5], 1, "webster")
    Traceback (most recent call last):
    ...
    ValueError: weight 0 is 0.5, a float: give int or Fraction, as Fraction(0.5) is

    Raises :class:`NoApportionmentError` when the limits do not allow the total, and
    :class:`ValueError` for weights that are negative, not exact or all 0.
    """
    if isinstance(rule, str):
        if rule not in RULES:
            raise ValueError(f"no divisor method '{rule}'; {did_you_mean(rule, RULES)}")
        rule = RULES[rule]
    if first is not None:
        rule = _first_divisor(rule, first)
    case = _Case.read(weights, total, lower, upper)

    def price(unit: int, seats: int) -> Fraction:
        return rule.price(case.weights[unit], seats)

    least = min(weight for weight in case.weights if weight)
    levels = (0, Fraction(total, sum(case.weights)), Fraction(total + 1, least))
    below = partial(rule.below, case.weights)
    seats, ties, dearest, cheapest = _auction(case, price, below, levels)
    divisor = None
    if cheapest != 0:
        to_stated = case.scale**rule.power
        low = Fraction(0) if cheapest is None else 1 / Fraction(cheapest * to_stated)
        high = 1 / Fraction(dearest * to_stated) if dearest else None
        divisor = shortest_decimal(low, high, rule.power)
    return Apportionment(seats, ties, divisor)


METHODS: dict[str, Callable[..., Apportionment]] = {
    "largest-remainder": largest_remainder,
    **{name: partial(divisor_method, rule=rule) for name, rule in RULES.items()},
    "modified-webster": partial(divisor_method, rule="webster", first=Fraction(7, 5)),
}
"""Every method by its name, called as ``method(weights, total, lower=…, upper=…)``."""

ALSO_CALLED: dict[str, str] = {
    "hamilton": "largest-remainder",
    "hare": "largest-remainder",
    "sainte-lague": "webster",
    "dhondt": "jefferson",
    "equal-proportions": "huntington-hill",
    "modified-sainte-lague": "modified-webster",
}


def apportion(
    weights: Sequence[Exact],
    total: int,
    method: str,
    *,
    lower: Sequence[int] | None = None,
    upper: Sequence[int] | None = None,
) -> Apportionment:
    """Seats by the method of that name, one of ``METHODS`` or ``ALSO_CALLED``.

    >>> apportion([53, 24, 23], 7, "hamilton").seats
    (4, 2, 1)
    >>> apportion([53, 24, 23], 7, "webster", upper=[2, 7, 7]).seats
    (2, 3, 2)
    """
    name = ALSO_CALLED.get(method, method)
    if name not in METHODS:
        near = did_you_mean(method, [*METHODS, *ALSO_CALLED])
        raise ValueError(f"no apportionment method '{method}'; {near}")
    return METHODS[name](weights, total, lower=lower, upper=upper)


def exact(value: Exact, what: str) -> Fraction:
    """The number as a fraction of Python's own integers; ``what`` names it if it is not exact.

    >>> exact(3, "weight 0")
    Fraction(3, 1)
    """
    if not isinstance(value, Rational):
        kind = type(value).__name__
        raise ValueError(f"{what} is {value}, a {kind}: give int or Fraction, as Fraction(0.5) is")
    return Fraction(int(value.numerator), int(value.denominator))


def shortest_decimal(low: Fraction, high: Fraction | None, power: int = 1) -> Fraction | None:
    """A number with as few decimals as can be whose ``power`` (1 or 2) is between low and high.

    Between means strictly, unless they are equal; without ``high`` there is no upper limit. None
    when low and high are equal and their root is irrational.

    >>> shortest_decimal(Fraction(1, 3), Fraction(2, 5))
    Fraction(17, 50)
    >>> shortest_decimal(Fraction(761_000**2), Fraction(762_000**2), power=2)
    Fraction(761100, 1)
    >>> shortest_decimal(Fraction(2), Fraction(2), power=2) is None
    True
    """
    if low == high:
        root = Fraction(_root(low.numerator, power), _root(low.denominator, power))
        return root if root**power == low else None
    step = Fraction(10) ** (len(str(_root(int(low), power))) - 1)
    while True:
        number = (_root(int(low / step**power), power) + 1) * step
        if high is None or number**power < high:
            return number
        step /= 10


def _root(number: int, power: int) -> int:
    return isqrt(number) if power == 2 else number


def _first_divisor(rule: Rule, first: Fraction) -> Rule:
    if rule != RULES["webster"]:
        raise ValueError(f"a first divisor is for 'webster', not for '{rule.name}'")
    half = exact(first, "the first divisor") / 2
    if not 0 <= half <= 1:
        raise ValueError(f"the first divisor is {first}; it must be from 0 to 2")
    at_zero = (half.numerator, half.denominator)
    return Rule("modified-webster", lambda k: (2 * k + 1, 2) if k else at_zero)


@dataclass(frozen=True, slots=True)
class _Case:
    """The weights times ``scale``, whole; the limits; the total, known to be within them."""

    weights: list[int]
    scale: int
    lower: list[int]
    upper: list[int]
    total: int

    @classmethod
    def read(
        cls,
        weights: Sequence[Exact],
        total: int,
        lower: Sequence[int] | None,
        upper: Sequence[int] | None,
    ) -> _Case:
        fractions = [exact(weight, f"weight {unit}") for unit, weight in enumerate(weights)]
        for unit, fraction in enumerate(fractions):
            if fraction < 0:
                raise ValueError(f"weight {unit} is {fraction}, below 0")
        if not any(fractions):
            raise ValueError(f"none of {len(fractions)} weights is above 0")
        total = _whole(total, "the total")
        floors = _limits(lower, "lower", len(fractions), 0)
        tops = _limits(upper, "upper", len(fractions), max(total, *floors))
        for unit, (floor, top) in enumerate(zip(floors, tops, strict=True)):
            if not 0 <= floor <= top:
                raise ValueError(f"unit {unit} has limits {floor} and {top}")
            # Without weight nothing is given beyond what the floor demands.
            tops[unit] = top if fractions[unit] else floor
        if not sum(floors) <= total <= sum(tops):
            raise NoApportionmentError(total, sum(floors), sum(tops))
        scale = lcm(*(fraction.denominator for fraction in fractions))
        whole = [part.numerator * (scale // part.denominator) for part in fractions]
        return cls(whole, scale, floors, tops, total)


def _limits(limits: Sequence[int] | None, name: str, size: int, default: int) -> list[int]:
    if limits is None:
        return [default] * size
    if len(limits) != size:
        raise ValueError(f"{size} weights and {len(limits)} limits in {name}")
    return [_whole(limit, f"{name} limit {unit}") for unit, limit in enumerate(limits)]


def _whole(value: int, what: str) -> int:
    number = exact(value, what)
    if number.denominator != 1:
        raise ValueError(f"{what} is {value}, not a whole number")
    return number.numerator


def _auction(
    case: _Case,
    price: Callable[[int, int], Exact],
    below: Callable[[Exact], list[int]],
    levels: tuple[Exact, Exact, Exact],
) -> tuple[tuple[int, ...], tuple[ApportionmentTie, ...], Exact | None, Exact | None]:
    """The cheapest seats: how many each has, ties, the dearest given, the cheapest not given.

    ``price(unit, k)`` is for the seat after the first k; ``below(level)`` counts the seats of each
    unit below a price level. ``levels`` are one where no seat beyond the floors is below, a guess,
    and one above the price of every seat. They are halved until no more seats are missing than
    there are units (each has at most one seat at the closing price); those are then given singly.
    """
    lower, upper, total, size = case.lower, case.upper, case.total, len(case.weights)
    seats, (low, level, high) = list(lower), levels
    missing = total - sum(seats)
    while not 0 <= missing <= size:
        bounded = zip(below(level), lower, upper, strict=True)
        seats = [min(max(count, floor), top) for count, floor, top in bounded]
        missing = total - sum(seats)
        low, high = (level, high) if missing > 0 else (low, level)
        level = Fraction(low + high) / 2
    open_to = (unit for unit in range(size) if seats[unit] < upper[unit])
    offers = [(price(unit, seats[unit]), -case.weights[unit], unit) for unit in open_to]
    heapify(offers)
    for _ in range(missing):
        _, weight, unit = offers[0]
        seats[unit] += 1
        if seats[unit] < upper[unit]:
            heapreplace(offers, (price(unit, seats[unit]), weight, unit))
        else:
            heappop(offers)
    paid = {unit: price(unit, seats[unit] - 1) for unit in range(size) if seats[unit] > lower[unit]}
    dearest = max(paid.values(), default=None)
    cheapest = offers[0][0] if offers else None
    ties: tuple[ApportionmentTie, ...] = ()
    if dearest is not None and dearest == cheapest:
        got = tuple(unit for unit, last in paid.items() if last == dearest)
        not_got = tuple(sorted(unit for offer, _, unit in offers if offer == cheapest))
        ties = (ApportionmentTie(got, not_got),)
    return tuple(seats), ties, dearest, cheapest
