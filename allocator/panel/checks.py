"""Is a panel true to itself? What does not fit is found, and each finding has its row and source.

The tables are read first, with every fault of :meth:`Panel.check`. Then the figures are held
against one another: parts against wholes, municipalities against counties and the nation, decisions
against requests, settlement against decisions, each year against the one before. What the sources
themselves have that is odd stands in ``oddities.csv`` beside the figures, with its explanation.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import pairwise

from allocator.panel.figures import Figure, Series, Status
from allocator.panel.oddities import Finding, explained, read_oddities
from allocator.panel.store import Panel

__all__ = ["CHECKS", "findings"]

CHECKS = (
    *("source", "gap", "parts", "county-sum", "nation-sum", "unasked", "settled", "jump"),
    "oddity",
)
"""What is looked for, in the order of telling."""

_FAR = 1.5  # settled so many times what was decided …
_MANY = 50  # … and so many persons more, is far above
_GROWTH, _PEOPLE = 0.10, 150  # inhabitants that come or go in a year
_SHARE, _ASKED = 5.0, 100  # a municipality's share of all that is asked, from year to year


def findings(panel: Panel) -> tuple[Finding, ...]:
    """Everything that does not fit in a panel, explained as far as its oddities explain it.

    Raises :class:`~allocator.errors.BadDataError` with every fault of every table first.
    """
    panel.check()
    looker, oddities = _Looker(panel), read_oddities(panel.folder / "oddities.csv")
    found = explained([each for check in CHECKS[:-1] for each in looker.run(check)], oddities)
    return tuple(sorted(found, key=lambda each: (CHECKS.index(each.check), each.year, each.code)))


class _Looker:
    """The checks, over one panel."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._rows: dict[str, dict[tuple[str, ...], int]] = {}

    def run(self, check: str) -> Iterator[Finding]:
        """The findings of one check."""
        yield from {
            "source": self._sources,
            "gap": self._gaps,
            "parts": self._parts,
            "county-sum": self._county_sums,
            "nation-sum": self._nation_sums,
            "unasked": self._unasked,
            "settled": self._settled,
            "jump": self._jumps,
        }[check]()

    # -- who said it -------------------------------------------------------------------------------

    def _sources(self) -> Iterator[Finding]:
        """Every source that a row names is in sources.csv."""
        known = {row["source"] for row in self._table("sources.csv")}
        told: set[tuple[str, str]] = set()
        for name, series in self._every_series():
            for figure in series.values():
                for source in figure.source.replace(";", "+").split("+"):
                    if source not in known and (name, source) not in told:
                        told.add((name, source))
                        yield Finding(
                            "source", "", "", "", "", "", source, "sources.csv", name, None, source
                        )

    def _every_series(self) -> Iterator[tuple[str, Series]]:
        panel = self._panel
        for year in panel.years("population"):
            yield f"population/{year}.csv", panel.population(year)
        for year in panel.years("requests"):
            for vintage, stage, group in panel.request_keys(year):
                yield f"requests/{year}.csv", panel.requests(year, stage, group, vintage)
        for name in panel.indicators():
            for series in panel.indicator_periods(name).values():
                yield f"indicators/{name}.csv", series

    # -- what is not there -------------------------------------------------------------------------

    def _gaps(self) -> Iterator[Finding]:
        """A municipality of a year without inhabitants, or without a row of what was asked."""
        panel = self._panel
        for year in panel.years("population"):
            series = panel.population(year)
            yield from self._missing(year, series, "", "population", "")
            for code, figure in series.items():
                if figure.value is None:
                    key = (str(year), code, "", "population", "")
                    yield self._finding("gap", key, figure, "")
        for year in panel.years("requests"):
            series = panel.requests(year, "requested")
            yield from self._missing(year, series, "total", "requested", "final")

    def _missing(
        self, year: int, series: Series, group: str, stage: str, vintage: str
    ) -> Iterator[Finding]:
        units = self._panel.units_of(year)
        table = f"population/{year}.csv" if stage == "population" else f"requests/{year}.csv"
        if series:
            for unit in units:
                if unit.code not in series:
                    at = (str(year), unit.code, group, stage, vintage)
                    yield Finding("gap", *at, "", "a row", table, None, "")

    # -- parts and wholes --------------------------------------------------------------------------

    def _parts(self) -> Iterator[Finding]:
        """Minors are no more than all, and the two ages make the minors."""
        panel = self._panel
        for year in panel.years("requests"):
            keys = panel.request_keys(year)
            for vintage, stage, group in sorted(keys):
                if group != "em":
                    continue
                minors = panel.requests(year, stage, "em", vintage)
                total = panel.requests(year, stage, "total", vintage)
                young = panel.requests(year, stage, "em_under15", vintage)
                older = panel.requests(year, stage, "em_15_17", vintage)
                for code, figure in minors.items():
                    key = (str(year), code, "em", stage, vintage)
                    whole = total.get(code)
                    if figure.value is None:
                        continue
                    if whole is not None and whole.value is not None and whole.value < figure.value:
                        yield self._finding("parts", key, figure, _shown(whole))
                    ages = [series[code].value for series in (young, older) if code in series]
                    if len(ages) == 2 and None not in ages:
                        both = sum(value or 0 for value in ages)
                        if both != figure.value:
                            yield self._finding("parts", key, figure, f"{both:g}")

    def _county_sums(self) -> Iterator[Finding]:
        """The municipalities of a county make what the county table says."""
        for line, row in enumerate(self._table("requests_county.csv"), start=2):
            if not row["persons"] or row["group"] == "collective_protection":
                continue
            year = int(row["year"])
            codes = {u.code for u in self._panel.units_of(year) if u.county == row["county"]}
            at = (row["year"], row["county"], row["group"], row["stage"], row["vintage"])
            yield from self._sum("county-sum", at, codes, row, line, "requests_county.csv")

    def _nation_sums(self) -> Iterator[Finding]:
        """All municipalities make what the nation's table says."""
        for line, row in enumerate(self._table("requests_nation.csv"), start=2):
            codes = {unit.code for unit in self._panel.units_of(int(row["year"]))}
            at = (row["year"], "", row["group"], row["stage"], "final")
            yield from self._sum("nation-sum", at, codes, row, line, "requests_nation.csv")

    def _sum(
        self,
        check: str,
        at: tuple[str, str, str, str, str],
        codes: set[str],
        row: dict[str, str],
        line: int,
        table: str,
    ) -> Iterator[Finding]:
        year, _, group, stage, vintage = at
        series = self._panel.requests(int(year), stage, group, vintage)
        if not series:
            series = self._panel.requests(int(year), stage, group)
        known = {code: series[code] for code in codes if code in series}
        if not known or (group != "total" and len(known) < len(codes)):
            return  # minors are there for some municipalities only
        reported = sum(figure.value or 0 for figure in known.values())
        hidden = sum(figure.value is None for figure in known.values()) + len(codes) - len(known)
        published = int(row["persons"])
        if reported != published:
            why = "hidden" if hidden and reported < published else ""
            numbers = (f"{reported:g}", str(published))
            yield Finding(check, *at, *numbers, table, line, row["source"], why)

    # -- one stage against the one before ----------------------------------------------------------

    def _unasked(self) -> Iterator[Finding]:
        """A council decided to settle without having been asked."""
        for year in self._panel.years("requests"):
            asked, decided = (self._panel.requests(year, s) for s in ("requested", "decided"))
            for code, figure in decided.items() if asked else ():
                request = asked.get(code, Figure(None, Status.MISSING))
                if figure.value and not request.value and request.status != Status.SUPPRESSED:
                    key = (str(year), code, "total", "decided", "final")
                    yield self._finding("unasked", key, figure, _shown(request))

    def _settled(self) -> Iterator[Finding]:
        """Far more were settled than was decided."""
        for year in self._panel.years("requests"):
            decided, settled = (self._panel.requests(year, s) for s in ("decided", "settled"))
            for code, figure in settled.items():
                decision = decided.get(code)
                if decision is None or decision.reported is None or figure.reported is None:
                    continue
                limit = max(_FAR * decision.reported, decision.reported + _MANY)
                if figure.reported > limit:
                    key = (str(year), code, "total", "settled", "final")
                    yield self._finding("settled", key, figure, _shown(decision))

    # -- one year against the one before -----------------------------------------------------------

    def _jumps(self) -> Iterator[Finding]:
        """Inhabitants, or a share of all that is asked, are quite other than the year before."""
        panel = self._panel
        for before, year in self._pairs("population"):
            old = panel.borders.carry(panel.population(before), before, year)
            for code, figure in panel.population(year).items():
                was = old.get(code)
                if was is None or not was.value or figure.value is None or was.estimated:
                    continue
                change = abs(figure.value - was.value)
                if change > max(_GROWTH * was.value, _PEOPLE):
                    key = (str(year), code, "", "population", "")
                    yield self._finding("jump", key, figure, _shown(was))
        for before, year in self._pairs("requests"):
            old = panel.borders.carry(panel.requests(before, "requested"), before, year)
            yield from self._share_jumps(year, old, panel.requests(year, "requested"))

    def _share_jumps(self, year: int, old: Series, new: Series) -> Iterator[Finding]:
        was_all = sum(figure.value or 0 for figure in old.values())
        all_ = sum(figure.value or 0 for figure in new.values())
        for code, figure in new.items():
            was = old.get(code)
            if was is None or was.estimated or not was.value or not figure.value:
                continue
            alike = was.value * all_ / was_all
            more = max(figure.value / alike, alike / figure.value)
            if more > _SHARE and abs(figure.value - alike) > _ASKED:
                key = (str(year), code, "total", "requested", "final")
                yield self._finding("jump", key, figure, f"{alike:.0f}")

    def _pairs(self, folder: str) -> Iterator[tuple[int, int]]:
        years = self._panel.years(folder)
        yield from ((a, b) for a, b in pairwise(years) if b == a + 1)

    # -- where it stands ---------------------------------------------------------------------------

    def _finding(
        self, check: str, key: tuple[str, str, str, str, str], figure: Figure, against: str
    ) -> Finding:
        year, people = key[0], key[3] == "population"
        table = f"{'population' if people else 'requests'}/{year}.csv"
        row = self._row_of(table, key[:2] if people else key)
        return Finding(check, *key, _shown(figure), against, table, row, figure.source)

    def _row_of(self, table: str, key: tuple[str, ...]) -> int | None:
        if table not in self._rows:
            names = ("year", "code", "group", "stage", "vintage")[: len(key)]
            rows = self._table(table)
            self._rows[table] = {
                tuple(row[name] for name in names): line for line, row in enumerate(rows, start=2)
            }
        return self._rows[table].get(key)

    def _table(self, name: str) -> list[dict[str, str]]:
        path = self._panel.folder / name
        if not path.is_file():
            return []
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))


def _shown(figure: Figure) -> str:
    if figure.value is None:
        return figure.status.value
    return f"{figure.value:g}"
