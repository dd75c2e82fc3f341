"""What an import did, as table, JSON or CSV."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from allocator.panel.importers import Difference, FileReport, Report
from allocator.present.language import say, word
from allocator.present.tables import Column, as_csv, as_json, as_text, count

__all__ = ["imported"]

_WIDTH = 80
_SHOWN = 20  # differences of each sort in the table; JSON and CSV hold all
_SORTS = ("changed", "filled", "added")


def imported(report: Report, form: str) -> str:
    """A report of an import as table, json or csv (its differences)."""
    if form == "csv":
        return as_csv([_fields(each) for each in report.differences])
    if form == "json":
        return as_json(
            {
                "schema": 1,
                "panel": report.folder,
                "written": report.written,
                "why_not": report.why_not or None,
                "tables": report.tables,
                "counts": {
                    **{sort: report.count(sort) for sort in _SORTS},
                    "unchanged": report.unchanged,
                    "refused": len(report.refused),
                },
                "files": [
                    {name: getattr(each, name) for name in each.__dataclass_fields__}
                    for each in report.files
                ],
                "differences": [_fields(each) for each in report.differences],
                "refused": [fault.as_dict() for fault in report.refused],
                "later": [
                    {"stage": stage, "year": year, "known": known}
                    for stage, year, known in report.later
                ],
            }
        )
    return "\n".join(_text(report)) + "\n"


def _fields(each: Difference) -> dict[str, str | int]:
    return {
        "what": each.what,
        "table": each.table,
        "key": " ".join(each.key),
        "old": _value(each.old),
        "new": _value(each.new),
        "file": each.file,
        "row": each.row,
        "column": each.column,
        "source": each.source,
    }


def _text(report: Report) -> Iterator[str]:
    yield say("data.head", folder=report.folder, n=len(report.files))
    for file in report.files:
        yield ""
        yield from _file(file)
    if report.differences or report.unchanged:
        yield ""
        counts = [say(f"data.{sort}", n=count(report.count(sort))) for sort in _SORTS]
        yield ", ".join([*counts, say("data.unchanged", n=count(report.unchanged))])
    for sort in _SORTS[:2] if report.count("changed") or report.count("filled") else _SORTS:
        found = [each for each in report.differences if each.what == sort]
        if found:
            yield ""
            yield _table(found)
            if len(found) > _SHOWN:
                yield say("data.more", n=count(len(found) - _SHOWN))
    for stage, year, known in report.later:
        yield say("data.later", stage=say(stage), year=year, known=known)
    yield ""
    yield _end(report)


def _file(file: FileReport) -> Iterator[str]:
    yield f"{Path(file.file).name} · {file.what or say('data.unknown')}"
    numbers = {"read": count(file.read), "accepted": count(file.accepted)}
    yield "  " + say("data.file", source=file.source, **numbers)
    for reason, times in file.left_out.items():
        code, _, what = reason.partition(":")
        yield "  " + say(f"data.out.{code}", n=count(times), what=what)
    for repair, times in file.repaired.items():
        yield "  " + say(f"data.read.{repair}", n=count(times))


def _table(found: list[Difference]) -> str:
    columns = [
        Column(say("data.table")),
        Column(say("data.about"), least=20),
        Column(say("data.old"), True),
        Column("", True),
        Column(say("data.new"), True),
        Column(say("data.row"), True),
    ]
    rows = []
    for each in found[:_SHOWN]:
        arrow = "→" if each.old else "+"
        about = " ".join(part for part in each.key if part != "final")
        cells = [each.table.partition("/")[0], about, _shown(each.old), arrow, _shown(each.new)]
        rows.append([*cells, count(each.row)])
    return as_text(columns, rows, _WIDTH).rstrip("\n")


def _value(known: tuple[str, ...]) -> str:
    """A figure as the panel holds it: its number, and its status where it is not reported."""
    if len(known) == 2:
        number, status = known
        return number if status == "reported" else f"{number} {status}".strip()
    return "; ".join(known)


def _shown(known: tuple[str, ...]) -> str:
    if len(known) != 2:
        return "; ".join(part for part in known if part)
    number, status = known
    if status == "reported":
        return number
    if status == "partial":
        return say("cell.partial", persons=number)
    return word(f"cell.{status}", status)


def _end(report: Report) -> str:
    if report.written:
        return say("data.written", n=len(report.tables), tables=", ".join(report.tables))
    if report.why_not == "refused":
        return say("data.refused", n=count(len(report.refused)))
    if report.why_not == "changed":
        return say("data.not_accepted", n=count(report.count("changed")))
    return say(f"data.{report.why_not}")
