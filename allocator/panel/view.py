"""The panel as it was known on a day. Later facts are refused, not merely left unread."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from allocator.errors import BadDataError, Fault
from allocator.panel.figures import Figure, Municipality, Series, Status
from allocator.panel.store import STAGES, Panel

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
        for year in range(min(self.year - 1, self.as_of.year), 1989, -1):
            known = self.panel.known(stage, year) <= self.as_of
            if known and self.panel.requests(year, stage, group):
                yield year

    def newest(
        self, name: str, period: str | None = None, *, blank_is_zero: bool = False
    ) -> Reading:
        """A measure by name, of the newest known period or of a given one."""
        if name == "population":
            return self._population(period)
        if name in STAGES:
            year = next(self.stage_years(name), None) if period is None else int(period)
            if year is None:
                raise BadDataError(Fault("panel.none-known", self._nothing(name)))
            series = self.history(name, year, blank_is_zero=blank_is_zero)
            return Reading(name, str(year), series)
        return self._indicator(name, period)

    def _population(self, period: str | None) -> Reading:
        for of in [int(period)] if period else range(self.as_of.year, 1989, -1):
            known = self.panel.known("population", of)
            if period is None and known > self.as_of:
                continue
            self._refuse_later(f"population {of}", known)
            series = self.panel.population(of)
            if series:
                carried = self.panel.borders.carry(series, of, max(of, self.year))
                return Reading("population", str(of), carried)
        raise BadDataError(Fault("panel.none-known", self._nothing("population")))

    def _indicator(self, name: str, wanted: str | None) -> Reading:
        about = self.panel.indicator(name)
        periods = self.panel.indicator_periods(name)
        for period in sorted(periods, reverse=True) if wanted is None else [wanted]:
            of = self.panel.borders_year(period)
            if period not in periods or of > self.year:
                continue
            if wanted is None and about.known(period) > self.as_of:
                continue
            self._refuse_later(f"{name} {period}", about.known(period))
            if about.kind in ("size", "money"):
                series = self.panel.borders.carry(periods[period], of, self.year)
            elif about.kind == "class":
                series = self.panel.borders.carry(periods[period], of, self.year, how="same")
            else:
                series = self.panel.borders.carry(
                    periods[period], of, self.year, how="mean", weights=self._inhabitants(of)
                )
            return Reading(name, period, series)
        raise BadDataError(Fault("panel.none-known", self._nothing(name)))

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
