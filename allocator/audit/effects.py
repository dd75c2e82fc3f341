"""What binds a number, at what price, and the smallest change that would move it.

Where the totals are water-filling (leximin under nested totals; Fujishige 1980,
doi:10.1287/moor.5.2.186), a limit's shadow price is the dual of ½ Σ (x − e)²/e: how far the load
x/e at the limit lies from the level λ of those who are free, and λ·e is the number without it.
Whole persons have no duals, and those of degenerate programs are not unique, so what a person more
does is found by solving again: a one-sided derivative. The smallest change is found the same way,
doubling a change of the document until the number moves and then halving the gap; the last value at
which it stands and the first at which it moves are then one unit apart.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from allocator.documents import Case
from allocator.documents.scenario import Local
from allocator.errors import BosettError
from allocator.panel import Panel, View
from allocator.program.fill import fill_nested, levels_nested
from allocator.program.goals import Solution, solve
from allocator.program.memory import Remembered
from allocator.program.prepare import prepare
from allocator.program.problem import Floats
from allocator.program.room import limits_with_minors, weights

__all__ = ["Move", "Price", "Solver", "moves", "one_more", "prices"]

_BLIND = 2
_MOST = 24  # solves for one search: doubling and halving cross sixteen thousand units


@dataclass(frozen=True, slots=True)
class Price:
    """The level that free units stand at, and each unit's number at it; none where there is none.

    ``price`` is x/e − λ: above 0 the unit is held up, below 0 it is held down.
    """

    level: float
    free: float
    price: float


@dataclass(frozen=True, slots=True)
class Move:
    """The smallest change of one setting that moves a number: from → to, and the number then.

    ``ends`` says how the search ended: "moved", "same" (``to`` is then the last that was tried,
    None where there was none to try), or "none": likewise, and not far beyond it there is no
    proposal at all.
    """

    setting: str
    at: float
    to: float | None
    request: int | None
    ends: str = "moved"

    def as_dict(self) -> dict[str, Any]:
        """The fields by name; ``at`` is what the setting is now."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def prices(solution: Solution) -> list[Price | None]:
    """Each unit's price where the totals are water-filling; None where they are not.

    >>> from allocator.program.examples import three
    >>> [round(price.price, 6) for price in prices(solve(three())) if price]
    [0.0, 0.0, 0.0]
    """
    problem, weight = (
        solution.problem,
        weights(solution.problem.entitlement, solution.problem.units.population),
    )
    box, county = limits_with_minors(problem), problem.box("county")
    nested: tuple[Any, ...] = (
        weight, box.lower, box.upper, float(problem.persons),
        problem.units.county_of, county.lower, county.upper,
    )  # fmt: skip
    water: Floats = fill_nested(*nested)
    if not np.allclose(water, solution.target, rtol=1e-9, atol=1e-9):
        return [None] * len(weight)
    nation = float(levels_nested(*nested)[0])
    return [
        Price(nation, nation * key, number / key - nation) if key > 0 else None
        for key, number in zip(problem.entitlement.tolist(), solution.target.tolist(), strict=True)
    ]


class Solver:
    """Solves one case again and again with a setting changed; what is read is read once.

    >>> from allocator.documents import load_case
    >>> case = load_case("ostfold-2016")
    >>> Solver(case, Panel()).requests(case)["0104"]
    80
    """

    def __init__(self, case: Case, panel: Panel) -> None:
        self._panel = panel
        self._known = Remembered(View(panel, case.scenario.year, case.scenario.knows_until))
        self._tried: dict[tuple[str, float], array[int] | None] = {}
        self._places: dict[str, int] = {}

    def requests(self, case: Case) -> dict[str, int] | None:
        """Code → request of the first year; None where there is no proposal."""
        try:
            prepared = self._panel.gather(lambda: prepare(case, self._known))
            totals = solve(prepared.problem).totals.tolist()
        except BosettError:
            return None
        codes = prepared.units.codes
        return dict(zip(codes, totals[: len(codes)], strict=True))

    def number(self, code: str, setting: str, to: float, turned: Callable[[], Case]) -> int | None:
        """One municipality's request with a setting ``turned`` to a value; it is solved once."""
        if (setting, to) not in self._tried:
            try:
                requests = self.requests(turned())
            except ValueError:  # a value that a document refuses
                requests = None
            if requests is not None:
                self._places = self._places or {each: at for at, each in enumerate(requests)}
            found = None if requests is None else array("l", requests.values())
            self._tried[setting, to] = found
        tried = self._tried[setting, to]
        return None if tried is None else tried[self._places[code]]


def one_more(case: Case, solver: Solver) -> tuple[int, Mapping[str, int]]:
    """One step more in the need (a person where the rule has no steps): how many persons that is,
    and every request of the first year then; no requests where there is no such proposal.
    """
    more = case.rule.whole.step
    return more, solver.requests(_need(case, case.scenario.need.total + more)) or {}


def moves(
    case: Case, solver: Solver, code: str, request: int, held: set[str], price: Price | None
) -> tuple[Move, ...]:
    """The smallest changes that move one municipality's number, of the need and of what holds it.

    ``held`` are the families at whose limits it stands, with ``_em`` for those on its minors, and
    ``price`` says whether they hold it up or down.
    """
    knobs = _knobs(case, code, request, held, 0.0 if price is None else price.price)
    return tuple(_search(knob, solver, code, request) for knob in knobs)


