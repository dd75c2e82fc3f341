"""What a request may choose among: the documents that were there when the server started.

A name in a request is looked up here, and nowhere else. It never becomes a path.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from allocator.documents import Case, load_case, load_model, load_scenario, shipped_names
from allocator.errors import BadDataError, Fault

__all__ = ["Shelf"]


class Shelf:
    """Scenarios and models by name; those of one's own are named by their file, without ``.toml``.

    >>> shelf = Shelf()
    >>> "norway-2026" in shelf.scenarios, "../../etc/passwd" in shelf.scenarios
    (True, False)
    >>> shelf.case("ostfold-2016").model
    'population-history'
    """

    def __init__(self, scenarios: Iterable[Path] = (), models: Iterable[Path] = ()) -> None:
        self._scenarios = _named("scenarios", scenarios)
        self._models = _named("models", models)
        # Read once, all of them: a document with a fault is told at the start, not to a visitor.
        self.scenarios = {name: load_scenario(at) for name, at in self._scenarios.items()}
        self.models = {name: load_model(at) for name, at in self._models.items()}
        self._case = lru_cache(maxsize=512)(self._read)

    @property
    def first(self) -> str:
        """The scenario shown when none is chosen: one's own, else the newest that is a fact."""
        own = [name for name, at in self._scenarios.items() if at.endswith(".toml")]
        if own:
            return own[0]
        facts = {n: s.year for n, s in self.scenarios.items() if not s.need.assumption}
        return max(sorted(facts), key=lambda name: facts[name])

    def own_model(self, scenario: str) -> str:
        """The name of the model that a scenario names itself."""
        return self.case(scenario).model

    def case(self, scenario: str, model: str = "") -> Case:
        """A scenario with its own model, or with another; both by names that are known here."""
        return self._case(scenario, model)

    def _read(self, scenario: str, model: str) -> Case:
        return self.changed(scenario, model, ())

    def changed(self, scenario: str, model: str, settings: Iterable[str]) -> Case:
        """The same with ``key=value`` settings laid over it."""
        at = self._models[model] if model else None
        return load_case(self._scenarios[scenario], settings, at)


def _named(kind: str, paths: Iterable[Path]) -> dict[str, str]:
    """Name → what the documents' own reader finds it by: one's own first, then the shipped."""
    own: dict[str, str] = {}
    for path in paths:
        if path.stem in own:
            told = f"two {kind} are both called '{path.stem}': {own[path.stem]} and {path}"
            raise BadDataError(Fault("shelf.twice", told, remedy="rename one of the files"))
        own[path.stem] = str(path)
    return own | {name: name for name in shipped_names(kind) if name not in own}
