"""Which municipality a cell means, in a year: codes are the key, names only a help.

Accepted are the code of the year itself, one that lost its leading zero, and the code that the
same municipality has in another year when nothing but its number was changed (a table on today's
codes that goes back to 1995). A name is refused with its code suggested; nothing is guessed.
"""

from __future__ import annotations

import re

from allocator.errors import BosettError
from allocator.panel.importers.batch import Batch
from allocator.panel.names import find
from allocator.panel.store import Panel

__all__ = ["UNPLACED", "Codes", "bare_code", "resolve"]

UNPLACED = "9999"
_LABELLED = re.compile(r"[KF]?[-_ ]?([0-9]{1,4})(?:[ _\u00a0]\s*\D.*)?", re.DOTALL)


def bare_code(cell: str) -> str:
    """The code in "0101", "K3001", "K-3001 Halden" or "0101 Halden"; else the cell as it is.

    >>> bare_code("K-3001 Halden"), bare_code("K3001"), bare_code("0101"), bare_code("Halden")
    ('3001', '3001', '0101', 'Halden')
    """
    found = _LABELLED.fullmatch(cell.strip())
    return found[1] if found else cell.strip()


class Codes:
    """The codes of a panel, asked year by year; each answer is worked out once."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._borders = panel.borders
        self._found: dict[tuple[str, int], tuple[str, str] | ValueError] = {}

    def of_year(self, cell: str, year: int) -> tuple[str, str]:
        """The code that a cell means in a year, and what was done to find it, or "".

        Raises ValueError(found, expected, remedy).

        >>> codes = Codes(Panel())
        >>> codes.of_year("3001", 2016)
        ('0101', 'renumbered')
        >>> codes.of_year("301", 2016)
        ('0301', 'zero')
        """
        if (cell, year) not in self._found:
            try:
                self._found[cell, year] = self._find(bare_code(cell), year)
            except ValueError as error:
                self._found[cell, year] = error
        found = self._found[cell, year]
        if isinstance(found, ValueError):
            raise found
        return found

    def _find(self, code: str, year: int) -> tuple[str, str]:
        if not (code.isascii() and code.isdigit()):
            raise self._named(code, year)
        exists = self._panel.existed
        if len(code) == 4 and exists(code, year):
            return code, ""
        padded = code.zfill(4)
        if len(code) < 4 and (exists(padded, year) or padded == UNPLACED):
            return padded, "zero"
        same = self._borders.renumbered(padded, year, lambda other: exists(other, year))
        if same is not None:
            return same, "renumbered"
        expected = f"a code of {year}"
        if len(code) != 4:
            raise ValueError(f"'{code}' is not a municipality code", expected, "four digits")
        found = f"no municipality had code {code} in {year}"
        raise ValueError(found, expected, self._panel.code_remedy(code, year))

    def _named(self, name: str, year: int) -> ValueError:
        """A name where a code belongs: refused, with the code it may mean."""
        shown = " ".join(name.split())[:60]
        if not shown:
            return ValueError("there is no code", f"a municipality code of {year}", "")
        expected = f"a municipality code of {year}"
        try:
            unit = find(self._panel, shown, year).unit
        except BosettError as error:
            told = "; ".join(fault.found for fault in error.faults)
            near = "; ".join(fault.remedy for fault in error.faults if fault.remedy)
            return ValueError(told, expected, near)
        remedy = f"write {unit.code} ({unit.name}, {unit.county_name})"
        return ValueError(f"'{shown}' is a name", expected, remedy)


def resolve(batch: Batch, codes: Codes, cell: str, year: int, row: int, column: str) -> str | None:
    """The code a cell means, its repair counted; None after the row was refused."""
    try:
        code, repair = codes.of_year(cell, year)
    except ValueError as error:
        batch.wrong_cell(error, row, column)
        return None
    if repair:
        batch.repaired[repair] += 1
    return code
