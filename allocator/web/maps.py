"""The maps of the page: one for each state, in one scale, over shapes that are sent once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from allocator.audit.fairness import Evenly
from allocator.errors import BosettError
from allocator.panel import Panel
from allocator.present.answer_map import (
    COLOURS,
    cells_of,
    focus_of,
    picture,
    scale_of,
    shown_as,
)
from allocator.present.atlas import Atlas, atlas_of
from allocator.present.language import say
from allocator.present.maps import Map, shapes
from allocator.proposal import Proposal
from allocator.web.links import Links

__all__ = ["Drawn", "colours_of", "drawing", "drawn"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The maps as SVG, their legend, and the shapes they use with a name for them."""

    svgs: tuple[str, ...]
    legend: str
    shapes: str
    shapes_of: str


def drawn(
    panel: Panel, proposal: Proposal, even: Evenly, colour: str, county: str, other: Evenly | None
) -> Drawn | None:
    """The map of a proposal, and of the ``other``; None where the year has no borders to draw."""
    atlas = _atlas(panel, proposal.year)
    if atlas is None:
        return None
    colour = colour or COLOURS[0]
    cells = [cells_of(each, colour) for each in (even, other) if each is not None]
    scale = scale_of(colour, cells)
    focus = focus_of(atlas, cells[0], county)
    maps = [
        Map(f"map{place}", atlas, of, scale, focus, pixels=520) for place, of in enumerate(cells)
    ]
    title = say("web.map.title", what=say(f"map.colour.{colour}"), year=proposal.year)
    svgs = tuple(
        each.svg(title, say("web.map.says", n=len(of)))
        for each, of in zip(maps, cells, strict=True)
    )
    return Drawn(
        svgs, maps[0].legend(shown_as(colour)), _shapes(panel, proposal.year), str(atlas.year)
    )


def drawing(panel: Panel, proposal: Proposal, even: Evenly, colour: str, county: str) -> str:
    """The map of a proposal by itself, as SVG: what ``bosett map`` draws.

    Raises :class:`~allocator.errors.MissingInputError` where the year has no borders to draw.
    """
    atlas = _atlas(panel, proposal.year)
    return picture(panel, proposal, even, colour or COLOURS[0], county, atlas)


def colours_of(links: Links, now: str) -> list[tuple[str, str, str, bool]]:
    """What the map can be coloured by: name, words, link, and whether it is so now."""
    now = now or COLOURS[0]
    return [
        (
            name,
            say(f"map.colour.{name}"),
            links.view(colour="" if name == COLOURS[0] else name),
            name == now,
        )
        for name in COLOURS
    ]


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
