"""Every stage of a proposal: what it reached, and the bound below it; standard library only.

The stages are ``place`` (nobody left without a place), ``ask`` (who is asked, where nobody may be
asked for fewer than a lot), ``even`` (totals in fractions of persons, as even as can be), ``whole``
(the nearest whole persons), then the same two for the minors inside the totals, and their ages. A
stage whose programs are not separable has no bound here, and says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from allocator.program.even_proof import even
from allocator.program.judged import EVEN_GAP, NEAR, WHOLE_GAP, Proof, judged, kept, shown
from allocator.program.lagrange import Grid, Prices
from allocator.program.stated import Box, Link, Stated, exact, exacts
from allocator.program.tied import Choice, choices, least_of_both

__all__ = ["prove"]

_ONE = Fraction(1)


def prove(
    problem: Mapping[str, Any], persons: Sequence[Sequence[int]], certificate: Mapping[str, Any]
) -> dict[str, Proof]:
    """The proof of every stage, from the contents of a run's files.

    ``persons`` (units, groups) are the whole persons that are proposed.
    """
    asked, settled = Stated.read(problem, "asked"), Stated.read(problem, "settled")
    totals = [sum(row) for row in persons]
    minors = [sum(row[1:]) for row in persons]
    proofs = {"place": _place(asked, settled)}
    if certificate["ask"] is not None:
        proofs["ask"] = _ask(asked, settled, certificate["ask"])
    target = exacts(certificate["even"]["totals"])
    if len(target) != len(asked.codes):
        raise ValueError("even has not one total for each municipality")
    box = settled.totals_box()
    proofs["even"] = even(settled, certificate["even"], box, settled.persons, "county")
    widened = settled.widened(target)
    first = widened.entitlement
    proofs["whole"] = _whole_totals(widened, certificate["whole"], target, totals, first)
    if widened.minors:
        box = widened.minors_box(totals)
        fractions = certificate["even_minors"]
        proofs["even_minors"] = even(widened, fractions, box, widened.minors, "county_minors")
        stage, target = certificate["whole_minors"], exacts(fractions["totals"])
        grid = Grid.make(target, box, widened.minors, stage["step"], widened.entitlement_minors)
        county = grid.sums(widened.county_of, widened.box("county_minors"))
        proofs["whole_minors"] = _whole(
            widened, stage, grid, target, minors, widened.minors, county
        )
    if len(widened.groups) == 3 and widened.minors:
        younger, stage = widened.need[1], certificate["whole_ages"]
        target = [Fraction(younger * number, widened.minors) for number in minors]
        box = Box([Fraction(0)] * len(minors), [Fraction(number) for number in minors])
        grid = Grid.make(target, box, younger, 1, widened.entitlement_minors)
        proofs["whole_ages"] = _whole(
            widened, stage, grid, target, [row[1] for row in persons], younger
        )
    return proofs


def _place(asked: Stated, settled: Stated) -> Proof:
    """Persons unplaced ≥ need − room, for all persons and for the minors among them.

    Room is what hard limits leave: Σ_c min(C_hi, Σ x_hi).
    """
    left = [need - placed for need, placed in zip(asked.need, settled.need, strict=True)]
    faults = tuple(
        f"{group}: {number} unplaced"
        for group, number in zip(asked.groups, left, strict=True)
        if number < 0
    )
    total, minors = (asked.box(measure, soft=False) for measure in ("total", "minors"))
    county = asked.box("county", soft=False)
    upper = [_low(high, asked.persons) for high in total.upper]
    within = [_low(high, number) for high, number in zip(minors.upper, upper, strict=True)]
    room, of_minors = (
        sum(map(_low, limits.upper, asked.in_county(numbers)), Fraction(0))
        for limits, numbers in (
            (county, upper),
            (asked.box("county_minors", soft=False), within),
        )
    )
    bound = max(Fraction(0), asked.persons - room, asked.minors - of_minors)
    value = Fraction(sum(left))
    reason = "" if value == bound else "not all that leaves persons unplaced is in simple limits"
    return Proof(value, bound, True if value == bound else None, faults, reason)


def _low(high: Fraction | None, number: Fraction | int) -> Fraction:
    return Fraction(number) if high is None else min(high, Fraction(number))


def _whole_totals(
    stated: Stated,
    stage: Mapping[str, Any],
    target: Sequence[Fraction],
    totals: Sequence[int],
    first: Sequence[Fraction],
) -> Proof:
    if stage["reason"]:
        return Proof(reason=stage["reason"])
    grid = Grid.make(target, stated.totals_box(), stated.persons, stage["step"], first)
    county = grid.sums(stated.county_of, stated.box("county"))
    extra, more = Fraction(0), [Fraction(0)] * len(totals)
    if "room" in stage:
        extra, more = _room_for_minors(stated, stage["room"], target)
    return _whole(
        stated, stage, grid, target, totals, stated.persons, county, extra, more, stated.links
    )


def _room_for_minors(
    stated: Stated, room: Mapping[str, Any], target: Sequence[Fraction]
) -> tuple[Fraction, list[Fraction]]:
    """What the rows E ≤ share·X + beyond add to the bound and to each unit's price.

    With multipliers π ≥ 0 and ρ of Σ E = M: Σ_m min_E (π_m − ρ)·E + ρ·M − Σ_m π_m·beyond_m, and
    π_m·share_m more for each person of X.
    """
    size = len(stated.codes)
    share, beyond = [Fraction(1)] * size, [Fraction(0)] * size
    for limit in stated.of("share"):
        if limit.hard:
            for place, high in zip(limit.index, limit.upper, strict=True):
                share[place], beyond[place] = stated.share, high or Fraction(0)
    part = Fraction(stated.minors, max(stated.persons, 1))
    box = stated.box("minors", soft=False)
    middle = [box.clip(m, target[m] * share[m] * part) for m in range(size)]
    grid = Grid.make(middle, box, stated.minors, room["step"], stated.entitlement)
    total, fits = exact(room["nation"]), [max(price, Fraction(0)) for price in exacts(room["fits"])]
    value = total * stated.minors
    for m, price in enumerate(fits):
        value += min((price - total) * grid.low[m], (price - total) * grid.high[m])
        value -= price * beyond[m]
    return value, [price * part for price, part in zip(fits, share, strict=True)]


def _whole(
    stated: Stated,
    stage: Mapping[str, Any],
    grid: Grid,
    target: Sequence[Fraction],
    persons: Sequence[int],
    total: int,
    county: Box | None = None,
    extra: Fraction = Fraction(0),
    more: Sequence[Fraction] = (),
    links: Sequence[Link] = (),
) -> Proof:
    """Σ |X − target| over the grid, and its bound from the rounding program's multipliers."""
    if stage["reason"]:
        return Proof(reason=stage["reason"])
    size = len(stated.counties)
    county = county or Box([Fraction(0)] * size, [None] * size)
    faults = [
        f"{stated.codes[m]}: {number} is not one of {grid.low[m]}, +{grid.step}, …, {grid.high[m]}"
        for m, number in enumerate(persons)
        if not grid.holds(m, number)
    ]
    if sum(persons) != total:
        faults.append(f"the numbers sum to {sum(persons)}, not to {total}")
    if grid.remainder_at != stage["remainder_at"]:
        faults.append("the unit that takes the remainder is not the one declared")
    if not set(stage["off_step"]) <= grid.off:
        faults.append("a unit is declared off the steps that has one within its limits")
    inside = stated.in_county(persons)
    for name, number, low, high in zip(
        stated.counties, inside, county.lower, county.upper, strict=True
    ):
        if number < low or (high is not None and number > high):
            faults.append(f"county {name}: {number} is not within {shown(low, high)}")
    prices = Prices.read(stage["prices"], size, len(links))
    each = prices.of_each(stated.county_of, links)
    if more:
        each = [price + add for price, add in zip(each, more, strict=True)]
    sums = prices.on_sums(total, county, links)
    bound = grid.bound(target, each, None if sums is None else sums + extra)
    value = sum((abs(x - t) for x, t in zip(persons, target, strict=True)), Fraction(0))
    return judged(value, bound, WHOLE_GAP, faults, exact_gap="room" not in stage and not links)


