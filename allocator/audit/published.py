"""County and national figures as they were published, beside the sums of municipalities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from allocator.errors import BadDataError, Fault
from allocator.panel import Panel, Status, cells
from allocator.panel.cells import Cell
from allocator.panel.rows import read_columns
from allocator.panel.store import GROUPS, STAGES

__all__ = ["NATION", "Published", "newest", "published"]

NATION = "nation"
_FIGURES: dict[str, Cell] = {
    "year": cells.year,
    "group": cells.one_of(*GROUPS, "collective_protection"),
    "stage": cells.one_of(*STAGES),
    "persons": cells.persons,
    "source": cells.text,
    "note": cells.text,
}
_COUNTY: dict[str, Cell] = {
    **_FIGURES,
    "county": cells.county2,
    "vintage": cells.text,
    "status": cells.status,
}


@dataclass(frozen=True, slots=True)
class Published:
    """One figure of a whole county, or of the nation, as its publisher printed it."""

    area: str
    vintage: str
    stage: str
    group: str
    persons: int | None
    status: str
    source: str
    note: str

    def as_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def published(panel: Panel, year: int, vintage: str = "final") -> tuple[Published, ...]:
    """The county figures of a year in one vintage; for ``final`` of all, and the nation's.

    They come from requests_county.csv and requests_nation.csv; a panel without these has none.

    >>> [f.persons for f in published(Panel(), 2016, "ostfold-report") if f.stage == "decided"]
    [107, 724]
    """
    faults: list[Fault] = []
    found = []
    path = panel.folder / "requests_county.csv"
    if path.exists():
        panel.files_read.add(path.name)
        table = read_columns(path, _COUNTY, faults)
        for of, group, stage, persons, source, note, area, about, status in zip(
            *table.values, strict=True
        ):
            if of == year and vintage in ("final", about):
                found.append(
                    Published(area, about, stage, group, persons, status.value, source, note)
                )
    path = panel.folder / "requests_nation.csv"
    if path.exists() and vintage == "final":
        panel.files_read.add(path.name)
        table = read_columns(path, _FIGURES, faults)
        for of, group, stage, persons, source, note in zip(*table.values, strict=True):
            if of == year:
                status = (Status.MISSING if persons is None else Status.REPORTED).value
                found.append(
                    Published(NATION, "final", stage, group, persons, status, source, note)
                )
    if faults:
        raise BadDataError(faults)
    return tuple(sorted(found, key=lambda f: (f.area, f.vintage, f.stage, f.group)))


def newest(panel: Panel, year: int, figures: Iterable[Published]) -> tuple[Published, ...]:
    """Of the vintages that hold several counties, the newest known figure for each cell."""
    figures = tuple(figures)
    counties: dict[str, set[str]] = {}
    for figure in figures:
        counties.setdefault(figure.vintage, set()).add(figure.area)
    best: dict[tuple[str, str, str], Published] = {}
    known = {
        (figure.stage, figure.vintage): panel.known(figure.stage, year, figure.vintage)
        for figure in figures
    }
    for figure in sorted(figures, key=lambda f: (known[f.stage, f.vintage], f.vintage)):
        if figure.area == NATION or len(counties[figure.vintage]) > 1:
            best[figure.area, figure.stage, figure.group] = figure
    return tuple(best.values())
