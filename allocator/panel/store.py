"""The panel: municipal facts by year, read from a folder of CSV tables as they are asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from allocator.errors import BadDataError, BosettError, Fault, MissingInputError, did_you_mean
from allocator.locate import shipped
from allocator.panel import facts, tables
from allocator.panel.borders import Borders
from allocator.panel.facts import GROUPS, STAGES, Facts, Ground
from allocator.panel.figures import Municipality, Series
from allocator.panel.tables import Indicator, Stages
from allocator.panel.units import Units, Version, no_municipalities, read_units

__all__ = ["GROUPS", "STAGES", "Indicator", "Panel"]

T = TypeVar("T")


class Panel:
    """Facts of a folder of tables; nothing is read before it is asked for.

    A table is checked as a whole when it is first read, and all its faults are raised together.
    ``files_read`` names the tables that were read.

    >>> panel = Panel()
    >>> panel.requests(2016, "requested")["0301"].status.value
    'reported'
    >>> sorted(panel.files_read)[-2:]
    ['requests/2016.csv', 'vintages.csv']
    """

    def __init__(self, folder: Path | str | None = None) -> None:
        self.folder = Path(folder) if folder is not None else shipped("scenarios") / "panel"
        if not self.folder.is_dir():
            raise MissingInputError(
                Fault("panel.missing", f"there is no panel folder '{self.folder}'")
            )
        if folder is not None and (self.folder / ".bosett" / "commit").exists():
            from allocator.panel.journal import settle  # only after an import was broken off

            settle(self.folder)
        self.files_read: set[str] = set()
        self._tables: dict[str, Any] = {}
        self._gathered: list[Fault] | None = None

    # -- units ---------------------------------------------------------------------------------

    def municipalities(self, year: int) -> tuple[Municipality, ...]:
        """The municipalities of a year, in order of code."""
        found = self._units.of_year(year)
        if not found:
            raise no_municipalities(self._units, year, self.folder / "municipalities.csv")
        return found

    def versions(self) -> tuple[Version, ...]:
        """Every municipality of every year, once for each name it had."""
        return self._units.versions()

    def units_of(self, year: int) -> tuple[Municipality, ...]:
        """The same, or none where the panel knows none for that year."""
        return self._units.of_year(year)

    def existed(self, code: str, year: int) -> bool:
        """Whether a municipality had this code in a year."""
        return self._units.existed(code, year)

    @property
    def _units(self) -> Units:
        self.files_read.add("counties.csv")
        return self._once("municipalities.csv", lambda _, f: read_units(self.folder, f))

    @property
    def borders(self) -> Borders:
        """How municipalities became others."""
        units = self._units
        return self._once("changes.csv", lambda path, f: tables.read_borders(path, units, f))

    # -- figures -------------------------------------------------------------------------------

    def requests(
        self, year: int, stage: str, group: str = "total", vintage: str = "final"
    ) -> Series:
        """One stage of one year, by municipality code; empty if the panel has none of it."""
        found = self._of_year("requests", year)
        return found.series((vintage, stage, group)) if found is not None else {}

    def vintages(self, year: int) -> tuple[str, ...]:
        """The vintages in which a year's figures are given."""
        found = self._of_year("requests", year)
        return tuple(sorted({key[0] for key in found.keys})) if found is not None else ()

    def request_keys(self, year: int) -> tuple[tuple[str, str, str], ...]:
        """The vintages, stages and groups in which a year's figures are given."""
        found = self._of_year("requests", year)
        return tuple(found.keys) if found is not None else ()

    def population(self, year: int) -> Series:
        """Inhabitants on 1 January; empty if the panel has none of that year."""
        found = self._of_year("population", year)
        return found.series(()) if found is not None else {}

    def years(self, folder: str) -> tuple[int, ...]:
        """The years there is a table for in "population" or "requests"; nothing is read."""
        if folder not in self._tables:
            stems = (path.stem for path in (self.folder / folder).glob("*.csv"))
            years = {int(stem) for stem in stems if len(stem) == 4 and stem.isdecimal()}
            self._tables[folder] = tuple(sorted(years))
        found: tuple[int, ...] = self._tables[folder]
        return found

    def _of_year(self, folder: str, year: int) -> Facts | None:
        if year not in self.years(folder):
            return None
        known = self.known_vintages if folder == "requests" else None
        ground = Ground(self._units, self.code_remedy, known)
        return self._once(
            f"{folder}/{year}.csv", lambda path, f: facts.read_year(path, year, ground, f)
        )

    # -- indicators ----------------------------------------------------------------------------

    def indicator(self, name: str) -> Indicator:
        """What an indicator measures."""
        catalogue = self.catalogue
        if name in catalogue:
            return catalogue[name]
        raise BadDataError(
            Fault(
                "panel.indicator-unknown",
                f"there is no indicator '{name}' in the panel",
                remedy=did_you_mean(name, [*catalogue, "population", *STAGES]),
                file=str(self.folder / "indicators.csv"),
            )
        )

    def indicators(self) -> tuple[str, ...]:
        """The names of all indicators, by the alphabet."""
        return tuple(sorted(self.catalogue))

    def periods(self, name: str) -> tuple[str, ...]:
        """The periods of an indicator, oldest first."""
        return tuple(sorted(self._indicator(name).keys))

    def of_period(self, name: str, period: str) -> Series:
        """An indicator's figures of a period; empty if there are none."""
        return self._indicator(name).series(period)

    def indicator_periods(self, name: str) -> dict[str, Series]:
        """Every period of an indicator."""
        return {period: self.of_period(name, period) for period in self.periods(name)}

    def borders_year(self, period: str) -> int:
        """The year whose codes a period stands on: its own, or the panel's first if it is older."""
        return max(int(period[:4]), min(self.years("population"), default=0))

    def _indicator(self, name: str) -> Facts:
        kind, ground = self.indicator(name).kind, Ground(self._units, self.code_remedy)
        return self._once(
            f"indicators/{name}.csv",
            lambda path, f: facts.read_indicator(path, kind, self.borders_year, ground, f),
        )

    @property
    def catalogue(self) -> dict[str, Indicator]:
        """What every indicator measures, by name."""
        return self._once("indicators.csv", tables.read_catalogue)

    # -- when it was known ---------------------------------------------------------------------

    def known(self, stage: str, year: int, vintage: str = "final") -> dt.date:
        """The first day a stage's figures of a year may be used (stages.csv, vintages.csv)."""
        if vintage != "final" and stage != "population":
            known = self.known_vintages
            if vintage not in known:
                raise BadDataError(
                    Fault(
                        "panel.vintage-unknown",
                        f"there is no vintage '{vintage}' in the panel",
                        remedy=did_you_mean(vintage, known),
                        file=str(self.folder / "vintages.csv"),
                    )
                )
            fixed = known[vintage]
            if fixed is not None:
                return fixed
        return self.stage_rules.known(stage, year)

    @property
    def stage_rules(self) -> Stages:
        """When the figures of each stage are known."""
        return self._once("stages.csv", tables.read_stages)

    @property
    def known_vintages(self) -> dict[str, dt.date | None]:
        """The day of each vintage; None where the rule of its stages holds."""
        return self._once("vintages.csv", tables.read_vintages)

    # -- reading -------------------------------------------------------------------------------

    def gather(self, read: Callable[[], T]) -> T:
        """What ``read`` gives; or every fault of every table that it reads, raised together.

        Reading goes on past a table with faults, so that a fault in one does not hide those of
        the next. What ``read`` makes of such tables is thrown away.
        """
        if self._gathered is not None:
            return read()
        faults: list[Fault] = []
        self._gathered = faults
        try:
            found = read()
        except Exception as error:
            if not faults:
                raise
            if isinstance(error, BosettError):
                faults += [fault for fault in error.faults if fault.file]
            raise self._together(faults) from None
        finally:
            self._gathered = None
            if faults:
                self._tables.clear()
        if faults:
            raise self._together(faults)
        return found

    def check(self) -> None:
        """Read every table; raise the faults of all of them together."""

        def read() -> None:
            _ = self.borders, self.stage_rules
            for folder in ("population", "requests"):
                for year in self.years(folder):
                    self._of_year(folder, year)
            for name in self.catalogue:
                self._indicator(name)

        self.gather(read)

    @staticmethod
    def _together(faults: list[Fault]) -> BadDataError:
        return BadDataError(dict.fromkeys(faults))

    def _once(self, name: str, read: Callable[[Path, list[Fault]], T]) -> T:
        """A table, read when it is first asked for. Its faults are raised, or gathered."""
        if name not in self._tables:
            self.files_read.add(name)
            faults: list[Fault] = []
            found = read(self.folder / name, faults)
            if faults:
                faults.sort(key=lambda fault: (fault.file or "", fault.row or 0))
                if self._gathered is None:
                    raise BadDataError(faults)
                self._gathered += faults
            self._tables[name] = found
        cached: T = self._tables[name]
        return cached

    def code_remedy(self, code: str, year: int) -> str:
        """What to do about a code that no municipality had in a year."""
        lives = self._units.lives.get(code)
        if not lives:
            return "the code is not in municipalities.csv for any year"
        start, end = lives[0]
        if end is not None and end < year:
            after = ", ".join(self.borders.successors(code, end, year))
            return f"it was in use to {end}; its successor is {after}"
        return f"it came into use in {start}"
