"""Whether a county is in a case at all."""

from __future__ import annotations

from allocator.documents import Case
from allocator.errors import BadDataError, Fault
from allocator.program.problem import Units

__all__ = ["check_county"]


def check_county(case: Case, units: Units, county: str) -> None:
    """Refuse the code of a county that no municipality of the case is in; "" is of none.

    Raises :class:`~allocator.errors.BadDataError`.
    """
    if county and county not in units.counties:
        known = sorted(zip(units.counties, units.county_names, strict=True))
        told = f"{case.name} has no municipality in county {county}"
        inside = "one of its counties: " + ", ".join(f"{code} {name}" for code, name in known)
        raise BadDataError(Fault("county.outside", told, inside))
