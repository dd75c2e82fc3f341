"""An import from beginning to end: every file read, everything told, and then all of it or none."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from allocator.errors import BadDataError, BosettError, Fault, MissingInputError, UsageError
from allocator.locate import shipped
from allocator.panel.importers.batch import Batch, Options, Row
from allocator.panel.importers.decode import Source, open_source
from allocator.panel.importers.merge import Difference, Merged, merge
from allocator.panel.importers.recognise import read
from allocator.panel.journal import write_together, writing
from allocator.panel.store import Panel

__all__ = ["FileReport", "Given", "Report", "import_files", "import_sources"]

Given = tuple[Source, Options] | Fault
"""A file that was read, with what it does not say itself; or why it could not be."""

_ABANDONED = 3600.0  # seconds after which a folder that was being made belongs to nobody


@dataclass(frozen=True, slots=True)
class FileReport:
    """What was found in one file."""

    file: str
    what: str
    source: str
    read: int
    accepted: int
    left_out: dict[str, int]
    repaired: dict[str, int]


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or would do.

    ``later`` names stage, year and day where ``stages.csv`` says that a figure was known already,
    and nothing says when these were. ``written`` says whether the panel was changed; ``why_not``
    is empty then, or ``refused``, ``changed`` (figures differ and were not accepted), ``same``
    (there is nothing new), ``dry``.
    """

    folder: str
    files: tuple[FileReport, ...]
    differences: tuple[Difference, ...]
    unchanged: int
    refused: tuple[Fault, ...]
    later: tuple[tuple[str, int, str], ...]
    tables: tuple[str, ...]
    written: bool
    why_not: str

    def count(self, what: str) -> int:
        """How many rows were added, filled or changed."""
        return sum(each.what == what for each in self.differences)


