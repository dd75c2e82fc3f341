"""A case with more settings laid over it, when its documents are no longer at hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from allocator.documents.case import Case
from allocator.documents.layers import Raw, laid, path_of
from allocator.documents.model import Model, Rule
from allocator.documents.read import validated
from allocator.documents.scenario import Scenario

__all__ = ["changed"]


def changed(case: Case, settings: Iterable[str]) -> Case:
    """The case with ``key=value`` settings laid over its scenario and its rule.

    It is what the same ``--set`` would give, except that the case stands as it is: a setting cannot
    name another model or base.

    Raises :class:`~allocator.errors.BadDataError` when the values do not go together.

    >>> from allocator.documents import load_case
    >>> case = changed(load_case("ostfold-2016"), ["need.total=800", "band.up=0.5"])
    >>> case.scenario.need.total, case.rule.band.up
    (800, 0.5)
    """
    settings = list(settings)
    scenario, rule = _said(case.scenario.as_dict()), _said(case.rule.as_dict())
    for setting in settings:
        now = rule
        scenario = laid(scenario, setting, now.copy)
        if path_of(setting)[0][0] in Rule.__dataclass_fields__:
            rule = laid(rule, setting, now.copy)
    about = f"{case.name} with {' '.join(f'--set {setting}' for setting in settings)}"
    return dataclasses.replace(
        case,
        scenario=validated(Scenario, scenario, about),
        rule=validated(Model, rule, about),
    )


def _said(fields: Raw) -> Raw:
    """Tables without what is not said: a document has no word for none."""
    return {name: _inner(value) for name, value in fields.items() if value is not None}


def _inner(value: Any) -> Any:
    if isinstance(value, dict):
        return _said(value)
    return [_inner(item) for item in value] if isinstance(value, list) else value
