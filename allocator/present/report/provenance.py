"""Where a report comes from: what was set by hand, what was read, who published it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import allocator
from allocator.audit.sources import published
from allocator.present.language import day, localised, say, word
from allocator.present.report.facts import Facts, Told
from allocator.present.report.rows import link
from allocator.present.report.table import Head, Table
from allocator.present.settings import changed_rule, portable, value_words

__all__ = ["command", "overrides", "sources", "version"]


def overrides(facts: Facts) -> list[Table]:
    """The log of what was set by hand: settings, local knowledge, changes of the rule."""
    case, found = facts.case, []
    if facts.told.settings or facts.told.model:
        said = [*facts.told.settings, *([f"model={facts.told.model}"] if facts.told.model else [])]
        rows = [[key.strip(), value.strip()] for key, _, value in (s.partition("=") for s in said)]
        found.append(
            _words("o-set", say("report.overrides.set"), ("report.setting", "report.value"), rows)
        )
    local = []
    names = {r.code: r for r in facts.requests}
    for code, of in sorted(case.scenario.municipality.items()):
        told = [
            f"{word(f'report.local.{name}', name)}: {value_words(value)}"
            for name, value in of.as_dict().items()
            if name not in ("note", "reason") and value not in (None, False)
        ]
        about = "; ".join(filter(None, (of.reason, of.note)))
        local.append(
            [link(names[code]) if code in names else code, ", ".join(told) or "–", about or "–"]
        )
    if local:
        heads = ("municipality", "report.local", "report.reason")
        found.append(_words("o-local", say("report.overrides.local"), heads, local))
    changed = [list(each) for each in changed_rule(case)]
    if changed:
        caption = say("report.overrides.rule", model=case.model)
        found.append(
            _words("o-rule", caption, ("report.setting", "report.of_model", "report.here"), changed)
        )
    return found


def sources(facts: Facts) -> list[Table]:
    """What the proposal read, and who published every figure that is shown."""
    rows = [
        [each["criterion"], each["indicator"], each["period"], localised(each["weight"])]
        for each in facts.proposal.inputs
    ]
    heads = ("report.criterion", "report.indicator", "report.period", "report.weight")
    caption = say("report.inputs", day=day(facts.proposal.as_of))
    found = [_words("inputs", caption, heads, rows)]
    drawn = () if facts.atlas is None else ("G3",) if facts.atlas.drawn == 2016 else ("G1",)
    of = published(facts.panel, facts.case, facts.proposal, facts.history, drawn)
    if of:
        names = ("source", "what", "publisher", "licence")
        rows = [[getattr(each, name) for name in names] for each in of]
        publishers = tuple(f"report.{name}" for name in names)
        found.append(_words("sources-t", say("report.sources.table"), publishers, rows))
    return found


def command(told: Told) -> str:
    """The command that makes this report again, but for the file it is written to.

    >>> command(Told("norway-2026", ("need.total=14000",), lang="nb"))
    'bosett report norway-2026 --set need.total=14000 --lang nb --out report.html'
    """
    words = ["bosett", "report", portable(told.scenario)]
    for setting in told.settings:
        words += ["--set", setting]
    for option, value in (("model", told.model), ("panel", told.panel), ("compare", told.compare)):
        words += [f"--{option}", portable(value)] if value else []
    words += ["--lang", told.lang] if told.lang != "en" else []
    return shlex.join([*words, "--out", "report.html"])


def version() -> str:
    """The version of bosett that made the report."""
    return allocator.__version__


def _words(ident: str, caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """A table of words; ``heads`` are codes."""
    return Table(ident, caption, tuple(Head(say(head), False) for head in heads), rows)
