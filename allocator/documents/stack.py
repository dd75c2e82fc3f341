"""A scenario on what it stands on: its base, the base's base, and the overrides that are named."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from allocator.documents.find import find
from allocator.documents.layers import Raw, body, over_scenario
from allocator.documents.overrides import NamedOverride, combined, parts_of, taken_out
from allocator.documents.read import validated
from allocator.documents.scenario import Scenario
from allocator.errors import BadDataError, Fault

__all__ = ["Stacked", "stacked"]


@dataclass(frozen=True, slots=True)
class Stacked:
    """A scenario with all it stands on: its raw tables, and the overrides that go with it."""

    scenario: Scenario
    raw: Raw
    overrides: dict[str, NamedOverride]
    path: Path


def stacked(name: str, hint: str = "", above: tuple[Path, ...] = ()) -> Stacked:
    """A scenario by name or path, with the overrides that are named after a ``+``.

    A base is named in the same way, or by a path from the place of the document that names it; so
    are a model and a folder of figures. An override of the same name as one of the base takes its
    place.

    >>> stacked("norway-2027+need-low").scenario.need.total
    5025
    """
    given, chosen = parts_of(name)
    path = find("scenarios", given, hint)
    if any(path.samefile(seen) for seen in above):
        circle = " → ".join(f"'{place}'" for place in (*above, path))
        told = f"its base leads back to where it began: {circle}"
        raise BadDataError(Fault("document.circle", told, file=str(above[-1])))
    found = _document(path, above)
    if not chosen:
        return found
    raw = combined(given, found.raw, found.overrides, chosen)
    return Stacked(validated(Scenario, raw, name), raw, found.overrides, path)


def _document(path: Path, above: tuple[Path, ...]) -> Stacked:
    """A scenario laid over its ``base`` if it names one."""
    raw = body(path)
    overrides = taken_out(raw, path)
    for tables in (raw, *(override.tables for override in overrides.values())):
        given = tables.get("model")
        if isinstance(given, str) and given.endswith(".toml"):
            tables["model"] = str(path.parent / given)
        figures = tables.get("panel")
        if isinstance(figures, dict) and isinstance(figures.get("folder"), str):
            tables["panel"] = {**figures, "folder": str(path.parent / figures["folder"])}
    base = raw.get("base")
    if isinstance(base, str) and base:
        if parts_of(base)[0].endswith(".toml"):
            base = str(path.parent / base)
        below = stacked(base, f"a base is looked for from the place of '{path}'", (*above, path))
        overrides = below.overrides | overrides
        raw = over_scenario(below.raw, raw)
        del raw["base"]  # all it says is here now, wherever it lies
    return Stacked(validated(Scenario, raw, path), raw, overrides, path)
