"""Inhabitants added up from sexes and single ages; a part that is not all there is no sum."""

from __future__ import annotations

import re
from collections import Counter

from allocator.panel.figures import Status
from allocator.panel.importers.batch import Batch, Row
from allocator.panel.importers.codes import Codes, bare_code
from allocator.panel.importers.signs import Read

__all__ = ["OLDEST", "People"]

OLDEST = 105  # "105 years or older" is SSB's last age
_ALL = frozenset(range(OLDEST + 1))
_BOTH = frozenset({"", "0", "both sexes", "begge kjønn", "begge kjonn", "i alt", "total"})
_EACH = (
    frozenset({"1", "2"}),
    frozenset({"males", "females"}),
    frozenset({"menn", "kvinner"}),
    frozenset({"menn", "kvinnor"}),
)
_GROUP = re.compile(r"population_([0-9]+)_([0-9]+|plus)")


class People:
    """Gathers figures by region, year, sex and age; ``close`` adds them up into the batch."""

    def __init__(self, batch: Batch) -> None:
        self._batch, self._codes = batch, Codes(batch.panel)
        self._parts: dict[tuple[str, int], dict[tuple[str, int | None], tuple[Read, int, str]]] = {}
        self._groups = {
            name: frozenset(range(int(found[1]), _last(found[2]) + 1))
            for name in batch.panel.catalogue
            if (found := _GROUP.fullmatch(name))
        }

    def add(
        self, region: str, year: str, sex: str, age: str, read: Read, row: int, column: str
    ) -> None:
        """One figure of a region in a year; sex and age are "" where the table has none."""
        batch, code = self._batch, bare_code(region)
        if not (len(code) == 4 and code.isascii() and code.isdigit()) or code == "9999":
            batch.left_out["regions"] += 1
            return
        if not re.fullmatch(r"(19|20)[0-9]{2}", year):
            batch.fault("year", f"'{year[:20]}' is not a year", "such as 2026", "", row, column)
            return
        of = int(year)
        if batch.options.since is not None and of < batch.options.since:
            batch.left_out[f"since:{batch.options.since}"] += 1
            return
        number = _age(age)
        if number == -1:
            found = f"'{age[:30]}' is not an age"
            expected = "single ages such as 000 or '1 year', or none"
            batch.fault("age", found, expected, "", row, "age")
            return
        parts = self._parts.setdefault((region, of), {})
        key = (sex.strip().lower(), number)
        if key in parts:
            found = f"{code} {year} is given twice for one sex and age"
            batch.fault("duplicate", found, "once", f"first in row {parts[key][1]}", row, column)
            return
        parts[key] = (read, row, column)

    def close(self) -> None:
        """Every sum that is complete, as rows; why the others are not, as faults."""
        incomplete: Counter[str] = Counter()
        for (region, year), parts in self._parts.items():
            sexes = {sex for sex, _ in parts}
            if not (len(sexes) == 1 and sexes <= _BOTH) and frozenset(sexes) not in _EACH:
                incomplete[f"only some sexes: {', '.join(sorted(sexes))[:40]}"] += 1
                continue
            code = self._code(region, year, parts)
            if code is None:
                continue
            ages = {age for _, age in parts}
            made = 0
            if None in ages or ages >= _ALL:
                wanted = frozenset({None}) if None in ages else _ALL
                made += self._sum(f"population/{year}", (str(year), code), parts, wanted, sexes)
            of = self._batch.panel.borders_year(str(year))
            for name, group in self._groups.items():
                if ages >= group and self._batch.panel.existed(code, of):
                    key = (str(year), code)
                    made += self._sum(f"indicators/{name}", key, parts, group, sexes)
            if not made:
                incomplete[f"{len(ages)} of {len(_ALL)} ages"] += 1
        for why, count in sorted(incomplete.items()):
            found = f"{count} regions and years are not complete: {why}"
            expected = f"both sexes, and all ages 0 to {OLDEST} or those of an age group"
            remedy = "ask for the whole table, or for sums over sex and age"
            self._batch.fault("incomplete", found, expected, remedy, None, None)

    def _code(
        self, region: str, year: int, parts: dict[tuple[str, int | None], tuple[Read, int, str]]
    ) -> str | None:
        batch = self._batch
        try:
            code, repair = self._codes.of_year(region, year)
        except ValueError as error:
            if all(read[0] in ("", "0") for read, _, _ in parts.values()):
                batch.left_out["no_unit"] += 1
            else:
                _, row, _ = next(iter(parts.values()))
                batch.wrong_cell(error, row, "region")
            return None
        batch.repaired[repair] += bool(repair)
        return code

    def _sum(
        self,
        table: str,
        key: tuple[str, str],
        parts: dict[tuple[str, int | None], tuple[Read, int, str]],
        ages: frozenset[int] | frozenset[None],
        sexes: set[str],
    ) -> int:
        """Add one sum to the batch; 0 where a sex lacks an age."""
        wanted = [(sex, age) for sex in sorted(sexes) for age in ages]
        if any(part not in parts for part in wanted):
            return 0
        reads = [parts[part][0] for part in wanted]
        row, column = min((parts[part][1], parts[part][2]) for part in wanted)
        status = next((status for value, status in reads if not value), Status.REPORTED)
        value = "" if status is not Status.REPORTED else str(sum(int(value) for value, _ in reads))
        self._batch.rows.append(Row(table, key, (value, status.value), "", row, column))
        return 1


def _last(text: str) -> int:
    return OLDEST if text == "plus" else min(int(text), OLDEST)


def _age(text: str) -> int | None:
    """A single age; None for all ages at once, −1 for what is none."""
    bare = text.strip().lower()
    if bare in ("", "999a", "all ages", "alle aldre", "alle aldrar", "i alt", "total"):
        return None
    found = re.fullmatch(
        r"([0-9]{1,3})(\+|\s*(years?|år)(\s*(or older|eller eldre|eller over))?)?", bare
    )
    return int(found[1]) if found and int(found[1]) <= OLDEST else -1
