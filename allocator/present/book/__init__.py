"""The workbook: a proposal for people who live in a spreadsheet, to read and to type in."""

from allocator.present.book.facts import Asked
from allocator.present.book.workbook import versus_book, workbook

__all__ = ["Asked", "versus_book", "workbook"]
