"""Follow-up: request → decision → agreed → settled, and who is short, beyond or without an answer.

Utilisation is settled / decided and acceptance decided / requested, in per cent, of figures that
are both known. Nothing that is hidden, pending or missing is taken as 0; sums say what they leave
out, and stand beside what the county itself published. Utilisation is the measure of the
municipal prize: Rælingen decided 40 and settled 50 in 2016, 125 % (Bosettingsprisen 2016
nominations, IMDi, February 2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from allocator.audit.answers import Stages, count_of
from allocator.audit.classes import SIZES, UNKNOWN, Centrality, centrality, inhabitants, size_class
from allocator.audit.follow_up_rows import Area, Row, Year
from allocator.audit.published import NATION, Published, newest, published
from allocator.audit.ranking import FLOOR, Ranked, ranking
from allocator.audit.sums import STAGE_NAMES, summary
from allocator.errors import BadDataError, Fault, did_you_mean
from allocator.panel import Municipality, Panel, Series
from allocator.panel.names import county_of

__all__ = ["FLOOR", "FollowUp", "follow_up", "trend"]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A year followed up, in one vintage of figures.

    ``stages`` and ``em_stages`` are those the vintage has at all. ``whole`` sums all rows: the
    nation, or the county that was asked about; ``nation`` is None where a county is asked about in
    a vintage that need not hold the others.
    """

    year: int
    vintage: str
    county: str
    stages: tuple[str, ...]
    em_stages: tuple[str, ...]
    centrality: str
    outside: int
    rows: tuple[Row, ...]
    counties: tuple[Area, ...]
    whole: Area
    nation: Area | None
    sizes: tuple[Area, ...]
    centralities: tuple[Area, ...]
    floor: int
    ranked_by: str
    ranked: tuple[Ranked, ...]
    years: tuple[Year, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, ``"schema": 1``."""
        return {
            "schema": 1,
            "year": self.year,
            "vintage": self.vintage,
            "county": self.county or None,
            "stages": self.stages,
            "em_stages": self.em_stages,
            "centrality": self.centrality or None,
            "outside_vintage": self.outside,
            "rows": [row.as_dict() for row in self.rows],
            "counties": [area.as_dict() for area in self.counties],
            "nation": self.nation.as_dict() if self.nation else None,
            "sizes": [area.as_dict() for area in self.sizes],
            "centralities": [area.as_dict() for area in self.centralities],
            "ranking": {
                "by": self.ranked_by,
                "floor": self.floor,
                "rows": [one.as_dict() for one in self.ranked],
            },
            "trend": [year.as_dict() for year in self.years],
        }


def follow_up(
    panel: Panel,
    year: int,
    *,
    county: str = "",
    vintage: str = "final",
    floor: int = FLOOR,
    years: Sequence[int] = (),
) -> FollowUp:
    """The follow-up of a year: of the country, or of a county by code or name.

    ``floor`` is the smallest request that the ranking looks at, ``years`` those of a trend. A
    vintage other than ``final`` is about the municipalities it has figures for, and no others.
    Raises :class:`~allocator.errors.BadDataError` where there is no such year, county or vintage.

    >>> spring = follow_up(Panel(), 2015, county="01", vintage="ostfold-report").whole.total
    >>> spring.stages["requested"].persons, spring.stages["decided"].persons, spring.too_few
    (435, 331, 104)
    """
    return panel.gather(lambda: _follow_up(panel, year, county, vintage, floor, years))


def _follow_up(
    panel: Panel, year: int, county: str, vintage: str, floor: int, years: Sequence[int]
) -> FollowUp:
    units, figures = panel.municipalities(year), published(panel, year, vintage)
    area = county_of(units, county, year) if county else ""
    series = {
        group: {stage: panel.requests(year, stage, group, vintage) for stage in STAGE_NAMES}
        for group in ("total", "em")
    }
    if not figures and not any(any(stages.values()) for stages in series.values()):
        raise _nothing(panel, year, vintage)
    latest = newest(panel, year, figures)
    nation_figures = figures
    figures = tuple(figure for figure in figures if area in ("", figure.area))
    inside = [unit for unit in units if area in ("", unit.county)]
    everywhere = units
    if vintage != "final":
        named = {code for stages in series.values() for found in stages.values() for code in found}
        units = tuple(unit for unit in inside if unit.code in named)
    else:
        units = tuple(inside)
    if not units and not figures:
        raise _nothing(panel, year, vintage, area)
    classes, people = centrality(panel, year), inhabitants(panel, year)
    everybody = {unit.code: _row(unit, series, people, classes) for unit in everywhere}
    rows = tuple(everybody[unit.code] for unit in units)
    by, ranked = ranking([(row.code, row.name, row.county_name, row.total) for row in rows], floor)
    names = {unit.county: unit.county_name for unit in inside}
    here = sorted({row.county for row in rows} | {f.area for f in figures if f.area != NATION})
    counties = tuple(
        _area(code, names.get(code, code), [r for r in rows if r.county == code], figures, latest)
        for code in here
    )
    nation = None
    if vintage == "final" or not area:
        among = tuple(everybody.values()) if area else rows
        nation = _area(NATION, NATION, among, nation_figures, latest)
    return FollowUp(
        year=year,
        vintage=vintage,
        county=area,
        stages=_given(series["total"]),
        em_stages=_given(series["em"]),
        centrality=classes.indicator,
        outside=len(inside) - len(rows),
        rows=rows,
        counties=counties,
        whole=nation if nation and not area else counties[0],
        nation=nation,
        sizes=_classes(rows, "size", SIZES),
        centralities=_classes(rows, "centrality", classes.order) if classes.indicator else (),
        floor=floor,
        ranked_by=by,
        ranked=ranked,
        years=trend(panel, years, county=county, vintage=vintage),
    )


def trend(
    panel: Panel, years: Sequence[int], *, county: str = "", vintage: str = "final"
) -> tuple[Year, ...]:
    """The sums of one area over years. A year without it says why and has no figures.

    >>> [(y.year, y.area.total.stages["requested"].persons) for y in trend(Panel(), [2014, 2016])]
    [(2014, 10973), (2016, 18517)]
    """
    found = []
    for year in years:
        try:
            whole = follow_up(panel, year, county=county, vintage=vintage).whole
            found.append(Year(year, whole))
        except BadDataError as error:
            own = {"follow-up.none", "county.unknown", "panel.no-municipalities"}
            if any(fault.code not in own for fault in error.faults):
                raise
            found.append(Year(year, None, "; ".join(fault.found for fault in error.faults)))
    return tuple(found)


def _row(
    unit: Municipality,
    series: dict[str, dict[str, Series]],
    people: Series,
    classes: Centrality,
) -> Row:
    figure = people.get(unit.code)
    population = None if figure is None or figure.value is None else round(figure.value)
    total, em = (
        Stages(**{name: count_of(found.get(unit.code), bool(found)) for name, found in of.items()})
        for of in series.values()
    )
    return Row(
        unit.code,
        unit.name,
        unit.county,
        unit.county_name,
        population,
        size_class(population),
        classes[unit.code],
        total,
        em,
    )


def _area(
    code: str,
    name: str,
    rows: Sequence[Row],
    figures: Sequence[Published] = (),
    latest: Sequence[Published] = (),
) -> Area:
    return Area(
        code,
        name,
        len(rows),
        summary([row.total for row in rows]),
        summary([row.em for row in rows]),
        tuple(figure for figure in figures if figure.area == code),
        tuple(figure for figure in latest if figure.area == code),
    )


def _classes(rows: Sequence[Row], by: str, order: Sequence[str]) -> tuple[Area, ...]:
    """The rows class by class, those of unknown class last; empty classes are left out."""
    found = {each: [row for row in rows if getattr(row, by) == each] for each in (*order, UNKNOWN)}
    return tuple(_area(each, each, among) for each, among in found.items() if among)


def _given(stages: dict[str, Series]) -> tuple[str, ...]:
    return tuple(name for name, found in stages.items() if found)


def _nothing(panel: Panel, year: int, vintage: str, county: str = "") -> BadDataError:
    years = panel.years("requests")
    of = f"county {county} in {year}" if county else str(year)
    if year not in years:
        given = f"{years[0]}–{years[-1]}" if years else "none"
        return BadDataError(
            Fault("follow-up.none", f"the panel has no requests for {of}", remedy=f"known: {given}")
        )
    known = {*panel.vintages(year), *(f.vintage for f in published(panel, year))}
    return BadDataError(
        Fault(
            "follow-up.none",
            f"the panel has no figures of vintage '{vintage}' for {of}",
            remedy=did_you_mean(vintage, known - {vintage}),
        )
    )
