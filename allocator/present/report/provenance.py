"""Where a report comes from: what was set by hand, what was read, who published it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import allocator
from allocator.documents import load_model
from allocator.errors import BadDataError, Fault
from allocator.panel import cells
from allocator.panel.rows import read_columns
from allocator.present.language import localised, say, word
from allocator.present.report.facts import Facts, Told
from allocator.present.report.rows import link
from allocator.present.report.table import Head, Table, day

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
            f"{word(f'report.local.{name}', name)}: {_value(value)}"
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
    changed = list(_changed(load_model(case.scenario.model).as_dict(), case.rule.as_dict()))
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
    used, faults = _sources_used(facts), list[Fault]()
    names = ("source", "what", "publisher", "licence")
    path = facts.panel.folder / "sources.csv"
    if path.exists():
        table = read_columns(path, dict.fromkeys(names, cells.text), faults)
        rows = [list(row) for row in zip(*table.values, strict=True) if row[0] in used]
        if faults:
            raise BadDataError(faults)
        publishers = tuple(f"report.{name}" for name in names)
        found.append(_words("sources-t", say("report.sources.table"), publishers, rows))
    return found


def command(told: Told) -> str:
    """The command that makes this report again, but for the file it is written to.

    >>> command(Told("norway-2026", ("need.total=14000",), lang="nb"))
    'bosett report norway-2026 --set need.total=14000 --lang nb --out report.html'
    """
    words = ["bosett", "report", _portable(told.scenario)]
    for setting in told.settings:
        words += ["--set", setting]
    for option, value in (("model", told.model), ("panel", told.panel), ("compare", told.compare)):
        words += [f"--{option}", _portable(value)] if value else []
    words += ["--lang", told.lang] if told.lang != "en" else []
    return shlex.join([*words, "--out", "report.html"])


def version() -> str:
    """The version of bosett that made the report."""
    return allocator.__version__


def _words(ident: str, caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """A table of words; ``heads`` are codes."""
    return Table(ident, caption, tuple(Head(say(head), False) for head in heads), rows)


def _portable(name: str) -> str:
    """A document's or a folder's name without the place on this machine where it lies."""
    return Path(name).name if Path(name).is_absolute() else name


def _sources_used(facts: Facts) -> set[str]:
    """The sources of the figures of the report: requests of all its years, people, borders."""
    panel, used = facts.panel, {"K0", "D1"}
    for year in facts.history.years:
        for stage in facts.history.of:
            used |= {f.source for f in panel.requests(year, stage).values()}
    vintage = panel.requests(facts.proposal.year, "requested", "total", facts.case.scenario.vintage)
    used |= {figure.source for figure in vintage.values()}
    for each in facts.proposal.inputs:
        period, name = each["period"], each["indicator"]
        if name == "population":
            used |= {f.source for f in panel.population(int(period[:4])).values()}
        elif name not in facts.history.of and name != "requested_original":
            used |= {f.source for f in panel.of_period(name, period).values()}
    if facts.atlas is not None:
        used |= {"G3"} if facts.atlas.drawn == 2016 else {"G1"}
    return {part for source in used for part in source.split("+")}


def _changed(
    model: Mapping[str, Any], rule: Mapping[str, Any], at: str = ""
) -> Iterator[list[str]]:
    """The settings of the rule that are not the model's own."""
    for name in sorted({*model, *rule}):
        before, after = model.get(name), rule.get(name)
        if before == after or (not at and name in ("title", "source")):
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _changed(before, after, f"{at}{name}.")
        else:
            yield [f"{at}{name}", _value(before), _value(after)]


def _value(value: Any) -> str:
    """A setting's value for people."""
    if value is None or value == {} or value == ():
        return "–"
    if isinstance(value, bool):
        return say("report.yes") if value else say("report.no")
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_value(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value))
    return localised(f"{value:g}") if isinstance(value, float) else str(value)
