"""Which municipalities and counties there were in a year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from allocator.errors import BadDataError, Fault
from allocator.panel import cells
from allocator.panel.cells import Cell
from allocator.panel.figures import Municipality
from allocator.panel.rows import read_columns

__all__ = ["Life", "Units", "Version", "read_units"]

Life = tuple[int, int | None]
"""First and last year; None while it lasts."""

_MUNICIPALITIES: dict[str, Cell] = {
    "code": cells.code4,
    "name": cells.text,
    "county": cells.county2,
    "valid_from": cells.year,
    "valid_to": cells.year_or_open,
}
_COUNTIES: dict[str, Cell] = {
    "code": cells.county2,
    "name": cells.text,
    "valid_from": cells.year,
    "valid_to": cells.year_or_open,
}


@dataclass(frozen=True, slots=True)
class Version:
    """A municipality as it was for some years: its name, its county, and which years."""

    code: str
    name: str
    county: str
    county_name: str
    first: int
    last: int | None

    def lived(self, year: int) -> bool:
        """Whether it was there in a year."""
        return lived((self.first, self.last), year)

    @property
    def label(self) -> str:
        """Code, name and county."""
        return f"{self.code} {self.name} ({self.county_name})"

    @property
    def span(self) -> str:
        """The years in words.

        >>> Version("1580", "Haram", "15", "Møre og Romsdal", 2024, None).span
        'from 2024'
        """
        return f"from {self.first}" if self.last is None else f"to {self.last}"


class Units:
    """The municipalities of every year.

    >>> units = Units([("0101", "Halden", "01", (1967, 2019))], [("01", "Østfold", (2013, 2019))])
    >>> [unit.county_name for unit in units.of_year(2016)], units.of_year(2020)
    (['Østfold'], ())
    """

    def __init__(
        self,
        municipalities: list[tuple[str, str, str, Life]],
        counties: list[tuple[str, str, Life]],
        *,
        complete: bool = True,
    ) -> None:
        self._municipalities = sorted(municipalities, key=lambda row: (row[0], row[3][0]))
        self._counties = counties
        self._complete = complete
        self._of_year: dict[int, tuple[Municipality, ...]] = {}
        self._codes: dict[int, frozenset[str]] = {}
        self.lives: dict[str, list[Life]] = defaultdict(list)
        for code, _, _, life in self._municipalities:
            self.lives[code].append(life)

    def of_year(self, year: int) -> tuple[Municipality, ...]:
        """The municipalities of a year, in order of code."""
        if year not in self._of_year:
            names = {code: name for code, name, life in self._counties if lived(life, year)}
            self._of_year[year] = tuple(
                Municipality(code, name, county, names.get(county, county))
                for code, name, county, (start, end) in self._municipalities
                if start <= year and (end is None or year <= end)
            )
        return self._of_year[year]

    def versions(self) -> tuple[Version, ...]:
        """Every municipality there was, once for each name or county it had, in order of code."""
        named: dict[str, list[tuple[Life, str]]] = defaultdict(list)
        for code, name, life in self._counties:
            named[code].append((life, name))
        found = []
        for code, name, county, (start, end) in self._municipalities:
            then = [(life, text) for life, text in named[county] if end is None or life[0] <= end]
            county_name = max(then)[1] if then else county
            found.append(Version(code, name, county, county_name, start, end))
        return tuple(found)

    def codes(self, year: int) -> frozenset[str] | None:
        """The codes of a year; None where the table has faults, so that nobody knows."""
        if not self._complete:
            return None
        if year not in self._codes:
            self._codes[year] = frozenset(
                code
                for code, _, _, (start, end) in self._municipalities
                if start <= year and (end is None or year <= end)
            )
        return self._codes[year]

    def existed(self, code: str, year: int) -> bool:
        """Whether a municipality had this code in a year, as far as is known."""
        for start, end in self.lives.get(code, ()):
            if start <= year and (end is None or year <= end):
                return True
        return not self._complete

    @property
    def first_year(self) -> int | None:
        """The first year of the oldest."""
        return min((row[3][0] for row in self._municipalities), default=None)


def lived(life: Life, year: int) -> bool:
    """Whether a life holds a year."""
    return life[0] <= year and (life[1] is None or year <= life[1])


def read_units(folder: Path, faults: list[Fault]) -> Units:
    """municipalities.csv and counties.csv; no code twice in a year, no county that is not there."""
    before = len(faults)
    path, counties_path = folder / "municipalities.csv", folder / "counties.csv"
    table = read_columns(path, _MUNICIPALITIES, faults)
    counties_table = read_columns(counties_path, _COUNTIES, faults)
    sound = len(faults) == before
    code, name, county, *life = table.values
    county_code, county_name, *county_life = counties_table.values
    lives = list(zip(*life, strict=True))
    county_lives = list(zip(*county_life, strict=True))
    _once_a_year(code, lives, table.rows, path, faults)
    _once_a_year(county_code, county_lives, counties_table.rows, counties_path, faults)
    if sound:
        _in_a_county(county, lives, county_code, county_lives, table.rows, path, faults)
    return Units(
        list(zip(code, name, county, lives, strict=True)),
        list(zip(county_code, county_name, county_lives, strict=True)),
        complete=len(faults) == before,
    )


def _in_a_county(
    given: Sequence[str],
    lives: Sequence[Life],
    codes: Sequence[str],
    county_lives: Sequence[Life],
    rows: Sequence[int],
    path: Path,
    faults: list[Fault],
) -> None:
    """Every municipality is in a county that was there for all its years, from the oldest's on."""
    counties: dict[str, list[Life]] = defaultdict(list)
    for code, life in zip(codes, county_lives, strict=True):
        counties[code].append(life)
    oldest = min((life[0] for life in county_lives), default=0)
    for row, code, life in zip(rows, given, lives, strict=True):
        gap = _gap(life, counties.get(code, []), oldest)
        if gap is not None:
            found = f"county {code} is not in counties.csv for {gap}"
            expected = "a county that was there in every year"
            fault = Fault("panel.county-unknown", found, expected, "", str(path), row, "county")
            faults.append(fault)


