"""The pages: from a state and its answer to what the templates show."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from allocator.audit.evenness import Evenness
from allocator.audit.fairness import Evenly
from allocator.errors import Fault
from allocator.present.faults import TOPICS, fault_words
from allocator.present.language import alphabetical, say, sentence, titled, word
from allocator.present.tables import count, decimal, signed
from allocator.proposal import Proposal
from allocator.web.answers import Answer, Answers
from allocator.web.beside import joined
from allocator.web.downloads import downloads
from allocator.web.fields import groups_of
from allocator.web.infeasible import no_way
from allocator.web.links import Links
from allocator.web.local import Local
from allocator.web.maps import Drawn, colours_of, drawn
from allocator.web.places import matching
from allocator.web.read import Problem, Read
from allocator.web.rows import rows
from allocator.web.shelf import Shelf
from allocator.web.state import State
from allocator.web.table import columns_of, table_of

__all__ = ["home", "in_words", "problem_texts"]


def home(read: Read, answers: Answers) -> tuple[dict[str, Any], int]:
    """What the first page shows, and the status of the response."""
    state, shelf = read.state, answers.shelf
    model = state.model or shelf.own_model(state.scenario)
    answer = Answer() if read.problems else answers.of(state)
    local = answer.local or state.local
    says = {
        "state": state,
        "view": state.view,
        "links": Links(state),
        "home": Links(state).here,
        "title": titled(shelf.scenarios[state.scenario].title),
        "of": f"{state.scenario}:{model}",
        "model": model,
        "scenarios": [(name, f"{name} – {titled(s.title)}") for name, s in shelf.scenarios.items()],
        "models": _models(shelf, state),
        "kept": _kept(state),
        "groups": groups_of(shelf.case(state.scenario, state.model), state, read),
        "local": _said_locally(local, state, answers),
        "typed": read.typed,
        "local_open": bool(local) or any(p.at.startswith("add") for p in read.problems),
        "faults_of_form": problem_texts(read.problems),
        "heading": say("web.answer.h"),
        "said": say("web.said.problem"),
        "shapes": "",
        "shapes_of": "",
        "faults": [],
    }
    if read.problems:
        return says | {"heading": say("web.answer.none")}, 400
    if answer.faults:
        faults = in_words(answer.faults)
        return says | {"faults": faults, "said": faults[0]}, answer.status
    if answer.infeasible is not None:
        why = no_way(state, answer.infeasible)
        said = f"{say('web.infeasible.heading')}: {why.summary}"
        return says | {"infeasible": why, "said": said}, 200
    assert answer.proposal is not None
    assert answer.even is not None
    return says | _result(state, answers, answer, answer.proposal, answer.even), 200


def _models(shelf: Shelf, state: State) -> list[tuple[str, str]]:
    """The models to choose among; a scenario's own may be a file that is not on the shelf."""
    own = shelf.own_model(state.scenario)
    named = [(name, f"{name} – {titled(model.title)}") for name, model in shelf.models.items()]
    return named if own in shelf.models else [(own, own), *named]


def problem_texts(problems: Iterable[Problem]) -> list[tuple[str, str]]:
    """Each problem of the form: the field it is at, and its words."""
    told = []
    for problem in problems:
        fields = dict(problem.fields)
        if "text" in fields and problem.code == "fault":
            fields["text"] = sentence(fields["text"], TOPICS)
        label = word(f"web.control.{problem.at}", "") or word(
            f"web.local.{problem.at.removeprefix('add_')}", ""
        )
        for limit in ("least", "most"):
            if limit in fields:
                fields[limit] = count(fields[limit])
        words = say(f"web.problem.{problem.code}", **{"label": label, **fields})
        told.append((problem.at if problem.at not in ("", "local", "figures") else "", words))
    return told


def in_words(faults: Iterable[Fault], *, places: bool = False) -> list[str]:
    """Faults as a visitor is told them: in their language, and without the server's own files.

    ``places`` are told where the file is the visitor's own.
    """
    told = []
    for fault in faults:
        if fault.code == "web.figures-gone":
            told.append(say("web.upload.gone"))
            continue
        told.append(fault_words(fault, places=places))
    return told


def _kept(state: State) -> list[tuple[str, str]]:
    """What the form does not show and must not lose."""
    beside = [("beside", state.beside.alone.query())] if state.beside is not None else []
    figures = [("figures", state.figures)] if state.figures else []
    return figures + beside + state.view.params()


