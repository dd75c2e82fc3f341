"""Why a number is what it is: as text for people, as a trace in JSON, and as CSV in long form.

What is shown is rounded to tenths of a person so that it adds up too: each tenth that rounding
leaves over goes to the step with the largest remainder, within the key and after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Any

from allocator.present.explain_words import (
    KEY_STEPS,
    exact,
    family_word,
    move_text,
    short_name,
    step_text,
    tenths,
)
from allocator.present.files import file_name
from allocator.present.language import day, say
from allocator.present.notes import noted
from allocator.present.tables import as_csv, as_json, count, decimal

if TYPE_CHECKING:
    from allocator.audit.why import Alike, Explanation, Step, Why

__all__ = ["Reasons", "Row", "explanation", "files", "reasons", "rounded"]

Row = tuple[str, str, str]
"""A step as it is shown: its sign (a blank for the first, = for a sum), its number, its words."""

_WIDTH = 80
_TENTH = 100_000
_JOINED = "\ue000"  # stands for a blank that no line ends at
_SHOWN = 500_000  # a difference of half a person


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a number is what it is: its steps, those of its minors, and what is said of it.

    ``beside`` is its rate by inhabitants beside the county's and all others', "" without any.
    """

    head: str
    steps: list[Row]
    minors: list[Row]
    holds: list[str]
    beside: str
    alike_head: str
    alike: list[str]
    notes: list[str]


def explanation(answer: Explanation, form: str) -> str:
    """An explanation as table, json or csv."""
    if form == "json":
        return as_json(_json(answer))
    if form == "csv":
        return as_csv(_long(answer))
    return _text(answer)


def files(answer: Explanation) -> dict[str, str]:
    """One text for each municipality, by its code and name, and all of them as JSON and CSV.

    A plan of several years has the years of a municipality in one text.
    """
    texts: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for why in answer.rows:
        code = why.request.code
        names.setdefault(code, file_name(f"{code}-{why.request.name}"))
        texts.setdefault(code, []).append(_why_text(why, answer))
    made = {f"{names[code]}.txt": _letter(texts[code], answer) for code in sorted(texts)}
    return {**made, "explain.csv": as_csv(_long(answer)), "explain.json": as_json(_json(answer))}


def _letter(parts: Sequence[str], answer: Explanation) -> str:
    """A text that stands by itself: of which year it is, and what it was worked out from."""
    made, need = answer.proposal, answer.proposal.need
    minors = say("explain.letter.minors", n=count(need["em"])) if need["em"] else ""
    foot = say(
        "explain.letter.foot",
        scenario=made.scenario,
        model=made.model,
        need=count(need["total"]),
        minors=minors,
        day=day(made.as_of),
    )
    head = say("explain.letter.head", year=made.year)
    return "\n".join([head, "", *parts, _wrapped(foot), _wrapped(say("report.caution"))]) + "\n"


