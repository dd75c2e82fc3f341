"""What was found in a panel, carried through mergers, or become of a municipality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from textwrap import fill
from typing import Any

from allocator.panel import Figure, Municipality
from allocator.panel.carrying import Carried, Step
from allocator.panel.oddities import Finding
from allocator.present.language import say, word
from allocator.present.tables import Column, as_csv, as_json, as_text, count, decimal

__all__ = ["carried", "checked", "followed"]

_WIDTH = 80
_SHOWN = 12  # findings of one explanation in the table; JSON and CSV hold all


def checked(folder: str, found: Sequence[Finding], form: str) -> str:
    """The findings of a check as table, json or csv."""
    rows = [{**asdict(each), "explained": each.explained} for each in found]
    if form == "csv":
        return as_csv(rows)
    open_ = [each for each in found if not each.explained]
    if form == "json":
        return as_json({"schema": 1, "panel": folder, "ok": not open_, "findings": rows})
    parts = [say("data.check_head", folder=folder, n=len(found)) + "\n"]
    if open_:
        parts.append(f"{say('data.check_open', n=len(open_))}\n\n{_table(open_, len(open_))}")
    known = sorted((each for each in found if each.explained), key=lambda each: each.why)
    for why, group in groupby(known, key=lambda each: each.why):
        each = sorted(group, key=lambda one: (one.year, one.code, one.stage))
        told = say("data.check_hidden") if why == "hidden" else why
        lines = fill(say("data.check_why", why=told), _WIDTH)
        parts.append(f"{lines}\n\n{_table(each, _SHOWN)}")
    parts.append(say("data.check_open_end", n=len(open_)) if open_ else say("data.check_ok"))
    return "\n".join(parts) + "\n"


def _table(found: Sequence[Finding], most: int) -> str:
    columns = [
        Column(say("data.check")),
        Column(say("year")),
        Column(say("code")),
        Column(say("data.stage")),
        Column(say("data.value"), True),
        Column(say("data.against"), True),
        Column(say("data.where"), least=10),
    ]
    rows = [
        [
            word(f"data.check.{each.check}", each.check),
            each.year,
            each.code,
            " ".join(filter(None, (each.group if each.group != "total" else "", each.stage))),
            _cell(each.value),
            _cell(each.against),
            f"{each.table}{f':{each.row}' if each.row else ''} {each.source}".strip(),
        ]
        for each in found[:most]
    ]
    text = as_text(columns, rows, _WIDTH)
    if len(found) > most:
        text += say("data.more", n=count(len(found) - most)) + "\n"
    return text


def _cell(text: str) -> str:
    if text.isdigit():
        return count(int(text))
    return word(f"cell.{text}", text) if text else "–"


def carried(found: Carried, form: str) -> str:
    """A carried table as table, json or csv."""
    if form == "csv":
        return as_csv([_row(found, at) for at in range(len(found.rows))])
    if form == "json":
        about = {"from": found.start, "to": found.end, "how": found.how}
        rows = [_row(found, at) for at in range(len(found.rows))]
        return as_json({"schema": 1, **about, "columns": found.columns, "rows": rows})
    columns = [Column(say("code")), Column(say("municipality"), least=12)]
    columns += [Column(name, True) for name in found.columns]
    columns += [Column(say("data.made_of"), least=12)]
    rows_ = [
        [
            row.unit.code,
            row.unit.name,
            *(_figure(figure) for figure in row.figures),
            " + ".join(_part(*part) for part in row.parts),
        ]
        for row in found.rows
    ]
    head = say("data.carry_head", start=found.start, end=found.end, n=len(found.rows))
    text = f"{head}\n\n{as_text(columns, rows_, _WIDTH)}"
    estimated = sum(row.estimated for row in found.rows)
    return text + (say("data.estimates", n=estimated) + "\n" if estimated else "")


def _row(found: Carried, at: int) -> dict[str, Any]:
    row = found.rows[at]
    fields: dict[str, Any] = {"code": row.unit.code, "name": row.unit.name}
    for name, figure in zip(found.columns, row.figures, strict=True):
        whole = figure.value is not None and figure.value == int(figure.value)
        fields[name] = int(figure.value or 0) if whole else figure.value
        fields[f"{name}_status"] = figure.status.value
    return {
        **fields,
        "estimated": row.estimated,
        "made_of": " ".join(
            code if share == 1 else f"{share:g}*{code}" for code, share in row.parts
        ),
    }


def _figure(figure: Figure) -> str:
    if figure.value is None:
        return word(f"cell.{figure.status.value}", figure.status.value)
    whole = figure.value == int(figure.value)
    text = count(int(figure.value)) if whole else decimal(figure.value, 2)
    return f"≈ {text}" if figure.estimated else text


def _part(code: str, share: float) -> str:
    return code if share == 1 else f"{decimal(100 * share)} % {code}"


def followed(steps: Sequence[Step], form: str) -> str:
    """What became of a municipality as table, json or csv: a row for each year and branch."""
    rows = [
        {"year": step.year, **_unit(unit), "share": round(share, 6)}
        for step in steps
        for unit, share in step.parts
    ]
    if form == "csv":
        return as_csv(rows)
    if form == "json":
        return as_json({"schema": 1, "steps": rows})
    columns = [Column(say("data.since")), Column(say("code"))]
    columns += [Column(say("municipality"), least=12), Column(say("county"), least=8)]
    columns += [Column(say("data.share"), True)]
    cells = [
        [
            str(step.year),
            unit.code,
            unit.name,
            unit.county_name,
            say("data.whole") if share == 1 else f"≈ {decimal(100 * share)} %",
        ]
        for step in steps
        for unit, share in step.parts
    ]
    return as_text(columns, cells, _WIDTH)


def _unit(unit: Municipality) -> dict[str, str]:
    return {"code": unit.code, "name": unit.name, "county": unit.county_name}