def _once_a_year(
    codes: Sequence[str],
    lives: Sequence[Life],
    rows: Sequence[int],
    path: Path,
    faults: list[Fault],
) -> None:
    """No code twice for one year, and no life that ends before it begins."""
    shown = str(path)
    for (start, end), row in zip(lives, rows, strict=True):
        if end is not None and end < start:
            found = f"the last year, {end}, is before the first, {start}"
            faults.append(Fault("panel.years", found, "", "", shown, row, "valid_to"))
    ordered = sorted(zip(codes, lives, rows, strict=True), key=lambda one: (one[0], one[1][0]))
    for (code, (_, end), first), (other, (start, _), second) in pairwise(ordered):
        if code == other and (end is None or start <= end):
            row, earlier = max(first, second), min(first, second)
            found = f"{code} is given twice for {start}, first in row {earlier}"
            expected = "one row for each code and year"
            faults.append(Fault("panel.duplicate", found, expected, "", shown, row, "code"))


def _gap(life: Life, counties: list[Life], oldest: int) -> int | None:
    """The first year of a life, from the oldest county's on, without its county."""
    year = max(life[0], oldest)
    for start, end in sorted(counties):
        if start <= year:
            if end is None:
                return None
            year = max(year, end + 1)
    return None if life[1] is not None and year > life[1] else year


def no_municipalities(units: Units, year: int, path: Path) -> BadDataError:
    """The error for a year in which there are none."""
    first = units.first_year
    return BadDataError(
        Fault(
            "panel.no-municipalities",
            f"no municipalities are known for {year}",
            f"a year within {first} and later" if first is not None else "rows",
            file=str(path),
        )
    )
