"""A map to be taken along: one drawing with its title, its legend and its credit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from html import escape

from allocator.errors import Fault, UsageError
from allocator.present.language import say
from allocator.present.maps import KINDS, Map, style

__all__ = ["on_paper", "png", "poster"]

_WIDTH = 1000
_LINE = 30
_COLUMNS = 3


def poster(found: Map, title: str, note: str, credit: str, show: Callable[[float], str]) -> str:
    """The map with its words around it, as SVG that other programs can read."""
    view = found.view
    height = round(_WIDTH * view.height / view.width)
    keys = _keys(found, show)
    below = 90 + height
    rows = -(-len(keys) // _COLUMNS)
    whole = below + rows * _LINE + 50
    drawing = found.svg(title, note, own=True)
    inner = drawing.replace("<svg ", f'<svg y="80" width="{_WIDTH}" height="{height}" ', 1)
    texts = [_text(24, 38, title, 26, "bold"), _text(24, 66, note, 18)]
    for at, (name, words) in enumerate(keys):
        column, row = divmod(at, rows)
        x, y = 24 + column * (_WIDTH - 48) // _COLUMNS, below + row * _LINE
        scale = f"{1 / found.unit:.4f}"
        swatch = f'<rect {_class(found, name)} width="{36 * found.unit:.1f}" '
        swatch += f'height="{20 * found.unit:.1f}"/>'
        texts.append(f'<g class="map" transform="translate({x} {y}) scale({scale})">{swatch}</g>')
        texts.append(_text(x + 46, y + 16, words, 18))
    texts.append(_text(24, whole - 16, credit, 16))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {whole}" '
        f'width="{_WIDTH}" height="{whole}" font-family="Arial, Helvetica, sans-serif">'
        f'<style>{on_paper(style())}</style><rect width="100%" height="100%" fill="#fff"/>'
        f"{inner}{''.join(texts)}</svg>\n"
    )


def png(document: str, height: int = 1600) -> bytes:
    """An SVG document as a picture of so many pixels, on white.

    Raises :class:`~allocator.errors.UsageError` where the extra ``png`` is not installed.
    """
    try:
        import resvg_py
    except ModuleNotFoundError:
        told = "a PNG needs resvg-py, which is not installed"
        remedy = "python3 -m pip install 'bosett[png]', or write an SVG"
        raise UsageError(Fault("png.missing", told, remedy=remedy)) from None
    return bytes(resvg_py.svg_to_bytes(svg_string=document, height=height, background="#ffffff"))


def on_paper(css: str) -> str:
    """Styles on a light ground, with every variable's value in its place: many programs know none.

    >>> on_paper(":root{--k1:#222}\\n@media screen{:root{--k1:#eee}}\\n.k1{fill:var(--k1)}")
    '.k1{fill:#222}'
    """
    values = dict(re.findall(r"--([\w-]+):([^;}]+)", css.partition("}")[0]))
    rules = [line for line in css.splitlines() if not line.startswith((":root", "@media"))]
    return re.sub(r"var\(--([\w-]+)\)", lambda found: values[found[1]], "\n".join(rules))


def _keys(found: Map, show: Callable[[float], str]) -> list[tuple[str, str]]:
    """Class and words with how many municipalities there are, as far as there are any."""
    counts = Counter(found.class_of(code) for code in found.cells)
    named = list(zip(found.scale.classes, found.scale.words(show), strict=True))
    named += [(kind, say(f"map.{kind}")) for kind in KINDS]
    return [(name, f"{words} ({counts[name]})") for name, words in named if counts[name]]


def _class(found: Map, name: str) -> str:
    fill = f' fill="url(#{found.ident}-{name})"' if name in KINDS and name != "outside" else ""
    return f'class="{name}"{fill}'


def _text(x: int, y: int, words: str, size: int, weight: str = "normal") -> str:
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="#1e2b3c">'
        f"{escape(words)}</text>"
    )
