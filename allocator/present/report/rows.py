"""The report's tables of municipalities: all, those of a county, and the largest changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from allocator.present.carried import beside, beside_total
from allocator.present.charts import bar, spark
from allocator.present.language import say
from allocator.present.report.facts import Facts
from allocator.present.report.table import Head, Table, figure_words
from allocator.present.tables import count, decimal, signed
from allocator.present.text import held
from allocator.proposal import Request

__all__ = ["Past", "all_municipalities", "changes", "link", "of_county", "past", "plan"]

_LARGEST = 10
_DONE = ("requested", "decided", "settled")


@dataclass(frozen=True, slots=True)
class Past:
    """A table of years with a group of rows, one for each stage, for each municipality."""

    ident: str
    caption: str
    years: Sequence[str]
    groups: Sequence[tuple[str, Sequence[Sequence[str]]]]


def link(request: Request) -> Markup:
    """A municipality's name as a link to what is said of it."""
    return Markup('<a href="#k{}">{}</a>').format(request.code, request.name)


def all_municipalities(facts: Facts) -> Table:
    """Every municipality with what is asked, what was done, its past and what holds it."""
    loads = {row.request.code: row.load for row in facts.fairness.rows}
    minors, other = facts.proposal.minors > 0, facts.other
    heads = [Head(say("municipality"), False), Head(say("code"), False), Head(say("county"), False)]
    heads += [Head(say("propose.asked"))]
    heads += [Head(say("minors"))] if minors else []
    heads += [Head(say("report.per_1000")), Head(say("report.history"), False, False)]
    heads += [Head(say(f"report.{name}")) for name in ("last_year", "change", "load")]
    heads += [Head(say("propose.held_by"), False)]
    if other is not None:
        heads += [Head(say("report.other", name=other.proposal.scenario))]
        heads += [Head(say("difference"))]
    heads += [
        Head(say("report.stage", stage=say(stage), year=facts.proposal.year))
        for stage in _DONE
        if stage in facts.given
    ]
    rows = []
    for r in facts.requests:
        cells: list[str] = [link(r), r.code, r.county_name, count(r.total)]
        cells += [count(r.em)] if minors else []
        cells += [decimal(r.per_1000), _spark(facts, r), count(r.last_year), signed(r.change)]
        cells += [decimal(loads[r.code], 2), held(r)]
        cells += beside(r, other.carried) if other is not None else ()
        rows.append([*cells, *_done(facts, r)])
    return Table(
        "all",
        say("report.table.caption"),
        tuple(heads),
        rows,
        _total(facts, facts.requests, minors),
        sortable=True,
    )


def of_county(facts: Facts, county: str) -> Table:
    """The municipalities of a county, shortly."""
    loads = {row.request.code: row.load for row in facts.fairness.rows}
    minors = facts.proposal.minors > 0
    inside = [r for r in facts.requests if r.county == county]
    heads = [Head(say("municipality"), False), Head(say("propose.asked"))]
    heads += [Head(say("minors"))] if minors else []
    heads += [Head(say(f"report.{name}")) for name in ("per_1000", "change", "load")]
    rows = [
        [
            link(r),
            count(r.total),
            *([count(r.em)] if minors else []),
            decimal(r.per_1000),
            signed(r.change),
            decimal(loads[r.code], 2),
        ]
        for r in inside
    ]
    total = [
        say("in_all"),
        count(sum(r.total for r in inside)),
        *([count(sum(r.em for r in inside))] if minors else []),
        decimal(_per_1000(inside)),
        _change(inside),
        "",
    ]
    caption = say("report.county.table", name=facts.counties[county])
    return Table(f"t{county}", caption, tuple(heads), rows, total, sortable=True)


