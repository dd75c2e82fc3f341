"""The researcher's commands, such as backtest: parse, call, print."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import click

from allocator.commands.options import form_of, output_options, put

__all__ = ["backtest"]


@click.command()
@click.option(
    "--models",
    "names",
    metavar="NAME,…",
    default="all",
    show_default=True,
    help="Rules by name or path, with commas between; the two naive baselines always go along.",
)
@click.option(
    "--years",
    metavar="START:STOP",
    help="Such as 2014:2026 or 2016:2024:2, both ends in, or a list with commas; default: all.",
)
@click.option(
    "--boot",
    "draws",
    metavar="N",
    default=1000,
    show_default=True,
    type=click.IntRange(0, 10_000),
    help="Draws of municipalities for the 90 % interval of the overlap; 0: no interval.",
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Of the draws.")
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(1, 64),
    help="Processes that share the work; default: one for each core.",
)
@click.option("--panel", metavar="DIR", help="Figures from this folder, not the shipped.")
@output_options
def backtest(
    names: str, years: str | None, jobs: int | None, form: str | None, out: Path | None, **how: Any
) -> None:
    """Rules against history: what each would have asked for, from what was known at the time."""
    from allocator.present.backtest import backtest as text_of
    from allocator.present.progress import progress
    from allocator.study.backtest import backtest as run
    from allocator.study.pool import processes
    from allocator.study.ranges import whole_numbers

    gc.enable()  # works long
    form, rules = form_of(form, out), [name.strip() for name in names.split(",")]
    of = None if years is None else whole_numbers(years, "--years")
    with processes(jobs) as executor, progress("rules × years") as move:
        found = run(rules, of, executor=executor, progress=move, **how)
    put(text_of(found, form), out)
    if any(row.status == "defect" for row in found.rows):
        click.echo("bosett: the program failed in some rows; their reason says how", err=True)
        click.get_current_context().exit(1)
