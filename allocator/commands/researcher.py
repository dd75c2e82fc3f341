"""The researcher's commands, backtest and fit: parse, call, print."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import click

from allocator.commands.options import form_of, output_options, put

__all__ = ["backtest", "fit"]


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


@click.command()
@click.argument("year", type=click.IntRange(1990, 2100))
@click.option(
    "--with",
    "stage",
    default="requested",
    show_default=True,
    type=click.Choice(["requested", "decided", "settled"]),
    help="The figures of the year to explain.",
)
@click.option(
    "--criteria",
    metavar="NAME,…",
    help="Indicators with commas between, such as population^0.65,requested or "
    "unemployed_all_pct:inverse; default: all that were known that autumn.",
)
@click.option("--model", metavar="NAME", help="The criteria of this rule; its weights are fitted.")
@click.option(
    "--score", metavar="YEAR", type=int, help="Try the weights on this year; default: the next."
)
@click.option(
    "--within",
    metavar="PER CENT",
    type=click.FloatRange(0, 20),
    help="A weight's range is among all solutions that place at most this part of the persons "
    "worse than the best; default: 0.5.",
)
@click.option("--panel", metavar="DIR", help="Figures from this folder, not the shipped.")
@output_options
def fit(
    year: int,
    stage: str,
    criteria: str | None,
    model: str | None,
    score: int | None,
    within: float | None,
    panel: str | None,
    form: str | None,
    out: Path | None,
) -> None:
    """The weights that best explain what was done, their ranges, and a try on another year."""
    from allocator.documents import load_model
    from allocator.panel import Panel
    from allocator.present.fit import fit as text_of
    from allocator.study.criteria import model_criteria, named_criteria
    from allocator.study.fit import WITHIN
    from allocator.study.fit import fit as explain
    from allocator.study.national import autumn_before

    if criteria is not None and model is not None:
        raise click.UsageError("--criteria and --model both say which criteria: give one of them")
    form, figures, candidates = form_of(form, out), Panel(panel), None
    if model is not None:
        candidates = model_criteria(load_model(model))
    elif criteria is not None:
        candidates = named_criteria(criteria.split(","), autumn_before(figures, year))
    reach = WITHIN if within is None else within / 100
    found = explain(figures, year, stage, candidates=candidates, score=score, within=reach)
    put(text_of(found, form), out)
