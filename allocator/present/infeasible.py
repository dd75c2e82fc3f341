"""Why there is no proposal, and the smallest changes that would help, in the spoken language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from allocator.present.language import phrases, say, sentence, word

if TYPE_CHECKING:
    from allocator.program.relax import Change, Relaxation

__all__ = ["relaxation_words", "summary_words"]

_MOST = 12
_REASONS = ("room", "clash", "more", "several", "need", "contradict")
_FAMILIES = ("low", "high", "first", "last")


def summary_words(english: str) -> str:
    """A summary in the spoken language, sentence by sentence; what has no words stays as it is.

    >>> from allocator.present.language import speaking
    >>> with speaking("nb"):
    ...     summary_words("Moss must be asked for at least 10 (lot) and at most 4 (ceiling)")
    'Moss må anmodes om minst 10 (minstetall) og høyst 4 (tak)'
    """
    return "; ".join(_part(part) for part in english.split("; "))


def relaxation_words(relaxation: Relaxation) -> str:
    """Changes that together make a case possible, in words."""
    told = [_change(change) for change in relaxation.changes[:_MOST]]
    left = len(relaxation.changes) - _MOST
    return ", ".join(told) + (say("infeasible.left", n=left) if left > 0 else "")


def _part(english: str) -> str:
    for code in _REASONS:
        template = phrases("en", "infeasible")[f"reason.{code}"]
        parts = re.split(r"\{(\w+)\}", template)
        pattern = "".join(
            f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts)
        )
        found = re.fullmatch(pattern, english)
        if found:
            fields = found.groupdict()
            fields |= {name: _families(fields[name]) for name in _FAMILIES if name in fields}
            if fields.get("where") == "the municipalities":
                fields["where"] = say("infeasible.everywhere")
            return say(f"infeasible.reason.{code}", **fields)
    none = re.fullmatch(r"(.+) ha(?:s|ve) no place", english)
    if none:
        groups = re.sub(r"[a-z][a-z0-9 –]+", lambda group: _group(group[0]), none[1])
        return say("infeasible.reason.none", what=groups)
    return sentence(english)


def _families(english: str) -> str:
    return ", ".join(word(f"family.{name}", name) for name in english.split(", "))


def _group(english: str) -> str:
    return _noun(english.strip().startswith("person"))


def _noun(all_: bool) -> str:
    return say("infeasible.persons") if all_ else say("infeasible.minors")


def _change(change: Change) -> str:
    code = f"infeasible.change.{change.family}.{change.measure}"
    known = f"change.{change.family}.{change.measure}" in phrases("en", "infeasible")
    side = say("infeasible.more") if change.side == "more" else say("infeasible.fewer")
    name = change.name
    if change.family == "need":
        name = _noun(change.code == "ordinary")
    if not known:
        minors = change.measure.endswith("minors")
        code = "infeasible.change.other.minors" if minors else "infeasible.change.other"
    return say(code, name=name, persons=change.persons, side=side)
