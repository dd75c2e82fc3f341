"""Ask now, top up or cut in summer: the two-stage linear program over the states of the world.

A state s has a probability p[s], a need N[s,g] of the groups g (ordinary, minors), and the part
r[s] of the requests that is decided. With x[m,g] asked for now:

    min  Σ_s p[s]·C[s],   C = top_up·Σu + cut·Σc + unplaced·Σw + idle·Σo
    r[s]·Σ_m x[m,g] + u[s,g] − c[s,g] + w[s,g] − o[s,g] = N[s,g]
    c[s,g] ≤ most_cut · r[s]·Σ_m x[m,g]
    u[s,g] ≤ ρ[s]·Σ_m a[m,g],   Σ_g u[s,g] ≤ ρ[s]·Σ_m b[m],   ρ = min(r, 1)
    a[m,g] ≤ most_up·x[m,g],   a[m,g] and b[m] ≤ what m has left,   b[m] ≤ Σ_g a[m,g]
    lower[m] ≤ x[m] ≤ upper[m],   x[m,em] ≤ upper_em[m],   x[m,em] ≤ share·x[m] + beyond[m]

u and c come after the summer, and what is topped up is decided in the same part, at most all; w
have no place, o are places nobody needs; a place for a minor is no place for another. Each person
moved costs the same whoever is asked, so the summer needs no columns by municipality: what can be
topped up is a sum of polymatroids, one for each municipality, and their ranks add up (Edmonds
1970). With ``weight`` the objective is (1 − weight)·E[C] + weight·CVaR[C], CVaR = min η +
Σ p·(C − η)⁺/(1 − cvar) (Rockafellar & Uryasev 2000, doi 10.21314/JOR.2000.038). Of all best plans
the one that asks for the least is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil, floor, inf

import numpy as np

from allocator.documents.uncertain import Terms
from allocator.errors import Fault, UsageError
from allocator.program.builder import Builder
from allocator.program.problem import Floats, Ints
from allocator.program.solver import Engine

__all__ = ["Ends", "Room", "State", "ends", "least_cost", "measured", "whole_plan"]

Plan = tuple[float, float]
"""Ordinary persons and minors that are asked for now."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class State:
    """One state: what is needed of the two groups, and what part of the requests is decided."""

    need: Plan
    probability: float
    ratio: float = 1.0


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Room:
    """What each can be asked for (units,): of all, and of minors."""

    lower: Floats
    upper: Floats
    lower_em: Floats
    upper_em: Floats
    beyond: Floats
    share: float = 1.0

    @classmethod
    def free(cls, upper: Floats) -> Room:
        """Room for so many ordinary persons."""
        none = np.zeros(len(upper))
        return cls(none, np.asarray(upper, float), none, none, none)


def least_cost(
    states: Sequence[State], room: Room, terms: Terms, asked: Plan | None = None
) -> tuple[float, Plan]:
    """The least objective, and the least plan that has it; with ``asked``, of just that plan (inf
    where the limits do not allow it).

    One municipality, without a summer, is the newsvendor: ask for the quantile cu / (cu + co) of
    the need, cu the price of one too few and co of one too many.

    >>> states = [State((n, 0), 0.1) for n in range(10, 110, 10)]
    >>> terms = Terms(unplaced=7, idle=3, top_up=7, cut=3, most_up=0, most_cut=0)
    >>> least_cost(states, Room.free([500]), terms)[1]
    (70.0, 0.0)
    """
    build = Builder()
    groups = _asked(build, room)
    rises = _rises(build, groups, room, terms)
    losses = [_state(build, state, groups, rises, terms) for state in states]
    if asked is not None:
        for columns, persons in zip(groups, asked, strict=True):
            build.sum_row(columns, float(persons), float(persons))
    level = build.columns(1, lower=-np.inf)
    beyond = build.columns(len(states))
    for place, (columns, loss) in enumerate(losses):  # beyond ≥ loss − level
        row = build.rows(1, -np.inf, 0.0)
        build.enter(row, columns, loss)
        build.enter(row, np.array([level[0], beyond[place]]), np.array([-1.0, -1.0]))
    cost = np.zeros(build.column_count)
    for state, (columns, loss), over in zip(states, losses, beyond, strict=True):
        cost[columns] += (1 - terms.weight) * state.probability * loss
        cost[over] += terms.weight * state.probability / (1 - terms.cvar)
    cost[level] += terms.weight
    best = _solve(build, cost)
    if best is None:
        return inf, asked or (0.0, 0.0)
    if asked is not None:
        return best[0], asked
    build.sum_row(np.arange(len(cost)), -np.inf, best[0] + 1e-7 * max(1.0, abs(best[0])), cost)
    least = np.zeros(len(cost))
    least[np.concatenate(groups)] = 1.0
    found = _solve(build, least) or best
    ordinary, minors = (round(float(found[1][columns].sum()), 4) for columns in groups)
    return best[0], (ordinary, minors)


