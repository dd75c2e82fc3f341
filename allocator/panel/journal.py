"""Several tables written together: all of them or none, whenever the power goes.

New tables are written aside, in the panel's folder ``.bosett``; one rename makes them count; then
they are moved to their places one by one. Whoever opens a panel in which that was broken off moves
the rest first (:func:`settle`), so that nobody reads half of it. Writers wait for one another.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from allocator.errors import BosettError, Fault, UsageError

__all__ = ["settle", "write_together", "writing"]

_ROOM = ".bosett"
_PATIENCE = 20.0  # seconds that a writer waits for another


def settle(folder: Path) -> None:
    """Finish a change that was broken off after it began to count."""
    with writing(folder):
        pass


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Alone in writing this panel, and nothing left over from a writer that was broken off.

    Raises :class:`~allocator.errors.UsageError` where the folder cannot be written, or another
    writer does not end.
    """
    room = folder / _ROOM
    try:
        room.mkdir(exist_ok=True)
        with (room / "lock").open("a+b") as lock:
            _wait(lock, folder)
            try:
                _finish(folder)
                for left in room.glob("aside-*"):
                    shutil.rmtree(left, ignore_errors=True)
                yield
            finally:
                _release(lock)
    except OSError as error:
        reason = error.strerror or str(error)
        fault = Fault("panel.unwritable", f"cannot write the panel '{folder}': {reason}")
        raise UsageError(fault) from None


def write_together(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put files, by their path within the folder, in the place of those that are there.

    Only within :func:`writing`.
    """
    room = folder / _ROOM
    aside = room / f"aside-{os.urandom(6).hex()}"
    aside.mkdir()
    for name, raw in sorted(files.items()):
        path = aside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
    for inside in [aside, *(path for path in aside.rglob("*") if path.is_dir())]:
        _sync(inside)
    aside.rename(room / "commit")  # from here on it counts
    _sync(room)
    _finish(folder)


def _finish(folder: Path) -> None:
    """Move what counts to its place; to be broken off at any moment and begun again."""
    commit = folder / _ROOM / "commit"
    if not commit.is_dir():
        return
    for path in sorted(path for path in commit.rglob("*") if path.is_file()):
        target = folder / path.relative_to(commit)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            path.chmod(target.stat().st_mode & 0o7777)
        path.replace(target)
        _sync(target.parent)
    shutil.rmtree(commit)


def _sync(folder: Path) -> None:
    """See that the names in a folder are on disk, where the system can."""
    if os.name == "posix":
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _wait(lock: IO[bytes], folder: Path) -> None:
    """Take the lock; it is given back when its holder ends, however that ends."""
    until = time.monotonic() + _PATIENCE
    while not _taken(lock):
        if time.monotonic() > until:
            found = f"another import into '{folder}' has been at work for {_PATIENCE:g} seconds"
            raise BosettError(Fault("panel.busy", found, "", "wait for it, and try again"))
        time.sleep(0.02)


if os.name == "posix":
    import fcntl

    def _taken(lock: IO[bytes]) -> bool:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _release(lock: IO[bytes]) -> None:
        fcntl.flock(lock, fcntl.LOCK_UN)

else:
    import msvcrt

    def _taken(lock: IO[bytes]) -> bool:
        lock.seek(0)
        try:
            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True

    def _release(lock: IO[bytes]) -> None:
        lock.seek(0)
        msvcrt.locking(lock.fileno(), msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined]
