"""From nothing to ready: what starting costs before any work is done."""

from __future__ import annotations

from benchmarks.cases import Case
from benchmarks.phases import commands
from benchmarks.registry import Phase, Work

__all__ = ["START"]

START = Phase("start", "a process from nothing to ready", reference="import click", once=True)


@START.contender("import click")
def click(_: Case) -> Work:
    """Python and the command-line library: the least any command costs."""
    return commands.python("import click")


@START.contender("bosett --help")
def help_text(_: Case) -> Work:
    """The whole command, asked for its help."""
    return commands.bosett("--help")


@START.contender("bare imports")
def bare_imports(_: Case) -> Work:
    """The libraries a proposal stands on, and none of bosett."""
    return commands.python(commands.BARE_IMPORTS)


@START.contender("bosett's rooms")
def rooms(_: Case) -> Work:
    """All that `bosett propose` imports before it reads its first figure."""
    return commands.python(
        "import allocator.cli, allocator.documents, allocator.engine, allocator.present.forms"
    )
