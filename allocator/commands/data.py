"""The commands that bring figures in and keep them true: parse, call, print."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from allocator.commands.options import form_of, output_options, put

if TYPE_CHECKING:
    import datetime as dt

    from allocator.panel.importers import Report

__all__ = ["data"]


@click.group()
def data() -> None:
    """Figures of your own: import, check, carry through mergers, fetch anew."""


@data.command("import")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--panel",
    metavar="DIR",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of figures to import into; the shipped one is never written.",
)
@click.option("--create", is_flag=True, help="Make that folder, as a copy of the shipped panel.")
@click.option("--dry-run", is_flag=True, help="Tell what would be done, and do nothing.")
@click.option("--accept", is_flag=True, help="Take figures that differ from those that are there.")
@click.option("--skip-refused", is_flag=True, help="Import the sound rows although some are not.")
@click.option("--known", metavar="DATE", help="The day the figures became known: 2026-11-20.")
@click.option(
    "--vintage",
    metavar="NAME",
    default="final",
    show_default=True,
    help="Requests, decisions and settlement go into this vintage.",
)
@click.option("--year", type=click.IntRange(1900, 2100), help="The year of a file that has none.")
@click.option(
    "--since", metavar="YEAR", type=click.IntRange(1900, 2100), help="Leave out what is older."
)
@click.option(
    "--group",
    type=click.Choice(["total", "em", "em_under15", "em_15_17"]),
    help="Whom the persons are, where the file does not say: em is unaccompanied minors.",
)
@click.option("--indicator", metavar="NAME", help="The indicator that a file's values are of.")
@output_options
def import_(
    files: tuple[Path, ...],
    panel: Path,
    known: str | None,
    vintage: str,
    year: int | None,
    since: int | None,
    group: str | None,
    indicator: str | None,
    form: str | None,
    out: Path | None,
    **how: Any,
) -> None:
    """Figures of IMDi, SSB, NAV or your own sheet into a panel.

    Everything that is accepted goes in, or nothing: a refused row or a figure that differs from
    what is there stops all of it, and is told with its file, row and column.
    """
    from allocator.panel.importers import Options, import_files
    from allocator.present.data import imported

    gc.enable()  # a large file makes many objects
    form = form_of(form, out)
    options = Options(year, group, vintage, indicator, since)
    report = import_files(files, panel, options, known=_date(known, "--known"), **how)
    put(imported(report, form), out)
    _tell_refused(report)


@data.command()
@click.argument("publishers", metavar="[PUBLISHER…]", nargs=-1)
@click.option(
    "--panel",
    metavar="DIR",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of figures to refresh; the shipped one is never written.",
)
@click.option("--year", type=click.IntRange(1990, 2100), help="The year; default: this one.")
@click.option("--create", is_flag=True, help="Make that folder, as a copy of the shipped panel.")
@click.option("--dry-run", is_flag=True, help="Fetch and tell, and change nothing.")
@click.option("--accept", is_flag=True, help="Take figures that differ from those that are there.")
@click.option("--skip-refused", is_flag=True, help="Import the sound rows although some are not.")
@click.option("--known", metavar="DATE", help="The day the figures became known: 2026-11-20.")
@output_options
def refresh(
    publishers: tuple[str, ...],
    panel: Path,
    year: int | None,
    known: str | None,
    form: str | None,
    out: Path | None,
    **how: Any,
) -> None:
    """Fetch figures anew from IMDi and SSB, and import them.

    publishers.toml in the panel says from where. Who cannot be reached is told, and what is there
    of theirs is kept. Needs the extra 'net'.
    """
    import datetime as dt

    from allocator.panel.importers.fetch import fetch
    from allocator.panel.importers.refresh import refresh as bring
    from allocator.present.data import imported
    from allocator.present.faults import fault_words

    gc.enable()
    form, today = form_of(form, out), dt.datetime.now(dt.UTC).date()
    report, missed = bring(
        panel,
        fetch,
        year=year or today.year,
        names=publishers,
        today=today,
        known=_date(known, "--known"),
        **how,
    )
    put(imported(report, form), out)
    for fault in missed:
        click.echo(f"bosett: {fault_words(fault)}", err=True)
    _tell_refused(report)
    if missed:
        click.get_current_context().exit(66)


@data.command()
@click.argument("panel", required=False, type=click.Path(path_type=Path))
@output_options
def check(panel: Path | None, form: str | None, out: Path | None) -> None:
    """Does a panel hold together: sums, gaps, jumps.

    Without PANEL the shipped one is checked: sums of counties and the nation, minors against all,
    decisions nobody asked for, settlement far above the decision, jumps, gaps and sources. What
    the sources themselves have that is odd is told with the explanation that stands in
    oddities.csv. Ends with 65 where something has none.
    """
    from allocator.panel import Panel
    from allocator.panel.checks import findings
    from allocator.present.panel_care import checked

    form, figures = form_of(form, out), Panel(panel)
    found = findings(figures)
    put(checked("scenarios/panel" if panel is None else str(panel), found, form), out)
    if not all(each.explained for each in found):
        click.get_current_context().exit(65)


@data.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from", "start", metavar="YEAR", type=int, required=True, help="Its borders.")
@click.option("--to", "end", metavar="YEAR", type=int, required=True, help="The borders wanted.")
@click.option(
    "--how",
    type=click.Choice(["sum", "mean", "same"]),
    default="sum",
    show_default=True,
    help="Mergers add up; a rate is the mean by inhabitants; a class is kept where all agree.",
)
@click.option("--panel", metavar="DIR", help="Figures from this folder, not the shipped.")
@output_options
def carry(
    file: Path,
    start: int,
    end: int,
    how: Literal["sum", "mean", "same"],
    panel: str | None,
    form: str | None,
    out: Path | None,
) -> None:
    """A table by municipality on another year's borders.

    A split goes by the weights that changes.csv states, and is marked as an estimate.
    """
    from allocator.panel import Panel
    from allocator.panel.carrying import carry_file
    from allocator.present.panel_care import carried

    form = form_of(form, out)
    put(carried(carry_file(file, Panel(panel), start, end, how), form), out)


@data.command()
@click.argument("name")
@click.option(
    "--year", type=int, help="The year it was called so; default: what NAME says, or now."
)
@click.option("--to", "end", metavar="YEAR", type=int, help="Follow it to this year.")
@click.option("--panel", metavar="DIR", help="Figures from this folder, not the shipped.")
@output_options
def find(
    name: str,
    year: int | None,
    end: int | None,
    panel: str | None,
    form: str | None,
    out: Path | None,
) -> None:
    """A municipality by any name, and what became of it.

    NAME is a name or code, old or new, such as "Haram 2016". Where several may be meant, or it was
    split, all are named and none is chosen.
    """
    from allocator.panel import Panel
    from allocator.panel.carrying import follow
    from allocator.present.panel_care import followed

    form = form_of(form, out)
    put(followed(follow(Panel(panel), name, year, end), form), out)


def _tell_refused(report: Report) -> None:
    """Every refused row on standard error, and the exit code of what was not done."""
    from allocator.present.faults import fault_words

    for fault in report.refused:
        click.echo(f"bosett: {fault_words(fault)}", err=True)
    if report.why_not in ("refused", "changed"):
        click.get_current_context().exit(65)


def _date(text: str | None, option: str) -> dt.date | None:
    """A day that an option names."""
    import datetime as dt

    try:
        return None if text is None else dt.date.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"{option} {text}: not a date such as 2026-11-20") from None
