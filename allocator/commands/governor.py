"""The governor's commands, explain, fairness and follow-up: parse, call, print."""

from __future__ import annotations

import gc
from contextlib import nullcontext
from pathlib import Path

import click

from allocator.commands.options import (
    case_options,
    folder_of,
    form_of,
    form_option,
    output_options,
    put,
)

__all__ = ["explain", "fairness", "follow_up"]


@click.command()
@click.argument("scenario")
@click.argument("municipality", required=False)
@click.option("--all", "everyone", is_flag=True, help="Every municipality of the scenario.")
@click.option("--county", metavar="CODE", help="With --all: of one county, by code or name.")
@click.option(
    "--changes",
    is_flag=True,
    help="With --all: the smallest change that moves each number too; seconds for a county, a "
    "minute for the nation.",
)
@case_options
@form_option
@click.option(
    "--out",
    metavar="FILE|FOLDER/",
    help="Write to this file; its ending (.txt, .json, .csv) says the form. With --all a "
    "folder, one that is there or ends with /, gets a text for each municipality, and all of them "
    "as JSON and CSV.",
)
def explain(
    scenario: str,
    municipality: str | None,
    everyone: bool,
    county: str | None,
    changes: bool,
    settings: tuple[str, ...],
    model: str | None,
    panel: str | None,
    form: str | None,
    out: str | None,
) -> None:
    """Why is this number what it is: step by step, what holds it, what would move it.

    MUNICIPALITY is a code, or a name in any spelling, old or new: 3110, hvaler, "Haram 2016",
    "Våler (Østfold)".
    """
    from allocator.audit.explain import explain as audit
    from allocator.documents import load_case
    from allocator.engine import panel_of
    from allocator.panel.names import county_of
    from allocator.present.explain import explanation, files
    from allocator.present.files import write_folder
    from allocator.present.progress import progress

    if everyone == (municipality is not None):
        raise click.UsageError("name a municipality, or say --all for every one of them")
    if not everyone and (county or changes):
        raise click.UsageError("--county and --changes go with --all")
    folder = folder_of(form, out)
    if folder is not None and not everyone:
        raise click.UsageError("--out: a folder is for --all; one municipality goes to a file")
    file = None if out is None or folder is not None else Path(out)
    form = form_of(form, file, folder=True)
    gc.enable()  # works long
    case = load_case(scenario, settings, model)
    figures, year = panel_of(case, panel), case.scenario.year
    code = county_of(figures.municipalities(year), county, year) if county else ""
    with progress("changes") if changes else nullcontext() as tell:
        found = audit(case, figures, municipality, county=code, changes=changes, tell=tell)
    if folder is None:
        put(explanation(found, form), file)
    else:
        made = files(found)
        write_folder(folder, made)
        click.echo(f"wrote {len(made)} files to {folder}", err=True)


@click.command()
@click.argument("scenario")
@click.option(
    "--part",
    default="municipalities",
    show_default=True,
    type=click.Choice(
        [
            "municipalities",
            "measures",
            "lorenz",
            "counties",
            "sizes",
            "centralities",
            "pairs",
            "split",
            "goals",
            "freedom",
            "overrides",
        ]
    ),
    help="The table that CSV holds; the other forms hold all of them.",
)
@click.option(
    "--county",
    metavar="CODE",
    help="The part about one county, by code or name: its municipalities, and their equals "
    "anywhere.",
)
@click.option(
    "--freedom",
    "eps",
    metavar="EPS",
    type=click.FloatRange(min=0),
    help="How far each number could be moved while everyone's relative load stays within EPS, such "
    "as 0.1, of the even one; and which actual requests lie outside.",
)
@click.option(
    "--overrides", is_flag=True, help="What each override of a municipality costs the others."
)
@case_options
@output_options
def fairness(
    scenario: str,
    part: str,
    county: str | None,
    eps: float | None,
    overrides: bool,
    settings: tuple[str, ...],
    model: str | None,
    panel: str | None,
    form: str | None,
    out: Path | None,
) -> None:
    """Is the proposal fair: how even, equals treated alike, the price of the county split."""
    from allocator.audit.fairness import fairness as audit
    from allocator.documents import load_case
    from allocator.engine import panel_of
    from allocator.panel.names import county_of
    from allocator.present.fairness import fairness as text_of

    form = form_of(form, out)
    if part == "freedom" and eps is None:
        raise click.UsageError("--part freedom goes with --freedom EPS")
    case = load_case(scenario, settings, model)
    figures, year = panel_of(case, panel), case.scenario.year
    code = county_of(figures.municipalities(year), county, year) if county else ""
    found = audit(case, figures, county=code, eps=eps, overrides=overrides)
    put(text_of(found, form, part), out)
    if found.proposal.status != "optimal":
        click.get_current_context().exit(4)


@click.command("follow-up")
@click.argument("year", type=click.IntRange(1990, 2100))
@click.option("--county", metavar="CODE", help="One county only, by code or name, such as 01.")
@click.option(
    "--vintage", metavar="NAME", default="final", show_default=True, help="Figures of this vintage."
)
@click.option(
    "--years", metavar="START:STOP", help="Also the sums over these years, such as 2014:2026."
)
@click.option(
    "--floor",
    metavar="N",
    type=click.IntRange(1),
    help="The smallest request that the ranking for effort looks at; default: 20.",
)
@click.option(
    "--part",
    default="rows",
    show_default=True,
    type=click.Choice(["rows", "counties", "nation", "sizes", "centralities", "ranking", "trend"]),
    help="The table that CSV holds; the other forms hold all of them.",
)
@click.option("--panel", metavar="DIR", help="Figures from this folder, not the shipped.")
@output_options
def follow_up(
    year: int,
    county: str | None,
    vintage: str,
    years: str | None,
    floor: int | None,
    part: str,
    panel: str | None,
    form: str | None,
    out: Path | None,
) -> None:
    """From request to decision to settled: who is short, who went beyond, who has not answered."""
    from allocator.audit import follow_up as audit
    from allocator.panel import Panel
    from allocator.present.follow_up import follow_up as text_of
    from allocator.study.ranges import whole_numbers

    form, figures = form_of(form, out), Panel(panel)
    over = () if years is None else whole_numbers(years, "--years")
    found = audit.follow_up(
        figures, year, county=county or "", vintage=vintage, floor=floor or audit.FLOOR, years=over
    )
    put(text_of(found, form, part), out)