def rounded(micro: Sequence[int], total: int) -> list[int]:
    """Changes in millionths of a person as tenths that sum to ``total``: largest remainder.

    >>> rounded([333_333, 333_333, 333_334], 10), rounded([150_000, -50_000], 1)
    ([3, 3, 4], [2, -1])
    """
    found = [change // _TENTH for change in micro]
    order = sorted(range(len(micro)), key=lambda at: (-(micro[at] % _TENTH), at))
    left = total - sum(found)
    for at in order[: max(left, 0)]:
        found[at] += 1
    # The total is itself rounded, so it may be one less than the floors sum to.
    for at in order[::-1][: max(-left, 0)]:
        found[at] -= 1
    return found


# -- text ------------------------------------------------------------------------------------------


def _text(answer: Explanation) -> str:
    lines = []
    if answer.found is not None:
        lines += _how_found(answer)
    texts = [_why_text(why, answer) for why in answer.rows]
    told = "\n".join([*lines, "\n".join(texts)])
    made = answer.proposal
    notes = [say("note", text=text) for text in noted(made.warnings, made.municipalities)]
    return told + "".join(f"{_wrapped(note)}\n" for note in notes)


def _how_found(answer: Explanation) -> list[str]:
    found = answer.found
    assert found is not None
    unit, meant = found.unit, f"{found.meant.name} ({found.meant.code})"
    lines = []
    if found.how in ("renamed", "was"):
        lines.append(say(f"explain.found.{found.how}", asked=meant, name=unit.name, code=unit.code))
    elif found.how == "merged":
        others = ", ".join(found.with_it)
        lines.append(
            say("explain.found.merged", asked=meant, others=others, name=unit.name, code=unit.code)
        )
    for other, leads in found.also:
        lines.append(say("explain.also", other=other.label, leads=leads))
    return [*map(_wrapped, lines), ""] if lines else []


def reasons(why: Why, answer: Explanation) -> Reasons:
    """Why one municipality's number is what it is, in words."""
    said = [*filter(None, ["" if why.request.em else _no_minors(why, answer)])]
    said += _holds(why, answer)
    local = answer.case.scenario.municipality.get(why.request.code)
    noted = [say("explain.note", text=local.note)] if local is not None and local.note else []
    return Reasons(
        head=_head(why, answer),
        steps=_waterfall(why.steps, why, answer),
        minors=_waterfall(why.em_steps, why, answer, minors=True) if why.request.em else [],
        holds=said,
        beside=_beside(why, answer),
        alike_head=_alike_head(why),
        alike=[_alike(one) for one in why.alike],
        notes=noted,
    )


def _why_text(why: Why, answer: Explanation) -> str:
    """One municipality's page."""
    told = reasons(why, answer)
    lines = [_wrapped(told.head), "", *_aligned(told.steps)]
    if told.minors:
        lines += ["", say("explain.em"), *_aligned(told.minors)]
    lines += ["", *map(_wrapped, [*told.holds, *filter(None, [told.beside])])]
    lines += [_wrapped(told.alike_head)] if told.alike_head else []
    lines += [_wrapped(one, "  ", "    ") for one in told.alike]
    lines += map(_wrapped, told.notes)
    return "\n".join(lines) + "\n"


def _head(why: Why, answer: Explanation) -> str:
    request = why.request
    code = "explain.head" if request.total else "explain.head.none"
    code = "explain.head.year" if answer.proposal.years else code
    per_1000, last = request.per_1000, request.last_year
    return say(
        code,
        name=request.name,
        code=request.code,
        county=request.county_name,
        year=request.year,
        n=count(request.total),
        minors=say("explain.head.minors", n=count(request.em)) if request.em else "",
        last="" if last is None else say("explain.head.last", n=count(last)),
        per_1000=say("explain.head.per_1000", n=decimal(per_1000)) if per_1000 else "",
    )  # fmt: skip


def _waterfall(
    steps: Sequence[Step], why: Why, answer: Explanation, *, minors: bool = False
) -> list[Row]:
    """The steps with what each changes, the key's number between them, the request at the end."""
    key = [step for step in steps if step.step in KEY_STEPS]
    after = [step for step in steps if step.step not in KEY_STEPS]
    end = why.request.em if minors else why.request.total
    entitled = (2 * key[-1].level + _TENTH) // (2 * _TENTH)
    rows: list[Row] = []
    for part, total in ((key, entitled), (after, 10 * end - entitled)):
        shown = rounded([step.micro for step in part], total)
        for number, (step, change) in enumerate(zip(part, shown, strict=True)):
            first = part is key and number == 0
            if change or first or step.value is not None:
                sign = " " if first else "−" if change < 0 else "+"
                text = step_text(step, why, answer, minors=minors)
                rows.append((sign, tenths(abs(change)), text))
        if part is key:
            label = "explain.em.entitlement" if minors else "explain.entitlement"
            rows.append(("=", tenths(entitled), say(label)))
    label = "explain.request.em" if minors else "explain.request"
    rows.append(("=", f"{count(end)}  ", say(label)))
    return rows


def _aligned(rows: Sequence[Row]) -> list[str]:
    """The steps on lines, their numbers below one another."""
    width = max(len(number) for _, number, _ in rows)
    indent = " " * (width + 5)
    return [
        _wrapped(text, f" {sign} {number.rjust(width)}  ", indent) for sign, number, text in rows
    ]


def _holds(why: Why, answer: Explanation) -> list[str]:
    """What binds the number, what it would be without, and what would move it."""
    request, lines = why.request, []
    families = [family for family in request.binding if not family.endswith("_em")]
    named = ", ".join(
        say("explain.held.county", name=request.county_name)
        if family == "county"
        else family_word(family)
        for family in families
    )
    price = why.price if request.total and "lock" not in families else None
    persons = abs(price.price * request.entitlement) if price is not None else 0.0
    if price is None or persons >= 0.5:
        lines += [say("explain.held", families=named)] if families else []
    elif families:
        lines.append(say("explain.held.barely", families=named))
    elif abs(price.level - 1) < 0.0005:
        lines.append(say("explain.price.key"))
    else:
        lines.append(say("explain.price.free", level=exact(price.level)))
    if price is not None and persons >= 0.5:
        way = "up" if price.price > 0 else "down"
        lines.append(say(f"explain.price.{way}", free=tenths(round(10 * price.free))))
    local = answer.case.scenario.municipality.get(request.code)
    if local is not None and (local.exempt or local.lock is not None):
        return [*lines, say("explain.locked")]
    up = {move.to for move in why.moves or () if move.setting == "need.total"}
    told_by_move = answer.case.scenario.need.total + why.more in up
    if why.with_more is not None and why.moves != () and not told_by_move:
        how = "same" if why.with_more == request.total else "moved"
        how = how if why.more == 1 else f"step.{how}"
        lines.append(say(f"explain.more.{how}", more=count(why.more), n=count(why.with_more)))
    told = [move for move in why.moves or () if move.ends != "same" or move.setting != "lot.minors"]
    return [*lines, *filter(None, map(move_text, told))]


def _beside(why: Why, answer: Explanation) -> str:
    """Persons per 1 000 inhabitants here, in the county, and in all of the case."""
    request = why.request
    if request.per_1000 is None:
        return ""
    counties = [county for county, year in answer.county_totals if year == request.year]

    def rate(codes: Sequence[str]) -> str:
        asked, people = (
            sum(of[code, request.year] for code in codes)
            for of in (answer.county_totals, answer.county_people)
        )
        return decimal(1000 * asked / people if people else None)

    fields = {"own": decimal(request.per_1000), "all": rate(counties)}
    fields["n"] = count(len(answer.proposal.of_year(request.year)))
    if len(counties) < 2:
        return say("explain.beside", **fields)
    here = rate([request.county])
    return say("explain.beside.county", county=here, name=request.county_name, **fields)


def _no_minors(why: Why, answer: Explanation) -> str:
    """Why a municipality is asked for no minors where others are; empty where that is no news."""
    key = next((step.level for step in reversed(why.em_steps) if step.step in KEY_STEPS), 0)
    held = [family.removesuffix("_em") for family in why.request.binding if family[-3:] == "_em"]
    number = tenths((2 * key + _TENTH) // (2 * _TENTH))
    if not why.request.total or not why.em_steps:
        return ""
    if "lot" in held:
        lot = count(answer.case.rule.lot.minors)
        return say("explain.em.none.lot", key=number, lot=lot)
    if "minors" in held:
        return say("explain.em.none.service", key=number)
    return say("explain.em.none", key=number)


def _alike_head(why: Why) -> str:
    if why.alike:
        return say("explain.alike")
    return say("explain.alike.none") if why.request.population else ""


def _alike(other: Alike) -> str:
    request, gap = other.request, other.difference
    way = "same" if gap == 0 else "more" if gap > 0 else "fewer"
    difference = (
        say(f"explain.alike.{way}", n=count(abs(gap))) if gap else say("explain.alike.same")
    )
    fields = {
        "name": request.name,
        "county": request.county_name,
        "n": count(request.total),
        "difference": difference,
    }
    if abs(other.micro) < _SHOWN:
        return say("explain.alike.small", **fields)
    shown = tenths(round(other.micro / _TENTH))
    change = shown if other.micro < 0 else f"+{shown}"
    return say("explain.alike.row", step=short_name(other.step), change=change, **fields)


def _wrapped(text: str, first: str = "", others: str = "") -> str:
    """A text on lines of at most 80 letters; a number stays with its per cent sign."""
    joined = text.replace(" %", _JOINED + "%")
    lines = fill(
        joined,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return lines.replace(_JOINED, " ")


# -- for programs ----------------------------------------------------------------------------------


def _json(answer: Explanation) -> dict[str, Any]:
    """The trace: the answer's fields, each step with its text in the language that is spoken."""
    fields = answer.as_dict()
    for why, row in zip(answer.rows, fields["municipalities"], strict=True):
        for name, steps, minors in (("steps", why.steps, False), ("em_steps", why.em_steps, True)):
            row[name] = [
                {**made, "text": step_text(step, why, answer, minors=minors)}
                for made, step in zip(row[name], steps, strict=True)
            ]
    return fields


def _long(answer: Explanation) -> list[dict[str, Any]]:
    """One row for each step of each municipality; ``group`` is total or em."""
    rows = []
    for why in answer.rows:
        for group, steps in (("total", why.steps), ("em", why.em_steps)):
            for number, step in enumerate(steps, start=1):
                rows.append(
                    {
                        "code": why.request.code,
                        "name": why.request.name,
                        "year": why.request.year,
                        "group": group,
                        "number": number,
                        "step": step.step,
                        "criterion": step.criterion.name if step.criterion else None,
                        "change": step.change,
                        "level": step.level / 1_000_000,
                        "acts": step.acts or None,
                    }
                )
    return rows
