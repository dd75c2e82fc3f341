"""How far a long command has come, told on a terminal and nowhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

__all__ = ["on_terminal", "progress"]


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on standard error, moved by how many of how many are done; None off a terminal.

    >>> with progress("cases") as move:
    ...     move is None or on_terminal()
    True
    """
    if not on_terminal():
        yield None
        return
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def move(done: int, of: int) -> None:
            bar.length = of
            bar.update(done - bar.pos)

        yield move


def on_terminal() -> bool:
    """Whether a person looks at standard error."""
    return sys.stderr.isatty()