def changes(facts: Facts) -> list[Table]:
    """Who is asked for more and who for fewer: than last year, and than was done."""
    pairs: list[tuple[str, str, Callable[[Request], int | None]]] = [
        ("last", say("report.last_year"), lambda r: r.last_year)
    ]
    if facts.compared is not None:
        done = {row.request.code: row.actual for row in facts.compared.municipalities}
        title = say("report.stage", stage=say("requested"), year=facts.proposal.year)
        pairs.append(("done", title, lambda r: done[r.code]))
    found = []
    for name, title, before in pairs:
        known = [(r, r.total - was, was) for r in facts.requests if (was := before(r)) is not None]
        most = max((abs(gap) for _, gap, _ in known), default=0)
        for way, sign in (("more", 1), ("fewer", -1)):
            among = sorted(
                (one for one in known if one[1] * sign > 0),
                key=lambda one: (-abs(one[1]), one[0].code),
            )
            rows = [
                [
                    link(r),
                    r.county_name,
                    count(r.total),
                    count(was),
                    Markup("{} {}").format(Markup(bar(gap, most)), signed(gap)),
                ]
                for r, gap, was in among[:_LARGEST]
            ]
            caption = say(
                f"report.changes.{name}.{way}", n=count(len(among)), shown=count(len(rows))
            )
            heads = (
                Head(say("municipality"), False),
                Head(say("county"), False),
                Head(say("propose.asked")),
                Head(title),
                Head(say("difference")),
            )
            found.append(Table(f"{name}-{way}", caption, heads, rows))
    return found


def past(facts: Facts, county: str) -> Past:
    """What the municipalities of a county were asked for, decided and settled, year by year."""
    years, groups = facts.history.years, []
    given = [
        stage
        for stage, of in facts.history.of.items()
        if any(one.count.status != "not_given" for row in of.values() for one in row)
    ]
    for r in facts.requests:
        if r.county == county:
            rows = [
                [
                    say(stage),
                    *(
                        figure_words(one.count, decided=stage == "decided", estimated=one.estimated)
                        for one in facts.history.row(stage, r.code)
                    ),
                ]
                for stage in given
            ]
            groups.append((r.name, rows))
    caption = say("report.past", name=facts.counties[county])
    return Past(f"h{county}", caption, [str(year) for year in years], groups)


def plan(facts: Facts) -> Table | None:
    """A plan of several years, year by year; none where there is one year only."""
    if not facts.proposal.years:
        return None
    years = [each["year"] for each in facts.proposal.years]
    of = {(r.code, r.year): r.total for r in facts.proposal.municipalities}
    rows = [[link(r), *(count(of[r.code, year]) for year in years)] for r in facts.requests]
    total = [say("in_all")]
    total += [count(sum(n for (_, at), n in of.items() if at == year)) for year in years]
    heads = (Head(say("municipality"), False), *(Head(str(year)) for year in years))
    return Table("plan", say("report.plan.caption"), heads, rows, total, sortable=True)


def _done(facts: Facts, request: Request) -> list[str]:
    stages = facts.stages[request.code]
    return [
        figure_words(getattr(stages, stage), decided=stage == "decided")
        for stage in _DONE
        if stage in facts.given
    ]


def _spark(facts: Facts, request: Request) -> Markup:
    rows = [[one.persons for one in facts.history.row(stage, request.code)] for stage in _DONE]
    asked = [
        (year, persons)
        for year, persons in zip(facts.history.years, rows[0], strict=True)
        if persons is not None
    ]
    told = request.name
    if asked:
        year, most = max(asked, key=lambda one: (one[1], -one[0]))
        told = say("report.spark", name=request.name, most=count(most), year=year)
    place = request.year - facts.history.years[0] if facts.history.years else 0
    return Markup(spark(rows[0], rows[1], rows[2], (place, request.total), told))


def _total(facts: Facts, requests: Sequence[Request], minors: bool) -> list[str]:
    cells = [say("in_all"), "", "", count(sum(r.total for r in requests))]
    cells += [count(sum(r.em for r in requests))] if minors else []
    cells += [decimal(_per_1000(requests)), "", _sum(requests), _change(requests), "", ""]
    if facts.other is not None:
        cells += beside_total(requests, facts.other.carried)
    for stage in _DONE:
        if stage in facts.given:
            figures = [getattr(facts.stages[r.code], stage) for r in requests]
            known = sum(figure.persons or 0 for figure in figures)
            left = sum(figure.persons is None for figure in figures)
            cells.append(say("report.known", n=count(known), left=left) if left else count(known))
    return cells


def _per_1000(requests: Sequence[Request]) -> float | None:
    known = [r for r in requests if r.population]
    people = sum(r.population or 0 for r in known)
    return 1000 * sum(r.total for r in known) / people if people else None


def _sum(requests: Sequence[Request]) -> str:
    """Last year's requests, if any are known."""
    known = [r.last_year for r in requests if r.last_year is not None]
    return count(sum(known)) if known else "–"


def _change(requests: Sequence[Request]) -> str:
    known = [r for r in requests if r.last_year is not None]
    return signed(sum(r.total - (r.last_year or 0) for r in known)) if known else "–"
