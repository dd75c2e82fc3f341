"""The page that asks whether a proposal is fair: equals, groups, the price of the split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from allocator.audit.equal import Alike
from allocator.audit.fairness import Fairness, Group, fairness
from allocator.audit.split import Split
from allocator.present.language import localised, say, sentence, titled, word
from allocator.present.tables import count, decimal, percent, signed
from allocator.web.answers import Answers
from allocator.web.infeasible import no_way
from allocator.web.links import Links
from allocator.web.pages import in_words, problem_texts
from allocator.web.read import Read

__all__ = ["fairness_page"]

_PAIRS = 12


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, what is said, and perhaps a table whose first ``words`` columns are no numbers."""

    ident: str
    heading: str
    lines: Sequence[str] = ()
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    words: int = 1


def fairness_page(read: Read, answers: Answers) -> tuple[dict[str, Any], int]:
    """What the page shows, and the status of the response."""
    state = read.state
    title = titled(answers.shelf.scenarios[state.scenario].title)
    shown: dict[str, Any] = {"page": "fairness", "home": Links(state).here, "title": title}
    if read.problems:
        return shown | {"faults": [text for _, text in problem_texts(read.problems)]}, 400
    answer = answers.of(state)
    if answer.infeasible is not None:
        why = no_way(state, answer.infeasible).summary
        return shown | {"faults": [f"{say('web.infeasible.heading')}: {why}"]}, 200
    if answer.case is None or answer.proposal is None:
        return shown | {"faults": in_words(answer.faults)}, answer.status
    case = answer.case
    found = answers.audited(answer.id, lambda: fairness(case, answers.panel_of(case)))
    names = (("counties", found.counties), ("sizes", found.sizes), ("", found.centralities))
    groups = [
        _groups(name or "centralities", say(f"fair.{name}") if name else _centrality(found), of)
        for name, of in names
        if len(of) > 1
    ]
    return shown | {
        "sections": [_equal(found.equal), _split(found.split), *groups, _goals(found)]
    }, 200


def _centrality(found: Fairness) -> str:
    return say(f"follow.centrality.{found.centrality}")


def _equal(equal: Alike) -> Section:
    within = percent(5, 0)
    if not equal.pairs:
        return Section("equal", say("fair.equal.none", pct=within))
    told = say(
        "fair.pairs",
        n=count(equal.pairs),
        gap=count(equal.largest_gap),
        mean=decimal(equal.mean_gap),
        beyond=count(equal.beyond_key),
    )
    columns = [say(f"fair.{name}") for name in ("more", "fewer")]
    columns += [say("fair.asked"), say("fair.asked"), say("fair.gap"), say("fair.key_gap")]
    rows = [
        [
            f"{pair.more_name}, {pair.more_county}",
            f"{pair.fewer_name}, {pair.fewer_county}",
            count(pair.more_asked),
            count(pair.fewer_asked),
            count(pair.gap),
            decimal(pair.key_gap),
        ]
        for pair in equal.worst[:_PAIRS]
    ]
    return Section("equal", say("fair.equal", pct=within), [told], columns, rows, 2)


def _split(split: Split) -> Section:
    of = split.compared if split.own == "free" else split.own
    heading = say("fair.split", split=word(f"web.choice.split.{of}", of))
    if split.why == "one-county":
        return Section("split", heading, [say("fair.split.one-county")])
    if split.why:
        told = say("fair.split.failed", split=split.compared, why=sentence(split.why))
        return Section("split", heading, [told])
    moved = say("fair.split.moved", moved=count(split.moved), between=count(split.between))
    columns = [say(f"fair.split.{name}") for name in ("what", "with", "without", "change")]
    rows = [
        [
            say(f"fair.split.{each.measure}")
            + (f" ({word(f'measure.{each.unit}', each.unit)})" if each.unit else ""),
            *(_number(value) for value in (each.with_split, each.without, each.change)),
        ]
        for each in split.sums
    ]
    return Section("split", heading, [moved], columns, rows)


def _groups(ident: str, heading: str, groups: Sequence[Group]) -> Section:
    names = ("asked", "load", "from", "to", "over", "per_1000")
    columns = [say("class"), *(say(f"fair.{name}") for name in names), say("minors")]
    rows = [
        [
            word(group.name),
            count(group.total),
            *(decimal(value, 2) for value in (group.load, group.least_load, group.most_load)),
            signed(round(group.over)),
            decimal(group.per_1000),
            count(group.em),
        ]
        for group in groups
    ]
    return Section(ident, heading, (), columns, rows)


def _goals(found: Fairness) -> Section:
    lines = []
    for goal in found.proposal.goals:
        told = say(
            "fair.price",
            goal=word(f"goal.{goal['goal']}", goal["goal"]),
            value=localised(f"{goal['value']:g}"),
            measure=word(f"measure.{goal['measure']}", goal["measure"]),
        )
        price = goal["price"]
        cost = "" if price is None else say("fair.price.of", price=localised(f"{price:g}"))
        lines.append(told + cost)
    return Section("goals", say("web.fairness.goals"), lines)


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    whole = float(value).is_integer()
    return (signed(int(value)) if value < 0 else count(int(value))) if whole else decimal(value, 4)
