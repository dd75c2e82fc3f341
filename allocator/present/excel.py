"""A CSV that Norwegian Excel opens with a double click.

Excel takes a list's separator and the decimal sign from the language of the machine, reads UTF-8
only behind a byte order mark, makes a number of a code, and a formula of what begins as one.
"""

from __future__ import annotations

import csv
import io
import re

__all__ = ["excel_csv"]

_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+(e[-+]?[0-9]+)?")
_NUMBER = re.compile(r"-?[0-9]+([.,][0-9]+)?(e[-+]?[0-9]+)?")


def excel_csv(text: str) -> str:
    """The same table with semicolons and decimal commas; codes and texts stay what they are.

    In a column where a code begins with 0, every code is written ``="0301"``, which a spreadsheet
    reads as text; so is a text that would be taken for a formula.

    >>> made = excel_csv("code,name,load\\n0301,Oslo,1.25\\n1103,Stavanger,\\n")
    >>> print(*made.lstrip("\\ufeff").splitlines(), sep="\\n")
    code;name;load
    "=""0301""\";Oslo;1,25
    "=""1103""\";Stavanger;
    """
    rows = list(csv.reader(io.StringIO(text, newline="")))
    codes = {
        at
        for row in rows[1:]
        for at, cell in enumerate(row)
        if len(cell) > 1 and cell.isdecimal() and cell[0] == "0"
    }
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows([_cell(cell, at in codes) for at, cell in enumerate(row)] for row in rows)
    return "\ufeff" + out.getvalue()


def _cell(cell: str, code: bool) -> str:
    if _DECIMAL.fullmatch(cell):
        return cell.replace(".", ",")
    formula = cell[:1] in ("=", "+", "-", "@") and not _NUMBER.fullmatch(cell)
    if formula or (code and cell.isdecimal()):
        return '="' + cell.replace('"', '""') + '"'
    return cell
