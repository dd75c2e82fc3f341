"""The workbook whole: its sheets in order, the same bytes for the same answer."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from xlsxwriter import Workbook

from allocator.present.book.done import comparison_sheet
from allocator.present.book.facts import Asked, Facts, gathered
from allocator.present.book.figures import counties_sheet, history_sheet, municipalities_sheet
from allocator.present.book.log import overrides_sheet, sources_sheet
from allocator.present.book.proposal import proposal_sheet
from allocator.present.book.style import style_of
from allocator.present.book.two import two_sheets
from allocator.present.language import titled

if TYPE_CHECKING:
    from allocator.audit.compare import Comparison
    from allocator.audit.overrides import Cost
    from allocator.audit.versus import Versus
    from allocator.documents import Case
    from allocator.panel import Panel
    from allocator.proposal import Proposal

__all__ = ["book_of", "versus_book", "workbook"]


def workbook(
    case: Case,
    panel: Panel,
    proposal: Proposal,
    asked: Asked,
    compared: Comparison | None = None,
    costs: tuple[Cost, ...] = (),
) -> bytes:
    """A proposal as an XLSX file, in the language that is spoken.

    ``asked`` says by what command; ``compared`` is the comparison that was asked for, whose
    metrics then stand on the sheet of the comparison, which is the one that opens; ``costs`` what
    each override costs the others.

    >>> from allocator.documents import load_case
    >>> from allocator.engine import propose_case
    >>> from allocator.panel import Panel
    >>> case, panel = load_case("ostfold-2016"), Panel()
    >>> workbook(case, panel, propose_case(case, panel), Asked("ostfold-2016"))[:2]
    b'PK'
    """
    return book_of(gathered(case, panel, proposal, asked, compared, costs))


def book_of(facts: Facts) -> bytes:
    """The workbook of gathered facts."""
    out = io.BytesIO()
    with _new(out, titled(facts.proposal.title)) as book:
        style = style_of(book)
        requests = proposal_sheet(book, style, facts)
        beside = comparison_sheet(book, style, facts, requests)
        municipalities_sheet(book, style, facts)
        history_sheet(book, style, facts)
        counties_sheet(book, style, facts, requests)
        overrides_sheet(book, style, facts)
        sources_sheet(book, style, facts)
        if facts.compared is not None and beside is not None:
            book.get_worksheet_by_name(beside.sheet).activate()
    return out.getvalue()


def versus_book(found: Versus, asked: Asked) -> bytes:
    """Two allocations beside each other as an XLSX file, in the language that is spoken."""
    out = io.BytesIO()
    with _new(out, f"{found.first.scenario} – {found.second.scenario}") as book:
        two_sheets(book, style_of(book), found, asked)
    return out.getvalue()


@contextmanager
def _new(out: io.BytesIO, title: str) -> Iterator[Workbook]:
    """A new workbook that holds no time: a day that is always the same stands in its place."""
    book = Workbook(out, {"in_memory": True})
    book.set_properties({"title": title, "author": "bosett", "created": dt.datetime(2000, 1, 1)})
    book.set_size(2400, 1400)
    yield book
    book.close()
