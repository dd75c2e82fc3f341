"""The case kept beside the one shown: its numbers in the same table, on the same borders."""

from __future__ import annotations

from typing import Any

from allocator.audit.carried import carried
from allocator.panel import Panel
from allocator.present.carried import carried_lines, made_lines
from allocator.present.language import say
from allocator.present.tables import count
from allocator.proposal import Proposal

__all__ = ["joined"]


def joined(panel: Panel, proposal: Proposal, other: Proposal) -> dict[str, Any]:
    """Whether the two are ``joined`` in one table, and what is said of it.

    ``persons`` are the other's on the borders of the proposal, ``made`` what they are made of where
    these are not its own. A later one cannot be carried back: the two must then be swapped.
    """
    total, start, end = count(other.total), other.year, proposal.year
    if proposal.years or other.years:
        return {"text": say("web.beside.years", total=total)}
    if start > end:
        if _codes(panel, start) != _codes(panel, end):
            return {"text": say("web.beside.later", total=total, year=start)}
        start = end
    moved = carried(panel, {r.code: r.total for r in other.municipalities}, start, end)
    whole = moved.persons.keys() - moved.lacking
    both = [r for r in proposal.municipalities if r.code in whole]
    if not both:
        return {"text": say("web.beside.apart", total=total)}
    gaps = [r.total - moved.persons[r.code] for r in both]
    fields = {"differ": count(sum(map(bool, gaps))), "moved": count(sum(map(abs, gaps)))}
    lines, made = [say("web.beside.text", total=total, **fields)], None
    if moved.parts:
        names = {r.code: r.name for r in proposal.municipalities}
        lines += carried_lines(other.scenario, (start, end), moved, names)
        made = (say("versus.made", start=start, end=end), made_lines(moved, names))
    return {"joined": True, "persons": moved, "text": " ".join(lines), "made": made}


def _codes(panel: Panel, year: int) -> list[str]:
    return [unit.code for unit in panel.municipalities(year)]
