"""A panel's figures fetched anew from their publishers, and imported like any file.

Where they are is a document beside the figures, ``publishers.toml``. What was fetched is kept in
the panel's folder ``fetched``, under the hash that the source names. Who cannot be reached is
told, and what is there of theirs is kept.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from allocator.errors import BadDataError, BosettError, Fault, UsageError, did_you_mean
from allocator.locate import shipped
from allocator.panel.importers.batch import Options
from allocator.panel.importers.bring import Given, Report, import_sources
from allocator.panel.importers.decode import source_of
from allocator.panel.importers.fetch import Fetch, NoAnswerError

__all__ = ["Publisher", "publishers", "refresh"]

_KEYS = {"name", "what", "url", "group", "indicator", "year"}


@dataclass(frozen=True, slots=True)
class Publisher:
    """One table of a publisher: its address, and what its answer does not say itself."""

    name: str
    what: str
    url: str
    group: str | None = None
    indicator: str | None = None
    of_year: bool = False

    def address(self, year: int) -> str:
        """The address for a year."""
        return self.url.replace("{year}", str(year)).replace("{next}", str(year + 1))


def publishers(folder: Path) -> tuple[Publisher, ...]:
    """The publishers of a panel: its own ``publishers.toml``, or the shipped one.

    >>> [each.name for each in publishers(shipped("scenarios") / "panel")][:2]
    ['imdi-requests', 'imdi-minors']
    """
    path = folder / "publishers.toml"
    if not path.is_file():
        path = shipped("scenarios") / "panel" / "publishers.toml"
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("publisher")
    except (ValueError, OSError) as error:
        fault = Fault("publishers.toml", f"cannot be read: {error}", file=str(path))
        raise BadDataError(fault) from None
    found, faults = [], []
    for at, table in enumerate(tables if isinstance(tables, list) else [], start=1):
        texts = isinstance(table, dict) and all(
            isinstance(table.get(key), str) for key in ("name", "what", "url")
        )
        if not texts or not set(table) <= _KEYS:
            told, expected = f"publisher {at} is not complete", "name, what and url, as texts"
            faults.append(Fault("publishers.entry", told, expected, "", str(path)))
            continue
        own = {key: table.get(key) for key in ("group", "indicator")}
        found.append(
            Publisher(table["name"], table["what"], table["url"], **own, of_year="year" in table)
        )
    if faults or not found:
        none = Fault("publishers.none", "names no publisher", "[[publisher]]", "", str(path))
        raise BadDataError(faults or [none])
    return tuple(found)


def refresh(
    folder: Path,
    fetch: Fetch,
    *,
    year: int,
    names: Sequence[str] = (),
    today: dt.date | None = None,
    known: dt.date | None = None,
    create: bool = False,
    accept: bool = False,
    skip_refused: bool = False,
    dry_run: bool = False,
) -> tuple[Report, tuple[Fault, ...]]:
    """Fetch and import; the report of the import, and who could not be reached.

    ``year`` is that of the tables that are of one year. ``today`` goes into the note of the
    source, and into nothing that is hashed. The rest is as in
    :func:`~allocator.panel.importers.import_files`.

    Raises :class:`~allocator.panel.importers.fetch.NoAnswerError` when nobody was reached.
    """
    chosen = _chosen(folder, names)
    given: list[Given] = []
    missed: list[Fault] = []
    kept: dict[str, bytes] = {}
    down: set[str | None] = set()  # hosts that were not reached: they are not waited for again
    for publisher in chosen:
        url = publisher.address(year)
        host = urlsplit(url).hostname
        if host in down:
            found = f"{host} was not reached"
            missed.append(Fault("net.down", found, "", "what is there was kept", url))
            continue
        try:
            raw = fetch(url)
        except NoAnswerError as error:
            missed += error.faults
            if any(fault.code == "net.unreached" for fault in error.faults):
                down.add(host)
            continue
        options = Options(year if publisher.of_year else None, publisher.group)
        options = replace(options, indicator=publisher.indicator)
        try:
            source = source_of(raw, publisher.name)
        except BosettError as error:
            given += error.faults
            continue
        ending = "json" if source.json is not None else "csv"
        if raw[:2] == b"PK":
            ending = "xlsx"
        name = f"{publisher.name}-{source.digest[:8]}.{ending}"
        day = f"fetched {today}" if today else "fetched"
        given.append((replace(source, name=name, url=url, note=day), options))
        kept[f"fetched/{name}"] = raw
    if not given:
        raise NoAnswerError(missed)
    report = import_sources(
        given,
        folder,
        Options(),
        known=known,
        create=create,
        accept=accept,
        skip_refused=skip_refused,
        dry_run=dry_run,
        beside=kept,
    )
    return report, tuple(missed)


def _chosen(folder: Path, names: Sequence[str]) -> list[Publisher]:
    every = publishers(folder)
    known = {each.name: each for each in every}
    wrong = [re.sub(r"\s+", " ", name)[:40] for name in names if name not in known]
    if wrong:
        faults = [
            Fault("publishers.unknown", f"there is no publisher '{name}'", "", near)
            for name in wrong
            for near in [did_you_mean(name, known)]
        ]
        raise UsageError(faults)
    return [known[name] for name in names] if names else list(every)
