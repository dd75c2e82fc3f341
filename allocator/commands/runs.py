"""The commands on run folders: list, show, compare and query them; parse, call, print."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.commands.options import form_of, output_options, put

__all__ = ["runs"]

_FOLDER = click.argument("folder", required=False, default="runs", type=click.Path(path_type=Path))


@click.group()
def runs() -> None:
    """Run folders: what 'bosett propose SCENARIO --out FOLDER/' wrote."""


@runs.command("list")
@_FOLDER
@output_options
def list_(folder: Path, form: str | None, out: Path | None) -> None:
    """The runs of a folder; without FOLDER of 'runs'."""
    from allocator.present.runs import listed
    from allocator.run_folders import runs_in

    form = form_of(form, out)
    put(listed(runs_in(folder), form), out)


@runs.command()
@click.argument("run", type=click.Path(path_type=Path))
@output_options
def show(run: Path, form: str | None, out: Path | None) -> None:
    """What went into a run: documents, figures, versions, each with its hash."""
    from allocator.present.runs import shown
    from allocator.run_folders import read_run

    form = form_of(form, out)
    put(shown(read_run(run), form), out)


@runs.command()
@click.argument("one", type=click.Path(path_type=Path))
@click.argument("other", type=click.Path(path_type=Path))
@output_options
def diff(one: Path, other: Path, form: str | None, out: Path | None) -> None:
    """How two runs differ: what went in, and what each municipality is asked for."""
    from allocator.present.runs import differing
    from allocator.run_folders import differ, read_run

    form = form_of(form, out)
    first, second = read_run(one), read_run(other)
    put(differing(first, second, differ(first, second), form), out)


@runs.command()
@click.argument("sql")
@_FOLDER
@output_options
def query(sql: str, folder: Path, form: str | None, out: Path | None) -> None:
    """SQL over all runs of a folder: the tables runs and requests, with the key run.

    bosett runs query "select run, sum(total) from requests where county = '31' group by run"
    """
    from allocator.present.runs import answered
    from allocator.run_folders import query as ask

    form = form_of(form, out)
    put(answered(ask(folder, sql), form), out)
