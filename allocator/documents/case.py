"""A case: a scenario, the model it names, and the rule the two make together."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allocator.documents.model import Model, Rule
from allocator.documents.read import read_toml, validated
from allocator.documents.scenario import Scenario
from allocator.errors import Fault, MissingInputError, UsageError, did_you_mean
from allocator.locate import shipped

__all__ = ["Case", "find", "load_case", "load_model", "load_scenario", "shipped_names"]


@dataclass(frozen=True, slots=True)
class Case:
    """What the engine is asked: the scenario, and the effective rule (scenario over model)."""

    name: str
    scenario: Scenario
    model: str
    rule: Model


def shipped_names(kind: str) -> list[str]:
    """The names of the shipped documents of a kind: ``models`` or ``scenarios``."""
    return sorted(path.stem for path in shipped(kind).glob("*.toml"))


def find(kind: str, name: str) -> Path:
    """The file of a document: a shipped name, or a path that ends in ``.toml``."""
    if name.endswith(".toml"):
        path = Path(name)
        if path.is_file():
            return path
        raise MissingInputError(Fault("document.missing", f"there is no file '{name}'"))
    names = shipped_names(kind)
    if name in names:
        return shipped(kind) / f"{name}.toml"
    raise MissingInputError(
        Fault(
            f"{kind[:-1]}.unknown",
            f"there is no {kind[:-1]} '{name}'",
            remedy=f"{did_you_mean(name, names)} 'bosett {kind}' lists them; "
            "a document of your own is named by its path, such as my.toml".strip(),
        )
    )


def load_model(name: str) -> Model:
    """A model document by shipped name or path.

    >>> load_model("population").title
    'Population share'
    """
    path = find("models", name)
    return validated(Model, _body(read_toml(path)), path)


def load_scenario(name: str, settings: Iterable[str] = ()) -> Scenario:
    """A scenario document by shipped name or path, with ``key=value`` settings laid over it."""
    return _scenario(name, settings)[0]


def load_case(name: str, settings: Iterable[str] = (), model: str | None = None) -> Case:
    """The scenario with its model: what :func:`allocator.engine` works on.

    >>> case = load_case("ostfold-2016", ["need.total=800"])
    >>> case.scenario.need.total, case.rule.lot.persons
    (800, 10)
    """
    settings = list(settings)
    if model is not None:
        settings.append(f"model={model}")
    scenario, raw = _scenario(name, settings)
    path = find("models", scenario.model)
    base = _body(read_toml(path))
    validated(Model, base, path)
    rule = _overlay(base, {key: raw[key] for key in Rule.model_fields if key in raw})
    return Case(
        name=Path(name).stem,
        scenario=scenario,
        model=Path(scenario.model).stem,
        rule=validated(Model, rule, f"{name} over model {scenario.model}"),
    )


def _scenario(name: str, settings: Iterable[str]) -> tuple[Scenario, dict[str, Any]]:
    path = find("scenarios", name)
    raw = _body(read_toml(path))
    scenario = validated(Scenario, raw, path)
    settings = list(settings)
    if settings:
        for setting in settings:
            _set(raw, setting)
        scenario = validated(Scenario, raw, f"{name} with --set {' --set '.join(settings)}")
    return scenario, raw


def _body(raw: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in raw.items() if key != "$schema"}


def _set(raw: dict[str, Any], setting: str) -> None:
    """Lay ``a.b=value`` over the raw tables; the value is TOML, or else plain text."""
    key, equals, text = setting.partition("=")
    path = [part.strip().strip('"') for part in key.split(".")]
    if not equals or not all(path):
        raise UsageError(
            Fault("setting.form", f"--set {setting}", "key=value, such as need.total=14000")
        )
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    if key.strip() in ("model", "vintage", "title", "source") or path[-2:-1] == ["area"]:
        value = text
    table = raw
    for part in path[:-1]:
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            raise UsageError(Fault("setting.path", f"--set {setting}: '{part}' is not a table"))
    table[path[-1]] = value
    if key.strip() in ("need.em_under15", "need.em_15_17"):
        table.pop("em", None)


def _overlay(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``over`` laid on ``base``, table by table. A key is one thing: it is replaced whole."""
    merged = dict(base)
    for name, value in over.items():
        below = merged.get(name)
        if isinstance(value, Mapping) and isinstance(below, Mapping) and name != "key":
            merged[name] = _overlay(below, value)
        else:
            merged[name] = value
    return merged
