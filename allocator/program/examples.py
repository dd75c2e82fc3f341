"""A three-municipality problem, small enough to read whole: for doctests and golden programs."""

from __future__ import annotations

import numpy as np

from allocator.program.problem import Bound, Problem, Units

__all__ = ["three"]


def three(*bounds: Bound, need: tuple[int, int] = (80, 20), **changes: object) -> Problem:
    """Three municipalities in two counties: 100 persons, 20 of them minors."""
    units = Units(
        codes=("0301", "3101", "3103"),
        names=("Oslo", "Halden", "Moss"),
        counties=("03", "31"),
        county_of=np.array([0, 1, 1]),
        county_names=("Oslo", "Østfold"),
        population=np.array([700_000.0, 30_000.0, 50_000.0]),
    )
    share = units.population / units.population.sum()
    fields: dict[str, object] = {
        "units": units,
        "groups": ("ordinary", "em"),
        "need": np.array(need),
        "entitlement": share * sum(need),
        "entitlement_minors": share * need[1],
        "last": np.array([60.0, 10.0, 20.0]),
        "bounds": bounds,
    }
    return Problem(**{**fields, **changes})  # type: ignore[arg-type]
