"""A sheet as a grid of columns: title, sums that follow the filter, header, rows, print set-up.

Formulas name the other columns of their row, such as ``={asked}-{last_year}``, and are written with
the value they have, so that a reader that does not calculate shows it too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_col_to_name, xl_range, xl_rowcol_to_cell

from allocator.present.language import say

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from allocator.present.book.style import Style

__all__ = ["Column", "Grid", "Sparks", "print_setup", "write_grid"]

Cell = int | float | str | None
_WIDEST = 44
_BAR = {"bar_color": "#b9d0ea", "bar_negative_color": "#e8b4a8"}
_NUMBERS = ("count", "signed", "decimal", "load", "percent", "input_count")


@dataclass(frozen=True, slots=True)
class Sparks:
    """A small line in each row: the numbers of the columns from ``first`` to ``last``.

    They stand in the same row, where they are sorted with it.
    """

    first: str
    last: str
    colour: str = "#1d4f91"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a grid.

    ``kind`` says how its cells look and what they may hold; a text in a column of numbers says why
    there is none. ``formula`` is what each number is made by, ``total`` what its sum over the rows
    that are shown is made by: "sum", or a formula of the sums of other columns, whose value is
    ``whole``. ``bar`` draws the number in the cell too.
    """

    key: str
    title: str
    kind: str
    cells: Sequence[Cell] = ()
    formula: str = ""
    total: str = ""
    whole: float | None = None
    bar: bool = False
    sparks: Sparks | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """Where a grid came to stand: what other sheets and formats refer to."""

    sheet: str
    header: int
    rows: int
    places: Mapping[str, int]

    @property
    def first(self) -> int:
        """The place of the first row, from 0."""
        return self.header + 1

    @property
    def last(self) -> int:
        """The place of the last row, from 0."""
        return self.header + max(self.rows, 1)

    def span(self, key: str) -> str:
        """All cells of a column, from another sheet: ``'Forslag'!$E$8:$E$25``."""
        letter = xl_col_to_name(self.places[key])
        return f"'{self.sheet}'!${letter}${self.first + 1}:${letter}${self.last + 1}"

    def local(self, key: str) -> str:
        """The first cell of a column, for a format of the sheet itself that goes down the rows."""
        return f"${xl_col_to_name(self.places[key])}{self.first + 1}"


def write_grid(
    book: Workbook,
    style: Style,
    name: str,
    title: str,
    told: Sequence[str],
    columns: Sequence[Column],
    *,
    frozen: int = 2,
    mark: tuple[str, str] | None = None,
) -> tuple[Worksheet, Grid]:
    """Write a sheet; ``told`` stands under its title, ``mark`` above its first input column."""
    sheet = book.add_worksheet(name)
    rows = max((len(column.cells) for column in columns), default=0)
    header = len(told) + 2
    grid = Grid(name, header, rows, {column.key: at for at, column in enumerate(columns)})
    sheet.write_string(0, 0, title, style["title"])
    for at, line in enumerate(told, 1):
        sheet.write_string(at, 0, line, style["told"])
    _sums(sheet, style, grid, columns)
    for at, column in enumerate(columns):
        looks = "head_input" if column.kind.startswith("input") else "head"
        if column.kind in _NUMBERS and looks == "head":
            looks = "head_number"
        heading = column.title[:1].upper() + column.title[1:]
        sheet.write_string(header, at, heading, style[looks])
        if column.about:
            sheet.write_comment(header, at, column.about, {"author": "bosett", "x_scale": 2})
        _cells(sheet, style, grid, column, at)
        sheet.set_column(at, at, _width(column), None, {"hidden": column.kind == "hidden"})
    inputs = [at for at, column in enumerate(columns) if column.kind.startswith("input")]
    if mark is not None and inputs:
        sheet.write_string(header - 2, inputs[0], mark[0], style["told_input"])
        sheet.write_string(header - 1, inputs[0], mark[1], style["mark"])
    sheet.set_row(header, 32)
    sheet.print_area(0, 0, grid.last, _last_printed(columns))
    sheet.freeze_panes(header + 1, frozen)
    if rows:
        sheet.autofilter(header, 0, grid.last, len(columns) - 1)
    print_setup(sheet, title)
    sheet.repeat_rows(header)
    return sheet, grid


