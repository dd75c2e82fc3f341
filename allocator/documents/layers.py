"""Documents laid over one another: a scenario over its base, settings over the scenario.

It is done on the raw tables, before they are checked. A table lies over a table name by name; only
a key, which is one thing, is replaced whole. Minors are given in one number or in two ages, so
either form takes the place of the other.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from allocator.documents.read import read_toml
from allocator.documents.scenario import Scenario
from allocator.errors import Fault, UsageError

__all__ = ["MINORS", "Raw", "body", "laid", "over_scenario", "overlay", "path_of"]

Raw = dict[str, Any]
# Each form of the minors, and what it takes the place of.
MINORS = {"em": ("em_under15", "em_15_17"), "em_under15": ("em",), "em_15_17": ("em",)}


def body(path: Path) -> Raw:
    """The raw tables of a document, without the name of its schema."""
    return {name: value for name, value in read_toml(path).items() if name != "$schema"}


def overlay(base: Mapping[str, Any], over: Mapping[str, Any]) -> Raw:
    """``over`` laid on ``base``, table by table. A key is one thing: it is replaced whole.

    >>> overlay({"lot": {"persons": 5, "minors": 5}}, {"lot": {"persons": 10}})
    {'lot': {'persons': 10, 'minors': 5}}
    >>> overlay({"key": {"population": 1}}, {"key": {"settled": 1}})
    {'key': {'settled': 1}}
    """
    merged = dict(base)
    for name, value in over.items():
        below = merged.get(name)
        if isinstance(value, Mapping) and isinstance(below, Mapping) and name != "key":
            merged[name] = overlay(below, value)
        else:
            merged[name] = value
    return merged


def over_scenario(below: Raw, over: Mapping[str, Any]) -> Raw:
    """The same for scenarios: a form of the minors in ``over`` takes the place of the other.

    >>> over_scenario({"need": {"total": 9, "em": 3}}, {"need": {"em_under15": 1, "em_15_17": 2}})
    {'need': {'total': 9, 'em_under15': 1, 'em_15_17': 2}}
    """
    need, given = below.get("need"), over.get("need")
    if isinstance(need, dict) and isinstance(given, dict):
        replaced = {name for form in given for name in MINORS.get(form, ())}
        below = {**below, "need": {at: need[at] for at in need if at not in replaced}}
    return overlay(below, over)


@lru_cache(maxsize=4096)
def path_of(setting: str) -> tuple[tuple[str, ...], str]:
    """The key path and the text of a setting.

    >>> path_of('municipality."0101".lock = 5')
    (('municipality', '0101', 'lock'), '5')
    """
    key, equals, text = setting.partition("=")
    path = tuple(part.strip().strip("\"'") for part in key.split("."))
    if not equals or not all(path):
        raise UsageError(
            Fault("setting.form", f"--set {setting}", "key=value, such as need.total=14000")
        )
    if path == ("base",):
        told = f"--set {setting}: a base is said in a document"
        raise UsageError(Fault("setting.base", told, remedy="name the other scenario instead"))
    return path, text.strip()


def laid(raw: Raw, setting: str, model: Callable[[], Raw]) -> Raw:
    """The raw tables of a scenario with ``a.b=value`` over them; the value is TOML, or plain text.

    Where text stands – a county code, a period, a title – the value is text even if it looks like a
    number. A setting into ``key`` or ``minors.key`` changes that one criterion and leaves the
    others as they are in the scenario's own key or, where it has none, in the key of its ``model``;
    a number is the criterion's weight. ``key={ … }`` replaces the key whole, as ``[key]`` does in a
    document. ``need.em`` takes the place of the ages, and an age that of ``need.em``.

    >>> raw = laid({"need": {"total": 780, "em": 197}}, "need.em_under15=20", dict)
    >>> raw = laid(raw, "area.county=01", dict)
    >>> raw = laid(raw, "key.settled=0.3", lambda: {"key": {"population": 0.7}})
    >>> raw["need"], raw["area"]
    ({'total': 780, 'em_under15': 20}, {'county': '01'})
    >>> raw["key"]
    {'population': 0.7, 'settled': {'weight': 0.3}}
    """
    raw = dict(raw)
    path, text = path_of(setting)
    value = _value(path, text)
    for key in (("key",), ("minors", "key")):
        if path[: len(key)] == key and len(path) > len(key):
            name = path[len(key)]
            _take_over_key(raw, key, name, setting, model)
            if path == (*key, name) and not isinstance(value, dict):
                path = (*path, "weight")
    table = _own_table(raw, path[:-1], setting)
    if value == "" and path[0] == "municipality" and len(path) == 3:
        table.pop(path[-1], None)
    else:
        table[path[-1]] = value
    if path[:-1] == ("need",):
        for form in MINORS.get(path[-1], ()):
            table.pop(form, None)
    return raw


def _take_over_key(
    raw: Raw, key: tuple[str, ...], name: str, setting: str, model: Callable[[], Raw]
) -> None:
    """See that there is a key to lay a criterion over, and that the criterion is spelled out."""
    if "key" not in _own_table(raw, key[:-1], setting):
        given = _own_table(dict(model()), key, setting)
        _own_table(raw, key[:-1], setting)["key"] = given
    parts = _own_table(raw, key, setting)
    if name in parts and not isinstance(parts[name], dict):
        parts[name] = {"weight": parts[name]}


def _own_table(raw: Raw, path: tuple[str, ...], setting: str) -> Raw:
    """The table at a path, on the way to which every table is a copy that may be changed."""
    table = raw
    for part in path:
        inner = table.get(part, {})
        if not isinstance(inner, dict):
            raise UsageError(Fault("setting.path", f"--set {setting}: '{part}' is not a table"))
        table[part] = inner = dict(inner)
        table = inner
    return table


@lru_cache(maxsize=4096)
def _value(path: tuple[str, ...], text: str) -> Any:
    """The value a setting gives: TOML where it can be read as what stands there, or else text."""
    from allocator.documents.kinds import takes_text

    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text
    kept = takes_text(Scenario, path)
    return text if kept and not isinstance(value, kept) else value
