"""Every answer in every form: a table for people, JSON and CSV for programs; and whole files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from allocator.audit.compare import Comparison
from allocator.documents import load_model, load_scenario, shipped_names
from allocator.errors import Fault, UsageError
from allocator.present import text
from allocator.present.tables import as_csv, as_json
from allocator.program.infeasible import NoProposalError
from allocator.proposal import Proposal

__all__ = ["comparison", "documents", "no_proposal", "proposal", "write"]


def proposal(answer: Proposal, form: str) -> str:
    """A proposal as table, json or csv."""
    if form == "table":
        return text.proposal_text(answer)
    return _fields(answer.as_dict(), form)


def no_proposal(scenario: str, error: NoProposalError) -> str:
    """Why there is no proposal, and what would help, as JSON."""
    fields = error.infeasibility.as_dict()
    return as_json({"schema": 1, "scenario": scenario, "status": "infeasible", **fields})


def comparison(answer: Comparison, form: str) -> str:
    """A comparison as table, json or csv."""
    if form == "table":
        return text.comparison_text(answer)
    return _fields(answer.as_dict(), form)


def documents(kind: str, form: str) -> str:
    """The shipped documents of a kind as table, json or csv."""
    rows = [
        _model(name) if kind == "model" else _scenario(name) for name in shipped_names(kind + "s")
    ]
    if form == "table":
        return text.documents_text(rows)
    return as_csv(rows) if form == "csv" else as_json({"schema": 1, f"{kind}s": rows})


def _model(name: str) -> dict[str, str]:
    model = load_model(name)
    return {"name": name, "title": model.title, "source": model.source}


def _scenario(name: str) -> dict[str, str]:
    case = load_scenario(name)
    fields = {"name": name, "title": case.title, "source": case.source}
    return {**fields, "year": str(case.year), "model": case.model}


def write(path: Path, content: str) -> None:
    """Write a whole file or none: beside it first, then renamed over it."""
    try:
        with tempfile.NamedTemporaryFile(
            "w",
            encoding="utf-8",
            newline="\n",
            dir=path.parent,
            prefix=f".{path.name}.",
            delete=False,
        ) as aside:
            aside.write(content)
        os.chmod(aside.name, 0o644)  # noqa: PTH101
        Path(aside.name).replace(path)
    except OSError as error:
        raise UsageError(
            Fault("out.unwritable", f"cannot write '{path}': {error.strerror or error}")
        ) from None


def _fields(fields: dict[str, Any], form: str) -> str:
    return as_csv(fields["municipalities"]) if form == "csv" else as_json(fields)
