"""Municipal borders through time: who existed when, and where a figure goes after a merger."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from allocator.panel.figures import Figure, Series, Status

__all__ = ["Borders", "Change"]


@dataclass(frozen=True, slots=True)
class Change:
    """From 1 January of ``year``, ``weight`` of the old municipality belongs to the new one.

    ``restores`` names former municipalities that come back: what was theirs goes there whole.
    """

    year: int
    old: str
    new: str
    kind: str
    weight: float
    restores: frozenset[str] = frozenset()


class Borders:
    """Carries a series from one year's municipalities to another's.

    >>> from allocator.panel import Panel
    >>> Panel().borders.successors("1534", 2016, 2024)
    {'1580': 1.0}
    """

    def __init__(self, changes: list[Change]) -> None:
        self._by_year: dict[int, dict[str, list[Change]]] = defaultdict(lambda: defaultdict(list))
        for change in sorted(changes, key=lambda change: (change.year, change.old, change.new)):
            self._by_year[change.year][change.old].append(change)
        self._successors: dict[tuple[str, int, int], dict[str, float]] = {}
        self._same: dict[str, set[str]] | None = None

    def successors(self, code: str, start: int, end: int) -> dict[str, float]:
        """Codes of year ``end`` that hold what ``code`` of year ``start`` held, with its shares."""
        if (code, start, end) not in self._successors:
            self._successors[code, start, end] = self._find(code, start, end)
        return dict(self._successors[code, start, end])

    def of_year(self, year: int) -> tuple[Change, ...]:
        """The changes that took effect on 1 January of a year."""
        olds = self._by_year.get(year, {})
        return tuple(change for old in sorted(olds) for change in olds[old])

    def _find(self, code: str, start: int, end: int) -> dict[str, float]:
        paths: list[tuple[tuple[str, ...], float]] = [((code,), 1.0)]
        for year in self._between(start, end):
            paths = [
                ((*path, change.new), share * weight)
                for path, share in paths
                for change, weight in self._branches(year, path)
            ]
        total: dict[str, float] = defaultdict(float)
        for path, share in paths:
            total[path[-1]] += share
        return dict(total)

    def renumbered(self, code: str, year: int, existed: Callable[[str], bool]) -> str | None:
        """The code that the same municipality had in ``year``, if only its number was changed.

        ``existed`` says whether a code was there in that year. None where a merger or a split lies
        between: then nothing short of a choice would do.

        >>> from allocator.panel import Panel
        >>> Panel().borders.renumbered("3101", 2016, {"0101"}.__contains__)
        '0101'
        """
        if self._same is None:
            self._same = defaultdict(set)
            changes = [c for olds in self._by_year.values() for cs in olds.values() for c in cs]
            parts = Counter((change.year, change.new) for change in changes)
            for change in changes:
                pure = len(self._by_year[change.year][change.old]) == 1
                if pure and parts[change.year, change.new] == 1 and change.old != change.new:
                    self._same[change.old].add(change.new)
                    self._same[change.new].add(change.old)
        seen, left = {code}, [code]
        while left:
            one = left.pop()
            found = sorted(other for other in self._same.get(one, ()) if other not in seen)
            there = [other for other in found if existed(other)]
            if there:
                return there[0] if len(there) == 1 else None
            seen.update(found)
            left += found
        return None

    def _between(self, start: int, end: int) -> list[int]:
        """The years in which anything changed on the way."""
        if end < start:
            raise ValueError(f"cannot carry back in time, from {start} to {end}")
        return [year for year in sorted(self._by_year) if start < year <= end]

    def _branches(self, year: int, path: tuple[str, ...]) -> list[tuple[Change, float]]:
        changes = self._by_year[year].get(path[-1])
        if changes is None:
            stays = Change(year, path[-1], path[-1], "none", 1.0)
            return [(stays, 1.0)]
        for change in changes:
            if change.restores.intersection(path):
                return [(change, 1.0)]
        return [(change, change.weight) for change in changes]

    def carry(
        self,
        series: Series,
        start: int,
        end: int,
        *,
        how: Literal["sum", "mean", "same"] = "sum",
        weights: Mapping[str, float] | None = None,
    ) -> Series:
        """``series`` on the municipalities of ``end``. Mergers add up; splits are estimates.

        ``how="sum"`` is for sizes. ``how="mean"`` is for rates, with ``weights`` (inhabitants) by
        old code; ``how="same"`` for classes: kept where all parts agree, else missing. A merged
        figure is reported only if every part is; otherwise it has no value and the status of its
        first part that is not.
        """
        if not self._between(start, end):
            return {code: series[code] for code in sorted(series)}
        moved: dict[str, list[tuple[str, float, Figure]]] = defaultdict(list)
        for code in sorted(series):
            for new, share in self.successors(code, start, end).items():
                moved[new].append((code, share, series[code]))
        return {new: _merge(parts, how, weights or {}) for new, parts in sorted(moved.items())}


def _merge(
    parts: list[tuple[str, float, Figure]], how: str, weights: Mapping[str, float]
) -> Figure:
    if len(parts) == 1 and parts[0][1] == 1.0:
        return parts[0][2]
    source = "+".join(sorted({figure.source for _, _, figure in parts if figure.source}))
    estimated = any(share != 1.0 or figure.estimated for _, share, figure in parts)
    unreported = [figure for _, _, figure in parts if figure.value is None]
    if unreported:
        return Figure(None, unreported[0].status, source, estimated)
    status = next(
        (f.status for _, _, f in parts if f.status is not Status.REPORTED), Status.REPORTED
    )
    if how == "same":
        alike = len({figure.value for _, _, figure in parts}) == 1
        return (
            Figure(parts[0][2].value, status, source)
            if alike
            else Figure(None, Status.MISSING, source)
        )
    value = [(code, share, figure.value or 0.0) for code, share, figure in parts]
    if how == "sum":
        total = sum(share * amount for _, share, amount in value)
    else:
        weight = sum(share * weights.get(code, 1.0) for code, share, _ in value)
        total = sum(share * weights.get(code, 1.0) * amount for code, share, amount in value)
        total = total / weight if weight else 0.0
    return Figure(total, status, source, estimated)
