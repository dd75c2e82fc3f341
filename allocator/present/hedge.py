"""How many to ask for when the need is uncertain, as table, JSON or CSV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from allocator.present.language import localised, say
from allocator.present.tables import (
    Column,
    as_csv,
    as_json,
    as_text,
    count,
    hundredths,
    percent,
    wrapped,
)
from allocator.study.hedge import PRICES, Hedge

__all__ = ["hedged"]

_WIDTH = 80
_MOVED = ("topped_up", "cut", "unplaced", "idle")


def hedged(found: Hedge, form: str, part: str) -> str:
    """A number to ask for now, and what becomes of it, as table, json or csv."""
    if form == "json":
        return as_json(found.as_dict())
    if form == "csv":
        if part == "municipalities":
            return as_csv([request.as_dict() for request in found.proposal.municipalities])
        return as_csv([asdict(outcome) for outcome in found.outcomes])
    asked = {"scenario": found.proposal.scenario, "asked": count(found.asked)}
    head = say("hedge.head", **asked)
    if found.asked_em:
        head = say("hedge.head-minors", em=count(found.asked_em), **asked)
    lines = [*wrapped([head]), "", _table(found)]
    lines += wrapped(_worth(found))
    lines += wrapped(f"– {text}" for text in _assumed(found))
    return "\n".join(lines) + "\n"


def _table(found: Hedge) -> str:
    """One line for each state, and what is expected; answers are told only where they differ."""
    learnt = found.answering is not None
    named = any(o.case != str(o.need) for o in found.outcomes)
    titles = [*(["decided"] if learnt else []), "up", "cut", "unplaced", "idle", "cost"]
    columns = [
        *([Column(say("hedge.case"), least=9)] if named else []),
        Column(say("hedge.need"), True),
        Column("%", True),
        *([Column(say("hedge.share"), True)] if learnt else []),
        *(Column(say(f"hedge.{title}"), True) for title in titles),
    ]
    rows = []
    for o in found.outcomes:
        rows.append(
            [
                *([o.case] if named else []),
                count(o.need),
                hundredths(o.probability),
                *([localised(f"{o.share:.2f}"), count(o.decided)] if learnt else []),
                *(count(getattr(o, name)) for name in _MOVED),
                count(round(o.cost)),
            ]
        )
    mean = sum(o.probability * o.cost for o in found.outcomes)
    names = (*(("decided",) if learnt else ()), *_MOVED)
    expected = [count(round(found.expected(name))) for name in names]
    blank = [""] * (1 + named + learnt)
    rows.append([say("hedge.expected"), *blank, *expected, count(round(mean))])
    return as_text(columns, rows, _WIDTH)


def _worth(found: Hedge) -> Iterator[str]:
    """What it is worth to plan with the cases, and to know more."""
    told = {"mean": count(found.mean_asked), "vss": count(round(found.vss))}
    learnt = found.answering is not None
    yield say("hedge.vss-answers" if learnt else "hedge.vss", **told)
    evpi = count(round(found.evpi))
    yield say("hedge.evpi-answers" if learnt else "hedge.evpi", evpi=evpi)
    if found.trust_cost is not None:
        more = count(round(found.trust_cost - found.cost))
        yield say("hedge.trust", asked=count(found.trust_asked), more=more)
    if found.terms.weight:
        worst = percent(100 * (1 - found.terms.cvar), 0)
        yield say("hedge.risk", worst=worst, weight=localised(f"{found.terms.weight:g}"))


def _assumed(found: Hedge) -> Iterator[str]:
    """What is assumed: the probabilities, the prices, the answers; and whose rule shares it."""
    if found.terms.assumption:
        yield say("hedge.assumption", text=found.terms.assumption)
    numbers = {
        name: localised(f"{getattr(found.terms, name):g}")
        for name in PRICES
        if not name.startswith("most")
    }
    parts = {name: percent(100 * getattr(found.terms, name), 0) for name in ("most_up", "most_cut")}
    yield say("hedge.prices", **numbers, **parts)
    if any(outcome.em for outcome in found.outcomes):
        yield say("hedge.minors")
    if found.answering is None:
        yield say("hedge.as-asked")
    else:
        answering = found.answering
        yield say(
            "hedge.learnt",
            cases=count(len(answering.shares)),
            regime=say(f"hedge.{answering.regime}"),
            day=answering.trained_to,
            years=count(len(answering.years)),
        )
    yield say("hedge.rule", model=found.proposal.model)
