"""Whole persons against every rule of the problem, in integers; standard library only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil
from typing import Any

from allocator.program.stated import Limit, Stated, exact, exacts

__all__ = ["feasibility"]

_Faults = Iterator[str]
_Rows = list[Mapping[str, Any]]
_NEAR = Fraction(1, 10**9)
_LEAST = Fraction(1, 100)  # an entitlement below is counted as this
# Goals' values are shown with six decimals.
_SHOWN = Fraction(1, 10**6)


def feasibility(
    problem: Mapping[str, Any], proposal: Mapping[str, Any], certificate: Mapping[str, Any]
) -> list[tuple[str, Callable[[], _Faults]]]:
    """The checks by name: each gives what is wrong, and nothing where all is well."""

    def on_numbers(check: Callable[..., _Faults], *more: Any) -> Callable[[], _Faults]:
        return lambda: check(Stated.read(problem, "asked"), proposal["municipalities"], *more)

    return [
        ("whole numbers", lambda: _whole_numbers(proposal["municipalities"])),
        ("problem", lambda: _settled(problem, proposal)),
        ("need", on_numbers(_need, problem, proposal)),
        ("minors", on_numbers(_minors)),
        ("limits", on_numbers(_limits)),
        ("lots", on_numbers(_lots)),
        ("steps", on_numbers(_steps, certificate)),
        ("gave way", on_numbers(_gave, problem, proposal)),
        ("goals", on_numbers(_goals, problem, proposal, certificate)),
    ]


def _whole_numbers(rows: _Rows) -> _Faults:
    for row in rows:
        for name in ("total", "ordinary", "em_under15", "em_15_17", "em"):
            number = row[name]
            if number is None and name in ("em_under15", "em_15_17"):
                continue
            if isinstance(number, bool) or not isinstance(number, int) or number < 0:
                yield f"proposal.json, {row['code']}, {name}: {number} is no number of persons"


def _settled(problem: Mapping[str, Any], proposal: Mapping[str, Any]) -> _Faults:
    """What was settled is what was asked: its need without the unplaced, its limits, and lots."""
    asked, settled = problem["asked"], problem["settled"]
    left = proposal["unplaced"]
    for group, need, placed in zip(problem["groups"], asked["need"], settled["need"], strict=True):
        if need - placed != left[group]:
            yield f"unplaced: {left[group]} of {group}, but {placed} of {need} are placed"
    if left["total"] != sum(left[group] for group in problem["groups"]):
        yield f"unplaced: the total {left['total']} is not the sum of the groups"
    bounds = asked["bounds"]
    if settled["bounds"][: len(bounds)] != bounds:
        yield "problem.json: the limits as settled are not those as asked"
    for bound in settled["bounds"][len(bounds) :]:
        if bound["family"] != "lot":
            yield f"problem.json: the family {bound['family']} was not asked"
    for name in ("persons", "minors"):
        if asked["lots"][name] != settled["lots"][name]:
            yield f"problem.json, lots, {name}: {settled['lots'][name]} is not what was asked"
    if settled["lots"]["choose"] or settled["lots"]["choose_minors"]:
        yield "problem.json: who is asked is still open"


def _need(
    asked: Stated, rows: _Rows, problem: Mapping[str, Any], proposal: Mapping[str, Any]
) -> _Faults:
    """Every group and all persons sum to the need, without those who have no place."""
    for group, need in zip(problem["groups"], problem["settled"]["need"], strict=True):
        found = sum(row[group] for row in rows)
        if found != need:
            yield f"need: {group} sum to {found}, the need is {need}"
    for name, need in (
        ("total", sum(problem["settled"]["need"])),
        ("em", sum(problem["settled"]["need"][1:])),
    ):
        found = sum(row[name] for row in rows)
        if found != need:
            yield f"need: {name} sum to {found}, the need is {need}"
    stated = {"total": asked.persons, "em": asked.minors}
    years = proposal["years"]
    for name, number in stated.items():
        told = sum(year[name] for year in years) if years else proposal["need"][name]
        if told != number:
            yield f"proposal.json, need, {name}: {told} is not {number}"
    for year in years:
        for name in stated:
            found = sum(row[name] for row in rows if row["year"] == year["year"])
            if found != year[name]:
                yield f"need: {name} of {year['year']} sum to {found}, not {year[name]}"


def _minors(asked: Stated, rows: _Rows) -> _Faults:
    """total = ordinary + em, em = its ages, em ≤ total."""
    by_age = len(asked.groups) == 3
    for row in rows:
        code, ages = row["code"], (row["em_under15"], row["em_15_17"])
        if row["ordinary"] + row["em"] != row["total"]:
            yield f"{code}: ordinary {row['ordinary']} and em {row['em']} are not {row['total']}"
        if by_age and sum(ages) != row["em"]:
            yield f"{code}: under 15 {ages[0]} and 15–17 {ages[1]} are not {row['em']}"
        if not by_age and ages != (None, None):
            yield f"{code}: has ages of minors that the problem does not know"


def _limits(asked: Stated, rows: _Rows) -> _Faults:
    """Every hard limit of every family, in whole persons."""
    for limit in asked.limits:
        if limit.hard:
            for name, number, low, high in _measured(asked, rows, limit):
                if number < low or (high is not None and number > high):
                    most = "any" if high is None else f"{float(high):g}"
                    yield f"{limit.family}: {name} is {float(number):g}, not {float(low):g}–{most}"
    totals = [row["total"] for row in rows]
    for link in asked.links:
        number = link.of(totals)
        if (link.lower is not None and number < link.lower - _SHOWN) or (
            link.upper is not None and number > link.upper + _SHOWN
        ):
            yield f"{link.family}: {link.name} is {float(number):g}, outside its limits"


def _measured(
    asked: Stated, rows: _Rows, limit: Limit
) -> Iterator[tuple[str, Fraction, Fraction, Fraction | None]]:
    """A limit's units by name, their numbers, and the limits themselves."""
    totals, minors = [row["total"] for row in rows], [row["em"] for row in rows]
    names, numbers = asked.codes, [Fraction(number) for number in totals]
    lower = limit.lower
    if limit.measure == "county":
        names, numbers = tuple(f"county {c}" for c in asked.counties), asked.in_county(totals)
    elif limit.measure == "county_minors":
        names = tuple(f"county {c}, minors" for c in asked.counties)
        numbers = asked.in_county(minors)
    elif limit.measure == "minors":
        numbers = [Fraction(number) for number in minors]
        names = tuple(f"{code}, minors" for code in names)
    elif limit.measure == "share":
        # A share as a double may lie a hair below the share that is meant.
        numbers = [
            em - asked.share * total - _NEAR for em, total in zip(minors, totals, strict=True)
        ]
        names = tuple(f"{code}, minors beyond their share" for code in names)
        lower = tuple(-Fraction(asked.persons) - 1 for _ in limit.index)
    for place, low, high in zip(limit.index, lower, limit.upper, strict=True):
        yield names[place], numbers[place], low, high


