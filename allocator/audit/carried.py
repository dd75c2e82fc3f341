"""A proposal on the borders of a later year, in whole persons.

What was merged adds up exactly. What was split goes by the panel's stated weights, in whole persons
by largest remainder, so that nobody is lost or counted twice; each part is then an estimate. Later
borders cannot be carried back: what was merged cannot be told apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from allocator.panel import Municipality, Panel
from allocator.program.apportion import largest_remainder

__all__ = ["Carried", "Part", "carried"]


@dataclass(frozen=True, slots=True)
class Part:
    """A municipality of before, the share of it that went here, and so many of its persons."""

    unit: Municipality
    share: float
    persons: int

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        own = {"code": self.unit.code, "name": self.unit.name}
        return {**own, "share": self.share, "persons": self.persons}


@dataclass(frozen=True, slots=True)
class Carried:
    """Persons by code on later borders, and what each number is made of.

    ``parts`` has those that are not what they were: another code, a sum of several, or a part of
    one. ``estimated`` are those with a part of the persons of a municipality that was split (of 0
    persons every part is 0), ``lacking`` those of whom a part is not among what was carried.
    """

    persons: Mapping[str, int]
    parts: Mapping[str, tuple[Part, ...]]
    estimated: frozenset[str]
    lacking: frozenset[str]


def carried(panel: Panel, persons: Mapping[str, int], start: int, end: int) -> Carried:
    """Whole persons by municipality of ``start``, on the municipalities of ``end`` ≥ ``start``.

    >>> found = carried(Panel(), {"0104": 80, "0136": 10, "1534": 15}, 2016, 2024)
    >>> found.persons, sorted(found.estimated)
    ({'1580': 15, '3103': 90}, [])
    >>> [(part.unit.name, part.persons) for part in found.parts["3103"]]
    [('Moss', 80), ('Rygge', 10)]
    """
    units = {unit.code: unit for unit in panel.municipalities(start)}
    leads = {code: panel.borders.successors(code, start, end) for code in sorted(units)}
    parts: dict[str, list[Part]] = defaultdict(list)
    for code in sorted(persons):
        shares = {new: round(share, 9) for new, share in sorted(leads[code].items())}
        weights = [Fraction(str(share)) for share in shares.values()]
        seats = largest_remainder(weights, persons[code]).seats
        for (new, share), number in zip(shares.items(), seats, strict=True):
            parts[new].append(Part(units[code], share, number))
    split = (
        new
        for code, shares in leads.items()
        if len(shares) > 1 and persons.get(code)
        for new in shares
    )
    lacking = {new for code, shares in leads.items() if code not in persons for new in shares}
    return Carried(
        {code: sum(part.persons for part in of) for code, of in sorted(parts.items())},
        {code: tuple(of) for code, of in sorted(parts.items()) if not _as_it_was(code, of)},
        frozenset(split),
        frozenset(lacking & parts.keys()),
    )


def _as_it_was(code: str, parts: list[Part]) -> bool:
    return len(parts) == 1 and parts[0].unit.code == code and parts[0].share == 1
