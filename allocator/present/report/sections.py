"""The report's parts in words: key figures, counties, groups, pairs, the councils' answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from allocator.audit.answers import Answer
from allocator.present.carried import carried_lines, made_lines
from allocator.present.language import localised, say, sentence, word
from allocator.present.notes import noted
from allocator.present.report.facts import Facts
from allocator.present.report.figures import county as county_map
from allocator.present.report.rows import of_county
from allocator.present.report.table import Figure, Head, Table
from allocator.present.tables import count, decimal, percent, signed
from allocator.present.text import minors_lines
from allocator.proposal import Request

__all__ = ["County", "Key", "answers", "counties", "groups", "keys", "made", "notes", "pairs"]

_ANSWERED = ("requested", "decided")


@dataclass(frozen=True, slots=True)
class Key:
    """A key figure: what it is, the number, and a word on it."""

    name: str
    number: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class County:
    """A county's page: its key figures, map and table, and its municipalities."""

    code: str
    name: str
    keys: tuple[Key, ...]
    figure: Figure | None
    table: Table
    requests: tuple[Request, ...]


def keys(facts: Facts) -> list[Key]:
    """The numbers to know first."""
    made, asked = facts.proposal, facts.requests
    total, people = sum(r.total for r in asked), sum(r.population or 0 for r in asked)
    some = [r for r in asked if r.total]
    found = [
        Key(
            say("report.key.persons"),
            count(total),
            say("report.key.unplaced", n=count(made.unplaced["total"]))
            if made.unplaced.get("total")
            else say("report.key.placed"),
        )
    ]
    if made.minors:
        with_minors = sum(1 for r in asked if r.em)
        found.append(
            Key(
                say("report.key.minors"),
                count(sum(r.em for r in asked)),
                say("report.key.minors.in", n=count(with_minors)),
            )
        )
    found.append(
        Key(
            say("report.key.municipalities"),
            count(len(some)),
            say("report.key.of", n=count(len(asked))),
        )
    )
    if people:
        loads = [r.per_1000 for r in some if r.per_1000 is not None]
        note = (
            say("report.key.range", least=decimal(min(loads)), most=decimal(max(loads)))
            if loads
            else ""
        )
        found.append(Key(say("report.key.per_1000"), decimal(1000 * total / people, 2), note))
    last = [r.last_year for r in asked if r.last_year is not None]
    if last:
        gap = sum(r.total - (r.last_year or 0) for r in asked if r.last_year is not None)
        note = say("report.key.last", n=count(sum(last)))
        found.append(Key(say("report.key.change"), signed(gap), note))
    if facts.compared is not None:
        overlap = facts.compared.metrics.overlap
        found.append(
            Key(
                say("report.key.overlap"),
                percent(None if overlap is None else 100 * overlap),
                say("report.key.overlap.note", year=made.year),
            )
        )
    return found


def notes(facts: Facts) -> list[str]:
    """What a reader must know: assumptions, ties, what gave way, warnings."""
    made = facts.proposal
    found = [say("propose.assumed", text=made.assumption)] if made.assumption else []
    if made.status != "optimal":
        found.append(say("report.stopped", status=localised(sentence(made.status))))
    if made.gave:
        found.append(say("report.gave", n=len(made.gave)))
    if made.ties:
        found.append(say("report.ties", n=len(made.ties)))
    found += minors_lines(made.of_year(made.year))
    found += noted(made.warnings, facts.requests)
    other = facts.other
    if other is not None and other.carried.parts:
        names = {r.code: r.name for r in facts.requests}
        years = (other.proposal.year, made.year)
        found += carried_lines(other.proposal.scenario, years, other.carried, names)
    if facts.atlas is None:
        found.append(say("report.no_map"))
    elif not facts.atlas.exact:
        found.append(say("report.map.carried", drawn=facts.atlas.drawn, year=made.year))
    return found


