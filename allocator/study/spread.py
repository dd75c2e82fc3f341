"""A sweep in short: how each municipality's number spreads, what holds it, and where it flips.

Over the points that have a proposal, each counting alike. Quantiles are numbers that occur (the
inverse of the distribution function), so that they are whole persons.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from allocator.study.plan import Axis, Plan, Unit
from allocator.study.points import BINDING, FAILED

__all__ = ["QUANTILES", "flips", "summary"]

Ints = npt.NDArray[np.int32]
QUANTILES = (5, 25, 50, 75, 95)


def summary(plan: Plan, totals: Ints, held: Ints) -> list[dict[str, Any]]:
    """One row for each municipality: quantiles, mean, and the part of the points it is held in.

    ``totals`` and ``held`` are (points, units), as :class:`allocator.study.points.Chunk` has them.
    ``asked`` is the part of the points in which anybody is asked for, ``held_lot`` that in which
    the family ``lot`` holds the number; only families that hold somebody somewhere are told.
    """
    rows, bits = [], np.zeros(len(BINDING), dtype=bool)
    for place, unit in enumerate(plan.units):
        column, masks = np.array(totals[:, place]), np.array(held[:, place])
        there = column != FAILED
        found, masks = np.sort(column[there]), masks[there]
        parts = {}
        for bit, name in enumerate(BINDING):
            count = int(((masks >> bit) & 1).sum())
            bits[bit] |= count > 0
            parts[name] = round(count / len(found), 6) if len(found) else None
        rows.append({**_named(plan, unit), **_spread(found), "held": parts})
    seen = [name for name, some in zip(BINDING, bits, strict=True) if some]
    for row in rows:
        parts = row.pop("held")
        row |= {f"held_{name}": parts[name] for name in seen}
    return rows


def _named(plan: Plan, unit: Unit) -> dict[str, Any]:
    year = {"year": unit.year} if plan.several_years else {}
    return {"code": unit.code, "name": unit.name, "county": unit.county, **year}


def _spread(found: Ints) -> dict[str, Any]:
    """The spread of sorted numbers."""
    count = len(found)
    names = ["min", *(f"p{q:02d}" for q in QUANTILES), "max"]
    if not count:
        return {"points": 0, "asked": None, "mean": None, **dict.fromkeys(names)}
    # The smallest number that at least q % of all do not pass.
    places = [0, *(-(-count * q // 100) - 1 for q in QUANTILES), count - 1]
    return {
        "points": count,
        "asked": round(int((found > 0).sum()) / count, 6),
        "mean": round(int(found.sum(dtype=np.int64)) / count, 4),
        **{name: int(found[at]) for name, at in zip(names, places, strict=True)},
    }


def flips(plan: Plan, totals: Ints, held: Ints) -> list[dict[str, Any]]:
    """Where along a varied key something about a municipality's number becomes another.

    Along each key with numbers for values, everything else held, neighbouring points are compared:
    ``asked`` and ``not_asked``, ``held_by_…`` and ``free_of_…`` a family, ``falls`` where the
    number falls though the key rises. A row counts the lines along the key in which it happens
    (``lines`` of ``of``) and tells at which value: the first, the median and the last. A value is
    the first at which the new state holds.
    """
    rows = []
    for at, axis in enumerate(plan.axes):
        if axis.numbers is None or len(axis.values) < 2:
            continue
        order = np.argsort(np.array(axis.numbers), kind="stable")
        for place, unit in enumerate(plan.units):
            column = _lines(plan, totals[:, place], at)[order]
            masks = _lines(plan, held[:, place], at)[order]
            for what, events in _events(column, masks):
                rows.append(_flip(plan, axis, unit, what, events, order))
    return rows


def _lines(plan: Plan, column: Ints, at: int) -> Ints:
    """A unit's numbers as (values of the key, lines)."""
    cube = np.moveaxis(np.array(column).reshape(plan.shape), at, 0)
    lines: Ints = cube.reshape(len(cube), -1)
    return lines


def _events(column: Ints, masks: Ints) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    """What happens between neighbours, (values − 1, lines); nothing where it never does."""
    before, after = column[:-1], column[1:]
    both = (before != FAILED) & (after != FAILED)
    happening = [
        ("asked", both & (before == 0) & (after > 0)),
        ("not_asked", both & (before > 0) & (after == 0)),
        ("falls", both & (after < before)),
    ]
    changed = np.where(both, masks[:-1] ^ masks[1:], 0)
    some = int(np.bitwise_or.reduce(changed, axis=None)) if changed.size else 0
    for bit, name in enumerate(BINDING):
        if some >> bit & 1:
            moved, now = (changed >> bit & 1).astype(bool), (masks[1:] >> bit & 1).astype(bool)
            happening += [(f"held_by_{name}", moved & now), (f"free_of_{name}", moved & ~now)]
    return ((what, events) for what, events in happening if events.any())


def _flip(
    plan: Plan, axis: Axis, unit: Unit, what: str, events: npt.NDArray[np.bool_], order: Any
) -> dict[str, Any]:
    places = np.sort(np.nonzero(events)[0]) + 1
    first, median, last = (
        axis.values[order[places[at]]] for at in (0, (len(places) - 1) // 2, len(places) - 1)
    )
    return {
        "key": axis.key,
        **_named(plan, unit),
        "what": what,
        "lines": int(events.any(axis=0).sum()),
        "of": events.shape[1],
        "first": first,
        "median": median,
        "last": last,
    }
