"""How many must be asked for so that decisions reach the need, in one round or in two.

**Second round.** Where the decisions fall short of the need, those who decided at least as large a
part of their request as all together did are asked again, in proportion to their request and at
most for ``again`` of it, for so many that the first round's share of them is the shortage; they
give the year's share of it, at most all. One case is known: Østfold 2015 lacked 104 after the
spring and got 84 more by the autumn (Fylkesmannen i Østfold, sluttrapport 2017).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil
from typing import Any, TypeVar

import numpy as np

from allocator.documents import Case
from allocator.documents.base import Document
from allocator.engine import propose_case
from allocator.errors import BosettError
from allocator.panel import Panel
from allocator.program.problem import Floats, Names
from allocator.proposal import Proposal
from allocator.study.answering import Answers, Learnt, interval

__all__ = [
    "AGAIN",
    "Council",
    "Reach",
    "asked_of",
    "changed",
    "reaches",
    "with_fields",
    "with_need",
    "with_persons",
]

AGAIN = 0.25
D = TypeVar("D", bound=Document)
_NEAR = 0.002
_TRIES = 8
_MOST = 64


@dataclass(frozen=True, slots=True)
class Reach:
    """How many must be asked for so that decisions reach the need with a probability.

    ``asked`` is None where it cannot be done, and ``why`` says what stands against it. ``again`` is
    what the second round asks for at most, in 95 per cent of the draws.
    """

    rounds: int
    probability: float
    asked: int | None = None
    reached: float | None = None
    again: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Council:
    """Everything decisions are drawn from: what is learnt, each cell and county, how often."""

    learnt: Learnt
    cell: Names
    county: Names
    draws: int
    seed: int

    def decide(self, asked: Floats) -> Answers:
        """The first round: decisions on what is asked for (units,)."""
        return self.learnt.draw(asked, self.cell, self.county, self.draws, self.seed)


def asked_of(proposal: Proposal) -> Floats:
    """What a proposal asks of each, in order of code."""
    return np.array([request.total for request in proposal.municipalities], float)


def reaches(
    case: Case,
    panel: Panel,
    council: Council,
    proposal: Proposal,
    probability: float,
    again: float = AGAIN,
) -> Iterator[Reach]:
    """How many to ask for with one round, and with two."""
    for rounds, part in ((1, 0.0), (2, again)):
        yield _reach(case, panel, council, proposal, Reach(rounds, probability), part)


def _reach(
    case: Case, panel: Panel, council: Council, proposal: Proposal, found: Reach, again: float
) -> Reach:
    """The least number found by halving on the proposal's own proportions, then proposed anew.

    Where the engine's proposal of so many, whose limits may bend the proportions, falls short of
    the probability, a little more is asked for.
    """
    need, asked = case.scenario.need.total, asked_of(proposal)
    if not asked.sum():
        return replace(found, why="nobody is asked")

    def odds(first: Answers, decided: Floats, persons: Floats) -> tuple[float, Floats]:
        second = _second(first, decided, persons, need, again)
        total = decided + np.ceil(second * np.minimum(first.share, 1.0))
        return float(np.mean(total >= need)), second

    first = council.decide(asked)
    exact = first.ratio @ asked
    low, high = 0.0, need / float(asked.sum())
    while odds(first, exact * high, asked * high)[0] < found.probability:
        low, high = high, 2 * high
        if high > _MOST:
            return replace(found, why=f"not reached by asking for {round(asked.sum() * low)}")
    while (high - low) * asked.sum() > max(1.0, _NEAR * need):
        middle = (low + high) / 2
        enough = odds(first, exact * middle, asked * middle)[0] >= found.probability
        low, high = (low, middle) if enough else (middle, high)
    asking = ceil(high * asked.sum())
    for _ in range(_TRIES):
        try:
            persons = asked_of(propose_case(with_need(case, total=asking), panel))
        except BosettError as error:
            return replace(found, why=error.faults[0].found)
        answers = council.decide(persons)
        reached, second = odds(answers, answers.persons.sum(axis=1).astype(float), persons)
        if reached >= found.probability:
            most = round(interval(second)[2]) if again else None
            return replace(found, asked=asking, reached=reached, again=most)
        asking = ceil(asking * (1 + _NEAR))
    return replace(found, why=f"not reached by asking for {asking}")


def _second(first: Answers, decided: Floats, asked: Floats, need: int, again: float) -> Floats:
    """What the second round asks for (draws,)."""
    seen = decided / float(asked.sum())
    willing = (first.ratio >= seen[:, None]) @ asked
    wanted = np.ceil(np.maximum(need - decided, 0.0) / np.clip(seen, 0.01, 1.0))
    return np.minimum(wanted, np.floor(again * willing))


def with_need(case: Case, **need: Any) -> Case:
    """The case with another need; what is not named stays.

    >>> from allocator.documents import load_case
    >>> with_need(load_case("ostfold-2016"), total=900).scenario.need.total
    900
    """
    return with_fields(case, need=changed(case.scenario.need, **need))


def with_persons(case: Case, total: int, em: int) -> Case:
    """The case with another need; of two age groups the older give first, as they are the more."""
    need = case.scenario.need
    if not need.by_age:
        return with_need(case, total=total, em=em)
    young = min(need.em_under15 or 0, em)
    return with_need(case, total=total, em=None, em_under15=young, em_15_17=em - young)


def with_fields(case: Case, **fields: Any) -> Case:
    """The case with other fields of its scenario."""
    return replace(case, scenario=changed(case.scenario, **fields))


def changed(document: D, **fields: Any) -> D:
    """A document with other values, checked as it would be when read."""
    own = {name: getattr(document, name) for name in document.__dataclass_fields__}
    return type(document)(**{**own, **fields})
