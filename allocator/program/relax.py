"""The smallest changes that make a problem feasible: elastic programs.

Limits may give way at a price of one a person, and the fewest persons are found (Chinneck 2008,
doi:10.1007/978-0-387-74932-7); then the smallest part of anybody's entitlement, then whole persons
within that. A relaxation that is found makes the problem feasible when it is applied.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from allocator.program.ask import asking, choose
from allocator.program.even import even_totals
from allocator.program.problem import Bound, Floats, Ints, Problem
from allocator.program.reduced import Give, columns_of, reduce
from allocator.program.search import fewest
from allocator.program.settle import settle
from allocator.program.solver import Answer, Engine, Matrix, NoRoomError
from allocator.program.whole import NoWholeNumbersError

__all__ = ["Change", "Relaxation", "apply", "chooses", "lower_lot", "relax", "works"]

_TIME = 10.0
_MORE = 128
_SHOWN = 12
_FEW = 3


@dataclass(frozen=True, slots=True)
class Change:
    """One limit moved: which family's, where, and by how many persons.

    ``code`` is a municipality's, a county's, or a group of the need; ``side`` says whether the
    number may be ``more`` or ``fewer`` than the limit said.
    """

    family: str
    measure: str
    code: str
    name: str
    side: str
    persons: int

    def __str__(self) -> str:
        words = _WORDS.get((self.family, self.measure)) or _WORDS["", self.measure]
        noun, minor = ("person", "minor") if self.persons == 1 else ("persons", "minors")
        return words.format(name=self.name, n=self.persons, side=self.side, noun=noun, minor=minor)


_WORDS = {
    ("need", "need"): "need −{n} {name}",
    ("capacity", "total"): "capacity +{n} in {name}",
    ("capacity", "minors"): "capacity for minors +{n} in {name}",
    ("band", "total"): "band: {name} {n} {noun} {side}",
    ("ceiling", "total"): "ceiling +{n} in {name}",
    ("ceiling", "minors"): "ceiling for minors +{n} in {name}",
    ("lot", "total"): "lot −{n} in {name}",
    ("lot", "minors"): "lot of minors −{n} in {name}",
    ("lot", "lot"): "lot −{n} everywhere",
    ("lock", "total"): "lock: {name} {n} {side}",
    ("lock", "minors"): "lock of minors: {name} {n} {side}",
    ("exempt", "total"): "ask {name} for {n} though exempt",
    ("county", "county"): "county split: {name} {n} {noun} {side}",
    ("minors", "minors"): "{n} {minor} in {name}, which has no service for them",
    ("minors", "share"): "{n} {minor} beyond the allowed share in {name}",
    ("year", "county"): "need of {name} {n} {noun} {side}",
    ("year", "county_minors"): "need of minors of {name} {n} {side}",
    ("", "total"): "{name} {n} {noun} {side}",
    ("", "minors"): "{name} {n} {minor} {side}",
    ("", "county"): "{name} {n} {noun} {side}",
    ("", "county_minors"): "{name} {n} {minor} {side}",
}


@dataclass(frozen=True, slots=True)
class Relaxation:
    """Changes that together make the problem feasible; ``families`` are those that may change.

    ``settings`` say the same as ``key=value`` texts for ``--set``, where a document can say it.
    """

    families: tuple[str, ...]
    persons: int
    changes: tuple[Change, ...]
    settings: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[Change, ...]:
        """The changes that are told to people."""
        return self.changes[:_SHOWN]

    @property
    def written(self) -> tuple[str, ...]:
        """The settings that are told to people: all of them where they are few, else none."""
        return self.settings if len(self.settings) <= _FEW else ()

    def __str__(self) -> str:
        more = len(self.changes) - len(self.shown)
        told = ", ".join(map(str, self.shown)) + (f" and {more} more" if more else "")
        if self.written:
            return f"{told} ({' '.join(f'--set {setting}' for setting in self.written)})"
        if self.settings:
            return f"{told} ({len(self.settings)} settings; --format json lists them)"
        return told


def relax(problem: Problem, families: tuple[str, ...], *, whole: bool = False) -> Relaxation | None:
    """The fewest persons by which these families must give way, shared by size; None if they
    cannot help.

    First the fewest persons in all, then the smallest part of anybody's entitlement, then whole
    persons within that. With ``whole`` the program itself is in whole persons: it takes longer, and
    finds what one in fractions rounds to something impossible.
    """
    elastic = replace(
        problem,
        bounds=tuple(replace(b, hard=b.hard and b.family not in families) for b in problem.bounds),
    )
    if "need" in families and chooses(problem):
        program = asking(elastic, unplaced=True)
        matrix, gives, unplaced = program.matrix, program.gives, program.unplaced
    else:
        settled = _with_asked_settled(problem, elastic, families)
        if settled is None:
            return None
        reduced = reduce(settled, unplaced="need" in families)
        matrix, gives, unplaced = reduced.builder.matrix(), reduced.gives, reduced.unplaced
        if whole:
            integer = np.zeros(len(matrix.cost), dtype=bool)
            integer[np.concatenate((reduced.totals, reduced.minors, unplaced))] = True
            matrix = replace(matrix, integer=integer)
    new = [give for give in gives if give.bound.family in families]
    moving = np.concatenate((columns_of(new), unplaced))
    if not len(moving):
        return None
    size = np.concatenate(
        [_sizes(problem, give) for give in new] + [np.full(len(unplaced), np.inf)]
    )
    cost, upper = np.zeros(len(matrix.cost)), matrix.col_upper.copy()
    cost[moving] = 1.0
    # Minors without a place are counted once, among all; a hair more keeps their number least.
    cost[unplaced[1:]] = 0.001
    matrix = replace(matrix, cost=cost)
    answer = Engine(matrix, presolve=chooses(problem)).solve(time_limit=_TIME, may_stop=True)
    if not answer.found:
        return None
    part = _smallest_part(matrix, moving, size, answer)
    if np.isfinite(part):
        sized = np.isfinite(size)
        upper[moving[sized]] = np.minimum(upper[moving[sized]], np.ceil(part * size[sized] - 1e-6))
        answer = Engine(replace(matrix, col_upper=upper), presolve=chooses(problem)).solve(
            time_limit=_TIME, may_stop=True
        )
    if not answer.found:
        return None
    limits: list[Change] = []
    for give in new:
        persons = _up(answer.columns[give.columns])
        limits += [
            _change(problem, give.bound, unit, give.side, count)
            for unit, count in zip(give.bound.index.tolist(), persons, strict=True)
            if count
        ]
    left = _up(answer.columns[unplaced])

    def leaving(fewer: int) -> Relaxation | None:
        needed = [left[0] + fewer, left[1] + fewer] if fewer else left
        changes = (*_need_changes(problem, needed), *limits)
        found = Relaxation(families, sum(change.persons for change in changes), changes)
        return found if changes and works(apply(problem, found)) else None

    # Minors are counted in whole persons inside whole totals: a few fewer may have to do.
    found = fewest(leaving, _MORE if len(left) == 2 else 0)
    return None if found is None else found[1]


def chooses(problem: Problem) -> bool:
    """Whether who is asked is a choice."""
    return problem.lots.choose or problem.lots.choose_minors


def apply(problem: Problem, relaxation: Relaxation) -> Problem:
    """The problem with a relaxation's changes made."""
    need, lots = problem.need.copy(), problem.lots
    bounds = [replace(b, lower=b.lower.copy(), upper=b.upper.copy()) for b in problem.bounds]
    for change in relaxation.changes:
        if change.family == "need":
            need[problem.groups.index(change.code)] -= change.persons
        elif change.measure == "lot":
            lots = replace(lots, persons=lots.persons - change.persons)
        else:
            codes = problem.counties if change.measure.startswith("county") else problem.units.codes
            unit = codes.index(change.code)
            for bound in bounds:
                if (bound.family, bound.measure) == (change.family, change.measure):
                    for place in np.flatnonzero(bound.index == unit):
                        if change.side == "more":
                            bound.upper[place] += change.persons
                        else:
                            bound.lower[place] -= change.persons
    return replace(problem, need=need, bounds=tuple(bounds), lots=lots)


