"""Maps as inline SVG: municipalities in classes of colour, and what has no number as a pattern.

The shapes of an atlas are given once in a page (:func:`shapes`); every map of the page uses them,
so that a second map costs little. A map is a figure for the eye; the same numbers stand in a table
beside it. Nothing in it asks for a colour to be told apart from another without a word: each shape
says its name and number, and each class and pattern is in the legend.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import escape

from allocator.panel import Status
from allocator.present.atlas import Atlas
from allocator.present.colours import DARK, LIGHT, Palette
from allocator.present.language import say
from allocator.present.scales import Scale
from allocator.present.topology import Box, Point

__all__ = ["KINDS", "Cell", "Map", "cell", "shapes", "style"]

KINDS = ("zero", "refused", "pending", "hidden", "missing", "not_asked", "outside")
"""What a shape can be that has no class: six patterns, and land that is not spoken of."""

_KIND = {
    Status.SUPPRESSED.value: "hidden",
    Status.MISSING.value: "missing",
    Status.PENDING.value: "pending",
    Status.NOT_REQUESTED.value: "not_asked",
    "not_given": "missing",
}

_DOT = 6  # pixels across

# Patterns in a square of 8 by 8 pixels: what is drawn in the mark's ink.
_PATTERNS = {
    "zero": '<circle cx="4" cy="4" r="1.6"/>',
    "refused": '<rect class="solid" width="8" height="8"/>'
    '<path class="light" d="M0 0l8 8M0 8l8-8"/>',
    "pending": '<path d="M0 4h8" stroke-width="2"/>',
    "hidden": '<path d="M-2 2l4-4M0 8l8-8M6 10l4-4" stroke-width="1.8"/>',
    "missing": '<path d="M2 4h4M4 2v4" stroke-width="1"/>',
    "not_asked": '<path d="M4 0v8" stroke-width="1"/>',
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What a map shows of one municipality: a value, or the kind of having none, and its words."""

    text: str
    value: float | None = None
    kind: str = ""


def cell(
    text: str, value: float | None, status: str = "reported", *, decided: bool = False
) -> Cell:
    """A cell of a figure with its status; a ``decided`` 0 is a refusal.

    >>> cell("0", 0, decided=True).kind, cell("hidden", None, "suppressed").kind, cell("3", 3).kind
    ('refused', 'hidden', '')
    """
    if value is None:
        return Cell(text, None, _KIND.get(status, "missing"))
    if value == 0 and status == Status.REPORTED.value:
        return Cell(text, 0.0, "refused" if decided else "zero")
    return Cell(text, float(value))