def whole_plan(
    states: Sequence[State], room: Room, terms: Terms
) -> tuple[float, tuple[int, int], Plan]:
    """The least objective, the best plan in whole persons, and the plan in fractions.

    Raises :class:`UsageError` where the limits leave nothing that can be asked for.
    """
    cost, plan = least_cost(states, room, terms)
    ordinary, minors = (sorted({floor(n + 1e-4), ceil(n - 1e-4)}) for n in plan)
    ways = list(product(ordinary, minors))
    tried = {way: least_cost(states, room, terms, way)[0] for way in ways}
    best = min(tried, key=lambda way: (round(tried[way], 9), sum(way), way))
    if not np.isfinite(tried[best]):
        raise UsageError(Fault("hedge.none", "the limits leave no number that can be asked for"))
    return cost, best, plan


def measured(losses: Sequence[float], probabilities: Sequence[float], terms: Terms) -> float:
    """(1 − weight)·mean + weight·CVaR of some losses.

    >>> measured([0, 10], [0.5, 0.5], Terms(cvar=0.75, weight=0.5))
    7.5
    """
    mean = sum(p * loss for p, loss in zip(probabilities, losses, strict=True))
    left, worst = 1 - terms.cvar, 0.0
    for loss, p in sorted(zip(losses, probabilities, strict=True), reverse=True):
        worst += min(p, left) * loss
        left -= min(p, left)
    return float((1 - terms.weight) * mean + terms.weight * worst / (1 - terms.cvar))


def _asked(build: Builder, room: Room) -> tuple[Ints, Ints]:
    """The columns of what is asked for now: the ordinary, and the minors."""
    size = len(room.upper)
    x, em = build.columns(size), build.columns(size, lower=room.lower_em, upper=room.upper_em)
    rows = build.rows(size, room.lower, room.upper)
    shares = build.rows(size, -np.inf, room.beyond)
    for columns, value in ((x, -room.share), (em, 1 - room.share)):
        build.enter(rows, columns, 1.0)
        build.enter(shares, columns, value)
    return x, em


def _rises(
    build: Builder, groups: tuple[Ints, Ints], room: Room, terms: Terms
) -> tuple[Ints, Ints, Ints]:
    """What each could be asked for more in summer: of either group, and of both together."""
    size = len(room.upper)
    each = []
    for columns, upper in zip(groups, (room.upper, room.upper_em), strict=True):
        more = build.columns(size)
        rows = build.rows(size, -np.inf, 0.0)
        build.enter(rows, more, 1.0)
        build.enter(rows, columns, -terms.most_up)
        rows = build.rows(size, -np.inf, upper)
        build.enter(rows, more, 1.0)
        build.enter(rows, columns, 1.0)
        each.append(more)
    both = build.columns(size)
    rows = build.rows(size, -np.inf, 0.0)
    build.enter(rows, both, 1.0)
    for columns in each:
        build.enter(rows, columns, -1.0)
    for more in (*each, both):
        rows = build.rows(size, -np.inf, room.upper)
        build.enter(rows, more, 1.0)
        for columns in groups:
            build.enter(rows, columns, 1.0)
    return each[0], each[1], both


