"""Apportionment methods as the way to whole persons, for rules that are a key and little else.

Totals are apportioned to municipalities by the key, in exact fractions, within their limits;
``biproportional`` also apportions the groups, so that municipalities and groups are both exact.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from allocator.program.apportion import METHODS, NoApportionmentError, apportion
from allocator.program.biproportional import biproportional
from allocator.program.problem import Box, Floats, Ints, Problem
from allocator.program.whole import NoWholeNumbersError, Tie, Whole

__all__ = ["METHOD_NAMES", "apportioned", "groups_apportioned"]

METHOD_NAMES = ("nearest", *METHODS, "biproportional")


def apportioned(weight: Floats, box: Box, total: int, method: str) -> Whole:
    """Whole totals by an apportionment method, within each unit's limits.

    Raises :class:`NoWholeNumbersError` when the limits cannot hold the total.
    """
    lower = [int(limit) for limit in box.lower]
    upper = [int(min(limit, total)) for limit in box.upper]
    shares = [Fraction(share) for share in weight.tolist()]
    name = "webster" if method == "biproportional" else method
    try:
        found = apportion(shares, total, name, lower=lower, upper=upper)
    except NoApportionmentError as error:
        raise NoWholeNumbersError(str(error)) from None
    ties = tuple(Tie(tuple(tie.got), tuple(tie.not_got)) for tie in found.ties)
    return Whole(np.array(found.seats, dtype=np.int64), ties=ties)


def groups_apportioned(problem: Problem, totals: Ints) -> Ints:
    """Persons by unit and group (units, groups), both sums exact, biproportional to the keys.

    Ordinary persons go by the key of the total, minors' groups by that of minors; where minors
    cannot live they get none.
    """
    can = problem.box("minors").upper > 0
    minors = np.where(can, problem.entitlement_minors, 0.0)
    votes = []
    for unit in range(len(totals)):
        row = [Fraction(float(problem.entitlement[unit]))]
        row += [Fraction(float(minors[unit])) * int(need) for need in problem.need[1:]]
        votes.append(row)
    try:
        table = biproportional(votes, totals.tolist(), problem.need.tolist())
    except NoApportionmentError as error:
        raise NoWholeNumbersError(str(error)) from None
    return np.array(table.seats, dtype=np.int64)