def print_setup(sheet: Worksheet, title: str) -> None:
    """Landscape A4, as wide as one page, the title and the page numbers below."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer(f"&L&8{title.replace('&', '&&')}&R&8&P / &N")
    sheet.hide_gridlines(2)


def _sums(sheet: Worksheet, style: Style, grid: Grid, columns: Sequence[Column]) -> None:
    """The sums of the rows that are shown, above the header, where a filter does not hide them."""
    summed = [(at, column) for at, column in enumerate(columns) if column.total]
    if not summed or not grid.rows:
        return
    row = grid.header - 1
    for at, column in enumerate(columns):
        if not column.kind.startswith(("input", "hidden")):
            sheet.write_blank(row, at, None, style["sum_text"])
    labelled = next((at for at, c in enumerate(columns) if c.kind == "text"), 0)
    sheet.write_string(row, labelled, say("book.shown"), style["sum_text"])
    above = {column.key: xl_rowcol_to_cell(row, at) for at, column in summed}
    for at, column in summed:
        whole = column.whole
        if not any(isinstance(cell, int | float) for cell in column.cells):
            sheet.write_string(row, at, "–", style["sum_word"])
            continue
        if column.total == "sum":
            letter = xl_col_to_name(at)
            formula = f"=SUBTOTAL(109,{letter}{grid.first + 1}:{letter}{grid.last + 1})"
            if whole is None:
                whole = sum(cell for cell in column.cells if isinstance(cell, int | float))
        else:
            formula = column.total.format(**above)
        value: float | str = "" if whole is None else whole
        sheet.write_formula(row, at, formula, style[f"sum_{column.kind}"], value)


def _cells(sheet: Worksheet, style: Style, grid: Grid, column: Column, at: int) -> None:
    """The cells of a column, with its bars and small lines."""
    if column.sparks is not None:
        rows = range(grid.first, grid.first + grid.rows)
        places = [xl_rowcol_to_cell(row, at) for row in rows]
        ends = [grid.places[key] for key in (column.sparks.first, column.sparks.last)]
        sheet.add_sparkline(
            places[0],
            {
                "location": places,
                "range": [f"'{grid.sheet}'!{xl_range(row, ends[0], row, ends[1])}" for row in rows],
                "series_color": column.sparks.colour,
                "last_point": True,
                "last_color": "#c4452d",
                "empty_cells": "gaps",
                "show_hidden": True,
            },
        )
        return
    write = _written(sheet, style, column.kind)
    for n, cell in enumerate(column.cells):
        row = grid.first + n
        if column.formula and isinstance(cell, int | float):
            names = {key: xl_rowcol_to_cell(row, place) for key, place in grid.places.items()}
            sheet.write_formula(row, at, column.formula.format(**names), style[column.kind], cell)
        else:
            write(row, at, cell)
    if column.bar and grid.rows:
        least = {"min_type": "num", "min_value": 0} if column.kind == "count" else {}
        rule = {"type": "data_bar", "data_bar_2010": True, "bar_solid": True, **_BAR, **least}
        sheet.conditional_format(grid.first, at, grid.last, at, rule)


def _written(sheet: Worksheet, style: Style, kind: str) -> Callable[[int, int, Cell], Any]:
    def write(row: int, at: int, cell: Cell) -> None:
        if cell is None:
            sheet.write_blank(row, at, None, style[kind])
        elif isinstance(cell, str):
            looks = "word" if kind in _NUMBERS and not kind.startswith("input") else kind
            sheet.write_string(row, at, cell, style[looks])
        else:
            sheet.write_number(row, at, cell, style[kind])

    return write


def _last_printed(columns: Sequence[Column]) -> int:
    """The last column on paper: neither what is to be typed nor what is hidden."""
    shown = [at for at, c in enumerate(columns) if not c.kind.startswith(("input", "hidden"))]
    return shown[-1]


def _width(column: Column) -> float:
    """As wide as the widest cell, and as the words of the title, which may stand in two lines."""
    if column.sparks is not None:
        return 18
    least = {"input_text": 30.0, "input_count": 13.0, "input_flag": 11.0}.get(column.kind, 5.0)
    words = max((len(word) for word in column.title.split()), default=0)
    title = max(words, len(column.title) / 2)
    cells = max((len(_shown(cell)) for cell in column.cells), default=0)
    return min(max(least, title + 4, cells + 2), _WIDEST)


def _shown(cell: Cell) -> str:
    return "" if cell is None else cell if isinstance(cell, str) else f"{cell:,.1f}"
