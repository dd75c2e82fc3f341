"""Run folders as table, JSON or CSV: a list, one of them, two compared, an answer to SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from allocator.present.language import say
from allocator.present.tables import Column, as_csv, as_json, as_text, count
from allocator.run_folders import Answer, Difference, RunFolder

__all__ = ["answered", "differing", "listed", "shown"]

_WIDTH = 80


def listed(found: Sequence[RunFolder], form: str) -> str:
    """The runs of a folder."""
    rows = [
        {
            "run": run.name,
            "scenario": run.manifest["scenario"],
            "model": run.manifest["model"],
            "total": run.total(),
            "bosett": run.manifest["versions"].get("bosett"),
        }
        for run in found
    ]
    if form == "csv":
        return as_csv(rows)
    if form == "json":
        return as_json({"schema": 1, "runs": rows})
    if not rows:
        return say("runs.none") + "\n"
    columns = [Column(say("runs.run"), least=24), Column(say("runs.model"), least=12)]
    columns += [Column(say("runs.asked"), True), Column("bosett")]
    cells = [
        [str(row["run"]), str(row["model"]), count(run.total()), str(row["bosett"])]
        for row, run in zip(rows, found, strict=True)
    ]
    return as_text(columns, cells, _WIDTH)


def shown(run: RunFolder, form: str) -> str:
    """What went into a run."""
    manifest = run.manifest
    if form == "json":
        return as_json({"schema": 1, "run": run.name, **manifest})
    rows = [{"kind": "input", "what": name, "is": is_} for name, is_ in manifest["inputs"].items()]
    rows += [{"kind": "version", "what": n, "is": is_} for n, is_ in manifest["versions"].items()]
    for setting in manifest.get("settings", {}).get("set", []):
        rows.append({"kind": "setting", "what": "--set", "is": setting})
    if form == "csv":
        return as_csv(rows)
    head = say("runs.head", run=run.name, model=manifest["model"], n=count(run.total()))
    columns = [Column(""), Column(say("runs.what"), least=24), Column(say("runs.is"), least=12)]
    cells = [[say(f"runs.{row['kind']}"), str(row["what"]), _short(row["is"])] for row in rows]
    return f"{head}\n\n{as_text(columns, cells, _WIDTH)}"


def differing(one: RunFolder, other: RunFolder, found: Sequence[Difference], form: str) -> str:
    """How two runs differ."""
    rows: list[dict[str, Any]] = [
        {"kind": each.kind, "what": each.what, "one": each.one, "other": each.other}
        for each in found
    ]
    if form == "csv":
        return as_csv(rows)
    if form == "json":
        return as_json({"schema": 1, "one": one.name, "other": other.name, "differences": rows})
    if not rows:
        return say("runs.same", one=one.name, other=other.name) + "\n"
    head = say("runs.diff_head", one=one.name, other=other.name)
    columns = [Column(""), Column(say("runs.what"), least=20)]
    columns += [Column(say("runs.one"), least=10), Column(say("runs.other"), least=10)]
    cells = [
        [say(f"runs.{each.kind}"), each.what, each.one or "–", each.other or "–"] for each in found
    ]
    numbers = sum(each.kind == "request" for each in found)
    text = as_text(columns, cells, _WIDTH)
    return f"{head}\n\n{text}{say('runs.numbers', n=numbers)}\n"


def answered(answer: Answer, form: str) -> str:
    """What a query gave."""
    rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
    if form == "csv":
        return as_csv(rows)
    if form == "json":
        plain = [{name: _plain(value) for name, value in row.items()} for row in rows]
        return as_json({"schema": 1, "columns": answer.columns, "rows": plain})
    numbers = [
        all(isinstance(row[at], int | float | None) for row in answer.rows)
        for at in range(len(answer.columns))
    ]
    columns = [
        Column(name, number, least=None if number else 8)
        for name, number in zip(answer.columns, numbers, strict=True)
    ]
    return as_text(columns, [[_cell(value) for value in row] for row in answer.rows], _WIDTH)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:g}"
    return count(value) if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 24 else text[:16] + "…"
