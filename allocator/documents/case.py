"""A case: a scenario, the model it names, and the rule the two make together."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path

from allocator.documents.find import find
from allocator.documents.layers import Raw, body, lay_setting, overlay, path_of
from allocator.documents.model import Model, Rule
from allocator.documents.overrides import stem_of
from allocator.documents.read import validated
from allocator.documents.scenario import Scenario
from allocator.documents.stack import stacked

__all__ = ["Case", "load_case", "load_model", "load_scenario"]


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """What the engine is asked: the scenario, and the effective rule (scenario over model)."""

    name: str
    scenario: Scenario
    model: str
    rule: Model


def load_model(name: str) -> Model:
    """A model document by shipped name or path.

    >>> load_model("population").title
    'Population share'
    """
    return _model(name)[0]


def load_scenario(name: str, settings: Iterable[str] = ()) -> Scenario:
    """A scenario document by shipped name or path, with ``key=value`` settings laid over it.

    :func:`allocator.documents.layers.lay_setting` says how a setting is read.
    """
    return _scenario(name, list(settings))[0]


def load_case(name: str, settings: Iterable[str] = (), model: str | None = None) -> Case:
    """The scenario with its model: what :func:`allocator.engine` works on.

    The name may ask for overrides of the scenario, ``norway-2027+need-high+no-county-split``.

    The scenario's rule tables lie over the model's, table by table; its ``[key]``, if it has one,
    takes the place of the model's whole. Settings lie over both: ``key.population=1`` changes that
    one criterion of the key.

    >>> case = load_case("ostfold-2016", ["need.total=800", "key.population=1"])
    >>> case.scenario.need.total, case.rule.lot.persons
    (800, 10)
    >>> {name: part.weight for name, part in case.rule.key.items()}
    {'population': 1.0, 'requested': 0.5}
    """
    scenario, raw, hint = _scenario(name, list(settings), model)
    base, tables = _model(scenario.model, hint)
    over = {table: raw[table] for table in Rule.__dataclass_fields__ if table in raw}
    rule = base
    if over:
        rule = validated(Model, overlay(tables, over), f"{name} over model {scenario.model}")
    return Case(name=stem_of(name), scenario=scenario, model=Path(scenario.model).stem, rule=rule)


def _scenario(
    name: str, settings: list[str], model: str | None = None
) -> tuple[Scenario, Raw, str]:
    """A scenario, its raw tables, and what to say when its model is not found."""
    found = stacked(name)
    scenario, raw = found.scenario, found.raw
    hint = f"a model that a scenario names is looked for from the place of '{found.path}'"
    if not settings and model is None:
        return scenario, raw, hint
    said = [f"--set {setting}" for setting in settings] + ([f"--model {model}"] if model else [])
    # The model first: a setting into the key lies over the key of the model that is used.
    of_model = [setting for setting in settings if path_of(setting)[0] == ("model",)]
    others = [setting for setting in settings if setting not in of_model]
    for setting in of_model:
        lay_setting(raw, setting, dict)
    hint = "" if of_model or model is not None else hint
    if model is not None:
        raw["model"] = model
    for setting in others:
        lay_setting(raw, setting, lambda: _model(raw["model"], hint)[1])
    return validated(Scenario, raw, f"{name} with {' '.join(said)}"), raw, hint


def _model(name: str, hint: str = "") -> tuple[Model, Raw]:
    path = find("models", name, hint)
    tables = body(path)
    return validated(Model, tables, path), tables
