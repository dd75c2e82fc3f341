"""Two allocations beside each other, as table, JSON and CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allocator.present.carried import carried_lines, made_lines
from allocator.present.follow_up_words import listed
from allocator.present.language import say, word
from allocator.present.notes import noted
from allocator.present.overrides import log_lines
from allocator.present.tables import (
    Column,
    as_csv,
    as_json,
    as_text,
    count,
    decimal,
    percent,
    signed,
    wrapped,
)

if TYPE_CHECKING:
    from allocator.audit.versus import Row, Side, Versus

__all__ = ["head", "steps_of", "summary", "versus"]

_WIDTH = 80


def versus(found: Versus, form: str) -> str:
    """Two allocations as table, json or csv."""
    if form == "json":
        return as_json(found.as_dict())
    if form == "csv":
        return as_csv(found.as_rows())
    return _text(found)


def head(found: Versus) -> str:
    """What is compared with what, in one line."""
    minors = say("compare.minors") if found.group == "em" else ""
    sides = {"first": _side(found.first), "second": _side(found.second)}
    return say(f"versus.head.{found.kind}", **sides, minors=minors)


def _text(found: Versus) -> str:
    lines = [*wrapped([head(found)], _WIDTH), "", _municipalities(found)]
    lines += [*wrapped(summary(found), _WIDTH), ""]
    if found.steps:
        lines += [*wrapped([say("versus.steps")], _WIDTH), "", _steps(found)]
        both = [say("versus.together", families=_joined(n)) for n in found.steps if "+" in n]
        lines += [*wrapped(both, _WIDTH), ""] if both else []
    elif found.kind == "proposals":
        lines += [say("versus.alike"), ""]
    if len(found.counties) > 1:
        lines += [say("versus.counties"), "", _counties(found)]
    # Of two years, a code may be another's in the other year.
    requests = [row.request for row in found.rows] if found.borders is None else []
    notes = [say("note", text=text) for text in noted(found.warnings, requests)]
    lines += wrapped([*_fates(found), *notes], _WIDTH)
    if found.borders is not None:
        years = {"start": found.borders.start, "end": found.borders.end}
        made = [f"– {line}" for line in made_lines(found.borders.moved, _names(found))]
        lines += ["", say("versus.made", **years), *wrapped(made, _WIDTH)] if made else []
    lines += ["", *log_lines(_overrides(found))]
    return "\n".join(lines).rstrip("\n") + "\n"


def _overrides(found: Versus) -> list[dict[str, Any]]:
    """The overrides of both, those that both have once."""
    both = [*found.first.overrides, *found.second.overrides]
    return [one for place, one in enumerate(both) if one not in both[:place]]


def _side(side: Side) -> str:
    if side.stage:
        stage = say(side.stage)
        return say("versus.figures", stage=stage, year=side.year, vintage=side.vintage)
    told = say("versus.side", scenario=side.scenario, model=side.model)
    return f"{told}, {', '.join(side.settings)}" if side.settings else told


def _municipalities(found: Versus) -> str:
    columns = [
        Column(say("code")),
        Column(say("municipality"), least=12),
        Column(say("county"), least=8),
        Column(say("versus.first"), True),
        Column(say("versus.second"), True),
        Column(say("difference"), True),
        Column(say("versus.most")),
    ]
    cells = [
        [
            row.request.code,
            row.request.name,
            row.request.county_name,
            _cell(found, row, "first"),
            _cell(found, row, "second"),
            signed(row.difference),
            _most(found, row),
        ]
        for row in found.rows
        if row.fate != "same"
    ]
    first, second = (sum(getattr(c, name) for c in found.counties) for name in ("first", "second"))
    both = (count(first), count(second), signed(second - first))
    same = sum(row.fate == "same" for row in found.rows)
    if same:
        alike = sum(row.first or 0 for row in found.rows if row.fate == "same")
        cells.append(["", say("versus.same", n=same), "", count(alike), count(alike), "0", ""])
    cells.append(["", say("in_all"), "", *both, ""])
    if len({row.request.county for row in found.rows}) == 1:
        columns, cells = columns[:2] + columns[3:], [row[:2] + row[3:] for row in cells]
    if len(found.steps) < 2:  # then it says what the difference says
        columns, cells = columns[:-1], [row[:-1] for row in cells]
    return as_text(columns, cells, _WIDTH)


def _cell(found: Versus, row: Row, side: str) -> str:
    value, status = getattr(row, side), getattr(row, f"{side}_status")
    told = count(value)
    if row.estimated and found.borders is not None and found.borders.carried == side:
        told = say("report.estimate", n=told)
    if status == "reported":
        return told
    why = say(f"compare.status.{status}")
    return why if value is None else f"{told} ({why})"


def _most(found: Versus, row: Row) -> str:
    """The step that changes a number most, and by how much: "key +12"."""
    if not row.compared or not any(row.steps):
        return ""
    at = max(range(len(row.steps)), key=lambda place: (abs(row.steps[place]), -place))
    return f"{steps_of(found.steps[at])} {signed(row.steps[at])}"


def steps_of(name: str) -> str:
    """A step's families for people: "key", or "key + 2 more" where they were switched together."""
    first, *more = name.split("+")
    told = word(f"versus.step.{first}", first)
    return say("versus.step.more", first=told, n=len(more)) if more else told


