"""How councils would answer, as table, JSON or CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from allocator.present.language import say, word
from allocator.present.tables import (
    Column,
    as_csv,
    as_json,
    as_text,
    count,
    decimal,
    percent,
    wrapped,
)
from allocator.study.answers_backtest import Foretold, coverage
from allocator.study.history import STEPS
from allocator.study.reach import Reach
from allocator.study.respond import Response, Row

__all__ = ["response"]

_WIDTH = 80


def response(found: Response, tested: Sequence[Foretold], form: str, part: str) -> str:
    """An answered proposal and the test of what foretells it, as table, json or csv."""
    if form == "csv":
        return as_csv(_part(found, tested, part))
    if form == "json":
        return as_json({**found.as_dict(), "test": [row.as_dict() for row in tested]})
    need = found.proposal.need["total"]
    head = say(
        "respond.head",
        scenario=found.proposal.scenario,
        asked=count(found.nation.asked),
        need=count(need),
        draws=count(found.draws),
        seed=found.seed,
    )
    parts = [
        *wrapped([head, _regime(found)]),
        "",
        _areas(found),
        *wrapped([_reach(reach, need or 0) for reach in found.reaches]),
        "",
        say("respond.test"),
        _tests(tested),
        *wrapped(f"– {note}" for note in _notes(found, tested)),
    ]
    return "\n".join(parts) + "\n"


def _part(found: Response, tested: Sequence[Foretold], part: str) -> list[dict[str, Any]]:
    """One table of the answer, as rows of one shape."""
    if part in ("years", "cells"):
        return [
            {"answer": step["answer"], **_flat(row)} for step in found.learnt for row in step[part]
        ]
    if part == "test":
        return [row.as_dict() for row in tested]
    if part == "reach":
        return [asdict(reach) for reach in found.reaches]
    rows = {"nation": (found.nation,), "counties": found.counties}
    return [row.as_dict() for row in rows.get(part, found.municipalities)]


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    left = row.get("left_out")
    if not isinstance(left, dict):
        return row
    return {**row, "left_out": [f"{name}={n}" for name, n in left.items()]}


def _regime(found: Response) -> str:
    decided = found.learnt[0]
    return say(
        "respond.learnt",
        day=found.trained_to,
        regime=say(f"respond.regime.{found.regime}"),
        n=decided["years_of_regime"],
        low=_share(decided["share_low"]),
        share=_share(decided["share"]),
        high=_share(decided["share_high"]),
    )


def _areas(found: Response) -> str:
    columns = [
        Column(say("county") if len(found.counties) > 1 else say("municipality"), least=12),
        Column(say("respond.asked"), True),
        Column(say("decided"), True),
        Column(say("respond.range"), True),
        Column(say("settled"), True),
        Column(say("respond.range"), True),
    ]
    inner = found.counties if len(found.counties) > 1 else found.municipalities
    rows = [_row(row, row.name) for row in inner]
    return as_text(columns, [*rows, _row(found.nation, say("in_all"))], _WIDTH)


def _row(row: Row, name: str) -> list[str]:
    return [
        name,
        count(row.asked),
        count(row.decided),
        f"{count(row.decided_low)}–{count(row.decided_high)}",
        count(row.settled),
        f"{count(row.settled_low)}–{count(row.settled_high)}",
    ]


def _reach(reach: Reach, need: int) -> str:
    told = {"probability": percent(100 * reach.probability, 0), "need": count(need)}
    if reach.asked is None:
        return say(f"respond.reach.none.{reach.rounds}", why=reach.why, **told)
    told |= {"asked": count(reach.asked), "again": count(reach.again)}
    return say(f"respond.reach.{reach.rounds}", **told)


def _tests(tested: Sequence[Foretold]) -> str:
    columns = [
        Column(say("respond.step"), least=9),
        Column(say("year"), True),
        Column(say("respond.was"), True),
        Column(say("respond.foretold"), True),
        Column(say("respond.width"), True),
        Column(say("respond.inside")),
    ]
    rows = [
        [
            say(f"respond.{row.answer}"),
            str(row.year),
            _share(row.actual),
            "–" if row.low is None else f"{_share(row.low)}–{_share(row.high)}",
            _share(row.width),
            _inside(row),
        ]
        for row in tested
    ]
    return as_text(columns, rows, _WIDTH)


def _inside(row: Foretold) -> str:
    if row.inside is None:
        return say("respond.inside.unknown")
    told = say("respond.inside.yes" if row.inside else "respond.inside.no")
    return told if row.counted else say("respond.inside.partial", told=told)


def _notes(found: Response, tested: Sequence[Foretold]) -> list[str]:
    notes = []
    for answer in STEPS:
        inside, n = coverage(tuple(tested), answer)
        if n:
            notes.append(say(f"respond.coverage.{answer}", inside=inside, n=n))
        known = [row for row in tested if row.answer == answer and row.counted]
        if means := _mean(known, "municipal"):
            notes.append(say(f"respond.municipal.{answer}", mean=means))
        if means := _mean(known, "county"):
            given = _mean(known, "county_given")
            notes.append(say(f"respond.county.{answer}", mean=means, given=given))
    for step in found.learnt:
        left: dict[str, int] = {}
        for year in step["years"]:
            for status, n in year["left_out"].items():
                left[status] = left.get(status, 0) + n
        if left:
            told = ", ".join(word(f"count.{s}").format(n=n) for s, n in sorted(left.items()))
            persons = sum(year["left_out_persons"] for year in step["years"])
            notes.append(
                say(f"respond.left_out.{step['answer']}", told=told, persons=count(persons))
            )
        partial = [str(year["year"]) for year in step["years"] if not year["used"]]
        if partial:
            notes.append(say("respond.partial", years=", ".join(partial)))
        national = [str(year["year"]) for year in step["years"] if not year["municipal"]]
        if national:
            notes.append(say("respond.national", years=", ".join(national)))
    if found.reaches:
        notes.append(say("respond.second", again=percent(100 * found.again, 0)))
    return notes


def _mean(rows: Sequence[Foretold], name: str) -> str:
    """The mean over the years of a part of municipalities or counties; empty if none is known."""
    parts = [getattr(row, name) for row in rows if getattr(row, name) is not None]
    return percent(100 * sum(parts) / len(parts), 0) if parts else ""


def _share(value: float | None) -> str:
    return decimal(value, 2)
