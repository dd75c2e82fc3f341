"""Leximin where totals are not nested: raise the lowest relative load, fix it, raise the next.

Which demands d can be met, X ≥ d, is told by cuts π·d ≤ R with π ≥ 0. Under a few of them the
leximin demands are found without a program: raise d[m](t) = clip(t·w[m], lower[m], upper[m]) for
all until a cut is tight, fix who is in it, and raise the others. One linear program then minimises
the shortage Σ max(0, d − X). Where there is none, these are the leximin totals; else its duals are
a cut that is passed, and all levels are found anew. So a program serves many levels at once, and
only row bounds change between programs (cutting planes; Kelley 1960, doi:10.1137/0108053; levels
by cuts: Megiddo 1974, doi:10.1007/BF01585506). What nation and counties alone forbid needs no
program.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.program.fill import levels
from allocator.program.problem import Floats
from allocator.program.reduced import Reduced
from allocator.program.solver import Engine, SolverError

__all__ = ["Leximin", "leximin"]

_SHORT = 1e-7
_IN_CUT = 1e-7
_SAME = 1e-11
_PROGRAMS = 1000


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Leximin:
    """The leximin totals, and how many linear programs it took."""

    totals: Floats
    programs: int


def leximin(reduced: Reduced, weight: Floats) -> Leximin:
    """The totals that are leximin in X[m]/weight[m] over the reduced program.

    ``weight`` (units,) is positive. Raises :class:`SolverError` if the program has no solution;
    feasibility is the caller's to have checked.
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
    everyone = float(matrix.row_upper[0])  # the first row is Σ X = all persons
    cuts = _Cuts.of_counties(reduced, everyone)
    for programs in range(1, _PROGRAMS):
        demands = _within_counties(cuts, reduced, weight, everyone)
        engine.set_row_bounds(owed.astype(np.int32), demands, endless)
        answer = engine.solve()
        if not answer.optimal:
            raise SolverError(f"a leximin round ended {answer.status}")
        if answer.objective <= _SHORT:
            return Leximin(demands, programs)
        cut = np.clip(answer.row_duals[owed], 0.0, 1.0)
        cuts.add(cut, float(cut @ demands) - answer.objective)
    raise SolverError(f"leximin did not end after {_PROGRAMS} programs")


class _Cuts:
    """Sums that demands may not pass: Σ part · d[unit] ≤ reach, entries sorted by cut."""

    def __init__(self) -> None:
        self.units, self.cut = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        self.part, self.reach = np.zeros(0), np.zeros(0)

    @classmethod
    def of_counties(cls, reduced: Reduced, everyone: float) -> _Cuts:
        """Nobody is more than all, and no county more than it may hold."""
        cuts, counties = cls(), reduced.counties
        cuts.add(np.ones(len(reduced.totals)), everyone)
        for county in np.flatnonzero(np.isfinite(counties.upper)).tolist():
            cuts.add((counties.of == county).astype(float), float(counties.upper[county]))
        return cuts

    def add(self, part: Floats, reach: float) -> None:
        """One cut more; ``part`` (units,)."""
        inside = np.flatnonzero(part > _IN_CUT)
        if len(inside):
            self.units = np.concatenate((self.units, inside))
            self.cut = np.concatenate((self.cut, np.full(len(inside), len(self.reach))))
            self.part = np.concatenate((self.part, part[inside]))
            self.reach = np.append(self.reach, reach)


def _within_counties(cuts: _Cuts, reduced: Reduced, weight: Floats, everyone: float) -> Floats:
    """Leximin demands under the cuts and what counties must hold: Σ_c max(d_c, C_lo) ≤ N.

    A passed one is a cut on the counties that ask for more than they must hold.
    """
    counties = reduced.counties
    while True:
        demands = _raised(cuts, weight, reduced.lower, reduced.upper)
        in_county = np.bincount(counties.of, demands, len(counties.lower))
        above = in_county > counties.lower
        rest = everyone - float(counties.lower[~above].sum())
        if float(in_county[above].sum()) <= rest + _SHORT or above.all():
            return demands
        cuts.add(above[counties.of].astype(float), rest)


def _raised(cuts: _Cuts, weight: Floats, lower: Floats, upper: Floats) -> Floats:
    """The leximin demands under some cuts: all raised together, those in a tight cut fixed.

    A cut that is tight before any that it shares a unit with is tight whatever becomes of the
    others, so that many are fixed in one pass.
    """
    demands, free = lower.copy(), np.ones(len(weight), dtype=bool)
    units, of, part, rest = cuts.units, cuts.cut, cuts.part, cuts.reach.copy()
    while len(units):
        w, low, high = (part * values[units] for values in (weight, lower, upper))
        count = len(rest)
        binds = rest < np.bincount(of, high, count) - 1e-10
        at = np.where(binds, levels(w, low, high, rest, of), np.inf)
        first = np.full(len(weight), np.inf)
        np.minimum.at(first, units, at[of])
        # A cut has to wait for another that binds one of its units before it does.
        behind = np.zeros(count, dtype=bool)
        behind[of[first[units] < at[of] * (1 - _SAME)]] = True
        tight = binds & ~behind
        fixed = np.zeros(len(weight), dtype=bool)
        fixed[units[tight[of]]] = True
        if not fixed.any():
            break
        demands[fixed] = np.clip(first * weight, lower, upper)[fixed]
        free &= ~fixed
        gone = fixed[units]
        rest = rest - np.bincount(of[gone], part[gone] * demands[units[gone]], count)
        units, of, part = units[~gone], of[~gone], part[~gone]
    # Whom no cut binds, only the own limit does.
    return np.where(free, upper, demands)
