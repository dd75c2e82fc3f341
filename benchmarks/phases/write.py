"""From a proposal to text, in each form."""

from __future__ import annotations

from allocator.engine import propose_case
from allocator.present import forms
from benchmarks.cases import Case
from benchmarks.phases.read import synthetic_has_no_files
from benchmarks.registry import Phase, Work

__all__ = ["WRITE"]


def _no_proposal(case: Case) -> str | None:
    return "no document, hence no proposal" if synthetic_has_no_files(case) else None


WRITE = Phase("write", "a proposal to text", reference="table", unless=_no_proposal)


def _form(case: Case, form: str) -> Work:
    proposal = propose_case(case.document())
    return lambda: forms.proposal(proposal, form)


@WRITE.contender("table")
def table(case: Case) -> Work:
    """The terminal's table."""
    return _form(case, "table")


@WRITE.contender("JSON")
def json(case: Case) -> Work:
    """All fields."""
    return _form(case, "json")


@WRITE.contender("CSV")
def csv(case: Case) -> Work:
    """One row for each municipality."""
    return _form(case, "csv")


@WRITE.contender("pandas to_csv")
def pandas(case: Case) -> Work:
    """The same proposal as a frame, written by pandas, already imported."""
    import pandas as _  # noqa: F401

    proposal = propose_case(case.document())
    return lambda: proposal.to_frame().to_csv()