@dataclass(frozen=True, slots=True)
class _Knob:
    """A setting that can be turned: its name, where it stands, by which unit, how many at most."""

    setting: str
    at: float
    unit: float
    most: int
    turned: Callable[[float], Case]

    def value(self, units: int) -> float:
        return round(self.at + units * self.unit, 6)


def _knobs(case: Case, code: str, request: int, held: set[str], price: float) -> Iterator[_Knob]:
    rule, need = case.rule, case.scenario.need
    local = case.scenario.municipality.get(code, Local())
    if local.exempt or local.lock is not None or "exempt" in held:
        return  # the number is what the scenario or the rule says it is
    total = need.total
    for way, most in ((1, 10 * total), (-1, total - need.minors)):
        yield _Knob("need.total", total, way, most, lambda to: _need(case, int(to)))
    plain = {family.removesuffix("_em") for family in held}
    if "capacity" in held:
        name = f'municipality."{code}".capacity'
        yield _Knob(name, request, 1, total, lambda to: _local(case, code, capacity=int(to)))
    if "capacity_em" in held and local.capacity_minors is not None:
        name, at = f'municipality."{code}".capacity_minors', local.capacity_minors
        yield _Knob(name, at, 1, total, lambda to: _local(case, code, capacity_minors=int(to)))
    if "lot" in held and rule.lot.persons:
        at = rule.lot.persons
        for way, most in ((-1, at), (1, total)) if request else ((-1, at),):
            yield _Knob(
                "lot.persons", at, way, most, lambda to: _rule(case, "lot", persons=int(to))
            )
    if "lot_em" in held and rule.lot.minors and "lot" not in held:
        at = rule.lot.minors
        yield _Knob("lot.minors", at, -1, at, lambda to: _rule(case, "lot", minors=int(to)))
    for family, name, unit, most in (
        ("band", "up", 0.01, 1000),
        ("band", "down", 0.01, 100),
        ("ceiling", "per_1000", 0.1, 10_000),
        ("minors", "share", 0.01, 100),
    ):
        stands = getattr(getattr(rule, family), name)
        other_way = price > 0 if name == "up" else price < 0 and name == "down"
        if family in plain and stands is not None and not other_way:
            most = min(most, round((1 - stands) / unit)) if name in ("down", "share") else most
            yield _Knob(
                f"{family}.{name}", stands, unit, most,
                lambda to, family=family, name=name: _rule(case, family, **{name: to}),  # type: ignore[misc]
            )  # fmt: skip
    if "county" in plain and rule.county.split != "free":
        within = rule.county.within if rule.county.split == "band" else 0.0
        yield _Knob(
            "county.within", within, 0.01, round((1 - within) / 0.01),
            lambda to: _rule(case, "county", split="band", within=to),
        )  # fmt: skip


def _search(knob: _Knob, solver: Solver, code: str, request: int) -> Move:
    """The fewest units by which the knob must be turned until the number moves."""
    solved: dict[int, int | None] = {}

    def number(units: int) -> int | None:
        if units not in solved:
            to = knob.value(units)
            solved[units] = solver.number(code, knob.setting, to, lambda: knob.turned(to))
        return solved[units]

    # A number moves about in proportion, so the first try is where half a person may be.
    tries = round(knob.at / (8 * max(request, 1))) if knob.setting == "need.total" else 1
    tries = 1 << max(tries.bit_length() - 1, 0)
    stays, moves_at, wall, blind = 0, None, knob.most + 1, 0
    while len(solved) < _MOST and blind <= _BLIND and wall - stays > 1:
        tries = min(max(tries, stays + 1), wall - 1)
        found = number(tries)
        if found not in (None, request):
            moves_at = tries
            break
        if found is None:
            wall = tries
        else:
            stays = tries
        # To be sure of no proposal takes long: what lies before it is only halved a few times.
        blind += wall <= knob.most
        tries = (stays + wall) // 2 if wall <= knob.most else 2 * tries
    if moves_at is None:
        ends = "none" if wall <= knob.most else "same"
        return Move(knob.setting, knob.at, knob.value(stays) if stays else None, None, ends)
    while moves_at - stays > 1:
        middle = (stays + moves_at) // 2
        if number(middle) == request:
            stays = middle
        else:
            moves_at = middle
    return Move(knob.setting, knob.at, knob.value(moves_at), solved[moves_at])


def _need(case: Case, total: int) -> Case:
    need = replace(case.scenario.need, total=total)
    return replace(case, scenario=replace(case.scenario, need=need))


def _local(case: Case, code: str, **values: Any) -> Case:
    given = case.scenario.municipality
    local = replace(given.get(code, Local()), **values)
    return replace(case, scenario=replace(case.scenario, municipality={**given, code: local}))


def _rule(case: Case, table: str, **values: Any) -> Case:
    changed = replace(getattr(case.rule, table), **values)
    return replace(case, rule=replace(case.rule, **{table: changed}))
