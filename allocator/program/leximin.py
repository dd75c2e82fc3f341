"""Leximin where totals are not nested: raise the lowest relative load, fix it, raise the next.

Which demands d can be met, X ≥ d, is told by cuts π·d ≤ R with π ≥ 0. Under a few of them the
leximin demands are found without a program: raise d[m](t) = clip(t·w[m], lower[m], upper[m]) for
all until a cut is tight, fix who is in it, and raise the others. One linear program then minimises
the shortage Σ max(0, d − X). Where there is none, these are the leximin totals; else its duals are
a cut that is passed, and all levels are found anew. So a program serves many levels at once, and
only row bounds change between programs (cutting planes; Kelley 1960, doi:10.1137/0108053; levels
by cuts: Megiddo 1974, doi:10.1007/BF01585506). What nation, counties and soft limits alone forbid
needs no program. Should all levels at once not settle, they are taken one after the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from allocator.program.fill import levels
from allocator.program.grid import Limits
from allocator.program.problem import Floats
from allocator.program.reduced import Reduced
from allocator.program.solver import Engine, SolverError, unsolved

__all__ = ["Cut", "Leximin", "leximin"]

_SHORT = 1e-7
_IN_CUT = 1e-7
_SAME = 1e-11
_AT_ONCE = 40
_ALL = 1e-6


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Cut:
    """What no totals pass, Σ part·X ≤ reach, and the multipliers that show it: of the nation's
    total and of the counties' limits, or where a program found it, of its rows."""

    part: Floats
    reach: float
    nation: float = 0.0
    counties: Floats | None = None
    duals: Floats | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Leximin:
    """The leximin totals, how many linear programs it took, and the cuts that they are held by."""

    totals: Floats
    programs: int
    cuts: tuple[Cut, ...]


def leximin(reduced: Reduced, weight: Floats, *, given: float = np.inf) -> Leximin:
    """The totals that are leximin in X[m]/weight[m] over the reduced program.

    ``weight`` (units,) is positive; ``given`` is how many persons soft families may give in all.
    Raises :class:`SolverError` if the program has no solution; feasibility is the caller's to have
    checked.
    """
    b = reduced.builder
    short = b.columns(len(weight), cost=1.0)
    owed = b.rows(len(weight), reduced.lower, np.inf)
    b.enter(owed, reduced.totals, 1.0)
    b.enter(owed, short, 1.0)
    matrix = b.matrix()
    costs = np.zeros(len(matrix.cost))
    costs[short] = 1.0
    engine = Engine(matrix)
    engine.set_costs(costs)
    endless = np.full(len(weight), np.inf)
    cuts = _Cuts.known(reduced, float(matrix.row_upper[0]), given)  # the first row is Σ X
    counted = 0

    def passed(demands: Floats) -> bool:
        """Whether demands are too high; then a cut more says so."""
        nonlocal counted
        counted += 1
        engine.set_row_bounds(owed.astype(np.int32), demands, endless)
        answer = engine.solve()
        if not answer.optimal:
            raise unsolved("a leximin round", answer)
        if answer.objective <= _SHORT:
            return False
        part = np.clip(answer.row_duals[owed], 0.0, 1.0)
        reach = float(part @ demands) - answer.objective
        cuts.add(Cut(part, reach, duals=answer.row_duals))
        return True

    for _ in range(_AT_ONCE):
        totals = _within_counties(cuts, reduced, weight)
        if not passed(totals):
            break
    else:
        totals = _level_by_level(cuts, reduced, weight, passed)
    if abs(float(totals.sum()) - cuts.everyone) > _ALL * max(cuts.everyone, 1.0):
        raise SolverError(f"leximin totals sum to {totals.sum()}, not to {cuts.everyone}")
    return Leximin(totals, counted, tuple(cuts.all))


def _level_by_level(
    cuts: _Cuts, reduced: Reduced, weight: Floats, passed: Callable[[Floats], bool]
) -> Floats:
    """Where cuts do not settle all levels at once: the lowest first, until it can be met, then the
    next (Newton's method on the level; Radzik 1993, doi:10.1007/978-1-4757-3023-4_3)."""
    lower, upper = reduced.lower.copy(), reduced.upper.copy()
    free, before = np.ones(len(weight), dtype=bool), np.inf
    while free.any():
        demands, level = _raised(cuts, weight, lower, upper), np.full(len(weight), np.inf)
        level[free] = (demands / weight)[free]
        rising = free & (demands < upper - _SHORT)
        t = float(level[rising].min(initial=np.inf))
        if t == np.inf:
            return demands
        owing = np.where(free, np.clip(t * weight, lower, demands), demands)
        # A level that does not fall is rounding; take the cut as tight.
        if passed(owing) and t < before * (1 - 1e-13):
            before = t
            continue
        reached = free & (level <= t * (1 + _SAME))
        lower[reached] = upper[reached] = demands[reached]
        free, before = free & ~reached, np.inf
    return lower


