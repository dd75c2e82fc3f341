"""Tables of a page: columns, rows of text or marked-up cells, and the words of a status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from allocator.audit.answers import Count
from allocator.panel import Status
from allocator.present.language import say
from allocator.present.tables import count

__all__ = ["Figure", "Head", "Table", "figure_words"]


@dataclass(frozen=True, slots=True)
class Head:
    """A column: its heading, whether it holds numbers, and whether it may be sorted by."""

    title: str
    number: bool = True
    sort: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption. The first cell of a row is its heading.

    ``total`` is the last row, apart from the others; ``sortable`` gives the headings buttons.
    """

    ident: str
    caption: str
    heads: tuple[Head, ...]
    rows: Sequence[Sequence[str]]
    total: Sequence[str] = ()
    sortable: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with what it shows in words, its legend, and the tables beside it."""

    ident: str
    title: str
    text: str
    svg: str
    legend: str = ""
    tables: tuple[Table, ...] = ()


def figure_words(figure: Count, *, decided: bool = False, estimated: bool = False) -> str:
    """A figure as a cell says it: a number, or why there is none; a decided 0 is a refusal.

    >>> figure_words(Count(0, "reported"), decided=True), figure_words(Count(None, "pending"))
    ('0 (refused)', 'pending')
    >>> figure_words(Count(1200, "partial"))
    '1\\xa0200 so far'
    """
    if figure.persons is None:
        return say(f"cell.{figure.status}")
    told = count(figure.persons)
    if estimated:
        told = say("report.estimate", n=told)
    if figure.status == Status.PARTIAL.value:
        return say("report.so_far", n=told)
    if decided and figure.persons == 0:
        return say("report.refused", n=told)
    return told