def _state(
    build: Builder,
    state: State,
    groups: tuple[Ints, Ints],
    rises: tuple[Ints, Ints, Ints],
    terms: Terms,
) -> tuple[Ints, Floats]:
    """The rows of one state; its columns and what each of them costs."""
    up, cut, short, idle = (build.columns(2) for _ in range(4))
    part = min(state.ratio, 1.0)
    for group, columns in enumerate(groups):
        need = float(state.need[group])
        row = build.sum_row(columns, need, need, state.ratio)
        signed = ((up, 1.0), (cut, -1.0), (short, 1.0), (idle, -1.0))
        for column, sign in signed:
            build.enter(row, column[group : group + 1], sign)
        row = build.sum_row(columns, -np.inf, 0.0, -terms.most_cut * state.ratio)
        build.enter(row, cut[group : group + 1], 1.0)
        row = build.sum_row(rises[group], -np.inf, 0.0, -part)
        build.enter(row, up[group : group + 1], 1.0)
    row = build.sum_row(rises[2], -np.inf, 0.0, -part)
    build.enter(row, up, 1.0)
    loss = np.repeat([terms.top_up, terms.cut, terms.unplaced, terms.idle], 2).astype(float)
    return np.concatenate((up, cut, short, idle)), loss


def _solve(build: Builder, cost: Floats) -> tuple[float, Floats] | None:
    engine = Engine(build.matrix(), presolve=True)
    engine.set_costs(cost)
    found = engine.solve()
    return (found.objective, found.columns) if found.optimal else None


@dataclass(frozen=True, slots=True)
class Ends:
    """What becomes of whole requests in one state: (ordinary, minors) persons, and the cost."""

    decided: tuple[int, int]
    topped_up: tuple[int, int]
    cut: tuple[int, int]
    unplaced: tuple[int, int]
    idle: tuple[int, int]
    cost: float


def ends(state: State, persons: Ints, room: Room, terms: Terms) -> Ends:
    """What becomes of ``persons`` (units, 2), ordinary and minors, in whole persons at least cost.

    A change is made while it is cheaper than none, as far as whole persons can be changed.

    >>> one = State((130, 0), 1.0)
    >>> found = ends(one, np.array([[100, 0]]), Room.free([200]), Terms(most_up=0.2))
    >>> found.topped_up, found.unplaced, found.cost
    ((20, 0), (10, 0), 140.0)
    """
    decided = np.stack([_whole(state.ratio * column) for column in persons.T], axis=1)
    part = min(state.ratio, 1.0)
    left = np.maximum(room.upper - persons.sum(axis=1), 0)
    left_em = np.maximum(room.upper_em - persons[:, 1], 0)
    more = np.floor(terms.most_up * persons + 1e-9)
    more = np.minimum(more, np.stack((left, np.minimum(left, left_em)), axis=1))
    rise = [floor(part * float(column.sum()) + 1e-9) for column in more.T]
    together = floor(part * float(np.minimum(more.sum(axis=1), left).sum()) + 1e-9)
    fall = np.floor(terms.most_cut * decided + 1e-9).sum(axis=0)
    up, cut, short, idle = [0, 0], [0, 0], [0, 0], [0, 0]
    for group in (1, 0):  # minors first; which of them makes no difference to the cost
        there, need = int(decided[:, group].sum()), int(state.need[group])
        short[group], idle[group] = max(need - there, 0), max(there - need, 0)
        if terms.top_up < terms.unplaced:
            up[group] = min(short[group], rise[group], together - sum(up))
        if terms.cut < terms.idle:
            cut[group] = min(idle[group], int(fall[group]))
        short[group] -= up[group]
        idle[group] -= cut[group]
    cost = terms.top_up * sum(up) + terms.cut * sum(cut)
    cost += terms.unplaced * sum(short) + terms.idle * sum(idle)
    there = decided.sum(axis=0)
    return Ends(
        (int(there[0]), int(there[1])),
        (up[0], up[1]),
        (cut[0], cut[1]),
        (short[0], short[1]),
        (idle[0], idle[1]),
        round(cost, 6),
    )


def _whole(values: Floats) -> Ints:
    """Whole persons whose sum is the sum rounded: up where the remainders are the largest."""
    low = np.floor(values + 1e-9)
    more = round(float(values.sum())) - int(low.sum())
    order = np.argsort(low - values, kind="stable")
    low[order[:more]] += 1
    return low.astype(np.int64)