def _joined(name: str) -> str:
    return " + ".join(word(f"versus.step.{family}", family) for family in name.split("+"))


def summary(found: Versus) -> list[str]:
    """How far the two are from each other: persons moved, and the metrics."""
    m = found.metrics
    shares = {
        name: percent(None if share is None else 100 * share)
        for name, share in (("overlap", m.overlap), ("exact", m.exact))
    }
    change = sum(row.difference or 0 for row in found.rows)
    moved = {"moved": count(found.moved), "between": count(found.between)}
    lines = [
        say("versus.moved.total", change=signed(change), **moved)
        if change
        else say("versus.moved", **moved),
        say("versus.metrics", n=m.municipalities, rank=decimal(m.spearman, 3), **shares),
    ]
    left_out = sum(not row.compared for row in found.rows)
    if left_out:
        sides = {side: count(found.left_out(side)) for side in ("first", "second")}
        lines.append(say("versus.left_out", n=left_out, **sides))
    return [*lines, *_borders(found)]


def _borders(found: Versus) -> list[str]:
    """What was carried to other borders, and how far that is exact."""
    at = found.borders
    if at is None:
        return []
    side = found.first if at.carried == "first" else found.second
    return carried_lines(side.scenario, (at.start, at.end), at.moved, _names(found))


def _names(found: Versus) -> dict[str, str]:
    return {row.request.code: row.request.name for row in found.rows}


def _steps(found: Versus) -> str:
    columns = [
        Column(say("versus.step")),
        Column(say("versus.moves"), True),
        Column(say("versus.gained"), True),
        Column(say("versus.in_all"), True),
        Column(say("versus.largest")),
    ]
    cells = []
    for place, name in enumerate(found.steps):
        rows = [row for row in found.rows if row.compared and row.steps[place]]
        far = sorted(rows, key=lambda row: (-abs(row.steps[place]), row.request.code))[:2]
        cells.append(
            [
                steps_of(name),
                count(found.moved_in(place)),
                count(len(rows)),
                signed(sum(row.steps[place] for row in rows)),
                ", ".join(f"{row.request.name} {signed(row.steps[place])}" for row in far) or "–",
            ]
        )
    return as_text(columns, cells, _WIDTH)


def _counties(found: Versus) -> str:
    by_steps = len(found.steps) if 1 < len(found.steps) <= 4 else 0
    columns = [
        Column(say("county"), least=8),
        Column(say("versus.first"), True),
        Column(say("versus.second"), True),
        Column(say("difference"), True),
        *(Column(steps_of(name), True) for name in found.steps[:by_steps]),
    ]
    cells = [
        [
            county.name,
            count(county.first),
            count(county.second),
            signed(county.difference),
            *map(signed, county.steps[:by_steps]),
        ]
        for county in found.counties
    ]
    return as_text(columns, cells, _WIDTH)


def _fates(found: Versus) -> list[str]:
    lines = []
    for fate in ("enters", "leaves"):
        rows = found.of_fate(fate)
        if rows:
            names = [f"{row.request.name} {signed(row.difference)}" for row in rows]
            lines.append(say(f"versus.{fate}", n=len(rows), names=listed(names)))
    for fate, also in (("more", "enters"), ("fewer", "leaves")):
        rows = found.of_fate(fate, also)
        if rows:
            names = [f"{row.request.name} {signed(row.difference)}" for row in rows]
            persons = count(abs(sum(row.difference or 0 for row in rows)))
            lines.append(say(f"versus.{fate}", n=len(rows), persons=persons, names=listed(names)))
    return lines
