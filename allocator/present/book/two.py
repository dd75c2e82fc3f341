"""The sheets of two allocations beside each other: municipalities, and counties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allocator.present.book.grid import Cell, Column, write_grid
from allocator.present.carried import made_of
from allocator.present.language import say, sentence
from allocator.present.tables import count
from allocator.present.versus import head, steps_of, summary

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

    from allocator.audit.versus import Versus
    from allocator.present.book.facts import Asked
    from allocator.present.book.style import Style

__all__ = ["two_sheets"]


def two_sheets(book: Workbook, style: Style, found: Versus, asked: Asked) -> None:
    """Write both sheets; the columns of the steps add up to the difference."""
    rows, title = found.rows, head(found)
    who = [row.request for row in rows]
    columns = [
        Column("code", say("code"), "code", [r.code for r in who]),
        Column("name", say("municipality"), "text", [r.name for r in who]),
        Column("county", say("county"), "text", [r.county_name for r in who]),
        _numbers("first", [_cell(row.first, row.first_status) for row in rows]),
        _numbers("second", [_cell(row.second, row.second_status) for row in rows]),
        _difference([row.difference for row in rows]),
    ]
    columns += [
        Column(
            f"step{at}",
            steps_of(name),
            "signed",
            [row.steps[at] if row.compared else None for row in rows],
            total="sum",
        )
        for at, name in enumerate(found.steps)
    ]
    if found.borders is not None:
        years = {"start": found.borders.start, "end": found.borders.end}
        cells: list[Cell] = [made_of(row.parts) if row.parts else None for row in rows]
        columns.append(Column("made", say("versus.made", **years), "text", cells))
    told = [*summary(found), *(say("note", text=sentence(text)) for text in found.warnings)]
    told.append(say("book.told.command", command=asked.told()))
    _, grid = write_grid(book, style, say("book.sheet.comparison"), title, told, columns)
    by = grid.span("county")

    def summed(key: str, name: str, kind: str, cells: list[int]) -> Column:
        formula = f"=SUMIF({by},{{name}},{grid.span(key)})"
        return Column(key, name, kind, cells, formula, "sum")

    of = found.counties
    columns = [
        Column("code", say("code"), "code", [county.code for county in of]),
        Column("name", say("county"), "text", [county.name for county in of]),
        Column("first", say("versus.first"), "count", [c.first for c in of], total="sum"),
        Column("second", say("versus.second"), "count", [c.second for c in of], total="sum"),
        _difference([county.difference for county in of]),
    ]
    columns += [
        summed(f"step{at}", steps_of(name), "signed", [county.steps[at] for county in of])
        for at, name in enumerate(found.steps)
    ]
    told = [say("book.told.two")]
    write_grid(book, style, say("book.sheet.counties"), title, told, columns)


def _numbers(key: str, cells: list[Cell]) -> Column:
    return Column(key, say(f"versus.{key}"), "count", cells, total="sum")


def _difference(cells: list[int | None]) -> Column:
    told: list[Cell] = ["–" if cell is None else cell for cell in cells]
    formula = "={second}-{first}"
    return Column("difference", say("difference"), "signed", told, formula, total="sum", bar=True)


def _cell(value: int | None, status: str) -> Cell:
    if status == "reported":
        return value
    told = say(f"compare.status.{status}")
    return told if value is None else f"{count(value)} ({told})"
