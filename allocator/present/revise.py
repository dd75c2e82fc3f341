"""A revised year as table, JSON or CSV: who changes, from what to what, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from allocator.present.language import say, sentence, word
from allocator.present.tables import (
    Column,
    as_csv,
    as_json,
    as_text,
    count,
    percent,
    signed,
    wrapped,
)
from allocator.study.revise import Change, Revision

__all__ = ["revision"]

_WIDTH = 80
_RESERVE = 10  # shown on a terminal; CSV has all


def revision(found: Revision, form: str, part: str) -> str:
    """A revised year as table, json or csv."""
    if form == "json":
        return as_json(found.as_dict())
    if form == "csv":
        return as_csv(_part(found, part))
    head = say(
        "revise.head",
        scenario=found.scenario,
        was=count(found.was),
        now=count(found.now),
        start=word(f"revise.start.{found.start}", found.start),
    )
    lines = wrapped([head, say(f"revise.how.{found.how}", n=count(len(found.changed)))])
    if found.changed:
        lines += ["", _table(found)]
    else:
        lines += [""]
    lines += wrapped(_after(found))
    return "\n".join(lines) + "\n"


def _part(found: Revision, part: str) -> list[dict[str, Any]]:
    if part == "reserve":
        return [
            {"rank": rank, "code": c.code, "name": c.name, "now": c.now, "room": _room(c)}
            for rank, c in enumerate(found.reserve, 1)
        ]
    rows = found.changed if part == "changes" else found.municipalities
    return [change.as_dict() for change in rows]


def _room(change: Change) -> int:
    """What is left of its capacity after the revision."""
    return (change.room or 0) - change.change


def _table(found: Revision) -> str:
    minors = found.was_em or found.em
    done = found.done is not None
    columns = [
        Column(say("code")),
        Column(say("municipality"), least=10),
        Column(say("revise.was"), True),
        Column(say("revise.now"), True),
        Column(say("revise.change"), True),
        *([Column(say("minors"), True), Column(say("revise.change"), True)] if minors else []),
        *([Column(say("revise.done"), True)] if done else []),
        Column(say("revise.why")),
    ]
    rows = [
        [
            c.code,
            c.name,
            count(c.was),
            count(c.now),
            signed(c.change),
            *([count(c.em), signed(c.em - c.was_em)] if minors else []),
            *([count(c.done)] if done else []),
            say(f"revise.why.{c.why}"),
        ]
        for c in found.changed
    ]
    total = [
        "",
        say("in_all"),
        count(found.was),
        count(found.now),
        signed(found.now - found.was),
        *([count(found.em), signed(found.em - found.was_em)] if minors else []),
        *([count(sum(c.done or 0 for c in found.municipalities))] if done else []),
        "",
    ]
    return as_text(columns, [*rows, total], _WIDTH)


def _anew(found: Revision) -> str:
    """Who is asked, or asked for minors, who was not before; and why."""
    if not (found.new or found.new_minors):
        return say("revise.anew.none")
    told = [
        say("revise.anew", n=count(len(found.new)), persons=count(sum(c.now for c in found.new)))
    ]
    if found.new_minors:
        told.append(say("revise.anew.minors", n=count(len(found.new_minors))))
    return " ".join((*told, say(f"revise.anew.{found.anew}")))


def _after(found: Revision) -> Iterator[str]:
    """What stands beside the table: what was done, the reserve list, what is unknown."""
    if found.done is not None and found.done.exact is not None:
        yield say(
            "revise.beside",
            exact=percent(100 * found.done.exact),
            n=count(found.done.municipalities),
            overlap=percent(100 * (found.done.overlap or 0)),
        )
    if found.within is not None:
        parts = {"within": percent(100 * found.within, 0)}
        yield f"– {say('revise.within', **parts)}"
        if found.was_em or found.em:
            minors = percent(100 * (found.within_minors or 0), 0)
            yield f"– {say('revise.within-minors', within=minors)}"
        yield f"– {_anew(found)}"
    if found.now > found.was:
        if found.reserve:
            told = ", ".join(f"{c.name} {count(_room(c))}" for c in found.reserve[:_RESERVE])
            yield f"– {say('revise.reserve', n=count(len(found.reserve)), told=told)}"
        else:
            yield f"– {say('revise.reserve.none')}"
    if found.unknown:
        told = ", ".join(word(f"count.{s}").format(n=n) for s, n in sorted(found.unknown.items()))
        yield f"– {say('revise.unknown', told=told)}"
    for warning in found.warnings:
        yield f"– {sentence(warning)}"
