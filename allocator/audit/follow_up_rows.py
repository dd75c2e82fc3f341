"""What a follow-up is made of: a municipality, an area that sums several, a year of a trend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allocator.audit.answers import Stages
from allocator.audit.published import Published
from allocator.audit.sums import Summary

__all__ = ["Area", "Row", "Year"]


@dataclass(frozen=True, slots=True)
class Row:
    """One municipality of the year: what it was asked for, and what became of it."""

    code: str
    name: str
    county: str
    county_name: str
    population: int | None
    size: str
    centrality: str
    total: Stages
    em: Stages

    def as_dict(self) -> dict[str, Any]:
        """Flat fields: those of all persons, then ``em_…`` those of the minors among them."""
        own = ("code", "name", "county", "county_name", "population", "size", "centrality")
        fields = {name: getattr(self, name) for name in own}
        return {**fields, **self.total.as_dict(), **self.em.as_dict("em_")}


@dataclass(frozen=True, slots=True)
class Area:
    """A county, the nation or a class: the sum of its municipalities, and its own figures.

    ``published`` are figures of the whole area as printed, ``newest`` one for each stage and group
    of the latest vintage that holds the country.
    """

    code: str
    name: str
    municipalities: int
    total: Summary
    em: Summary
    published: tuple[Published, ...] = ()
    newest: tuple[Published, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Flat fields, but for the list of published figures."""
        return {
            "code": self.code,
            "name": self.name,
            "municipalities": self.municipalities,
            **self.total.as_dict(),
            **self.em.as_dict("em_"),
            "published": [figure.as_dict() for figure in self.published],
        }

    def own(self, stage: str, group: str = "total", vintage: str = "") -> int | None:
        """The area's own figure of a stage, of the newest national vintage or of a named one."""
        among = self.published if vintage else self.newest
        for figure in among:
            if (figure.stage, figure.group) == (stage, group) and vintage in ("", figure.vintage):
                return figure.persons
        return None


@dataclass(frozen=True, slots=True)
class Year:
    """One year of a trend: the sum of the same area, or why there is none."""

    year: int
    area: Area | None
    why: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The year, and the sum's fields."""
        if self.area is None:
            return {"year": self.year, "why": self.why}
        return {"year": self.year, "why": "", **self.area.as_dict()}
