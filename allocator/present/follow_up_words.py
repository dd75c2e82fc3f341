"""A follow-up in words: sums, what they leave out, who stands out, and the area's own figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from allocator.present.language import alphabetical, say, word
from allocator.present.tables import count, percent, signed

if TYPE_CHECKING:
    from allocator.audit.follow_up import FollowUp
    from allocator.audit.follow_up_rows import Row
    from allocator.audit.sums import Summary

__all__ = ["SHOWN", "listed", "own_lines", "pct", "summary_lines"]

SHOWN = ("requested", "decided", "agreed", "settled")
"""The stages that are shown to people, in their order."""

_LISTED = 8


def pct(value: float | None) -> str:
    """A share in per cent; – where there is none."""
    return percent(value, 0)


def summary_lines(answer: FollowUp, area: str) -> list[str]:
    """The sums in words, what they leave out, and the municipalities that stand out."""
    sums, rows = answer.whole.total, answer.rows
    if not rows:
        return []
    lines = [say("follow.total", area=area, figures=_figures(answer))]
    told = []
    if sums.compared and (sums.open or sums.hidden or sums.compared < len(rows)):
        balance = _balance(sums.requested_compared - sums.decided_compared)
        both = (count(sums.requested_compared), count(sums.decided_compared))
        told.append(
            say(
                "follow.compared",
                n=sums.compared,
                requested=both[0],
                decided=both[1],
                balance=balance,
            )
        )
    if sums.open:
        told.append(say("follow.open", requested=count(sums.open_requested), n=sums.open))
    if sums.hidden:
        told.append(say("follow.hidden", requested=count(sums.hidden_requested), n=sums.hidden))
    if sums.compared:
        told.append(say("follow.gross", short=count(sums.short), beyond=count(sums.beyond)))
    if "requested_original" in answer.stages:
        first = count(sums.stages["requested_original"].persons)
        told.append(say("follow.first", requested=first))
    if sums.utilisation is not None:
        mark = say("so_far.mark") if sums.stages["settled"].partial else ""
        told.append(say("follow.used", pct=pct(sums.utilisation), so_far=mark))
    if answer.county and answer.nation is not None:
        nation = answer.nation.total
        if nation.acceptance is not None:
            shares = (pct(sums.acceptance), pct(nation.acceptance))
            told.append(say("follow.beside", here=shares[0], nation=shares[1]))
    told += _left_out(answer.stages, sums)
    if answer.em_stages:
        em = answer.whole.em
        figures = ", ".join(_figure(em, name) for name in SHOWN if name in answer.em_stages)
        lines_em = [say("follow.total.minors", area=area, figures=figures)]
        lines_em += [f"  {line}" for line in _left_out(answer.em_stages, em, "em")]
    else:
        lines_em = []
    if answer.outside:
        told.append(say("follow.outside", n=answer.outside))
    return [*lines, *(f"  {line}" for line in told), *lines_em, *_named(rows)]


def _figures(answer: FollowUp) -> str:
    sums = answer.whole.total
    parts = [
        _figure(sums, name) if name in answer.stages else say("figure.none", stage=say(name))
        for name in SHOWN
        if name in answer.stages or name in ("requested", "decided")
    ]
    text = ", ".join(parts)
    return text if sums.too_few is None else f"{text}: {_balance(sums.too_few)}"


def _figure(sums: Summary, name: str) -> str:
    total = sums.stages[name]
    if total.persons is None:
        return say("figure.no", stage=say(name))
    return say(
        "so_far" if total.partial else "figure", persons=count(total.persons), stage=say(name)
    )


def _balance(too_few: int) -> str:
    if too_few > 0:
        return say("too_few", n=count(too_few))
    return say("too_many", n=count(-too_few)) if too_few else say("just")


def _left_out(stages: Iterable[str], sums: Summary, group: str = "total") -> list[str]:
    told = []
    for name in stages:
        total = sums.stages[name]
        if total.left_out:
            words = ", ".join(
                _counted(f"{group}.{name}", status, n) for status, n in total.left_out.items()
            )
            n = sum(total.left_out.values())
            told.append(say("follow.left_out", stage=say(name), n=n, told=words))
        if total.partial:
            told.append(say("follow.partial", stage=say(name), n=total.partial))
    return told


def _counted(stage: str, status: str, n: int) -> str:
    own = f"count.{stage}.{status}"
    return say(own if word(own) != own else f"count.{status}", n=n)


def _named(rows: Sequence[Row]) -> list[str]:
    lines = []
    for answer in ("refused", "none_registered", "pending"):
        names = [row.name for row in rows if row.total.answer.value == answer]
        if names:
            lines.append(say(f"follow.{answer}", names=listed(names)))
    gaps = [(row.total.difference or 0, row.name) for row in rows]
    short = [f"{name} {signed(gap)}" for gap, name in sorted(gaps, key=_by_size) if gap < 0]
    beyond = [f"{name} {signed(gap)}" for gap, name in sorted(gaps, key=_by_size) if gap > 0]
    used = [(row.total.utilisation or 0, row.name) for row in rows]
    over = [f"{name} {pct(share)}" for share, name in sorted(used, key=_by_size) if share > 100]
    for code, names in (("short", short), ("beyond", beyond), ("used.beyond", over)):
        if names:
            lines.append(say(f"follow.{code}", names=listed(names)))
    return lines


def _by_size(of: tuple[float, str]) -> tuple[Any, ...]:
    """The furthest from nought first; those alike by name."""
    return -abs(of[0]), alphabetical(of[1])


def listed(names: Sequence[str]) -> str:
    """The first names of a list, and how many more there are."""
    text = ", ".join(names[:_LISTED])
    return text if len(names) <= _LISTED else say("more", names=text, n=len(names) - _LISTED)


def own_lines(answer: FollowUp, area: str) -> list[str]:
    """What the area published itself, a line for each vintage."""
    lines = []
    for vintage in dict.fromkeys(figure.vintage for figure in answer.whole.published):
        parts = []
        for stage in SHOWN:
            persons = answer.whole.own(stage, vintage=vintage)
            minors = answer.whole.own(stage, "em", vintage)
            if persons is None:
                continue
            words = {"persons": count(persons), "stage": say(stage)}
            parts.append(
                say("figure", **words)
                if minors is None
                else say("figure.minors", minors=count(minors), **words)
            )
        asked, decided = (answer.whole.own(s, vintage=vintage) for s in ("requested", "decided"))
        text = ", ".join(parts)
        if asked is not None and decided is not None:
            text += f": {_balance(asked - decided)}"
        if text:
            code = "follow.own" if answer.county else "follow.own.nation"
            lines.append(say(code, area=area, vintage=vintage, figures=text))
    return lines
