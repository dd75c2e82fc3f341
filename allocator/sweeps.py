"""A sweep's folder: its points streamed to disk in order, taken up again where it was left.

| file | holds |
|---|---|
| ``manifest.json`` | what was swept, with a hash over all of it; at the end, hashes of the files |
| ``result.csv`` | one row for each point and municipality, or one with the reason it has none |
| ``runs.csv`` | one row for each point |
| ``summary.csv`` | one row for each municipality: quantiles, and what holds its number |
| ``flips.csv`` | where along a varied key a number becomes another |

While it runs, the first two end in ``.part``, and two more hold numbers for the summary. The bytes
are the same whoever solved the points, in however many parts: nothing of this machine is in them.
"""

from __future__ import annotations

import csv
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from allocator.errors import BadDataError, Fault, MissingInputError, StoppedError, UsageError
from allocator.present.files import write
from allocator.present.tables import as_csv, as_json
from allocator.study.executors import Workers, chunks, given
from allocator.study.plan import Plan
from allocator.study.points import Chunk, heads
from allocator.study.spread import flips, summary

__all__ = ["Swept", "rows_of", "sweep", "write_parquet"]

_TABLES = ("result.csv", "runs.csv")
_NUMBERS = ("totals", "held")
_PARTS = (*(f"{name}.part" for name in _TABLES), *(f"{name}.part" for name in _NUMBERS))
_EACH_SECOND = 1.0


@dataclass(frozen=True, slots=True)
class Swept:
    """A finished sweep: its folder, its two short tables, and the points without a proposal."""

    plan: Plan
    folder: Path
    summary: list[dict[str, Any]]
    flips: list[dict[str, Any]]
    failed: dict[str, int]


