"""Writing a file: whole or not at all, and as the place it is for wants it."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from allocator.errors import Fault, UsageError

__all__ = ["file_name", "write", "write_folder"]

_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "đ": "d", "ŋ": "n", "ŧ": "t", "ß": "ss"})


def file_name(text: str) -> str:
    """A text as the name of a file on any system: a–z, 0–9 and single hyphens.

    >>> file_name("5538-Storfjord - Omasvuotna - Omasvuono"), file_name("1108-Nærøy/Ås: Øst")
    ('5538-storfjord-omasvuotna-omasvuono', '1108-naeroy-as-ost')
    """
    import re  # most files have a name of their own
    import unicodedata

    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")


def write(path: Path, content: str | bytes) -> None:
    """Write a whole file or none: beside it first, then renamed over it.

    A link is followed, a file that is there keeps its mode, and what is no file (a pipe, a device)
    is written to as it is. Raises :class:`~allocator.errors.UsageError` when it cannot be done.
    """
    try:
        data = content if isinstance(content, bytes) else content.encode("utf-8")
    except UnicodeEncodeError as error:
        letter = ascii(error.object[error.start])
        raise _unwritable(path, f"it holds {letter}, which UTF-8 does not know") from None
    try:
        if path.exists() and (not path.is_file() or path.is_relative_to("/dev")):
            path.write_bytes(data)
        else:
            _replace(path.resolve(), data)
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        raise _unwritable(path, getattr(error, "strerror", None) or str(error)) from None


def write_folder(folder: Path, contents: Mapping[str, str]) -> None:
    """Write many files to a folder, each whole or not at all; the folder is made if need be.

    Files of other names that are there stay as they are. Raises
    :class:`~allocator.errors.UsageError` when it cannot be done.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error.strerror or str(error)) from None
    for name, content in contents.items():
        write(folder / name, content)


def _replace(path: Path, data: bytes) -> None:
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else None
    aside = path.with_name(f".bosett-{os.urandom(8).hex()}")
    # Mode 0666 less the umask, as for any new file.
    opened = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(opened, "wb") as file:
            file.write(data)
        if mode is not None:
            aside.chmod(mode)
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def _unwritable(path: Path, why: str) -> UsageError:
    return UsageError(Fault("out.unwritable", f"cannot write '{path}': {why}"))
