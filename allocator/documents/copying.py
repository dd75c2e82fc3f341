"""A scenario copied to a file of one's own, with its comments, ready to be changed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from allocator.documents.layers import MINORS
from allocator.documents.overrides import leaves, parts_of, stem_of
from allocator.documents.stack import Stacked, stacked

__all__ = ["copy_of"]

_FOLDER = ("panel", "folder")


def copy_of(name: str, folder: Path) -> str:
    """The text of a scenario for a file in ``folder``, line by line as it is written.

    What overrides named after a ``+`` change is written into it, and the paths of other documents
    are told from the new place. A shipped scenario without overrides is copied to the letter, but
    for a line that says what it is a copy of.

    >>> copy_of("ostfold-2016", Path()).splitlines()[:2]
    ['#:schema scenario.schema.json', '# A copy of ostfold-2016. Give it a title of its own.']
    """
    chosen = parts_of(name)[1]
    found = stacked(name)
    text = found.path.read_text(encoding="utf-8-sig")
    moved = {} if found.path.parent.samefile(folder) else _paths(text, found, folder)
    if chosen or moved:
        text = _changed(text, found, chosen, moved)
    lines = text.splitlines(keepends=True)
    at = int(bool(lines) and lines[0].startswith("#:schema"))
    lines.insert(at, f"# A copy of {stem_of(name)}. Give it a title of its own.\n")
    return "".join(lines)


def _paths(text: str, found: Stacked, folder: Path) -> dict[tuple[str, ...], str]:
    """The paths of other documents, as they are told from ``folder``."""
    import tomllib

    raw = tomllib.loads(text)
    places: list[tuple[str, ...]] = [("base",), ("model",), _FOLDER]
    places += [("override", name, "model") for name in raw.get("override", {})]
    moved: dict[tuple[str, ...], str] = {}
    for place in places:
        value: Any = raw
        for part in place:
            value = value.get(part) if isinstance(value, Mapping) else None
        folder_ = place == _FOLDER
        if isinstance(value, str) and (folder_ or parts_of(value)[0].endswith(".toml")):
            moved[place] = os.path.relpath(found.path.parent / value, folder)
    return moved


def _changed(
    text: str, found: Stacked, chosen: tuple[str, ...], moved: dict[tuple[str, ...], str]
) -> str:
    """The text with some values other than they were; comments and order are kept."""
    import tomlkit

    document = tomlkit.parse(text)
    for path, moved_to in moved.items():
        _put(document, path, moved_to)
    for name in chosen:
        for path, _ in leaves(found.overrides[name].changes):
            value: Any = found.raw
            for part in path:
                value = value[part]
            if path[:-1] == ("need",):
                for form in MINORS.get(path[-1], ()):
                    document.get("need", {}).pop(form, None)
            _put(document, path, value)
    if chosen:
        for key in ("title", "source"):
            _put(document, (key,), found.raw[key])
    return tomlkit.dumps(document)


def _put(document: Any, path: tuple[str, ...], value: Any) -> None:
    import tomlkit

    table = document
    for part in path[:-1]:
        if part not in table:
            table[part] = tomlkit.table()
        table = table[part]
    table[path[-1]] = value
