"""Figures of the units by indicator, with what a missing value means applied and told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum

import numpy as np
import numpy.typing as npt

from allocator.documents.key import Size
from allocator.errors import Fault
from allocator.panel import Series
from allocator.program.known import Figures

__all__ = ["Reader", "number_of"]

Floats = npt.NDArray[np.float64]


@dataclass(slots=True)
class Reader:
    """Reads indicators, and sizes made of several, in the order of ``codes``; gathers faults.

    >>> from allocator.program.known import Table
    >>> sizes = {"seats": Size(of={"population": 1.0, "km2": 1.8})}
    >>> table = Table({"A": {"population": 10, "km2": 5}, "B": {"population": 20, "km2": 0}})
    >>> Reader(table, ["A", "B"], sizes).values("seats")
    ('given', array([19., 20.]))
    """

    figures: Figures
    codes: Sequence[str]
    sizes: Mapping[str, Size] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def values(
        self, name: str, period: str | None = None, missing: str = "refuse"
    ) -> tuple[str, Floats]:
        """The period and the figures of an indicator, or of one of the sizes."""
        if name not in self.sizes:
            return self._indicator(name, period, missing)
        size, found, periods = self.sizes[name], np.zeros(len(self.codes)), []
        for indicator, weight in size.of.items():
            of, values = self._indicator(indicator, period, missing)
            if size.as_ == "shares":
                values = values / max(fsum(values), 1e-300)
            found = found + weight * values
            periods.append(of)
        return ", ".join(dict.fromkeys(periods)), found

    def _indicator(self, name: str, wanted: str | None, missing: str) -> tuple[str, Floats]:
        reading = self.figures.newest(name, wanted, blank_is_zero=missing == "zero")
        values = np.array([number_of(reading.series, code) for code in self.codes])
        blank = [code for code, value in zip(self.codes, values, strict=True) if np.isnan(value)]
        if blank and missing == "earlier":
            blank = self._earlier(name, reading.period, values, blank)
        if blank and missing in ("refuse", "earlier"):
            period, series = reading.period, reading.series
            self.faults.extend(_refusal(name, period, code, series) for code in blank)
            values = np.nan_to_num(values, nan=1.0)
        elif blank:
            fill = 0.0 if missing == "zero" else float(np.nanmean(values))
            word = "0" if missing == "zero" else f"the mean, {fill:g}"
            shown = ", ".join(blank[:5]) + (f" and {len(blank) - 5} more" if blank[5:] else "")
            self.warnings.append(f"{name} {reading.period} has no figure for {shown}: used {word}")
            values = np.nan_to_num(values, nan=fill)
        return reading.period, values

    def _earlier(self, name: str, period: str, values: Floats, blank: list[str]) -> list[str]:
        """Fill from the five years before; those that are blank still."""
        year = int(period[:4]) if period[:4].isdecimal() else 0
        within = {str(year - back) for back in range(1, 6)}
        for of in filter(within.__contains__, self.figures.periods(name)):
            earlier = self.figures.newest(name, of).series
            for code in [code for code in blank if not np.isnan(number_of(earlier, code))]:
                values[self.codes.index(code)] = number_of(earlier, code)
                self.warnings.append(f"{name} of {code} is from {of}: {period} is missing")
                blank.remove(code)
            if not blank:
                break
        return blank


def number_of(series: Series, code: str) -> float:
    """A figure as a number, the class "2" as 2; nan where there is none."""
    figure = series.get(code)
    return float("nan") if figure is None or figure.value is None else float(figure.value)


def _refusal(indicator: str, period: str, code: str, series: Series) -> Fault:
    found = series[code].status.value if code in series else "not in the panel"
    return Fault(
        "key.missing",
        f"{indicator} {period} of {code} is {found}",
        "a number for every municipality that can be asked",
        f'give it, or say what it means in the model: {indicator} = {{ missing = "zero" }}',
    )
