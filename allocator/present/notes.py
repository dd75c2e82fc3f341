"""What an answer warns of, as notes for people: figures in words, municipalities by name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from allocator.present.language import say, sentence, word

if TYPE_CHECKING:
    from allocator.proposal import Request

__all__ = ["noted"]

_FIGURE = re.compile(
    r"([a-z][a-z0-9_]*)(?: (\d{4}(?:-\d\d)?))?(?= (?:has no figure|is unknown|of) )"
)
_CODES = re.compile(r"( figure for | limits of | below 0 for )(\d{4}(?:, \d{4})*)")
_ONE = re.compile(r"( of )(\d{4})(?= is from )")
_OF_PERIOD = re.compile(r",? (?:(?:i|in|of) )?\{period\}")


def noted(warnings: Iterable[str], requests: Iterable[Request]) -> list[str]:
    """The warnings in the spoken language, with the names of what they give the codes of.

    JSON and CSV keep the codes; what has no name keeps its code here too.

    >>> noted(["immigrants_pct 2025 is unknown for 3 municipalities: taken as eligible"], ())
    ["'immigrants, 2025' is unknown for 3 municipalities: taken as eligible"]
    """
    names = {request.code: request.name for request in requests}

    def named(found: re.Match[str]) -> str:
        return found[1] + ", ".join(names.get(code, code) for code in found[2].split(", "))

    told = []
    for warning in warnings:
        english = _CODES.sub(named, _ONE.sub(named, warning))
        known = _FIGURE.match(english)
        if known is not None:
            english = _figure(known[1], known[2]) + english[known.end() :]
        told.append(sentence(english))
    return told


def _figure(indicator: str, period: str | None) -> str:
    label = word(f"explain.indicator.{indicator}", "")
    if not label:
        return f"{indicator} {period}" if period else indicator
    if period is None:
        return say("explain.figure", label=_OF_PERIOD.sub("", label))
    if "{period}" not in label:
        label += ", {period}"
    return say("explain.figure", label=label.format(period=period))
