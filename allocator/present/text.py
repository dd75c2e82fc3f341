"""What the commands print on a terminal: one function for each answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from allocator.present.tables import Column, as_text, count, decimal, signed

if TYPE_CHECKING:
    from allocator.audit.compare import Comparison
    from allocator.program.verify import Check
    from allocator.proposal import Proposal, Request

__all__ = ["checks_text", "comparison_text", "documents_text", "proposal_text"]

_WIDTH = 80  # of every table that can be made as narrow, so that the same answer is the same text


def proposal_text(proposal: Proposal) -> str:
    """The requests as a table, with what they rest on above and below."""
    minors = any(request.em for request in proposal.municipalities)
    asked, em = proposal.need["total"], proposal.need["em"]
    if proposal.years:
        asked, em = proposal.total, proposal.minors
    head = f"{proposal.scenario} · {count(asked)} persons"
    if minors:
        head += f", {count(em)} of them unaccompanied minors"
    lines = [f"{head} · model {proposal.model} · {_status(proposal)}"]
    if proposal.assumption:
        lines.append(f"assumed: {proposal.assumption}")
    for plan in proposal.years or ({"year": proposal.year},):
        if proposal.years:
            lines += ["", f"{plan['year']}: {count(plan['total'])} persons"]
        lines += ["", _requests_text(proposal.of_year(plan["year"]), minors)]
    asked = sum(r.total > 0 for r in proposal.municipalities)
    lines.append(f"asked: {count(asked)} of {count(len(proposal.municipalities))}")
    lines += [_goal(goal) for goal in proposal.goals]
    names = {r.code: r.name for r in proposal.municipalities}
    names |= {r.county: r.county_name for r in proposal.municipalities}
    if proposal.gave:
        lines.append(
            "gave way: "
            + ", ".join(
                f"{g['family']} +{g['by']} {names[g['code'].partition('_')[0]]}"
                for g in proposal.gave
            )
        )
    for tie in proposal.ties:
        lines.append(
            f"tie: {_codes(tie['got'])} got the step, {_codes(tie['not_got'])} did not; "
            "the larger by the key first, then the lower code"
        )
    lines += [f"note: {warning}" for warning in proposal.warnings]
    return "\n".join(lines) + "\n"


def _requests_text(requests: Sequence[Request], minors: bool) -> str:
    """The table of one year's requests."""
    columns = [
        Column("code"),
        Column("municipality", least=12),
        Column("county", least=8),
        Column("asked", True),
        Column("minors", True),
        Column("per 1 000", True),
        Column("last year", True, spare=True),
        Column("change", True),
        Column("held by"),
    ]
    rows = [
        [
            r.code,
            r.name,
            r.county_name,
            count(r.total),
            count(r.em),
            decimal(r.per_1000),
            count(r.last_year),
            signed(r.change),
            _held(r),
        ]
        for r in requests
    ]
    asked = sum(r.total for r in requests)
    last = sum(r.last_year or 0 for r in requests)
    people = sum(r.population or 0 for r in requests)
    rows.append(
        [
            "",
            "in all",
            "",
            count(asked),
            count(sum(r.em for r in requests)),
            decimal(1000 * asked / people if people else None),
            count(last),
            signed(asked - last),
            "",
        ]
    )
    if not minors:
        columns, rows = _without(4, columns, rows)
    if len({r.county for r in requests}) == 1:
        columns, rows = _without(2, columns, rows)
    return as_text(columns, rows, _WIDTH)


def comparison_text(comparison: Comparison) -> str:
    """The proposal beside the actual figures, and the metrics."""
    m, proposal = comparison.metrics, comparison.proposal
    vintage = "" if comparison.vintage == "final" else f", vintage {comparison.vintage}"
    of_minors = " · unaccompanied minors" if comparison.group == "em" else ""
    lines = [
        f"{proposal.scenario} · model {proposal.model} · against {comparison.stage} "
        f"{proposal.year}{vintage}{of_minors}",
        "",
    ]
    rows = [
        [
            row.request.code,
            row.request.name,
            row.request.county_name,
            count(row.proposed),
            count(row.actual) if row.compared else _status_cell(row.actual, row.status),
            signed(row.difference),
        ]
        for row in comparison.municipalities
    ]
    both = (comparison.proposed_total, comparison.actual_total)
    rows.append(["", "in all", "", *map(count, both), signed(both[0] - both[1])])
    left_out = [row.proposed for row in comparison.municipalities if not row.compared]
    if left_out:
        rows.append(["", f"{len(left_out)} left out", "", count(sum(left_out)), "–", "–"])
    columns = [
        Column("code"),
        Column("municipality", least=12),
        Column("county", least=8),
        Column("proposed", True),
        Column(comparison.stage, True),
        Column("difference", True),
    ]
    if len({row.request.county for row in comparison.municipalities}) == 1:
        columns, rows = _without(2, columns, rows)
    lines.append(as_text(columns, rows, _WIDTH))
    lines.append(
        f"{_percent(m.overlap)} of persons placed the same · {m.municipalities} municipalities "
        f"compared, {_percent(m.exact)} exact, {_percent(m.within_5)} within 5"
    )
    lines.append(
        f"mean difference {decimal(m.mae)} persons, largest {count(m.max_abs)} · rank correlation "
        f"{decimal(m.spearman, 3)} · Gini per inhabitant {decimal(m.gini_proposal, 3)} proposed, "
        f"{decimal(m.gini_actual, 3)} {comparison.stage}"
    )
    lines += [f"note: {warning}" for warning in (*comparison.warnings, *proposal.warnings)]
    return "\n".join(lines) + "\n"


def checks_text(run: str, checks: Sequence[Check]) -> str:
    """What was checked in a run folder, whether it holds, and how near each bound is."""
    columns = [
        Column("check"),
        Column("status"),
        Column("value", True),
        Column("bound", True),
        Column("gap", True),
        Column("what"),
    ]
    rows = [
        [
            check.name,
            check.status,
            *("" if n is None else f"{n:.6f}" for n in (check.value, check.bound)),
            "" if check.gap is None else f"{check.gap:.1e}",
            check.detail,
        ]
        for check in checks
    ]
    failed = sum(not check.ok for check in checks)
    open_ = sum(check.status == "not certified" for check in checks)
    word = f"{failed} of {len(checks)} checks fail" if failed else "every check holds"
    left = f", {open_} not certified" if open_ else ""
    return f"{run} · {word}{left}\n\n{as_text(columns, rows)}"


def documents_text(rows: list[dict[str, Any]]) -> str:
    """A list of documents: name and title; under a scenario its overrides, each after a +."""
    cells = []
    for row in rows:
        cells.append([row["name"], row["title"]])
        cells += [[f"  +{other['name']}", other["title"]] for other in row.get("overrides", ())]
    return as_text([Column("name"), Column("title")], cells)


def _held(request: Request) -> str:
    """The families that hold a number: "lot", for its minors "lot (minors)", "lot (+ minors)"."""
    families = [family.removesuffix("_em") for family in request.binding]
    told = []
    for family in dict.fromkeys(families):
        of_all, of_minors = family in request.binding, f"{family}_em" in request.binding
        if of_minors and of_all and (request.total or request.em):
            told.append(f"{family} (+ minors)")
        else:
            told.append(family if of_all else f"{family} (minors)")
    return ", ".join(told) or "–"


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


def _without(
    place: int, columns: list[Column], rows: list[list[str]]
) -> tuple[list[Column], list[list[str]]]:
    return (
        columns[:place] + columns[place + 1 :],
        [row[:place] + row[place + 1 :] for row in rows],
    )
