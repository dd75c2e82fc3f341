"""A fairness audit as text for people, as JSON, and each of its tables as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from allocator.present.follow_up_words import listed, pct
from allocator.present.language import localised, say, sentence, word
from allocator.present.notes import noted
from allocator.present.overrides import costs_lines, log_lines
from allocator.present.tables import (
    Column,
    as_csv,
    as_json,
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
    from allocator.audit.fairness import Fairness, Group
    from allocator.audit.freedom import Freedom
    from allocator.audit.split import Split

__all__ = ["PARTS", "fairness"]

PARTS = (
    "municipalities",
    "measures",
    "lorenz",
    "counties",
    "sizes",
    "centralities",
    "pairs",
    "split",
    "goals",
    "freedom",
    "overrides",
)
"""The tables of a fairness audit, each of which CSV can hold."""

_WIDTH = 80
_PAIRS = 10
_PARTS_OF = (0.1, 0.25, 0.5, 0.75, 0.9)


def fairness(answer: Fairness, form: str, part: str = "municipalities") -> str:
    """A fairness audit as table, json or csv; ``part`` is the table that the CSV holds."""
    if form == "table":
        return _text(answer)
    fields = answer.as_dict()
    if form == "json":
        return as_json(fields)
    rows: list[dict[str, Any]]
    if part == "pairs":
        rows = fields["equal_treatment"]["worst"]
    elif part == "split":
        rows = fields["county_split"]["sums"]
    elif part == "freedom":
        rows = fields["freedom"]["municipalities"] if fields["freedom"] else []
    else:
        rows = fields[part]
    return as_csv(rows)


def _text(answer: Fairness) -> str:
    made = answer.proposal
    head = say("fair.head", scenario=made.scenario, year=made.year, model=made.model)
    lines = [*wrapped([head], _WIDTH), ""]
    lines += _of_county(answer) if answer.county else _of_all(answer)
    lines += [*_freedom(answer.freedom), *log_lines(made.overrides), *costs_lines(answer.costs)]
    notes = [say("fair.no_children")] if not answer.children and made.minors else []
    notes += [] if answer.centrality else [say("fair.no_classes")]
    notes += noted(made.warnings, made.municipalities)
    lines += wrapped((say("note", text=note) for note in notes), _WIDTH)
    return "\n".join(lines).rstrip("\n") + "\n"


def _of_all(answer: Fairness) -> list[str]:
    lines = _titled(say("fair.measures"), _measures(answer))
    lines += [*wrapped(_extremes(answer), _WIDTH), ""]
    lines += _titled(say("fair.lorenz"), _lorenz(answer))
    lines += _titled(say("fair.counties"), _groups(answer.counties, "county"))
    lines += _titled(say("fair.sizes"), _groups(answer.sizes, "class"))
    if answer.centralities:
        title = say(f"follow.centrality.{answer.centrality}")
        lines += _titled(title, _groups(answer.centralities, "class"))
    lines += [*_equal(answer), *_split(answer.split)]
    return [*lines, *wrapped(_price(answer), _WIDTH), ""]


def _of_county(answer: Fairness) -> list[str]:
    """The county beside all others, its municipalities beside their equals, and the split."""
    (own,), everywhere = answer.counties, answer.everywhere
    assert everywhere is not None
    both = (own, replace(everywhere, name=say("in_all")))
    lines = _titled(say("fair.county.row"), _groups(both, "county"))
    lines += _titled(say("fair.county.rows", county=own.name), _municipalities(answer))
    lines += _titled(say("fair.county.measures", county=own.name), _measures(answer))
    lines += [*wrapped(_extremes(answer), _WIDTH), "", *_equal(answer, own.name)]
    for county in answer.split.counties:
        told = {name: count(county[name]) for name in ("with_split", "without")}
        fields = {"split": _rule(answer.split), "county": own.name, **told}
        lines += wrapped([say("fair.county.split", **fields)], _WIDTH)
    return [*lines, *([""] if answer.split.counties else _split(answer.split))]


def _titled(title: str, table: str) -> list[str]:
    return [*wrapped([title], _WIDTH), "", table]


def _municipalities(answer: Fairness) -> str:
    """The municipalities, each with how many equals it has and what these are asked for."""
    equals: dict[str, list[int]] = {}
    for pair in answer.equal.worst:
        equals.setdefault(pair.more, []).append(pair.fewer_asked)
        equals.setdefault(pair.fewer, []).append(pair.more_asked)
    names = ("fair.asked", "fair.load", "fair.per_1000", "minors", "fair.children")
    columns = [Column(say("code")), Column(say("municipality"), least=12)]
    columns += [Column(say(name), True) for name in names]
    columns += [Column(say(f"fair.county.{name}"), True) for name in ("equals", "least", "most")]
    cells = []
    for row in answer.rows:
        one, like = row.request, equals.get(row.request.code, [])
        cells.append(
            [
                one.code,
                one.name,
                count(one.total),
                decimal(row.load, 2),
                decimal(one.per_1000),
                count(one.em),
                decimal(row.minors_per_1000, 2),
                count(len(like)),
                count(min(like, default=None)),
                count(max(like, default=None)),
            ]
        )
    if not answer.children:
        columns, cells = without(6, columns, cells)
    return as_text(columns, cells, _WIDTH)


def _measures(answer: Fairness) -> str:
    names = ("gini", "loosemore_hanby", "least", "mean", "most")
    columns = [Column(say("fair.yardstick"))]
    columns += [Column(say(f"fair.{name}"), True) for name in names]
    cells = [
        [
            say(f"fair.{each.by}"),
            *(decimal(getattr(each, name), 3) for name in ("gini", "loosemore_hanby")),
            *(decimal(getattr(each, name), 2) for name in ("least", "mean", "most")),
        ]
        for each in answer.measures
    ]
    return as_text(columns, cells)


def _extremes(answer: Fairness) -> list[str]:
    names = {row.request.code: row.request.name for row in answer.rows}
    lines = []
    for each in answer.measures:
        if each.most is not None:
            lines.append(
                say(
                    "fair.who",
                    by=say(f"fair.{each.by}"),
                    least=decimal(each.least_asked, 2),
                    least_of=names[each.least_asked_code],
                    most=decimal(each.most, 2),
                    most_of=names[each.most_code],
                )
            )
        if each.left_out:
            lines.append(say("fair.left_out", by=say(f"fair.{each.by}"), n=each.left_out))
    return lines


def _lorenz(answer: Fairness) -> str:
    columns = [Column(say("fair.yardstick"))]
    columns += [Column(say("fair.least_part", share=pct(100 * s)), True) for s in _PARTS_OF]
    cells = []
    for each in answer.measures:
        shares = [each.share_of_least(share) for share in _PARTS_OF]
        texts = [percent(None if s is None else 100 * s) for s in shares]
        cells.append([say(f"fair.{each.by}"), *texts])
    return as_text(columns, cells)


def _groups(groups: Sequence[Group], head: str) -> str:
    children = any(group.em_per_1000_0_17 is not None for group in groups)
    columns = [Column(say(head), least=10)]
    columns += [
        Column(say(name), True)
        for name in (
            "fair.asked",
            "fair.load",
            "fair.from",
            "fair.to",
            "fair.over",
            "fair.per_1000",
            "minors",
        )
    ]
    columns += [Column(say("fair.children"), True)] if children else []
    cells = [
        [
            word(group.name),
            count(group.total),
            *(decimal(v, 2) for v in (group.load, group.least_load, group.most_load)),
            signed(round(group.over)),
            decimal(group.per_1000),
            count(group.em),
            *([decimal(group.em_per_1000_0_17, 2)] if children else []),
        ]
        for group in groups
    ]
    return as_text(columns, cells, _WIDTH)


def _equal(answer: Fairness, county: str = "") -> list[str]:
    equal, of = answer.equal, "fair.county.equal" if county else "fair.equal"
    fields = {"pct": pct(5), "county": county} if county else {"pct": pct(5)}
    if not equal.pairs:
        return [*wrapped([say(f"{of}.none", **fields)], _WIDTH), ""]
    columns = [
        Column(say("fair.more"), least=14),
        Column("", True),
        Column(say("fair.fewer"), least=14),
        Column("", True),
        Column(say("fair.gap"), True),
        Column(say("fair.key_gap"), True),
    ]
    cells = [
        [
            f"{pair.more_name}, {pair.more_county}",
            count(pair.more_asked),
            f"{pair.fewer_name}, {pair.fewer_county}",
            count(pair.fewer_asked),
            count(pair.gap),
            decimal(pair.key_gap),
        ]
        for pair in equal.worst[:_PAIRS]
    ]
    told = say(
        "fair.pairs",
        n=count(equal.pairs),
        gap=count(equal.largest_gap),
        mean=decimal(equal.mean_gap),
        beyond=count(equal.beyond_key),
    )
    table = as_text(columns, cells, _WIDTH)
    return [*_titled(say(of, **fields), table), *wrapped([told], _WIDTH), ""]


def _split(split: Split) -> list[str]:
    if split.why == "one-county":
        return [*wrapped([say("fair.split.one-county")], _WIDTH), ""]
    if split.why:
        told = say("fair.split.failed", split=split.compared, why=sentence(split.why))
        return [*wrapped([told], _WIDTH), ""]
    columns = [Column(say("fair.split.what"), least=30)]
    columns += [Column(say(f"fair.split.{name}"), True) for name in ("with", "without", "change")]
    cells = [
        [
            _measure(each.measure, each.unit),
            *(_number(value) for value in (each.with_split, each.without, each.change)),
        ]
        for each in split.sums
    ]
    title = say("fair.split", split=_rule(split))
    below = [say("fair.split.moved", moved=count(split.moved), between=count(split.between))]
    changes = sorted((c for c in split.counties if c["change"]), key=lambda c: -abs(c["change"]))
    if changes:
        names = [f"{county['name']} {signed(county['change'])}" for county in changes]
        below.append(say("fair.split.county", names=listed(names)))
    return [*_titled(title, as_text(columns, cells, _WIDTH)), *wrapped(below, _WIDTH), ""]


def _rule(split: Split) -> str:
    name = split.compared if split.own == "free" else split.own
    return say(f"fair.rule.{name}")


def _measure(name: str, unit: str) -> str:
    told = say(f"fair.split.{name}")
    return f"{told} ({word(f'measure.{unit}', unit)})" if unit else told


def _freedom(found: Freedom | None) -> list[str]:
    """Whose actual request lies outside its band, the furthest first; and how many do."""
    if found is None:
        return []
    lines = [*wrapped([say("fair.freedom", eps=localised(f"{found.eps:g}"))], _WIDTH), ""]
    known = {name: count(n) for name, n in found.counts.items() if name != "unknown"}
    far = found.outside()
    if far:
        columns = [
            Column(say("code")),
            Column(say("municipality"), least=10),
            Column(say("county"), least=8),
            *(Column(say(f"fair.freedom.{name}"), True) for name in ("least", "total", "most")),
            Column(say("requested"), True),
            Column(say("fair.freedom.beyond"), True),
        ]
        cells = [
            [
                band.request.code,
                band.request.name,
                band.request.county_name,
                *map(count, (band.least, band.request.total, band.most, band.actual.persons)),
                signed(band.beyond),
            ]
            for band in far[:_PAIRS]
        ]
        lines.append(as_text(columns, cells, _WIDTH))
    if found.counts["unknown"] == len(found.bands):
        lines += wrapped([say("fair.freedom.unknown")], _WIDTH)
    else:
        persons = count(sum(abs(band.beyond or 0) for band in far))
        lines += wrapped([say("fair.freedom.told", persons=persons, **known)], _WIDTH)
    return [*lines, ""]


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    if float(value).is_integer():
        return signed(int(value)) if value < 0 else count(int(value))
    return decimal(value, 4)


def _price(answer: Fairness) -> list[str]:
    lines = []
    for goal in answer.proposal.goals:
        name, measure, price = goal["goal"], goal["measure"], goal["price"]
        fields = {
            "goal": word(f"goal.{name}", name),
            "value": measured(goal["value"]),
            "measure": word(f"measure.{measure}", measure),
        }
        told = measured(price) if price is not None else ""
        after = say("fair.price.of", price=told) if told else ""
        lines.append(say("fair.price", **fields) + after)
    return lines
