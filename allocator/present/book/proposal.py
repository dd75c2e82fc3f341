"""The sheet of the proposal: the requests, and beside them the cells that a planner types in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from allocator.documents.local import COUNTS, TEXTS
from allocator.panel.importers.local import LONGEST, MARK
from allocator.present.book.grid import Column, Grid, Sparks, write_grid
from allocator.present.language import say, sentence, titled
from allocator.present.tables import count
from allocator.present.text import held, held_minors

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from allocator.present.book.facts import Facts
    from allocator.present.book.style import Style
    from allocator.proposal import Request

__all__ = ["head", "input_cells", "proposal_sheet"]


def head(facts: Facts) -> list[str]:
    """What is said under the title of a sheet: the case, its rule, and the need."""
    proposal = facts.proposal
    minors = say("book.told.minors", n=count(proposal.minors)) if proposal.minors else ""
    optimal = proposal.status == "optimal"
    status = say("propose.optimal") if optimal else sentence(proposal.status)
    told = say(
        "book.told",
        scenario=proposal.scenario,
        persons=count(proposal.total),
        minors=minors,
        model=proposal.model,
        status=status,
        day=proposal.as_of,
    )
    return [told, *([say("propose.assumed", text=proposal.assumption)] * bool(proposal.assumption))]


def proposal_sheet(book: Workbook, style: Style, facts: Facts) -> Grid:
    """Write the sheet."""
    requests = facts.requests
    minors = any(r.em for r in facts.proposal.municipalities)
    ages = any(r.em_under15 is not None for r in requests)
    people, last = [r.population for r in requests], [r.last_year for r in requests]
    columns = [
        Column("code", say("code"), "code", [r.code for r in requests]),
        Column("name", say("municipality"), "text", [r.name for r in requests]),
        Column("county", say("county"), "text", [r.county_name for r in requests]),
        _count("asked", [r.total for r in requests], bar=True),
    ]
    if minors:
        columns.append(_count("minors", [r.em for r in requests]))
    if ages:
        columns.append(_count("em_under15", [r.em_under15 for r in requests]))
        columns.append(_count("em_15_17", [r.em_15_17 for r in requests]))
    if minors:
        ordinary = [r.ordinary for r in requests]
        columns.append(_count("ordinary", ordinary, formula="={asked}-{minors}"))
    columns += _later_years(facts)
    whole = _per_1000(requests)
    line = _line(facts)
    columns += [
        _count("people", people),
        Column(
            "per_1000",
            say("book.per_1000"),
            "decimal",
            [_known(r.per_1000) for r in requests],
            "=1000*{asked}/{people}",
            '=IF({people}=0,"",1000*{asked}/{people})',
            whole,
        ),
        Column(
            "entitlement",
            say("book.entitlement"),
            "decimal",
            [r.entitlement for r in requests],
            total="sum",
            about=say("book.entitlement.about"),
        ),
        Column(
            "load",
            say("book.load"),
            "load",
            [r.total / r.entitlement if r.entitlement else "–" for r in requests],
            "={asked}/{entitlement}",
            about=say("book.load.about"),
        ),
        _count("last_year", last),
        Column(
            "change",
            say("book.change"),
            "signed",
            [_known(r.change) for r in requests],
            "={asked}-{last_year}",
            "sum",
            bar=True,
        ),
        Column("line", say("book.line"), "spark", sparks=Sparks(line[0].key, line[-1].key)),
        Column("held", say("book.held"), "text", [held(r) for r in requests]),
        *([_held_minors(requests)] if minors else []),
        *input_cells(facts),
        *line,
    ]
    sheet, grid = write_grid(
        book,
        style,
        say("book.sheet.proposal"),
        titled(facts.proposal.title),
        [*head(facts), say("book.legend")],
        columns,
        mark=(say("book.type_here"), MARK),
    )
    _helped(sheet, style, grid, minors)
    return grid


def input_cells(facts: Facts) -> list[Column]:
    """The columns to type in, with what the scenario says already."""
    said = facts.case.scenario.municipality
    rows = [said.get(request.code) for request in facts.requests]
    found = [
        Column(
            name,
            say(f"book.{name}"),
            "input_count",
            [None if row is None else getattr(row, name) for row in rows],
        )
        for name in COUNTS
    ]
    words = {True: say("book.yes"), False: say("book.anyway"), None: None}
    flags = [None if row is None else words[row.exempt] for row in rows]
    found.append(Column("exempt", say("book.exempt"), "input_flag", flags))
    found += [
        Column(
            name,
            say(f"book.{name}"),
            "input_text",
            [None if row is None else getattr(row, name) or None for row in rows],
        )
        for name in TEXTS
    ]
    return found


def _count(key: str, cells: Sequence[int | None], formula: str = "", bar: bool = False) -> Column:
    known = [_known(cell) for cell in cells]
    return Column(key, say(f"book.{key}"), "count", known, formula, "sum", bar=bar)


def _known(cell: Any) -> Any:
    """A number, or the word for there being none."""
    return say("unknown") if cell is None else cell


def _per_1000(requests: Sequence[Request]) -> float | None:
    people = sum(r.population or 0 for r in requests)
    return 1000 * sum(r.total for r in requests) / people if people else None


def _line(facts: Facts) -> list[Column]:
    """The numbers of each row's small line: earlier requests, and the proposal."""
    past, year = facts.history, facts.proposal.year
    found = [
        Column(
            f"line_{of}",
            str(of),
            "hidden",
            [past.row("requested", r.code)[at].persons for r in facts.requests],
        )
        for at, of in enumerate(past.years)
        if of < year
    ]
    return [*found, Column(f"line_{year}", str(year), "hidden", [r.total for r in facts.requests])]


