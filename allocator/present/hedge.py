"""How many to ask for when the need is uncertain, as table, JSON or CSV."""

from __future__ import annotations

from dataclasses import asdict

from allocator.present.language import localised, say
from allocator.present.tables import (
    Column,
    as_csv,
    as_json,
    as_text,
    count,
    percent,
    wrapped,
)
from allocator.study.hedge import Hedge

__all__ = ["hedged"]

_WIDTH = 80


def hedged(found: Hedge, form: str, part: str) -> str:
    """A number to ask for now, and what becomes of it, as table, json or csv."""
    if form == "json":
        return as_json(found.as_dict())
    if form == "csv":
        if part == "municipalities":
            return as_csv([request.as_dict() for request in found.proposal.municipalities])
        return as_csv([asdict(outcome) for outcome in found.outcomes])
    columns = [
        Column(say("hedge.need"), True),
        Column(say("hedge.probability"), True),
        Column(say("hedge.up"), True),
        Column(say("hedge.cut"), True),
        Column(say("hedge.unplaced"), True),
        Column(say("hedge.idle"), True),
        Column(say("hedge.cost"), True),
    ]
    rows = [
        [
            count(o.need),
            percent(100 * o.probability, 0),
            count(o.topped_up),
            count(o.cut),
            count(o.unplaced),
            count(o.idle),
            count(round(o.cost)),
        ]
        for o in found.outcomes
    ]
    names = ("topped_up", "cut", "unplaced", "idle")
    mean = sum(o.probability * o.cost for o in found.outcomes)
    expected = [count(round(found.expected(name))) for name in names]
    rows.append([say("hedge.expected"), "", *expected, count(round(mean))])
    head = say("hedge.head", scenario=found.proposal.scenario, asked=count(found.asked))
    lines = [*wrapped([head]), "", as_text(columns, rows, _WIDTH)]
    told = {"mean": count(found.mean_asked), "vss": count(round(found.vss))}
    lines += wrapped([say("hedge.vss", **told), say("hedge.evpi", evpi=count(round(found.evpi)))])
    if found.risk.weight:
        worst = percent(100 * (1 - found.risk.alpha), 0)
        weight = localised(f"{found.risk.weight:g}")
        lines += wrapped([say("hedge.risk", worst=worst, weight=weight)])
    numbers = {
        name: localised(f"{value:g}")
        for name, value in asdict(found.prices).items()
        if not name.startswith("most")
    }
    parts = {
        name: percent(100 * getattr(found.prices, name), 0) for name in ("most_up", "most_cut")
    }
    lines += wrapped([f"– {say('hedge.prices', **numbers, **parts)}"])
    lines += wrapped([f"– {say('hedge.rule', model=found.proposal.model)}"])
    return "\n".join(lines) + "\n"