@dataclass(frozen=True, slots=True)
class _Said:
    code: str
    name: str
    text: str
    own: bool


def _said_locally(local: Iterable[Local], state: State, answers: Answers) -> list[_Said]:
    year = answers.shelf.scenarios[state.scenario].year
    names = {unit.code: unit.name for unit in answers.panel_for(state).municipalities(year)}
    own = {each.code for each in state.local}
    found = []
    for each in local:
        told = [
            say(f"web.says.{name}", n=count(value) if isinstance(value, int) else value)
            for name, value in each.says.items()
        ]
        name = names.get(each.code, each.code)
        found.append(_Said(each.code, name, "; ".join(told), each.code in own))
    return sorted(found, key=lambda said: (not said.own, alphabetical(said.name)))


def _result(
    state: State, answers: Answers, answer: Answer, proposal: Proposal, even: Evenly
) -> dict[str, Any]:
    view, panel, links = state.view, answers.panel_for(state), Links(state)
    counties = {r.county: r.county_name for r in proposal.municipalities}
    county = view.county if view.county in counties else ""
    among = matching(panel, proposal.year, view.q) if view.q else None
    other = _beside(state, answers, proposal)
    beside = None if other is None or not other["joined"] else other["persons"]
    table = table_of(
        proposal,
        even.rows,
        sort=view.sort,
        county=county,
        among=among,
        local=answer.local,
        own=state.local,
        beside=beside,
    )
    drawn_too = beside is not None and not beside.parts  # its shapes are those of A's year
    also = other["answer"].even if other is not None and drawn_too else None
    maps = drawn(panel, proposal, even, view.colour, county, also)
    shown = len(table.lines)
    told = {"shown": count(shown), "of": count(table.of)}
    return {
        "table": table,
        "rows": rows(table, links.here, beside is not None),
        "case": _case(state, answers, proposal),
        "figures": _figures(proposal),
        "said": _said(proposal),
        "beside": other,
        "notes": _notes(proposal),
        "maps": _captioned(maps, other) if maps else [],
        "legend": maps.legend if maps else "",
        "shapes": maps.shapes if maps else "",
        "shapes_of": maps.shapes_of if maps else "",
        "colours": colours_of(links, view.colour),
        "fair": _fair(even),
        "counties": _counties(even, links, county) if len(counties) > 1 else [],
        "county_options": _options(counties) if len(counties) > 1 else [],
        "unfiltered": [pair for pair in state.params() if pair[0] not in ("q", "county")],
        "found": say("web.search.found", **told) if shown < table.of else say("web.search.all"),
        "caption": say("web.table.caption", year=proposal.year, **told),
        "columns": columns_of(table, links, beside is not None),
        "downloads": [
            (f"download/{name}", say(f"web.take.{name.replace('.', '-')}"))
            for name in downloads(maps is not None)
        ],
        "command": shlex.join(state.command(answers.shelf, answer.local)),
    }


def _case(state: State, answers: Answers, proposal: Proposal) -> dict[str, str]:
    """What is solved: the scenario's title, and the rest in words."""
    changed = say("web.case.changed") if state.changed else say("web.case.as-is")
    text = say("web.case", model=proposal.model, changed=changed)
    return {"title": titled(answers.shelf.scenarios[state.scenario].title), "text": text}


def _figures(proposal: Proposal) -> list[dict[str, str]]:
    asked = [r for r in proposal.municipalities if r.total > 0]
    units = len({r.code for r in proposal.municipalities})
    last = [r for r in proposal.of_year(proposal.year) if r.last_year is not None]
    before = sum(r.last_year or 0 for r in last)
    now = sum(r.total for r in proposal.of_year(proposal.year))
    optimal = proposal.status == "optimal"
    return [
        {
            "label": say("web.figure.asked"),
            "value": count(proposal.total),
            "more": say("web.figure.minors", n=count(proposal.minors)) if proposal.minors else "",
        },
        {
            "label": say("web.figure.municipalities"),
            "value": count(len({r.code for r in asked})),
            "more": say("web.figure.of", n=count(units)),
        },
        {
            "label": say("web.figure.change"),
            "value": signed(now - before) if last else "–",
            "more": say("web.figure.last", n=count(before)) if last else "",
        },
        {
            "label": say("web.figure.status"),
            "value": say("web.status.optimal") if optimal else say("web.status.stopped"),
            "more": "" if optimal else sentence(proposal.status),
        },
    ]


