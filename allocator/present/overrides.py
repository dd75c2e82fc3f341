"""The override log: all that a scenario says of single municipalities, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from allocator.present.language import localised, say, sentence, word
from allocator.present.tables import Column, as_text, count, signed

if TYPE_CHECKING:
    from allocator.audit.overrides import Cost

__all__ = ["costs_lines", "log_lines"]

_WIDTH = 80


def log_lines(overrides: Sequence[Mapping[str, Any]]) -> list[str]:
    """The log as a heading and a table; nothing where nothing is said."""
    if not overrides:
        return []
    columns = [
        Column(say("municipality")),
        Column(say("override.what")),
        Column(say("override.value"), True),
        Column(say("override.reason"), below=" "),
    ]
    cells = [
        [f"{one['name']} ({one['code']})", _what(one["what"]), _value(one["value"]), _reason(one)]
        for one in overrides
    ]
    return [say("override.head"), "", as_text(columns, cells, _WIDTH)]


def costs_lines(costs: Sequence[Cost]) -> list[str]:
    """What each override costs the others: a heading, a table, and why where there is no answer."""
    if not costs:
        return []
    columns = [
        Column(say("municipality"), least=8),
        Column(say("override.what")),
        Column(say("override.own"), True),
        Column(say("override.without"), True),
        Column(say("override.others"), True),
        Column(say("override.county"), True),
        Column(say("override.even"), True),
    ]
    cells = [
        [
            cost.override["name"] or say("in_all"),
            _what(cost.override["what"]),
            count(cost.own),
            count(cost.without),
            signed(cost.others),
            signed(cost.county),
            _change(cost.even_change),
        ]
        for cost in costs
    ]
    lines = [say("override.costs"), "", as_text(columns, cells, _WIDTH)]
    for cost in costs:
        if cost.why:
            what, why = _what(cost.override["what"]), sentence(cost.why)
            lines.append(say("override.why", name=cost.override["name"], what=what, why=why))
    return lines


def _what(what: str) -> str:
    return word(f"override.{what}", what)


def _change(value: float | None) -> str:
    return "–" if value is None else localised(f"{value:+.4f}".replace("-", "−"))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return say("override.yes") if value else say("override.no")
    return "" if value is None else count(value)


def _reason(one: Mapping[str, Any]) -> str:
    return one["reason"] or say("override.none")
