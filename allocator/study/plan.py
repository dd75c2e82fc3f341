"""What a sweep is: a scenario, the keys that are varied, and every point of them by number.

The points are the cross product of the varied keys, the last the fastest, and within each point of
it the draws. Point *i* is worked out when it is asked for; nothing is kept for all of them but the
draws.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

import allocator
from allocator.documents import Case, Opened, Scenario
from allocator.documents.kinds import is_known, known_keys, takes_whole
from allocator.documents.layers import path_of
from allocator.errors import BadDataError, Fault, UsageError, did_you_mean
from allocator.panel import Panel, View
from allocator.program.prepare import members_of
from allocator.study.draws import Draw, drawn, parse_draw
from allocator.study.ranges import values

__all__ = ["OVERRIDE", "Axis", "Plan", "Unit", "panel_digest", "plan_of"]

OVERRIDE, NONE = "override", "none"
# One sweep is about the same municipalities, and about numbers, not words.
_FIXED = ("base", "year", "area", "horizon", "title", "source", "vintage", "panel")


@dataclass(frozen=True, slots=True)
class Axis:
    """A key that is varied, and its values as they are written."""

    key: str
    values: tuple[str, ...]

    @property
    def numbers(self) -> tuple[float, ...] | None:
        """The values as numbers, if all are."""
        try:
            return tuple(float(value) for value in self.values)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Unit:
    """A municipality that a point has a number for; in a plan of several years, in one year."""

    code: str
    name: str
    county: str
    year: int


@dataclass(frozen=True)
class Plan:
    """A whole sweep, ready to be taken anywhere: its documents go with it, its figures do not.

    ``figures`` is the digest of the panel it was planned on; ``panel`` the folder, None for the
    shipped one. ``columns`` are the keys each point sets, in the order of :meth:`values_of`.
    """

    opened: Opened
    settings: tuple[str, ...]
    model: str | None
    axes: tuple[Axis, ...]
    draws: tuple[Draw, ...]
    times: int
    seed: int
    units: tuple[Unit, ...]
    panel: str | None
    figures: str
    several_years: bool
    weights: dict[str, dict[str, float]]

    def __len__(self) -> int:
        return prod(self.shape)

    def __getstate__(self) -> dict[str, Any]:
        """What travels: the draws are drawn anew where they are needed."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @property
    def shape(self) -> tuple[int, ...]:
        """How many values each key has, and how many draws there are."""
        return (*(len(axis.values) for axis in self.axes), self.times)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The keys that a point sets."""
        return (
            *(axis.key for axis in self.axes),
            *(key for keys, _ in self._drawn for key in keys),
        )

    @cached_property
    def _drawn(self) -> list[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
        return [
            drawn(
                draw,
                self.times,
                self.seed,
                whole=takes_whole(Scenario, path_of(f"{draw.key}=")[0]),
                weights=self.weights.get(draw.key, {}),
            )
            for draw in self.draws
        ]

    def values_of(self, point: int) -> tuple[str, ...]:
        """The values of a point, one for each of ``columns``."""
        *places, draw = np.unravel_index(point, self.shape)
        found = [axis.values[place] for axis, place in zip(self.axes, places, strict=True)]
        for _, rows in self._drawn:
            found += rows[draw]
        return tuple(found)

    def asked_of(self, point: int) -> tuple[list[str], tuple[str, ...]]:
        """The settings and the overrides with which ``propose`` makes the same proposal."""
        return self.asked_with(list(zip(self.columns, self.values_of(point), strict=True)))

    def asked_with(self, given: Sequence[tuple[str, str]]) -> tuple[list[str], tuple[str, ...]]:
        """The settings and the overrides that some keys and values come to."""
        overrides = tuple(value for key, value in given if key == OVERRIDE and value != NONE)
        settings = [f"{key}={value}" for key, value in given if key != OVERRIDE]
        return [*self.settings, *settings], overrides

    def case(self, point: int) -> Case:
        """The case of a point."""
        settings, overrides = self.asked_of(point)
        return self.opened.case(settings, self.model, *overrides)

    @cached_property
    def about(self) -> dict[str, Any]:
        """Everything the results depend on, as JSON-ready fields."""
        from importlib.metadata import version

        return {
            "schema": 1,
            "scenario": Path(self.opened.name).stem,
            "settings": list(self.settings),
            "model": self.model,
            "vary": {axis.key: list(axis.values) for axis in self.axes},
            "draw": [str(draw) for draw in self.draws],
            "draws": self.times if self.draws else 0,
            "seed": self.seed if self.draws else None,
            "figures": self.figures,
            "documents": self.opened.digest(),
            "versions": {
                "bosett": allocator.__version__,
                **{name: version(name) for name in ("numpy", "highspy")},
            },
        }

    @cached_property
    def id(self) -> str:
        """A hash over everything the results depend on."""
        text = json.dumps(self.about, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def plan_of(
    scenario: str,
    vary: Sequence[str] = (),
    draw: Sequence[str] = (),
    *,
    settings: Sequence[str] = (),
    model: str | None = None,
    draws: int = 100,
    seed: int = 1,
    panel: Path | str | None = None,
) -> Plan:
    """A sweep of a scenario from what is written on the command line; every fault at once.

    >>> plan = plan_of("ostfold-2016", ["need.total=700:800:50", "model=population,last-year"])
    >>> len(plan), plan.columns, plan.values_of(1)
    (6, ('need.total', 'model'), ('700', 'last-year'))
    """
    if not (vary or draw):
        told = Fault("sweep.nothing", "nothing is varied", "--vary KEY=VALUES or --draw KEY=…")
        raise UsageError(told)
    axes = tuple(_axis(text) for text in vary)
    drawing = tuple(parse_draw(text) for text in draw)
    _refuse_keys([axis.key for axis in axes], [each.key for each in drawing])
    opened = Opened(scenario)
    case = opened.case(list(settings), model)
    if panel is None and case.scenario.panel is not None:
        panel = case.scenario.panel.folder
    figures = Panel(panel)
    _fetch(opened, axes)
    view = View(figures, case.scenario.year, case.scenario.knows_until)
    horizon = case.scenario.horizon
    years = [case.scenario.year, *sorted(int(year) for year in horizon.need)] if horizon else []
    members = figures.gather(lambda: members_of(case.scenario, view))
    keys = {"key": case.rule.key, "minors.key": case.rule.minors.key or case.rule.key}
    return Plan(
        opened,
        tuple(settings),
        model,
        axes,
        drawing,
        draws if drawing else 1,
        seed,
        tuple(
            Unit(member.code, member.name, member.county_name, year)
            for year in years or [case.scenario.year]
            for member in members
        ),
        None if panel is None else str(panel),
        panel_digest(str(figures.folder)),
        bool(years),
        {
            each.key: {name: part.weight for name, part in keys[each.key].items()}
            for each in drawing
            if each.key in keys
        },
    )


def _axis(text: str) -> Axis:
    key, equals, given = text.partition("=")
    if not equals or not key.strip():
        told = Fault("vary.form", f"--vary {text}", "KEY=VALUES, such as need.total=5000:9000:500")
        raise UsageError(told)
    return Axis(".".join(path_of(f"{key}=")[0]), values(given, f"--vary {key.strip()}"))


def _refuse_keys(varied: list[str], drawing: list[str]) -> None:
    """Keys that no document has, that may not be varied, or that are named twice."""
    faults = []
    names = [*(("--vary", key) for key in varied), *(("--draw", key) for key in drawing)]
    for place, (option, key) in enumerate(names):
        path = tuple(key.split("."))
        if key in [other for _, other in names[:place]]:
            faults.append(Fault("vary.twice", f"{option} {key}: the key is there twice"))
        if path[0] in _FIXED:
            told = f"{option} {key}: a sweep is of one {path[0]}"
            remedy = "sweep each by itself: --set, or another scenario"
            faults.append(Fault("vary.fixed", told, remedy=remedy))
        elif key != OVERRIDE and not is_known(Scenario, path):
            near = did_you_mean(path[-1], known_keys(Scenario, path[:-1]))
            faults.append(Fault("vary.unknown", f"{option} {key}: there is no such key", "", near))
    if faults:
        raise UsageError(faults)


def _fetch(opened: Opened, axes: Sequence[Axis]) -> None:
    """Read every document that a point may ask for, so that none is read on the way."""
    overrides = next((axis.values for axis in axes if axis.key == OVERRIDE), (NONE,))
    names = next((axis.values for axis in axes if axis.key == "model"), ())
    for override in overrides:
        found = opened.stacked(*(() if override == NONE else (override,)))
        opened.model(found.scenario.model)
    for name in names:
        opened.model(name)


@lru_cache(maxsize=8)
def panel_digest(folder: str) -> str:
    """A hash over every table of a panel's folder."""
    whole = hashlib.sha256()
    paths = sorted(Path(folder).rglob("*.csv"))
    if not paths:
        raise BadDataError(Fault("panel.empty", f"there is no table in '{folder}'"))
    for path in paths:
        whole.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()