class _Cuts:
    """Sums that demands may not pass: Σ part · max(d[unit] − beyond, 0) ≤ reach, sorted by cut."""

    def __init__(self, counties: Limits, everyone: float) -> None:
        self.units, self.cut = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        self.part, self.beyond, self.reach = np.zeros(0), np.zeros(0), np.zeros(0)
        self.counties, self.everyone = counties, everyone
        self.all: list[Cut] = []

    @classmethod
    def known(cls, reduced: Reduced, everyone: float, given: float) -> _Cuts:
        """What needs no program: nobody is more than all, no county more than it may hold, and
        nobody more than soft limits can give."""
        counties, size = reduced.counties, len(reduced.totals)
        cuts = cls(counties, everyone)
        cuts.add(Cut(np.ones(size), everyone, nation=-1.0))
        for county in np.flatnonzero(np.isfinite(counties.upper)).tolist():
            inside, at = (counties.of == county), np.arange(len(counties.upper)) == county
            reach = float(counties.upper[county])
            cuts.add(Cut(inside.astype(float), reach, counties=-at.astype(float)))
        soft = np.full(size, np.inf)
        for give in reduced.gives:
            if give.bound.measure == "total":
                here = give.bound.index
                soft[here] = np.minimum(soft[here], give.bound.upper)
        if given < np.inf and np.isfinite(soft).any():
            beyond = np.where(np.isfinite(soft), soft, 0)
            cuts.add(Cut(np.isfinite(soft).astype(float), given), beyond)
        return cuts

    def add(self, cut: Cut, beyond: Floats | None = None) -> None:
        """One cut more; ``beyond`` (units,)."""
        part, reach = cut.part, cut.reach
        inside = np.flatnonzero(part > _IN_CUT)
        if len(inside):
            self.all.append(cut)
            start = np.zeros(len(inside)) if beyond is None else beyond[inside]
            self.units = np.concatenate((self.units, inside))
            self.cut = np.concatenate((self.cut, np.full(len(inside), len(self.reach))))
            self.part = np.concatenate((self.part, part[inside]))
            self.beyond = np.concatenate((self.beyond, start))
            self.reach = np.append(self.reach, reach)


def _within_counties(cuts: _Cuts, reduced: Reduced, weight: Floats) -> Floats:
    """Leximin demands under the cuts and what counties must hold: Σ_c max(d_c, C_lo) ≤ N.

    A passed one is a cut on the counties that ask for more than they must hold.
    """
    counties = cuts.counties
    while True:
        demands = _raised(cuts, weight, reduced.lower, reduced.upper)
        in_county = np.bincount(counties.of, demands, len(counties.lower))
        above = in_county > counties.lower
        rest = cuts.everyone - float(counties.lower[~above].sum())
        if float(in_county[above].sum()) <= rest + _SHORT or above.all():
            return demands
        held = (~above).astype(float)
        cuts.add(Cut(above[counties.of].astype(float), rest, nation=-1.0, counties=held))


def _raised(cuts: _Cuts, weight: Floats, lower: Floats, upper: Floats) -> Floats:
    """The leximin demands under some cuts: all raised together, those in a tight cut fixed.

    A cut that is tight before any that it shares a unit with is tight whatever becomes of the
    others, so that many are fixed in one pass.
    """
    demands, free, top = lower.copy(), np.ones(len(weight), dtype=bool), upper.copy()
    units, of, part, beyond = cuts.units, cuts.cut, cuts.part, cuts.beyond
    count = len(cuts.reach)
    rest = cuts.reach + np.bincount(of, part * beyond, count)
    while len(units):
        low, high = (part * np.maximum(limit[units], beyond) for limit in (lower, top))
        binds = rest < np.bincount(of, high, count) - 1e-10
        at = np.where(binds, levels(part * weight[units], low, high, rest, of), np.inf)
        first = np.full(len(weight), np.inf)
        np.minimum.at(first, units, at[of])
        # A cut has to wait for another that binds one of its units before it does.
        behind = np.zeros(count, dtype=bool)
        behind[of[first[units] < at[of] * (1 - _SAME)]] = True
        tight = (binds & ~behind)[of]
        if not tight.any():
            break
        reached = np.clip(first * weight, lower, top)
        fixed = np.zeros(len(weight), dtype=bool)
        fixed[units[tight & (reached[units] >= beyond)]] = True
        # Whoever has not reached where a tight cut begins to count may still rise to there.
        below = tight & ~fixed[units]
        np.minimum.at(top, units[below], beyond[below])
        demands[fixed] = reached[fixed]
        free &= ~fixed
        gone = fixed[units] & ~tight
        counted = part[gone] * np.maximum(demands[units[gone]], beyond[gone])
        rest = rest - np.bincount(of[gone], counted, count)
        left = ~gone & ~tight
        units, of, part, beyond = units[left], of[left], part[left], beyond[left]
    # Whom no cut binds, only the own limit does.
    return np.where(free, top, demands)
