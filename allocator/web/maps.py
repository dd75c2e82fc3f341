"""The maps of the page: one for each state, in one scale, over shapes that are sent once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from allocator.audit.fairness import Evenly, Row
from allocator.errors import BosettError
from allocator.panel import Panel
from allocator.present.atlas import Atlas, atlas_of
from allocator.present.language import say
from allocator.present.maps import Cell, Map, cell, shapes
from allocator.present.scales import Scale, apart, rising
from allocator.present.tables import count, decimal, signed
from allocator.proposal import Proposal
from allocator.web.links import Links
from allocator.web.state import COLOURS

__all__ = ["Drawn", "colours_of", "drawn", "map_of", "shown_as"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The maps as SVG, their legend, and the shapes they use with a name for them."""

    svgs: tuple[str, ...]
    legend: str
    shapes: str
    shapes_of: str


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


def drawn(
    panel: Panel, proposal: Proposal, even: Evenly, colour: str, county: str, other: Evenly | None
) -> Drawn | None:
    """The map of a proposal, and of the ``other``; None where the year has no borders to draw."""
    atlas = _atlas(panel, proposal.year)
    if atlas is None:
        return None
    colour = colour or COLOURS[0]
    kind = _COLOURS[colour]
    cells = [_cells(each, colour) for each in (even, other) if each is not None]
    scale = kind.scale(_values(cells))
    focus = _focus(atlas, cells[0], county)
    maps = [
        Map(f"map{place}", atlas, of, scale, focus, pixels=520) for place, of in enumerate(cells)
    ]
    title = say("web.map.title", what=say(f"web.colour.{colour}"), year=proposal.year)
    svgs = tuple(
        each.svg(title, say("web.map.says", n=len(of)))
        for each, of in zip(maps, cells, strict=True)
    )
    return Drawn(svgs, maps[0].legend(kind.show), _shapes(panel, proposal.year), str(atlas.year))


def map_of(panel: Panel, proposal: Proposal, even: Evenly, colour: str, county: str) -> Map | None:
    """The map of a proposal by itself."""
    atlas = _atlas(panel, proposal.year)
    if atlas is None:
        return None
    colour = colour or COLOURS[0]
    cells = _cells(even, colour)
    scale = _COLOURS[colour].scale(_values([cells]))
    return Map("map", atlas, cells, scale, _focus(atlas, cells, county), pixels=900)


def shown_as(colour: str) -> Callable[[float], str]:
    """How a bound between two colours is written."""
    return _COLOURS[colour or COLOURS[0]].show


def colours_of(links: Links, now: str) -> list[tuple[str, str, str, bool]]:
    """What the map can be coloured by: name, words, link, and whether it is so now."""
    now = now or COLOURS[0]
    return [
        (
            name,
            say(f"web.colour.{name}"),
            links.view(colour="" if name == COLOURS[0] else name),
            name == now,
        )
        for name in COLOURS
    ]


def _cells(even: Evenly, colour: str) -> dict[str, Cell]:
    kind = _COLOURS[colour]
    found = {}
    for row in even.rows:
        value = kind.value(row)
        words = say(f"web.cell.{colour}", value="–" if value is None else kind.show(value))
        # A load of nobody asked is no class of its own: not asked.
        status = "not_requested" if row.request.total == 0 and colour != "change" else "missing"
        shown = None if value is None or status == "not_requested" else float(value)
        if colour == "change" and value == 0:
            found[row.request.code] = Cell(words, 0.0)
        else:
            found[row.request.code] = cell(words, shown, status)
    return found


def _values(cells: list[dict[str, Cell]]) -> list[float]:
    return [one.value for of in cells for one in of.values() if one.value is not None]


def _focus(atlas: Atlas, cells: Mapping[str, Cell], county: str) -> tuple[str, ...]:
    if county:
        return atlas.county(county)
    return () if len(cells) == len(atlas.units) else tuple(cells)


_ATLASES: dict[tuple[str, int], Atlas | None] = {}


def _atlas(panel: Panel, year: int) -> Atlas | None:
    key = str(panel.folder), year
    if key not in _ATLASES:
        try:
            _ATLASES[key] = atlas_of(panel, year)
        except BosettError:
            _ATLASES[key] = None
    return _ATLASES[key]


@lru_cache(maxsize=8)
def _drawn_shapes(folder: str, year: int) -> str:
    atlas = _ATLASES[folder, year]
    return "" if atlas is None else shapes(atlas)


def _shapes(panel: Panel, year: int) -> str:
    return _drawn_shapes(str(panel.folder), year)
