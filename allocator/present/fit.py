"""Fitted weights as table, JSON or CSV."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.present.language import localised, say, sentence
from allocator.present.tables import (
    Column,
    as_csv,
    as_json,
    as_text,
    count,
    hundredths,
    percent,
    wrapped,
)
from allocator.study.fit import ROUGH, Fit, FitRow, Scored

__all__ = ["fit"]

_WIDTH = 80
_PAIRS = 4  # shown on a terminal; JSON has all


def fit(found: Fit, form: str) -> str:
    """Fitted weights as table, json or csv."""
    if form == "json":
        return as_json(found.as_dict())
    if form == "csv":
        return as_csv([{"year": found.year, **row.as_dict()} for row in found.rows])
    stage = say(f"fit.{found.stage}")
    told = found.trained
    head = say(
        "fit.head",
        year=found.year,
        stage=stage,
        n=count(told.municipalities),
        persons=count(told.total),
    )
    parts = [
        head,
        "",
        _table(found),
        *wrapped(_results(found, stage)),
        "",
        *wrapped(_verdict(found)),
    ]
    notes = [f"– {note}" for note in _notes(found)]
    return "\n".join([*parts, "", *wrapped(notes)]) + "\n"


def _table(found: Fit) -> str:
    stated = any(row.stated is not None for row in found.rows)
    columns = [
        Column(say("fit.criterion"), least=14),
        Column(say("fit.as")),
        Column(say("fit.period"), spare=True),
        *([Column(say("fit.stated"), True)] if stated else []),
        Column(say("fit.weight"), True),
        Column(say("fit.range"), True),
        Column(say("fit.alone"), True),
        Column(say("fit.verdict")),
    ]
    rows = [
        [
            _name(row),
            say(f"fit.as.{row.how}"),
            row.period,
            *([hundredths(row.stated)] if stated else []),
            hundredths(row.weight),
            f"{hundredths(row.low)}–{hundredths(row.high)}",
            hundredths(row.alone),
            say(f"fit.says.{row.says}" if row.needed or row.says == "open" else "fit.says.not"),
        ]
        for row in found.rows
    ]
    return as_text(columns, rows, _WIDTH)


def _name(row: FitRow) -> str:
    """The criterion with its exponent, without what the next column says."""
    name = row.criterion.partition(":")[0].partition("^")[0]
    return name if row.exponent == 1 else f"{name}^{row.exponent:g}"


def _results(found: Fit, stage: str) -> Iterator[str]:
    """How near the weights come, where they come from and on the other year."""
    yield say("fit.trained", stage=stage, **_beside(found.trained))
    scored = found.scored
    if scored.overlap is None:
        yield say("fit.scored.none", year=scored.year, why=sentence(scored.reason))
    else:
        yield say("fit.scored", **_beside(scored))
        naive = {name: overlap or 0.0 for name, overlap in (scored.baselines or {}).items()}
        best = max(naive, key=lambda name: naive[name])
        if scored.overlap <= naive[best]:
            yield say("fit.scored.beaten", baseline=best)
    if found.exponents:
        best_row = next(row for row in found.rows if row.criterion == found.powered)
        low, high = (localised(f"{end:g}") for end in found.exponents)
        best_power = localised(f"{best_row.exponent:g}")
        yield say("fit.exponent", criterion=found.powered, best=best_power, low=low, high=high)


def _beside(scored: Scored) -> dict[str, object]:
    naive = scored.baselines or {}
    return {
        "year": scored.year,
        "overlap": percent(100 * (scored.overlap or 0.0)),
        "last": hundredths(naive.get("last-year")),
        "population": hundredths(naive.get("population")),
    }


def _verdict(found: Fit) -> Iterator[str]:
    """Whether the figures tell the weights, and why not."""
    if found.tells and not found.alike:
        yield say("fit.tells", rough=localised(f"{100 * ROUGH:g}"))
        return
    yield say("fit.cannot")
    if found.too_few:
        yield "– " + say("fit.cannot.few", n=found.trained.municipalities, weights=len(found.rows))
    if found.rank < len(found.rows):
        yield "– " + say("fit.cannot.rank", n=len(found.rows), rank=found.rank)
    if found.open:
        yield "– " + say("fit.cannot.open", n=len(found.open), names=", ".join(found.open))
    for a, b, same in found.alike[:_PAIRS]:
        yield "– " + say("fit.cannot.alike", a=a, b=b, same=percent(100 * same))
    if len(found.alike) > _PAIRS:
        yield "– " + say("fit.cannot.alike.more", n=len(found.alike) - _PAIRS)


def _notes(found: Fit) -> Iterator[str]:
    yield say("fit.note.range", within=localised(f"{100 * found.within:g} %"))
    yield say("fit.note.alone")
    yield say("fit.note.knew", n=found.trained.left_out)
    for reason in ("few", "class"):
        names = [name for name, why, _ in found.left_out if why == reason]
        if names:
            yield say(f"fit.note.{reason}", names=", ".join(names))
    for text in found.warnings:
        yield sentence(text)
