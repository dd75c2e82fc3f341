"""Why each number, as the report tells it: the steps that lead to it, and what holds it."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from allocator.audit.explain import explain
from allocator.present.explain import Row, reasons
from allocator.present.language import say
from allocator.present.report.facts import Facts

__all__ = ["whys"]


def whys(facts: Facts) -> dict[str, Markup]:
    """Municipality code → why its number is what it is: lists of steps, and what holds it.

    Of a plan of several years it is the first, as in the rest of the report.
    """
    answer = explain(facts.case, facts.panel)
    found = {}
    for why in answer.rows:
        request = why.request
        if request.year != facts.proposal.year:
            continue
        told = reasons(why, answer)
        parts = [_steps(told.steps)]
        if told.minors:
            parts += [Markup("<p>{}").format(say("explain.em")), _steps(told.minors)]
        words = " ".join([*told.holds, *told.notes])
        parts.append(Markup("<p>{}").format(words))
        found[request.code] = Markup("").join(parts)
    return found


def _steps(rows: Sequence[Row]) -> Markup:
    """A waterfall as a list; a sum stands under a line."""
    items = [
        Markup("<li class=s><b>{}</b>{}" if sign == "=" else "<li><b>{}</b>{}").format(
            f"{sign}{number}".strip(), text
        )
        for sign, number, text in rows
    ]
    return Markup("<ul class=why>{}</ul>").format(Markup("").join(items))
