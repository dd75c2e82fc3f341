"""The panel as it was known on a day. Later facts are refused, not merely left unread."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from allocator.errors import BadDataError, Fault
from allocator.panel.facts import STAGES
from allocator.panel.figures import Figure, Municipality, Series, Status
from allocator.panel.store import Panel

__all__ = ["LaterFactError", "Reading", "View"]


class LaterFactError(BadDataError):
    """A fact was asked for that was not known yet on the view's day."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A measure on the municipalities of one year: the series, and which period it is from."""

    name: str
    period: str
    series: Series


class View:
    """What could be known on ``as_of``, on the municipalities of ``year``.

    >>> view = View(Panel(), year=2016, as_of=dt.date(2015, 10, 31))
    >>> view.newest("population").period
    '2015'
    >>> view.requests(2016, "requested")
    Traceback (most recent call last):
    ...
    allocator.panel.view.LaterFactError: requested 2016 was not known on 2015-10-31; it may be used
    from 2016-10-01
    """

    def __init__(self, panel: Panel, year: int, as_of: dt.date) -> None:
        self.panel = panel
        self.year = year
        self.as_of = as_of

    def municipalities(self) -> tuple[Municipality, ...]:
        """The units of the view's year, in order of code (borders are law long before)."""
        return self.panel.municipalities(self.year)

    def requests(
        self, year: int, stage: str, group: str = "total", vintage: str = "final"
    ) -> Series:
        """One stage of an earlier year on that year's own municipalities."""
        self._refuse_later(f"{stage} {year}", self.panel.known(stage, year, vintage))
        return self.panel.requests(year, stage, group, vintage)

    def history(
        self, stage: str, year: int, group: str = "total", *, blank_is_zero: bool = False
    ) -> Series:
        """A stage of an earlier year, carried to the view's municipalities.

        With ``blank_is_zero`` an unreported figure counts as 0 persons, marked estimated; else it
        keeps its status and has no value.
        """
        series = self.requests(year, stage, group)
        if blank_is_zero:
            series = {
                code: figure
                if figure.value is not None
                else Figure(0, Status.REPORTED, figure.source, estimated=True)
                for code, figure in series.items()
            }
        return self.panel.borders.carry(series, year, self.year)

    def stage_years(self, stage: str, group: str = "total") -> Iterator[int]:
        """The earlier years of a stage that are known and given, newest first."""
        for year in reversed(self.panel.years("requests")):
            if year < self.year and year <= self.as_of.year:
                known = self.panel.known(stage, year) <= self.as_of
                if known and self.panel.requests(year, stage, group):
                    yield year

    def periods(self, name: str) -> tuple[str, ...]:
        """The periods of a measure that may be used, newest first.

        >>> View(Panel(), year=2016, as_of=dt.date(2015, 10, 31)).periods("population")
        ('2015', '2014', '2013')
        """
        if name == "population":
            years = reversed(self.panel.years("population"))
            return tuple(str(y) for y in years if self.panel.known(name, y) <= self.as_of)
        if name in STAGES:
            return tuple(str(year) for year in self.stage_years(name))
        about = self.panel.indicator(name)
        return tuple(
            period
            for period in reversed(self.panel.periods(name))
            if self.panel.borders_year(period) <= self.year and about.known(period) <= self.as_of
        )

    def newest(
        self, name: str, period: str | None = None, *, blank_is_zero: bool = False
    ) -> Reading:
        """A measure by name, of the newest known period or of a given one."""
        if period is not None:
            self._refuse_unknown(name, period)
        elif name in STAGES:
            period = next((str(year) for year in self.stage_years(name)), None)
        else:
            period = next(iter(self.periods(name)), None)
        if period is None:
            raise BadDataError(Fault("panel.none-known", self._nothing(name)))
        if name == "population":
            series = self._population(int(period))
        elif name in STAGES:
            series = self.history(name, int(period), blank_is_zero=blank_is_zero)
        else:
            series = self._indicator(name, period)
        return Reading(name, period, series)

    def _population(self, of: int) -> Series:
        self._refuse_later(f"population {of}", self.panel.known("population", of))
        return self.panel.borders.carry(self.panel.population(of), of, max(of, self.year))

    def _indicator(self, name: str, period: str) -> Series:
        about, of = self.panel.indicator(name), self.panel.borders_year(period)
        self._refuse_later(f"{name} {period}", about.known(period))
        series, carry = self.panel.of_period(name, period), self.panel.borders.carry
        if about.kind in ("size", "money"):
            return carry(series, of, self.year)
        if about.kind == "class":
            return carry(series, of, self.year, how="same")
        return carry(series, of, self.year, how="mean", weights=self._inhabitants(of))

    def _refuse_unknown(self, name: str, period: str) -> None:
        """Refuse a period that the panel does not have, or that is after the view's year."""
        if name == "population" or name in STAGES:
            folder = "population" if name == "population" else "requests"
            given = {str(year): year for year in self.panel.years(folder)}
        else:
            given = {each: self.panel.borders_year(each) for each in self.panel.periods(name)}
        there = period in given and (name == "population" or given[period] <= self.year)
        if there and name in STAGES and self.panel.known(name, given[period]) <= self.as_of:
            there = bool(self.panel.requests(given[period], name))
        if not there:
            usable = self.periods(name)
            raise BadDataError(
                Fault(
                    "panel.period-unknown",
                    f"there is no period '{period}' of {name} for {self.year}",
                    "one of " + ", ".join(reversed(usable)) if usable else "",
                    "" if usable else self._nothing(name),
                )
            )

    def _inhabitants(self, year: int) -> dict[str, float]:
        series = self.panel.population(year)
        return {code: f.value for code, f in series.items() if f.value is not None}

    def _nothing(self, name: str) -> str:
        return f"no figures of '{name}' were known on {self.as_of} for {self.year}"

    def _refuse_later(self, what: str, known: dt.date) -> None:
        if known > self.as_of:
            raise LaterFactError(
                Fault(
                    "panel.later-fact",
                    f"{what} was not known on {self.as_of}; it may be used from {known}",
                )
            )
