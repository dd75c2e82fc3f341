"""What the commands print on a terminal: one function for each answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from allocator.present.language import language, localised, say, sentence, titled, word
from allocator.present.notes import noted
from allocator.present.overrides import costs_lines, log_lines
from allocator.present.tables import (
    Column,
    as_text,
    count,
    decimal,
    measured,
    percent,
    signed,
    without,
    wrapped,
)

if TYPE_CHECKING:
    from allocator.audit.compare import Comparison
    from allocator.audit.overrides import Cost
    from allocator.program.verify import Check
    from allocator.proposal import Proposal, Request

__all__ = [
    "checks_text",
    "comparison_text",
    "documents_text",
    "family",
    "goal_words",
    "held",
    "held_minors",
    "metrics_lines",
    "minors_lines",
    "proposal_text",
    "years_text",
]

_NAMED = 3  # municipalities; where there are more, how many
_WIDTH = 80  # of every table that can be made as narrow, so that the same answer is the same text


def proposal_text(proposal: Proposal) -> str:
    """The requests as a table, with what they rest on above and below."""
    minors = any(request.em for request in proposal.municipalities)
    asked, em = proposal.need["total"], proposal.need["em"]
    if proposal.years:
        asked, em = proposal.total, proposal.minors
    persons = {"persons": count(asked), "minors": count(em)}
    told = {"scenario": proposal.scenario, "model": proposal.model, "status": _status(proposal)}
    lines = [say("propose.head.minors" if minors else "propose.head", **persons, **told)]
    if proposal.assumption:
        lines += wrapped([say("propose.assumed", text=proposal.assumption)], _WIDTH)
    for plan in proposal.years or ({"year": proposal.year},):
        if proposal.years:
            lines += ["", say("propose.year", year=plan["year"], persons=count(plan["total"]))]
        lines += ["", _requests_text(proposal.of_year(plan["year"]), minors)]
    asked = sum(r.total > 0 for r in proposal.municipalities)
    of = count(len(proposal.municipalities))
    about = [say("propose.asked.of", asked=count(asked), of=of)]
    about += minors_lines(proposal.municipalities)
    about += [goal_words(goal) for goal in proposal.goals]
    names = {r.code: r.name for r in proposal.municipalities}
    names |= {r.county: r.county_name for r in proposal.municipalities}
    if proposal.gave:
        gave = [
            say(
                "propose.gave.way",
                family=family(g["family"]),
                by=g["by"],
                name=names[g["code"].partition("_")[0]],
            )
            for g in proposal.gave
        ]
        about.append(say("propose.gave", told=", ".join(gave)))
    for tie in proposal.ties:
        got, others = (_named(tie[name], names) for name in ("got", "not_got"))
        about.append(say("propose.tie", got=got, not_got=others))
    notes = noted(proposal.warnings, proposal.municipalities)
    about += [say("note", text=note) for note in notes]
    lines += [*wrapped(about, _WIDTH), "", *log_lines(proposal.overrides)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _requests_text(requests: Sequence[Request], minors: bool) -> str:
    """The table of one year's requests."""
    columns = [
        Column(say("code")),
        Column(say("municipality"), least=12),
        Column(say("county"), least=8),
        Column(say("propose.asked"), True),
        Column(say("minors"), True),
        Column(say("propose.per_1000"), True),
        Column(say("propose.last_year"), True, spare=True),
        Column(say("propose.change"), True),
        Column(say("propose.held_by"), below=", "),
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
            held(r),
        ]
        for r in requests
    ]
    asked = sum(r.total for r in requests)
    last = sum(r.last_year or 0 for r in requests)
    people = sum(r.population or 0 for r in requests)
    rows.append(
        [
            "",
            say("in_all"),
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
        columns, rows = without(4, columns, rows)
    if len({r.county for r in requests}) == 1:
        columns, rows = without(2, columns, rows)
    return as_text(columns, rows, _WIDTH)


def comparison_text(comparison: Comparison, costs: Sequence[Cost] = ()) -> str:
    """The proposal beside the actual figures, the metrics, and the overrides with their costs."""
    proposal = comparison.proposal
    final, stage = comparison.vintage == "final", say(comparison.stage)
    lines = [
        say(
            "compare.head",
            scenario=proposal.scenario,
            model=proposal.model,
            stage=stage,
            year=proposal.year,
            vintage="" if final else say("compare.vintage", vintage=comparison.vintage),
            minors=say("compare.minors") if comparison.group == "em" else "",
        ),
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
    rows.append(["", say("in_all"), "", *map(count, both), signed(both[0] - both[1])])
    left_out = [row.proposed for row in comparison.municipalities if not row.compared]
    if left_out:
        rows.append(
            ["", say("compare.left_out", n=len(left_out)), "", count(sum(left_out)), "–", "–"]
        )
    columns = [
        Column(say("code")),
        Column(say("municipality"), least=12),
        Column(say("county"), least=8),
        Column(say("compare.proposed"), True),
        Column(stage, True),
        Column(say("difference"), True),
    ]
    if len({row.request.county for row in comparison.municipalities}) == 1:
        columns, rows = without(2, columns, rows)
    lines.append(as_text(columns, rows, _WIDTH))
    warnings = (*comparison.warnings, *proposal.warnings)
    notes = noted(warnings, proposal.municipalities)
    about = [*metrics_lines(comparison), *(say("note", text=note) for note in notes)]
    lines += [*wrapped(about, _WIDTH), "", *log_lines(proposal.overrides), *costs_lines(costs)]
    return "\n".join(lines).rstrip("\n") + "\n"


def metrics_lines(comparison: Comparison) -> list[str]:
    """How near the proposal is to what it is compared with, in two lines."""
    m = comparison.metrics
    shares = {name: _share(getattr(m, name)) for name in ("overlap", "exact", "within_5")}
    differences = say(
        "compare.differences",
        mae=decimal(m.mae),
        largest=count(m.max_abs),
        rank=decimal(m.spearman, 3),
        proposed=decimal(m.gini_proposal, 3),
        actual=decimal(m.gini_actual, 3),
        stage=say(comparison.stage),
    )
    return [say("compare.overlap", n=m.municipalities, **shares), differences]


def checks_text(run: str, checks: Sequence[Check]) -> str:
    """What was checked in a run folder, whether it holds, and how near each bound is."""
    columns = [
        Column(say("verify.check")),
        Column(say("verify.status")),
        *(Column(say(f"verify.{name}"), True) for name in ("value", "bound", "gap")),
        Column(say("verify.what")),
    ]
    rows = [
        [
            word(f"verify.check.{check.name}", check.name),
            say(f"verify.status.{check.status}"),
            *("" if n is None else localised(f"{n:.6f}") for n in (check.value, check.bound)),
            "" if check.gap is None else localised(f"{check.gap:.1e}"),
            sentence(check.detail),
        ]
        for check in checks
    ]
    failed = sum(not check.ok for check in checks)
    open_ = sum(check.status == "not certified" for check in checks)
    told = say("verify.fail", n=failed, of=len(checks)) if failed else say("verify.holds")
    left = say("verify.open", n=open_) if open_ else ""
    return f"{run} · {told}{left}\n\n{as_text(columns, rows)}"


def documents_text(rows: list[dict[str, Any]]) -> str:
    """A list of documents: name, the years a rule held, title; under a scenario its overrides.

    An override stands after a +.
    """
    cells = []
    for row in rows:
        cells.append([row["name"], titled(row["title"])])
        cells += [
            [f"  +{other['name']}", titled(other["title"])] for other in row.get("overrides", ())
        ]
    columns = [Column(say("shelf.name")), Column(say("shelf.title"))]
    if any("valid_from" in row for row in rows):
        columns.insert(1, Column(say("shelf.years")))
        for cell, row in zip(cells, rows, strict=True):
            cell.insert(1, years_text(row["valid_from"], row["valid_to"]))
    return as_text(columns, cells)


def family(name: str) -> str:
    """A constraint family's name for people."""
    return word(f"family.{name}", name)


def years_text(first: int | None, last: int | None) -> str:
    """The years a rule held, in short; – where its source states none.

    >>> years_text(2018, 2018), years_text(2022, None), years_text(2013, 2020)
    ('2018', '2022–', '2013–2020')
    """
    if first is None and last is None:
        return "–"
    return f"{first}" if first == last else f"{first or ''}–{last or ''}"


def held(request: Request) -> str:
    """The families that hold a number; those of its minors are :func:`held_minors`."""
    return _held(request.binding, bool(request.total or request.em), language())


def held_minors(request: Request) -> str:
    """The families that hold the number of minors."""
    of = tuple(name.removesuffix("_em") for name in request.binding if name.endswith("_em"))
    return _held(of, True, language())


def minors_lines(requests: Sequence[Request]) -> list[str]:
    """What holds numbers of minors, and where: a line, or none where nothing does.

    A municipality that is not asked at all is not counted; few are named.
    """
    where: dict[str, list[str]] = {}
    for request in requests:
        for name in request.binding if request.total else ():
            if name.endswith("_em"):
                where.setdefault(name.removesuffix("_em"), []).append(request.name)
    told = [
        say("propose.minors.of", family=family(name), n=len(names))
        if len(names) > _NAMED
        else say("propose.minors.in", family=family(name), names=", ".join(names))
        for name, names in where.items()
    ]
    return [say("propose.minors", told="; ".join(told))] if told else []


@lru_cache(maxsize=256)  # a page tells it of hundreds, in few ways
def _held(binding: tuple[str, ...], some: bool, lang: str) -> str:
    if not some and "exempt" in binding:  # a limit at 0 says no more of one who is not asked
        binding = ("exempt",)
    return ", ".join(family(name) for name in binding if not name.endswith("_em")) or "–"


def goal_words(goal: dict[str, Any]) -> str:
    """A goal, the value it reaches, and what the goals before it cost it."""
    name, measure = word(f"goal.{goal['goal']}", goal["goal"]), goal["measure"]
    value = measured(goal["value"])
    line = say("propose.goal", goal=name, value=value, measure=word(f"measure.{measure}", measure))
    if goal["price"]:
        line += say("propose.goal.price", price=measured(goal["price"]))
    return line


def _status(proposal: Proposal) -> str:
    if proposal.status == "optimal":
        return say("propose.optimal")
    return localised(sentence(proposal.status))


def _status_cell(value: int | None, status: str) -> str:
    told = say(f"compare.status.{status}")
    return told if value is None else f"{count(value)} ({told})"


def _share(share: float | None) -> str:
    return percent(None if share is None else 100 * share)


def _named(codes: Sequence[str], names: Mapping[str, str]) -> str:
    listed = ", ".join(names.get(code, code) for code in codes[:6])
    return say("propose.codes.more", codes=listed, n=len(codes) - 6) if codes[6:] else listed
