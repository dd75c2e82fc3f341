"""What a person says of single municipalities: locks, capacities, exemptions, notes and reasons.

It is what a row of a sheet or the address of a page holds, before it becomes settings that lie over
a scenario.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, fields, replace

__all__ = ["COUNTS", "FIELDS", "MOST", "TEXTS", "Local", "merged"]

MOST = 1_000_000
"""No number of persons in a document is larger."""


@dataclass(frozen=True, slots=True)
class Local:
    """What is said of one municipality; None where nothing is said.

    ``lifts`` are the fields of which the scenario says something that no longer holds.
    """

    code: str
    lock: int | None = None
    lock_minors: int | None = None
    capacity: int | None = None
    capacity_minors: int | None = None
    exempt: bool | None = None
    note: str | None = None
    reason: str | None = None
    lifts: tuple[str, ...] = ()

    @property
    def says(self) -> dict[str, int | bool | str]:
        """The fields that are said, by name."""
        return {name: value for name in FIELDS if (value := getattr(self, name)) is not None}

    def settings(self, exempted: Container[str] = ()) -> Iterator[str]:
        """The ``key=value`` texts that say the same; ``exempted`` are those a document leaves out.

        >>> list(Local("0301", lock=900, lifts=("capacity",)).settings())
        ['municipality."0301".capacity=', 'municipality."0301".lock=900']
        """
        for name in self.lifts:
            yield f'municipality."{self.code}".{name}='
        if self.lock and self.code in exempted and "exempt" not in self.lifts:
            yield f'municipality."{self.code}".exempt=false'
        for name, value in self.says.items():
            text = json.dumps(value, ensure_ascii=False) if name in TEXTS else str(value).lower()
            yield f'municipality."{self.code}".{name}={text}'


FIELDS = tuple(field.name for field in fields(Local))[1:-1]
COUNTS = ("lock", "lock_minors", "capacity", "capacity_minors")
TEXTS = ("note", "reason")


def merged(below: Iterable[Local], above: Iterable[Local]) -> tuple[Local, ...]:
    """Both, by code; what is said above takes the place of what is said below, field by field.

    A lock takes the place of an exemption and the other way round: they cannot both hold.

    >>> merged([Local("0301", capacity=9)], [Local("0301", lock=5)])[0].says
    {'lock': 5, 'capacity': 9}
    """
    found = {local.code: local for local in below}
    for local in above:
        under = found.get(local.code, Local(local.code))
        if local.lock is not None:
            under = replace(under, exempt=None)
        if local.exempt:
            under = replace(under, lock=None, lock_minors=None)
        lifts = {*under.lifts, *local.lifts} - local.says.keys()
        said = {**dict.fromkeys(local.lifts), **local.says}
        found[local.code] = replace(under, **said, lifts=tuple(sorted(lifts)))  # type: ignore[arg-type]
    return tuple(found[code] for code in sorted(found) if found[code].says or found[code].lifts)
