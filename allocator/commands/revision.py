"""What happens after the proposal, the commands respond, revise and hedge: parse, call, print."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.commands.options import case_options, form_of, output_options, put

__all__ = ["respond"]


@click.command()
@click.argument("scenario")
@click.option(
    "--trained-to",
    metavar="YEAR",
    type=click.IntRange(1990, 2100),
    help="Learn from nothing later than this year; default: the scenario's own day.",
)
@click.option(
    "--reach",
    metavar="P",
    default=0.9,
    show_default=True,
    type=click.FloatRange(0.5, 0.99),
    help="How many must be asked for so that decisions reach the need with this probability.",
)
@click.option(
    "--again",
    metavar="PART",
    default=0.25,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="The second round asks again for at most this part of a request.",
)
@click.option(
    "--draws",
    metavar="N",
    default=1000,
    show_default=True,
    type=click.IntRange(100, 20_000),
    help="How many times the answers are drawn.",
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Of the draws.")
@click.option(
    "--part",
    default="municipalities",
    show_default=True,
    type=click.Choice(["municipalities", "counties", "nation", "reach", "years", "cells", "test"]),
    help="The table that CSV holds; the other forms hold all of them.",
)
@case_options
@output_options
def respond(
    scenario: str,
    settings: tuple[str, ...],
    model: str | None,
    panel: str | None,
    trained_to: int | None,
    reach: float,
    again: float,
    draws: int,
    seed: int,
    part: str,
    form: str | None,
    out: Path | None,
) -> None:
    """How councils would answer: decisions and settlement, by what they answered before."""
    from allocator.documents import load_case
    from allocator.engine import panel_of
    from allocator.present.respond import response
    from allocator.study.answers_backtest import backtest_answers
    from allocator.study.respond import day_of
    from allocator.study.respond import respond as simulate

    form, case = form_of(form, out), load_case(scenario, settings, model)
    figures, how = panel_of(case, panel), {"draws": draws, "seed": seed}
    found = simulate(case, figures, trained_to=trained_to, reach=reach, again=again, **how)
    tested = backtest_answers(figures, day_of(case, trained_to), year=case.scenario.year, **how)
    put(response(found, tested, form, part), out)
