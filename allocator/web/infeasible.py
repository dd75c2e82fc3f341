"""Why there is no proposal, and the ways out of it: in words, and as states to go on to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from allocator.present.language import say
from allocator.present.refusal import relaxation_words, summary_words
from allocator.program.infeasible import Infeasibility
from allocator.web.controls import CHOICES, NUMBERS, plain, read_number
from allocator.web.links import Links
from allocator.web.local import COUNTS, Local, merged
from allocator.web.state import State

__all__ = ["NoWay", "Way", "no_way", "with_settings"]

_MOST = 6
_LOCAL = re.compile(r'municipality\."?([0-9]{4})"?\.(\w+)')


@dataclass(frozen=True, slots=True)
class Way:
    """Changes that make it possible, and where they lead; no link where no field says them."""

    text: str
    link: str


@dataclass(frozen=True, slots=True)
class NoWay:
    """What the page says of a case without a proposal."""

    summary: str
    ways: tuple[Way, ...]


def no_way(state: State, why: Infeasibility) -> NoWay:
    """The words and the ways out, the smallest change first, what gives way last."""
    told = [(relaxation_words(each), each.settings) for each in why.relaxations[:_MOST]]
    for setting in why.soft:
        family = say(f"web.control.hard_{setting.partition('.')[0]}")
        told.append((say("web.infeasible.soft", family=family), (setting,)))
    summary = summary_words(why.summary)
    return NoWay(
        summary[:1].upper() + summary[1:],
        tuple(Way(text, _link(state, settings)) for text, settings in told),
    )


def _link(state: State, settings: tuple[str, ...]) -> str:
    found = with_settings(state, settings) if settings else None
    return "" if found is None else Links(found).here


def with_settings(state: State, settings: Iterable[str]) -> State | None:
    """The state with ``key=value`` settings laid over it; None where one is nothing of the page.

    >>> found = with_settings(State("norway-2026"), ["need.total=9000", "county.hard=false"])
    >>> found.query()
    'scenario=norway-2026&need=9000&hard_county=false'
    >>> with_settings(State("norway-2026"), ["key.population=1"])
    """
    numbers, choices, local = dict(state.numbers), dict(state.choices), state.local
    for setting in settings:
        key, _, text = setting.partition("=")
        where = _LOCAL.fullmatch(key)
        number = next((control for control in NUMBERS if control.key == key), None)
        choice = next((control for control in CHOICES if control.key == key), None)
        if number is not None:
            value = _shown(text, number.scale)
            shown = None if value is None else read_number(plain(value), number)
            if shown is None:
                return None
            numbers[number.name] = shown
        elif choice is not None and text in choice.values:
            choices[choice.name] = text
        elif where is not None and where[2] in COUNTS and text.isdecimal():
            said: dict[str, Any] = {where[2]: int(text)}
            local = merged(local, [Local(where[1], **said)])
        else:
            return None
    return replace(
        state,
        numbers=tuple((c.name, numbers[c.name]) for c in NUMBERS if c.name in numbers),
        choices=tuple((c.name, choices[c.name]) for c in CHOICES if c.name in choices),
        local=local,
    )


def _shown(text: str, scale: int) -> Decimal | None:
    try:
        return Decimal(text) * scale
    except InvalidOperation:
        return None
