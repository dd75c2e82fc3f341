"""A case: a scenario, the model it names, and the rule the two make together."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path

from allocator.documents.find import find
from allocator.documents.layers import Raw, body, laid, overlay, path_of
from allocator.documents.model import Model, Rule
from allocator.documents.overrides import stem_of
from allocator.documents.read import validated
from allocator.documents.scenario import Scenario
from allocator.documents.stack import Stacked, stacked

__all__ = ["Case", "Opened", "load_case", "load_model", "load_scenario"]


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """What the engine is asked: the scenario, and the effective rule (scenario over model)."""

    name: str
    scenario: Scenario
    model: str
    rule: Model


@dataclasses.dataclass(frozen=True, slots=True)
class Opened:
    """Scenario documents and models that are read once; any number of cases are made of them.

    What was read stays: a case that asks for no other document than one before it needs no file.

    >>> opened = Opened("ostfold-2016")
    >>> [opened.case([f"need.total={total}"]).scenario.need.total for total in (800, 900)]
    [800, 900]
    """

    name: str
    _stacked: dict[str, Stacked] = dataclasses.field(default_factory=dict)
    _models: dict[str, tuple[Model, Raw]] = dataclasses.field(default_factory=dict)

    def stacked(self, *overrides: str) -> Stacked:
        """The scenario with all it stands on, and with further overrides."""
        name = "+".join((self.name, *overrides))
        if name not in self._stacked:
            self._stacked[name] = stacked(name)
        return self._stacked[name]

    def scenario(
        self, settings: Sequence[str] = (), model: str | None = None, *overrides: str
    ) -> tuple[Scenario, Raw, str]:
        """A scenario, its raw tables, and what to say when its model is not found."""
        found = self.stacked(*overrides)
        raw = found.raw
        hint = f"a model that a scenario names is looked for from the place of '{found.path}'"
        if not settings and model is None:
            return found.scenario, raw, hint
        said = [f"--set {setting}" for setting in settings] + [f"--model {model}"] * bool(model)
        # The model first: a setting into the key lies over the key of the model that is used.
        of_model = [setting for setting in settings if path_of(setting)[0] == ("model",)]
        others = [setting for setting in settings if setting not in of_model]
        for setting in of_model:
            raw = laid(raw, setting, dict)
        hint = "" if of_model or model is not None else hint
        if model is not None:
            raw = {**raw, "model": model}
        used = raw["model"]
        for setting in others:
            raw = laid(raw, setting, lambda: self.model(used, hint)[1])
        name = "+".join((self.name, *overrides))
        return validated(Scenario, raw, f"{name} with {' '.join(said)}"), raw, hint

    def model(self, name: str, hint: str = "") -> tuple[Model, Raw]:
        """A model and its raw tables."""
        if name not in self._models:
            path = find("models", name, hint)
            tables = body(path)
            self._models[name] = validated(Model, tables, path), tables
        return self._models[name]

    def digest(self) -> str:
        """A hash over what was read: the scenario's tables and the models', not where they lie."""
        import hashlib
        import json

        scenarios = {stem_of(name): _portable(found.raw) for name, found in self._stacked.items()}
        models = {Path(name).stem: tables for name, (_, tables) in self._models.items()}
        said = json.dumps([scenarios, models], sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()

    def case(self, settings: Sequence[str] = (), model: str | None = None, *overrides: str) -> Case:
        """The scenario with its model: see :func:`load_case`."""
        scenario, raw, hint = self.scenario(settings, model, *overrides)
        rule, tables = self.model(scenario.model, hint)
        over = {table: raw[table] for table in Rule.__dataclass_fields__ if table in raw}
        name = "+".join((self.name, *overrides))
        if over:
            rule = validated(Model, overlay(tables, over), f"{name} over model {scenario.model}")
        return Case(stem_of(name), scenario, Path(scenario.model).stem, rule)


def load_model(name: str) -> Model:
    """A model document by shipped name or path.

    >>> load_model("population").title
    'Population share'
    """
    return Opened("").model(name)[0]


def load_scenario(name: str, settings: Iterable[str] = ()) -> Scenario:
    """A scenario document by shipped name or path, with ``key=value`` settings laid over it.

    :func:`allocator.documents.layers.laid` says how a setting is read.
    """
    return Opened(name).scenario(list(settings))[0]


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
    return Opened(name).case(list(settings), model)


def _portable(raw: Raw) -> Raw:
    """The tables of a scenario without the place where its model lies on this machine."""
    return {**raw, "model": Path(raw["model"]).stem}