def sweep(
    plan: Plan,
    folder: Path,
    *,
    make: Workers | None = None,
    resume: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Swept:
    """Solve every point of a plan into a folder.

    ``make`` says who solves (:func:`allocator.study.executors.workers`); this process if None.
    Raises :class:`UsageError` for a folder of another sweep, or of this one without ``resume``, and
    :class:`StoppedError` when it is interrupted; what is done is kept, and ``resume`` goes on.
    """
    state = _opened(plan, folder, resume)
    if state.get("complete"):
        return _finished(plan, folder, state["failed"])
    with _Writer(plan, folder, state) as writer:
        try:
            for chunk in chunks(plan, writer.done, make or given(None)):
                writer.add(chunk)
                if progress is not None:
                    progress(writer.done, len(plan))
        except KeyboardInterrupt:
            told = f"stopped after {writer.done} of {len(plan)} points; they are in '{folder}'"
            remedy = "the same command with --resume goes on"
            raise StoppedError(Fault("sweep.stopped", told, remedy=remedy)) from None
        except OSError as error:
            why = error.strerror or str(error)
            told = f"cannot write '{folder}': {why}; {writer.done} of {len(plan)} points are there"
            raise UsageError(Fault("out.unwritable", told, remedy="--resume goes on")) from None
        hashes = writer.hashes()
        failed = writer.safe.failed
    return _ended(plan, folder, failed, hashes)


def _opened(plan: Plan, folder: Path, resume: bool) -> dict[str, Any]:
    """What is known of the folder: the manifest, with what is done so far; new if there is none."""
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            told = f"'{folder}' is there and is no sweep's folder"
            raise UsageError(Fault("sweep.folder", told))
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            told = f"cannot write '{folder}': {error.strerror}"
            raise UsageError(Fault("out.unwritable", told)) from None
        write(manifest, as_json(_manifest(plan, {"complete": False})))
        return {}
    found = _read(manifest)
    if found.get("id") != plan.id:
        told = f"'{folder}' holds another sweep ({_differs(found, plan)})"
        raise UsageError(Fault("sweep.other", told, remedy="choose another folder"))
    if not resume and not found["complete"]:
        told = f"'{folder}' holds this sweep, begun"
        raise UsageError(Fault("sweep.begun", told, remedy="add --resume"))
    if found["complete"]:
        return found
    progress = folder / "progress.json"
    return _read(progress) if progress.is_file() else {}


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        told = Fault("sweep.unreadable", f"cannot be read ({error})", file=str(path))
        raise BadDataError(told) from None
    if not isinstance(found, dict):
        raise BadDataError(Fault("sweep.unreadable", "is no table of a sweep", file=str(path)))
    return found


def _differs(found: dict[str, Any], plan: Plan) -> str:
    names = [name for name, value in plan.about.items() if found.get(name) != value]
    return f"another {', '.join(names)}" if names else "another id"


def _manifest(plan: Plan, more: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": plan.id,
        **plan.about,
        "points": len(plan),
        "columns": list(plan.columns),
        "municipalities": len({unit.code for unit in plan.units}),
        **more,
    }


@dataclass(frozen=True, slots=True)
class _Safe:
    """What is wholly written: so many points, so many bytes of each part."""

    done: int
    failed: dict[str, int]
    sizes: tuple[int, ...]


class _Writer:
    """The parts of a sweep's files, growing together; each second what is safe is put down."""

    def __init__(self, plan: Plan, folder: Path, state: dict[str, Any]) -> None:
        self.plan, self.folder = plan, folder
        sizes = tuple(state.get("sizes", (0,) * len(_PARTS)))
        self.safe = _Safe(state.get("done", 0), state.get("failed", {}), sizes)
        self._files: list[BinaryIO] = []
        self._hashes = [hashlib.sha256() for _ in _TABLES]
        self._put_down = time.monotonic()

    @property
    def done(self) -> int:
        """How many points are written."""
        return self.safe.done

    def __enter__(self) -> _Writer:
        for name, size in zip(_PARTS, self.safe.sizes, strict=True):
            path, ended = self.folder / name, self.folder / name.removesuffix(".part")
            if not path.exists() and ended.exists():  # it was interrupted at the very end
                ended.replace(path)
            path.touch()
            if path.stat().st_size < size:
                told = f"holds less than the {size} bytes that were written"
                remedy = "remove the folder and sweep anew"
                raise BadDataError(Fault("sweep.lost", told, remedy=remedy, file=str(path)))
            file = path.open("r+b")
            file.truncate(size)
            self._files.append(file)
        for part, so_far in zip(self._files, self._hashes, strict=False):
            while block := part.read(1 << 20):
                so_far.update(block)
        for part in self._files:
            part.seek(0, 2)
        if not self.done:
            self._append(0, {}, (*heads(self.plan), b"", b""))
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._save()
        finally:
            for file in self._files:
                file.close()

    def add(self, chunk: Chunk) -> None:
        """The next points."""
        failed = dict(self.safe.failed)
        for status, count in chunk.failed.items():
            failed[status] = failed.get(status, 0) + count
        parts = (chunk.rows, chunk.runs, chunk.totals, chunk.held)
        self._append(chunk.stop, dict(sorted(failed.items())), parts)
        if time.monotonic() - self._put_down > _EACH_SECOND:
            self._save()

    def _append(self, done: int, failed: dict[str, int], parts: tuple[bytes, ...]) -> None:
        for file, part in zip(self._files, parts, strict=True):
            file.write(part)
        for so_far, part in zip(self._hashes, parts, strict=False):
            so_far.update(part)
        sizes = tuple(size + len(part) for size, part in zip(self.safe.sizes, parts, strict=True))
        self.safe = _Safe(done, failed, sizes)  # at once, wherever an interrupt comes

    def _save(self) -> None:
        for file in self._files:
            file.flush()
        write(self.folder / "progress.json", as_json(asdict(self.safe)))
        self._put_down = time.monotonic()

    def hashes(self) -> dict[str, str]:
        """The hashes of the two tables."""
        found = (so_far.hexdigest() for so_far in self._hashes)
        return dict(zip(_TABLES, found, strict=True))


def _numbers(plan: Plan, folder: Path) -> Iterator[Any]:
    size = (len(plan), len(plan.units))
    for name in _NUMBERS:
        yield np.memmap(folder / f"{name}.part", dtype=np.int32, mode="r", shape=size)


def _ended(plan: Plan, folder: Path, failed: dict[str, int], hashes: dict[str, str]) -> Swept:
    """The short tables, the files by their own names, and last of all the manifest."""
    totals, held = _numbers(plan, folder)
    found = Swept(plan, folder, summary(plan, totals, held), flips(plan, totals, held), failed)
    del totals, held
    for name, rows in (("summary.csv", found.summary), ("flips.csv", found.flips)):
        text = as_csv(rows)
        write(folder / name, text)
        hashes[name] = hashlib.sha256(text.encode()).hexdigest()
    for name in _TABLES:
        (folder / f"{name}.part").replace(folder / name)
    ended = {"complete": True, "failed": failed, "files": dict(sorted(hashes.items()))}
    write(folder / "manifest.json", as_json(_manifest(plan, ended)))
    for name in (*(f"{name}.part" for name in _NUMBERS), "progress.json"):
        (folder / name).unlink(missing_ok=True)
    return found


def _finished(plan: Plan, folder: Path, failed: dict[str, int]) -> Swept:
    """A sweep that was finished before, read back."""
    found = Swept(plan, folder, [], [], failed)
    return replace(found, summary=rows_of(found, "summary.csv"), flips=rows_of(found, "flips.csv"))


_WORDS = ("code", "name", "county", "key", "what", "first", "median", "last")
_WORDS_OF_RUNS = ("code", "binding", "status", "reason")


def rows_of(swept: Swept, name: str) -> list[dict[str, Any]]:
    """A table of a finished sweep: words as text, numbers as numbers, an empty number as None."""
    words = {*_WORDS_OF_RUNS, *swept.plan.columns} if name in _TABLES else {*_WORDS}
    with (swept.folder / name).open(encoding="utf-8", newline="") as file:
        return [
            {
                key: value if key in words else json.loads(value or "null")
                for key, value in row.items()
            }
            for row in csv.DictReader(file)
        ]


def write_parquet(swept: Swept) -> Path:
    """``result.parquet`` beside ``result.csv``, a block at a time.

    Raises :class:`MissingInputError` where pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.csv as pc
        import pyarrow.parquet as pq
    except ImportError:
        remedy = "pip install 'bosett[parquet]'"
        told = Fault("sweep.parquet", "pyarrow is not installed", remedy=remedy)
        raise MissingInputError(told) from None
    path, plan = swept.folder / "result.parquet", swept.plan
    whole = ("run", "total", "ordinary", "em_under15", "em_15_17", "em", "year")
    text = ("code", "binding", "status", "reason")
    types = dict.fromkeys(whole, pa.int32()) | dict.fromkeys(text, pa.string())
    for place, key in enumerate(plan.columns):
        number = place >= len(plan.axes) or plan.axes[place].numbers is not None
        types[key] = pa.float64() if number else pa.string()
    aside = path.with_suffix(".parquet.part")
    reader = pc.open_csv(
        swept.folder / "result.csv",
        convert_options=pc.ConvertOptions(column_types=types, strings_can_be_null=False),
    )
    with pq.ParquetWriter(aside, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)
    aside.replace(path)
    return path
