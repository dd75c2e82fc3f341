"""What can be taken along: the same answer as a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from allocator.present import forms
from allocator.present.language import say
from allocator.present.maps import style
from allocator.proposal import Proposal
from allocator.web.answers import Answer, Answers
from allocator.web.maps import map_of
from allocator.web.state import State

__all__ = ["DOWNLOADS", "File"]


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


def _svg(state: State, answer: Answer, proposal: Proposal, answers: Answers) -> File:
    assert answer.even is not None
    view = state.view
    found = map_of(answers.panel, proposal, answer.even, view.colour, view.county)
    if found is None:
        return File("image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg"/>')
    what = say(f"web.colour.{view.colour or 'per_1000'}")
    title = f"{proposal.title} · {what} · {say('web.map.credit')}"
    drawing = found.svg(title, say("web.map.says", n=len(proposal.municipalities)), own=True)
    drawing = drawing.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    at = drawing.index(">") + 1
    return File(
        "image/svg+xml",
        f"{drawing[:at]}<style>{style()}</style>{drawing[at:]}\n".encode(),
    )


DOWNLOADS: dict[str, Make] = {
    "requests.csv": _csv,
    "requests.json": _json,
    "map.svg": _svg,
}
"""Name → what makes it. A name that is not here is no download."""
