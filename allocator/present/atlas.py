"""Which borders are drawn for a year, and which shapes make up each of its municipalities.

There are borders of some years only (``borders/<year>.json`` in the panel). A year between them is
drawn on the nearest from which each shape can be carried to it by the table of changes: 2017–2019
on those of 2016, where mergers join shapes; 2020–2023 on those of 2024. A shape that was split
between two municipalities cannot be divided by the table: it is drawn as neither, and named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from allocator.errors import Fault, MissingInputError
from allocator.panel import Municipality, Panel
from allocator.present.topology import Box, Topology, read_topology

__all__ = ["Atlas", "atlas_of"]

_POINTS = 20_000  # in all border lines: more cannot be seen in a map of the country


@dataclass(frozen=True, slots=True, eq=False)
class Atlas:
    """The municipalities of ``year``, drawn on the borders of ``drawn``.

    ``pieces`` gives the shapes of each municipality; ``split`` the shapes whose ground went to
    several, with those; ``without`` the municipalities that no shape shows.
    """

    year: int
    drawn: int
    topology: Topology
    units: Mapping[str, Municipality]
    pieces: Mapping[str, tuple[str, ...]]
    split: Mapping[str, tuple[str, ...]]
    without: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Whether the borders drawn are those of the year, each municipality one shape."""
        return all(pieces == (code,) for code, pieces in self.pieces.items()) and not self.without

    def box(self, codes: Iterable[str] = ()) -> Box:
        """The rectangle around municipalities, or around the whole country."""
        shapes = [shape for code in codes for shape in self.pieces.get(code, ())]
        return self.topology.box(shapes or self.topology.shapes)

    def county(self, county: str) -> tuple[str, ...]:
        """The municipalities of a county."""
        return tuple(code for code, unit in self.units.items() if unit.county == county)


def atlas_of(panel: Panel, year: int) -> Atlas:
    """The atlas of a year.

    Raises :class:`~allocator.errors.MissingInputError` when the panel has no borders to draw.

    >>> found = atlas_of(Panel(), 2017)
    >>> found.drawn, found.pieces["0710"], found.split
    (2016, ('0706', '0719'), {'0720': ('0704', '0710')})
    >>> atlas_of(Panel(), 2021).pieces["1507"]
    ('1508', '1580')
    """
    units = {unit.code: unit for unit in panel.municipalities(year)}
    drawn, path = _nearest(panel, year, frozenset(units))
    topology = read_topology(path).within(_POINTS)
    owners = _owners(panel, year, drawn, frozenset(units), topology)
    pieces: dict[str, list[str]] = defaultdict(list)
    split = {}
    for shape, codes in owners.items():
        if len(codes) == 1:
            pieces[codes[0]].append(shape)
        elif codes:
            split[shape] = codes
    return Atlas(
        year,
        drawn,
        topology,
        units,
        {code: tuple(pieces[code]) for code in units if code in pieces},
        split,
        tuple(code for code in units if code not in pieces),
    )


def _nearest(panel: Panel, year: int, units: frozenset[str]) -> tuple[int, Path]:
    """The borders on which most of a year's municipalities have a ground of their own."""
    folder = panel.folder / "borders"
    files = {int(path.stem): path for path in folder.glob("*.json") if path.stem.isdecimal()}
    if not files:
        raise MissingInputError(
            Fault(
                "map.no-borders",
                f"there are no borders to draw: '{folder}' holds no file such as 2024.json",
                remedy="the shipped panel has them: leave out --panel, or copy its folder borders/",
            )
        )

    def lost(drawn: int) -> int:
        owners = _owners(panel, year, drawn, units, read_topology(files[drawn]))
        alone = {codes[0] for codes in owners.values() if len(codes) == 1}
        return len(units - alone) + sum(len(codes) != 1 for codes in owners.values())

    drawn = min(files, key=lambda of: (lost(of), abs(of - year), of))
    return drawn, files[drawn]


def _owners(
    panel: Panel, year: int, drawn: int, units: frozenset[str], topology: Topology
) -> dict[str, tuple[str, ...]]:
    """Shape → the municipalities of ``year`` that have ground in it, by the table of changes."""
    borders = panel.borders
    owners: dict[str, set[str]] = {shape: set() for shape in topology.shapes}
    if drawn <= year:
        for shape, codes in owners.items():
            codes.update(units.intersection(borders.successors(shape, drawn, year)))
    else:
        for code in units:
            for shape in borders.successors(code, year, drawn):
                owners.get(shape, set()).add(code)
    return {shape: tuple(sorted(codes)) for shape, codes in owners.items()}
