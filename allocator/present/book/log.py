"""The sheets that say where the numbers come from: what was set by hand, and the sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import allocator
from allocator.audit.sources import published
from allocator.documents import load_model
from allocator.present.book.grid import Column, print_setup, write_grid
from allocator.present.language import localised, say, sentence, titled, word
from allocator.present.notes import noted
from allocator.present.settings import changed_rule, value_words
from allocator.present.text import goal_words

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

    from allocator.present.book.facts import Facts
    from allocator.present.book.style import Style

__all__ = ["overrides_sheet", "sources_sheet"]

_WIDTHS = (24, 78, 26, 30, 12)
Row = tuple[str, str, str, str, str, str, str]


def overrides_sheet(book: Workbook, style: Style, facts: Facts) -> None:
    """Write the log of all that was set by hand, whatever it was set by."""
    settings = list(_settings(facts))
    rows = [*settings, *_locals(facts), *_rule(facts)]
    keys = ("where", "code", "name", "what", "value", "before", "reason")
    titles = [say(code) if code in ("code",) else say(f"book.log.{code}") for code in keys]
    columns = [
        Column(key, title, "code" if key in ("code", "value", "before") else "text", cells)
        for key, title, cells in zip(
            keys, titles, zip(*rows, strict=True) if rows else [()] * len(keys), strict=True
        )
    ]
    columns += _costs(facts, len(settings), len(rows))
    told = [say("book.told.overrides", n=len(rows)) if rows else say("book.told.no_overrides")]
    title = say("book.title.overrides", title=titled(facts.proposal.title))
    write_grid(book, style, say("book.sheet.overrides"), title, told, columns, frozen=0)


def _settings(facts: Facts) -> Iterator[Row]:
    where = say("book.log.command")
    for setting in facts.asked.settings:
        key, _, value = setting.partition("=")
        yield where, "", "", key.strip(), value.strip(), "", ""
    if facts.asked.model:
        yield where, "", "", "model", facts.case.model, "", ""


def _locals(facts: Facts) -> Iterator[Row]:
    where = say("book.log.local")
    for one in facts.proposal.overrides:
        what = word(f"override.{one['what']}", one["what"])
        value = "" if one["value"] is None else value_words(one["value"])
        yield where, one["code"], one["name"], what, value, "", one["reason"]


def _rule(facts: Facts) -> Iterator[Row]:
    where = say("book.log.rule", model=facts.case.model)
    for key, before, after in changed_rule(facts.case):
        yield where, "", "", key, after, before, ""


def _costs(facts: Facts, before: int, rows: int) -> list[Column]:
    """What each override costs the others, in the rows of the overrides."""
    if not facts.costs:
        return []
    of = {(cost.override["code"], cost.override["what"]): cost for cost in facts.costs}
    found = [of.get((one["code"], one["what"])) for one in facts.proposal.overrides]
    after = rows - before - len(found)
    kinds = {"own": "count", "without": "count", "others": "signed"}
    columns = [
        Column(
            name,
            say(f"override.{name}"),
            kind,
            [
                *[None] * before,
                *[None if cost is None else getattr(cost, name) for cost in found],
                *[None] * after,
            ],
        )
        for name, kind in kinds.items()
    ]
    why = ["" if cost is None else sentence(cost.why) for cost in found]
    return [*columns, Column("why", "", "text", [*[""] * before, *why, *[""] * after])]


def sources_sheet(book: Workbook, style: Style, facts: Facts) -> None:
    """Write the case, what the proposal read, who published it, and the command."""
    sheet = book.add_worksheet(say("book.sheet.sources"))
    title = say("book.title.sources", title=titled(facts.proposal.title))
    sheet.write_string(0, 0, title, style["title"])
    row = 2
    proposal = facts.proposal
    inputs = [
        [each["key"], each["criterion"], each["indicator"], each["period"], each["weight"]]
        for each in proposal.inputs
    ]
    inputs = [
        [word(f"book.key.{key}", key), *rest, localised(weight)] for key, *rest, weight in inputs
    ]
    of = published(facts.panel, facts.case, proposal, facts.history)
    publishers = [[one.source, one.what, one.publisher, one.licence] for one in of]
    heads = ("key", "criterion", "indicator", "period", "weight")
    blocks: list[tuple[str, Sequence[str], Sequence[Sequence[str]]]] = [
        ("case", (), _case(facts)),
        ("inputs", [say(f"book.src.{name}") for name in heads], inputs),
        (
            "publishers",
            [say(f"book.src.{name}") for name in ("source", "what", "publisher", "licence")],
            publishers,
        ),
        ("notes", (), [["", note] for note in noted(proposal.warnings, proposal.municipalities)]),
    ]
    for name, titles, rows in blocks:
        if not rows:
            continue
        for at in range(5):
            sheet.write_string(row, at, "" if at else say(f"book.src.{name}"), style["section"])
        row += 1
        for at, told in enumerate(titles):
            sheet.write_string(row, at, told, style["head"])
        row += bool(titles)
        for cells in rows:
            for at, cell in enumerate(cells):
                sheet.write_string(row, at, cell, style["wrapped"])
            lines = [
                sum(1 + len(line) // width for line in cell.split("\n"))
                for cell, width in zip(cells, _WIDTHS, strict=False)
            ]
            sheet.set_row(row, 15 * max(lines))
            row += 1
        row += 1
    for at, width in enumerate(_WIDTHS):
        sheet.set_column(at, at, width)
    print_setup(sheet, title)


def _case(facts: Facts) -> list[list[str]]:
    """What the case is, in pairs of a name and what it says."""
    case, proposal = facts.case, facts.proposal
    model = load_model(case.scenario.model)
    optimal = proposal.status == "optimal"
    told = {
        "scenario": f"{proposal.scenario}: {titled(proposal.title)}",
        "of": case.scenario.source,
        "model": f"{proposal.model}: {titled(model.title)}",
        "of_model": model.source,
        "year": str(proposal.year),
        "as_of": proposal.as_of,
        "vintage": case.scenario.vintage,
        "status": say("propose.optimal") if optimal else sentence(proposal.status),
        "goals": "\n".join(map(goal_words, proposal.goals)),
        "command": facts.asked.told(),
        "version": f"bosett {allocator.__version__}",
        "disclaimer": say("book.src.disclaimer.text"),
        "credit": say("book.src.credit.text"),
    }
    return [[say(f"book.src.{name}"), text] for name, text in told.items()]
