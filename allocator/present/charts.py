"""Charts as inline SVG: a municipality's past, sorted bars, Lorenz curves, a change as a bar.

Each says in its title and description what it shows; the same numbers stand in a table beside it.
Colours come from the page's CSS, so that a chart follows light, dark and paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

__all__ = ["bar", "bars", "curves", "spark", "style"]

_SPARK = (6, 26)  # width of a year, height


def spark(
    requested: Sequence[float | None],
    decided: Sequence[float | None],
    settled: Sequence[float | None],
    proposed: tuple[int, float],
    title: str,
) -> str:
    """A small picture of the years: settled as bars, requested as a line, decided as dots.

    A year without a figure has no mark, so a line breaks there. What is proposed is a ring:
    ``proposed`` is the place of its year and the number.

    >>> spark([10, None, 20], [10, None, None], [8, None, None], (3, 15), "Moss")[:42]
    '<svg class=spark viewBox="0 0 28 30" role='
    """
    step, height = _SPARK
    of, number = proposed
    every = [*requested, *decided, *settled, number]
    top = max([value for value in every if value is not None] or [1]) or 1
    width = step * (len(requested) + 1) + 4

    def y(value: float) -> int:
        return round(height - (height - 4) * value / top) + 2

    def x(year: int) -> int:
        return year * step + 4

    shown = [
        ("b", _marks([(x(at), height + 2, y(v)) for at, v in enumerate(settled) if v])),
        ("l", _line([None if v is None else (x(at), y(v)) for at, v in enumerate(requested)])),
        ("p", _marks([(x(at), y(v), y(v)) for at, v in enumerate(decided) if v is not None])),
    ]
    ring = f'<circle cx="{x(of)}" cy="{y(number)}" r="2.5"/>'
    paths = "".join(f'<path class="{name}" d="{path}"/>' for name, path in shown if path)
    return (
        f'<svg class=spark viewBox="0 0 {width} {height + 4}" role=img '
        f'aria-label="{escape(title)}">{paths}{ring}</svg>'
    )


def bars(
    values: Sequence[float],
    ident: str,
    title: str,
    description: str,
    line: float | None = None,
    labels: Sequence[str] = (),
) -> str:
    """Values from the least to the most as bars; ``line`` a level across, ``labels`` of the axis.

    The labels are of 0, half and the top of the axis.
    """
    width, height, left, gap = 720, 220, 56, 8
    ordered, top = sorted(values), max([*values, line or 0, 1e-9])
    wide = (width - left) / max(1, len(ordered))
    marks = "".join(
        f"M{left + (at + 0.5) * wide:.1f} {height}V{height - (height - gap) * value / top:.1f}"
        for at, value in enumerate(ordered)
    )
    parts = [_open("chart", ident, f"0 0 {width} {height + 12}", title, description)]
    for at, label in enumerate(labels):
        level = height - (height - gap) * at / (len(labels) - 1)
        parts.append(f'<path class="grid" d="M{left} {level:.1f}H{width}"/>')
        parts.append(f'<text x="{left - 8}" y="{level + 5:.1f}">{escape(label)}</text>')
    stroke = max(0.8, 0.72 * wide)
    parts.append(f'<path class="bars" stroke-width="{stroke:.2f}" d="{marks}"/>')
    if line is not None:
        level = height - (height - gap) * line / top
        parts.append(f'<path class="level" d="M{left} {level:.1f}H{width}"/>')
    return "".join([*parts, "</svg>"])


def curves(
    lines: Sequence[tuple[str, Sequence[tuple[float, float]]]],
    ident: str,
    title: str,
    description: str,
    axes: tuple[str, str],
) -> str:
    """Curves from (0, 0) to (1, 1) with the diagonal, each with its own dashes and its name."""
    size, left = 320, 42
    parts = [_open("chart", ident, f"0 0 {size + left + 8} {size + 44}", title, description)]
    parts.append(f'<path class="grid" d="M{left} 4V{size + 4}H{size + left}"/>')
    parts.append(f'<path class="even" d="M{left} {size + 4}L{size + left} 4"/>')
    for number, (_, points) in enumerate(lines, 1):
        path = "L".join(
            f"{left + size * x:.1f} {4 + size * (1 - y):.1f}" for x, y in _thinned(points)
        )
        parts.append(f'<path class="curve c{number}" d="M{path}"/>')
    for share in (0, 0.5, 1):
        words = f"{100 * share:.0f} %"
        parts.append(f'<text x="{left - 4}" y="{9 + size * (1 - share):.0f}">{words}</text>')
    parts.append(f'<text class="axis" x="{left + size}" y="{size + 24}">{escape(axes[0])}</text>')
    parts.append(f'<text class="axis up" x="{left + 6}" y="16">{escape(axes[1])}</text>')
    return "".join([*parts, "</svg>"])


def bar(value: float, most: float) -> str:
    """A change as a bar from the middle, for a table cell that says the number too."""
    width = 46 * abs(value) / most if most else 0
    left = 50 - (width if value < 0 else 0)
    return (
        '<svg class="bar" viewBox="0 0 100 12" aria-hidden="true">'
        f'<rect class="{"less" if value < 0 else "more"}" x="{left:.1f}" y="1" '
        f'width="{width:.1f}" height="10"/><path class="level" d="M50 0V12"/></svg>'
    )


def style() -> str:
    """The CSS of charts; the colours are those of the maps and the look."""
    return "\n".join(
        [
            ".spark{width:96px;height:30px;vertical-align:middle;overflow:visible}",
            ".spark path{fill:none}.spark .b{stroke:var(--spark-bar);stroke-width:4}",
            ".spark .l{stroke:var(--accent);stroke-width:1.5}",
            ".spark .p{stroke:var(--ink);stroke-width:3;stroke-linecap:round}",
            ".spark circle{fill:var(--ground);stroke:var(--accent);stroke-width:1.5}",
            ".chart{display:block;width:100%;height:auto;max-width:760px;overflow:visible}",
            ".chart path{fill:none}.chart .grid{stroke:var(--border)}",
            ".chart .bars{stroke:var(--accent)}.chart .level,.bar .level{stroke:var(--ink)}",
            ".chart .level{stroke-dasharray:6 4;stroke-width:1.5}",
            ".chart .even{stroke:var(--border-strong);stroke-dasharray:2 4}",
            ".chart .curve{stroke-width:2.5}.chart .c1{stroke:var(--accent)}",
            ".chart .c2{stroke:var(--d2);stroke-dasharray:9 4}",
            ".chart .c3{stroke:var(--ink);stroke-dasharray:3 3}",
            ".chart text{fill:var(--soft);font-size:13px;text-anchor:end}",
            ".chart text.up{text-anchor:start}",
            ".bar{width:110px;height:14px;vertical-align:middle}",
            ".bar .less{fill:var(--d2)}.bar .more{fill:var(--d4)}",
            ":root{--spark-bar:#b9c6d3}",
            "@media screen and (prefers-color-scheme:dark){:root{--spark-bar:#4a5968}}",
        ]
    )


def _marks(marks: Sequence[tuple[int, int, int]]) -> str:
    """Upright strokes (x, from, to), each told from the end of the one before."""
    told, at_x, at_y = "", 0, 0
    for x, start, end in marks:
        told += f"m{x - at_x}{_next(start - at_y)}" + (f"v{end - start}" if end != start else "h0")
        at_x, at_y = x, end
    return told


def _line(points: Sequence[tuple[int, int] | None]) -> str:
    """A line through the points, broken where there is none; a point alone is a short stroke."""
    told, drawn, x, y = "", False, 0, 0
    for at, point in enumerate(points):
        if point is not None:
            told += f"{'l' if drawn else 'm'}{point[0] - x}{_next(point[1] - y)}"
            x, y = point
            if not drawn and (at + 1 == len(points) or points[at + 1] is None):
                told, x = f"{told}h1", x + 1
        drawn = point is not None
    return told


def _next(number: int) -> str:
    """A number after another in a path: the sign parts them, else a space."""
    return f"{number}" if number < 0 else f" {number}"


def _open(name: str, ident: str, view: str, title: str, description: str) -> str:
    return (
        f'<svg class="{name}" viewBox="{view}" role="img" aria-labelledby="{ident}-t {ident}-d">'
        f'<title id="{ident}-t">{escape(title)}</title>'
        f'<desc id="{ident}-d">{escape(description)}</desc>'
    )


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Points at least a pixel apart, first and last kept."""
    kept = [points[0]]
    for point in points[1:-1]:
        if max(abs(point[0] - kept[-1][0]), abs(point[1] - kept[-1][1])) > 0.006:
            kept.append(point)
    return [*kept, points[-1]]
