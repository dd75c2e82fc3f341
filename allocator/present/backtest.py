"""A back-test as table, JSON or CSV.

The table on a terminal is the same rows with fewer columns, in the order of stages, and below it
the summary; JSON and CSV hold every column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from allocator.present.tables import Column, as_csv, as_json, as_text, count, decimal
from allocator.study import walk_forward
from allocator.study.rows import AGAINST, BackTest, Row
from allocator.study.summary import Duel, duels, summaries

__all__ = ["backtest"]

_WIDTH = 80


def backtest(found: BackTest, form: str) -> str:
    """A back-test as table, json or csv."""
    if form == "table":
        return _text(found)
    rows = [row.as_dict() for row in found.rows]
    if form == "csv":
        return as_csv(rows)
    short = [asdict(summary) for summary in summaries(found)]
    own = {"models": found.models, "years": found.years, "draws": found.draws, "seed": found.seed}
    return as_json({"schema": 1, **own, "rows": rows, "summary": short, "notes": _notes(found)})


def _text(found: BackTest) -> str:
    parts = [
        f"back-test {_spans(found.years)} · {len(found.models)} models · * is a naive baseline\n"
    ]
    for stage in AGAINST:
        scored = [r for r in found.rows if r.against == stage and r.score.overlap is not None]
        if scored:
            parts.append(f"against {stage}\n\n{_scores(scored)}")
    blank = [row for row in found.rows if row.score.overlap is None]
    if blank:
        parts.append("no score\n\n" + "".join(_blanks(blank)))
    parts.append(f"means over the years each could be run\n\n{_means(found)}")
    if walk_forward.NAME in found.models:
        parts.append(_duels(duels(found, walk_forward.NAME)))
    parts.append("".join(f"note: {note}\n" for note in _notes(found)))
    return "\n".join(part for part in parts if part)


def _scores(rows: list[Row]) -> str:
    titles = ("overlap", "interval", "mae", "within 5", "rank", "Gini", "n")
    columns = [Column("year"), Column("model", least=20), *(Column(t, True) for t in titles)]
    cells = [
        [
            str(row.year),
            _name(row.model, row.baseline),
            _percent(row.score.overlap),
            _interval(row),
            decimal(row.score.mae),
            _percent(row.score.within_5),
            decimal(row.score.spearman, 2),
            decimal(row.score.gini_proposal, 2),
            count(row.score.municipalities),
        ]
        for row in sorted(rows, key=lambda row: row.year)
    ]
    return as_text(columns, cells, _WIDTH)


def _blanks(rows: list[Row]) -> list[str]:
    """Why there is no score: each reason once, with the years it holds in."""
    years: dict[tuple[str, str], dict[int, None]] = {}
    for row in rows:
        if row.status == "no figures":
            who, why = f"against {row.against}", row.reason
        else:
            who, why = row.model, f"{row.status}: {row.reason}"
        years.setdefault((who, why), {})[row.year] = None
    return [f"{who} {_spans(tuple(of))}: {why}\n" for (who, why), of in years.items()]


def _spans(years: tuple[int, ...]) -> str:
    """Years in short: those that follow one another as first–last."""
    spans: list[list[int]] = []
    for year in years:
        if spans and year == spans[-1][-1] + 1:
            spans[-1].append(year)
        else:
            spans.append([year])
    return ", ".join("–".join(dict.fromkeys((str(s[0]), str(s[-1])))) for s in spans)


def _means(found: BackTest) -> str:
    titles = (*AGAINST, "better", "by", "turnover")
    columns = [Column("model", least=20), *(Column(title, True) for title in titles)]
    cells = [
        [
            _name(short.model, short.baseline),
            *(_percent(short.overlap[stage]) for stage in AGAINST),
            f"– of {short.years}" if short.won is None else f"{short.won} of {short.of}",
            _points(short.difference),
            _percent(short.turnover),
        ]
        for short in summaries(found)
    ]
    return as_text(columns, cells, _WIDTH)


def _duels(fought: tuple[Duel, ...]) -> str:
    """Year by year, the rule named in advance against the better baseline."""
    if not fought:
        return ""
    name = walk_forward.NAME
    titles = (name, "better baseline", "by")
    columns = [Column("year"), *(Column(title, True) for title in titles), Column("parameters")]
    cells = [
        [
            str(duel.year),
            _percent(duel.overlap),
            f"{duel.baseline} {_percent(duel.baseline_overlap)}",
            _points(duel.difference),
            duel.parameters,
        ]
        for duel in fought
    ]
    lost = ", ".join(str(duel.year) for duel in fought if not duel.won)
    told = f"{name} is better in {_record(fought)} in the mean"
    told += f"; not in {lost}\n" if lost else "\n"
    fitted = [duel for duel in fought if "fitted on" in duel.parameters]
    if fitted and len(fitted) < len(fought):
        told += f"where it was fitted, not set in advance: {_record(fitted)}\n"
    return f"{name} against the better baseline\n\n{as_text(columns, cells, _WIDTH)}\n{told}"


def _record(fought: Sequence[Duel]) -> str:
    """Years won, and the mean difference in points."""
    won = sum(duel.won for duel in fought)
    mean = sum(duel.difference for duel in fought) / len(fought)
    return f"{won} of {len(fought)} years, by {_points(mean)} points"


def _notes(found: BackTest) -> list[str]:
    """What must be known to read the figures."""
    with_minors = ", ".join(map(str, found.minors_in))
    left_out = sorted({r.year for r in found.rows if r.against == "requested" and r.score.left_out})
    notes = [
        "every rule knew what was known on 31 October of the year before, and was given the need "
        "that was asked for in the end",
        "overlap is 1 − ½·Σ|x − a|/Σa over the n municipalities with a reported figure; better and "
        "by: against the better baseline of each year, on the request",
        f"minors are a part of the need in {with_minors}: only there does the panel have them for "
        "every municipality"
        if with_minors
        else "no minors: the panel has them for every municipality in none of these years",
    ]
    if left_out:
        notes.append(
            "a figure that is not reported is left out, never taken as 0: in "
            f"{', '.join(map(str, left_out))} the persons a rule gives to municipalities without a "
            "request are then missed in its proposed total, and count half"
        )
    if walk_forward.NAME in found.models:
        notes.append(
            f"{walk_forward.NAME}: w · last year's shares + (1 − w) · inhabitants^a, the best of "
            f"{len(walk_forward.WEIGHTS)} × {len(walk_forward.EXPONENTS)} points over earlier "
            "years, named before it was run; where there is no last year (2014) inhabitants^0.65, "
            "where there are no earlier years (2015) w = 0.5 and a = 0.65"
        )
    if found.draws:
        notes.append(
            f"interval: 90 %, percentiles of {found.draws} draws of municipalities, seed "
            f"{found.seed}"
        )
    return notes


def _name(model: str, baseline: bool) -> str:
    return f"{model} *" if baseline else model


def _interval(row: Row) -> str:
    low, high = row.score.overlap_low, row.score.overlap_high
    return "–" if low is None or high is None else f"{100 * low:.1f}–{100 * high:.1f}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


def _points(difference: float | None) -> str:
    if difference is None:
        return "–"
    return f"{100 * difference:+.2f}".replace("-", "−")
