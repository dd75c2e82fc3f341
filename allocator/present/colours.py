"""Colours of maps and charts, chosen to be told apart by everybody, and against their ground.

Each scale is even in lightness (steps in OKLab; Ottosson 2020, bottosson.github.io/posts/oklab), so
that it reads in grey too; hues run as in viridis, from yellow-green to violet (van der Walt & Smith
2015). Every colour of land has a contrast of at least 3:1 to the ground it lies on (WCAG 2.1,
1.4.11), on light and on dark. What has no number is shown by a pattern, never by colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DARK", "LIGHT", "Palette", "contrast"]


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours on one ground.

    ``rising`` runs from few to many; ``apart`` from far below, over even, to far above. ``land`` is
    the ground of patterns and ``mark`` their ink; ``outside`` is land that is not spoken of.
    """

    ground: str
    ink: str
    line: str
    rising: tuple[str, ...]
    apart: tuple[str, ...]
    land: str
    mark: str
    outside: str


LIGHT = Palette(
    ground="#ffffff",
    ink="#1e2b3c",
    line="#ffffff",
    rising=("#29a77c", "#008490", "#005b92", "#322e7d", "#320249"),
    apart=("#6c2700", "#af5b0b", "#878f94", "#286cab", "#142c6f"),
    land="#e6ebef",
    mark="#55616c",
    outside="#e4e8ec",
)
"""On paper and on light screens."""

DARK = Palette(
    ground="#10151b",
    ink="#eef1f4",
    line="#10151b",
    rising=("#4f63a6", "#2d8ab8", "#19b3b3", "#6ed889", "#ecee55"),
    apart=("#ffc573", "#dc813b", "#62696e", "#4e9cda", "#92d8ff"),
    land="#232b34",
    mark="#a9b6c2",
    outside="#252d36",
)
"""On dark screens: many is bright, so that it still stands out."""


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.1, "contrast ratio").

    >>> round(contrast("#000000", "#ffffff"), 1)
    21.0
    """
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