def _lots(asked: Stated, rows: _Rows) -> _Faults:
    """Nobody is asked for fewer than a lot, but those whose number is locked."""
    for measure, name, choose, lot in (
        ("total", "total", "choose", asked.lots["persons"]),
        ("minors", "em", "choose_minors", asked.lots["minors"]),
    ):
        if asked.lots[choose]:
            locked = {
                asked.codes[place]
                for limit in asked.of(measure)
                if limit.family in ("lock", "exempt")
                for place in limit.index
            }
            for row in rows:
                if 0 < row[name] < lot and row["code"] not in locked:
                    yield f"lot: {row['code']} is asked for {row[name]} ({name}), fewer than {lot}"


def _steps(asked: Stated, rows: _Rows, certificate: Mapping[str, Any]) -> _Faults:
    """Multiples of the step, but those declared off it and the one with the remainder."""
    for name, stage, step in (
        ("total", certificate["whole"], asked.step),
        ("em", certificate.get("whole_minors"), asked.minors_step),
    ):
        if stage is None:
            continue
        used = stage["step"]
        if used not in (step, 1):
            yield f"certificate.json: the step {used} of {name} is neither {step} nor 1"
        declared = {asked.codes[place] for place in stage["off_step"]}
        remainder = stage["remainder_at"]
        if remainder is not None:
            declared.add(asked.codes[remainder])
        for row in rows:
            if row[name] % max(used, 1) and row["code"] not in declared:
                yield f"steps: {row['code']}, {name}: {row[name]} is no multiple of {used}"


def _gave(
    asked: Stated, rows: _Rows, problem: Mapping[str, Any], proposal: Mapping[str, Any]
) -> _Faults:
    """Soft limits that are passed are told of, with the persons they are passed by."""
    found = []
    codes = {"county": asked.counties, "county_minors": asked.counties}
    for limit in Stated.read(problem, "settled").limits:
        if not limit.hard:
            measured = _measured(asked, rows, limit)
            for place, (_, number, low, high) in zip(limit.index, measured, strict=True):
                by = max(low - number, Fraction(0) if high is None else number - high)
                if by > _NEAR:
                    code = codes.get(limit.measure, asked.codes)[place]
                    found.append((limit.family, limit.measure, code, ceil(by - _NEAR)))
    told = [(g["family"], g["measure"], g["code"], g["by"]) for g in proposal["gave"]]
    for one in told:
        if one not in found:
            yield f"proposal.json, gave: {one[0]} of {one[2]} did not give way by {one[3]}"
    for one in found:
        if one not in told:
            yield f"proposal.json, gave: {one[0]} of {one[2]} gave way by {one[3]}, untold"


