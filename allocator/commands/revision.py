"""What happens after the proposal, the commands respond, revise and hedge: parse, call, print."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from allocator.commands.options import case_options, form_of, output_options, put

F = TypeVar("F", bound=Callable[..., Any])

__all__ = ["hedge", "respond", "revise"]


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


@click.command()
@click.argument("scenario")
@click.option(
    "--from",
    "start",
    metavar="WHAT",
    help="What stands: the scenario's own 'proposal' (default), 'requested' or "
    "'requested_original' of the panel, or a CSV file with the columns code, total and em.",
)
@click.option("--need", metavar="N", type=click.IntRange(0), help="The new need, minors included.")
@click.option(
    "--minors-to-ordinary",
    metavar="N",
    type=click.IntRange(0),
    help="So many of the minors' places become ordinary ones.",
)
@click.option(
    "--out-of",
    "out_of",
    multiple=True,
    metavar="CODE",
    help="This municipality falls out. Can be repeated.",
)
@click.option(
    "--decided",
    metavar="DAY|FILE",
    help="Honour decisions: those the panel knew on a day (2025-06-30), or of a CSV (code, total).",
)
@click.option(
    "--how",
    type=click.Choice(["fewest", "proportional"]),
    help="The fewest municipalities change (default), or all by the same factor.",
)
@click.option(
    "--within",
    metavar="PART",
    type=click.FloatRange(0, 1),
    help="With fewest: no number moves by more than this part of it (0.5).",
)
@click.option(
    "--within-minors",
    metavar="PART",
    type=click.FloatRange(0, 1),
    help="With fewest: the same for the minors in it; default: as --within.",
)
@click.option(
    "--anew",
    type=click.Choice(["never", "needed", "free"]),
    help="With fewest, who was not asked is asked now: never; needed: only where the others cannot "
    "take it (default); free: where that leaves more municipalities as they are.",
)
@click.option(
    "--floor",
    metavar="N",
    type=click.IntRange(0),
    help="With proportional: nobody is asked for fewer (0).",
)
@click.option(
    "--factor",
    metavar="F",
    type=click.FloatRange(0, 10),
    help="With proportional: each number by itself, max(floor, round(factor × what stands)).",
)
@click.option(
    "--part",
    default="municipalities",
    show_default=True,
    type=click.Choice(["municipalities", "changes", "reserve"]),
    help="The table that CSV holds; JSON holds all of them.",
)
@case_options
@output_options
def revise(
    scenario: str,
    settings: tuple[str, ...],
    model: str | None,
    panel: str | None,
    part: str,
    form: str | None,
    out: Path | None,
    **given: Any,
) -> None:
    """A change within the year: who gets another number, with the fewest changed or all alike.

    What the scenario's [revision] table says holds; the options lie over it.
    """
    from allocator.documents import load_case
    from allocator.present.revise import revision
    from allocator.study.revise import revise as work_out
    from allocator.study.standing import of_document

    form, case = form_of(form, out), load_case(scenario, settings, model)
    put(revision(work_out(case, panel, **of_document(case, given)), form, part), out)


def _term(name: str, metavar: str, kind: Any, text: str) -> Callable[[F], F]:
    """An option that lies over a key of the scenario's [uncertain] table."""
    return click.option(f"--{name}", metavar=metavar, type=kind, help=text)


_PRICE, _PART = click.FloatRange(0, 1e6), click.FloatRange(0, 1)


@click.command()
@click.argument("scenario")
@click.option(
    "--case",
    "cases",
    multiple=True,
    metavar="NEED[/MINORS]:P",
    help="A case of the need and its probability, such as 14000:0.5 or 14000/700:0.5. Once for "
    "each; they sum to 1 and take the place of the scenario's own.",
)
@_term("unplaced", "X", _PRICE, "Price of a person without a place (10).")
@_term("idle", "X", _PRICE, "Price of a place that nobody needs (3).")
@_term("top-up", "X", _PRICE, "Price of one more in summer (2).")
@_term("cut", "X", _PRICE, "Price of one fewer in summer (2).")
@_term("most-up", "X", _PRICE, "A request rises in summer by at most this part of it (0.5).")
@_term("most-cut", "X", _PART, "A request falls in summer by at most this part of it (0.35).")
@_term(
    "cvar",
    "ALPHA",
    click.FloatRange(0, 0.999),
    "The worst 1 − ALPHA of the outcomes are those that --weight lets count (0.9).",
)
@_term(
    "weight",
    "W",
    _PART,
    "How much the worst outcomes count beside the mean: 0 not at all, 1 alone (0).",
)
@_term(
    "answers",
    "HOW",
    click.Choice(["as-asked", "learnt"]),
    "as-asked: councils decide what they are asked for; learnt: the part that they decided in the "
    "years that are known.",
)
@_term("answer-cases", "N", click.IntRange(1, 20), "With learnt: so many cases of the answers (5).")
@click.option(
    "--part",
    default="cases",
    show_default=True,
    type=click.Choice(["cases", "municipalities"]),
    help="The table that CSV holds; JSON holds both.",
)
@case_options
@output_options
def hedge(
    scenario: str,
    settings: tuple[str, ...],
    model: str | None,
    panel: str | None,
    cases: tuple[str, ...],
    part: str,
    form: str | None,
    out: Path | None,
    **terms: Any,
) -> None:
    """The need is uncertain: how many to ask for now, with a top-up or a cut in summer.

    The cases, prices and limits are those of the scenario's [uncertain] table; the options lie over
    them.
    """
    from allocator.documents import load_case
    from allocator.present.hedge import hedged
    from allocator.study.hedge import case_settings
    from allocator.study.hedge import hedge as work_out

    form = form_of(form, out)
    over = [f"uncertain.{name}={value}" for name, value in terms.items() if value is not None]
    case = load_case(scenario, [*settings, *case_settings(cases), *over], model)
    put(hedged(work_out(case, panel), form, part), out)
