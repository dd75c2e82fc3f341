"""A back-test as table, JSON or CSV.

The table on a terminal is the same rows with fewer columns, in the order of stages, and below it
the summary; JSON and CSV hold every column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from allocator.present.language import localised, say, sentence, speaking
from allocator.present.tables import Column, as_csv, as_json, as_text, count, decimal, hundredths
from allocator.study import walk_forward
from allocator.study.backtest import NAMED
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
    with speaking("en"):
        notes = _notes(found)
    return as_json({"schema": 1, **own, "rows": rows, "summary": short, "notes": notes})


def _text(found: BackTest) -> str:
    parts = [say("backtest.head", years=_spans(found.years), n=len(found.models)) + "\n"]
    for stage in AGAINST:
        scored = [r for r in found.rows if r.against == stage and r.score.overlap is not None]
        if scored:
            parts.append(f"{say('backtest.against', stage=say(stage))}\n\n{_scores(scored)}")
    blank = [row for row in found.rows if row.score.overlap is None]
    if blank:
        parts.append(f"{say('backtest.no_score')}\n\n{''.join(_blanks(blank))}")
    parts.append(f"{say('backtest.means')}\n\n{_means(found)}")
    parts += [_duels(name, duels(found, name)) for name in NAMED if name in found.models]
    parts.append("".join(f"{say('note', text=note)}\n" for note in _notes(found)))
    return "\n".join(part for part in parts if part)


def _scores(rows: list[Row]) -> str:
    titles = ("overlap", "interval", "mae", "within_5", "rank", "gini", "n")
    columns = [Column(say("year")), Column(say("backtest.model"), least=20)]
    columns += [Column(say(f"backtest.{title}"), True) for title in titles]
    cells = [
        [
            str(row.year),
            _name(row.model, row.baseline),
            hundredths(row.score.overlap),
            _interval(row),
            decimal(row.score.mae),
            hundredths(row.score.within_5),
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
            who, why = say("backtest.against", stage=say(row.against)), sentence(row.reason)
        else:
            who, why = row.model, f"{sentence(row.status)}: {sentence(row.reason)}"
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
    titles = (*AGAINST, "backtest.better", "backtest.by", "backtest.turnover")
    columns = [Column(say("backtest.model"), least=20)]
    columns += [Column(say(title), True) for title in titles]
    cells = [
        [
            _name(short.model, short.baseline),
            *(hundredths(short.overlap[stage]) for stage in AGAINST),
            _of("–", short.years) if short.won is None else _of(short.won, short.of),
            _points(short.difference),
            hundredths(short.turnover),
        ]
        for short in summaries(found)
    ]
    return as_text(columns, cells, _WIDTH)


def _duels(name: str, fought: tuple[Duel, ...]) -> str:
    """Year by year, a rule named in advance against the better baseline."""
    if not fought:
        return ""
    titles = (name, say("backtest.baseline"), say("backtest.by"))
    columns = [Column(say("year")), *(Column(title, True) for title in titles)]
    columns.append(Column(say("backtest.parameters")))
    cells = [
        [
            str(duel.year),
            hundredths(duel.overlap),
            f"{duel.baseline} {hundredths(duel.baseline_overlap)}",
            _points(duel.difference),
            sentence(duel.parameters),
        ]
        for duel in fought
    ]
    lost = ", ".join(str(duel.year) for duel in fought if not duel.won)
    told = say("backtest.duel", name=name, **_record(fought))
    told += f"{say('backtest.duel.lost', years=lost) if lost else ''}\n"
    fitted = [duel for duel in fought if "fitted on" in duel.parameters]
    if fitted and len(fitted) < len(fought):
        told += say("backtest.duel.fitted", **_record(fitted)) + "\n"
    head = say("backtest.duels", name=name)
    return f"{head}\n\n{as_text(columns, cells, _WIDTH)}\n{told}"


def _record(fought: Sequence[Duel]) -> dict[str, str]:
    """Years won, and the mean difference in points."""
    mean = sum(duel.difference for duel in fought) / len(fought)
    won = sum(duel.won for duel in fought)
    return {"won": str(won), "of": str(len(fought)), "points": _points(mean)}


def _notes(found: BackTest) -> list[str]:
    """What must be known to read the figures."""
    with_minors = ", ".join(map(str, found.minors_in))
    left_out = sorted({r.year for r in found.rows if r.against == "requested" and r.score.left_out})
    notes = [say("backtest.note.known"), say("backtest.note.overlap")]
    if with_minors:
        notes.append(say("backtest.note.minors", years=with_minors))
    else:
        notes.append(say("backtest.note.no_minors"))
    if left_out:
        notes.append(say("backtest.note.left_out", years=", ".join(map(str, left_out))))
    if walk_forward.NAME in found.models:
        points = {"weights": len(walk_forward.WEIGHTS), "exponents": len(walk_forward.EXPONENTS)}
        notes.append(say("backtest.note.walk_forward", name=walk_forward.NAME, **points))
    first, second = NAMED
    if second in found.models:
        notes.append(say("backtest.note.second", name=second, first=first))
    if found.draws:
        notes.append(say("backtest.note.interval", draws=found.draws, seed=found.seed))
    return notes


def _of(won: object, of: object) -> str:
    return say("backtest.of", won=won, of=of)


def _name(model: str, baseline: bool) -> str:
    return f"{model} *" if baseline else model


def _interval(row: Row) -> str:
    low, high = row.score.overlap_low, row.score.overlap_high
    return "–" if low is None or high is None else localised(f"{100 * low:.1f}–{100 * high:.1f}")


def _points(difference: float | None) -> str:
    if difference is None:
        return "–"
    return localised(f"{100 * difference:+.2f}".replace("-", "−"))
