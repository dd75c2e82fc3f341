"""What does not fit in a panel, and the explanations that stand beside its figures.

``oddities.csv`` has a row for each oddity: the check that finds it, where – an empty cell stands
for any – how many findings it explains, and why. An entry that explains more or fewer than it says
is a finding itself, so that an explanation never covers what it was not written for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from allocator.errors import BadDataError, Fault
from allocator.panel import cells
from allocator.panel.cells import Cell
from allocator.panel.rows import read_columns

__all__ = ["Finding", "Oddity", "explained", "read_oddities"]

_COLUMNS: dict[str, Cell] = {
    "check": cells.text,
    "year": cells.text,
    "code": cells.text,
    "group": cells.text,
    "stage": cells.text,
    "vintage": cells.text,
    "findings": cells.whole,
    "why": cells.text,
    "source": cells.text,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit.

    ``check`` is one of :data:`allocator.panel.checks.CHECKS`; ``table`` and ``row`` are where the
    first figure stands, ``source`` whose it is; ``value`` was found where ``against`` was to be
    expected. ``why`` is the explanation: of the panel's oddities, or "hidden" where hidden cells
    account for it.
    """

    check: str
    year: str
    code: str
    group: str
    stage: str
    vintage: str
    value: str
    against: str
    table: str
    row: int | None
    source: str
    why: str = ""

    @property
    def explained(self) -> bool:
        """Whether somebody knows why."""
        return bool(self.why)


@dataclass(frozen=True, slots=True)
class Oddity:
    """One row of ``oddities.csv``: which findings it explains, how many, and why."""

    check: str
    where: tuple[str, ...]
    findings: int
    why: str
    source: str
    row: int

    def explains(self, found: Finding) -> bool:
        """Whether a finding is one of these."""
        at = (found.year, found.code, found.group, found.stage, found.vintage)
        pairs = zip(self.where, at, strict=True)
        return self.check == found.check and all(not mine or mine == its for mine, its in pairs)


def read_oddities(path: Path) -> tuple[Oddity, ...]:
    """The oddities of a panel; none where it has no such table.

    Raises :class:`~allocator.errors.BadDataError` with every fault of the table.
    """
    if not path.is_file():
        return ()
    faults: list[Fault] = []
    table = read_columns(path, _COLUMNS, faults)
    for row, why in zip(table.rows, table.values[7], strict=True):
        if not why.strip():
            expected = "the explanation in words"
            found = "an oddity without an explanation"
            faults.append(Fault("panel.oddity", found, expected, "", str(path), row, "why"))
    if faults:
        raise BadDataError(faults)
    check, year, code, group, stage, vintage, count, why_, source = table.values
    where = zip(year, code, group, stage, vintage, strict=True)
    rows = zip(check, where, count, why_, source, table.rows, strict=True)
    return tuple(Oddity(*row) for row in rows)


def explained(found: Iterable[Finding], oddities: Sequence[Oddity]) -> list[Finding]:
    """The findings with their explanations, and one for each oddity that does not fit."""
    told = []
    times = [0] * len(oddities)
    for each in found:
        for at, oddity in enumerate(oddities):
            if not each.why and oddity.explains(each):
                each = replace(each, why=oddity.why)
                times[at] += 1
        told.append(each)
    for oddity, count in zip(oddities, times, strict=True):
        if count != oddity.findings:
            year, code, group, stage, vintage = oddity.where
            numbers = (str(count), str(oddity.findings), "oddities.csv", oddity.row, oddity.source)
            told.append(Finding("oddity", year, code, group, stage, vintage, *numbers))
    return told
