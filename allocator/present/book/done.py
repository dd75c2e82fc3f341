"""The sheet of the comparison: the proposal beside what was done, or what was done last year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allocator.audit.answers import Count
from allocator.present.book.facts import figure_cell
from allocator.present.book.grid import Column, Grid, write_grid
from allocator.present.language import say, titled
from allocator.present.notes import noted
from allocator.present.text import metrics_lines

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

    from allocator.present.book.facts import Facts
    from allocator.present.book.style import Style

__all__ = ["comparison_sheet"]


def comparison_sheet(book: Workbook, style: Style, facts: Facts, proposal: Grid) -> Grid | None:
    """Write the sheet; its numbers of the proposal are those of the other sheet. None if empty."""
    done, requests = facts.done, facts.requests
    if not done.of:
        return None
    key = "asked" if facts.group == "total" else "minors"
    columns = [
        Column("code", say("code"), "code", [r.code for r in requests]),
        Column("name", say("municipality"), "text", [r.name for r in requests]),
        Column("county", say("county"), "text", [r.county_name for r in requests]),
        Column(
            "proposed",
            say("book.proposed", year=facts.proposal.year),
            "count",
            [r.total if key == "asked" else r.em for r in requests],
            "" if key not in proposal.places else _linked(proposal, key),
            total="sum",
            bar=True,
        ),
    ]
    for stage, of in done.of.items():
        figures = [of.get(r.code, Count(None, "missing")) for r in requests]
        columns.append(
            Column(
                stage,
                say("book.stage", stage=say(stage), year=done.year),
                "count",
                [figure_cell(figure, stage) for figure in figures],
                total="sum",
            )
        )
        columns.append(
            Column(
                f"{stage}_difference",
                say("book.difference", stage=say(stage)),
                "signed",
                [
                    "–" if figure.final is None else number - figure.final
                    for figure, number in zip(
                        figures,
                        [r.total if key == "asked" else r.em for r in requests],
                        strict=True,
                    )
                ],
                f"={{proposed}}-{{{stage}}}",
                total="sum",
                bar=True,
            )
        )
    minors = say("compare.minors") if key == "minors" else ""
    code = "book.compared" if done.year == facts.proposal.year else "book.compared.last"
    told = [say(code, year=done.year, vintage=done.vintage, minors=minors)]
    told.append(say("book.compared.sums"))
    if facts.compared is not None:
        told += metrics_lines(facts.compared)
        notes = noted(facts.compared.warnings, facts.requests)
        told += [say("note", text=note) for note in notes]
    title = say("book.title.comparison", title=titled(facts.proposal.title))
    name = say("book.sheet.comparison")
    return write_grid(book, style, name, title, told, columns)[1]


def _linked(proposal: Grid, key: str) -> str:
    """The formula of the other sheet's number, found by its code: either may be sorted."""
    return f"=SUMIF({proposal.span('code')},{{code}},{proposal.span(key)})"
