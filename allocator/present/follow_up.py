"""A follow-up as text for people, as JSON, and each of its tables as CSV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from allocator.present.follow_up_words import SHOWN, own_lines, pct, summary_lines
from allocator.present.language import say, word
from allocator.present.tables import Column, as_csv, as_json, as_text, count, signed, wrapped

if TYPE_CHECKING:
    from allocator.audit.answers import Count, Stages
    from allocator.audit.follow_up import FollowUp
    from allocator.audit.follow_up_rows import Area, Row
    from allocator.audit.sums import Summary, Total

__all__ = ["PARTS", "flat", "follow_up"]

PARTS = ("rows", "counties", "nation", "sizes", "centralities", "ranking", "trend")
"""The tables of a follow-up, each of which CSV can hold."""

_WIDTH = 80


def follow_up(answer: FollowUp, form: str, part: str = "rows") -> str:
    """A follow-up as table, json or csv; ``part`` is the table that the CSV holds."""
    if form == "table":
        return _text(answer)
    fields = answer.as_dict()
    if form == "json":
        return as_json(fields)
    found = fields[part]
    if part == "nation":
        found = [found] if found else []
    elif part == "ranking":
        found = [{"by": answer.ranked_by, "floor": answer.floor, **one} for one in found["rows"]]
    elif part == "trend":
        names = list(next((one for one in found if len(one) > 2), {"year": 0, "why": ""}))
        found = [{name: one.get(name) for name in names} for one in found]
    return as_csv([flat(one) for one in found])


def flat(fields: dict[str, Any]) -> dict[str, Any]:
    """A row for CSV: counts by word as ``word:count``, and no lists of objects.

    >>> flat({"n": 1, "left_out": {"pending": 2}, "published": [{"persons": 3}]})
    {'n': 1, 'left_out': ['pending:2']}
    """
    found = {}
    for name, value in fields.items():
        if isinstance(value, dict):
            found[name] = [f"{word_}:{n}" for word_, n in value.items()]
        elif not (name == "published" and isinstance(value, list | tuple | type(None))):
            found[name] = value
    return found


def _text(answer: FollowUp) -> str:
    whole = answer.whole
    area = say("nation") if not answer.county else whole.name
    vintage = "" if answer.vintage == "final" else say("follow.vintage", vintage=answer.vintage)
    lines = [say("follow.head", year=answer.year, area=area, vintage=vintage, n=len(answer.rows))]
    if answer.rows:
        lines += ["", _rows(answer, answer.stages, lambda row: row.total, answer.rows, whole.total)]
    else:
        lines += ["", say("follow.no_county")]
    minors = [row for row in answer.rows if _any_minors(row)]
    if answer.em_stages and minors:
        lines += [say("follow.minors"), ""]
        lines.append(_rows(answer, answer.em_stages, lambda row: row.em, minors, whole.em))
    if not answer.county and answer.counties:
        lines += [say("follow.sums"), "", _counties(answer)]
    if whole.total.compared:
        lines += [*wrapped([say("follow.sizes")], _WIDTH), "", _classes(answer.sizes)]
        if answer.centralities:
            title = say(f"follow.centrality.{answer.centrality}")
            lines += [title, "", _classes(answer.centralities)]
    if answer.ranked:
        by = say(answer.ranked_by)
        title = say("follow.ranking", by=by, floor=answer.floor)
        lines += [*wrapped([title], _WIDTH), "", _ranking(answer)]
    if answer.years:
        lines += [say("follow.trend", area=area), "", _trend(answer)]
    lines += wrapped([*summary_lines(answer, area), *own_lines(answer, area)], _WIDTH)
    return "\n".join(lines) + "\n"


# -- municipalities --------------------------------------------------------------------------------


def _any_minors(row: Row) -> bool:
    """Whether there is anything to tell of a municipality's minors but zeros and no rows."""
    counts = (getattr(row.em, name) for name in SHOWN)
    return any(c.persons or c.status in ("suppressed", "pending") for c in counts)


