"""The sheets of what a proposal stands on: municipalities, their history, and counties."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from allocator.audit.criteria import eligible_of
from allocator.audit.history import STAGES
from allocator.present.book.facts import figure_cell
from allocator.present.book.grid import Cell, Column, Grid, Sparks, write_grid
from allocator.present.language import say, titled, word

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

    from allocator.present.book.facts import Facts
    from allocator.present.book.style import Style
    from allocator.program.entitlement import Entitlement

__all__ = ["counties_sheet", "history_sheet", "municipalities_sheet"]

_COLOURS = {"requested": "#1d4f91", "decided": "#8a5a00", "settled": "#1f7a4d"}


def municipalities_sheet(book: Workbook, style: Style, facts: Facts) -> None:
    """Write the sheet of each criterion's figure and the share it gives."""
    columns = _who(facts)
    people = [r.population for r in facts.requests]
    known = [say("unknown") if n is None else n for n in people]
    columns.append(Column("people", say("book.people"), "count", known, total="sum"))
    prepared = facts.prepared
    columns += _criteria(facts, prepared.key, "")
    if prepared.minors_key is not prepared.key:
        columns += _criteria(facts, prepared.minors_key, say("book.of_minors"))
    entitled = [r.entitlement for r in facts.requests]
    columns.append(Column("entitlement", say("book.entitlement"), "decimal", entitled, total="sum"))
    title = say("book.title.municipalities", title=titled(facts.proposal.title))
    told = [say("book.told.municipalities", day=facts.proposal.as_of), say("book.told.key")]
    write_grid(book, style, say("book.sheet.municipalities"), title, told, columns)


def _criteria(facts: Facts, key: Entitlement, of: str) -> list[Column]:
    """Two columns for each criterion: its figure as it was used, and its share of the key."""
    eligible = eligible_of(facts.case, facts.prepared)[1]
    askable = [code for code, ask in zip(facts.prepared.units.codes, eligible, strict=True) if ask]
    place = {code: at for at, code in enumerate(askable)}  # a key knows only those it is over
    at = [place.get(r.code) for r in facts.requests]
    found = []
    for number, part in enumerate(key.parts):
        name = word(f"book.indicator.{part.indicator}", part.indicator)
        told = {"name": name, "period": part.period, "of": of, "weight": f"{part.weight:g}"}
        values = [_outside() if n is None else _figure(float(part.values[n])) for n in at]
        whole = not any(isinstance(cell, float) for cell in values)
        found.append(
            Column(
                f"figure{of}{number}",
                say("book.figure", **told),
                "count" if whole else "decimal",
                values,
                about=say("book.figure.about", criterion=part.name, indicator=part.indicator),
            )
        )
        if not part.amount:
            shares = [_outside() if n is None else _share(float(part.shares[n])) for n in at]
            title = say("book.share", **told)
            found.append(Column(f"share{of}{number}", title, "percent", shares, total="sum"))
    return found


def _outside() -> Cell:
    return say("book.outside")


def _figure(value: float) -> Cell:
    if isnan(value):
        return say("unknown")
    return int(value) if value.is_integer() else value


def _share(value: float) -> Cell:
    return say("unknown") if isnan(value) else value


def history_sheet(book: Workbook, style: Style, facts: Facts) -> None:
    """Write the sheet of what was asked, decided and settled, year by year."""
    past = facts.history
    columns, hidden = _who(facts), []
    names = {stage: say(stage) for stage in STAGES}
    for stage in STAGES:
        keys = [f"n_{stage}_{year}" for year in past.years]
        hidden += [
            Column(
                key,
                f"{names[stage]} {year}",
                "hidden",
                [past.row(stage, r.code)[at].persons for r in facts.requests],
            )
            for at, (key, year) in enumerate(zip(keys, past.years, strict=True))
        ]
        sparks = Sparks(keys[0], keys[-1], _COLOURS[stage])
        columns.append(Column(f"line_{stage}", names[stage], "spark", sparks=sparks))
    for stage in STAGES:
        for at, year in enumerate(past.years):
            cells: list[Cell] = [
                figure_cell(past.row(stage, r.code)[at].count, stage) for r in facts.requests
            ]
            title = f"{names[stage]} {year}"
            columns.append(Column(f"{stage}_{year}", title, "count", cells, total="sum"))
    title = say("book.title.history", title=titled(facts.proposal.title))
    told = [say("book.told.history", year=past.year), say("book.told.words")]
    split = [r.name for r in facts.requests if _estimated(facts, r.code)]
    if split:
        told.append(say("book.told.estimates", names=", ".join(split)))
    name = say("book.sheet.history")
    write_grid(book, style, name, title, told, [*columns, *hidden])


def _estimated(facts: Facts, code: str) -> bool:
    return any(past.estimated for stage in STAGES for past in facts.history.row(stage, code))


def counties_sheet(book: Workbook, style: Style, facts: Facts, proposal: Grid) -> None:
    """Write the sheet of sums by county, each a formula over the sheet of the proposal."""
    names = dict(sorted({r.county: r.county_name for r in facts.requests}.items()))
    of = {code: [r for r in facts.requests if r.county == code] for code in names}
    by, asked = proposal.span("county"), proposal.span("asked")

    def summed(key: str, title: str, kind: str, field: str, *, bar: bool = False) -> Column:
        cells = [sum(getattr(r, field) or 0 for r in inside) for inside in of.values()]
        formula = f"=SUMIF({by},{{name}},{proposal.span(key)})"
        return Column(key, title, kind, cells, formula, "sum", bar=bar)

    columns = [
        Column("code", say("code"), "code", list(names)),
        Column("name", say("county"), "text", list(names.values())),
        Column(
            "units",
            say("book.units"),
            "count",
            [len(inside) for inside in of.values()],
            f"=COUNTIF({by},{{name}})",
            "sum",
        ),
        Column(
            "units_asked",
            say("book.units_asked"),
            "count",
            [sum(r.total > 0 for r in inside) for inside in of.values()],
            f'=COUNTIFS({by},{{name}},{asked},">0")',
            "sum",
        ),
        summed("asked", say("book.asked"), "count", "total", bar=True),
    ]
    if "minors" in proposal.places:
        columns.append(summed("minors", say("book.minors"), "count", "em"))
    columns.append(summed("people", say("book.people"), "count", "population"))
    people = [sum(r.population or 0 for r in inside) for inside in of.values()]
    totals = [sum(r.total for r in inside) for inside in of.values()]
    ratio = [1000 * n / p if p else "–" for n, p in zip(totals, people, strict=True)]
    columns += [
        Column(
            "per_1000",
            say("book.per_1000"),
            "decimal",
            ratio,
            "=1000*{asked}/{people}",
            '=IF({people}=0,"",1000*{asked}/{people})',
            1000 * sum(totals) / sum(people) if sum(people) else None,
        ),
        summed("entitlement", say("book.entitlement"), "decimal", "entitlement"),
        summed("last_year", say("book.last_year"), "count", "last_year"),
        summed("change", say("book.change"), "signed", "change", bar=True),
    ]
    title = say("book.title.counties", title=titled(facts.proposal.title))
    told = [say("book.told.counties")]
    write_grid(book, style, say("book.sheet.counties"), title, told, columns)


def _who(facts: Facts) -> list[Column]:
    return [
        Column("code", say("code"), "code", [r.code for r in facts.requests]),
        Column("name", say("municipality"), "text", [r.name for r in facts.requests]),
        Column("county", say("county"), "text", [r.county_name for r in facts.requests]),
    ]
