"""What the program asks of those who know figures: the panel's view, or a plain table.

A rule runs on any units that have a code. :class:`~allocator.panel.View` knows Norwegian
municipalities as they were on a day; :class:`Table` holds figures from anywhere – the states of a
published key, the regions of a worked example – as one row for each unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from allocator.errors import BadDataError, Fault, did_you_mean
from allocator.panel import Figure, Municipality, Reading, Series, Status

__all__ = ["Figures", "Known", "Table"]


class Figures(Protocol):
    """Who gives a series by indicator: all that a key needs."""

    def periods(self, name: str, /) -> tuple[str, ...]:
        """The periods of an indicator that may be used, newest first."""

    def newest(
        self, name: str, period: str | None = None, /, *, blank_is_zero: bool = False
    ) -> Reading:
        """An indicator's figures by code, of the newest period or of a given one."""


class Known(Figures, Protocol):
    """Who also says which units there are, and what was asked of them before."""

    def municipalities(self) -> tuple[Municipality, ...]:
        """The units, in order of code."""

    def stage_years(self, stage: str, group: str = "total", /) -> Iterator[int]:
        """The earlier years of a stage, newest first."""

    def history(
        self, stage: str, year: int, group: str = "total", /, *, blank_is_zero: bool = False
    ) -> Series:
        """A stage of an earlier year."""


class Table:
    """Figures of one time: unit → indicator → number, None where there is none.

    >>> table = Table({"B": {"population": 40}, "A": {"population": 60, "gdp": None}})
    >>> [unit.code for unit in table.municipalities()]
    ['A', 'B']
    >>> table.newest("population").series["B"].value
    40.0
    >>> table.newest("gpd")
    Traceback (most recent call last):
    allocator.errors.BadDataError: there is no indicator 'gpd' in the table – did you mean 'gdp'?
    """

    def __init__(self, rows: Mapping[str, Mapping[str, float | None]]) -> None:
        self._rows = dict(sorted(rows.items()))
        self._names = sorted({name for row in self._rows.values() for name in row})

    @classmethod
    def from_csv(cls, text: str) -> Table:
        """A table whose first column is the unit's code and whose others are indicators.

        An empty cell is a figure that is not there; a column with a word in it is left out.

        >>> Table.from_csv("state,gdp,note\\nDE,19.6,a\\nIS,,b\\n").newest("gdp").series["IS"].value
        """
        import csv
        from io import StringIO

        records = list(csv.DictReader(StringIO(text)))
        code, *names = records[0] if records else [""]
        numeric = [name for name in names if all(_is_number(each[name]) for each in records)]
        return cls(
            {
                each[code]: {name: float(each[name]) if each[name] else None for name in numeric}
                for each in records
            }
        )

    @property
    def codes(self) -> tuple[str, ...]:
        """The units' codes, in order."""
        return tuple(self._rows)

    def municipalities(self) -> tuple[Municipality, ...]:
        """The units, in order of code; all are of one county."""
        return tuple(Municipality(code, code, "00", "") for code in self._rows)

    def periods(self, name: str) -> tuple[str, ...]:
        """There is only one time."""
        return ("given",) if name in self._names else ()

    def newest(
        self, name: str, period: str | None = None, *, blank_is_zero: bool = False
    ) -> Reading:
        """An indicator's figures; ``period`` does not matter, there is only one."""
        if name not in self._names and name != "population":
            raise BadDataError(
                Fault(
                    "table.indicator-unknown",
                    f"there is no indicator '{name}' in the table",
                    remedy=did_you_mean(name, self._names),
                )
            )
        found = {code: row.get(name) for code, row in self._rows.items()}
        return Reading(
            name,
            "given",
            {
                code: Figure(float(value)) if value is not None else Figure(None, Status.MISSING)
                for code, value in found.items()
            },
        )

    def stage_years(self, stage: str, group: str = "total") -> Iterator[int]:
        """No year came before."""
        return iter(())

    def history(
        self, stage: str, year: int, group: str = "total", *, blank_is_zero: bool = False
    ) -> Series:
        """Nothing is known of earlier years."""
        return {}


def _is_number(text: str) -> bool:
    try:
        float(text or 0)
    except ValueError:
        return False
    return True
