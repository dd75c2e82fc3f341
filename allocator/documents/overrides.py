"""Named differences of a scenario, combined: ``norway-2027+need-high+no-county-split``.

The order in which they are named does not matter: two that say different things of one key are
refused, with both places.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allocator.documents.layers import MINORS, Raw, over_scenario
from allocator.documents.lines import line_of
from allocator.documents.read import validated
from allocator.documents.scenario import Overrides
from allocator.errors import BadDataError, Fault, MissingInputError, did_you_mean

__all__ = ["NamedOverride", "combined", "leaves", "parts_of", "stem_of", "taken_out"]

Path_ = tuple[str, ...]
_TOLD = ("title", "source")
_ASSUMPTION = ("need", "assumption")


@dataclass(frozen=True, slots=True)
class NamedOverride:
    """The raw tables of an override, and the document that holds it."""

    name: str
    tables: Raw
    file: Path

    @property
    def changes(self) -> Raw:
        """Its tables without what only tells of it."""
        return {name: value for name, value in self.tables.items() if name not in _TOLD}

    def place(self, key: Path_ = ()) -> str:
        """Where it stands, for a person: the block, the file, the line of a key."""
        line = line_of(self.file.read_text(encoding="utf-8-sig"), ("override", self.name, *key))
        return f"[override.{self.name}] ({self.file}, line {line})"


def parts_of(name: str) -> tuple[str, tuple[str, ...]]:
    """The scenario and the overrides that a name on the command line asks for.

    >>> parts_of("norway-2027+need-high+no-county-split")
    ('norway-2027', ('need-high', 'no-county-split'))
    >>> parts_of("my+own.toml"), parts_of("a+b/my.toml+need-high")
    (('my+own.toml', ()), ('a+b/my.toml', ('need-high',)))
    """
    if name.endswith(".toml"):
        return name, ()
    document, dot, rest = name.partition(".toml+")
    if dot:
        return f"{document}.toml", tuple(dict.fromkeys(rest.split("+")))
    scenario, *chosen = name.split("+")
    return scenario, tuple(dict.fromkeys(chosen))


def stem_of(name: str) -> str:
    """The name of a case: of a path, that of its file.

    >>> stem_of("cases/my.toml+need-high")
    'my+need-high'
    """
    scenario, chosen = parts_of(name)
    return "+".join((Path(scenario).stem, *chosen))


def taken_out(raw: Raw, file: Path) -> dict[str, NamedOverride]:
    """The overrides of a raw document, checked and taken out of it.

    What is wrong in one is told whether it is used or not; how they go with the scenario is seen
    when they are.
    """
    if "override" not in raw:
        return {}
    given = raw.pop("override")
    validated(Overrides, {"override": given}, file)
    return {name: NamedOverride(name, tables, file) for name, tables in given.items()}


def combined(
    scenario: str, below: Raw, known: Mapping[str, NamedOverride], chosen: Sequence[str]
) -> Raw:
    """The raw tables of a scenario with some of its overrides laid over it.

    Raises :class:`MissingInputError` for one that is not there, and :class:`BadDataError` for two
    that say different things of one key.
    """
    unknown = [name for name in chosen if name not in known]
    if unknown:
        raise MissingInputError([_unknown(scenario, name, known) for name in unknown])
    used = [known[name] for name in chosen]
    faults = [
        fault
        for place, one in enumerate(used)
        for other in used[place + 1 :]
        for fault in _conflicts(one, other)
    ]
    if faults:
        raise BadDataError(faults)
    for override in used:
        below = over_scenario(below, override.changes)
    told = [str(override.tables["need"]["assumption"]) for override in used if _assumes(override)]
    if told:
        below["need"]["assumption"] = "; ".join(told)
    for name, between in (("title", " + "), ("source", "; ")):
        below[name] = between.join((below[name], *(o.tables[name] for o in used)))
    return below


def _unknown(scenario: str, name: str, known: Mapping[str, NamedOverride]) -> Fault:
    if not name:
        told = f"'{scenario}': no override is named after a +"
        return Fault("override.unknown", told, remedy=did_you_mean("", known))
    if not known:
        return Fault("override.unknown", f"'{scenario}' has no overrides, so no '{name}'")
    told = f"'{scenario}' has no override '{name}'"
    return Fault("override.unknown", told, remedy=did_you_mean(name, known))


def leaves(tables: Mapping[str, Any], at: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """The values of a raw document by key path; a key is one thing.

    >>> list(leaves({"lot": {"persons": 5}, "key": {"population": 1}}))
    [(('lot', 'persons'), 5), (('key',), {'population': 1})]
    """
    for name, value in tables.items():
        if isinstance(value, Mapping) and name != "key":
            yield from leaves(value, (*at, name))
        else:
            yield (*at, name), value


def _assumes(override: NamedOverride) -> bool:
    return bool(override.tables.get("need", {}).get("assumption"))


def _conflicts(one: NamedOverride, other: NamedOverride) -> Iterator[Fault]:
    theirs = dict(leaves(other.changes))
    for path, value in leaves(one.changes):
        if path == _ASSUMPTION:
            continue
        forms = MINORS.get(path[-1], ()) if path[:-1] == ("need",) else ()
        for same in ((*path[:-1], form) for form in (path[-1], *forms)):
            if same in theirs and (same != path or theirs[same] != value):
                told = (
                    f"{'.'.join(path)} is {_shown(value)} in {one.place(path)} and "
                    f"{'.'.join(same)} is {_shown(theirs[same])} in {other.place(same)}"
                    if same != path
                    else f"{'.'.join(path)} is {_shown(value)} in {one.place(path)} and "
                    f"{_shown(theirs[same])} in {other.place(same)}"
                )
                remedy = f"name only one of {one.name} and {other.name}; --set can change it too"
                yield Fault("override.conflict", told, remedy=remedy)


def _shown(value: Any) -> str:
    return "another" if isinstance(value, Mapping | list) else str(value)
