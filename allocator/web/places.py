"""Municipalities by what a visitor writes: a part of a name or code, of now or of once."""

from __future__ import annotations

from allocator.panel import Panel
from allocator.panel.importers.local import find_in
from allocator.panel.names import folded

__all__ = ["find_in", "matching"]


def matching(panel: Panel, year: int, text: str) -> dict[str, str]:
    """Code → the old name or code that matches, empty where it is the present one.

    Every part of a name counts, however it is spelled, and all that a municipality once was.

    >>> found = matching(Panel(), 2026, "askim")
    >>> found
    {'3118': 'Askim (0124)'}
    >>> matching(Panel(), 2026, "alesund")["1508"]
    ''
    """
    wanted = folded(text)
    if not wanted:
        return {}
    found: dict[str, str] = {}
    for code, key, label in _index(str(panel.folder), year, panel):
        if code not in found and wanted in key:
            found[code] = label
    return found


_INDEX: dict[tuple[str, int], tuple[tuple[str, str, str], ...]] = {}


def _index(folder: str, year: int, panel: Panel) -> tuple[tuple[str, str, str], ...]:
    """(code of the year, folded name and code, label), those of the year itself first."""
    if (folder, year) not in _INDEX:
        now, once = [], []
        for version in panel.versions():
            key = f"{folded(version.name)} {version.code}"
            if version.lived(year):
                now.append((version.code, f"{key} {folded(version.county_name)}", ""))
            elif version.last is not None and version.last < year:
                label = f"{version.name} ({version.code})"
                leads = panel.borders.successors(version.code, version.last, year)
                once += [(code, key, label) for code in sorted(leads)]
        _INDEX[folder, year] = (*now, *once)
    return _INDEX[folder, year]