@dataclass(slots=True)
class _Gathered:
    files: list[FileReport] = field(default_factory=list)
    rows: list[tuple[Row, str, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    sources: dict[str, Row] = field(default_factory=dict)
    gone: list[tuple[str, str, int]] = field(default_factory=list)


def import_files(
    paths: Sequence[Path],
    folder: Path,
    options: Options | None = None,
    *,
    known: dt.date | None = None,
    create: bool = False,
    accept: bool = False,
    skip_refused: bool = False,
    dry_run: bool = False,
) -> Report:
    """Import files into the panel of a folder: everything that is accepted, or nothing.

    ``known`` is the day the figures became known; ``create`` makes the folder as a copy of the
    shipped panel where there is none; ``accept`` takes figures that differ from those that are
    there; ``skip_refused`` imports the sound rows although others were refused; ``dry_run`` only
    tells. The shipped panel is never written.

    Raises :class:`~allocator.errors.MissingInputError` and
    :class:`~allocator.errors.UsageError`; what is wrong in a file is in the report's ``refused``.
    """
    options = options or Options()
    sources: list[Given] = []
    for path in paths:
        try:
            sources.append((open_source(path), options))
        except BadDataError as error:
            sources += error.faults
    return import_sources(
        sources,
        folder,
        options,
        known=known,
        create=create,
        accept=accept,
        skip_refused=skip_refused,
        dry_run=dry_run,
    )


def import_sources(
    sources: Sequence[Given],
    folder: Path,
    options: Options,
    *,
    known: dt.date | None,
    create: bool,
    accept: bool,
    skip_refused: bool,
    dry_run: bool,
    beside: Mapping[str, bytes] | None = None,
) -> Report:
    """The same for what was read already, such as answers from the network.

    ``beside`` are files to be kept in the folder with the tables, if anything is written.
    """
    with _workplace(folder, create=create) as place, _alone(place.path, dry_run):
        panel = Panel(place.path)
        gathered = _gather(sources, panel)
        _know_vintage(panel, options, known, gathered)
        _touched_are_sound(panel, gathered.rows)
        merged = merge(place.path, gathered.rows)
        gathered.faults += merged.faults
        tables, later = _with_sources(place.path, merged, gathered, options, known)
        why_not = _why_not(gathered.faults, merged, accept, skip_refused, dry_run)
        if not why_not:
            _borders_hold(place.path, tables)
            raw = {name: text.encode() for name, text in tables.items()}
            write_together(place.path, {**raw, **(beside or {})})
        place.keep = why_not in ("", "same") and not dry_run
        return Report(
            str(folder),
            tuple(gathered.files),
            tuple(merged.differences),
            merged.unchanged,
            tuple(gathered.faults),
            tuple(later),
            tuple(sorted(tables)),
            not why_not,
            why_not,
        )


def _why_not(
    faults: list[Fault], merged: Merged, accept: bool, skip_refused: bool, dry_run: bool
) -> str:
    whole = any(fault.row is None or fault.code == "import.persons" for fault in faults)
    if merged.faults or (faults and (whole or not skip_refused)):
        return "refused"
    if not merged.differences:
        return "same"
    if merged.of("changed") and not accept:
        return "changed"
    return "dry" if dry_run else ""


def _gather(sources: Sequence[Given], panel: Panel) -> _Gathered:
    gathered = _Gathered()
    for given in sources:
        if isinstance(given, Fault):
            gathered.faults.append(given)
            continue
        source, options = given
        try:
            batches = read(source, panel, options)
        except BadDataError as error:
            gathered.faults += error.faults
            continue
        for batch in batches:
            _take(batch, source, gathered)
    _nothing_is_lost(panel, gathered)
    return gathered


def _nothing_is_lost(panel: Panel, gathered: _Gathered) -> None:
    """A change, there or in this import, says what became of every code that a register lacks."""
    lost: dict[tuple[str, int], list[str]] = {}
    told = {row.key[:2] for row, _, _ in gathered.rows if row.table == "changes"}
    for file, code, year in gathered.gone:
        there = {change.old for change in panel.borders.of_year(year)}
        if code not in there and (str(year), code) not in told:
            lost.setdefault((file, year), []).append(code)
    for (file, year), codes in lost.items():
        named = ", ".join(codes[:6]) + (f" and {len(codes) - 6} more" if len(codes) > 6 else "")
        found = f"{named} are not in it, and no change of {year} says what became of them"
        remedy = "import KLASS's changes with it; if there are none, this file has been cut off"
        expected = f"every municipality of {year}"
        gathered.faults.append(Fault("import.gone", found, expected, remedy, file))


def _take(batch: Batch, source: Source, gathered: _Gathered) -> None:
    name = f"{batch.publisher.lower() or 'own'}-{source.digest[:8]}"
    gathered.files.append(
        FileReport(
            batch.shown,
            batch.what,
            name,
            batch.read,
            len(batch.rows),
            dict(sorted(batch.left_out.items())),
            {what: count for what, count in sorted(batch.repaired.items()) if what},
        )
    )
    gathered.faults += batch.faults
    gathered.rows += [(row, batch.shown, name) for row in batch.rows]
    gathered.gone += [(batch.shown, code, year) for code, year in batch.gone.items()]
    said = (batch.what, batch.publisher or "own", source.name, source.url)
    about = (*said, f"sha256 {source.digest}", batch.licence)
    gathered.sources[name] = Row("sources", (name,), about, source.note, 1, "")


def _touched_are_sound(panel: Panel, rows: Iterable[tuple[Row, str, str]]) -> None:
    """Read every table that is to be changed; a fault in one is told before anything is done."""
    tables = {row.table for row, _, _ in rows}

    def look() -> None:
        for table in sorted(tables):
            folder, _, name = table.partition("/")
            if folder == "requests":
                panel.vintages(int(name))
            elif folder == "population":
                panel.population(int(name))
            elif folder == "indicators" and (panel.folder / f"{table}.csv").is_file():
                panel.periods(name)

    panel.gather(look)


def _know_vintage(
    panel: Panel, options: Options, known: dt.date | None, gathered: _Gathered
) -> None:
    """See that a vintage that is imported into is one of the panel's, or has a day."""
    path = str(panel.folder / "vintages.csv")
    there = panel.known_vintages
    for vintage in sorted({row.key[4] for row, _, _ in gathered.rows if "requests" in row.table}):
        if vintage not in there and (known is None or vintage != options.vintage):
            found, expected = f"there is no vintage '{vintage}'", ", ".join(there)
            remedy = "give --known DATE to add it, the day its figures became known"
            gathered.faults.append(Fault("import.vintage", found, expected, remedy, path))


def _with_sources(
    folder: Path, merged: Merged, gathered: _Gathered, options: Options, known: dt.date | None
) -> tuple[dict[str, str], list[tuple[str, int, str]]]:
    """The tables with those that say where the new figures are from, and when they were known."""
    used = {each.source for each in merged.differences}
    rows = [(gathered.sources[name], "", name) for name in sorted(used)]
    stages = Counter(
        (each.key[3], each.key[0]) for each in merged.differences if each.table[:9] == "requests/"
    )
    later = []
    if stages and options.vintage != "final" and known is not None:
        about = (f"Figures as of {known}", known.isoformat())
        rows.append((Row("vintages", (options.vintage,), about, "", 1, ""), "", max(used)))
    elif known is not None:
        for stage, year in sorted(stages):
            day = (known.strftime("%m-%d"), str(known.year - int(year)))
            note = f"imported as of {known}"
            rows.append((Row("stages", (stage, year), day, note, 1, ""), "", ""))
    elif stages:
        rules = Panel(folder).stage_rules
        later = [
            (stage, int(year), rules.known(stage, int(year)).isoformat())
            for stage, year in sorted(stages)
            if (stage, int(year)) in rules.rules
        ]
    return {**merged.tables, **merge(folder, rows).tables}, later


def _borders_hold(folder: Path, tables: dict[str, str]) -> None:
    """Where the register of municipalities is changed, the whole panel is read as it would be."""
    if not {"municipalities.csv", "changes.csv"} & set(tables):
        return
    aside = folder / ".bosett" / f"aside-{os.urandom(6).hex()}"
    shutil.copytree(folder, aside, ignore=shutil.ignore_patterns(".bosett"))
    try:
        for name, text in tables.items():
            (aside / name).write_bytes(text.encode())
        Panel(aside).check()
    except BosettError as error:
        shown = [
            Fault(f.code, f.found, f.expected, f.remedy, _named(f.file, aside), f.row, f.column)
            for f in error.faults
        ]
        raise BadDataError(shown) from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _named(file: str | None, aside: Path) -> str | None:
    return None if file is None else file.replace(str(aside), "the panel after this import")


@contextmanager
def _alone(folder: Path, dry_run: bool) -> Iterator[None]:
    if dry_run:
        yield
    else:
        with writing(folder):
            yield


@dataclass(slots=True)
class _Place:
    """Where the work is done, and whether a folder that was made for it is to stay."""

    path: Path
    keep: bool = False


@contextmanager
def _workplace(folder: Path, *, create: bool) -> Iterator[_Place]:
    """The folder to import into; a new one is made aside, and is there only when all is done."""
    own = shipped("scenarios") / "panel"
    if folder.exists() and folder.resolve() == own.resolve():
        remedy = "name a folder of your own: --panel DIR --create makes a copy of it"
        raise UsageError(Fault("import.shipped", "the shipped panel is never written", "", remedy))
    if folder.is_dir():
        yield _Place(folder)
        return
    if not create:
        remedy = "--create makes it, as a copy of the shipped panel"
        raise MissingInputError(
            Fault("panel.missing", f"there is no panel folder '{folder}'", "", remedy)
        )
    aside = folder.with_name(f".{folder.name}-{os.urandom(6).hex()}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        for left in folder.parent.glob(f".{folder.name}-{'?' * 12}"):
            if time.time() - left.stat().st_mtime > _ABANDONED:
                shutil.rmtree(left, ignore_errors=True)
        shutil.copytree(own, aside)
        place = _Place(aside)
        yield place
        if place.keep:
            aside.rename(folder)
    except OSError as error:
        reason = error.strerror or str(error)
        fault = Fault("panel.unwritable", f"cannot make the folder '{folder}': {reason}")
        raise UsageError(fault) from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