@dataclass(frozen=True)
class Map:
    """A map of ``cells`` by municipality code; one without a cell is outside.

    ``ident`` is unique in the page. ``focus`` are the municipalities that fill the view (all if
    empty), ``pixels`` the height it is drawn for, ``labels`` are put on their municipalities.
    """

    ident: str
    atlas: Atlas
    cells: Mapping[str, Cell]
    scale: Scale
    focus: tuple[str, ...] = ()
    pixels: int = 640
    labels: Mapping[str, str] | None = None

    @cached_property
    def view(self) -> Box:
        """The part of the country that is seen."""
        box = self.atlas.box(self.focus)
        return box.padded(max(4, round(max(box.width, box.height) * 0.03)))

    @cached_property
    def unit(self) -> float:
        """Steps of the drawing in a pixel."""
        return self.view.height / self.pixels

    def class_of(self, code: str) -> str:
        """The class of a municipality's shape: a colour's, or a kind's."""
        return self._classes.get(code, "outside")

    @cached_property
    def _classes(self) -> dict[str, str]:
        """Code → class, looked up by the shape, the legend and the patterns."""
        return {
            code: found.kind or "missing"
            if found.kind or found.value is None
            else self.scale.class_of(found.value)
            for code, found in self.cells.items()
        }

    def svg(self, title: str, description: str, *, own: bool = False) -> str:
        """The map as an ``svg`` element; with its ``own`` shapes it needs none beside it."""
        view, ident = self.view, self.ident
        lines = [
            f'<svg class="map" id="{ident}" role="img" aria-labelledby="{ident}-t {ident}-d" '
            f'viewBox="{view.left} {view.top} {view.width} {view.height}">',
            f'<title id="{ident}-t">{escape(title)}</title>',
            f'<desc id="{ident}-d">{escape(description)}</desc>',
            self._patterns(),
        ]
        if own:
            lines.append(f"<defs>{_paths(self.atlas, self._seen)}</defs>")
        lines += self._groups()
        lines += [self._split(shape, codes) for shape, codes in self.atlas.split.items()]
        lines.append(f'<use class="counties" href="#{_lines(self.atlas)}"/>')
        if self.labels:
            lines += self._labels(self.labels)
        return "\n".join([*filter(None, lines), "</svg>"])

    def legend(self, show: Callable[[float], str]) -> str:
        """What the colours and patterns mean, as a list with how many municipalities each has."""
        counts = Counter(self.class_of(code) for code in self.cells)
        rows = [
            (name, words)
            for name, words in zip(self.scale.classes, self.scale.words(show), strict=True)
        ]
        rows = [row for row in rows if counts[row[0]]]
        rows += [(kind, say(f"map.{kind}")) for kind in KINDS if counts[kind]]
        items = [
            f'<li>{self._swatch(name)} {escape(words)} <span class="n">({counts[name]})</span></li>'
            for name, words in rows
        ]
        return '<ul class="legend">' + "".join(items) + "</ul>"

    @property
    def _seen(self) -> list[str]:
        """The municipalities in view, those outside the case first, so that they lie below."""
        pieces, view = self.atlas.pieces, self.view
        seen = [code for code in pieces if not self.focus or self.atlas.box([code]).meets(view)]
        return sorted(seen, key=lambda code: (code in self.cells, code))

    def _groups(self) -> list[str]:
        """The shapes, those of one class together; land outside the case lies below."""
        groups: dict[str, list[str]] = {"outside": []}
        for code in self._seen:
            groups.setdefault(self.class_of(code), []).append(self._shape(code))
        return [
            f'<g class="{name}"{self._fill(name)}>{"".join(drawn)}</g>'
            for name, drawn in groups.items()
            if drawn
        ]

    def _shape(self, code: str) -> str:
        found, href = self.cells.get(code), f'href="#{_shape(self.atlas, code)}"'
        if found is None:
            return f"<use {href}/>"
        title = f"<title>{escape(f'{self.atlas.units[code].name}: {found.text}')}</title>"
        shape = f"<use {href}>{title}</use>"
        dot = _dots(self.atlas, _DOT * self.unit).get(code)
        if dot is None:
            return shape
        # Too small to be seen: an island such as Kvitsøy gets a dot beneath it.
        (x, y), radius = dot, _DOT * self.unit / 2
        return f'<circle cx="{x}" cy="{y}" r="{radius:.0f}">{title}</circle>{shape}'

    def _split(self, shape: str, codes: tuple[str, ...]) -> str:
        if self.focus and not self.atlas.topology.box([shape]).meets(self.view):
            return ""
        names = " / ".join(self.atlas.units[code].name for code in codes)
        words = say("map.split", names=names)
        path = self.atlas.topology.path([shape])
        return f'<path class="outside" d="{path}"><title>{escape(words)}</title></path>'

    def _fill(self, name: str) -> str:
        return f' fill="url(#{self.ident}-{name})"' if name in _PATTERNS else ""

    def _patterns(self) -> str:
        used = set(self._classes.values())
        unit = f"{self.unit:.2f}"
        told = [
            f'<pattern id="{self.ident}-{kind}" patternUnits="userSpaceOnUse" width="8" '
            f'height="8" patternTransform="scale({unit})" class="hatch">'
            f'<rect class="land" width="8" height="8"/>{mark}</pattern>'
            for kind, mark in _PATTERNS.items()
            if kind in used
        ]
        return f"<defs>{''.join(told)}</defs>" if told else ""

    def _swatch(self, name: str) -> str:
        width, height = (round(pixels * self.unit, 1) for pixels in (24, 16))
        return (
            f'<svg class="swatch" aria-hidden="true" viewBox="0 0 {width} {height}">'
            f'<rect class="{name}"{self._fill(name)} width="{width}" height="{height}"/></svg>'
        )

    def _labels(self, labels: Mapping[str, str]) -> list[str]:
        """Words on the municipalities; where two would meet, the one in ``labels`` first stays."""
        size, lines, taken = 12 * self.unit, [], list[Box]()
        for code, words in labels.items():
            if code not in self.atlas.pieces:
                continue
            x, y = self.atlas.topology.spot(self.atlas.pieces[code])
            half, above = 0.32 * size * len(words), 0.55 * size
            box = Box(round(x - half), round(y - above), round(x + half), round(y + above))
            if any(box.meets(other) for other in taken):
                continue
            taken.append(box)
            base = round(y + 0.35 * size)
            lines.append(f'<text x="{x}" y="{base}" font-size="{size:.1f}">{escape(words)}</text>')
        return lines


