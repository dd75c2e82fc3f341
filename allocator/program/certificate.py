"""A solution's certificate: what can be checked afterwards without a solver, and by whom.

Two plain dictionaries, ready for JSON: the problem in numbers, and for each stage its fractions of
persons and its multipliers. Whatever the multipliers are, :mod:`proof` makes a rigorous lower bound
of them in exact fractions (Neumaier & Shcherbina 2004, doi:10.1007/s10107-003-0433-3); good ones
make it meet the value. They are water-filling levels in fractions of persons, and row duals of the
rounding programs and of the relaxation of who is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

import numpy as np

from allocator.program.ask import Asking, asking
from allocator.program.even import given_by, least_given
from allocator.program.fill import fill_nested, levels_nested
from allocator.program.goals import Solution
from allocator.program.multipliers import evened, limit_prices, numbers, sum_prices, tied_prices
from allocator.program.problem import Bound, Box, Floats, Ints, Link, Measure, Problem
from allocator.program.proof import prove
from allocator.program.room import limits_with_minors, weights
from allocator.program.settle import settle
from allocator.program.solver import Answer, Engine
from allocator.program.whole import Whole

__all__ = ["Certified", "certify", "in_numbers"]

_BY_TABLE = "the table of municipalities by groups is apportioned as a whole"


@dataclass(frozen=True, slots=True)
class Certified:
    """The contents of ``problem.json`` and ``certificate.json``."""

    problem: dict[str, Any]
    certificate: dict[str, Any]


def certify(asked: Problem, solution: Solution) -> Certified:
    """The problem in numbers and the certificate of its solution.

    >>> from allocator.program.examples import three
    >>> from allocator.program.goals import solve
    >>> found = certify(three(), solve(three()))
    >>> [round(found.certificate["whole"][word], 6) for word in ("value", "bound")]
    [0.820513, 0.820513]
    """
    problem = in_numbers(asked, solution)
    placed = replace(asked, need=solution.problem.need)
    ask = _ask(placed, solution) if _chooses(asked) else None
    stages = {
        "schema": 1,
        "ask": ask,
        **_stages(solution),
        "goals": _goals(solution, ask),
    }
    for name, proof in prove(problem, solution.persons.tolist(), stages).items():
        stage = stages.setdefault(name, {})
        stage["value"] = None if proof.value is None else float(proof.value)
        stage["bound"] = None if proof.bound is None else float(proof.bound)
    return Certified(problem, stages)


def in_numbers(asked: Problem, solution: Solution) -> dict[str, Any]:
    """The problem as it was asked, and as it stood with its lots settled and its need placed."""
    units = asked.units
    return {
        "schema": 1,
        "codes": list(units.codes),
        "counties": list(units.counties),
        "county_of": units.county_of.tolist(),
        "groups": list(asked.groups),
        "population": numbers(units.population),
        "entitlement": numbers(asked.entitlement),
        "entitlement_minors": numbers(asked.entitlement_minors),
        "last": numbers(asked.last),
        "goals": {"order": list(asked.goals.order), "even": asked.goals.even},
        "minors_share": float(asked.minors_share),
        "step": asked.step,
        "minors_step": asked.minors_step,
        "method": asked.method,
        "links": [_link(link) for link in asked.links],
        "asked": _limits(asked),
        "settled": _limits(solution.problem),
    }


def _limits(problem: Problem) -> dict[str, Any]:
    lots = problem.lots
    return {
        "need": problem.need.tolist(),
        "lots": {
            "persons": lots.persons,
            "minors": lots.minors,
            "choose": int(lots.choose),
            "choose_minors": int(lots.choose_minors),
        },
        "bounds": [_bound(bound) for bound in problem.bounds],
    }


def _bound(bound: Bound) -> dict[str, Any]:
    return {
        "family": bound.family,
        "measure": bound.measure,
        "hard": bound.hard,
        "index": bound.index.tolist(),
        "lower": numbers(bound.lower),
        "upper": numbers(bound.upper),
    }


def _link(link: Link) -> dict[str, Any]:
    lower, upper = numbers(np.array([link.lower, link.upper]))
    return {
        "family": link.family,
        "name": link.name,
        "units": link.units.tolist(),
        "values": numbers(link.values),
        "lower": lower,
        "upper": upper,
    }


def _chooses(problem: Problem) -> bool:
    return problem.lots.choose or problem.lots.choose_minors


def _goals(solution: Solution, ask: dict[str, Any] | None) -> list[dict[str, Any]]:
    """What each goal reached in fractions, and could have reached alone."""
    told = ask is not None and ask["reason"]  # then its numbers are not there to be checked
    return [
        {
            "goal": goal.goal,
            "in_fractions": None if goal.goal == "asked" and told else _finite(goal.in_fractions),
            "alone": _finite(goal.alone),
        }
        for goal in solution.goals
    ]


def _finite(value: float | None) -> float | None:
    return None if value is None or not isfinite(value) else float(value)


def _stages(solution: Solution) -> dict[str, Any]:
    """The stages after who is asked, solved again for their multipliers."""
    problem, target = solution.problem, solution.target
    found: dict[str, Any] = {"even": _even(problem, target)}
    whole = settle(problem, target)
    other = "" if problem.method == "nearest" else f"apportioned by the method {problem.method}"
    found["whole"] = _whole(whole.totals, problem, other)
    if len(whole.totals.prices.fits):
        found["whole"]["room"] = {
            "step": whole.minors.step,
            "nation": whole.totals.prices.part,
            "fits": numbers(whole.totals.prices.fits),
        }
    if problem.minors:
        box, minors = (
            whole.minors_box,
            weights(problem.entitlement_minors, problem.units.population),
        )
        table = problem.method == "biproportional"
        found["even_minors"] = {
            "reason": _BY_TABLE if table else "",
            "weights": numbers(minors),
            "totals": numbers(whole.target_minors),
            "prices": _levels(problem, minors, box, problem.minors, "county_minors")[1],
        }
        found["whole_minors"] = _whole(whole.minors, problem, _BY_TABLE if table else "")
    if whole.younger is not None:
        found["whole_ages"] = _whole(whole.younger, problem)
    return found


def _even(problem: Problem, target: Floats) -> dict[str, Any]:
    """Water-filling: μ = 2(λ − 1) and ν_c = 2(λ_c − λ), where the totals are that."""
    weight = weights(problem.entitlement, problem.units.population)
    box = limits_with_minors(problem)
    water, prices = _levels(problem, weight, box, problem.persons, "county")
    same = (box.lower <= box.upper).all() and np.allclose(target, water, rtol=1e-12, atol=1e-12)
    reason = "" if same else _not_nested(problem, target)
    if not (same or reason):
        return evened(problem, target)
    return {
        "reason": reason,
        "weights": numbers(weight),
        "totals": numbers(target),
        "prices": prices,
    }


def _levels(
    problem: Problem, weight: Floats, box: Box, total: int, counties: Measure
) -> tuple[Floats, dict[str, Any]]:
    """Water-filling within some limits, and its levels as prices."""
    county = problem.box(counties)
    nested = (
        weight,
        box.lower,
        box.upper,
        float(total),
        problem.units.county_of,
        county.lower,
        county.upper,
    )
    water, levels = levels_nested(*nested)
    nation = float(water)
    over = {place: 2 * (at - nation) for place, at in enumerate(levels.tolist())}
    return fill_nested(*nested), sum_prices(2 * (nation - 1), over, problem)


def _not_nested(problem: Problem, target: Floats) -> str:
    """Why nothing shows that totals are even which are not the water-filling within their own
    limits."""
    nobody = np.zeros(len(target))
    soft = (b for b in problem.bounds if not b.hard and b.measure in ("total", "county"))
    if any((given_by(bound, problem, target, nobody) > 1e-7).any() for bound in soft):
        return "a soft family had to give way"
    first = next((goal for goal in problem.goals.order if goal != "place"), "even")
    if first != "even":
        return f"the goal '{first}' comes before evenness"
    return "a soft family had to give way" if least_given(problem) else ""


def _whole(whole: Whole, problem: Problem, reason: str = "") -> dict[str, Any]:
    links = {"links": list(whole.prices.links)} if whole.prices.links else {}
    return {
        "reason": reason,
        "step": whole.step,
        "off_step": list(whole.off_step),
        "remainder_at": whole.remainder_at,
        "prices": {**sum_prices(whole.prices.total, whole.prices.groups, problem), **links},
    }


def _ask(placed: Problem, solution: Solution) -> dict[str, Any]:
    """Row duals of the relaxation of who is asked, and the numbers of those who were chosen."""
    if not all(bound.hard for bound in placed.bounds):
        return {"reason": "soft families give way in the same program"}
    goals = [goal for goal in placed.goals.order if goal != "place"]
    if goals[:1] == ["even"] and placed.goals.even == "minimax":
        return {"reason": "the largest load comes before who is asked"}
    program = asking(placed)
    relaxed = Engine(replace(program.matrix, integer=None)).solve()
    chosen = _chosen(placed, solution, program)
    if not (relaxed.optimal and chosen.optimal):
        return {"reason": f"the relaxation ended {relaxed.status}, the choice {chosen.status}"}
    size, duals = len(placed.units), relaxed.row_duals
    inside = np.zeros(size)
    inside[: len(program.inside)] = duals[program.inside]
    lp = _part_values(placed, program, chosen.columns)
    return {
        "reason": "",
        "totals": numbers(lp[0]),
        "minors": numbers(lp[1]),
        "prices": tied_prices(
            placed,
            (float(duals[program.sums[0]]), float(duals[program.sums[1]])),
            limit_prices(placed, program.limits, duals),
            inside,
        ),
    }


def _chosen(placed: Problem, solution: Solution, program: Asking) -> Answer:
    """The program with every choice that was made held, and no other."""
    size, matrix = len(placed.units), program.matrix
    low, high = matrix.col_lower.copy(), matrix.col_upper.copy()
    for first, measure in ((0, "total"), (3 * size, "minors")):
        y = slice(first, first + size)
        box = solution.problem.box(measure)  # type: ignore[arg-type]
        asked = np.where(box.upper > 0, high[y], 0.0)
        open_ = low[y] < high[y]
        low[y], high[y] = np.where(open_, asked, low[y]), np.where(open_, asked, high[y])
    return Engine(replace(matrix, col_lower=low, col_upper=high, integer=None)).solve()


def _part_values(placed: Problem, program: Asking, columns: Floats) -> tuple[Floats, Floats]:
    """Totals and minors: b·y + over − under, read from the rows that sum them."""
    size, matrix = len(placed.units), program.matrix
    values = []
    for part, row in enumerate(program.sums.tolist()):
        entries = slice(matrix.starts[row], matrix.starts[row + 1])
        numbers = np.zeros(size)
        index: Ints = matrix.index[entries].astype(np.int64)
        np.add.at(numbers, (index - part * 3 * size) % size, matrix.value[entries] * columns[index])
        values.append(numbers)
    return values[0], values[1]
