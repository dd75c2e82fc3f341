"""The report as one page of HTML: nothing is fetched, the same facts give the same bytes."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from allocator.documents import shipped_names
from allocator.documents.overrides import parts_of
from allocator.present import charts, maps
from allocator.present.language import day, language, localised, say, speaking, titled
from allocator.present.report import figures, provenance, rows, sections
from allocator.present.report.facts import Facts
from allocator.present.report.why import whys
from allocator.present.tables import count, decimal, percent, signed
from allocator.present.text import goal_words

__all__ = ["page"]

_TEMPLATES = Path(__file__).parents[1] / "templates"


def page(facts: Facts) -> str:
    """The report of gathered facts, in the language it was asked for in.

    >>> from allocator.documents import load_case
    >>> from allocator.panel import Panel
    >>> from allocator.present.report import Told, facts
    >>> made = facts(load_case("ostfold-2016"), Panel(), Told("ostfold-2016"))
    >>> page(made)[:32]
    '<!doctype html>\\n<html lang="en">'
    """
    with speaking(facts.told.lang):
        html = _environment().get_template("report/page.html.jinja").render(_fields(facts))
    return _smaller(html)


def _fields(facts: Facts) -> dict[str, Any]:
    """What the template is filled with."""
    atlas = facts.atlas
    # What the shipped documents say of themselves is English; of others nobody knows.
    shipped = parts_of(facts.told.scenario)[0] in shipped_names("scenarios")
    return {
        "lang": language(),
        "facts": facts,
        "said_in": Markup(' lang="en"' if shipped and language() != "en" else ""),
        "proposal": facts.proposal,
        "style": Markup(
            "\n".join((maps.style(), charts.style(), _file("look.css"), _file("report/report.css")))
        ),
        "script": Markup(_file("report/report.js")),
        "shapes": Markup(maps.shapes(atlas)) if atlas is not None else "",
        "credit": atlas.topology.credit if atlas is not None else "",
        "keys": sections.keys(facts),
        "notes": sections.notes(facts),
        "made": sections.made(facts),
        "maps": figures.national(facts),
        "all": rows.all_municipalities(facts),
        "plan": rows.plan(facts),
        "changes": rows.changes(facts),
        "answers": sections.answers(facts),
        "bars": figures.bars(facts),
        "lorenz": figures.lorenz(facts),
        "groups": sections.groups(facts),
        "pairs": sections.pairs(facts),
        "why": whys(facts),
        "counties": list(sections.counties(facts)),
        "past": lambda county: rows.past(facts, county),
        "overrides": provenance.overrides(facts),
        "sources": provenance.sources(facts),
        "command": provenance.command(facts.told),
        "version": provenance.version(),
    }


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "titled": titled,
        "say": say,
        "t": lambda code, **fields: say(f"report.{code}", **fields),
        "count": count,
        "decimal": decimal,
        "percent": percent,
        "signed": signed,
        "localised": localised,
        "goal_words": goal_words,
        "day": day,
        "markup": Markup,
    }
    return made


@cache
def _file(name: str) -> str:
    """A file beside the templates that becomes a part of the page."""
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _smaller(html: str) -> str:
    """The page without indents and empty lines, outside of ``pre``."""
    parts = re.split(r"(<pre.*?</pre>|<script.*?</script>)", html, flags=re.DOTALL)
    for at in range(0, len(parts), 2):
        parts[at] = re.sub(r"\n\s*", "\n", parts[at])
    return "".join(parts)
