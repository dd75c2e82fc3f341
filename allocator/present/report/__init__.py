"""The report: a proposal as one self-contained page for people, with all that explains it."""

from allocator.present.report.facts import Facts, Told, facts
from allocator.present.report.render import page

__all__ = ["Facts", "Told", "facts", "page"]
