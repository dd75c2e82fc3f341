"""Settings in words: a value for people, and what a rule says otherwise than its model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from allocator.documents import Case, load_model
from allocator.present.language import localised, say

__all__ = ["changed_rule", "portable", "value_words"]


def changed_rule(case: Case) -> Iterator[tuple[str, str, str]]:
    """The settings of a case's rule that are not its model's own: key, there, here.

    >>> from allocator.documents import load_case
    >>> next(changed_rule(load_case("ostfold-2016", ["band.up=0.5"])))
    ('band.up', '–', '0.5')
    """
    yield from _changed(load_model(case.scenario.model).as_dict(), case.rule.as_dict())


def _changed(
    model: Mapping[str, Any], rule: Mapping[str, Any], at: str = ""
) -> Iterator[tuple[str, str, str]]:
    for name in sorted({*model, *rule}):
        before, after = model.get(name), rule.get(name)
        if before == after or (not at and name in ("title", "source")):
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _changed(before, after, f"{at}{name}.")
        else:
            yield f"{at}{name}", value_words(before), value_words(after)


def value_words(value: Any) -> str:
    """A setting's value for people.

    >>> value_words({"population": 0.5}), value_words(None), value_words(True)
    ('population 0.5', '–', 'yes')
    """
    if value is None or value == {} or value == ():
        return "–"
    if isinstance(value, bool):
        return say("override.yes") if value else say("override.no")
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {value_words(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(value_words, value))
    return localised(f"{value:g}") if isinstance(value, float) else str(value)


def portable(name: str) -> str:
    """A document's or a folder's name without the place on this machine where it lies."""
    return Path(name).name if Path(name).is_absolute() else name
