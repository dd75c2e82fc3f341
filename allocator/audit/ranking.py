"""Who made an extraordinary effort: settled or decided, relative to what was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from allocator.audit.answers import Stages

__all__ = ["FLOOR", "Ranked", "ranking"]

FLOOR = 20
"""The smallest request that is ranked: below it one family more is half as much again."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A place in the ranking: ``persons`` of ``requested``, the ratio in per cent."""

    place: int
    code: str
    name: str
    county_name: str
    requested: int
    persons: int
    pct: float

    def as_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def ranking(
    rows: Sequence[tuple[str, str, str, Stages]], floor: int = FLOOR
) -> tuple[str, tuple[Ranked, ...]]:
    """The stage that is ranked by, and the municipalities in order of 100 · persons / requested.

    Settled where the year has final figures of it, else decided; only final figures count, and
    only requests of at least ``floor``. Equal ratios share a place; the larger number comes first,
    then the lower code.

    >>> from allocator.audit.answers import Count
    >>> def of(asked, said): return Stages(Count(asked, "reported"), Count(said, "reported"), *[
    ...     Count(None, "not_given")] * 3)
    >>> by, found = ranking([("1", "A", "", of(10, 90)), ("2", "B", "", of(90, 105))])
    >>> by, [(one.name, one.pct) for one in found]
    ('decided', [('B', 116.67)])
    """
    by = "settled" if any(s.settled.final is not None for *_, s in rows) else "decided"
    found = []
    for code, name, county, stages in rows:
        asked, done = stages.requested.final, getattr(stages, by).final
        if asked is not None and done is not None and asked >= max(floor, 1):
            found.append((-done / asked, -asked, code, name, county, done))
    found.sort()
    ranked: list[Ranked] = []
    for at, (ratio, asked, code, name, county, done) in enumerate(found, start=1):
        pct = round(100 * done / -asked, 2)
        place = ranked[-1].place if ranked and found[at - 2][0] == ratio else at
        ranked.append(Ranked(place, code, name, county, -asked, done, pct))
    return by, tuple(ranked)
