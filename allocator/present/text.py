"""What the commands print on a terminal: one function for each answer."""

from __future__ import annotations

from typing import Any

from allocator.audit.compare import Comparison
from allocator.present.tables import Column, as_text, count, decimal, signed
from allocator.proposal import Proposal

__all__ = ["comparison_text", "documents_text", "proposal_text"]


def proposal_text(proposal: Proposal) -> str:
    """The requests as a table, with what they rest on above and below."""
    minors = any(request.em for request in proposal.municipalities)
    head = f"{proposal.scenario} · {count(proposal.need['total'])} persons"
    if minors:
        head += f", {count(proposal.need['em'])} of them unaccompanied minors"
    lines = [f"{head} · model {proposal.model} · {_status(proposal)}"]
    if proposal.assumption:
        lines.append(f"assumed: {proposal.assumption}")
    columns = [
        Column("code"),
        Column("municipality"),
        Column("county"),
        Column("asked", True),
        Column("minors", True),
        Column("per 1 000", True),
        Column("last year", True),
        Column("change", True),
        Column("held by"),
    ]
    rows = [
        [
            r.code,
            _short(r.name, 24),
            r.county_name,
            count(r.total),
            count(r.em),
            decimal(r.per_1000),
            count(r.last_year),
            signed(r.change),
            ", ".join(r.binding) or "–",
        ]
        for r in proposal.municipalities
    ]
    last = sum(r.last_year or 0 for r in proposal.municipalities)
    people = sum(r.population or 0 for r in proposal.municipalities)
    rows.append(
        [
            "",
            "in all",
            "",
            count(proposal.total),
            count(proposal.minors),
            decimal(1000 * proposal.total / people if people else None),
            count(last),
            signed(proposal.total - last),
            "",
        ]
    )
    if not minors:
        columns, rows = _without(4, columns, rows)
    if len({r.county for r in proposal.municipalities}) == 1:
        columns, rows = _without(2, columns, rows)
    lines += ["", as_text(columns, rows)]
    lines += [_goal(goal) for goal in proposal.goals]
    names = {r.code: r.name for r in proposal.municipalities}
    names |= {r.county: r.county_name for r in proposal.municipalities}
    if proposal.gave:
        lines.append(
            "gave way: "
            + ", ".join(f"{g['family']} +{g['by']} {names[g['code']]}" for g in proposal.gave)
        )
    for tie in proposal.ties:
        lines.append(
            f"tie: {_codes(tie['got'])} got the step, {_codes(tie['not_got'])} did not; "
            "the larger by the key first, then the lower code"
        )
    lines += [f"note: {warning}" for warning in proposal.warnings]
    return "\n".join(lines) + "\n"


def comparison_text(comparison: Comparison) -> str:
    """The proposal beside the actual figures, and the metrics."""
    m = comparison.metrics
    vintage = "" if comparison.vintage == "final" else f", vintage {comparison.vintage}"
    lines = [
        f"{comparison.scenario} · model {comparison.model} · against {comparison.stage} "
        f"{comparison.year}{vintage}",
        "",
    ]
    rows = [
        [
            r.code,
            _short(r.name, 24),
            r.county_name,
            count(r.proposed),
            count(r.actual) if r.status == "reported" else _status_cell(r.actual, r.status),
            signed(r.difference),
        ]
        for r in comparison.municipalities
    ]
    rows.append(
        [
            "",
            "in all",
            "",
            count(comparison.proposed_total),
            count(comparison.actual_total),
            signed(comparison.proposed_total - comparison.actual_total),
        ]
    )
    columns = [
        Column("code"),
        Column("municipality"),
        Column("county"),
        Column("proposed", True),
        Column(comparison.stage, True),
        Column("difference", True),
    ]
    lines.append(as_text(columns, rows))
    lines.append(
        f"{_percent(m.overlap)} of persons placed the same · {m.municipalities} municipalities "
        f"compared, {_percent(m.exact)} exact, {_percent(m.within_5)} within 5"
    )
    lines.append(
        f"mean difference {decimal(m.mae)} persons, largest {count(m.max_abs)} · rank correlation "
        f"{decimal(m.spearman, 3)} · Gini per inhabitant {decimal(m.gini_proposal, 3)} proposed, "
        f"{decimal(m.gini_actual, 3)} {comparison.stage}"
    )
    lines += [f"note: {warning}" for warning in comparison.warnings]
    return "\n".join(lines) + "\n"


def documents_text(rows: list[dict[str, str]]) -> str:
    """A list of documents: name and title."""
    return as_text([Column("name"), Column("title")], [[row["name"], row["title"]] for row in rows])


def _goal(goal: dict[str, Any]) -> str:
    price = f" (price of the goals before it: {goal['price']:g})" if goal["price"] else ""
    return f"{goal['goal']}: {goal['value']:g} {goal['measure']}{price}"


def _status(proposal: Proposal) -> str:
    return "proven optimal" if proposal.status == "optimal" else proposal.status


def _status_cell(value: int | None, status: str) -> str:
    word = status.replace("_", " ")
    return word if value is None else f"{count(value)} ({word})"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _codes(codes: list[str]) -> str:
    return ", ".join(codes[:6]) + (f" and {len(codes) - 6} more" if len(codes) > 6 else "")


def _short(name: str, width: int) -> str:
    return name if len(name) <= width else name[: width - 1] + "…"


def _without(
    place: int, columns: list[Column], rows: list[list[str]]
) -> tuple[list[Column], list[list[str]]]:
    return (
        columns[:place] + columns[place + 1 :],
        [row[:place] + row[place + 1 :] for row in rows],
    )