def made(facts: Facts) -> tuple[str, list[str]] | None:
    """What the other proposal's numbers are made of on these borders, under its heading."""
    other = facts.other
    if other is None or not other.carried.parts:
        return None
    lines = made_lines(other.carried, {r.code: r.name for r in facts.requests})
    heading = say("versus.made", start=other.proposal.year, end=facts.proposal.year)
    return (heading, lines) if lines else None


def counties(facts: Facts) -> Iterator[County]:
    """Each county with its own key figures, map and table."""
    groups_ = {group.code: group for group in facts.fairness.counties}
    for code, name in facts.counties.items():
        group, inside = groups_[code], tuple(r for r in facts.requests if r.county == code)
        last = [r for r in inside if r.last_year is not None]
        found = [
            Key(
                say("propose.asked"),
                count(group.total),
                say("report.key.of", n=count(group.municipalities)),
            )
        ]
        if facts.proposal.minors:
            found.append(Key(say("report.key.minors"), count(group.em)))
        found.append(Key(say("report.key.per_1000"), decimal(group.per_1000, 2)))
        found.append(Key(say("report.load"), decimal(group.load, 2), say("report.load.note")))
        if last:
            gap = sum(r.total - (r.last_year or 0) for r in last)
            found.append(Key(say("report.key.change"), signed(gap)))
        yield County(
            code, name, tuple(found), county_map(facts, code), of_county(facts, code), inside
        )


def groups(facts: Facts) -> list[Table]:
    """Load by county, by inhabitants and by centrality."""
    named = [("counties", facts.fairness.counties), ("sizes", facts.fairness.sizes)]
    if facts.fairness.centralities:
        named.append((f"centrality.{facts.fairness.centrality}", facts.fairness.centralities))
    heads = (
        Head(say("report.group"), False),
        *(
            Head(say(f"fair.{name}"))
            for name in ("asked", "load", "from", "to", "over", "per_1000")
        ),
    )
    found = []
    for name, among in named:
        rows = [
            [
                word(group.name),
                count(group.total),
                *(decimal(v, 2) for v in (group.load, group.least_load, group.most_load)),
                signed(round(group.over)),
                decimal(group.per_1000, 2),
            ]
            for group in among
        ]
        caption = say(f"follow.{name}") if "." in name else say(f"report.groups.{name}")
        found.append(Table(f"g-{name.partition('.')[0]}", caption, heads, rows, sortable=True))
    return found


def pairs(facts: Facts) -> Table | None:
    """Like municipalities in different counties that are asked for unlike numbers."""
    worst = [pair for pair in facts.fairness.equal.worst if pair.gap][:10]
    if not worst:
        return None
    heads = (
        Head(say("fair.more"), False),
        Head(say("propose.asked")),
        Head(say("fair.fewer"), False),
        Head(say("propose.asked")),
        Head(say("fair.gap")),
        Head(say("fair.key_gap")),
    )
    rows = [
        [
            f"{pair.more_name}, {pair.more_county}",
            count(pair.more_asked),
            f"{pair.fewer_name}, {pair.fewer_county}",
            count(pair.fewer_asked),
            count(pair.gap),
            decimal(pair.key_gap),
        ]
        for pair in worst
    ]
    equal = facts.fairness.equal
    caption = say("report.pairs", n=count(equal.pairs), beyond=count(equal.beyond_key))
    return Table("pairs", caption, heads, rows)


def answers(facts: Facts) -> Table | None:
    """How the councils answered what was really asked, each kind of answer apart."""
    if "decided" not in facts.given:
        return None
    rows = []
    for answer in Answer:
        among = [f for f in facts.stages.values() if f.answer is answer]
        if among:
            figures = [[getattr(f, stage).persons for f in among] for stage in _ANSWERED]
            known = [[n for n in persons if n is not None] for persons in figures]
            sums = [count(sum(persons)) if persons else "–" for persons in known]
            rows.append([say(f"report.answer.{answer.value}"), count(len(among)), *sums])
    heads = (
        Head(say("answer"), False),
        Head(say("report.municipalities")),
        Head(say("requested")),
        Head(say("decided")),
    )
    return Table("answers", say("report.answers", year=facts.proposal.year), heads, rows)
