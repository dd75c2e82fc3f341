"""Why there is no proposal and what would help, in the language that is spoken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allocator.present.language import say, sentence

if TYPE_CHECKING:  # the room that explains is entered only where something is to be explained
    from allocator.program.infeasible import NoProposalError
    from allocator.program.relax import Relaxation

__all__ = ["refusal", "relaxation_words", "summary_words"]

_INDENT = "  "


def refusal(error: NoProposalError) -> list[str]:
    """One line for each thing to be told: why, then the alternatives, the smallest first.

    In English it is what the error says itself.
    """
    found = error.infeasibility
    lines = [say("refusal.no_proposal", summary=summary_words(found.summary))]
    for place, relaxation in enumerate(found.relaxations):
        lead = "refusal.or" if place else "refusal.smallest"
        lines.append(_INDENT + say(lead, changes=_with_settings(relaxation)))
    if found.soft:
        lines.append(_INDENT + say("refusal.soft", settings=_settings(found.soft, ", ")))
    return lines


def summary_words(english: str) -> str:
    """A summary: one sentence, or several with semicolons between them; one may hold one itself.

    >>> from allocator.present.language import speaking
    >>> with speaking("nb"):
    ...     summary_words("Moss must be asked for at least 10 (lot) and at most 4 (ceiling)")
    'Moss må anmodes om minst 10 (minstetall) og høyst 4 (tak)'
    """
    parts = english.split("; ")
    told = [sentence(part) for part in parts]
    if len(parts) > 1 and any(one == part for one, part in zip(told, parts, strict=True)):
        return sentence(english)
    return "; ".join(told)


def relaxation_words(relaxation: Relaxation) -> str:
    """Changes that together make a case possible."""
    told = ", ".join(sentence(str(change)) for change in relaxation.shown)
    more = len(relaxation.changes) - len(relaxation.shown)
    return say("refusal.more", names=told, n=more) if more else told


def _with_settings(relaxation: Relaxation) -> str:
    """The same with the settings that make them: all where they are few, else their number."""
    told = relaxation_words(relaxation)
    if relaxation.written:
        return f"{told} ({_settings(relaxation.written)})"
    return told + say("refusal.settings", n=len(relaxation.settings)) * bool(relaxation.settings)


def _settings(settings: tuple[str, ...], between: str = " ") -> str:
    return between.join(f"--set {setting}" for setting in settings)
