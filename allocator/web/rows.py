"""The rows of the table as markup, written in one go: a template takes five times as long."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from allocator.present.language import say
from allocator.web.table import Line, Table

__all__ = ["rows"]


def rows(table: Table, here: str, joined: bool) -> str:
    """The ``tr`` of every line; ``here`` is the query of the state, ``joined`` whether the other
    state's numbers stand beside. Names and notes are escaped, numbers are the page's own.
    """
    query = escape(here)
    on, off, held = (escape(say(f"web.lock.{name}")) for name in ("on", "off", "held"))
    return "\n".join(
        f'<tr{_class(line)}><td class="code">{line.request.code}</td>'
        f"{_cell(str(line.request.year)) if table.years else ''}"
        f'<th scope="row">{_name(line, query)}</th>'
        f"{_cell(escape(line.request.county_name)) if table.counties else ''}"
        f"{_numbers(line, table, joined)}<td>{escape(line.held)}</td>"
        f"{'' if table.years else _cell(_lock(line, on, off, held))}</tr>"
        for line in table.lines
    )


def _class(line: Line) -> str:
    return ' class="local"' if line.local else ""


def _cell(inner: str) -> str:
    return f"<td>{inner}</td>"


def _name(line: Line, query: str) -> str:
    request = line.request
    told = f'<a href="municipality/{request.code}{query}">{escape(request.name)}</a>'
    if line.was:
        told += f" <small>{escape(say('web.was', name=line.was))}</small>"
    if request.note:
        told += f' <small class="remark">{escape(request.note)}</small>'
    return told


def _numbers(line: Line, table: Table, joined: bool) -> str:
    cells = line.cells
    shown: Iterable[str] = (
        *((line.other, line.difference) if joined else ()),
        *((cells["minors"],) if table.minors else ()),
        *(cells[name] for name in ("per_1000", "last", "change", "load")),
    )
    rest = '</td><td class="n">'.join(shown)
    return f'<td class="n strong">{cells["asked"]}</td><td class="n">{rest}</td>'


def _lock(line: Line, on: str, off: str, held: str) -> str:
    """The button that holds a number, or frees what the address holds."""
    request = line.request
    if line.lock == "held":
        return held
    if line.lock:
        kind, does, shown, unseen = " on", f'free" value="{request.code}', off, escape(request.name)
    else:
        kind, does, shown = "", f'hold" value="{request.code}.{request.total}', on
        unseen = escape(say("web.lock.at", name=request.name, n=request.total))
    return (
        f'<button class="quiet tiny{kind}" form="what-if" name="{does}" id="lock-{request.code}">'
        f'{shown}<span class="unseen"> {unseen}</span></button>'
    )