def shapes(atlas: Atlas, codes: Iterable[str] | None = None) -> str:
    """The shapes that maps of a page use, once: a hidden ``svg``. All, or those of ``codes``."""
    paths = _paths(atlas, atlas.pieces if codes is None else codes)
    return f'<svg class="shapes" width="0" height="0" aria-hidden="true"><defs>{paths}</defs></svg>'


def style() -> str:
    """The CSS of maps and legends, on light and on dark screens and on paper."""
    light, dark = _variables(LIGHT), _variables(DARK)
    rules = [
        f":root{{{light}}}",
        f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}",
    ]
    for letter in "kd":
        rules += [f".{letter}{n}{{fill:var(--{letter}{n})}}" for n in range(1, 6)]
    rules += [
        ".map{display:block;width:100%;height:auto;max-height:80vh}",
        ".map>g>use,.map>g>circle,.map>path,.map>use{stroke:var(--map-line);stroke-width:.5px;stroke-linejoin:round;"
        "vector-effect:non-scaling-stroke}",
        ".shapes{position:absolute}.shapes path{vector-effect:non-scaling-stroke}",
        ".map .counties{fill:none;stroke-width:1.6px;pointer-events:none}",
        ".outside{fill:var(--outside)}",
        "".join(f".map>.{kind}>*," for kind in _PATTERNS)[:-1] + "{stroke:var(--mark)}",
        ".hatch *{vector-effect:none;stroke:none}.hatch .land{fill:var(--land)}"
        ".hatch circle,.hatch .solid{fill:var(--mark)}",
        ".hatch path{stroke:var(--mark)}.hatch .light{stroke:var(--land)}",
        ".map text{fill:var(--ink);stroke:var(--ground);stroke-width:3px;paint-order:stroke;"
        "vector-effect:non-scaling-stroke;text-anchor:middle;font-weight:600;pointer-events:none}",
        ".swatch{width:24px;height:16px;border:1px solid var(--mark);border-radius:2px;"
        "vertical-align:-2px}",
        ".legend{list-style:none;margin:0;padding:0}.legend li{margin:.25rem 0}",
    ]
    return "\n".join(rules)


def _variables(palette: Palette) -> str:
    named = {
        "ground": palette.ground,
        "ink": palette.ink,
        "map-line": palette.line,
        "land": palette.land,
        "mark": palette.mark,
        "outside": palette.outside,
        **{f"k{n}": colour for n, colour in enumerate(palette.rising, 1)},
        **{f"d{n}": colour for n, colour in enumerate(palette.apart, 1)},
    }
    return ";".join(f"--{name}:{colour}" for name, colour in named.items())


@lru_cache(maxsize=32)
def _dots(atlas: Atlas, least: float) -> dict[str, Point]:
    """The municipalities that are no larger, with a point of each."""
    boxes = {code: atlas.box([code]) for code in atlas.pieces}
    small = [code for code, box in boxes.items() if max(box.width, box.height) <= least]
    return {code: atlas.topology.spot(atlas.pieces[code]) for code in small}


def _paths(atlas: Atlas, codes: Iterable[str]) -> str:
    """The shapes of municipalities, and the lines between counties, as definitions."""
    wanted = [code for code in codes if code in atlas.pieces]
    told = [
        f'<path id="{_shape(atlas, code)}" d="{atlas.topology.path(atlas.pieces[code])}"/>'
        for code in wanted
    ]
    county = {
        piece: atlas.units[code].county for code, pieces in atlas.pieces.items() for piece in pieces
    }
    lines = atlas.topology.between(lambda shape: county.get(shape, ""))
    return "".join(told) + f'<path id="{_lines(atlas)}" d="{lines}"/>'


def _shape(atlas: Atlas, code: str) -> str:
    return f"m{atlas.year % 100}-{code}"


def _lines(atlas: Atlas) -> str:
    return f"m{atlas.year % 100}-counties"
