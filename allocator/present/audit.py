"""The audit of a rule's key as table, JSON or CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from allocator.audit.keys import Audit
from allocator.audit.rounding import Found
from allocator.present.language import localised, say, sentence
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

__all__ = ["PARTS", "audit"]

PARTS = ("criteria", "responses", "pairs", "paradoxes")
_WIDTH = 80
_BITES = 0.5  # a criterion that does less than half of what its weight says is told
_DISGUISE = 0.95  # and one that alone places this part of all persons as population does


def audit(found: Audit, form: str, part: str = "criteria") -> str:
    """An audit as table, json or csv; CSV holds one part."""
    if form == "json":
        return as_json(found.as_dict())
    if form == "csv":
        return as_csv(_rows(found, part))
    head = say(
        "audit.head",
        model=found.model,
        year=found.year,
        n=count(len(found.codes)),
        persons=count(found.need),
        day=found.as_of,
    )
    blocks = [
        f"{head}\n\n{_criteria(found)}\n" + _block(_verdict(found)),
        say("audit.response") + "\n\n" + _responses(found),
        _block(_pairs(found)),
        _block(_rounding(found)),
        _block(f"– {note}" for note in _notes(found)),
    ]
    return "\n".join(blocks)


def _rows(found: Audit, part: str) -> list[dict[str, Any]]:
    if part == "responses":
        return found.response_rows()
    whole = found.as_dict()
    if part == "pairs":
        return list((whole["pairs"] or {"examples": []})["examples"])
    if part == "paradoxes":
        return [
            {"paradox": row["paradox"], "tried": row["tried"], **_flat(row["example"])}
            for row in whole["paradoxes"]
        ]
    return list(whole["rows"])


def _flat(example: dict[str, Any] | None) -> dict[str, Any]:
    names = ("axiom", "units", "weights", "total", "numbers", "other_total", "other_numbers")
    return {name: example[name] if example else None for name in names}


def _criteria(found: Audit) -> str:
    titles = ("stated", "effective", "spread", "r2", "as_population")
    columns = [Column(say("audit.criterion"), least=14)]
    columns += [Column(say(f"audit.{title}"), True) for title in titles]
    rows = [
        [
            row.criterion,
            _share(row.stated)
            if row.persons is None
            else say("audit.amount", persons=decimal(row.persons)),
            *map(_share, (row.effective, row.spread)),
            decimal(row.r2, 3),
            _share(row.as_population),
        ]
        for row in found.criteria
    ]
    return as_text(columns, rows, _WIDTH)


def _verdict(found: Audit) -> Iterator[str]:
    """What the key does in all, and which criteria do less than they are stated with."""
    if found.moved < 5e-7:
        yield say("audit.moved.not")
        return
    yield say("audit.moved", moved=percent(100 * found.moved))
    if found.limits:
        yield say("audit.moved.limits", moved=percent(100 * found.limits))
    for row in found.criteria:
        same, stated = row.as_population or 0.0, row.stated or 0.0
        if _DISGUISE <= same < 1 - 1e-6:
            yield say("audit.disguise", criterion=row.criterion, same=percent(100 * same))
        elif same < _DISGUISE and row.effective is not None and row.effective < _BITES * stated:
            yield say(
                "audit.weak",
                criterion=row.criterion,
                stated=percent(100 * stated),
                effective=percent(100 * row.effective),
            )


def _responses(found: Audit) -> str:
    columns = [
        Column(say("audit.indicator"), least=14),
        Column(say("audit.response.share"), True),
        Column(say("audit.response.middle"), least=14),
        Column("", True),
        Column(say("audit.response.most"), least=12),
        Column("", True),
    ]
    rows = []
    for response in found.responses:
        told = response.as_dict(found.codes)
        rows.append(
            [
                response.indicator,
                _signed(response.elasticity),
                found.names[told["middle"]],
                _signed(told["middle_persons"]),
                found.names[told["most"]],
                _signed(told["most_persons"]),
            ]
        )
    return as_text(columns, rows, _WIDTH)


def _pairs(found: Audit) -> Iterator[str]:
    pairs = found.pairs
    if pairs is None:
        yield say("audit.pairs.no_size")
        return
    if not pairs.relieving:
        yield say("audit.pairs.none")
        return
    named = ", ".join(say(f"audit.more.{sign}", name=name) for name, sign in pairs.relieving)
    both = {"paradoxes": count(pairs.paradoxes), "compared": count(pairs.compared)}
    yield say("audit.pairs", names=named, **both)
    for more, fewer, ratio in pairs.examples[:2]:
        yield "– " + say(
            "audit.pairs.example",
            more=found.names[more],
            fewer=found.names[fewer],
            ratio=decimal(ratio, 2),
        )


def _rounding(found: Audit) -> Iterator[str]:
    if not found.rounds:
        yield say("audit.rounding.own")
        return
    yield say("audit.rounding", method=found.rounds)
    for each in found.paradoxes:
        yield "– " + _paradox(found, each)


def _paradox(found: Audit, each: Found) -> str:
    what, example = say(f"audit.paradox.{each.paradox}"), each.example
    if example is None:
        return say("audit.paradox.none", what=what, n=each.tried)
    names = [found.names[found.codes[unit]] for unit in example.units]
    (total, before), (more, after) = example.first, example.second
    fields: dict[str, Any] = {"what": what, "name": names[0], "had": before[0], "has": after[0]}
    if each.paradox == "alabama":
        return say("audit.example.alabama", total=count(total), more=count(more), **fields)
    if each.paradox == "new-states":
        return say("audit.example.new-states", newest=names[1], due=after[1], **fields)
    fields |= {"other": names[1], "other_had": before[1], "other_has": after[1]}
    return say("audit.example.population", total=count(total), **fields)


def _notes(found: Audit) -> Iterator[str]:
    yield say("audit.note.effective")
    yield say("audit.note.population")
    if found.rounds:
        yield say("audit.note.rounding")
    yield from map(sentence, found.warnings)


def _block(texts: Iterator[str]) -> str:
    return "\n".join(wrapped(texts, _WIDTH)) + "\n"


def _share(share: float | None) -> str:
    return decimal(None if share is None else 100 * share)


def _signed(value: float) -> str:
    return localised(f"{value:+.2f}".replace("-", "−")) if round(value, 2) else "0"
