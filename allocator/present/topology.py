"""Borders as TopoJSON: shapes that share their border lines, so that neighbours always meet.

A line between two municipalities is stored once, as an arc, and each shape names the arcs around
it. What is left out of an arc is therefore left out on both sides: no gap and no overlap comes of
drawing with fewer points (Visvalingam & Whyatt 1993, doi 10.1179/000870493786962263).
"""

from __future__ import annotations

import heapq
import itertools
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from allocator.errors import BadDataError, Fault, MissingInputError

__all__ = ["Arc", "Box", "Point", "Topology", "read_topology"]

Point = tuple[int, int]
"""East and south in steps of the drawing: y grows downwards, as on a screen."""

Arc = tuple[Point, ...]
"""A border line."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the drawing.

    >>> Box(0, 0, 10, 20).padded(5)
    Box(left=-5, top=-5, right=15, bottom=25)
    """

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Its width in steps."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Its height in steps."""
        return self.bottom - self.top

    def padded(self, by: int) -> Box:
        """The box with a margin on all sides."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def meets(self, other: Box) -> bool:
        """Whether the two have a part in common."""
        across = self.left <= other.right and other.left <= self.right
        return across and self.top <= other.bottom and other.top <= self.bottom


@dataclass(frozen=True, slots=True)
class Topology:
    """Shapes by code, each some rings of arcs; arc −1 is arc 0 backwards, −2 is arc 1, and so on.

    ``step`` is the metres of one step of the drawing.
    """

    step: int
    credit: str
    arcs: tuple[Arc, ...]
    shapes: Mapping[str, tuple[tuple[int, ...], ...]]
    _boxes: dict[str, Box] = field(default_factory=dict, init=False, repr=False, compare=False)

    def ring(self, ring: Iterable[int]) -> list[Point]:
        """The points around a ring, the first again at the end."""
        points: list[Point] = []
        for of in ring:
            arc = self.arcs[of] if of >= 0 else self.arcs[~of][::-1]
            points += arc[1:] if points else arc
        return points

    def box(self, codes: Iterable[str]) -> Box:
        """The least rectangle around shapes."""
        boxes = [self._box(code) for code in codes]
        return Box(
            min(box.left for box in boxes),
            min(box.top for box in boxes),
            max(box.right for box in boxes),
            max(box.bottom for box in boxes),
        )

    def _box(self, code: str) -> Box:
        """The rectangle around one shape, looked for once: every map asks for all of them."""
        if code not in self._boxes:
            points = [point for ring in self.shapes[code] for point in self.ring(ring)]
            east, south = zip(*points, strict=True)
            self._boxes[code] = Box(min(east), min(south), max(east), max(south))
        return self._boxes[code]

    def path(self, codes: Iterable[str]) -> str:
        """The outlines of shapes as the ``d`` of an SVG path.

        >>> square = ((0, 0), (0, 4), (4, 4), (4, 0), (0, 0))
        >>> Topology(250, "", (square,), {"0301": ((0,),)}).path(["0301"])
        'M0 0v4h4v-4z'
        """
        return "".join(_path(self.ring(ring)) for code in codes for ring in self.shapes[code])

    def between(self, group: Callable[[str], str]) -> str:
        """The lines where two groups of shapes meet, such as county borders, as a ``d``."""
        sides: dict[int, list[str]] = {}
        for code, rings in self.shapes.items():
            for ring in rings:
                for of in ring:
                    sides.setdefault(of if of >= 0 else ~of, []).append(group(code))
        return "".join(
            _path(list(self.arcs[of]), closed=False)
            for of, groups in sorted(sides.items())
            if len(set(groups)) > 1
        )

    def spot(self, codes: Iterable[str]) -> Point:
        """A point inside the largest ring of the shapes, well off its border: for a label.

        Of the middles of stretches on nine level lines, the one with most room on all four sides.
        """
        rings = [self.ring(ring) for code in codes for ring in self.shapes[code]]
        ring = max(rings, key=_area)
        top, bottom = min(y for _, y in ring), max(y for _, y in ring)
        best = (-1.0, ring[0])
        for part in (5, 4, 6, 3, 7, 2, 8, 1, 9):
            level = top + (bottom - top) * part / 10 + 0.25  # never through a corner
            for west, east in _stretches(ring, level):
                middle = (west + east) / 2
                upright = [(y, x) for x, y in ring]
                over = [(n, s) for n, s in _stretches(upright, middle + 0.01) if n <= level <= s]
                above = min((min(level - n, s - level) for n, s in over), default=0.0)
                room = min((east - west) / 2, 1.5 * above)  # a label is wider than it is high
                best = max(best, (room, (round(middle), round(level))))
        return best[1]

    def area(self, code: str) -> float:
        """Square kilometres, as drawn."""
        return sum(_area(self.ring(ring)) for ring in self.shapes[code]) * (self.step / 1000) ** 2

    def within(self, points: int) -> Topology:
        """The same shapes drawn with about so many points at the most, as simple as need be."""
        found, least = self, 0.125
        while sum(map(len, found.arcs)) > points and least < 2**10:
            found, least = self.simplified(least), 2 * least
        return found

    def simplified(self, least: float) -> Topology:
        """The same shapes with fewer points: corners of less than ``least`` km² are cut off.

        Rings smaller than that are left out, but never the largest of a shape: nobody vanishes.
        """
        steps = least / (self.step / 1000) ** 2
        inner = Topology(
            self.step,
            self.credit,
            tuple(_cut_corners(arc, steps) for arc in self.arcs),
            self.shapes,
        )
        shapes = {}
        for code, rings in self.shapes.items():
            kept = [ring for ring in rings if _area(inner.ring(ring)) >= steps]
            shapes[code] = tuple(kept) or (max(rings, key=lambda ring: _area(inner.ring(ring))),)
        return Topology(self.step, self.credit, inner.arcs, shapes)


@lru_cache(maxsize=8)
def read_topology(path: Path, step: int = 250) -> Topology:
    """Borders from a TopoJSON file of metres, drawn in steps of so many metres.

    The objects of the file are read together; a geometry's ``id`` is its code.
    Raises :class:`~allocator.errors.MissingInputError` and
    :class:`~allocator.errors.BadDataError`.
    """
    try:
        found = json.loads(path.read_bytes())
        scale, shift = found["transform"]["scale"], found["transform"]["translate"]
        arcs = tuple(_decoded(arc, scale, shift, step) for arc in found["arcs"])
        shapes = {
            geometry["id"]: _rings(geometry)
            for of in found["objects"].values()
            for geometry in of["geometries"]
        }
    except FileNotFoundError:
        raise MissingInputError(
            Fault("map.no-borders", f"there are no borders to draw: '{path}' is not there")
        ) from None
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise BadDataError(
            Fault(
                "map.borders",
                f"cannot be read as borders ({type(error).__name__}: {error})",
                "TopoJSON with a transform and geometries of type Polygon or MultiPolygon",
                file=str(path),
            )
        ) from None
    return Topology(step, found.get("credit", ""), arcs, dict(sorted(shapes.items())))


def _decoded(arc: Any, scale: list[float], shift: list[float], step: int) -> Arc:
    x = y = 0
    points: list[Point] = []
    for east, north in arc:
        x, y = x + east, y + north
        point = (
            round((x * scale[0] + shift[0]) / step),
            -round((y * scale[1] + shift[1]) / step),
        )
        if not points or point != points[-1]:
            points.append(point)
    return tuple(points)


def _rings(geometry: Any) -> tuple[tuple[int, ...], ...]:
    polygons = {"Polygon": [geometry["arcs"]], "MultiPolygon": geometry["arcs"]}[geometry["type"]]
    return tuple(tuple(ring) for polygon in polygons for ring in polygon)


def _path(points: list[Point], closed: bool = True) -> str:
    """Points as SVG, each relative to the one before; the last of a ring is left to z."""
    (x, y), rest = points[0], points[1:-1] if closed else points[1:]
    told, last = [f"M{x} {y}"], "M"
    for to_x, to_y in rest:
        east, south = to_x - x, to_y - y
        x, y = to_x, to_y
        if not east and not south:
            continue
        if not south:
            told.append(f"h{east}")
            last = "h"
        elif not east:
            told.append(f"v{south}")
            last = "v"
        else:
            lead = "l" if last != "l" else "" if east < 0 else " "
            told.append(f"{lead}{east}{'' if south < 0 else ' '}{south}")
            last = "l"
    return "".join(told) + ("z" if closed else "")


def _stretches(ring: list[Point], level: float) -> list[tuple[float, float]]:
    """The parts of a level line that lie inside a ring, from west to east."""
    crossed = sorted(
        x0 + (level - y0) * (x1 - x0) / (y1 - y0)
        for (x0, y0), (x1, y1) in itertools.pairwise(ring)
        if (y0 < level) != (y1 < level)
    )
    return list(zip(crossed[::2], crossed[1::2], strict=False))


def _area(ring: list[Point]) -> float:
    """The area a ring encloses, in square steps (the shoelace formula)."""
    pairs = itertools.pairwise(ring)
    return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs)) / 2


def _cut_corners(arc: Arc, least: float) -> Arc:
    """The arc without its corners of less than ``least`` square steps, the smallest cut first.

    Ends stay. Of an arc that is a whole island, two points besides them stay.
    """
    keep = 4 if arc[0] == arc[-1] else 2
    before, after = list(range(-1, len(arc) - 1)), list(range(1, len(arc) + 1))
    size = [0.0] * len(arc)

    def corner(at: int) -> float:
        (ax, ay), (bx, by), (cx, cy) = arc[before[at]], arc[at], arc[after[at]]
        return abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2

    heap: list[tuple[float, int]] = []
    for at in range(1, len(arc) - 1):
        size[at] = corner(at)
        heap.append((size[at], at))
    heapq.heapify(heap)
    gone: set[int] = set()
    while heap and len(arc) - len(gone) > keep:
        area, at = heapq.heappop(heap)
        if area >= least:
            break
        if at in gone or area != size[at]:
            continue
        gone.add(at)
        west, east = before[at], after[at]
        after[west], before[east] = east, west
        for near in (west, east):
            if 0 < near < len(arc) - 1:
                size[near] = max(area, corner(near))  # no corner is cut before a smaller one
                heapq.heappush(heap, (size[near], near))
    return tuple(point for at, point in enumerate(arc) if at not in gone)
