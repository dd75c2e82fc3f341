"""What a map shows of an answer: each municipality's number, coloured in one of four ways.

The map of ``bosett map`` and the one on the web page are the same, made here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from allocator.audit.fairness import Evenly, Row
from allocator.panel import Panel
from allocator.present.atlas import Atlas, atlas_of
from allocator.present.language import say, titled
from allocator.present.maps import Cell, Map, cell
from allocator.present.poster import poster
from allocator.present.scales import Scale, apart, rising
from allocator.present.tables import count, decimal, signed
from allocator.proposal import Proposal

__all__ = ["COLOURS", "cells_of", "focus_of", "picture", "scale_of", "shown_as"]


@dataclass(frozen=True, slots=True)
class _Colour:
    value: Callable[[Row], float | int | None]
    show: Callable[[float], str]
    scale: Callable[[list[float]], Scale]


_COLOURS = {
    "per_1000": _Colour(lambda row: row.request.per_1000, decimal, rising),
    "load": _Colour(lambda row: row.load, lambda value: decimal(value, 2), rising),
    "change": _Colour(
        lambda row: row.request.change,
        lambda value: signed(round(value)),
        lambda values: apart(values, least=1),
    ),
    "asked": _Colour(lambda row: row.request.total, lambda value: count(round(value)), rising),
}
COLOURS = tuple(_COLOURS)
"""What a map can be coloured by; the first is what it is coloured by unless told otherwise."""


def picture(
    panel: Panel,
    proposal: Proposal,
    even: Evenly,
    colour: str = COLOURS[0],
    county: str = "",
    atlas: Atlas | None = None,
) -> str:
    """The map of a proposal by itself, as SVG with its title, legend and credit.

    In the map of one ``county``, each municipality has its name and number written on it. Raises
    :class:`~allocator.errors.MissingInputError` where there are no borders to draw.
    """
    atlas = atlas or atlas_of(panel, proposal.year)
    cells = cells_of(even, colour)
    scale, focus = scale_of(colour, [cells]), focus_of(atlas, cells, county)
    seen = [row.request for row in even.rows if not county or row.request.county == county]
    own = {request.code: cells[request.code] for request in seen}
    near = len({request.county for request in seen}) == 1
    largest = sorted(seen, key=lambda request: (-(request.population or 0), request.code))
    labels = {r.code: f"{r.name} {count(r.total)}" for r in largest} if near else None
    drawn = Map("map", atlas, own, scale, focus, pixels=900, labels=labels)
    title = seen[0].county_name if county and seen else titled(proposal.title)
    note = say(
        "map.note",
        scenario=proposal.scenario,
        what=say(f"map.colour.{colour}"),
        model=proposal.model,
        n=count(sum(request.total for request in seen)),
    )
    if labels:
        note = f"{note} · {say('map.numbers')}"
    return poster(drawn, title, note, say("map.credit"), shown_as(colour))


def shown_as(colour: str) -> Callable[[float], str]:
    """How a bound between two colours is written."""
    return _COLOURS[colour].show


def scale_of(colour: str, cells: Iterable[Mapping[str, Cell]]) -> Scale:
    """One scale for all the maps that are to be compared."""
    values = [one.value for of in cells for one in of.values() if one.value is not None]
    return _COLOURS[colour].scale(values)


def cells_of(even: Evenly, colour: str) -> dict[str, Cell]:
    """What the map shows of each municipality."""
    kind = _COLOURS[colour]
    found = {}
    for row in even.rows:
        value = kind.value(row)
        words = say(f"map.cell.{colour}", value="–" if value is None else kind.show(value))
        # A load of nobody asked is no class of its own: not asked.
        status = "not_requested" if row.request.total == 0 and colour != "change" else "missing"
        shown = None if value is None or status == "not_requested" else float(value)
        if colour == "change" and value == 0:
            found[row.request.code] = Cell(words, 0.0)
        else:
            found[row.request.code] = cell(words, shown, status)
    return found


def focus_of(atlas: Atlas, cells: Mapping[str, Cell], county: str) -> tuple[str, ...]:
    """The municipalities that fill the view: a county's, or those of the case; none if all do."""
    if county:
        return atlas.county(county)
    return () if len(cells) == len(atlas.units) else tuple(cells)