def works(problem: Problem) -> bool:
    """Whether a problem has an allocation in whole persons."""
    if (problem.need < 0).any():
        return False
    settled, answer = choose(problem, time_limit=_TIME)
    if answer is not None and not answer.found:
        return False
    if not Engine(reduce(settled).builder.matrix()).solve().optimal:
        return False
    try:
        settle(settled, even_totals(settled).totals)
    except (NoRoomError, NoWholeNumbersError):
        return False
    return True


def lower_lot(problem: Problem) -> Relaxation | None:
    """The largest lot with which the choice of who is asked works, if a lower one does."""
    if not problem.lots.choose:
        return None

    def works(lot: int) -> bool:
        lowered = replace(problem, lots=replace(problem.lots, persons=lot))
        answer = choose(lowered, time_limit=_TIME)[1]
        return answer is not None and answer.found

    low, high = 0, problem.lots.persons
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (middle, high) if works(middle) else (low, middle)
    if low == 0:
        return None
    by = problem.lots.persons - low
    return Relaxation(("lot",), by, (Change("lot", "lot", "", "every municipality", "fewer", by),))


def _with_asked_settled(
    problem: Problem, elastic: Problem, families: tuple[str, ...]
) -> Problem | None:
    """The elastic problem where who is asked is settled as if the families had no limits.

    The changes are then the fewest for that choice; another choice might do with fewer, which only
    a long search could tell.
    """
    if not chooses(problem):
        return elastic
    unlimited = replace(
        problem, bounds=tuple(b for b in problem.bounds if b.family not in families)
    )
    settled, answer = choose(unlimited, time_limit=_TIME)
    if answer is None or not answer.found:
        return None
    lots = settled.bounds[len(unlimited.bounds) :]
    return replace(elastic, bounds=(*elastic.bounds, *lots))


