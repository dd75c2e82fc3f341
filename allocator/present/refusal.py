"""Why there is no proposal and what would help, in the language that is spoken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allocator.present.language import say, sentence

if TYPE_CHECKING:  # the room that explains is entered only where something is to be explained
    from allocator.program.infeasible import NoProposalError
    from allocator.program.relax import Relaxation

__all__ = ["refusal"]

_INDENT = "  "


def refusal(error: NoProposalError) -> list[str]:
    """One line for each thing to be told: why, then the alternatives, the smallest first.

    In English it is what the error says itself.
    """
    found = error.infeasibility
    lines = [say("refusal.no_proposal", summary=_summary(found.summary))]
    for place, relaxation in enumerate(found.relaxations):
        lead = "refusal.or" if place else "refusal.smallest"
        lines.append(_INDENT + say(lead, changes=_told(relaxation)))
    if found.soft:
        lines.append(_INDENT + say("refusal.soft", settings=_settings(found.soft, ", ")))
    return lines


def _summary(english: str) -> str:
    """One sentence, or several with semicolons between them; a sentence may hold one itself."""
    parts = english.split("; ")
    told = [sentence(part) for part in parts]
    if len(parts) > 1 and any(one == part for one, part in zip(told, parts, strict=True)):
        return sentence(english)
    return "; ".join(told)


def _told(relaxation: Relaxation) -> str:
    changes = [sentence(str(change)) for change in relaxation.shown]
    told, more = ", ".join(changes), len(relaxation.changes) - len(changes)
    if more:
        told = say("refusal.more", names=told, n=more)
    if relaxation.written:
        return f"{told} ({_settings(relaxation.written)})"
    return told + say("refusal.settings", n=len(relaxation.settings)) * bool(relaxation.settings)


def _settings(settings: tuple[str, ...], between: str = " ") -> str:
    return between.join(f"--set {setting}" for setting in settings)
