"""Where the shipped documents and figures are: in the wheel, or beside ``pyproject.toml``."""

from __future__ import annotations

from pathlib import Path

from allocator.errors import Fault, MissingInputError

__all__ = ["shipped"]

_PACKAGE = Path(__file__).parent


def shipped(folder: str) -> Path:
    """The folder ``models`` or ``scenarios`` that this installation carries.

    Package data is used when it is there (a wheel); else the folder beside ``pyproject.toml`` (a
    checkout). The current directory is never searched: a user's own ``models/`` is not ours.

    >>> shipped("scenarios").name
    'scenarios'
    """
    inside = _PACKAGE / folder
    if inside.is_dir():
        return inside
    beside = _PACKAGE.parent / folder
    if beside.is_dir() and (_PACKAGE.parent / "pyproject.toml").is_file():
        return beside
    raise MissingInputError(
        Fault(
            "install.incomplete",
            f"this installation of bosett carries no folder '{folder}'",
            f"{inside} or {beside}",
            "install it again: python3 -m pip install --force-reinstall bosett",
        )
    )