def _later_years(facts: Facts) -> list[Column]:
    """In a plan of several years a column for each of the years after the first."""
    of = {(r.code, r.year): r.total for r in facts.proposal.municipalities}
    return [
        Column(
            f"asked_{plan['year']}",
            say("book.asked_in", year=plan["year"]),
            "count",
            [of[r.code, plan["year"]] for r in facts.requests],
            total="sum",
        )
        for plan in facts.proposal.years[1:]
    ]


def _held_minors(requests: Sequence[Request]) -> Column:
    told = [held_minors(r) if r.total else "–" for r in requests]
    return Column("held_minors", say("book.held.minors"), "text", told)


def _helped(sheet: Worksheet, style: Style, grid: Grid, minors: bool) -> None:
    """What is typed is checked while it is typed: whole numbers, and what does not go together."""
    box = {"input_title": say("book.input.title"), "error_title": say("book.error.title")}
    for name in COUNTS:
        sheet.data_validation(
            *_cells(grid, name),
            {
                "validate": "integer",
                "criteria": ">=",
                "value": 0,
                "ignore_blank": True,
                "error_message": say("book.error.count"),
                "input_message": say(f"book.input.{name}"),
                **box,
            },
        )
    words = [say("book.yes"), say("book.anyway")]
    sheet.data_validation(
        *_cells(grid, "exempt"),
        {
            "validate": "list",
            "source": words,
            "ignore_blank": True,
            "error_message": say("book.error.exempt"),
            "input_message": say("book.input.exempt"),
            **box,
        },
    )
    for name in TEXTS:
        sheet.data_validation(
            *_cells(grid, name),
            {
                "validate": "length",
                "criteria": "<=",
                "value": LONGEST,
                "ignore_blank": True,
                "error_message": say("book.error.text", n=LONGEST),
                "error_title": box["error_title"],
            },
        )
    pairs = [("lock", "capacity", ">"), ("lock_minors", "capacity_minors", ">")]
    pairs += [("lock_minors", "lock", ">")]
    for left, right, sign in pairs:
        one, two = grid.local(left), grid.local(right)
        rule = f"=AND(ISNUMBER({one}),ISNUMBER({two}),{one}{sign}{two})"
        mark = {"type": "formula", "criteria": rule, "format": style["wrong"]}
        sheet.conditional_format(*_cells(grid, left), mark)
    asked = [("asked", "capacity", ">"), ("asked", "lock", "<>")]
    asked += [("minors", "capacity_minors", ">"), ("minors", "lock_minors", "<>")] * minors
    for left, right, sign in asked:
        one, two = grid.local(left), grid.local(right)
        rule = f"=AND(ISNUMBER({two}),{one}{sign}{two})"
        mark = {"type": "formula", "criteria": rule, "format": style["wrong"]}
        sheet.conditional_format(*_cells(grid, left), mark)


def _cells(grid: Grid, key: str) -> tuple[int, int, int, int]:
    """The cells of a column, to lay a rule over."""
    at = grid.places[key]
    return grid.first, at, grid.last, at
