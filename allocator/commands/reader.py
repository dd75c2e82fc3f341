"""The reader's commands, for mayors and governors: parse, call, print."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.commands.options import case_options, language_option, put

__all__ = ["map_", "report"]


@click.command()
@click.argument("scenario")
@click.option(
    "--out",
    metavar="FILE.html",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write: one page that needs nothing else.",
)
@click.option(
    "--compare",
    "other",
    metavar="OTHER",
    help="Another scenario to put beside it, with a column of differences.",
)
@case_options
@language_option
def report(
    scenario: str,
    out: Path,
    other: str | None,
    settings: tuple[str, ...],
    model: str | None,
    panel: str | None,
) -> None:
    """One page for people: map, table, fairness, counties, why each number, sources."""
    from allocator.documents import load_case
    from allocator.engine import panel_of
    from allocator.present.language import language
    from allocator.present.report import Told, facts, page

    if out.suffix not in (".html", ".htm"):
        raise click.UsageError(f"--out {out}: the ending must be .html")
    told = Told(scenario, settings, model, panel, other, language())
    case = load_case(scenario, settings, model)
    beside = None if other is None else load_case(other)
    found = facts(case, panel_of(case, panel), told, beside)
    put(page(found), out)
    if found.proposal.status != "optimal":
        click.get_current_context().exit(4)


@click.command("map")
@click.argument("scenario")
@click.option(
    "--out",
    metavar="FILE.svg|FILE.png",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write: a drawing (.svg), or a picture (.png; extra 'png').",
)
@click.option(
    "--colour",
    default="per_1000",
    show_default=True,
    type=click.Choice(["per_1000", "load", "change", "asked"]),
    help="What is shown: persons per 1 000 inhabitants, load relative to the key, change from last "
    "year, or persons.",
)
@click.option("--county", metavar="CODE", help="One county only, by code or name, such as 31.")
@case_options
@language_option
def map_(
    scenario: str,
    out: Path,
    colour: str,
    county: str | None,
    settings: tuple[str, ...],
    model: str | None,
    panel: str | None,
) -> None:
    """A map of the proposal, with its legend and the source of its borders."""
    from allocator.audit.fairness import evenly
    from allocator.documents import load_case
    from allocator.engine import panel_of, propose_case
    from allocator.panel.names import county_of
    from allocator.present.answer_map import picture
    from allocator.present.poster import png

    if out.suffix not in (".svg", ".png"):
        raise click.UsageError(f"--out {out}: the ending must be .svg or .png")
    case = load_case(scenario, settings, model)
    figures = panel_of(case, panel)
    proposal = propose_case(case, figures)
    units = figures.municipalities(proposal.year)
    code = county_of(units, county, proposal.year) if county else ""
    drawing = picture(figures, proposal, evenly(case, proposal, figures), colour, code)
    put(png(drawing) if out.suffix == ".png" else drawing, out)
    if proposal.status != "optimal":
        click.get_current_context().exit(4)
