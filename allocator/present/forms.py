"""Every answer in every form: a table for people, JSON and CSV for programs; and whole files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from allocator.documents import load_model, shipped_names
from allocator.documents.stack import stacked
from allocator.present.files import write
from allocator.present.tables import as_csv, as_json

if TYPE_CHECKING:  # so that a list of documents loads no solver
    from allocator.audit.compare import Comparison
    from allocator.audit.overrides import Cost
    from allocator.errors import InfeasibleError, StoppedError
    from allocator.program.verify import Check
    from allocator.proposal import Proposal

__all__ = ["checks", "comparison", "documents", "no_proposal", "proposal", "write"]


def proposal(answer: Proposal, form: str) -> str:
    """A proposal as table, json or csv."""
    if form == "table":
        from allocator.present import text  # JSON and CSV need no words

        return text.proposal_text(answer)
    return _fields(answer.as_dict(), form)


def no_proposal(scenario: str, error: InfeasibleError | StoppedError) -> str:
    """Why there is no proposal, and what would help, as JSON."""
    return as_json({"schema": 1, "scenario": scenario, "status": error.status, **error.as_dict()})


def comparison(answer: Comparison, form: str, costs: Sequence[Cost] = ()) -> str:
    """A comparison as table, json or csv, with what the overrides cost if that is known."""
    if form == "table":
        from allocator.present import text  # JSON and CSV need no words

        return text.comparison_text(answer, costs)
    fields = answer.as_dict()
    if costs:
        fields["overrides"] = [cost.as_dict() for cost in costs]
    return _fields(fields, form)


def checks(run: str, found: Sequence[Check], form: str) -> str:
    """The checks of a run folder as table, json or csv."""
    if form == "table":
        from allocator.present import text  # JSON and CSV need no words

        return text.checks_text(run, found)
    rows = [{**asdict(check), "ok": check.ok} for check in found]
    if form == "csv":
        return as_csv(rows)
    return as_json({"schema": 1, "run": run, "ok": all(c.ok for c in found), "checks": rows})


def documents(kind: str, form: str) -> str:
    """The shipped documents of a kind as table, json or csv."""
    rows: list[dict[str, Any]] = [
        _model(name) if kind == "model" else _scenario(name) for name in shipped_names(kind + "s")
    ]
    if form == "table":
        from allocator.present import text  # JSON and CSV need no words

        return text.documents_text(rows)
    return as_csv(_one_each(rows)) if form == "csv" else as_json({"schema": 1, f"{kind}s": rows})


def _model(name: str) -> dict[str, Any]:
    model = load_model(name)
    held = {"valid_from": model.valid_from, "valid_to": model.valid_to}
    return {"name": name, "title": model.title, "source": model.source, **held}


def _scenario(name: str) -> dict[str, Any]:
    found = stacked(name)
    case = found.scenario
    fields = {"name": name, "title": case.title, "source": case.source}
    overrides = [
        {"name": override.name, "title": str(tables["title"]), "source": str(tables["source"])}
        for override in found.overrides.values()
        for tables in (override.tables,)
    ]
    return {**fields, "year": case.year, "model": case.model, "overrides": overrides}


def _one_each(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Documents as rows of one shape: an override is a row too, named as on the command line."""
    flat = []
    for row in rows:
        own = {name: value for name, value in row.items() if name != "overrides"}
        flat.append(own)
        for override in row.get("overrides", ()):
            flat.append({**own, **override, "name": f"{row['name']}+{override['name']}"})
    return flat


def _fields(fields: dict[str, Any], form: str) -> str:
    return as_csv(fields["municipalities"]) if form == "csv" else as_json(fields)