def _ask(asked: Stated, settled: Stated, stage: Mapping[str, Any]) -> Proof:
    """Σ |X − e|/e for totals and minors over 0 or at least a lot; bound from the relaxation."""
    if stage["reason"]:
        return Proof(reason=stage["reason"])
    stated = _with_need(asked, settled)
    totals, minors = exacts(stage["totals"]), exacts(stage["minors"])
    if not len(totals) == len(minors) == len(stated.codes):
        raise ValueError("ask has not one number for each municipality")
    first, second = choices(stated, "total"), choices(stated, "minors")
    bound = least_of_both(stated, stage["prices"], first, second)
    faults = _settled_as_chosen(settled, stage, first, second)
    faults += kept(stated, totals, stated.box("total"), stated.box("county"), stated.persons)
    value, near = Fraction(0), NEAR * max(1, stated.persons)
    for name, numbers, found in (("total", totals, first), ("minors", minors, second)):
        for code, x, choice in zip(stated.codes, numbers, found, strict=True):
            value += choice.weight * abs(x - choice.target)
            if not any(low - near <= x <= high + near for low, high in choice.places):
                faults.append(f"{code}: {name} {float(x):g} is neither 0 nor a lot")
    return judged(value, bound, EVEN_GAP * max(_ONE, value), faults, exact_gap=False)


def _with_need(asked: Stated, settled: Stated) -> Stated:
    """The problem as asked, for those who have a place."""
    return replace(asked, need=settled.need)


def _settled_as_chosen(
    settled: Stated,
    stage: Mapping[str, Any],
    first: Sequence[Choice],
    second: Sequence[Choice],
) -> list[str]:
    """Whether those who are asked in the settled problem are those of this stage's numbers."""
    faults = []
    for measure, name, found in (("total", "totals", first), ("minors", "minors", second)):
        box, numbers = settled.box(measure), exacts(stage[name])
        for code, high, number, choice in zip(
            settled.codes, box.upper, numbers, found, strict=True
        ):
            half = Fraction(1, 2)
            if len(choice.places) == 2 and (number > half) != (high is None or high > half):
                faults.append(f"{code}: {name} {float(number):g} is not what was settled")
    return faults
