"""From a case to an explanation of every number: what a national run of letters takes."""

from __future__ import annotations

from allocator.audit.explain import explain
from allocator.panel import Panel
from allocator.present.explain import files
from benchmarks.cases import Case
from benchmarks.phases.read import synthetic_has_no_files
from benchmarks.registry import Phase, Target, Work

__all__ = ["LETTERS"]

LETTERS = Phase(
    "letters",
    "a case to a letter for every municipality, with all of them as JSON and CSV",
    reference="all of it",
    unless=synthetic_has_no_files,
)


@LETTERS.contender("all of it", targets=(Target("seconds", "<", 30, on=("norway-2026",)),))
def letters(case: Case) -> Work:
    """Every stage solved again, the steps, their likes, and the texts; nothing is written."""
    return lambda: files(explain(case.document(), Panel()))


@LETTERS.contender("explained only")
def explained(case: Case) -> Work:
    """The part of it without the texts."""
    return lambda: explain(case.document(), Panel())
