"""What can be taken along: the same answer as a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

from allocator.present import forms
from allocator.present.language import language
from allocator.present.poster import png
from allocator.present.report import Told, facts, page
from allocator.proposal import Proposal
from allocator.web.answers import Answer, Answers
from allocator.web.maps import drawing
from allocator.web.state import State

__all__ = ["DOWNLOADS", "File", "downloads"]


@dataclass(frozen=True, slots=True)
class File:
    """A file to be saved."""

    kind: str
    content: bytes


Make = Callable[[State, Answer, Proposal, Answers], File]


def _csv(state: State, answer: Answer, proposal: Proposal, answers: Answers) -> File:
    return File("text/csv; charset=utf-8", forms.proposal(proposal, "csv").encode())


def _json(state: State, answer: Answer, proposal: Proposal, answers: Answers) -> File:
    return File("application/json", forms.proposal(proposal, "json").encode())


def _xlsx(state: State, answer: Answer, proposal: Proposal, answers: Answers) -> File:
    from allocator.present.book import Asked, workbook  # the extra "xlsx"

    assert answer.case is not None
    settings = tuple(state.settings(answers.shelf, answer.local))
    asked = Asked(state.scenario, settings, state.model or None, lang=language())
    content = workbook(answer.case, answers.panel_of(answer.case), proposal, asked)
    return File("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", content)


def _svg(state: State, answer: Answer, proposal: Proposal, answers: Answers) -> File:
    return File("image/svg+xml", _drawing(state, answer, proposal, answers).encode())


def _png(state: State, answer: Answer, proposal: Proposal, answers: Answers) -> File:
    return File("image/png", png(_drawing(state, answer, proposal, answers)))


def _drawing(state: State, answer: Answer, proposal: Proposal, answers: Answers) -> str:
    assert answer.even is not None
    view, panel = state.view, answers.panel_for(state)
    return drawing(panel, proposal, answer.even, view.colour, view.county)


def _report(state: State, answer: Answer, proposal: Proposal, answers: Answers) -> File:
    assert answer.case is not None
    beside = None if state.beside is None else answers.of(state.beside)
    told = Told(
        state.scenario,
        tuple(state.settings(answers.shelf, answer.local)),
        state.model or None,
        None,
        None if beside is None or state.beside is None else state.beside.scenario,
        language(),
    )
    panel, other = answers.panel_of(answer.case), None if beside is None else beside.case
    return File("text/html; charset=utf-8", page(facts(answer.case, panel, told, other)).encode())


_NEEDS = {"map.png": "resvg_py", "requests.xlsx": "xlsxwriter"}


def downloads(has_map: bool) -> dict[str, Make]:
    """What can be downloaded here and now."""
    return {
        name: make
        for name, make in DOWNLOADS.items()
        if (has_map or not name.startswith("map."))
        and (name not in _NEEDS or find_spec(_NEEDS[name]) is not None)
    }


DOWNLOADS: dict[str, Make] = {
    "requests.xlsx": _xlsx,
    "requests.csv": _csv,
    "requests.json": _json,
    "report.html": _report,
    "map.svg": _svg,
    "map.png": _png,
}
"""Name → what makes it. A name that is not here is no download."""