def _goals(
    asked: Stated,
    rows: _Rows,
    problem: Mapping[str, Any],
    proposal: Mapping[str, Any],
    certificate: Mapping[str, Any],
) -> _Faults:
    """The value of each goal at the whole persons, and its price as the certificate has it."""
    totals = [row["total"] for row in rows]
    stated = {goal["goal"]: goal for goal in certificate["goals"]}
    order = list(asked.order)
    if asked.lots["choose"] or asked.lots["choose_minors"]:
        order.insert(1, "asked")
    if [goal["goal"] for goal in proposal["goals"]] != order:
        yield "proposal.json, goals: are not those of problem.json"
    target = exacts(certificate["even"]["totals"])
    left = Fraction(asked.persons - sum(totals))
    for goal in proposal["goals"]:
        name, said = goal["goal"], stated[goal["goal"]]
        if name == "asked":
            away = _deviation(asked, totals, [row["em"] for row in rows])
            if abs(exact(goal["value"]) - away) > _SHOWN:
                yield f"proposal.json, goals, asked: {goal['value']} is not {float(away):.6f}"
            yield from _asked_in_fractions(asked, said["in_fractions"], certificate["ask"])
            continue
        value = left if name == "place" else _value(asked, problem, name, totals)
        if value is not None and abs(exact(goal["value"]) - value) > _SHOWN:
            yield f"proposal.json, goals, {name}: {goal['value']} is not {float(value):.6f}"
        reached = left if name == "place" else _value(asked, problem, name, target)
        inside = said["in_fractions"]
        if reached is not None and inside is not None and not _near(exact(inside), reached):
            yield f"certificate.json, goals, {name}: {inside} is not {float(reached):.6f}"
        price = None
        if None not in (inside, said["alone"]):
            price = round(abs(inside - said["alone"]), 6)
        if goal["price"] != price:
            yield f"proposal.json, goals, {name}, price: {goal['price']} is not {price}"


def _asked_in_fractions(asked: Stated, said: Any, ask: Mapping[str, Any]) -> _Faults:
    """The choice's value in fractions is that of its own numbers, where it is certified."""
    found = None
    if not ask["reason"]:
        found = _deviation(asked, exacts(ask["totals"]), exacts(ask["minors"]))
    if (said is None) != (found is None):
        yield f"certificate.json, goals, asked: {said} goes with numbers of the choice"
    elif found is not None and not _near(exact(said), found):
        yield f"certificate.json, goals, asked: {said} is not {float(found):.6f}"


def _deviation(asked: Stated, totals: Sequence[Any], minors: Sequence[Any]) -> Fraction:
    """Σ |x − e| / e, as the choice of who is asked counts it; under l1 the totals in persons."""
    parts = [(totals, asked.entitlement, asked.even == "l1")]
    if asked.lots["choose_minors"]:
        parts.append((minors, asked.entitlement_minors, False))
    return sum(
        (
            abs(x - e) / (1 if in_persons else max(e, _LEAST))
            for numbers, key, in_persons in parts
            for x, e in zip(numbers, key, strict=True)
        ),
        Fraction(0),
    )


def _near(one: Fraction, other: Fraction) -> bool:
    return abs(one - other) <= _SHOWN * max(Fraction(1), other)


def _value(
    asked: Stated, problem: Mapping[str, Any], goal: str, totals: list[Any]
) -> Fraction | None:
    """What a goal measures: moves from last year, or unevenness of relative load."""
    if goal == "steady":
        pairs = zip(totals, problem["last"], strict=True)
        return sum((abs(x - exact(h)) for x, h in pairs if h is not None), Fraction(0))
    loaded = list(zip(totals, asked.entitlement, strict=True))
    loads = [x / e for x, e in loaded if e > 0]
    if asked.even == "leximin":
        return min((load for load in loads if load > 0), default=None)
    if asked.even == "minimax":
        return max(loads, default=Fraction(0))
    if asked.even == "l1":
        return sum((abs(x - e) for x, e in loaded), Fraction(0))
    return sum(((x - e) ** 2 / e for x, e in loaded if e > 0), Fraction(0))
