"""The page's own files: read once when the server starts, and served by name."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

from allocator.present.maps import style

__all__ = ["Asset", "assets", "themed"]

_DARK = re.compile(
    r"@media screen and \(prefers-color-scheme: ?dark\) ?\{\s*:root ?\{([^}]*)\}\s*\}"
)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent, plain and packed; ``version`` changes with what is in it."""

    kind: str
    raw: bytes
    packed: bytes
    version: str


def assets() -> dict[str, Asset]:
    """The files by name.

    >>> sorted(assets())
    ['mark.svg', 'page.css', 'page.js']
    """
    own = files("allocator.web") / "static"
    look = (files("allocator.present") / "templates" / "look.css").read_text("utf-8")
    css = themed("\n".join((look, style(), (own / "page.css").read_text("utf-8"))))
    return {
        "page.css": _asset("text/css; charset=utf-8", css),
        "page.js": _asset("text/javascript; charset=utf-8", (own / "page.js").read_text("utf-8")),
        "mark.svg": _asset("image/svg+xml", (own / "mark.svg").read_text("utf-8")),
    }


def themed(css: str) -> str:
    """Styles that follow the screen's theme, so that a page may also choose one for itself.

    >>> print(themed("@media screen and (prefers-color-scheme:dark){:root{--a:2}}"))
    @media screen and (prefers-color-scheme:dark){:root:not([data-theme="light"]){--a:2}}
    :root[data-theme="dark"]{--a:2}
    """

    def both(found: re.Match[str]) -> str:
        chosen = f':root[data-theme="dark"]{{{found[1]}}}'
        seen = f':root:not([data-theme="light"]){{{found[1]}}}'
        return f"@media screen and (prefers-color-scheme:dark){{{seen}}}\n{chosen}"

    return _DARK.sub(both, css)


def _asset(kind: str, text: str) -> Asset:
    raw = text.encode()
    return Asset(kind, raw, gzip.compress(raw, 9, mtime=0), sha256(raw).hexdigest()[:12])
