"""Run folders read again: which there are, what is in one, how two differ, and SQL over many.

A run is a folder with a manifest; what is being written, or was broken off, has a name that begins
with a point and is no run. The queries need the extra ``duckdb``.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allocator.errors import BadDataError, Fault, MissingInputError, UsageError

__all__ = ["Answer", "Difference", "RunFolder", "differ", "query", "read_run", "runs_in"]

_TABLES = (
    "the tables are runs (run, id, scenario, model, bosett, total) and requests (run, year, code, "
    "name, county, total, em, entitlement, population)"
)
_COLUMNS = ("code", "name", "county", "total", "em", "entitlement", "population")


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A run that was written: its manifest, and the requests of its result."""

    path: Path
    manifest: dict[str, Any]

    @property
    def name(self) -> str:
        """The folder's name: the scenario and the run's id."""
        return self.path.name

    def rows(self) -> list[dict[str, str]]:
        """The rows of its result, as text."""
        return list(csv.DictReader(_text(self.path / "result.csv").splitlines()))

    def total(self) -> int:
        """All persons that are asked for."""
        return sum(int(row["total"]) for row in self.rows())


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two runs: an input, a version or a setting; or a municipality's number.

    ``kind`` is ``input``, ``version``, ``setting``, ``document`` or ``request``.
    """

    kind: str
    what: str
    one: str
    other: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def read_run(path: Path) -> RunFolder:
    """One run by its folder.

    Raises :class:`~allocator.errors.MissingInputError` when it is none, and
    :class:`~allocator.errors.BadDataError` when its manifest cannot be read.
    """
    file = path / "manifest.json"
    try:
        manifest = json.loads(_text(file))
    except (ValueError, RecursionError):
        raise BadDataError(_faulty(file)) from None
    needed = {"id": str, "scenario": str, "model": str, "inputs": dict, "versions": dict}
    sound = isinstance(manifest, dict) and all(
        isinstance(manifest.get(name), kind) for name, kind in needed.items()
    )
    if not sound:
        raise BadDataError(_faulty(file))
    return RunFolder(path, manifest)


def runs_in(folder: Path) -> list[RunFolder]:
    """The runs of a folder, by name; what is not whole is not there.

    Raises :class:`~allocator.errors.MissingInputError` when there is no such folder.
    """
    if not folder.is_dir():
        remedy = "'bosett propose SCENARIO --out FOLDER/' writes runs into one"
        raise MissingInputError(Fault("runs.missing", f"there is no folder '{folder}'", "", remedy))
    names = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    return [read_run(path) for path in names if (path / "manifest.json").is_file()]


def differ(one: RunFolder, other: RunFolder) -> list[Difference]:
    """How two runs differ: first what went in, then what came out."""
    found = []
    for kind, part in (("input", "inputs"), ("version", "versions")):
        mine, its = one.manifest[part], other.manifest[part]
        for name in sorted({*mine, *its}):
            if name != "problem" and mine.get(name) != its.get(name):
                found.append(Difference(kind, name, _short(mine.get(name)), _short(its.get(name))))
    documents = [dict(_leaves(run.manifest.get("documents"))) for run in (one, other)]
    for name in sorted({*documents[0], *documents[1]}):
        values = [found_.get(name, "") for found_ in documents]
        if values[0] != values[1]:
            found.append(Difference("document", name, *values))
    numbers = [{_who(row): row for row in run.rows()} for run in (one, other)]
    for who in sorted({*numbers[0], *numbers[1]}):
        cells = [_asked(rows.get(who)) for rows in numbers]
        if cells[0] != cells[1]:
            found.append(Difference("request", who, *cells))
    return found


def _who(row: dict[str, str]) -> str:
    return " ".join(filter(None, (row.get("year", ""), row["code"], row["name"])))


def _asked(row: dict[str, str] | None) -> str:
    if row is None:
        return ""
    return f"{row['total']} ({row['em']})" if row.get("em") not in ("0", "", None) else row["total"]


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Each value of nested tables by its dotted path."""
    if isinstance(value, dict):
        for name in sorted(value):
            yield from _leaves(value[name], f"{path}.{name}" if path else str(name))
    elif value not in (None, [], ""):
        yield path, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def query(folder: Path, sql: str) -> Answer:
    """SQL over all runs of a folder: the tables ``runs`` and ``requests`` (key ``run``).

    Only what is asked of these two tables is answered: files and the network are shut off.

    Raises :class:`~allocator.errors.UsageError` without the extra ``duckdb``, and for SQL that
    DuckDB does not take.
    """
    try:
        import duckdb
    except ImportError:
        remedy = "python3 -m pip install 'bosett[duckdb]'"
        raise UsageError(Fault("runs.duckdb", "queries need DuckDB", "", remedy)) from None
    if not sql.strip():
        raise UsageError(Fault("runs.sql", "the query is empty", "", _TABLES))
    runs = runs_in(folder)
    base = duckdb.connect(":memory:", config={"enable_external_access": "false", "threads": "1"})
    try:
        base.execute(
            "create table runs (run text, id text, scenario text, model text, bosett text, "
            "total integer)"
        )
        base.execute(
            "create table requests (run text, year integer, code text, name text, county text, "
            "total integer, em integer, entitlement double, population integer)"
        )
        for each in runs:
            m, rows = each.manifest, each.rows()
            own = [each.name, m["id"], m["scenario"], m["model"], m["versions"].get("bosett")]
            base.execute("insert into runs values (?, ?, ?, ?, ?, ?)", [*own, each.total()])
            year = m.get("documents", {}).get("scenario", {}).get("year")
            cells = [
                [each.name, row.get("year") or year, *(row.get(name) or None for name in _COLUMNS)]
                for row in rows
            ]
            if cells:
                marks = "(?, ?, ?, ?, ?, ?, ?, ?, ?)"
                base.executemany(f"insert into requests values {marks}", cells)
        found = base.execute(sql)
        columns = tuple(str(each[0]) for each in found.description or ())
        return Answer(columns, tuple(map(tuple, found.fetchall())))
    except duckdb.Error as error:
        told = str(error).partition("\n")[0]
        raise UsageError(Fault("runs.sql", told, "", _TABLES)) from None
    finally:
        base.close()


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadDataError(_faulty(file)) from None
    except OSError as error:
        remedy = "'bosett propose SCENARIO --out FOLDER/' writes a run and tells its path"
        found = f"cannot read '{file}': {error.strerror}"
        raise MissingInputError(Fault("run.missing", found, "", remedy)) from None


def _faulty(file: Path) -> Fault:
    remedy = "'bosett verify' says more; remove the folder to write the run anew"
    return Fault("run.manifest", "is no manifest of a run", "", remedy, str(file))


def _short(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 16 else text[:12] + "…"