def _rows(
    answer: FollowUp,
    stages: Sequence[str],
    of: Callable[[Row], Stages],
    rows: Sequence[Row],
    whole: Summary,
) -> str:
    shown = [name for name in SHOWN if name in stages]
    used = "settled" in shown and "decided" in shown
    answers = "requested" in shown and "decided" in shown
    columns = [
        Column(say("code")),
        Column(say("municipality"), least=10),
        *([] if answer.county else [Column(say("county"), least=6, spare=True)]),
        *(Column(say(name), True) for name in shown),
        *([Column(say("used"), True)] if used else []),
        *([Column(say("answer"))] if answers else []),
    ]
    cells = [
        [
            row.code,
            row.name,
            *([] if answer.county else [row.county_name]),
            *(_cell(getattr(of(row), name)) for name in shown),
            *([pct(of(row).utilisation)] if used else []),
            *([say(f"answer.{of(row).answer.value}")] if answers else []),
        ]
        for row in rows
    ]
    sums = [count(whole.stages[name].persons) for name in shown]
    sums += [pct(whole.utilisation)] if used else []
    sums += [""] if answers else []
    cells.append(["", say("in_all"), *([] if answer.county else [""]), *sums])
    return as_text(columns, cells, _WIDTH)


def _cell(stage: Count) -> str:
    if stage.status == "partial":
        return say("cell.partial", persons=count(stage.persons))
    return count(stage.persons) if stage.persons is not None else say(f"cell.{stage.status}")


# -- sums ------------------------------------------------------------------------------------------


def _counties(answer: FollowUp) -> str:
    shown = [name for name in SHOWN if name in answer.stages or _own_has(answer, name)]
    columns = [
        Column(say("county"), least=8),
        *(Column(say(name), True) for name in shown),
        Column(say("difference"), True),
        Column(say("used"), True),
    ]
    cells = []
    for area in (*answer.counties, answer.whole):
        name = area.name if area.code != "nation" else say("in_all")
        sums = area.total
        if area.municipalities:
            cells.append(
                [
                    name,
                    *(count(sums.stages[stage].persons) for stage in shown),
                    signed(None if sums.too_few is None else -sums.too_few),
                    pct(sums.utilisation),
                ]
            )
        own = [_own_figure(answer, area, stage) for stage in shown]
        if any(figure is not None for figure in own):
            cells.append([say("own.of", area=name), *map(count, own), "", ""])
    return as_text(columns, cells, _WIDTH)


def _own_figure(answer: FollowUp, area: Area, stage: str) -> int | None:
    return area.own(stage, vintage="" if answer.vintage == "final" else answer.vintage)


def _own_has(answer: FollowUp, stage: str) -> bool:
    return any(_own_figure(answer, area, stage) is not None for area in answer.counties)


def _classes(areas: Sequence[Area]) -> str:
    columns = [
        Column(say("class")),
        *(Column(say(n), True) for n in ("compared", "requested", "decided", "accepted")),
        *(Column(say(n), True) for n in ("used", "refused", "open")),
    ]
    cells = [
        [
            word(area.code),
            count(area.total.compared),
            count(area.total.requested_compared),
            count(area.total.decided_compared),
            pct(area.total.acceptance),
            pct(area.total.utilisation),
            count(area.total.answers.get("refused", 0)),
            count(area.total.open),
        ]
        for area in areas
    ]
    return as_text(columns, cells, _WIDTH)


def _ranking(answer: FollowUp) -> str:
    columns = [Column(say("place"), True), Column(say("code"))]
    columns += [Column(say("municipality"), least=12), Column(say("county"), least=8)]
    columns += [Column(say(h), True) for h in ("requested", answer.ranked_by)]
    columns.append(Column(say("follow.of_requested"), True))
    cells = [
        [
            str(one.place),
            one.code,
            one.name,
            one.county_name,
            count(one.requested),
            count(one.persons),
            pct(one.pct),
        ]
        for one in answer.ranked[:10]
    ]
    return as_text(columns, cells, _WIDTH)


def _trend(answer: FollowUp) -> str:
    heads = ("requested", "decided", "accepted", "settled", "used", "left_out")
    columns = [Column(say("year")), *(Column(say(head), True) for head in heads)]
    cells = []
    for one in answer.years:
        if one.area is None:
            cells.append([str(one.year), *(say("cell.missing"), *["–"] * 5)])
            continue
        sums = one.area.total
        left_out = [_left_out(sums.stages[name]) for name in ("requested", "decided", "settled")]
        cells.append(
            [
                str(one.year),
                _sum_cell(sums.stages["requested"]),
                _sum_cell(sums.stages["decided"]),
                pct(sums.acceptance),
                _sum_cell(sums.stages["settled"]),
                pct(sums.utilisation),
                " / ".join(left_out),
            ]
        )
    return as_text(columns, cells, _WIDTH)


def _sum_cell(total: Total) -> str:
    if total.partial:
        return say("cell.partial", persons=count(total.persons))
    return count(total.persons)


def _left_out(total: Total) -> str:
    """How many municipalities a sum leaves out; – where the vintage has none of them."""
    return "–" if set(total.left_out) == {"not_given"} else count(sum(total.left_out.values()))
