"""The reduced program of a goal that measures a distance, written to be read, in PuLP.

Variables, by municipality *m*: over[m] and under[m], persons above and below a[m], the place
nearest to the target within the limits; em[m], unaccompanied minors. The total is

    x[m] = a[m] + over[m] − under[m],   lower[m] ≤ x[m] ≤ upper[m] by the bounds of over and under

so the goal Σ |x[m] − target[m]| needs no rows; the persons between a[m] and a target beyond the
limits are a constant. :mod:`linear` says the whole program family by family; this is the same with
all families' limits on one number intersected, as it is solved. :mod:`reduced` builds the same rows
straight from numpy, and a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pulp

from allocator.program.linear import Program
from allocator.program.problem import Problem
from allocator.program.reduced import leaning, most_minors

__all__ = ["compact"]


def compact(problem: Problem, goal: Literal["l1", "steady"] = "l1") -> Program:
    """The program with its lots settled and everyone placed; every family is hard.

    >>> from allocator.program.examples import three
    >>> made = compact(three())
    >>> [row.name for row in made.pulp.constraints()][:3]
    ['need', 'need_em', 'inside_0301_least']
    >>> print(made.pulp.get_constraint_by_name("need_em"))
    em_0301 + em_3101 + em_3103 = 20.0
    """
    problem = problem.all_hard
    made = Program(pulp.LpProblem("bosett", pulp.LpMinimize))
    codes, x = problem.units.codes, made.x
    box, target = problem.box("total"), problem.entitlement if goal == "l1" else problem.last
    upper = np.minimum(box.upper, problem.persons)
    at = np.clip(np.where(np.isnan(target), box.lower, target), box.lower, upper)
    for name, room in (("over", upper - at), ("under", at - box.lower)):
        for code, most in zip(codes, room.tolist(), strict=True):
            x[code, name] = made.pulp.add_variable(f"{name}_{code}", 0, most)
    if problem.minors:
        least, most_em = problem.box("minors").lower, most_minors(problem, upper)
        for code, low, high in zip(codes, least.tolist(), most_em.tolist(), strict=True):
            x[code, "em"] = made.pulp.add_variable(f"em_{code}", low, high)
    near = dict(zip(codes, at.tolist(), strict=True))

    def total(some: Sequence[str], factor: float = 1.0) -> pulp.LpAffineExpression:
        """factor · Σ x[m]."""
        terms = [(x[code, "over"], factor) for code in some]
        terms += [(x[code, "under"], -factor) for code in some]
        return pulp.LpAffineExpression(terms, constant=factor * sum(near[code] for code in some))

    def minors(some: Sequence[str]) -> pulp.LpAffineExpression:
        return pulp.LpAffineExpression([(x[code, "em"], 1) for code in some])

    def limit(what: pulp.LpAffineExpression, low: float, high: float, name: str) -> None:
        """low ≤ what ≤ high, in two rows where both are limits: PuLP has no rows with two."""
        if low == high:
            made.pulp.addConstraint(what == low, name)
            return
        if np.isfinite(low):
            made.pulp.addConstraint(what >= low, f"{name}_least")
        if np.isfinite(high):
            made.pulp.addConstraint(what <= high, f"{name}_most")

    limit(total(codes), problem.persons, problem.persons, "need")
    if problem.minors:
        limit(minors(codes), problem.minors, problem.minors, "need_em")
        for unit in np.flatnonzero(leaning(problem)).tolist():
            code = codes[unit]
            limit(total([code]) - x[code, "em"], 0, np.inf, f"inside_{code}")
    counties, of = problem.counties, problem.units.county_of
    for bound in problem.of_measure("county", "county_minors", "share"):
        if bound.measure != "county" and not problem.minors:
            continue
        rows = zip(bound.index.tolist(), bound.lower.tolist(), bound.upper.tolist(), strict=True)
        for unit, low, high in rows:
            if bound.measure == "share":
                code = codes[unit]
                share = minors([code]) + total([code], -problem.minors_share)
                limit(share, -np.inf, high, f"{bound.family}_share_{code}")
                continue
            inside = [codes[m] for m in np.flatnonzero(of == unit)]
            held, em_ = (total, "") if bound.measure == "county" else (minors, "em_")
            limit(held(inside), low, high, f"{bound.family}_{em_}{counties[unit]}")
    for link in problem.links:
        terms = zip(link.units.tolist(), link.values.tolist(), strict=True)
        tied = pulp.lpSum([total([codes[unit]], value) for unit, value in terms])
        limit(tied, link.lower, link.upper, f"{link.family}_{link.name}")
    known = [code for code, wanted in zip(codes, target.tolist(), strict=True) if wanted == wanted]
    away = [(x[code, name], 1) for name in ("over", "under") for code in known]
    made.pulp.setObjective(
        pulp.LpAffineExpression(away, constant=float(np.nansum(np.abs(at - target))))
    )
    return made