def _said(proposal: Proposal) -> str:
    asked = sum(r.total > 0 for r in proposal.municipalities)
    return say("web.said.answer", persons=count(proposal.total), asked=count(asked))


def _notes(proposal: Proposal) -> list[str]:
    unplaced = proposal.unplaced.get("total", 0)
    told = [say("web.note.unplaced", n=count(unplaced))] if unplaced else []
    if proposal.assumption:
        told.append(say("propose.assumed", text=proposal.assumption))
    names = {r.code: r.name for r in proposal.municipalities}
    names |= {r.county: r.county_name for r in proposal.municipalities}
    for gave in proposal.gave:
        name = names.get(str(gave["code"]).partition("_")[0], gave["code"])
        family = word(f"family.{gave['family']}", str(gave["family"]))
        told.append(say("web.note.gave", family=family, by=gave["by"], name=name))
    for tie in proposal.ties:
        got, rest = (
            ", ".join(names.get(code, code) for code in tie[key]) for key in ("got", "not_got")
        )
        told.append(say("propose.tie", got=got, not_got=rest))
    return told + [sentence(warning) for warning in proposal.warnings]


def _beside(state: State, answers: Answers, proposal: Proposal) -> dict[str, Any] | None:
    """The other state, and its numbers by code where they can stand in one table."""
    if state.beside is None:
        return None
    answer = answers.of(state.beside)
    line = {"title": titled(answers.shelf.scenarios[state.beside.scenario].title), "text": ""}
    found: dict[str, Any] = {
        "answer": answer,
        "joined": False,
        "text": "",
        "made": (),
        "line": line,
    }
    if answer.proposal is None:
        none = in_words(answer.faults) or [say("web.infeasible.heading")]
        return found | {"text": none[0]}
    other = answer.proposal
    found["line"] = _case(state.beside, answers, other)
    return found | joined(answers.panel_for(state), proposal, other)


def _captioned(maps: Drawn, other: dict[str, Any] | None) -> list[dict[str, str]]:
    captions = (say("web.beside.a"), say("web.beside.b")) if other else ("",)
    return [
        {"svg": svg, "caption": caption} for svg, caption in zip(maps.svgs, captions, strict=False)
    ]


def _fair(even: Evenly) -> dict[str, Any]:
    names = {row.request.code: row.request.name for row in even.rows}
    by_key = even.measures[0]
    share = by_key.share_of_least(0.5)
    text = ""
    if share is not None and by_key.loosemore_hanby is not None:
        text = say(
            "web.fair.text",
            half=decimal(100 * share, 1),
            move=decimal(100 * by_key.loosemore_hanby, 1),
        )
    titles = ["gini", "loosemore_hanby", "mean", "least", "most"]
    rows = [
        {
            "by": word(f"fair.{m.by}"),
            "cells": [decimal(m.gini, 3), decimal(m.loosemore_hanby, 3)]
            + [decimal(value, 2) for value in (m.mean, m.least_asked, m.most)],
            "who": _who(m, names),
        }
        for m in even.measures
    ]
    return {"text": text, "titles": [say(f"web.fair.{title}") for title in titles], "rows": rows}


def _who(found: Evenness, names: Mapping[str, str]) -> str:
    least, most = (names.get(code, "–") for code in (found.least_asked_code, found.most_code))
    return say("web.fair.who", by=word(f"fair.{found.by}"), least=least, most=most)


def _counties(even: Evenly, links: Links, county: str) -> list[dict[str, Any]]:
    widest = max((abs(group.over) for group in even.counties), default=0) or 1
    rows = []
    for group in sorted(even.counties, key=lambda group: alphabetical(group.name)):
        width = round(48 * group.over / widest, 1)
        now = group.code == county
        rows.append(
            {
                "code": group.code,
                "name": group.name,
                "link": links.view(county="" if now else group.code),
                "now": now,
                "total": count(group.total),
                "per_1000": decimal(group.per_1000),
                "load": decimal(group.load, 2),
                "over": signed(round(group.over)),
                "width": width,
                "x": min(width, 0),
                "wide": abs(width),
            }
        )
    return rows


def _options(counties: Mapping[str, str]) -> list[tuple[str, str]]:
    named = sorted(counties.items(), key=lambda pair: alphabetical(pair[1]))
    return [("", say("web.county.all")), *named]