def _need_changes(problem: Problem, unplaced: list[int]) -> Iterator[Change]:
    """The need's groups lowered: ordinary, then the minors' groups in proportion."""
    everyone, minors = (*unplaced, 0, 0)[:2]
    lowered = dict.fromkeys(problem.groups, 0)
    lowered["ordinary"] = max(everyone - minors, 0)
    left, of = minors, problem.minors
    for group, need in zip(problem.groups[1:], problem.need[1:].tolist(), strict=True):
        lowered[group] = min(need, -(-left * need // of)) if of else 0
        left, of = left - lowered[group], of - need
    for group, persons in lowered.items():
        if persons:
            yield Change("need", "need", group, _GROUP[group], "fewer", persons)


def _smallest_part(matrix: Matrix, moving: Ints, size: Floats, answer: Answer) -> float:
    """The least t with every change at most t · size, while their sum stays the least.

    Who is asked stays as it was found, so that this is a linear program.
    """
    lower, upper = matrix.col_lower, matrix.col_upper
    if matrix.integer is not None:
        chosen = np.round(answer.columns)
        lower = np.where(matrix.integer, chosen, lower)
        upper = np.where(matrix.integer, chosen, upper)
    sized = np.flatnonzero(np.isfinite(size))
    count, rows = len(matrix.cost), len(matrix.row_lower)
    new = rows + np.arange(len(sized))
    grown = Matrix.from_triples(
        cost=np.append(np.zeros(count), 1.0),
        col_lower=np.append(lower, 0.0),
        col_upper=np.append(upper, np.inf),
        row_lower=np.concatenate((matrix.row_lower, np.full(len(sized), -np.inf))),
        row_upper=np.concatenate((matrix.row_upper, np.zeros(len(sized)))),
        rows=np.concatenate((np.repeat(np.arange(rows), np.diff(matrix.starts)), new, new)),
        columns=np.concatenate((matrix.index, moving[sized], np.full(len(sized), count))),
        values=np.concatenate((matrix.value, np.ones(len(sized)), -size[sized])),
    )
    least = Engine(grown.with_row(moving, float(answer.columns[moving].sum()) + 1e-6)).solve()
    return float(least.columns[count]) if least.optimal else np.inf


def _sizes(problem: Problem, give: Give) -> Floats:
    """How large each change's place is: the entitlement of its municipality or county."""
    own = np.maximum(problem.entitlement, 1.0)
    of = problem.by_county(own) if give.bound.measure.startswith("county") else own
    return of[give.bound.index]


_GROUP = {
    "ordinary": "persons",
    "em": "minors",
    "em_under15": "minors under 15",
    "em_15_17": "minors aged 15–17",
}


def _up(values: Floats) -> list[int]:
    """Whole persons, rounded up."""
    return [int(value) for value in np.ceil(values - 1e-6)]


def _change(problem: Problem, bound: Bound, unit: int, side: str, persons: int) -> Change:
    units = problem.units
    if bound.measure.startswith("county"):
        code, name = units.counties[unit], units.county_names[unit]
    else:
        code, name = units.codes[unit], units.names[unit]
    return Change(bound.family, bound.measure, code, name, side, persons)
