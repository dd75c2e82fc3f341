"""The page of one municipality: its number, what it rests on, and what was done before."""

from __future__ import annotations

from typing import Any

from allocator.audit.explain import explain
from allocator.panel import Figure, Panel, Status
from allocator.present.explain import reasons
from allocator.present.language import say
from allocator.present.tables import count, decimal, signed
from allocator.present.text import held, held_minors
from allocator.proposal import Request
from allocator.web.answers import Answer, Answers
from allocator.web.infeasible import no_way
from allocator.web.links import Links
from allocator.web.local import Local
from allocator.web.pages import in_words, problem_texts
from allocator.web.read import Read

__all__ = ["municipality"]

_STAGES = ("requested", "decided", "settled")


def municipality(read: Read, answers: Answers, code: str) -> tuple[dict[str, Any], int]:
    """What the page of a municipality shows, and the status of the response."""
    state, panel = read.state, answers.panel_for(read.state)
    year = answers.shelf.scenarios[state.scenario].year
    unit = next((unit for unit in panel.municipalities(year) if unit.code == code), None)
    shown: dict[str, Any] = {"home": Links(state).here, "faults": [], "code": code}
    if unit is None:
        return shown | {"heading": say("web.page.no-place", code=code[:8], year=year)}, 404
    shown |= {
        "heading": unit.name,
        "stages": [say(stage) for stage in _STAGES],
        "history": _history(panel, code, year),
        "history_caption": say("web.page.history-caption", year=year),
    }
    if read.problems:
        return shown | {"faults": [text for _, text in problem_texts(read.problems)]}, 400
    answer = answers.of(state)
    now = next((each for each in answer.local if each.code == code), Local(code))
    shown |= {
        "sayable": True,
        "say_heading": say("web.page.say", name=unit.name),
        "params": state.params(),
        "now": now,
    }
    if answer.proposal is None:
        return shown | {"faults": _why_none(answer, read)}, answer.status
    request = next((r for r in answer.proposal.municipalities if r.code == code), None)
    if request is None:
        told = say("web.page.not-in", name=unit.name, code=code)
        return shown | {"sayable": False, "text": told}, 404
    return shown | _number(request) | _why(read, answers, answer, code), 200


def _why_none(answer: Answer, read: Read) -> list[str]:
    if answer.infeasible is None:
        return in_words(answer.faults)
    why = no_way(read.state, answer.infeasible)
    return [f"{say('web.infeasible.heading')}: {why.summary}"]


def _number(request: Request) -> dict[str, Any]:
    of_minors = held_minors(request) if request.total else "–"
    return {
        "heading": say("web.page.why", n=count(request.total), name=request.name),
        "facts": [
            (say("web.page.key"), decimal(request.entitlement, 1)),
            (say("web.col.load"), decimal(_load(request), 2)),
            (say("web.page.people"), count(request.population)),
            (say("web.col.per_1000"), decimal(request.per_1000)),
            (say("web.col.last"), count(request.last_year)),
            (say("web.col.change"), signed(request.change)),
            (say("web.page.held"), held(request)),
            *([] if of_minors == "–" else [(say("web.page.held.minors"), of_minors)]),
        ],
    }


def _load(request: Request) -> float | None:
    return request.total / request.entitlement if request.entitlement > 0 else None


def _history(panel: Panel, code: str, year: int) -> list[tuple[int, list[str]]]:
    """Each year's figures on the borders of ``year``, the newest first: of its parts, added up."""
    rows = []
    for of in reversed([each for each in panel.years("requests") if each <= year]):
        parts = [
            unit.code
            for unit in panel.municipalities(of)
            if code in panel.borders.successors(unit.code, of, year)
        ]
        cells = []
        for stage in _STAGES:
            series = panel.requests(of, stage)
            own = {part: series[part] for part in parts if part in series}
            cells.append(_cell(panel.borders.carry(own, of, year).get(code)))
        rows.append((of, cells))
    return rows


def _cell(figure: Figure | None) -> str:
    """A number, or the word that says why there is none."""
    if figure is None:
        return say("cell.not_given")
    if figure.value is None:
        return say(f"cell.{figure.status.value}")
    persons = count(round(figure.value))
    if figure.status is Status.PARTIAL:
        return say("cell.partial", persons=persons)
    return f"≈ {persons}" if figure.estimated else persons


def _why(read: Read, answers: Answers, answer: Answer, code: str) -> dict[str, Any]:
    """The number step by step, what holds it, and those most like it."""
    case = answer.case
    if case is None:
        return {}
    panel = answers.panel_of(case)
    found = answers.explained(answer.id, code, lambda: explain(case, panel, code))
    told = reasons(found.rows[0], found)
    return {
        "text": told.head,
        "why": {
            "steps": told.steps,
            "minors": told.minors,
            "holds": [*told.holds, *filter(None, [told.beside])],
            "alike_head": told.alike_head,
            "alike": told.alike,
            "notes": told.notes,
        },
    }
